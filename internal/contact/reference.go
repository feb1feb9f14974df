package contact

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Reference is the number of a record in an earlier system, or in another one (G-10). Among the
// living contacts of a site it is one contact's only; the trash does not count.
type Reference struct {
	Source     string `json:"source"`
	ExternalID string `json:"externalId"`
}

type referenceRow struct {
	bun.BaseModel `bun:"table:contact_reference,alias:reference"`

	SiteID     uuid.UUID `bun:",pk"`
	ContactID  uuid.UUID `bun:",pk"`
	Source     string    `bun:",pk"`
	ExternalID string    `bun:",pk"`
	Living     bool
}

func compareReferences(a, b Reference) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ExternalID, b.ExternalID))
}

// checkReferences trims and checks the whole set of a contact's references, in their order.
func checkReferences(given []Reference) ([]Reference, error) {
	v := checker{}
	if len(given) > MaxReferences {
		v.add(fault.TooLong, []string{"references"}, "at most %d references; this has %d", MaxReferences, len(given))
		return nil, v.list.Err()
	}
	kept := []Reference{}
	for i, ref := range given {
		at := strconv.Itoa(i)
		var to Reference
		v.text(&to.Source, &ref.Source, 100, "references", at, "source")
		v.text(&to.ExternalID, &ref.ExternalID, 200, "references", at, "externalId")
		if to.Source == "" || to.ExternalID == "" {
			v.add(fault.Required, []string{"references", at}, "a reference is a source and the number there")
		} else if slices.Contains(kept, to) {
			v.add(fault.Duplicate, []string{"references", at}, "%s of %s is given twice", to.ExternalID, to.Source)
		}
		kept = append(kept, to)
	}
	return kept, v.list.Err()
}

// findTaken finds the living holders of references that other contacts want.
const findTaken = `
SELECT r.source, r.external_id, c.number FROM contact_reference r
JOIN contact c ON c.site_id = r.site_id AND c.id = r.contact_id
JOIN unnest(?1::text[], ?2::text[]) AS want (source, external_id) ON want.source = r.source AND want.external_id = r.external_id
WHERE r.site_id = ?0 AND r.living AND r.contact_id NOT IN (?3)`

type taken struct {
	Reference `bun:",extend"`
	Number    int64
}

func holders(ctx context.Context, tx bun.IDB, siteID uuid.UUID, wanted []Reference, by []uuid.UUID) ([]taken, error) {
	sources, ids := make([]string, len(wanted)), make([]string, len(wanted))
	for i, ref := range wanted {
		sources[i], ids[i] = ref.Source, ref.ExternalID
	}
	var rows []taken
	err := tx.NewRaw(findTaken, siteID, pgdialect.Array(sources), pgdialect.Array(ids), bun.List(by)).Scan(ctx, &rows)
	return rows, db.MapError(err, "find references")
}

// referencesOf gives a contact's references in their order.
func referencesOf(ctx context.Context, tx bun.IDB, r *Record) ([]Reference, error) {
	var have []referenceRow
	if err := tx.NewSelect().Model(&have).Where("site_id = ? AND contact_id = ?", r.SiteID, r.ID).Scan(ctx); err != nil {
		return nil, db.MapError(err, "read references")
	}
	out := make([]Reference, len(have))
	for i, row := range have {
		out[i] = Reference{row.Source, row.ExternalID}
	}
	slices.SortFunc(out, compareReferences)
	return out, nil
}

// setReferences makes a list the whole set of a contact's references and gives it before and after, in order.
func setReferences(ctx context.Context, tx bun.IDB, r *Record, given []Reference) (was, is []Reference, err error) {
	given, err = checkReferences(given)
	if err != nil {
		return nil, nil, err
	}
	if was, err = referencesOf(ctx, tx, r); err != nil {
		return nil, nil, err
	}
	is = slices.Clone(given)
	slices.SortFunc(is, compareReferences)
	if slices.Equal(was, is) {
		return was, is, nil
	}
	if len(given) > 0 {
		others, err := holders(ctx, tx, r.SiteID, given, []uuid.UUID{r.ID})
		if err != nil {
			return nil, nil, err
		}
		v := checker{}
		for _, o := range others {
			at := strconv.Itoa(slices.Index(given, o.Reference))
			v.add(fault.Taken, []string{"references", at}, "%s of %s belongs to contact number %d", o.ExternalID, o.Source, o.Number)
		}
		if err := v.list.Err(); err != nil {
			return nil, nil, err
		}
	}
	if _, err := tx.NewDelete().Model((*referenceRow)(nil)).Where("site_id = ? AND contact_id = ?", r.SiteID, r.ID).Exec(ctx); err != nil {
		return nil, nil, db.MapError(err, "drop references")
	}
	if len(is) == 0 {
		return was, is, nil
	}
	rows := make([]referenceRow, len(is))
	for i, ref := range is {
		rows[i] = referenceRow{SiteID: r.SiteID, ContactID: r.ID, Source: ref.Source, ExternalID: ref.ExternalID, Living: true}
	}
	_, err = tx.NewInsert().Model(&rows).Exec(ctx)
	return was, is, fault.Under(db.MapError(err, "insert references"), "references")
}

// reviveReferences lets references count, or not, as their contacts leave or enter the trash.
// Conflict when a living contact has one of them by now.
func reviveReferences(ctx context.Context, tx bun.IDB, rows []*Record, living bool) error {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	siteID := rows[0].SiteID
	if living {
		var back []referenceRow
		err := tx.NewSelect().Model(&back).Where("site_id = ? AND contact_id IN (?)", siteID, bun.List(ids)).Scan(ctx)
		if err != nil {
			return db.MapError(err, "read references")
		}
		if len(back) == 0 {
			return nil
		}
		wanted := make([]Reference, len(back))
		for i, row := range back {
			wanted[i] = Reference{row.Source, row.ExternalID}
		}
		others, err := holders(ctx, tx, siteID, wanted, ids)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			o := others[0]
			return fault.New(fault.Conflict, "the reference %s of %s belongs to contact number %d by now; take it off that contact, then restore this one", o.ExternalID, o.Source, o.Number)
		}
	}
	_, err := tx.NewUpdate().Model((*referenceRow)(nil)).Set("living = ?", living).Where("site_id = ? AND contact_id IN (?)", siteID, bun.List(ids)).Exec(ctx)
	if db.ConstraintName(err) == "contact_reference_taken" {
		return fault.New(fault.Conflict, "two of these contacts have the same reference; restore one of them")
	}
	return db.MapError(err, "update references")
}

// ReferencesOf gives the references of many contacts at once, in order; for lists within lists.
func (s *Service) ReferencesOf(ctx context.Context, contacts []uuid.UUID) (map[uuid.UUID][]Reference, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(contacts) == 0 {
		return nil, err
	}
	return referencesOfAll(ctx, s.db.Bun, a.SiteID, contacts)
}

func referencesOfAll(ctx context.Context, q bun.IDB, siteID uuid.UUID, contacts []uuid.UUID) (map[uuid.UUID][]Reference, error) {
	var rows []referenceRow
	err := q.NewSelect().Model(&rows).Where("site_id = ? AND contact_id IN (?)", siteID, bun.List(contacts)).Order("source", "external_id").Scan(ctx)
	if err != nil {
		return nil, db.MapError(err, "read references of contacts")
	}
	out := map[uuid.UUID][]Reference{}
	for _, row := range rows {
		out[row.ContactID] = append(out[row.ContactID], Reference{row.Source, row.ExternalID})
	}
	return out, nil
}
