// Package fold makes text comparable the way people search: neither case nor accents matter. The
// same function folds what is stored and what is asked.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Letters that NFKD does not take apart, and signs that keyboards write in several ways.
var letters = strings.NewReplacer(
	"‘", "'", "’", "'", "ʼ", "'", "‐", "-", "‒", "-", "–", "-", "—", "-", "―", "-",
	"æ", "ae", "ø", "o", "å", "a", "œ", "oe", "ß", "ss", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ħ", "h", "ŧ", "t",
)

// Text folds a text: Unicode NFKD, marks removed, case folded, ligatures and Nordic letters mapped
// (æ ø å ß œ ł), typographic
// apostrophes and hyphens made plain, runs of white space made one space, no space at the ends. Invalid UTF-8 becomes U+FFFD.
func Text(s string) string {
	if ascii(s) {
		return strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	// A Caser keeps state between calls, so each call has its own.
	folded := cases.Fold().String(norm.NFKD.String(strings.ToValidUTF8(s, "\uFFFD")))
	var b strings.Builder
	b.Grow(len(folded))
	for _, r := range letters.Replace(folded) {
		if !unicode.Is(unicode.M, r) {
			// Lower case last, since folding leaves Cherokee in upper case, or not, as it was written.
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
