package server

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

// Every language has every text, and every text that a page names is there.
func TestPageTexts(t *testing.T) {
	t.Parallel()
	keys := slices.Sorted(maps.Keys(pageLocales["en"]))
	for _, lang := range site.Languages {
		require.Equal(t, keys, slices.Sorted(maps.Keys(pageLocales[lang])), lang)
		for key, text := range pageLocales[lang] {
			require.NotEmpty(t, text, "%s %s", lang, key)
		}
	}
	for _, name := range []string{"email", "recovery", "finish", "problem", "unsubscribe", "preferences", "consent"} {
		source, err := pageFiles.ReadFile("page/" + name + ".html")
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`\.T\.Get "([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
			require.Contains(t, keys, found[1])
		}
	}
}
