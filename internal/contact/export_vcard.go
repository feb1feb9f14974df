package contact

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-vcard"
)

// vcardFile is a file of vCards 4.0 (RFC 6350), one a contact, without photos. Custom fields have no
// place in one.
type vcardFile struct{ cards *vcard.Encoder }

func newVCardFile(to io.Writer) *vcardFile {
	return &vcardFile{cards: vcard.NewEncoder(&foldingWriter{to: to})}
}

func (f *vcardFile) close() error { return nil }

func (f *vcardFile) row(x *exported) error { return f.cards.Encode(cardOf(x)) }

func cardOf(x *exported) vcard.Card {
	card := vcard.Card{}
	card.SetValue(vcard.FieldVersion, "4.0")
	card.SetValue(vcard.FieldUID, "urn:uuid:"+x.ID.String())
	card.SetValue(vcard.FieldProductID, "-//Carnet//Carnet//EN")
	card.SetRevision(x.UpdatedAt)
	kind := vcard.KindIndividual
	if x.Kind == KindOrganization {
		kind = vcard.KindOrganization
	}
	card.SetKind(kind)
	formatted := x.DisplayName()
	if x.Kind == KindPerson && x.FirstName+x.LastName != "" {
		formatted = strings.TrimSpace(x.FirstName + " " + x.LastName)
	}
	card.SetValue(vcard.FieldFormattedName, formatted)
	structured(card, vcard.FieldName, x.LastName, x.FirstName, "", x.Title, "")
	structured(card, vcard.FieldOrganization, x.Company+x.Name) // only one of the two is filled
	cardValue(card, vcard.FieldEmail, x.Email, "")
	cardValue(card, vcard.FieldTelephone, x.Phone, "voice")
	cardValue(card, vcard.FieldTelephone, x.Mobile, "cell")
	cardValue(card, vcard.FieldTelephone, x.Fax, "fax")
	for _, one := range x.OtherEmails {
		cardValue(card, vcard.FieldEmail, one.Value, "")
	}
	for _, one := range x.OtherPhones {
		cardValue(card, vcard.FieldTelephone, one.Value, "")
	}
	structured(card, vcard.FieldAddress, "", "", strings.Join(x.Address().Lines, "\n"), x.City, "", x.Postcode, x.Country)
	cardValue(card, vcard.FieldLanguage, x.Language, "")
	cardValue(card, vcard.FieldNote, x.ShownNote(x.actor), "")
	if birth := x.ShownBirthDate(x.actor); birth != nil {
		card.SetValue(vcard.FieldBirthday, birth.Format("20060102"))
	}
	for _, name := range names(x.groups) {
		cardValue(card, vcard.FieldCategories, name, "")
	}
	cardValue(card, "X-CARNET-NUMBER", strconv.FormatInt(x.Number, 10), "")
	return card
}

// cardValue adds a property that is not empty.
func cardValue(card vcard.Card, property, text, kind string) {
	if text == "" {
		return
	}
	f := &vcard.Field{Value: text}
	if kind != "" {
		f.Params = vcard.Params{vcard.ParamType: {kind}}
	}
	card.Add(property, f)
}

// structured adds a property of several components, unless all of them are empty. A semicolon or
// backslash within a component is escaped here: the encoder does not know where components end.
func structured(card vcard.Card, property string, components ...string) {
	if strings.Join(components, "") == "" {
		return
	}
	for i := range components {
		components[i] = strings.ReplaceAll(components[i], ";", semicolon)
	}
	card.Add(property, &vcard.Field{Value: strings.Join(components, ";")})
}

// semicolon stands for an escaped one until the encoder is done with the backslashes: a character of
// Unicode's private use.
const semicolon = "\uE03B"

// maxCardLine is how long a line is at most, in bytes (RFC 6350, section 3.2).
const maxCardLine = 75

// foldingWriter folds the lines that the encoder writes, each whole and ended with CRLF.
type foldingWriter struct{ to io.Writer }

// Write takes whole lines.
func (w *foldingWriter) Write(p []byte) (int, error) {
	var out strings.Builder
	line := strings.ReplaceAll(strings.TrimSuffix(string(p), "\r\n"), semicolon, `\;`)
	// A return within a value would end the line.
	line = strings.ReplaceAll(line, "\r", "")
	for limit := maxCardLine; len(line) > limit; limit = maxCardLine - 1 {
		at := limit
		for !utf8.RuneStart(line[at]) {
			at--
		}
		out.WriteString(line[:at] + "\r\n ")
		line = line[at:]
	}
	out.WriteString(line + "\r\n")
	if _, err := io.WriteString(w.to, out.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}
