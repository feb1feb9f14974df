package campaign

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/site"
)

// MaxTemplates is how many templates a site keeps.
const MaxTemplates = 500

// Template is texts that are kept by name. A campaign that begins with it copies them: what becomes of the template later is not the
// campaign's.
type Template struct {
	bun.BaseModel `bun:"table:campaign_template"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Name      string
	Texts     map[string]Text `bun:"type:jsonb"` // by language
	ActorName string
	Version   int
	CreatedAt time.Time `bun:",nullzero"`
	UpdatedAt time.Time `bun:",nullzero"`
}

// MissingLanguages gives the languages in which there is no text.
func (t *Template) MissingLanguages() []string { return missing(t.Texts) }

// TemplateChange is a template as it is to be.
type TemplateChange struct {
	ID       *uuid.UUID // nil: a new one
	Version  int        // of the template that was read; 0 of a new one
	Name     string
	Texts    map[string]Text
	Campaign *uuid.UUID // whose texts are copied, when there are no others
}

// SaveTemplate keeps texts under a name. Needs a manager. Conflict when somebody else has written it meanwhile.
func (s *Service) SaveTemplate(ctx context.Context, in TemplateChange) (*Template, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	if in.Campaign != nil && len(in.Texts) == 0 {
		c, err := s.ByID(ctx, *in.Campaign)
		if err != nil {
			return nil, err
		}
		in.Texts = c.Texts
	}
	if err := s.checkTemplate(ctx, a, &in); err != nil {
		return nil, err
	}
	t := &Template{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Name: in.Name, Texts: in.Texts, ActorName: a.Name, Version: 1}
	err = s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if in.ID == nil {
			return s.addTemplate(ctx, tx, t)
		}
		was := new(Template)
		if err := tx.NewSelect().Model(was).Where("site_id = ? AND id = ?", a.SiteID, *in.ID).For("UPDATE").Scan(ctx); err != nil {
			return db.Missing(err, "template", "lock template")
		}
		if was.Version != in.Version {
			return fault.New(fault.Conflict, "somebody has changed this template meanwhile; read it again")
		}
		t.ID, t.Version = was.ID, was.Version+1
		_, err := tx.NewUpdate().Model(t).Column("name", "texts", "actor_name", "version").Set("updated_at = now()").WherePK().Returning("*").Exec(ctx)
		return db.MapError(err, "update template")
	})
	if db.ConstraintName(err) == "campaign_template_name" {
		return nil, fault.Invalid(fault.Taken, []string{"name"}, "there is a template with this name already")
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (s *Service) addTemplate(ctx context.Context, tx bun.Tx, t *Template) error {
	n, err := tx.NewSelect().Model((*Template)(nil)).Where("site_id = ?", t.SiteID).Count(ctx)
	if err != nil {
		return db.MapError(err, "count templates")
	}
	if n >= MaxTemplates {
		return fault.Invalid(fault.TooLong, nil, "a site keeps at most %d templates", MaxTemplates)
	}
	_, err = tx.NewInsert().Model(t).Returning("*").Exec(ctx)
	return db.MapError(err, "insert template")
}

func (s *Service) checkTemplate(ctx context.Context, a site.Actor, in *TemplateChange) error {
	fields, err := field.All(ctx, s.DB.Bun, a.SiteID, false)
	if err != nil {
		return err
	}
	var v checker
	v.name(&in.Name)
	checkTexts(&v, mailChannel{s}, in.Texts, vocabulary{fields, true}) // the campaign says which offer
	return v.list.Err()
}

// TemplateByID gives one template. Needs a manager.
func (s *Service) TemplateByID(ctx context.Context, id uuid.UUID) (*Template, error) {
	return byID[Template](ctx, s, id, "template")
}

// Templates gives the site's templates, newest first, after one. Needs a manager.
func (s *Service) Templates(ctx context.Context, first int, after string) (Page[Template], error) {
	return newest[Template](ctx, s, func(q *bun.SelectQuery) (*bun.SelectQuery, error) { return q, nil }, first, after, "templates")
}

// DeleteTemplate forgets a template. Campaigns that began with it keep their texts. Needs a manager.
func (s *Service) DeleteTemplate(ctx context.Context, id uuid.UUID) error {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return err
	}
	res, err := s.DB.Bun.NewDelete().Model((*Template)(nil)).Where("site_id = ? AND id = ?", a.SiteID, id).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete template")
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Missing("template")
	}
	return nil
}

// textsOfTemplate gives the texts of a template to begin a campaign with.
func (s *Service) textsOfTemplate(ctx context.Context, siteID, id uuid.UUID) (map[string]Text, error) {
	t := new(Template)
	err := s.DB.Bun.NewSelect().Model(t).Where("site_id = ? AND id = ?", siteID, id).Scan(ctx)
	if db.NoRows(err) {
		return nil, fault.Invalid(fault.Unknown, []string{"templateId"}, "the site has no template with this id")
	}
	return t.Texts, db.MapError(err, "read template")
}
