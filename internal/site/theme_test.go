package site

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/fault"
)

type themeCases struct {
	Contrast  [][]any
	Mixed     [][]any
	Lightened [][]any
	Own       map[string][2]string
	Themes    []struct {
		Theme Theme
		Low   []string
	}
}

func readThemeCases(t *testing.T) (cases themeCases) {
	t.Helper()
	text, err := os.ReadFile("testdata/theme.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &cases))
	return cases
}

const caseAccent = "#155e6b"

// Contrasts are WCAG's, mixed and lightened colours those that browsers show, and the widgets' own colours those of their styles.
func TestColorsAreThoseOfBrowsers(t *testing.T) {
	t.Parallel()
	cases := readThemeCases(t)
	for _, c := range cases.Contrast {
		for _, turned := range [][2]any{{c[0], c[1]}, {c[1], c[0]}} {
			require.InDelta(t, c[2], math.Floor(contrast(turned[0].(string), turned[1].(string))*100)/100, 1e-9, c)
		}
	}
	for _, c := range cases.Mixed {
		require.Equal(t, c[3], mixed(c[0].(string), c[1].(string), c[2].(float64)), c)
	}
	for _, c := range cases.Lightened {
		require.Equal(t, c[2], lightened(c[0].(string), c[1].(float64)), c)
	}
	require.Len(t, cases.Own, len(themeColors))
	for name, want := range cases.Own {
		require.Equal(t, want, [2]string{Theme{}.Color(name, caseAccent, false), Theme{}.Color(name, caseAccent, true)}, name)
	}
}

// Each pair of colours that cannot be read is named with its contrast, in the light and the dark, whichever of the two the theme sets.
func TestThemesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range readThemeCases(t).Themes {
		got := []string{}
		for _, low := range c.Theme.lows(caseAccent) {
			got = append(got, low.String())
		}
		require.Equal(t, c.Low, got, "%+v", c.Theme)
		require.Len(t, c.Theme.check(caseAccent), len(c.Low))
	}
	list := Theme{{Name: "muted", Value: "#bbbbbb"}}.check(caseAccent)
	require.Equal(t, []string{"theme", "0", "value"}, list[0].Path)
	require.Equal(t, fault.LowContrast, list[0].Reason)
	require.Equal(t, "muted #bbbbbb on surface #ffffff has a contrast of 1.91:1 in the light theme; at least 4.5:1 is needed", list[0].Message)
	// The pair's other half is the one to change where only it is the theme's.
	require.Equal(t, []string{"theme", "0", "dark"}, Theme{{Name: "surface", Dark: "#888888"}}.check(caseAccent)[0].Path)
}

// What a site has set before there were themes goes on: each colour that was let in makes a theme that can be read.
func TestEveryAccentMakesAReadableTheme(t *testing.T) {
	t.Parallel()
	letIn := rapid.Map(rapid.IntRange(0, 0xffffff), func(n int) string { return fmt.Sprintf("#%06x", n) }).
		Filter(func(color string) bool { return contrast(color, "#ffffff") >= 4.5 })
	rapid.Check(t, func(t *rapid.T) {
		accent := letIn.Draw(t, "accent")
		require.Empty(t, Theme{}.lows(accent), accent)
	})
}

// A theme holds colours, lengths, weights and names of families: nothing that could end a declaration, load a file or compute.
func TestThemesHoldNothingElse(t *testing.T) {
	t.Parallel()
	for value, where := range map[string]string{
		"red": "surface", "#FFFFFF": "surface", "#fff": "surface", "url(https://x.example)": "surface", "#ffffff;}": "surface", "var(--x)": "surface",
		"4rem": "radius", "calc(1px)": "radius", "-1px": "radius", "61px": "radius", "1e3px": "radius", "2em": "font-size", "8px": "font-size",
		"700px": "heading-weight", "1000": "heading-weight", "450": "button-weight",
		`"Inter"`: "font", "Inter;": "font", "Inter,serif": "font", "a, b, c, d, e, f, g, h, i": "font", "url(x)": "font", "Inter, ": "font", "\\41": "font",
		strings.Repeat("a", 201): "font",
	} {
		list := Theme{{Name: where, Value: value}}.check(caseAccent)
		require.Len(t, list, 1, "%s: %s", where, value)
		require.Equal(t, []string{"theme", "0", "value"}, list[0].Path)
	}
	require.Equal(t, fault.Unknown, Theme{{Name: "shadow", Value: "0"}}.check(caseAccent)[0].Reason)
	require.Equal(t, fault.Duplicate, Theme{{Name: "gap", Value: "1em"}, {Name: "gap", Value: "2em"}}.check(caseAccent)[0].Reason)
	require.Equal(t, []string{"theme", "0", "dark"}, Theme{{Name: "gap", Value: "1em", Dark: "1em"}}.check(caseAccent)[0].Path)
	for value, where := range map[string]string{"0px": "radius", "1.5em": "gap", "900": "button-weight", "Source Sans 3, Georgia, serif": "font", "20px": "font-size", "": "font"} {
		require.Empty(t, Theme{{Name: where, Value: value}}.check(caseAccent), "%s: %s", where, value)
	}
	of := Site{AccentColor: caseAccent, Theme: Theme{{Name: "font", Value: "Source Sans 3, serif"}, {Name: "link", Value: "#102030"}, {Name: "gap"}}}
	require.Equal(t, []ThemeProperty{{"font", `"Source Sans 3",serif`, `"Source Sans 3",serif`}, {"link", "#102030", "#87cad9"}}, of.ThemeValues())
}
