package field_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/db/dbtest"
	"carnet/internal/field"
)

// Whatever is stored is read as JSON is read.
func TestAnswersScan(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	value := rapid.OneOf(rapid.Just(any(nil)), rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Map(rapid.StringMatching(`[a-c"\\{}\[\],: \n]{0,12}`), func(s string) any { return s }),
		rapid.Map(rapid.SliceOfN(rapid.StringMatching(`[a-c"\\\],]{0,5}`), 0, 3), func(s []string) any { return s }), rapid.Just(any(map[string]any{"a": []int{1, 2}, "b": "}"})))
	rapid.Check(t, func(t *rapid.T) {
		want, err := json.Marshal(rapid.MapOfN(rapid.StringMatching(`[a-f0-9-]{1,8}|[a"\\: ]{1,5}`), value, 0, 4).Draw(t, "stored"))
		require.NoError(t, err)
		var got field.Answers
		require.NoError(t, d.Pool.QueryRow(t.Context(), "SELECT $1::jsonb", string(want)).Scan(&got))
		again, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(again))
	})
	var none field.Answers
	require.NoError(t, none.Scan(nil))
	require.Nil(t, none)
	require.Error(t, none.Scan([]byte("nonsense \": ")))
}
