package index

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whose range holds a number is found by it, until it is taken out; each once.
func TestIntervals(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(rapid.Int64Range(-20, 20), rapid.Int64Range(-100_000, 100_000), rapid.SampledFrom([]int64{minNumber, maxNumber, minNumber + 1, maxNumber - 1}))
	rapid.Check(t, func(t *rapid.T) {
		var all intervals
		kept := map[*Query]Range{}
		for range rapid.IntRange(0, 30).Draw(t, "ranges") {
			r := Range{number.Draw(t, "from"), number.Draw(t, "to")}
			q := new(Query)
			all.add(r, q)
			if rapid.Bool().Draw(t, "removed") {
				all.remove(r, q)
			} else {
				kept[q] = r
			}
		}
		for range 20 {
			v := number.Draw(t, "v")
			var found []*Query
			all.at(v, func(list []*Query) { found = append(found, list...) })
			for q, r := range kept {
				if r.holds(v) {
					require.Contains(t, found, q)
				}
			}
			for _, q := range found {
				require.Contains(t, kept, q)
			}
			once := map[*Query]bool{}
			for _, q := range found {
				require.False(t, once[q])
				once[q] = true
			}
		}
		for q, r := range kept {
			all.remove(r, q)
		}
		require.Zero(t, all.used)
		require.Empty(t, all.pieces)
	})
}
