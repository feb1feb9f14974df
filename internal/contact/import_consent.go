package contact

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
)

// An import may raise a consent, never lower one: a "no" or an empty cell is no withdrawal, and a "yes"
// does not undo one unless the file says that it was given afterwards.

// agreement is what a row says of a purpose: that there is consent, and since when.
type agreement struct {
	purpose  *ConsentPurpose
	channels []ConsentChannel // nil: any
	at       time.Time        // a day; zero: the file does not say
	said     string           // the headers of the cells
	dated    string
}

// channelWords are the channels' names in English, French and Norwegian.
var channelWords = map[string]ConsentChannel{
	"email": ChannelEmail, "epost": ChannelEmail, "courriel": ChannelEmail, "sms": ChannelSMS, "text": ChannelSMS, "textmessage": ChannelSMS,
	"post": ChannelPost, "courrier": ChannelPost, "letter": ChannelPost, "phone": ChannelPhone, "telephone": ChannelPhone, "telefon": ChannelPhone,
}

// consent reads the columns about consent, whatever order they stand in.
func (v *vocabulary) consent(it *item, d *draft) {
	for _, c := range d.consents {
		if c.date {
			continue
		}
		a := agreement{purpose: c.purpose, said: c.header}
		if yes, ok := yesNoOf(c.text); ok && !yes {
			continue
		} else if !ok {
			if a.channels, ok = channelsOf(c.text); !ok {
				it.refuse(c.problem(badConsent))
				continue
			}
		}
		at := slices.IndexFunc(d.consents, func(o consentCell) bool { return o.date && o.purpose == c.purpose })
		if at >= 0 {
			date := d.consents[at]
			a.dated = date.header
			day, known, ok := parseDay(date.text, v.dayFirst)
			if !ok || !known {
				it.refuse(date.problem(fault.InvalidDate, "2026-04-30"))
				continue
			}
			a.at = day
		}
		it.consents = append(it.consents, a)
	}
}

func channelsOf(text string) (list []ConsentChannel, ok bool) {
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == ',' }) {
		c, known := channelWords[headerKey(name)]
		if !known {
			return nil, false
		}
		list = append(list, c)
	}
	return list, len(list) > 0
}

// readAgreed reads the consents of contacts that rows may raise.
func (im *importer) readAgreed(ctx context.Context, tx bun.IDB, items []*item, ids []uuid.UUID) (map[consentKey]*Consent, error) {
	for _, it := range items {
		if len(it.consents) > 0 {
			return readConsents(ctx, tx, im.of.ID, ids)
		}
	}
	return nil, nil //nolint:nilnil // no row asks: an empty map
}

// agree records the consents that a row tells of.
func (im *importer) agree(it *item, book *shelf, out *outcome, now time.Time) {
	it.said = nil
	for _, a := range it.consents {
		im.agreeTo(it, a, book, out, now)
	}
	if len(it.said) > 0 && it.verdict == VerdictUnchanged {
		it.verdict = VerdictUpdated
	}
}

// agreeTo records one, unless it is so already or a later word stands against it. A day counts from
// its beginning, so a withdrawal of the same day stands.
func (im *importer) agreeTo(it *item, a agreement, book *shelf, out *outcome, now time.Time) {
	at := now
	if !a.at.IsZero() {
		y, m, d := a.at.Date()
		at = time.Date(y, m, d, 0, 0, 0, 0, im.of.Location())
	}
	if at.After(now) || at.Year() < 1990 {
		it.warn(ImportProblem{Code: consentDate, Column: a.dated})
		return
	}
	asked := a.channels
	if asked == nil {
		asked = channels
	}
	var wanted []ConsentChannel
	for _, channel := range asked {
		c := book.agreed[consentKey{it.contact, a.purpose.ID, channel}]
		switch {
		case c == nil:
			wanted = append(wanted, channel)
		case c.State == ConsentGiven:
		case a.at.IsZero():
			it.warn(ImportProblem{Code: consentUndated, Column: a.said, Names: []string{im.day(c.Since)}})
			return
		case !at.After(c.Since):
			it.warn(ImportProblem{Code: consentLater, Column: a.said, Names: []string{im.day(c.Since)}})
			return
		default:
			wanted = append(wanted, channel)
		}
	}
	if len(wanted) == 0 {
		return
	}
	if len(wanted) == len(channels) || a.channels == nil {
		wanted = []ConsentChannel{ChannelAny}
	}
	if book.agreed == nil {
		book.agreed = map[consentKey]*Consent{}
	}
	for _, channel := range wanted {
		e := &ConsentEntry{SiteID: im.of.ID, ContactID: it.contact, PurposeID: a.purpose.ID, Channel: channel, State: ConsentGiven, At: at, Source: ConsentByImport, Note: im.fileName}
		out.agreed = append(out.agreed, e)
		for _, c := range newest(book.agreed, []*ConsentEntry{e}) { // a later row about the same contact
			if held := book.agreed[c.key()]; held == nil || held.State != c.State {
				it.tell(a, c, held)
			}
			book.agreed[c.key()] = c
		}
	}
}

// tell notes what the ledger will say anew.
func (it *item) tell(a agreement, c, held *Consent) {
	if it.said == nil {
		it.said = Changes{}
	}
	was := any(nil)
	if held != nil {
		was = string(held.State)
	}
	it.said[consentPrefix+a.purpose.Code+"."+string(c.Channel)] = Delta{Before: was, After: string(c.State)}
}

func (im *importer) day(t time.Time) string { return t.In(im.of.Location()).Format(time.DateOnly) }
