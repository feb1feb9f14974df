package contact

import (
	"bufio"
	"errors"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"

	"github.com/emersion/go-vcard"
	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"
)

const (
	beginCard = "BEGIN:VCARD"
	endCard   = "END:VCARD"
	// escapedComma stands for a comma that was escaped, until lists are taken apart; see semicolon.
	escapedComma = "\uE02C"
	// maxText is where a line is cut, in bytes; the longest text of a contact is far shorter.
	maxText = 64 << 10
)

// cardReader reads vCards 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350) one by one. go-vcard parses each card;
// here stands what it leaves to its caller: one card at a time in bounded memory, quoted-printable
// texts, parameters without a name, and which separators were escaped.
type cardReader struct {
	lines *bufio.Reader
	line  int // that was read last, from 1
}

func newCardReader(r io.Reader) *cardReader {
	return &cardReader{lines: bufio.NewReaderSize(r, readSize)}
}

func (c *cardReader) close() error { return nil }

// next gives the next card as a row, at the line where it begins.
func (c *cardReader) next() (*draft, int, error) {
	text, line, err := c.card()
	if err != nil {
		return nil, line, err
	}
	card, err := vcard.NewDecoder(strings.NewReader(text)).Decode()
	if err != nil {
		return nil, line, bad(cardUnreadable, strings.TrimPrefix(err.Error(), "vcard: "))
	}
	return draftOf(card), line, nil
}

// card gives the text of the next card, unfolded and without pictures and sounds.
func (c *cardReader) card() (text string, line int, err error) {
	var card strings.Builder
	skip := false
	for {
		one, err := c.readLine()
		if errors.Is(err, io.EOF) && card.Len() > 0 {
			return "", line, bad(cardUnended)
		}
		if err != nil {
			return "", c.line, err
		}
		upper := strings.ToUpper(strings.TrimSpace(one[:min(len(one), 64)]))
		switch {
		case card.Len() == 0:
			if upper != beginCard {
				continue // between cards
			}
			line = c.line
			card.WriteString(one + "\r\n")
			continue
		case upper == endCard:
			card.WriteString("\r\n" + endCard + "\r\n")
			return card.String(), line, nil
		case upper == beginCard:
			return "", line, bad(cardRunsOn)
		}
		if one == "" || one[0] == ' ' || one[0] == '\t' { // the line before goes on
			if !skip && one != "" {
				card.WriteString(escapes.Replace(one[1:]))
			}
			continue
		}
		if skip = isMedia(upper); skip {
			continue
		}
		if card.Len() > maxRecord {
			return "", line, c.toEnd()
		}
		for strings.HasSuffix(one, "=") && strings.Contains(upper, "QUOTED-PRINTABLE") { // so do these, in 2.1
			more, err := c.readLine()
			if err != nil {
				break
			}
			one = strings.TrimSuffix(one, "=") + more
		}
		card.WriteString("\r\n" + escapes.Replace(named(one)))
	}
}

// toEnd leaves the rest of a card behind that is too long to hold.
func (c *cardReader) toEnd() error {
	for {
		one, err := c.readLine()
		if err != nil || strings.EqualFold(strings.TrimSpace(one), endCard) {
			return errTooBig
		}
	}
}

// readLine gives a line without its end. A line that is too long is cut.
func (c *cardReader) readLine() (string, error) {
	var all []byte
	for {
		part, more, err := c.lines.ReadLine()
		if err != nil {
			return "", err
		}
		if len(all) < maxText {
			all = append(all, part...)
		}
		if !more {
			c.line++
			return string(all), nil
		}
	}
}

// escapes keeps the separators that are not meant as such apart from those that are.
var escapes = strings.NewReplacer(`\\`, `\\`, `\;`, semicolon, `\,`, escapedComma, `\N`, `\n`)

// plain takes the marks away again.
var plain = strings.NewReplacer(semicolon, ";", escapedComma, ",")

func isMedia(upper string) bool {
	if _, rest, grouped := strings.Cut(upper, "."); grouped && !strings.ContainsAny(upper[:len(upper)-len(rest)], ":;") {
		upper = rest
	}
	property := upper[:max(0, min(len(upper), strings.IndexFunc(upper, func(r rune) bool { return r == ':' || r == ';' })))]
	return slices.Contains([]string{"PHOTO", "LOGO", "SOUND", "KEY"}, property)
}

// named gives parameters their names, which vCard 2.1 leaves out: "TEL;CELL:" is "TEL;TYPE=CELL:".
func named(line string) string {
	head, value, ok := strings.Cut(line, ":")
	if !ok || !strings.Contains(head, ";") || strings.Contains(head, `"`) {
		return line
	}
	parts := strings.Split(head, ";")
	for i, part := range parts[1:] {
		switch upper := strings.ToUpper(part); {
		case strings.Contains(part, "="):
		case upper == "QUOTED-PRINTABLE" || upper == "BASE64" || upper == "8BIT":
			parts[i+1] = "ENCODING=" + part
		default:
			parts[i+1] = "TYPE=" + part
		}
	}
	return strings.Join(parts, ";") + ":" + value
}

// textOf gives a field's text: quoted-printable is decoded, and letters of Windows and Latin-1.
func textOf(f *vcard.Field) string {
	if !strings.EqualFold(f.Params.Get("ENCODING"), "QUOTED-PRINTABLE") {
		return f.Value
	}
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(plain.Replace(f.Value))))
	if err != nil {
		return f.Value
	}
	switch strings.ToUpper(f.Params.Get("CHARSET")) {
	case "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252":
		if decoded, err := charmap.Windows1252.NewDecoder().Bytes(text); err == nil {
			text = decoded
		}
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// components gives the parts of a structured value.
func components(f *vcard.Field) []string {
	parts := strings.Split(textOf(f), ";")
	for i := range parts {
		parts[i] = strings.TrimSpace(plain.Replace(parts[i]))
	}
	return parts
}

// draftOf puts a card's properties where a table's columns would put them.
func draftOf(card vcard.Card) *draft {
	d := new(draft)
	put := func(to target, nth int, property, text string) {
		if text = strings.TrimSpace(text); text != "" {
			d.put(column{header: property, to: to, nth: nth}, text)
		}
	}
	organization := strings.EqualFold(card.Value(vcard.FieldKind), string(vcard.KindOrganization)) || strings.EqualFold(card.Value("X-ABSHOWAS"), "COMPANY")
	if f := card.Get(vcard.FieldName); f != nil && !organization {
		targets := []target{toLast, toFirst, toMiddle, toTitle, toSuffix}
		for i, part := range components(f) {
			if i < len(targets) {
				put(targets[i], 0, vcard.FieldName, part)
			}
		}
	}
	company := ""
	if f := card.Get(vcard.FieldOrganization); f != nil {
		company = components(f)[0]
		put(toCompany, 0, vcard.FieldOrganization, company)
	}
	if d.cells[toLast].text+d.cells[toFirst].text == "" && (!organization || company == "") {
		if f := card.Get(vcard.FieldFormattedName); f != nil {
			full := plain.Replace(textOf(f))
			if !strings.Contains(full, "@") { // an address book's way to show a card without a name
				put(toFull, 0, vcard.FieldFormattedName, full)
			}
		}
	}
	if organization {
		put(toKind, 0, vcard.FieldKind, string(KindOrganization))
	}
	for _, f := range preferredFirst(card[vcard.FieldEmail]) {
		put(toEmail, 0, vcard.FieldEmail, plain.Replace(textOf(f)))
	}
	for _, f := range preferredFirst(card[vcard.FieldTelephone]) {
		to := toPhone
		switch {
		case f.Params.HasType("fax"), f.Params.HasType("pager"):
			continue
		case f.Params.HasType("cell"):
			to = toMobile
		}
		put(to, 0, vcard.FieldTelephone, strings.TrimPrefix(plain.Replace(textOf(f)), "tel:"))
	}
	for nth, f := range preferredFirst(card[vcard.FieldAddress]) {
		targets := []target{toStreet, toStreet, toStreet, toCity, toRegion, toPostcode, toCountry}
		parts := components(f)
		for _, i := range []int{2, 1, 0, 3, 4, 5, 6} { // the street before what is added to it
			if i < len(parts) {
				put(targets[i], nth, vcard.FieldAddress, parts[i])
			}
		}
	}
	if f := card.Get(vcard.FieldBirthday); f != nil {
		text, _, _ := strings.Cut(textOf(f), "T")
		put(toBirth, 0, vcard.FieldBirthday, text)
	}
	if f := card.Get(vcard.FieldLanguage); f != nil {
		put(toLanguage, 0, vcard.FieldLanguage, textOf(f))
	}
	for _, f := range card[vcard.FieldNote] {
		put(toNote, 0, vcard.FieldNote, plain.Replace(textOf(f)))
	}
	for _, f := range card[vcard.FieldCategories] {
		for name := range strings.SplitSeq(textOf(f), ",") {
			put(toGroups, 0, vcard.FieldCategories, plain.Replace(name)+" "+googleSeparator)
		}
	}
	if id, err := uuid.Parse(strings.TrimPrefix(card.Value(vcard.FieldUID), "urn:uuid:")); err == nil {
		put(toID, 0, vcard.FieldUID, id.String())
	}
	return d
}

// preferredFirst puts the preferred fields in front; the others keep their order.
func preferredFirst(fields []*vcard.Field) []*vcard.Field {
	preferred := func(f *vcard.Field) int {
		if f.Params.HasType("pref") || f.Params.Get(vcard.ParamPreferred) == "1" {
			return 0
		}
		return 1
	}
	fields = slices.Clone(fields)
	slices.SortStableFunc(fields, func(a, b *vcard.Field) int { return preferred(a) - preferred(b) })
	return fields
}
