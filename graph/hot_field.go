package graph

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"carnet/graph/model"
	"carnet/graph/plan"
	"carnet/internal/contact"
	"carnet/internal/field"
	"carnet/internal/indicator"
)

// The fields that plans know, type by type.

type record = *contact.Record

// contactPlan writes what implements Contact.
func contactPlan(c *plan.Compiler, set ast.SelectionSet) plan.Write[record] {
	person, organization := personPlan.Compile(c, set), organizationPlan.Compile(c, set)
	return func(b []byte, run *plan.Run, r record) []byte {
		if r.Kind == contact.KindOrganization {
			return organization(b, run, r)
		}
		return person(b, run, r)
	}
}

var connectionPlan = &plan.Object[*model.ContactConnection]{Name: "ContactConnection", Fields: map[string]plan.Field[*model.ContactConnection]{
	"nodes": {Object: func(c *plan.Compiler, set ast.SelectionSet) plan.Write[*model.ContactConnection] {
		return plan.Each(func(_ *plan.Run, v *model.ContactConnection) []record { return v.Page.Records }, contactPlan(c, set))
	}},
	"pageInfo": {Object: plan.One(func(_ *plan.Run, v *model.ContactConnection) *model.PageInfo { return v.PageInfo() }, pageInfoPlan)},
}}

var pageInfoPlan = &plan.Object[*model.PageInfo]{Name: "PageInfo", Fields: map[string]plan.Field[*model.PageInfo]{
	"startCursor":     {Leaf: plan.Optional(func(v *model.PageInfo) *string { return v.StartCursor }, plan.AppendString)},
	"endCursor":       {Leaf: plan.Optional(func(v *model.PageInfo) *string { return v.EndCursor }, plan.AppendString)},
	"hasNextPage":     {Leaf: plan.Bool(func(v *model.PageInfo) bool { return v.HasNextPage })},
	"hasPreviousPage": {Leaf: plan.Bool(func(v *model.PageInfo) bool { return v.HasPreviousPage })},
}}

// column is a leaf that one column holds.
func column(name string, get func(record) string) plan.Field[record] {
	return plan.Field[record]{Leaf: plan.String(get), Reads: []string{name}}
}

func moment(name string, get func(record) *time.Time) plan.Field[record] {
	return plan.Field[record]{Leaf: plan.Time(get), Reads: []string{name}}
}

// words is a list of an enum's values, which are stored in small letters.
func words[P any, T ~string](get func(*plan.Run, P) []T) plan.Write[P] {
	return plan.Each(get, func(b []byte, _ *plan.Run, word T) []byte { return plan.AppendString(b, strings.ToUpper(string(word))) })
}

var (
	personPlan       = &plan.Object[record]{Name: "Person", Of: []string{"Contact", "Node"}, Fields: with(contactFields(), personFields)}
	organizationPlan = &plan.Object[record]{Name: "Organization", Of: []string{"Contact", "Node"}, Fields: with(contactFields(), organizationFields)}
)

func with(fields, more map[string]plan.Field[record]) map[string]plan.Field[record] {
	for name, f := range more {
		fields[name] = f
	}
	return fields
}

func contactFields() map[string]plan.Field[record] {
	return map[string]plan.Field[record]{
		"id":          {Leaf: func(b []byte, _ *plan.Run, r record) []byte { return appendID(b, r.ID) }},
		"number":      {Leaf: plan.Int(func(r record) int64 { return r.Number })},
		"kind":        {Leaf: plan.String(func(r record) string { return strings.ToUpper(string(r.Kind)) })},
		"displayName": {Leaf: plan.String(record.DisplayName), Reads: []string{"first_name", "last_name", "name", "email"}},
		"email":       column("email", func(r record) string { return r.Email }),
		"phone":       column("phone", func(r record) string { return r.Phone }),
		"mobile":      column("mobile", func(r record) string { return r.Mobile }),
		"language":    column("language", func(r record) string { return r.Language }),
		"color":       column("color", func(r record) string { return r.Color }),
		"source":      column("source", func(r record) string { return strings.ToUpper(string(r.Source)) }),
		"listed":      {Leaf: plan.Bool(func(r record) bool { return r.Listed }), Reads: []string{"listed"}},
		"types":       {Leaf: words(func(_ *plan.Run, r record) []contact.OperationalType { return r.Types }), Reads: []string{"types"}},
		"createdAt":   moment("created_at", func(r record) *time.Time { return &r.CreatedAt }),
		"updatedAt":   moment("updated_at", func(r record) *time.Time { return &r.UpdatedAt }),
		"deletedAt":   moment("deleted_at", func(r record) *time.Time { return r.DeletedAt }),
		"address":     {Object: plan.One(func(_ *plan.Run, r record) contact.Address { return r.Address() }, addressPlan)},
		"groups": {Object: plan.List(func(run *plan.Run, r record) []*contact.Group {
			return shared(run, pageOf(run).groups)(r)
		}, plan.Memo(func(g *contact.Group) uuid.UUID { return g.ID }, groupPlan)), Reads: []string{contact.GroupIDs}},
		"labels": {Object: plan.List(func(run *plan.Run, r record) []*contact.Label {
			return shared(run, pageOf(run).labels)[r.ID]
		}, plan.Memo(func(l *contact.Label) uuid.UUID { return l.ID }, labelPlan))},
		"answers": {Object: plan.List(func(run *plan.Run, r record) []field.Shown {
			switch {
			case len(r.Answers) > 0: // the list has not been read the quick way
				return field.Show(shared(run, pageOf(run).fields), r.Answers, "")
			case len(r.Stored) > len("{}"):
				return shared(run, func() ([]field.Shown, error) { return shared(run, pageOf(run).sheet).Show(r.Stored) })
			}
			return nil
		}, answerPlan), Reads: []string{"answers"}},
		"statuses": {Leaf: words(func(run *plan.Run, r record) []contact.Status {
			return shared(run, pageOf(run).statuses)[r.ID]
		})},
		"salesSummary": {Object: plan.One(func(run *plan.Run, r record) *contact.Sales {
			if s := shared(run, pageOf(run).sales)[r.ID]; s != nil {
				return s
			}
			return &contact.Sales{} // the run has failed
		}, salesPlan)},
		"indicators": {Object: plan.List(func(run *plan.Run, r record) []*indicator.Value {
			return shared(run, pageOf(run).indicators)[r.ID]
		}, indicatorValuePlan)},
		"roles": {Leaf: words(func(run *plan.Run, r record) []contact.Role {
			return shared(run, pageOf(run).roles)[r.ID]
		})},
	}
}

var personFields = map[string]plan.Field[record]{
	"title":     column("title", func(r record) string { return r.Title }),
	"firstName": column("first_name", func(r record) string { return r.FirstName }),
	"lastName":  column("last_name", func(r record) string { return r.LastName }),
	"company":   column("company", func(r record) string { return r.Company }),
	"birthDate": {Leaf: func(b []byte, run *plan.Run, r record) []byte {
		born := r.ShownBirthDate(pageOf(run).actor)
		if born == nil {
			return append(b, "null"...)
		}
		return appendDay(b, *born)
	}, Reads: []string{"birth_date"}},
	"age": {Leaf: func(b []byte, run *plan.Run, r record) []byte {
		if r.BirthDate == nil {
			return append(b, "null"...)
		}
		age := r.ShownAge(pageOf(run).actor, shared(run, pageOf(run).today))
		if age == nil {
			return append(b, "null"...)
		}
		return strconv.AppendInt(b, int64(*age), 10)
	}, Reads: []string{"birth_date"}},
}

var organizationFields = map[string]plan.Field[record]{
	"name": column("name", func(r record) string { return r.Name }),
}

func appendID(b []byte, id uuid.UUID) []byte {
	text, _ := id.MarshalText() // has no error
	return append(append(append(b, '"'), text...), '"')
}

var addressPlan = &plan.Object[contact.Address]{Name: "Address", Fields: map[string]plan.Field[contact.Address]{
	"lines": {Leaf: plan.Each(func(_ *plan.Run, a contact.Address) []string { return a.Lines },
		func(b []byte, _ *plan.Run, s string) []byte { return plan.AppendString(b, s) }), Reads: []string{"address_lines"}},
	"postcode":    {Leaf: plan.String(func(a contact.Address) string { return a.Postcode }), Reads: []string{"postcode"}},
	"city":        {Leaf: plan.String(func(a contact.Address) string { return a.City }), Reads: []string{"city"}},
	"country":     {Leaf: plan.String(func(a contact.Address) string { return a.Country }), Reads: []string{"country"}},
	"subdivision": {Leaf: plan.String(func(a contact.Address) string { return a.Subdivision }), Reads: []string{"subdivision"}},
}}

var salesPlan = &plan.Object[*contact.Sales]{Name: "SalesSummary", Fields: map[string]plan.Field[*contact.Sales]{
	"orders":         {Leaf: plan.Int(func(s *contact.Sales) int64 { return int64(s.Orders) })},
	"spent":          {Leaf: plan.Int(func(s *contact.Sales) int64 { return s.Spent })},
	"tickets":        {Leaf: plan.Int(func(s *contact.Sales) int64 { return int64(s.Tickets) })},
	"passes":         {Leaf: plan.Int(func(s *contact.Sales) int64 { return int64(s.Passes) })},
	"bookings":       {Leaf: plan.Int(func(s *contact.Sales) int64 { return int64(s.Bookings) })},
	"channel":        {Leaf: plan.String(func(s *contact.Sales) string { return s.Channel })},
	"lastPurchaseOn": {Leaf: plan.Optional(func(s *contact.Sales) *time.Time { return s.LastOn }, appendDay)},
}}

var indicatorValuePlan = &plan.Object[*indicator.Value]{Name: "IndicatorValue", Fields: map[string]plan.Field[*indicator.Value]{
	"indicator": {Object: plan.One(func(_ *plan.Run, v *indicator.Value) *indicator.Definition { return v.Indicator }, indicatorPlan)},
	"value":     {Leaf: plan.Optional(func(v *indicator.Value) *int64 { return v.Value }, func(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) })},
	"band":      {Object: plan.Maybe(func(_ *plan.Run, v *indicator.Value) *indicator.Band { return v.Band() }, indicatorBandPlan)},
}}

var indicatorPlan = &plan.Object[*indicator.Definition]{Name: "Indicator", Fields: map[string]plan.Field[*indicator.Definition]{
	"id":   {Leaf: func(b []byte, _ *plan.Run, d *indicator.Definition) []byte { return appendID(b, d.ID) }},
	"name": {Leaf: plan.String(func(d *indicator.Definition) string { return d.Name })},
}}

var indicatorBandPlan = &plan.Object[*indicator.Band]{Name: "IndicatorBand", Fields: map[string]plan.Field[*indicator.Band]{
	"id":    {Leaf: func(b []byte, _ *plan.Run, band *indicator.Band) []byte { return appendID(b, band.ID) }},
	"label": {Leaf: plan.String(func(band *indicator.Band) string { return band.Label })},
	"from":  {Leaf: plan.Int(func(band *indicator.Band) int64 { return band.From })},
}}

func appendDay(b []byte, day time.Time) []byte {
	return append(day.AppendFormat(append(b, '"'), time.DateOnly), '"')
}

var groupPlan = &plan.Object[*contact.Group]{Name: "Group", Of: []string{"Node"}, Fields: map[string]plan.Field[*contact.Group]{
	"id":          {Leaf: func(b []byte, _ *plan.Run, g *contact.Group) []byte { return appendID(b, g.ID) }},
	"name":        {Leaf: plan.String(func(g *contact.Group) string { return g.Name })},
	"description": {Leaf: plan.String(func(g *contact.Group) string { return g.Description })},
	"color":       {Leaf: plan.String(func(g *contact.Group) string { return g.Color })},
}}

var labelPlan = &plan.Object[*contact.Label]{Name: "Label", Of: []string{"Node"}, Fields: map[string]plan.Field[*contact.Label]{
	"id":    {Leaf: func(b []byte, _ *plan.Run, l *contact.Label) []byte { return appendID(b, l.ID) }},
	"name":  {Leaf: plan.String(func(l *contact.Label) string { return l.Name })},
	"color": {Leaf: plan.String(func(l *contact.Label) string { return l.Color })},
}}

var answerPlan = &plan.Object[field.Shown]{Name: "Answer", Fields: map[string]plan.Field[field.Shown]{
	"field":   {Object: plan.One(func(_ *plan.Run, a field.Shown) *field.Definition { return a.Field }, plan.Memo(func(d *field.Definition) uuid.UUID { return d.ID }, fieldPlan))},
	"yesNo":   {Leaf: plan.Optional(field.Shown.YesNo, strconv.AppendBool)},
	"checked": {Leaf: plan.Optional(field.Shown.Checked, strconv.AppendBool)},
	"text":    {Leaf: plan.Optional(field.Shown.Text, plan.AppendString)},
	"number":  {Leaf: plan.Optional(field.Shown.Number, func(b []byte, v float64) []byte { return append(b, field.FormatNumber(v)...) })},
	"date":    {Leaf: plan.Optional(field.Shown.Date, plan.AppendString)},
	"display": {Leaf: plan.String(func(a field.Shown) string { return a.Display })},
}}

var fieldPlan = &plan.Object[*field.Definition]{Name: "CustomField", Of: []string{"Node"}, Fields: map[string]plan.Field[*field.Definition]{
	"id":    {Leaf: func(b []byte, _ *plan.Run, d *field.Definition) []byte { return appendID(b, d.ID) }},
	"type":  {Leaf: plan.String(func(d *field.Definition) string { return strings.ToUpper(d.Type) })},
	"label": {Leaf: plan.String(func(d *field.Definition) string { return d.Label })},
}}
