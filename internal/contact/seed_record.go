package contact

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/fold"
)

// prepareOptions finds or creates the functions, natures and titles of a made-up site.
func (m *seeder) prepareOptions(ctx context.Context, s *Service) error {
	for _, list := range []OptionList{Functions, Natures, Titles} {
		have, err := s.Options(ctx, list, false)
		if err != nil {
			return err
		}
		for _, word := range seedWords()[string(list)] {
			words := strings.Split(word, "|") // in English, French and Norwegian
			name := words[0]
			at := slices.IndexFunc(have, func(o *Option) bool { return o.NameKey == fold.Text(name) })
			if at < 0 {
				c := OptionChange{Name: &name, Translations: &OptionNames{"fr": {Name: words[1]}, "nb": {Name: words[2]}}}
				if list == Functions {
					kind := KindPerson
					persons := &kind
					c.Kind = &persons
				}
				made, err := s.CreateOption(ctx, list, c)
				if err != nil {
					return fmt.Errorf("create %s %s: %w", list, name, err)
				}
				have, at = append(have, made), len(have)
			}
			if o := have[at]; o.Kind == nil || list == Functions && *o.Kind == KindPerson {
				m.options[list] = append(m.options[list], o)
			}
		}
	}
	return nil
}

// option draws one of a list, the early ones more often.
func (m *seeder) option(rnd *rand.Rand, list OptionList) **uuid.UUID {
	all := m.options[list]
	at := int(float64(len(all)) * rnd.Float64() * rnd.Float64())
	if len(all) == 0 {
		return nil
	}
	id := &all[at].ID
	return &id
}

// nameSeededOptions gives options by their names in a made-up contact's first history entry.
func (m *seeder) nameSeededOptions(changes Changes) {
	for attribute, list := range map[string]OptionList{"function": Functions, "nature": Natures} {
		delta, set := changes[attribute]
		for _, o := range m.options[list] {
			if set && delta.After == o.ID.String() {
				changes[attribute] = Delta{Before: "", After: o.Name}
			}
		}
	}
}

// detail fills in what few contacts have: a function, an operational type, a second address ...
func (m *seeder) detail(rnd *rand.Rand, c *Change, r *Record, where seedCountry, i int) {
	one := func(in int) bool { return rnd.IntN(in) == 0 }
	if r.Kind == KindPerson && one(5) {
		c.FunctionID = m.option(rnd, Functions)
	}
	if one(4) {
		c.NatureID = m.option(rnd, Natures)
	}
	if one(40) {
		c.Types = &[]OperationalType{OperationalTypes[rnd.IntN(len(OperationalTypes))]}
	}
	if one(50) {
		yes := true
		c.Ambassador = &yes
	}
	if one(60) { // long ago, so that a made-up book is the same on every day
		day := time.Date(2022+rnd.IntN(3), time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28), 0, 0, 0, 0, time.UTC)
		last := &day
		c.ValidUntil = &last
	}
	if r.Kind == KindOrganization && one(2) {
		c.AdministrativeNumber = given(fmt.Sprintf("%s %s %s", digitsOf(rnd, 3), digitsOf(rnd, 3), digitsOf(rnd, 3)))
	}
	if one(25) {
		c.OtherEmails = &[]Labelled{{Label: pick(rnd, "label "+where.language), Value: fmt.Sprintf("autre.%d@%s", i, where.domain)}}
	}
	if one(30) {
		other := Labelled{Label: pick(rnd, "label "+where.language), Value: where.fixed + digitsOf(rnd, where.digits)}
		if c.Phone == nil || *c.Phone != other.Value { // numbers set aside for fiction are few
			c.OtherPhones = &[]Labelled{other}
		}
	}
	if one(20) {
		var other Change
		place(rnd, &other, where)
		c.Billing = &other.AddressChange
	}
	if one(30) {
		c.Seats = &[]Seat{{Venue: pick(rnd, "venue"), Zone: pick(rnd, "zone"), Row: string(rune('A' + rnd.IntN(20))), Seat: fmt.Sprint(1 + rnd.IntN(40))}}
	}
}
