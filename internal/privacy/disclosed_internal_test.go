package privacy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Each table that is disclosed names a section that the file has.
func TestDisclosedSections(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range sections {
		known[s.name] = true
	}
	for table, section := range Disclosed {
		require.True(t, known[section], table)
	}
}
