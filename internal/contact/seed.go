package contact

import (
	"context"
	_ "embed" // the fields of a made-up site
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// seedNumber makes the made-up book the one it is. Row i depends on it and on i only.
const seedNumber = 0x6361726e6574

// seedBatch is how many contacts one transaction inserts.
const seedBatch = 2000

//go:embed seed_fields.json
var seedFieldsText []byte

// seedEpoch is the first day of the made-up book; its contacts came in over five years.
var seedEpoch = time.Date(2021, 1, 1, 8, 0, 0, 0, time.UTC)

// seedCountry is where the people of a language live, in the made-up book.
type seedCountry struct {
	language, code string
	mobile, fixed  string // a number's beginning; the rest are digits
	digits         int
	domain         string
	titles         [2]string
}

// The French and British numbers are those set aside for fiction (ARCEP, Ofcom); Norway has none.
// All addresses are of domains that can belong to nobody (RFC 2606).
var seedCountries = []seedCountry{
	{"nb", "NO", "+4790", "+4722", 6, "post.example", [2]string{"Fru", "Herr"}},
	{"fr", "FR", "+3363998", "+3319900", 4, "courriel.example", [2]string{"Mme", "M."}},
	{"en", "GB", "+447700900", "+442079460", 3, "example.com", [2]string{"Mrs", "Mr"}},
}

// seeder makes up contacts.
type seeder struct {
	of      site.Site
	fields  map[string]*field.Definition // by folded label
	defs    []*field.Definition
	groups  []*Group
	sets    []*LabelSet
	options map[OptionList][]*Option
	by      Author
}

// Seed adds n made-up contacts to a site, with groups, labels, custom fields, answers and history. The same
// n gives the same book, apart from ids; seeding again goes on where the last time ended. Fields,
// groups and label sets are found by name and created once. progress, when given, hears how many are done. It is
// for the command line: it asks no actor.
func (s *Service) Seed(ctx context.Context, siteID uuid.UUID, n int, progress func(done int)) error {
	of, err := readSite(ctx, s.db.Bun, siteID)
	if err != nil {
		return err
	}
	actor := site.Actor{Kind: site.KindSystem, Access: site.AccessManager, SiteID: siteID, Name: "seed", Book: true}
	ctx = site.WithActor(ctx, actor)
	by := author(actor)
	by.Surface = string(FromSeed)
	m := &seeder{of: of, by: by, fields: map[string]*field.Definition{}, options: map[OptionList][]*Option{}}
	if err := m.prepare(ctx, s); err != nil {
		return err
	}
	first, err := s.db.Bun.NewSelect().Model((*Record)(nil)).Where("site_id = ? AND source = ?", siteID, FromSeed).Count(ctx)
	if err != nil {
		return db.MapError(err, "count seeded contacts")
	}
	return s.seedAll(ctx, m, int(first), n, progress)
}

// seedAll makes contacts up in as many goroutines as there are processors and writes them in order.
func (s *Service) seedAll(ctx context.Context, m *seeder, first, n int, progress func(done int)) error {
	work, ctx := errgroup.WithContext(ctx)
	batches := make(chan chan []*seeded, max(runtime.GOMAXPROCS(0)-1, 1))
	work.Go(func() error {
		defer close(batches)
		for done := 0; done < n; done += seedBatch {
			made := make(chan []*seeded, 1)
			work.Go(func() error {
				defer close(made)
				batch, err := m.batch(first+done, min(seedBatch, n-done))
				made <- batch
				return err
			})
			select {
			case batches <- made:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	work.Go(func() error {
		done := 0
		for made := range batches {
			batch := <-made
			if len(batch) == 0 {
				return nil // its maker tells why
			}
			if err := s.writeSeeded(ctx, m, batch); err != nil {
				return err
			}
			if done += len(batch); progress != nil {
				progress(done)
			}
		}
		_, err := s.db.Bun.ExecContext(ctx, "ANALYZE contact, contact_group_member, contact_label")
		return db.MapError(err, "analyze contacts")
	})
	return work.Wait()
}

func (s *Service) writeSeeded(ctx context.Context, m *seeder, batch []*seeded) error {
	return s.db.TxCopy(ctx, func(ctx context.Context, tx bun.Tx, rows db.Copy) error {
		first, err := nextNumbers(ctx, tx, m.of.ID, len(batch))
		if err != nil {
			return err
		}
		var out outcome
		for i, made := range batch {
			made.record.Number = first + int64(i)
			changes := diff(&Record{}, made.record)
			m.nameSeededOptions(changes)
			out.created = append(out.created, made.record)
			out.join(made.record, nil, made.groups, changes)
			out.label(made.record, made.labels, changes)
			out.enter(m.by, made.record, created, changes, made.record.CreatedAt)
		}
		return out.write(ctx, tx, rows)
	})
}

// prepare finds or creates the fields and groups.
func (m *seeder) prepare(ctx context.Context, s *Service) error {
	fields := field.New(s.db)
	have, err := fields.List(ctx, false)
	if err != nil {
		return err
	}
	var wanted []struct {
		Type, Label, Help                               string
		Required, OnRegistration, OnCheckout, OnProfile bool
		Translations                                    field.Translations
		Choices                                         []field.Choice
		Multiple                                        *field.Mode
		MinChoices, MaxChoices                          *int
	}
	if err := json.Unmarshal(seedFieldsText, &wanted); err != nil {
		return fault.Wrap(err, "read seed_fields.json")
	}
	for _, w := range wanted {
		key := fold.Text(w.Label)
		at := slices.IndexFunc(have, func(d *field.Definition) bool { return d.LabelKey == key })
		if at < 0 {
			made, err := fields.Create(ctx, field.Definition{
				Type: w.Type, Label: w.Label, Help: w.Help, Required: w.Required, OnRegistration: w.OnRegistration, OnCheckout: w.OnCheckout,
				OnProfile: w.OnProfile, Translations: w.Translations, Choices: w.Choices, Multiple: w.Multiple, MinChoices: w.MinChoices, MaxChoices: w.MaxChoices,
			})
			if err != nil {
				return fmt.Errorf("create field %s: %w", w.Label, err)
			}
			have, at = append(have, made), len(have)
		}
		if have[at].Type == w.Type { // the site may have one of its own by this name
			m.fields[key] = have[at]
		}
	}
	m.defs = have
	if err := m.prepareOptions(ctx, s); err != nil {
		return err
	}
	if err := m.prepareGroups(ctx, s); err != nil {
		return err
	}
	return m.prepareLabels(ctx, s)
}

func (m *seeder) prepareGroups(ctx context.Context, s *Service) error {
	have, err := s.Groups(ctx)
	if err != nil {
		return err
	}
	for _, name := range seedWords()["group"] {
		at := slices.IndexFunc(have, func(g *Group) bool { return g.NameKey == fold.Text(name) })
		if at >= 0 {
			m.groups = append(m.groups, have[at])
			continue
		}
		g, err := s.CreateGroup(ctx, GroupChange{Name: &name})
		if err != nil {
			return fmt.Errorf("create group %s: %w", name, err)
		}
		m.groups = append(m.groups, g)
	}
	return nil
}

// seeded is a made-up contact.
type seeded struct {
	record *Record
	groups []*Group
	labels []seededLabel
}

func (m *seeder) batch(first, n int) ([]*seeded, error) {
	batch := make([]*seeded, n)
	for i := range batch {
		made, err := m.contact(first + i)
		if err != nil {
			return nil, fmt.Errorf("make up contact %d: %w", first+i, err)
		}
		batch[i] = made
	}
	return batch, nil
}

// contact makes up contact i. Six in a hundred are organizations.
func (m *seeder) contact(i int) (*seeded, error) {
	rnd := rand.New(rand.NewPCG(seedNumber, uint64(i))) //nolint:gosec // made-up people need no secrecy
	at := seedEpoch.Add(time.Duration(rnd.IntN(5*365*24*3600)) * time.Second)
	r := &Record{SiteID: m.of.ID, ID: uuid.Must(uuid.NewV7()), Source: FromSeed, Listed: true, CreatedAt: at, UpdatedAt: at}
	where := seedCountries[[]int{0, 0, 0, 0, 1, 1, 1, 1, 2, 2}[rnd.IntN(10)]]
	var c Change
	if rnd.IntN(100) < 6 {
		r.Kind = KindOrganization
		organization(rnd, &c, where, i)
	} else {
		r.Kind = KindPerson
		person(rnd, &c, where, i)
		m.answer(rnd, &c)
	}
	place(rnd, &c, where)
	if rnd.IntN(100) < 8 {
		c.Note = given(pick(rnd, "note"))
	}
	// Its own dice: what is drawn above stays as it was before there was more to a record.
	m.detail(rand.New(rand.NewPCG(seedNumber+1, uint64(i))), &c, r, where, i) //nolint:gosec // made-up people need no secrecy
	if err := c.apply(r, m.defs, where.code, seedEpoch.AddDate(5, 0, 0)); err != nil {
		return nil, err
	}
	made := &seeded{record: r}
	for range rnd.IntN(3) {
		g := m.groups[int(float64(len(m.groups))*rnd.Float64()*rnd.Float64())]
		if !slices.Contains(made.groups, g) {
			made.groups = append(made.groups, g)
		}
	}
	made.labels = m.label(rnd, r.Kind)
	return made, nil
}

func person(rnd *rand.Rand, c *Change, where seedCountry, i int) {
	first, last := pick(rnd, "first "+where.language), pick(rnd, "last "+where.language)
	if rnd.IntN(20) == 0 {
		last += "-" + pick(rnd, "last "+where.language)
	}
	c.FirstName, c.LastName, c.Language = &first, &last, &where.language
	if rnd.IntN(3) == 0 {
		c.Title = given(where.titles[rnd.IntN(2)])
	}
	if rnd.IntN(4) == 0 {
		c.Company = given(fmt.Sprintf(organizationName(where, 4), pick(rnd, "last "+where.language)))
	}
	if rnd.IntN(10) < 7 {
		day := time.Date(1935+rnd.IntN(80), time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28), 0, 0, 0, 0, time.UTC)
		is := &day
		c.BirthDate = &is
	}
	if rnd.IntN(10) > 0 {
		family := i
		if rnd.IntN(25) == 0 {
			family = i / 50 // some share a mailbox (G-24)
		}
		c.Email = given(fmt.Sprintf("%s.%s.%d@%s", mailbox(first), mailbox(last), family, where.domain))
	}
	if rnd.IntN(10) < 8 {
		c.Mobile = given(where.mobile + digitsOf(rnd, where.digits))
	}
	if rnd.IntN(10) < 2 {
		c.Phone = given(where.fixed + digitsOf(rnd, where.digits))
	}
}

func organization(rnd *rand.Rand, c *Change, where seedCountry, i int) {
	kinds := []OrganizationKind{School, Association, PublicService, Club, Company}
	n := rnd.IntN(len(kinds))
	kind := &kinds[n]
	c.OrganizationKind = &kind
	_, city, _ := strings.Cut(pick(rnd, "city "+where.language), "|")
	if n == 4 {
		city = pick(rnd, "last "+where.language)
	}
	c.Name = given(fmt.Sprintf(organizationName(where, n), city))
	c.Email = given(fmt.Sprintf("post.%d@%s", i, where.domain))
	c.Phone = given(where.fixed + digitsOf(rnd, where.digits))
	if n == 3 {
		yes := rnd.IntN(2) == 0
		recognised := &yes
		c.Recognised = &recognised
	}
}

// organizationName gives the pattern of a name of the n-th kind.
func organizationName(where seedCountry, n int) string {
	_, pattern, _ := strings.Cut(seedWords()["organization "+where.language][n], "|")
	return pattern
}

func place(rnd *rand.Rand, c *Change, where seedCountry) {
	postcode, city, _ := strings.Cut(pick(rnd, "city "+where.language), "|")
	street := pick(rnd, "street "+where.language)
	line := fmt.Sprintf("%d %s", 1+rnd.IntN(120), street)
	if where.language == "nb" {
		line = fmt.Sprintf("%s %d", street, 1+rnd.IntN(120))
	}
	c.Lines, c.Postcode, c.City, c.Country = &[]string{line}, &postcode, &city, &where.code
}

// answer answers about half of the questions.
func (m *seeder) answer(rnd *rand.Rand, c *Change) {
	for _, d := range m.defs {
		if m.fields[d.LabelKey] != d {
			continue
		}
		a := field.Answer{FieldID: d.ID}
		yes := rnd.IntN(10) > 0
		asked := rnd.IntN(2) == 0
		switch d.Type {
		case "yes_no":
			yes = !yes
			a.YesNo = &yes
		case "checkbox":
			asked = true
			a.Checked = &yes
		case "text":
			text := pick(rnd, "first nb") + " " + pick(rnd, "last fr") + ", +4790" + digitsOf(rnd, 6)
			a.Text = &text
		case "dropdown":
			a.ChoiceIDs = someChoices(rnd, d)
		default: // no field of the demo is of another type
			continue
		}
		if asked {
			c.Answers = append(c.Answers, a)
		}
	}
}

// someChoices picks as many choices as the field's mode asks.
func someChoices(rnd *rand.Rand, d *field.Definition) []uuid.UUID {
	n := 1
	switch {
	case d.MinChoices != nil && d.MaxChoices != nil:
		n = max(1, *d.MinChoices+rnd.IntN(*d.MaxChoices-*d.MinChoices+1))
	case d.Multiple != nil:
		n = 1 + rnd.IntN(2)
	}
	var ids []uuid.UUID
	for _, at := range rnd.Perm(len(d.Choices))[:min(n, len(d.Choices))] {
		ids = append(ids, d.Choices[at].ID)
	}
	return ids
}

func digitsOf(rnd *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + rnd.IntN(10))
	}
	return string(b)
}

// mailbox makes a name fit for an address.
func mailbox(name string) string { return headerKey(name) }
