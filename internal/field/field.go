// Package field holds the site's own questions: their definitions (T-37 to T-61) and the checking
// of answers. A type of question is one file (yesno.go, text.go, number.go, ...) and one line in Types.
//
// Answers are stored by field id, choices by choice id, so that renaming loses nothing.
package field

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// MaxChoices is how many choices a dropdown holds at most (T-48).
const MaxChoices = 20

// MaxFields is how many living fields a site holds at most (G-17).
const MaxFields = 200

// Surface is a place where a field shows.
type Surface string

// The surfaces. A field that shows on none is internal (T-60).
const (
	Registration Surface = "registration"
	Checkout     Surface = "checkout"
	Profile      Surface = "profile"
)

// Mode says how many choices may be picked.
type Mode string

// The modes (T-50 to T-52). An empty Mode is a single choice.
const (
	Unlimited Mode = "unlimited"
	Exact     Mode = "exact"
	Range     Mode = "range"
)

// Texts are a field's or choice's texts in one more language.
type Texts struct {
	Label string `json:"label,omitempty"`
	Help  string `json:"help,omitempty"`
}

// Translations are texts by language code.
type Translations map[string]Texts

// Choice is an item of a dropdown.
type Choice struct {
	ID           uuid.UUID    `json:"id"`
	Label        string       `json:"label"`
	Translations Translations `json:"translations,omitempty"`
}

// Definition is a question of the site's own.
type Definition struct {
	bun.BaseModel `bun:"table:custom_field"`

	SiteID         uuid.UUID `bun:",pk"`
	ID             uuid.UUID `bun:",pk"`
	Type           string
	Label          string
	LabelKey       string
	Help           string
	Translations   Translations `bun:"type:jsonb"`
	Required       bool
	OnRegistration bool
	OnCheckout     bool
	OnProfile      bool
	Choices        []Choice `bun:"type:jsonb"`
	Multiple       *Mode
	MinChoices     *int
	MaxChoices     *int
	ShowIf         []Condition `bun:"type:jsonb"` // all must hold for the field to be asked (Asked)
	Position       int
	ArchivedAt     *time.Time
	CreatedAt      time.Time `bun:",nullzero"`
	UpdatedAt      time.Time `bun:",nullzero"`

	key   string   // the id as answers are stored by it, once All has written it; see stored
	picks [][]byte // the choices' ids as answers hold them; likewise
}

// stored gives what answers are stored by.
func (d *Definition) stored() string {
	if d.key == "" {
		return d.ID.String()
	}
	return d.key
}

// On tells whether the field shows on a surface.
func (d *Definition) On(s Surface) bool {
	switch s {
	case Registration:
		return d.OnRegistration
	case Checkout:
		return d.OnCheckout
	case Profile:
		return d.OnProfile
	}
	return false
}

// Internal tells whether only staff see the field (T-60).
func (d *Definition) Internal() bool { return !d.OnRegistration && !d.OnCheckout && !d.OnProfile }

// LabelIn gives the label in a language, else the site's.
func (d *Definition) LabelIn(language string) string {
	if t := d.Translations[site.NearestLanguage(language, "")].Label; t != "" {
		return t
	}
	return d.Label
}

// HelpIn gives the hint in a language, else the site's.
func (d *Definition) HelpIn(language string) string {
	if t := d.Translations[site.NearestLanguage(language, "")].Help; t != "" {
		return t
	}
	return d.Help
}

// In gives the field with its texts in a language, for end users.
func (d *Definition) In(language string) *Definition {
	out := *d
	out.Label, out.Help, out.Translations = d.LabelIn(language), d.HelpIn(language), nil
	out.Choices = make([]Choice, len(d.Choices))
	for i, c := range d.Choices {
		out.Choices[i] = Choice{ID: c.ID, Label: c.LabelIn(language)}
	}
	return &out
}

// LabelIn gives the choice's label in a language, else the site's.
func (c Choice) LabelIn(language string) string {
	if t := c.Translations[site.NearestLanguage(language, "")].Label; t != "" {
		return t
	}
	return c.Label
}

// choice finds a choice by id.
func (d *Definition) choice(id uuid.UUID) (Choice, bool) {
	for _, c := range d.Choices {
		if c.ID == id {
			return c, true
		}
	}
	return Choice{}, false
}

// Service answers for field definitions.
type Service struct {
	db    *db.DB
	known site.Cache[[]*Definition] // archived ones too
}

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d} }

// List gives the site's fields in order, which are not to be changed: requests share them, since every page of
// contacts asks. Needs a viewer.
func (s *Service) List(ctx context.Context, archived bool) ([]*Definition, error) {
	a, err := site.Require(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	read := func() ([]*Definition, error) { return All(ctx, s.db.Bun, a.SiteID, true) }
	var rows []*Definition
	if a.Site == nil {
		rows, err = read()
	} else {
		rows, err = s.known.Get(a.SiteID, a.Site.Version, read)
	}
	if err != nil || archived {
		return rows, err
	}
	return living(rows), nil
}

// Known gives the living fields of a site that q's transaction has read, as List does.
func (s *Service) Known(ctx context.Context, q bun.IDB, of site.Site) ([]*Definition, error) {
	rows, err := s.known.Get(of.ID, of.Version, func() ([]*Definition, error) { return All(ctx, q, of.ID, true) })
	return living(rows), err
}

func living(rows []*Definition) []*Definition {
	out := make([]*Definition, 0, len(rows))
	for _, d := range rows {
		if d.ArchivedAt == nil {
			out = append(out, d)
		}
	}
	return out
}

// All gives a site's fields in order; for other domain packages.
func All(ctx context.Context, q bun.IDB, siteID uuid.UUID, archived bool) ([]*Definition, error) {
	rows := []*Definition{}
	sel := q.NewSelect().Model(&rows).Where("site_id = ?", siteID).Order("position", "id")
	if !archived {
		sel = sel.Where("archived_at IS NULL")
	}
	err := sel.Scan(ctx)
	for _, d := range rows {
		d.key, d.picks = d.ID.String(), make([][]byte, len(d.Choices))
		for i, c := range d.Choices {
			d.picks[i] = []byte(`"` + c.ID.String() + `"`)
		}
	}
	return rows, db.MapError(err, "read fields")
}

// OnSurface gives what a surface asks, in order. Any caller who names a site may know it.
func (s *Service) OnSurface(ctx context.Context, surface Surface) ([]*Definition, error) {
	a, err := site.RequireBook(ctx, site.AccessSite)
	if err != nil {
		return nil, err
	}
	return ForSurface(ctx, s.db.Bun, a.SiteID, surface)
}

// ForSurface gives what a surface of a site asks, in order; for other domain packages.
func ForSurface(ctx context.Context, q bun.IDB, siteID uuid.UUID, surface Surface) ([]*Definition, error) {
	all, err := All(ctx, q, siteID, false)
	if err != nil {
		return nil, err
	}
	shown := []*Definition{}
	for _, d := range all {
		if d.On(surface) {
			shown = append(shown, d)
		}
	}
	return shown, nil
}

// ByID gives one field. NotFound when the site has none of this id. Needs a viewer.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (*Definition, error) {
	a, err := site.Require(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	return byID(ctx, s.db.Bun, a.SiteID, id, false)
}

func byID(ctx context.Context, q bun.IDB, siteID, id uuid.UUID, lock bool) (*Definition, error) {
	row := new(Definition)
	sel := q.NewSelect().Model(row).Where("site_id = ? AND id = ?", siteID, id)
	if lock {
		sel = sel.For("UPDATE")
	}
	err := sel.Scan(ctx)
	if db.NoRows(err) {
		return nil, fault.Missing("custom field")
	}
	return row, db.MapError(err, "read field")
}

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
		var count int
		err := tx.NewRaw("SELECT count(*) FILTER (WHERE archived_at IS NULL), coalesce(max(position) + 1, 0) FROM custom_field WHERE site_id = ?", a.SiteID).Scan(ctx, &count, &row.Position)
		if err != nil {
			return db.MapError(err, "count fields")
		}
		if count >= MaxFields {
			return fault.Invalid(fault.TooLong, nil, "a site has at most %d fields; archive one first", MaxFields)
		}
		_, err = tx.NewInsert().Model(&row).Returning("*").Exec(ctx)
		return fault.Under(db.MapError(err, "insert field"), "label")
	})
	if err != nil {
		return nil, err
	}
	return &row, nil
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
		before := row.Choices
		in.apply(row)
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

// move puts the field at a place among the living ones and renumbers them all.
func move(ctx context.Context, tx bun.Tx, row *Definition, to int) error {
	all, err := All(ctx, tx, row.SiteID, true)
	if err != nil {
		return err
	}
	rest := make([]*Definition, 0, len(all))
	for _, d := range all {
		if d.ID != row.ID {
			rest = append(rest, d)
		}
	}
	to = max(0, min(to, len(rest)))
	order := append(append(append([]*Definition{}, rest[:to]...), row), rest[to:]...)
	for i, d := range order {
		if d.Position == i {
			continue
		}
		d.Position = i
		if d == row {
			continue // written with the rest of the change
		}
		if _, err := tx.NewUpdate().Model(d).Column("position").WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "renumber fields")
		}
	}
	return nil
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

// normalize trims and checks a definition. before are the choices it had: their ids may be kept.
func (d *Definition) normalize(before []Choice) error {
	var list fault.List
	add := func(reason string, path []string, format string, args ...any) {
		list = append(list, fault.Invalid(reason, path, format, args...))
	}
	d.Label, d.Help = strings.TrimSpace(d.Label), strings.TrimSpace(d.Help)
	d.LabelKey = fold.Text(d.Label)
	checkText(add, d.Label, 500, true, "label")
	checkText(add, d.Help, 2000, false, "help")
	checkTranslations(add, d.Translations, "translations")
	t, ok := typeOf(d.Type)
	if !ok {
		add(fault.InvalidValue, []string{"type"}, "the types are %s", strings.ToUpper(strings.Join(names(), ", ")))
		return list.Err()
	}
	if d.Translations == nil {
		d.Translations = Translations{}
	}
	if d.Choices == nil {
		d.Choices = []Choice{}
	}
	if d.ShowIf == nil {
		d.ShowIf = []Condition{}
	}
	for i := range d.Choices {
		d.Choices[i].Label = strings.TrimSpace(d.Choices[i].Label)
	}
	t.define(d, before, add)
	return list.Err()
}

type addFault func(reason string, path []string, format string, args ...any)

func checkText(add addFault, text string, limit int, required bool, path ...string) {
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		add(fault.InvalidText, path, "this text is not valid UTF-8")
	case required && text == "":
		add(fault.Required, path, "give a text")
	case utf8.RuneCountInString(text) > limit:
		add(fault.TooLong, path, "at most %d characters; this has %d", limit, utf8.RuneCountInString(text))
	}
}

func checkTranslations(add addFault, tr Translations, path ...string) {
	for language, texts := range tr {
		known := false
		for _, l := range site.Languages {
			known = known || l == language
		}
		if !known {
			add(fault.InvalidValue, append(path, language), "the languages are en, fr and nb")
		}
		checkText(add, texts.Label, 500, false, append(path, language, "label")...)
		checkText(add, texts.Help, 2000, false, append(path, language, "help")...)
	}
}

// Value is a canonical answer as stored: JSON true/false, a number, a string (a text, a day, a choice id), or an array of
// choice ids.
type Value = json.RawMessage

// Type is what a kind of question does. One implementation a file; the conformance test runs over Types.
type Type interface {
	// Name is the word stored in the database.
	Name() string
	// define checks the part of a definition that only this type has.
	define(d *Definition, before []Choice, add addFault)
	// parse turns an input into the stored value; nil = no answer. Errors carry a path below the answer. country is that of
	// phone numbers without a prefix.
	parse(d *Definition, in Answer, country string) (Value, error)
	// given writes the value of an input that parses to a stored value: the way back.
	given(v Value, in *Answer)
	// complete tells whether a stored value fulfils "required".
	complete(v Value) bool
	// display gives the answer as a short text in a language.
	display(d *Definition, v Value, language string) string
}

// Types lists every type of question: the one place to add one (T-39).
var Types = []Type{yesNo{}, text{}, checkbox{}, dropdown{}, number{}, date{}, phone{}, url{}, country{}, longText{}}

func typeOf(name string) (Type, bool) {
	for _, t := range Types {
		if t.Name() == name {
			return t, true
		}
	}
	return nil, false
}

func names() []string {
	out := make([]string, len(Types))
	for i, t := range Types {
		out[i] = t.Name()
	}
	return out
}

func itoa(i int) string { return strconv.Itoa(i) }
