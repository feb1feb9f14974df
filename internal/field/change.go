package field

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Create adds a field at the end. Needs a manager.
func (s *Service) Create(ctx context.Context, in Definition) (*Definition, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := in
	row.SiteID, row.ID = a.SiteID, uuid.Must(uuid.NewV7())
	if err := row.normalize(nil); err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockFields(ctx, tx, a.SiteID); err != nil {
			return err
		}
		if err := checkConditions(ctx, tx, &row); err != nil {
			return err
		}
		var err error
		if row.Position, err = room(ctx, tx, a.SiteID); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&row).Returning("*").Exec(ctx)
		return fault.Under(db.MapError(err, "insert field"), "label")
	})
	if err != nil {
		return nil, err
	}
	return &row, nil
}

// room gives the place of one more living field, the last; an error when there are as many as a site holds.
func room(ctx context.Context, tx bun.Tx, siteID uuid.UUID) (last int, err error) {
	var living int
	err = tx.NewRaw("SELECT count(*) FILTER (WHERE archived_at IS NULL), coalesce(max(position) + 1, 0) FROM custom_field WHERE site_id = ?", siteID).Scan(ctx, &living, &last)
	if err == nil && living >= MaxFields {
		return 0, fault.Invalid(fault.TooLong, nil, "a site has at most %d fields; archive one first", MaxFields)
	}
	return last, db.MapError(err, "count fields")
}

// Update is a change of a field; nil = unchanged. The type never changes.
type Update struct {
	Label, Help                                     *string
	Translations                                    *Translations
	Required, OnRegistration, OnCheckout, OnProfile *bool
	Choices                                         *[]Choice
	Multiple                                        **Mode
	MinChoices, MaxChoices                          **int
	ShowIf                                          *[]Condition
	Position                                        *int
	Archived                                        *bool
}

// Update changes a field; its flags too, at any time (T-61). A choice that is left out takes the
// answers that picked it along, in the same transaction. Needs a manager.
func (s *Service) Update(ctx context.Context, id uuid.UUID, in Update) (*Definition, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	var row *Definition
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := lockFields(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if row, err = byID(ctx, tx, a.SiteID, id, true); err != nil {
			return err
		}
		before, archived := row.Choices, row.ArchivedAt != nil
		in.apply(row)
		if archived && row.ArchivedAt == nil {
			if _, err := room(ctx, tx, a.SiteID); err != nil {
				return err
			}
		}
		if err := row.normalize(before); err != nil {
			return err
		}
		if err := checkConditions(ctx, tx, row); err != nil {
			return err
		}
		if in.Position != nil {
			if err := move(ctx, tx, row, *in.Position); err != nil {
				return err
			}
		}
		row.UpdatedAt = time.Now()
		if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
			return fault.Under(db.MapError(err, "update field"), "label")
		}
		return dropChoices(ctx, tx, row, before)
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

func (in Update) apply(row *Definition) {
	set(&row.Label, in.Label)
	set(&row.Help, in.Help)
	set(&row.Translations, in.Translations)
	set(&row.Required, in.Required)
	set(&row.OnRegistration, in.OnRegistration)
	set(&row.OnCheckout, in.OnCheckout)
	set(&row.OnProfile, in.OnProfile)
	set(&row.Choices, in.Choices)
	set(&row.Multiple, in.Multiple)
	set(&row.MinChoices, in.MinChoices)
	set(&row.MaxChoices, in.MaxChoices)
	set(&row.ShowIf, in.ShowIf)
	if in.Archived != nil && *in.Archived != (row.ArchivedAt != nil) {
		row.ArchivedAt = nil
		if *in.Archived {
			now := time.Now()
			row.ArchivedAt = &now
		}
	}
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// move puts the field at a place among the living ones.
func move(ctx context.Context, tx bun.Tx, row *Definition, to int) error {
	all, err := All(ctx, tx, row.SiteID, true)
	if err != nil {
		return err
	}
	return db.MoveTo(ctx, tx, all, row, to, func(d *Definition) (uuid.UUID, *int) { return d.ID, &d.Position })
}

// forgetChoices takes removed choices out of every answer: a single pick is cleared, of several the rest stays.
const forgetChoices = `
UPDATE contact SET updated_at = now(), answers =
    CASE WHEN jsonb_typeof(answers -> ?0) = 'array' AND (answers -> ?0) - ?1::text[] <> '[]'
         THEN jsonb_set(answers, ARRAY[?0], (answers -> ?0) - ?1::text[])
         ELSE answers - ?0 END
WHERE site_id = ?2 AND (answers ->> ?0 = ANY (?1::text[]) OR jsonb_exists_any(answers -> ?0, ?1::text[]))`

func dropChoices(ctx context.Context, tx bun.Tx, row *Definition, before []Choice) error {
	var gone []string
	for _, c := range before {
		if _, stays := row.choice(c.ID); !stays {
			gone = append(gone, c.ID.String())
		}
	}
	if len(gone) == 0 {
		return nil
	}
	_, err := tx.NewRaw(forgetChoices, row.ID.String(), "{"+strings.Join(gone, ",")+"}", row.SiteID).Exec(ctx)
	return db.MapError(err, "forget removed choices")
}
