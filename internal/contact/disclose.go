package contact

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// The sections that the book gives of a person.
const (
	SectionContact    = "contact" // one item
	SectionMerged     = "merged"  // records that became part of it
	SectionAnswers    = "answers"
	SectionReferences = "references"
	SectionLinks      = "links"
	SectionGroups     = "groups"
	SectionLabels     = "labels"
	SectionNotes      = "notes"
	SectionConsents   = "consents"
	SectionHistory    = "history"
	SectionImports    = "imports"
	SectionBatches    = "batches"
)

// disclosure is one person's, in the making.
type disclosure struct {
	of       site.Site
	id       uuid.UUID
	language string
	fields   []*field.Definition
	own      bool // to the person itself, who does not see by what contacts are sorted
	give     account.Disclosure
}

// sorting are the attributes by which contacts are sorted: filters are internal, and end users do not see them (T-62, G-28).
var sorting = []string{"color", "labels"}

// Disclose gives all that the book holds about a contact, to the contact or to who may read all of it: what a person has a right to
// (GDPR art. 15). Answers to internal fields, the pinned remark, groups and labels are among it, since the right knows no internal data; of free notes
// those that are marked as personal data. own leaves out by what contacts are sorted. Staff are not named (CJEU C-579/21), nor other persons (art. 15(4)). q is to be one snapshot. The caller has the right.
// NotFound.
func Disclose(ctx context.Context, q bun.IDB, of site.Site, id uuid.UUID, language string, own bool, give account.Disclosure) error {
	fields, err := field.All(ctx, q, of.ID, true)
	if err != nil {
		return err
	}
	d := disclosure{of, id, site.NearestLanguage(language, of.Language), fields, own, give}
	for _, part := range []func(context.Context, bun.IDB) error{d.records, d.links, d.classes, d.notes, d.consents, d.history, d.imports, d.batches} {
		if err := part(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

type answerItem struct {
	FieldID  uuid.UUID       `json:"fieldId"`
	Field    string          `json:"field"`
	Internal bool            `json:"internal,omitempty"` // asked nowhere: staff answer it
	Value    json.RawMessage `json:"value"`
	Display  string          `json:"display"`
}

// records gives the contact, what was merged into it, and its answers and references.
func (d disclosure) records(ctx context.Context, q bun.IDB) error {
	var rows []*Record
	err := q.NewSelect().Model(&rows).Where("site_id = ?0 AND (id = ?1 OR merged_into = ?1)", d.of.ID, d.id).OrderExpr("merged_into NULLS FIRST, id").Scan(ctx)
	if err != nil {
		return db.MapError(err, "read contact")
	}
	if len(rows) == 0 || rows[0].ID != d.id {
		return fault.Missing("contact")
	}
	all, err := options(ctx, q, d.of.ID, "", true)
	if err != nil {
		return err
	}
	organizations := []uuid.UUID{}
	for _, r := range rows {
		if r.AddressOf != nil {
			organizations = append(organizations, *r.AddressOf)
		}
	}
	named, err := recordsByID(ctx, q, d.of.ID, organizations)
	if err != nil {
		return err
	}
	for i, r := range rows {
		section, item := SectionContact, attributesOf(r, all, named)
		maps.DeleteFunc(item, func(name string, _ any) bool { return d.hides(name) })
		if i > 0 {
			section, item["answers"] = SectionMerged, d.answersOf(r)
		}
		if err := d.give(section, item); err != nil {
			return err
		}
	}
	for _, one := range d.answersOf(rows[0]) {
		if err := d.give(SectionAnswers, one); err != nil {
			return err
		}
	}
	references, err := referencesOf(ctx, q, rows[0])
	if err != nil {
		return err
	}
	for _, one := range references {
		if err := d.give(SectionReferences, one); err != nil {
			return err
		}
	}
	return nil
}

// hides tells whether an attribute is kept from who gets this.
func (d disclosure) hides(attribute string) bool {
	return d.own && slices.Contains(sorting, attribute)
}

// answersOf gives a record's answers, to archived fields too, in the fields' order.
func (d disclosure) answersOf(r *Record) []answerItem {
	out := []answerItem{}
	for _, def := range d.fields {
		if v, answered := r.Answers[def.ID.String()]; answered {
			out = append(out, answerItem{def.ID, def.LabelIn(d.language), def.Internal(), json.RawMessage(v), d.display(def, v)})
		}
	}
	return out
}

// attributesOf gives what is known of a record under the names that its history has, without what is empty.
func attributesOf(r *Record, all []*Option, named map[uuid.UUID]*Record) map[string]any {
	r.complete()
	known := Changes{}
	for _, a := range attributes {
		known[a.name] = Delta{After: a.read(r)}
	}
	nameOptionsOf(all, known)
	out := map[string]any{"number": r.Number, "kind": r.Kind, "source": r.Source, "created": r.CreatedAt, "changed": r.UpdatedAt}
	for name, v := range known {
		if b, err := json.Marshal(v.After); err == nil && string(b) != `""` && string(b) != "null" && string(b) != "[]" {
			out[name] = v.After
		}
	}
	if r.AddressOf != nil && named[*r.AddressOf] != nil {
		out["address.of"] = named[*r.AddressOf].DisplayName()
	}
	if r.DeletedAt != nil {
		out["deleted"] = r.DeletedAt
	}
	return out
}

// display writes an answer as people read it.
func (d disclosure) display(def *field.Definition, v field.Value) string {
	return answerCellOf(def, v, exportLanguages[d.language])
}

// disclosedLinks are a contact's links, seen from its end. ?0 the site, ?1 the contact.
const disclosedLinks = `
SELECT CASE WHEN l.from_id = ?1 THEN t.name ELSE t.reverse_name END AS type, o.kind, o.name, l.role, l.since, l.until, l.work_email, l.work_phone, l.note
FROM affiliation l
JOIN link_type t ON t.site_id = l.site_id AND t.id = l.type_id
JOIN contact o ON o.site_id = l.site_id AND o.id = CASE WHEN l.from_id = ?1 THEN l.to_id ELSE l.from_id END
WHERE l.site_id = ?0 AND (l.from_id = ?1 OR l.to_id = ?1) ORDER BY l.id`

type linkItem struct {
	Type      string     `json:"type"`
	With      Kind       `json:"with" bun:"kind"`
	Name      string     `json:"name,omitempty"` // of an organization
	Role      string     `json:"role,omitempty"`
	Since     *time.Time `json:"since,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	WorkEmail string     `json:"workEmail,omitempty"`
	WorkPhone string     `json:"workPhone,omitempty"`
	Note      string     `json:"note,omitempty"`
}

// links gives the links to others. A person at the other end is not named: that is their own data.
func (d disclosure) links(ctx context.Context, q bun.IDB) error {
	var rows []linkItem
	if err := q.NewRaw(disclosedLinks, d.of.ID, d.id).Scan(ctx, &rows); err != nil {
		return db.MapError(err, "read links")
	}
	for _, one := range rows {
		if one.With == KindPerson {
			one.Name = ""
		}
		if err := d.give(SectionLinks, one); err != nil {
			return err
		}
	}
	return nil
}

// classes gives groups and labels by their names.
func (d disclosure) classes(ctx context.Context, q bun.IDB) error {
	groups, err := groupsOf(ctx, q, d.of.ID, []uuid.UUID{d.id})
	if err != nil {
		return err
	}
	for _, one := range groups[d.id] {
		if err := d.give(SectionGroups, one.Name); err != nil {
			return err
		}
	}
	if d.hides("labels") {
		return nil
	}
	labels, err := labelsOf(ctx, q, d.of.ID, []uuid.UUID{d.id})
	if err != nil {
		return err
	}
	for _, one := range labels[d.id] {
		if err := d.give(SectionLabels, one.Name); err != nil {
			return err
		}
	}
	return nil
}

type noteItem struct {
	Text    string    `json:"text"`
	Written time.Time `json:"written"`
	Changed time.Time `json:"changed"`
}

func (d disclosure) notes(ctx context.Context, q bun.IDB) error {
	var rows []*Note
	err := q.NewSelect().Model(&rows).Where("site_id = ? AND contact_id = ? AND personal_data", d.of.ID, d.id).Order("id").Scan(ctx)
	if err != nil {
		return db.MapError(err, "read notes")
	}
	for _, n := range rows {
		if err := d.give(SectionNotes, noteItem{n.Text, n.CreatedAt, n.UpdatedAt}); err != nil {
			return err
		}
	}
	return nil
}
