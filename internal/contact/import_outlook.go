package contact

import (
	"strings"
	"unicode"
)

// An Outlook export names a place with most things: "Business Street", "Home Phone 2"; in French
// behind them, "Rue (bureau)", and in Norwegian either way, "Poststed, arbeid". Names without a place
// are the plain ones. The home address goes before the one at work.
var outlookPlaces = []struct {
	word string
	nth  int
}{
	{"home", 0}, {"domicile", 0}, {"personnelle", 0}, {"personnel", 0}, {"hjemme", 0}, {"hjem", 0}, {"privat", 0},
	{"business", 1}, {"work", 1}, {"bureau", 1}, {"professionnelle", 1}, {"professionnel", 1}, {"arbeid", 1}, {"jobb", 1},
	{"other", 2}, {"autre", 2}, {"annen", 2}, {"annet", 2},
}

// Names that only Outlook has.
var outlookNames = map[string]target{
	"primaryphone": toPhone, "companymainphone": toPhone, "assistantsphone": toIgnored, "emaildisplayname": toIgnored,
	"emailtype": toIgnored, "nomdaffichageemail": toIgnored, "priority": toIgnored, "private": toIgnored, "sensitivity": toIgnored,
	"initials": toIgnored, "gender": toIgnored, "typedemessagerie": toIgnored,
}

// outlookColumn says what a column of an Outlook export means; not ok when it is no name of Outlook's
// own. A number in the name ("E-mail 2 Address", "Business Street 3") only tells the order.
func outlookColumn(key string) (column, bool) {
	key = strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, key)
	if to, ok := outlookNames[key]; ok {
		return column{to: to}, true
	}
	for _, place := range outlookPlaces {
		rest, ok := strings.CutPrefix(key, place.word)
		if !ok {
			rest, ok = strings.CutSuffix(key, place.word)
		}
		if !ok || rest == "" {
			continue
		}
		switch to := plainNames[rest]; to {
		case toStreet, toPostcode, toCity, toRegion, toCountry, toPhone, toMobile, toEmail:
			return column{to: to, nth: place.nth}, true
		}
		switch rest {
		case "fax", "telecopie", "faks", "addresspobox", "boitepostale":
			return column{to: toIgnored}, true
		}
	}
	return column{}, false
}
