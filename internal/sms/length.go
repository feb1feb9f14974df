package sms

import (
	"strings"
	"unicode/utf16"
)

// Encoding is how a text travels.
type Encoding string

// The encodings (3GPP TS 23.038).
const (
	GSM7 Encoding = "gsm7" // the default alphabet: seven bits a character
	UCS2 Encoding = "ucs2" // any character, two bytes each
)

// basic is the default alphabet, and extended what takes two of its places (3GPP TS 23.038, section 6.2.1).
const (
	basic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extended = "\f^{}\\[~]|€"
)

// Length is how much of a text message's room a text takes.
type Length struct {
	Encoding Encoding
	Units    int // places of seven bits, or of two bytes
	Parts    int // messages that it is sent as, which are paid one by one
}

// Measure tells how a text travels. A text of several parts has less room in each, and no character is cut in two.
func Measure(text string) Length {
	weigh, alone, together := gsmUnits, 160, 153
	encoding := GSM7
	if strings.ContainsFunc(text, func(r rune) bool { return gsmUnits(r) == 0 }) {
		weigh, alone, together, encoding = utf16.RuneLen, 70, 67, UCS2
	}
	out := Length{Encoding: encoding, Parts: 1}
	parts, used := 1, 0
	for _, r := range text {
		n := max(1, weigh(r))
		out.Units += n
		if used += n; used > together {
			parts, used = parts+1, n
		}
	}
	if out.Units > alone {
		out.Parts = parts
	}
	return out
}

// gsmUnits is how many places of the default alphabet a character takes; 0: it is not in it.
func gsmUnits(r rune) int {
	switch {
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extended, r):
		return 2
	}
	return 0
}
