package privacy

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The term of a month ends on the same day of the next month, or on that month's last day (Regulation 1182/71 art. 3(2)(c)), by the site's clock.
func TestDue(t *testing.T) {
	t.Parallel()
	oslo, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	santiago, err := time.LoadLocation("America/Santiago")
	require.NoError(t, err)
	for asked, want := range map[string]string{
		"2026-01-15T09:30:00Z": "2026-02-15T09:30:00Z",
		"2026-01-31T12:00:00Z": "2026-02-28T12:00:00Z",
		"2028-01-31T12:00:00Z": "2028-02-29T12:00:00Z",
		"2026-12-31T12:00:00Z": "2027-01-31T12:00:00Z",
		"2026-01-31T23:30:00Z": "2026-02-28T23:30:00Z", // the first of February in Oslo, so the first of March there
		"2026-03-10T12:00:00Z": "2026-04-10T11:00:00Z", // clocks are put forward meanwhile
	} {
		at, err := time.Parse(time.RFC3339, asked)
		require.NoError(t, err)
		require.Equal(t, want, due(at, oslo).UTC().Format(time.RFC3339), asked)
	}
	// The sixth of September 2026 begins at one o'clock in Chile.
	require.Equal(t, "2026-09-06T01:30:00-03:00", due(time.Date(2026, 8, 6, 0, 30, 0, 0, santiago), santiago).Format(time.RFC3339))
}

// The file is JSON whatever sections have items, and what comes out of order is a mistake of the program.
func TestFile(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	fresh := func() *file {
		out.Reset()
		f := newFile(&out, false)
		f.begin("Club", time.Unix(0, 0))
		return f
	}
	read := func(f *file) (got map[string]any) {
		require.NoError(t, f.end())
		require.NoError(t, json.Unmarshal(out.Bytes(), &got), out.String())
		require.Len(t, got, 3+len(sections))
		return got
	}
	require.Equal(t, []any{}, read(fresh())["notes"])
	f := fresh()
	require.NoError(t, f.give("requests", "last"))
	require.Equal(t, []any{"last"}, read(f)["requests"])
	f = fresh()
	require.NoError(t, f.give("contact", "who"))
	require.NoError(t, f.give("notes", "one"))
	require.NoError(t, f.give("notes", "two"))
	got := read(f)
	require.Equal(t, "who", got["contact"])
	require.Equal(t, []any{"one", "two"}, got["notes"])
	require.Equal(t, []any{}, got["requests"])
	require.Nil(t, got["account"])

	f = fresh()
	require.NoError(t, f.give("notes", 1))
	require.ErrorContains(t, f.give("contact", 1), "out of its order")
	f = fresh()
	require.NoError(t, f.give("contact", 1))
	require.ErrorContains(t, f.give("contact", 2), "one item")
	f = newFile(&out, true)
	f.begin("Club", time.Unix(0, 0))
	require.ErrorContains(t, f.give("labels", 1), "not known", "what is left out is in no way written") // T-62
}
