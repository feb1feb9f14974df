// Package field holds the site's own questions: their definitions (T-37 to T-61) and the checking
// of answers. A type of question is one file (yesno.go, text.go, number.go, ...) and one line in Types.
//
// Answers are stored by field id, choices by choice id, so that renaming loses nothing.
package field

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

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
