package fold

import (
	"strings"
	"unicode"
)

// Sound gives how a word sounds, roughly and in French, Norwegian and English alike: words that are
// often written for one another have the same sound (Hansen, Hanson, Hansson; Thibaut, Tibo;
// Øyvind, Oeyvind). Vowels other than e are kept, as many first names differ by them alone (Jan, Jon).
// Of several words each is taken by itself. Letters of other scripts stay as they are.
func Sound(s string) string {
	words := Words(s)
	for i, w := range words {
		words[i] = soundOf(w)
	}
	return strings.Join(words, " ")
}

// Words folds a text and gives its words: runs of letters or of digits.
func Words(s string) []string {
	var words []string
	begin, was := -1, none
	text := Text(s)
	for i, r := range text {
		is := classOf(r)
		if is != was {
			if was != none {
				words = append(words, text[begin:i])
			}
			begin, was = i, is
		}
	}
	if was != none {
		words = append(words, text[begin:])
	}
	return words
}

const (
	none = iota
	letter
	digit
)

func classOf(r rune) int {
	switch {
	case unicode.IsDigit(r):
		return digit
	case unicode.IsLetter(r):
		return letter
	}
	return none
}

// spelling is one sound and a way to write it.
type spelling struct{ written, sound string }

// Ways to write an ending; the first that fits is taken.
var endings = []spelling{
	{"ssen", "sn"}, {"sson", "sn"}, {"sen", "sn"}, {"son", "sn"},
	{"ault", "o"}, {"auld", "o"}, {"aut", "o"}, {"aud", "o"}, {"eaux", "o"}, {"eau", "o"}, {"aux", "o"}, {"oux", "u"}, {"ieux", "i"},
	{"gh", "g"}, {"ch", "k"},
}

// Ways to write a sound within a word, the longest first.
var within = []spelling{
	{"chae", "ke"}, {"chr", "kr"}, {"chl", "kl"}, {"chn", "kn"}, {"cht", "kt"}, {"sch", "s"}, {"skj", "s"}, {"dsk", "sk"},
	{"ph", "f"}, {"th", "t"}, {"dt", "t"}, {"ck", "k"}, {"ch", "s"}, {"sh", "s"}, {"sj", "s"}, {"kj", "k"}, {"hj", "j"}, {"gj", "j"}, {"hv", "f"},
	{"bv", "f"}, {"qu", "k"}, {"gh", "g"}, {"ce", "se"}, {"ci", "si"}, {"cy", "si"},
	{"ae", "e"}, {"ai", "e"}, {"ay", "e"}, {"ei", "e"}, {"ey", "e"}, {"oe", "o"}, {"au", "o"}, {"ou", "u"}, {"aa", "a"}, {"oo", "o"}, {"ie", "i"}, {"ee", "i"},
	{"q", "k"}, {"c", "k"}, {"z", "s"}, {"x", "ks"}, {"v", "f"}, {"w", "f"}, {"d", "t"}, {"y", "i"},
}

// soundOf gives the sound of a folded word.
func soundOf(w string) string {
	for _, e := range endings {
		if rest, ends := strings.CutSuffix(w, e.written); ends && rest != "" {
			return plain(rest) + e.sound
		}
	}
	return plain(w)
}

// plain writes each sound one way, and leaves out what is hardly heard: doubled letters, an h within
// the word, an e that is not the first letter. At the beginning j, and i before a vowel, are one.
func plain(w string) string {
	var b strings.Builder
	last := byte(0)
	for i := 0; i < len(w); {
		sound, n := w[i:i+1], 1
		for _, s := range within {
			if strings.HasPrefix(w[i:], s.written) {
				sound, n = s.sound, len(s.written)
				break
			}
		}
		for _, c := range []byte(sound) {
			first := b.Len() == 0
			switch {
			case c == last, c == 'e' && !first, c == 'h' && (!first || len(w) < 2 || !vowel(w[1])):
			case c == 'j' && !first: // Katja, Katia
				b.WriteByte('i')
			case c == 'i' && first && len(w) > n && vowel(w[n]):
				b.WriteByte('j')
			default:
				b.WriteByte(c)
			}
			last = c
		}
		i += n
	}
	return b.String()
}

func vowel(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }
