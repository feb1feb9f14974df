package contact

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// NewConsent is what staff or a program writes down for contacts.
type NewConsent struct {
	Contacts  []uuid.UUID
	PurposeID *uuid.UUID // nil: "contact"
	Channel   ConsentChannel
	State     ConsentState
	Note      string
	At        *time.Time // when it was said; nil: now
}

// RecordConsent writes one contact's word into the ledger. Needs an operator. NotFound for a contact
// that is not there, Conflict for one in the trash.
func (s *Service) RecordConsent(ctx context.Context, id uuid.UUID, in NewConsent) (Contact, error) {
	in.Contacts = []uuid.UUID{id}
	rows, err := s.RecordConsents(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.Conflict, "this contact is in the trash; restore it first")
	}
	return rows[0], nil
}

// RecordConsents writes the same word of many contacts into the ledger, at most 1,000, and gives
// these. Contacts in the trash are passed over. Needs an operator.
func (s *Service) RecordConsents(ctx context.Context, in NewConsent) ([]Contact, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	ids := slices.Compact(slices.SortedFunc(slices.Values(in.Contacts), compareIDs))
	now := s.now()
	if err := in.check(now, len(ids)); err != nil {
		return nil, err
	}
	if in.At == nil {
		in.At = &now
	}
	source := ConsentByStaff
	if a.Kind == site.KindAPIKey {
		source = ConsentByAPI
	}
	var rows []*Record
	if len(ids) == 0 {
		return []Contact{}, nil
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		of, err := holdSite(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		purpose, err := livePurpose(ctx, tx, a.SiteID, in.PurposeID)
		if err != nil {
			return err
		}
		rows = nil
		if err := tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Order("id").For("UPDATE").Scan(ctx); err != nil {
			return db.MapError(err, "lock contacts")
		}
		if len(rows) != len(ids) {
			return fault.Missing("contact")
		}
		rows = slices.DeleteFunc(rows, func(r *Record) bool { return r.DeletedAt != nil })
		entries := make([]*ConsentEntry, len(rows))
		for i, r := range rows {
			entries[i] = &ConsentEntry{ContactID: r.ID, PurposeID: purpose.ID, Channel: in.Channel, State: in.State, At: *in.At, Source: source, Note: in.Note}
		}
		if err := s.recordConsent(ctx, tx, of, author(a), entries); err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]uuid.UUID, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		rows = nil
		err = tx.NewSelect().Model(&rows).Where("site_id = ? AND id IN (?)", a.SiteID, bun.List(ids)).Order("id").Scan(ctx)
		return db.MapError(err, "read contacts")
	})
	return All(rows), err
}

func (in *NewConsent) check(now time.Time, contacts int) error {
	v := checker{}
	if contacts > MaxIDs {
		v.add(fault.TooLong, []string{"contactIds"}, "at most %d contacts at once", MaxIDs)
	}
	in.Note = strings.TrimSpace(in.Note)
	if utf8.RuneCountInString(in.Note) > 2000 {
		v.add(fault.TooLong, []string{"note"}, "a note has at most 2000 characters")
	}
	if in.At != nil && (in.At.After(now) || in.At.Year() < 1990) {
		v.add(fault.InvalidDate, []string{"at"}, "give a time between 1990 and now")
	}
	return v.list.Err()
}

// recordConsent is the only way into the ledger: it appends the entries, brings what holds now, and
// who is listed, in line with them, and writes the contacts' history. What a person said by themselves of a purpose with double opt-in
// is pending instead, and they are asked. The caller holds the site and
// has locked the contacts. Entries come with contact, purpose, channel, state, time and source.
func (s *Service) recordConsent(ctx context.Context, tx bun.IDB, of site.Site, by Author, entries []*ConsentEntry) error {
	if len(entries) == 0 {
		return nil
	}
	before, err := readConsents(ctx, tx, of.ID, contactsIn(entries))
	if err != nil {
		return err
	}
	purposes, err := PurposesOf(ctx, tx, of.ID)
	if err != nil {
		return err
	}
	if entries = doubled(purposes, before, entries); len(entries) == 0 {
		return nil
	}
	stamp(of.ID, by, entries)
	held := newest(before, entries)
	if err := appendConsents(ctx, tx, entries, held); err != nil {
		return err
	}
	asked, err := s.ask(ctx, tx, of, purposes, before, entries)
	if err != nil {
		return err
	}
	return s.follow(ctx, tx, of, by, consentChanges(purposes, before, append(held, asked...)))
}

// stamp gives entries their site, ids and who writes them down.
func stamp(siteID uuid.UUID, by Author, entries []*ConsentEntry) {
	for _, e := range entries {
		e.SiteID, e.ID, e.At = siteID, uuid.Must(uuid.NewV7()), e.At.Truncate(time.Microsecond)
		e.ActorKind, e.ActorName = by.Kind, by.Name
		if by.ID != uuid.Nil {
			e.ActorID = &by.ID
		}
	}
}

// appendConsents writes entries into the ledger, and what holds through them.
func appendConsents(ctx context.Context, tx bun.IDB, entries []*ConsentEntry, held []*Consent) error {
	if _, err := tx.NewInsert().Model(&entries).Exec(ctx); err != nil {
		return db.MapError(err, "append to the consent ledger")
	}
	if len(held) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&held).On("CONFLICT (site_id, contact_id, purpose_id, channel) DO UPDATE").
		Set("state = EXCLUDED.state, entry_id = EXCLUDED.entry_id, since = EXCLUDED.since").Exec(ctx)
	if err != nil {
		return db.MapError(err, "write consents")
	}
	return settlePending(ctx, tx, held)
}

// consentKey is what one consent is about.
type consentKey struct {
	contact, purpose uuid.UUID
	channel          ConsentChannel
}

func (c *Consent) key() consentKey { return consentKey{c.ContactID, c.PurposeID, c.Channel} }

// newest gives the consents that the entries change, without touching before: the newest word holds,
// by the time it was said, then by the entry.
func newest(before map[consentKey]*Consent, entries []*ConsentEntry) []*Consent {
	latest := map[consentKey]*Consent{}
	for _, e := range entries {
		if e.State == ConsentPending {
			continue
		}
		for _, channel := range e.Channel.each() {
			c := &Consent{SiteID: e.SiteID, ContactID: e.ContactID, PurposeID: e.PurposeID, Channel: channel, State: e.State, EntryID: e.ID, Since: e.At}
			held := latest[c.key()]
			if held == nil {
				held = before[c.key()]
			}
			if held == nil || cmp.Or(c.Since.Compare(held.Since), compareIDs(c.EntryID, held.EntryID)) > 0 {
				latest[c.key()] = c
			}
		}
	}
	out := make([]*Consent, 0, len(latest))
	for _, c := range latest {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Consent) int {
		return cmp.Or(compareIDs(a.ContactID, b.ContactID), compareIDs(a.PurposeID, b.PurposeID), cmp.Compare(a.Channel, b.Channel))
	})
	return out
}

func contactsIn(entries []*ConsentEntry) []uuid.UUID {
	ids := make([]uuid.UUID, len(entries))
	for i, e := range entries {
		ids[i] = e.ContactID
	}
	return slices.Compact(slices.SortedFunc(slices.Values(ids), compareIDs))
}

func readConsents(ctx context.Context, tx bun.IDB, siteID uuid.UUID, contacts []uuid.UUID) (map[consentKey]*Consent, error) {
	var rows []*Consent
	err := tx.NewSelect().Model(&rows).Where("site_id = ? AND contact_id IN (?)", siteID, bun.List(contacts)).Scan(ctx)
	out := make(map[consentKey]*Consent, len(rows))
	for _, c := range rows {
		out[c.key()] = c
	}
	return out, db.MapError(err, "read consents")
}

// relisted sets whether a contact is in the book once its consents are written. ?0 is the policy.
const relisted = `listed = CASE WHEN ?0 = 'interaction' THEN contact.listed ELSE ` + mayBeListed + ` END`

// relistSome brings contacts under the policy and gives all of them, with whether they were listed before.
// Under "interaction" a consent moves nobody: whom staff took out by hand stays out.
const relistSome = `
UPDATE contact SET ` + relisted + `, updated_at = ?2
FROM (SELECT site_id, id, listed AS was FROM contact WHERE site_id = ?1 AND id IN (?3)) AS before
WHERE contact.site_id = before.site_id AND contact.id = before.id
RETURNING contact.id, contact.listed, before.was`

// consentChanges gives what history says of each contact whose consents become others.
func consentChanges(purposes []*ConsentPurpose, before map[consentKey]*Consent, held []*Consent) map[uuid.UUID]Changes {
	changes := map[uuid.UUID]Changes{}
	for _, c := range held {
		was, code := any(nil), ""
		if k := before[c.key()]; k != nil {
			was = k.State
		}
		if was == c.State {
			continue
		}
		for _, p := range purposes {
			if p.ID == c.PurposeID {
				code = p.Code
			}
		}
		if changes[c.ContactID] == nil {
			changes[c.ContactID] = Changes{}
		}
		changes[c.ContactID]["consent."+code+"."+string(c.Channel)] = Delta{Before: was, After: c.State}
	}
	return changes
}

// follow lists or unlists the contacts whose consents changed, when the policy asks for it, and
// writes the history of each.
func (s *Service) follow(ctx context.Context, tx bun.IDB, of site.Site, by Author, changes map[uuid.UUID]Changes) error {
	if len(changes) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, 0, len(changes))
	for id := range changes {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareIDs)
	var moved []struct {
		ID     uuid.UUID
		Listed bool
		Was    bool
	}
	if err := tx.NewRaw(relistSome, string(of.ConsentPolicy), of.ID, s.now(), bun.List(ids)).Scan(ctx, &moved); err != nil {
		return db.MapError(err, "list contacts anew")
	}
	history := make([]*Entry, 0, len(moved))
	for _, m := range moved {
		if m.Listed != m.Was {
			changes[m.ID]["listed"] = Delta{Before: m.Was, After: m.Listed}
		}
		history = append(history, newEntry(by, &Record{SiteID: of.ID, ID: m.ID}, updated, changes[m.ID]))
	}
	_, err := tx.NewInsert().Model(&history).Exec(ctx)
	return db.MapError(err, "insert history")
}
