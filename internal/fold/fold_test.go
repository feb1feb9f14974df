package fold_test

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/fold"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Céline": "celine", "CELINE": "celine", "Ødegård": "odegard", "Æsop": "aesop", "Œuvre": "oeuvre", "Groß": "gross",
		"Łódź": "lodz", "  Du \t Pont ": "du pont", "Ångström": "angstrom", "ﬁn": "fin", "e\u0301": "e", "Đorđe": "dorde",
		"Þór": "thor", "İstanbul": "istanbul", "ΣΊΣΥΦΟΣ": "σισυφοσ", "": "", "\xff": "\uFFFD",
	} {
		require.Equal(t, want, fold.Text(in), "%q", in)
	}
}

// Every letter there is, in either case, folds to what folds no further.
func TestEveryRuneIsStable(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once := fold.Text(string(r))
		require.Equal(t, once, fold.Text(once), "%U", r)
		require.Equal(t, once, fold.Text(string(unicode.ToLower(r))), "%U", r)
	}
}

// Folding twice is folding once, and case never matters: what is stored and what is asked meet.
func TestTextIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := fold.Text(s)
		require.Equal(t, once, fold.Text(once), "%q", s)
	})
}
