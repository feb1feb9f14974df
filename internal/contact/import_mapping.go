package contact

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// maxValues is how many values a mapping can replace.
const maxValues = 2000

// Mapping says what the columns of a file mean, and its values.
type Mapping struct {
	Targets []ColumnTarget `json:"targets"` // columns that are not named are not read
	Values  []ValueMapping `json:"values,omitempty"`
}

// ColumnTarget says what one column is read as.
type ColumnTarget struct {
	Column int    `json:"column"` // from 0
	Target string `json:"target"` // "" = not read
}

// ValueMapping has a value of a column read as another. In a list it is one item of the list.
type ValueMapping struct {
	Column int    `json:"column"`
	From   string `json:"from"`
	To     string `json:"to"` // "" = as if it were not there
}

// remap has the columns read as a mapping says. A target that a column was taken for by its name keeps
// what the name tells besides, such as which of several addresses it is.
func (sh *sheet) remap(m Mapping, known *vocabulary) error {
	v := checker{}
	columns := make([]column, len(sh.columns))
	for i, c := range sh.columns {
		columns[i] = column{header: c.header, to: toIgnored}
		sh.unread[i] = false
	}
	for i, t := range m.Targets {
		at := strconv.Itoa(i)
		if t.Column < 0 || t.Column >= len(columns) {
			v.add(fault.Unknown, []string{"mapping", at, "column"}, "the file has %d columns, counted from 0", len(columns))
			continue
		}
		c, ok := known.targetNamed(t.Target)
		if !ok {
			v.list = append(v.list, fault.Invalid(fault.Unknown, []string{"mapping", at, "target"}, "there is no target %q; importPreview lists them", t.Target).Naming(sh.columns[t.Column].header))
			continue
		}
		if taken := sh.columns[t.Column]; taken.nameOf() == t.Target && t.Target != "" {
			c = taken
		}
		c.header = sh.columns[t.Column].header
		columns[t.Column] = c
	}
	first := map[string]int{}
	for i, t := range m.Targets {
		if t.Column < 0 || t.Column >= len(columns) || t.Target == "" || !single(columns[t.Column]) {
			continue
		}
		if other, twice := first[t.Target]; twice && other != t.Column {
			a, b := columns[other].header, columns[t.Column].header
			v.list = append(v.list, fault.Invalid(fault.Duplicate, []string{"mapping", strconv.Itoa(i), "target"}, "the columns %q and %q cannot both be %s", a, b, t.Target).Naming(a, b))
		}
		first[t.Target] = t.Column
	}
	if len(m.Values) > maxValues {
		v.add(fault.TooLong, []string{"valueMapping"}, "at most %d values", maxValues)
	}
	if err := v.list.Err(); err != nil {
		return err
	}
	sh.columns, sh.values = columns, newValueMap(m.Values)
	return sh.checkUseful([]string{"mapping"})
}

// checkColumns refuses a header that names nobody, or one thing twice.
func (sh *sheet) checkColumns() error {
	if err := sh.checkUseful([]string{"file"}); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, c := range sh.columns {
		key := headerKey(c.header)
		if seen[key] && c.to != toNothing && single(c) && key != "" {
			return unreadable(fileTwoColumns, c.header)
		}
		seen[key] = true
	}
	return nil
}

func (sh *sheet) checkUseful(path []string) error {
	for _, c := range sh.columns {
		if identifies(c.to) {
			return nil
		}
	}
	return unusable(path, fileNamesNobody, shortened(strings.Join(sh.header(), " | ")))
}

// valueMap gives what values are read as, by column and folded value.
type valueMap map[int]map[string]string

func newValueMap(values []ValueMapping) valueMap {
	if len(values) == 0 {
		return nil
	}
	m := valueMap{}
	for _, one := range values {
		if m[one.Column] == nil {
			m[one.Column] = map[string]string{}
		}
		m[one.Column][fold.Text(one.From)] = one.To
	}
	return m
}

// of gives what a cell is read as: as a whole, or item by item where its column holds lists.
func (m valueMap) of(n int, c column, text string) string {
	values := m[n]
	if values == nil {
		return text
	}
	if to, mapped := values[fold.Text(text)]; mapped {
		return to
	}
	if !c.isList() {
		return text
	}
	items, changed := listOf(text), false
	kept := items[:0]
	for _, one := range items {
		if to, mapped := values[fold.Text(one)]; mapped {
			one, changed = to, true
		}
		if one != "" {
			kept = append(kept, one)
		}
	}
	if !changed {
		return text
	}
	return listCell(kept)
}

// isList tells whether a cell of the column may hold several values.
func (c column) isList() bool {
	return c.to == toGroups || c.to == toLabels || c.to == toTypes || c.to == toAnswer && c.field.Type == "dropdown"
}

// rememberedMapping is the mapping of files with a header.
type rememberedMapping struct {
	bun.BaseModel `bun:"table:import_mapping"`

	SiteID      uuid.UUID `bun:",pk"`
	Fingerprint []byte    `bun:",pk"`
	Columns     Mapping   `bun:"type:jsonb"`
	UpdatedBy   string
}

// fingerprintOf is by what a header is known again: its names, folded, in their order.
func fingerprintOf(columns []column) []byte {
	h := sha256.New()
	for _, c := range columns {
		h.Write([]byte(headerKey(c.header)))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}

// remember keeps a mapping for the next file with the same header.
func (s *Service) remember(ctx context.Context, a site.Actor, columns []column, m Mapping) error {
	row := &rememberedMapping{SiteID: a.SiteID, Fingerprint: fingerprintOf(columns), Columns: m, UpdatedBy: a.Name}
	_, err := s.db.Bun.NewInsert().Model(row).On("CONFLICT (site_id, fingerprint) DO UPDATE").
		Set("columns = EXCLUDED.columns, updated_by = EXCLUDED.updated_by, updated_at = now()").Exec(ctx)
	return db.MapError(err, "remember mapping")
}

// remembered gives the mapping of a header; nil when there is none that still holds.
func (s *Service) remembered(ctx context.Context, siteID uuid.UUID, columns []column, known *vocabulary) (*Mapping, error) {
	row := new(rememberedMapping)
	err := s.db.Bun.NewSelect().Model(row).Column("columns").Where("site_id = ? AND fingerprint = ?", siteID, fingerprintOf(columns)).Scan(ctx)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // documented: there is none
	}
	if err != nil {
		return nil, db.MapError(err, "read mapping")
	}
	m := &row.Columns
	kept := m.Targets[:0]
	for _, t := range m.Targets { // a field or set may have gone since
		if _, ok := known.targetNamed(t.Target); ok && t.Column < len(columns) {
			kept = append(kept, t)
		}
	}
	m.Targets = kept
	return m, nil
}
