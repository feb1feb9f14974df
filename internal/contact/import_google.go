package contact

import (
	"regexp"
	"strconv"
	"strings"

	"carnet/internal/fold"
)

// A Google Contacts export numbers what there may be several of: "E-mail 1 - Value", "Phone 2 -
// Label", "Address 1 - City". Since 2024 the names are "First Name", "Last Name" and "Labels", before
// they were "Given Name", "Family Name", "Group Membership" and "... - Type"; both read here.
var googleNumbered = regexp.MustCompile(`^(email|phone|address|organization)([1-9])(.+)$`)

var googleParts = map[string]map[string]target{
	"email":        {"value": toEmail, "label": toIgnored, "type": toIgnored},
	"phone":        {"value": toPhone, "label": toPhoneLabel, "type": toPhoneLabel},
	"organization": {"name": toCompany},
	"address": {
		"street": toStreet, "extendedaddress": toStreet, "pobox": toStreet, "postalcode": toPostcode, "city": toCity,
		"region": toRegion, "country": toCountry, "label": toIgnored, "type": toIgnored, "formatted": toIgnored, // repeats the rest
	},
}

// Names that only Google has. "Phonetic" names and the like say nothing more and are not read.
var googleNames = map[string]target{
	"givenname": toFirst, "additionalname": toMiddle, "familyname": toLast, "nameprefix": toTitle, "namesuffix": toSuffix,
	"groupmembership": toGroups, "labels": toGroups, "organizationname": toCompany,
}

// googleColumn says what a column of a Google export means; not ok when Google has no such name.
func googleColumn(key string) (column, bool) {
	if to, ok := googleNames[key]; ok {
		return column{to: to}, true
	}
	m := googleNumbered.FindStringSubmatch(key)
	if m == nil {
		return column{}, false
	}
	nth, _ := strconv.Atoi(m[2]) // one digit
	to, known := googleParts[m[1]][m[3]]
	return column{to: to, nth: nth - 1}, known
}

// googleSeparator stands between several values in one cell.
const googleSeparator = ":::"

// googleValues gives the values of a cell, each with the column's name.
func googleValues(c cell) []cell {
	if !strings.Contains(c.text, googleSeparator) {
		return []cell{c}
	}
	var all []cell
	for part := range strings.SplitSeq(c.text, googleSeparator) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, cell{text: part, header: c.header})
		}
	}
	return all
}

// label notes that a phone is mobile; its value stands in a later column.
func (d *draft) label(nth int, text string) {
	key := fold.Text(text)
	for _, word := range []string{"mobil", "cell", "portable"} {
		if strings.Contains(key, word) {
			d.mobile |= 1 << nth
		}
	}
}

func (d *draft) labelled(nth int) bool { return d.mobile&(1<<nth) != 0 }

// groupNames gives the groups that a cell names: Google's " ::: " between them, else a semicolon.
// Google's own groups are marked with an asterisk; "all my contacts" and "starred" are none.
func groupNames(text string) []string {
	var all []string
	for _, name := range listOf(text) {
		name = strings.TrimSpace(strings.TrimPrefix(name, "*"))
		switch headerKey(name) {
		case "", "mycontacts", "starred":
		default:
			all = append(all, name)
		}
	}
	return all
}
