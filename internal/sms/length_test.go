package sms_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/sms"
)

// How many parts a text has; the admin, which counts while one writes, is held to the same cases.
func TestMeasure(t *testing.T) { // P-22
	t.Parallel()
	var cases []struct {
		Repeat       []any
		Encoding     string
		Units, Parts int
	}
	source, err := os.ReadFile("testdata/length.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(source, &cases))
	for _, c := range cases {
		text := strings.Repeat(c.Repeat[0].(string), int(c.Repeat[1].(float64)))
		require.Equal(t, sms.Length{Encoding: sms.Encoding(strings.ToLower(c.Encoding)), Units: c.Units, Parts: c.Parts}, sms.Measure(text), "%v", c.Repeat)
	}
}
