package privacy

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

// Issue 7: the page to read has the same words in every language, and one for each section.
func TestReadableWords(t *testing.T) {
	t.Parallel()
	names := slices.Sorted(maps.Keys(newReadable(nil, "en", time.UTC).words.Names))
	for _, language := range site.Languages {
		r := newReadable(nil, language, time.UTC)
		require.NoError(t, r.err)
		require.Equal(t, names, slices.Sorted(maps.Keys(r.words.Names)), language)
		for _, s := range sections {
			require.NotEmpty(t, r.words.Sections[s.name], "%s %s", language, s.name)
		}
	}
}

// Issue 7: the page says what a person can read: an answer by its question without ids, also in the history, moments by the site's clock,
// and stable words in the page's language.
func TestReadablePage(t *testing.T) {
	t.Parallel()
	oslo, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	var out strings.Builder
	r := newReadable(&out, "fr", oslo)
	r.begin("Salle", time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC))
	id := "01a21fcf-ccda-79c4-bc57-b217775baba4"
	require.NoError(t, r.give("answers", map[string]any{"fieldId": id, "field": "Quel chœur ?", "value": "7f", "display": "Alto"}))
	require.NoError(t, r.give("consents", map[string]any{"state": "given", "channel": "sms"}))
	require.NoError(t, r.give("history", map[string]any{"at": "2026-01-01T12:00:00Z", "changes": map[string]any{"answers." + id: map[string]any{"after": "7f"}}}))
	require.NoError(t, r.end())
	page := out.String()
	require.Contains(t, page, "Établi le 2026-07-02 01:30 CEST.")
	require.Contains(t, page, "<dd>2026-01-01 13:00 CET</dd>")
	require.Contains(t, page, "<dt>Réponse</dt><dd>Alto</dd>")
	require.Contains(t, page, "<dt>Changements › Réponses › Quel chœur ? › après</dt>")
	require.Contains(t, page, "<dt>État</dt><dd>donné</dd>")
	require.NotContains(t, page, id)
}
