package contact

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var placesIn = regexp.MustCompile(`\{(\w+)\}`)

// problemTexts are the admin's texts of problems in a language: those of imports, and those of errors that stand in for them.
func problemTexts(t *testing.T, language string) (own, errors map[string]any) {
	t.Helper()
	file, err := os.ReadFile("../../admin/src/locale/" + language + ".json")
	require.NoError(t, err)
	var texts struct {
		Import struct{ Problem map[string]any }
		Error  map[string]any
	}
	require.NoError(t, json.Unmarshal(file, &texts))
	return texts.Import.Problem, texts.Error
}

// Whatever an import can tell of a row has a text in each of the admin's languages, with nothing in it that the problem does not hold.
func TestImportProblemsHaveTexts(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "fr", "nb"} {
		own, errors := problemTexts(t, language)
		for code, sentence := range importSentences {
			text, is := own[code].(string)
			require.True(t, is, "%s: no text for %s", language, code)
			for _, place := range placesIn.FindAllString(text, -1) {
				require.True(t, place == "{value}" || strings.Contains(sentence, place), "%s: %s is not told %s", language, code, place)
			}
		}
		for _, code := range reasonsOfRows(t) {
			require.True(t, own[code] != nil || errors[code] != nil, "%s: no text for %s", language, code)
		}
	}
	codes := regexp.MustCompile(`(?m)^\t\w+ += "([A-Z_]+)"$`)
	source, err := os.ReadFile("import_problem.go")
	require.NoError(t, err)
	found := codes.FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(found), 60)
	for _, code := range found {
		require.NotEmpty(t, importSentences[code[1]], code[1])
	}
}

// reasonsOfRows are the reasons for which a change of a contact, an answer or the database can refuse a row.
func reasonsOfRows(t *testing.T) []string {
	t.Helper()
	constants := map[string]string{}
	source, err := os.ReadFile("../fault/reason.go")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(\w+) += "([A-Z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		constants[m[1]] = m[2]
	}
	given := regexp.MustCompile(`(?:fault\.Invalid|add|problem|problemOf)\((?:fault\.(\w+)|"([A-Z_]+)"), `)
	var reasons []string
	for _, pattern := range []string{"*.go", "../field/*.go", "../db/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, m := range given.FindAllStringSubmatch(string(source), -1) {
				if m[1] != "" {
					require.NotEmpty(t, constants[m[1]], m[1])
				}
				reasons = append(reasons, m[2]+constants[m[1]])
			}
		}
	}
	slices.Sort(reasons)
	reasons = slices.Compact(reasons)
	for _, sure := range []string{"REQUIRED", "TOO_FEW_CHOICES", "INVALID_TEXT", "OUT_OF_RANGE", "WRONG_TYPE", "INVALID_URL"} {
		require.Contains(t, reasons, sure)
	}
	return reasons
}
