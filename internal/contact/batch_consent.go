package contact

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// ConsentBatch writes the same word of many contacts into the ledger: what they said on a form at the
// door, or at the telephone. A contact of whom the same holds already, or who has said something
// newer, stays as it is and gets no line.
type ConsentBatch struct {
	PurposeID *uuid.UUID     `json:"purposeId,omitempty"` // nil: "contact"
	Channel   ConsentChannel `json:"channel"`
	State     ConsentState   `json:"state"`
	Note      string         `json:"note,omitempty"`
	At        *time.Time     `json:"at,omitempty"` // when it was said; nil: when it is written
}

var _ BatchAction = (*ConsentBatch)(nil)

// Name is consent.
func (*ConsentBatch) Name() BatchName { return BatchConsent }

// Access is an operator's, as for one contact.
func (*ConsentBatch) Access() site.Access { return site.AccessOperator }

func (b *ConsentBatch) check(ctx context.Context, q bun.IDB, of site.Site) error {
	in := NewConsent{Note: b.Note, At: b.At}
	if err := in.check(time.Now(), 0); err != nil {
		return fault.Under(err, "consent")
	}
	b.Note = in.Note
	_, err := livePurpose(ctx, q, of.ID, b.PurposeID)
	return fault.Under(err, "consent")
}

func (b *ConsentBatch) plan(ctx context.Context, q bun.IDB, c *batchChunk) (*batchPlan, error) {
	purposes, err := PurposesOf(ctx, q, c.of.ID)
	if err != nil {
		return nil, err
	}
	p := newPlan(updated)
	entries := b.entries(p, c, purposes)
	if len(entries) == 0 {
		return p, nil
	}
	stamp(c.of.ID, c.by, entries)
	before, err := readConsents(ctx, q, c.of.ID, contactsIn(entries))
	if err != nil {
		return nil, err
	}
	held := newest(before, entries)
	p.changes = consentChanges(purposes, before, held)
	for _, r := range c.records {
		changes := p.changes[r.ID]
		if listed := listedWith(c.of, purposes, r, before, held); changes != nil && listed != r.Listed {
			changes["listed"] = Delta{Before: r.Listed, After: listed}
		}
	}
	entries = keepOf(p.changes, entries, func(e *ConsentEntry) uuid.UUID { return e.ContactID })
	held = keepOf(p.changes, held, func(k *Consent) uuid.UUID { return k.ContactID })
	p.write = func(ctx context.Context, tx bun.Tx) error {
		if len(entries) == 0 {
			return nil
		}
		if err := appendConsents(ctx, tx, entries, held); err != nil {
			return err
		}
		return p.set(ctx, tx, c, relisted, string(c.of.ConsentPolicy))
	}
	return p, nil
}

// entries makes a line for each living contact of a chunk; none when the purpose has gone since.
func (b *ConsentBatch) entries(p *batchPlan, c *batchChunk, purposes []*ConsentPurpose) []*ConsentEntry {
	var purpose *ConsentPurpose
	for _, one := range purposes {
		if b.PurposeID == nil && one.Code == PurposeContact || b.PurposeID != nil && one.ID == *b.PurposeID {
			purpose = one
		}
	}
	source, at := ConsentByStaff, c.now
	if c.by.Kind == site.KindAPIKey {
		source = ConsentByAPI
	}
	if b.At != nil {
		at = *b.At
	}
	var out []*ConsentEntry
	for _, r := range p.living(c) {
		if purpose == nil || purpose.ArchivedAt != nil {
			p.refused[r.ID] = fault.Invalid(fault.Unknown, nil, "this purpose has been put away since")
			continue
		}
		out = append(out, &ConsentEntry{ContactID: r.ID, PurposeID: purpose.ID, Channel: b.Channel, State: b.State, At: at, Source: source, Note: b.Note})
	}
	return out
}

// listedWith tells whether a contact is listed once these consents hold: mayBeListed, before it is written.
func listedWith(of site.Site, purposes []*ConsentPurpose, r *Record, before map[consentKey]*Consent, held []*Consent) bool {
	if of.ConsentPolicy != site.OnConsent {
		return r.Listed
	}
	var contact uuid.UUID
	for _, p := range purposes {
		if p.Code == PurposeContact {
			contact = p.ID
		}
	}
	states := map[ConsentChannel]ConsentState{}
	for _, channel := range channels {
		if k := before[consentKey{r.ID, contact, channel}]; k != nil {
			states[channel] = k.State
		}
	}
	for _, k := range held {
		if k.ContactID == r.ID && k.PurposeID == contact {
			states[k.Channel] = k.State
		}
	}
	for _, state := range states {
		if state == ConsentGiven {
			return true
		}
	}
	return false
}

func keepOf[T any](changes map[uuid.UUID]Changes, rows []T, contact func(T) uuid.UUID) []T {
	out := make([]T, 0, len(rows))
	for _, row := range rows {
		if _, changed := changes[contact(row)]; changed {
			out = append(out, row)
		}
	}
	return out
}
