package contact

import (
	"regexp"
	"strings"

	"carnet/internal/fault"
	"carnet/internal/site"
)

var ibanPattern = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)

// ibanLengths are the lengths that the register of ISO 13616 gives; an IBAN of a country that is not
// here is checked by its digits alone.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
	"CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22,
	"GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30,
	"KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31,
	"MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
	"SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}

// iban reads an International Bank Account Number (ISO 13616) however it is spaced.
func (v *checker) iban(to *string, from *string) {
	if from == nil {
		return
	}
	path := []string{"iban"}
	s := strings.ToUpper(strings.Join(strings.Fields(*from), ""))
	switch length := ibanLengths[s[:min(len(s), 2)]]; {
	case s == "":
	case !ibanPattern.MatchString(s):
		v.add(fault.InvalidValue, path, "an IBAN is two letters of a country, two digits, and the account, for example NO93 8601 1117 947")
		return
	case length != 0 && length != len(s):
		v.add(fault.InvalidValue, path, "an IBAN of %s has %d characters; this has %d", s[:2], length, len(s))
		return
	case mod97(s[4:]+s[:4]) != 1:
		v.add(fault.InvalidValue, path, "the check digits of this IBAN do not fit; look for a slip of typing")
		return
	}
	*to = s
}

// mod97 gives the remainder of ISO 7064's MOD 97-10, letters being 10 to 35.
func mod97(s string) int {
	n := 0
	for _, c := range s {
		if c >= 'A' {
			n = (n*100 + int(c-'A') + 10) % 97
		} else {
			n = (n*10 + int(c-'0')) % 97
		}
	}
	return n
}

// ShownIBAN gives the IBAN in groups of four: whole to those who read it, managers at first; others see its country and its last
// four characters.
func (r *Record) ShownIBAN(a site.Actor) string {
	if a.Sees(site.SensitiveIBAN) {
		return grouped(r.IBAN)
	}
	return maskedIBAN(r.IBAN)
}

func maskedIBAN(iban string) string {
	if iban == "" {
		return ""
	}
	return grouped(iban[:2] + strings.Repeat("*", len(iban)-6) + iban[len(iban)-4:])
}

func grouped(iban string) string {
	var b strings.Builder
	for i, c := range iban {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
