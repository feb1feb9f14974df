package contact

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// PurposeContact is the code of the purpose that every site has: to be contacted at all.
const PurposeContact = "contact"

// MaxPurposes is how many consent purposes a site has at most.
const MaxPurposes = 50

// ConsentPurpose is what consent is asked for.
type ConsentPurpose struct {
	bun.BaseModel `bun:"table:consent_purpose"`

	SiteID       uuid.UUID `bun:",pk"`
	ID           uuid.UUID `bun:",pk"`
	Code         string
	Name         string
	Description  string
	Translations json.RawMessage `bun:"type:jsonb"` // {"fr": {"name": ..., "description": ...}}
	Position     int
	Measures     bool // who agrees lets it be measured whether they open messages and follow their links
	DoubleOptIn  bool // what people say by themselves counts once they have used a link in a mail
	ArchivedAt   *time.Time
	CreatedAt    time.Time `bun:",nullzero"`
	UpdatedAt    time.Time `bun:",nullzero"`
}

// BuiltIn tells whether the purpose is the one that every site has.
func (p *ConsentPurpose) BuiltIn() bool { return p.Code == PurposeContact }

// NameIn gives the name in a language, or as it was first written.
func (p *ConsentPurpose) NameIn(language string) string {
	var texts map[string]struct{ Name string }
	if json.Unmarshal(p.Translations, &texts) == nil && texts[language].Name != "" { // what is stored was checked
		return texts[language].Name
	}
	return p.Name
}

// ConsentWording is a sentence that people agree to. {site} stands for the site's name.
type ConsentWording struct {
	bun.BaseModel `bun:"table:consent_wording"`

	SiteID    uuid.UUID `bun:",pk"`
	PurposeID uuid.UUID `bun:",pk"`
	Version   int       `bun:",pk"`
	Language  string    `bun:",pk"`
	Text      string
	CreatedAt time.Time `bun:",nullzero"`
	CreatedBy string
}

// PurposeChange is what is to be written to a purpose; nil = unchanged.
type PurposeChange struct {
	Name, Description *string
	Translations      *json.RawMessage
	Position          *int
	Archived          *bool
	DoubleOptIn       *bool
	Measures          *bool
	Wording           map[string]string // texts by language; those that differ make a new version
}

// PurposesOf gives a site's purposes in their order, archived ones too; for what composes inside a transaction.
func PurposesOf(ctx context.Context, q bun.IDB, siteID uuid.UUID) ([]*ConsentPurpose, error) {
	rows := []*ConsentPurpose{}
	err := q.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("position", "id").Scan(ctx)
	return rows, db.MapError(err, "read consent purposes")
}

// livePurpose gives a purpose that consent can be recorded for; without an id, "contact".
func livePurpose(ctx context.Context, q bun.IDB, siteID uuid.UUID, id *uuid.UUID) (*ConsentPurpose, error) {
	row := new(ConsentPurpose)
	sel := q.NewSelect().Model(row).Where("site_id = ?", siteID)
	if id == nil {
		sel = sel.Where("code = ?", PurposeContact)
	} else {
		sel = sel.Where("id = ?", *id)
	}
	err := sel.Scan(ctx)
	switch {
	case db.NoRows(err):
		return nil, fault.Invalid(fault.Unknown, []string{"purposeId"}, "the site has no such consent purpose")
	case err != nil:
		return nil, db.MapError(err, "read consent purpose")
	case row.ArchivedAt != nil:
		return nil, fault.Invalid(fault.InvalidValue, []string{"purposeId"}, "this purpose is put away; bring it back to record consent for it")
	}
	return row, nil
}

// Purposes gives the purposes in their order. Needs a viewer.
func (s *Service) Purposes(ctx context.Context, archived bool) ([]*ConsentPurpose, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	rows, err := PurposesOf(ctx, s.db.Bun, a.SiteID)
	if !archived {
		rows = slices.DeleteFunc(rows, func(p *ConsentPurpose) bool { return p.ArchivedAt != nil })
	}
	return rows, err
}

// WordingsOf gives every wording of many purposes at once, the newest version first; for lists
// within lists. Needs a viewer.
func (s *Service) WordingsOf(ctx context.Context, purposes []uuid.UUID) (map[uuid.UUID][]*ConsentWording, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(purposes) == 0 {
		return nil, err
	}
	var rows []*ConsentWording
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND purpose_id IN (?)", a.SiteID, bun.List(purposes)).Order("version DESC", "language").Scan(ctx)
	if err != nil {
		return nil, db.MapError(err, "read wordings")
	}
	out := map[uuid.UUID][]*ConsentWording{}
	for _, row := range rows {
		out[row.PurposeID] = append(out[row.PurposeID], row)
	}
	return out, nil
}

// Latest keeps the wordings of the newest version, of a list with the newest first.
func Latest(all []*ConsentWording) []*ConsentWording {
	for i, w := range all {
		if w.Version != all[0].Version {
			return all[:i]
		}
	}
	return all
}

// AskedWording gives what sign-up asks: the wording in force, in a language or, where it has none of
// it, in the site's, with the site's name in it. It is public and asks no actor.
func (s *Service) AskedWording(ctx context.Context, of site.Site, language string) (ConsentWording, error) {
	var rows []*ConsentWording
	err := s.db.Bun.NewSelect().Model(&rows).Join("JOIN consent_purpose AS p ON p.site_id = consent_wording.site_id AND p.id = consent_wording.purpose_id").
		Where("consent_wording.site_id = ? AND p.code = ?", of.ID, PurposeContact).OrderExpr("consent_wording.version DESC, language").Scan(ctx)
	if err != nil {
		return ConsentWording{}, db.MapError(err, "read wording")
	}
	for _, want := range []string{language, of.Language, "en"} {
		for _, w := range Latest(rows) {
			if w.Language == want {
				w.Text = strings.ReplaceAll(w.Text, "{site}", of.Name)
				return *w, nil
			}
		}
	}
	return ConsentWording{}, fault.New(fault.Internal, "the site has no wording to ask for consent")
}

var purposeCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// CreatePurpose adds a purpose at the end. Needs a manager.
func (s *Service) CreatePurpose(ctx context.Context, code string, c PurposeChange) (*ConsentPurpose, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := &ConsentPurpose{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Code: strings.TrimSpace(code), Translations: json.RawMessage("{}")}
	if !purposeCode.MatchString(row.Code) {
		return nil, fault.Invalid(fault.InvalidValue, []string{"code"}, "a code has 1 to 40 small letters, digits or underscores and begins with a letter")
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		have, err := PurposesOf(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if len(have) >= MaxPurposes {
			return fault.Invalid(fault.TooLong, nil, "a site has at most %d consent purposes", MaxPurposes)
		}
		for _, p := range have {
			row.Position = max(row.Position, p.Position+1)
		}
		if err := c.apply(row, s.now()); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Returning("created_at, updated_at").Exec(ctx); err != nil {
			return fault.Under(db.MapError(err, "insert consent purpose"), "code")
		}
		return addWording(ctx, tx, row, c.Wording, a.Name)
	})
	return row, err
}

// UpdatePurpose changes a purpose; a changed wording becomes a new version, and what was agreed to
// before stays what it was. Needs a manager.
func (s *Service) UpdatePurpose(ctx context.Context, id uuid.UUID, c PurposeChange) (*ConsentPurpose, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	row := new(ConsentPurpose)
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Two changes of the wording at once take turns.
		err := tx.NewSelect().Model(row).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx)
		if err != nil {
			return db.Missing(err, "consent purpose", "lock consent purpose")
		}
		if err := c.apply(row, s.now()); err != nil {
			return err
		}
		row.UpdatedAt = s.now()
		if _, err := tx.NewUpdate().Model(row).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "update consent purpose")
		}
		return addWording(ctx, tx, row, c.Wording, a.Name)
	})
	return row, err
}

func (c PurposeChange) apply(row *ConsentPurpose, now time.Time) error {
	v := checker{}
	v.text(&row.Name, c.Name, 200, "name")
	v.text(&row.Description, c.Description, 2000, "description")
	if row.Name == "" && len(v.list) == 0 {
		v.add(fault.Required, []string{"name"}, "a purpose needs a name")
	}
	if c.Translations != nil {
		var texts map[string]struct{ Name, Description string }
		if json.Unmarshal(*c.Translations, &texts) != nil {
			v.add(fault.WrongType, []string{"translations"}, `translations are texts by language, for example {"fr": {"name": "..."}}`)
		}
		row.Translations = *c.Translations
	}
	assign(&row.Position, c.Position)
	assign(&row.DoubleOptIn, c.DoubleOptIn)
	assign(&row.Measures, c.Measures)
	switch {
	case c.Archived == nil || *c.Archived == (row.ArchivedAt != nil):
	case !*c.Archived:
		row.ArchivedAt = nil
	case row.BuiltIn():
		v.add(fault.InvalidValue, []string{"archived"}, "every site asks whether it may contact people; this purpose stays")
	default:
		row.ArchivedAt = &now
	}
	for language, text := range c.Wording {
		v.wording(language, text)
	}
	return v.list.Err()
}

func (v *checker) wording(language, text string) {
	switch {
	case !slices.Contains(site.Languages, language):
		v.add(fault.InvalidValue, []string{"wording", language}, "the languages are %s", strings.Join(site.Languages, ", "))
	case strings.TrimSpace(text) == "":
		v.add(fault.Required, []string{"wording", language}, "say what people agree to")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		v.add(fault.InvalidText, []string{"wording", language}, "this text is not valid UTF-8")
	case utf8.RuneCountInString(text) > 2000:
		v.add(fault.TooLong, []string{"wording", language}, "at most 2000 characters")
	}
}

// addWording makes a new version of the texts when one of them differs from the version in force;
// languages that are not named keep theirs.
func addWording(ctx context.Context, tx bun.IDB, p *ConsentPurpose, texts map[string]string, by string) error {
	var all []*ConsentWording
	if err := tx.NewSelect().Model(&all).Where("site_id = ? AND purpose_id = ?", p.SiteID, p.ID).Order("version DESC", "language").Scan(ctx); err != nil {
		return db.MapError(err, "read wordings")
	}
	next, version := map[string]string{}, 0
	for _, w := range Latest(all) {
		next[w.Language], version = w.Text, w.Version
	}
	before := maps.Clone(next)
	for language, text := range texts {
		next[language] = strings.TrimSpace(text)
	}
	if maps.Equal(before, next) {
		return nil
	}
	rows := make([]*ConsentWording, 0, len(next))
	for _, language := range slices.Sorted(maps.Keys(next)) {
		rows = append(rows, &ConsentWording{SiteID: p.SiteID, PurposeID: p.ID, Version: version + 1, Language: language, Text: next[language], CreatedBy: by})
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return db.MapError(err, "insert wording version "+strconv.Itoa(version+1))
}
