package contact

import (
	_ "embed" // the words of made-up contacts
	"math/rand/v2"
	"strings"
	"sync"
)

//go:embed seed_names.txt
var seedText string

// seedWords are the lists of seed_names.txt by their heading: words with spaces between them, _ for
// a space within one.
var seedWords = sync.OnceValue(func() map[string][]string {
	lists := map[string][]string{}
	heading := ""
	for line := range strings.Lines(seedText) {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			heading = strings.TrimSpace(name)
			continue
		}
		for word := range strings.FieldsSeq(line) {
			lists[heading] = append(lists[heading], strings.ReplaceAll(word, "_", " "))
		}
	}
	return lists
})

// pick draws a word from a list, the early ones more often, as names are shared out in life.
func pick(rnd *rand.Rand, list string) string {
	words := seedWords()[list]
	return words[int(float64(len(words))*rnd.Float64()*(0.4+0.6*rnd.Float64()))]
}
