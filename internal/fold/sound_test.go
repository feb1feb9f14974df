package fold_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/fold"
)

// Names that are written for one another sound alike, and names that only look alike do not.
func TestSound(t *testing.T) {
	t.Parallel()
	for _, alike := range []string{
		"Hansen Hanson Hansson HANSSEN", "Kristiansen Christiansen Christianson", "Sørensen Soerensen Sorensen", "Øyvind Oeyvind Oyvind",
		"Thibault Thibaut Thibaud Tibo", "Dupont Dupond", "Stéphane Stefan", "Philippe Filip", "Mathieu Matthieu", "Catherine Katrine Kathrine",
		"Schmidt Schmitt Schmid", "Ågård Aagaard", "Bjørn Bjoern", "Jon John", "Åse Aase", "Olav Olaf", "Sonja Sonia", "Johan Yohan",
		"Eirik Erik", "Knut Cnut", "Lefèvre Lefebvre", "Gauthier Gautier", "Michael Mikael", "Carl Karl", "Håkon Haakon", "Renault Renaud",
	} {
		names := strings.Fields(alike)
		for _, name := range names[1:] {
			require.Equal(t, fold.Sound(names[0]), fold.Sound(name), "%s, %s", names[0], name)
		}
	}
	for _, apart := range []string{"Jan Jon", "Anne Anna", "Maria Marie", "Hanne Anne", "Kari Kåre", "Berg Bergman", "Ola Ella", "Jan Jenny", "Lund Lind"} {
		names := strings.Fields(apart)
		require.NotEqual(t, fold.Sound(names[0]), fold.Sound(names[1]), apart)
	}
	require.Equal(t, []string{"anne", "marie", "o", "neill", "2", "b"}, fold.Words(" Anne-Marie O'Neill 2b "))
	require.Equal(t, fold.Sound("Anne Marie"), fold.Sound("anne-marie"))
	require.Empty(t, fold.Sound(" -- "))
}

// Any text has a sound, and neither case nor accents change it.
func TestSoundFolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		require.Equal(t, fold.Sound(fold.Text(s)), fold.Sound(s), "%q", s)
	})
}
