package contact

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/site"
)

// disclosedAtOnce is how many entries of a disclosure are in memory.
const disclosedAtOnce = 500

// inChunks reads rows of the contact and of what was merged into it, oldest first.
func inChunks[T any](ctx context.Context, q bun.IDB, d disclosure, id func(*T) uuid.UUID, give func(*T) error) error {
	after := uuid.Nil
	for {
		var rows []*T
		err := q.NewSelect().Model(&rows).Where("site_id = ?0 AND "+family+" AND id > ?2", d.of.ID, d.id, after).Order("id").Limit(disclosedAtOnce).Scan(ctx)
		if err != nil {
			return db.MapError(err, "read what is disclosed")
		}
		for _, row := range rows {
			if err := give(row); err != nil {
				return err
			}
			after = id(row)
		}
		if len(rows) < disclosedAtOnce {
			return nil
		}
	}
}

type consentItem struct {
	Purpose  string         `json:"purpose"`
	Channel  ConsentChannel `json:"channel"`
	State    ConsentState   `json:"state"`
	At       time.Time      `json:"at"`
	Asked    *time.Time     `json:"asked,omitempty"` // of one that was confirmed: when it was said
	Recorded time.Time      `json:"recorded"`
	Source   ConsentSource  `json:"source"`
	By       string         `json:"by"`
	Wording  *int           `json:"wordingVersion,omitempty"`
	Language *string        `json:"wordingLanguage,omitempty"`
	Note     string         `json:"note,omitempty"`
}

// consents gives the ledger.
func (d disclosure) consents(ctx context.Context, q bun.IDB) error {
	purposes, err := PurposesOf(ctx, q, d.of.ID)
	if err != nil {
		return err
	}
	names := map[uuid.UUID]string{}
	for _, p := range purposes {
		names[p.ID] = p.nameIn(d.language)
	}
	return inChunks(ctx, q, d, func(e *ConsentEntry) uuid.UUID { return e.ID }, func(e *ConsentEntry) error {
		return d.give(SectionConsents, consentItem{
			names[e.PurposeID], e.Channel, e.State, e.At, e.AskedAt, e.RecordedAt, e.Source, who(e.ActorKind), e.WordingVersion, e.WordingLanguage, e.Note,
		})
	})
}

type historyItem struct {
	At       time.Time `json:"at"`
	Action   Action    `json:"action"`
	By       string    `json:"by"`
	OnBehalf bool      `json:"onBehalf,omitempty"` // staff in the person's account
	Surface  string    `json:"surface"`
	Changes  Changes   `json:"changes,omitempty"`
}

// history gives what became of the record and of its account. A merge that was undone is told without its values: they may be another person's.
func (d disclosure) history(ctx context.Context, q bun.IDB) error {
	var parted []uuid.UUID
	err := q.NewSelect().Model((*Merge)(nil)).Column("id").Where("site_id = ?0 AND undone_at IS NOT NULL AND ?1 IN (survivor_id, merged_id)", d.of.ID, d.id).Scan(ctx, &parted)
	if err != nil && !db.NoRows(err) {
		return db.MapError(err, "read undone merges")
	}
	return inChunks(ctx, q, d, func(e *Entry) uuid.UUID { return e.ID }, func(e *Entry) error {
		if e.MergeID != nil && slices.Contains(parted, *e.MergeID) {
			e.Changes = nil
		}
		shown := d.tellable(e.Changes)
		if len(shown) == 0 && len(e.Changes) > 0 {
			return nil
		}
		return d.give(SectionHistory, historyItem{e.At, e.Action, who(e.ActorKind), e.OnBehalf, e.Surface, shown})
	})
}

// tellable gives changes as they are disclosed: answers in words, notes that are personal data, links without their ends, not what is hidden.
func (d disclosure) tellable(changes Changes) Changes {
	shown := Changes{}
	for name, delta := range changes {
		if d.hides(name) {
			continue
		}
		if def := d.asked(name); def != nil {
			delta = Delta{Before: d.answerText(def, delta.Before), After: d.answerText(def, delta.After)}
		}
		switch {
		case strings.HasPrefix(name, "notes."):
			delta = Delta{Before: personalText(delta.Before), After: personalText(delta.After)}
			if delta == (Delta{}) {
				continue
			}
		case name == "affiliation":
			delta = Delta{Before: withoutEnds(delta.Before), After: withoutEnds(delta.After)}
		}
		shown[name] = delta
	}
	return shown
}

// asked gives the field that an attribute of a change is the answer to; nil: none.
func (d disclosure) asked(attribute string) *field.Definition {
	id, is := strings.CutPrefix(attribute, answerPrefix)
	for _, def := range d.fields {
		if is && def.ID.String() == id {
			return def
		}
	}
	return nil
}

// who tells whose doing something was, without a name.
func who(kind site.Kind) string {
	switch kind {
	case site.KindAccount:
		return "you"
	case site.KindAPIKey:
		return "program"
	}
	return string(kind)
}

// answerText writes an answer of a history entry as people read it; nil stays.
func (d disclosure) answerText(def *field.Definition, v any) any {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return d.display(def, b)
}

// withoutEnds takes out of a link, as a history entry keeps it, who is linked: present links name organizations.
func withoutEnds(v any) any {
	link, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := maps.Clone(link)
	for _, end := range []string{"from", "fromId", "to", "toId"} {
		delete(out, end)
	}
	return out
}

// personalText gives the text of a note, as a history entry keeps it, when the note was marked as personal data; else nil.
func personalText(v any) any {
	if note, ok := v.(map[string]any); ok && note["personalData"] == true {
		return note["text"]
	}
	return nil
}
