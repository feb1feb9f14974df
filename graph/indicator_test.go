package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/graph"
	"carnet/graph/plan"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	indicatorFields = `id name icon measure kinds channels period days startMonth startDay position archivedAt bands { id label from } products { id } events { id } segments { name }`
	createIndicator = `mutation($i: CreateIndicatorInput!) { createIndicator(input: $i) { indicator { ` + indicatorFields + ` } errors { code message path } } }`
	updateIndicator = `mutation($i: UpdateIndicatorInput!) { updateIndicator(input: $i) { indicator { ` + indicatorFields + ` } errors { code message path } } }`
	deleteIndicator = `mutation($i: DeleteInput!) { deleteIndicator(input: $i) { deletedId errors { code message path } } }`
	allIndicators   = `{ indicators(includeArchived: true) { ` + indicatorFields + ` recount { done total } } }`
)

type ownIndicator struct {
	ID, Name, Icon, Measure, Period string
	Position                        int
	ArchivedAt                      *string
	Bands                           []struct {
		ID, Label string
		From      int
	}
	Products, Events []struct{ ID string }
	Segments         []struct{ Name string }
	Recount          *struct{ Done, Total int }
}

// ownIndicators is a site with indicators of its own.
type ownIndicators struct {
	*apptest.Site
	t  *testing.T
	at shelf
}

func (s *ownIndicators) define(in vars) ownIndicator {
	s.t.Helper()
	var out struct {
		CreateIndicator struct{ Indicator ownIndicator }
	}
	require.Empty(s.t, s.Program.Payload(s.t, s.As(site.Manager), createIndicator, vars{"i": in}, &out))
	return out.CreateIndicator.Indicator
}

func (s *ownIndicators) all() []ownIndicator {
	s.t.Helper()
	var out struct{ Indicators []ownIndicator }
	s.Program.Must(s.t, s.As(site.Viewer), allIndicators, nil, &out)
	return out.Indicators
}

// values gives what the indicators say of a contact: name, value and band.
func (s *ownIndicators) values(who string) []string {
	s.t.Helper()
	var out struct {
		Contact struct {
			Indicators []struct {
				Indicator struct{ Name string }
				Value     *int
				Band      *struct{ Label string }
			}
		}
	}
	s.Program.Must(s.t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { indicators { indicator { name } value band { label } } } }`, vars{"i": who}, &out)
	told := []string{}
	for _, v := range out.Contact.Indicators {
		one := v.Indicator.Name + " -"
		if v.Value != nil {
			one = fmt.Sprint(v.Indicator.Name, " ", *v.Value)
		}
		if v.Band != nil {
			one += " " + v.Band.Label
		}
		told = append(told, one)
	}
	return told
}

// S-26, S-27, S-50: a site defines indicators of its own; they are computed with each order, shown in bands, and move segments at once. They
// are ordered, put away, and deleted, but not while a segment names them.
func TestOwnIndicators(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	club := p.NewSite(t, "club")
	s := &ownIndicators{Site: club, t: t, at: sells(t, club)}
	manager := s.As(site.Manager)
	kari := s.NewPerson(t, "Kari", "Nordmann")
	spent := s.define(vars{"name": "Culture", "icon": "DRAMA", "measure": "SPENT", "eventIds": []string{s.at.event}, "period": "YEAR", "startMonth": 9,
		"bands": []vars{{"label": "some", "from": 1}, {"label": "much", "from": 30000}}})
	since := s.define(vars{"name": "Last seen", "icon": "CLOCK", "measure": "DAYS_SINCE_PURCHASE", "bands": []vars{{"label": "fresh", "from": 0}, {"label": "gone", "from": 365}}})
	require.Equal(t, []string{"Culture 0", "Last seen -"}, s.values(kari))

	follow := func(rule vars) *stream {
		st := subscribe(t, p, s.As(site.Viewer), `subscription($f: ContactFilter!) { segmentPreviewChanged(filter: $f) { count entered { displayName } left } }`, vars{"f": rule})
		var first struct{ SegmentPreviewChanged moved }
		st.next(t, &first)
		return st
	}
	moves := func(st *stream, count int) {
		t.Helper()
		var e struct{ SegmentPreviewChanged moved }
		st.next(t, &e)
		require.Equal(t, count, e.SegmentPreviewChanged.Count)
	}
	much := follow(vars{"indicator": vars{"id": spent.ID, "band": spent.Bands[1].ID}})
	some := follow(vars{"indicator": vars{"id": spent.ID, "from": 1, "to": 29999}})
	fresh := follow(vars{"indicator": vars{"id": since.ID, "to": 3}})
	order(t, club, kari, "shop", s.at.ticket)
	moves(some, 1)
	moves(fresh, 1)
	second := order(t, club, kari, "shop", s.at.child, s.at.plan)
	moves(some, 0)
	moves(much, 1)
	require.Equal(t, []string{"Culture 40000 much", "Last seen 0 fresh"}, s.values(kari), "the plan is not for the event")
	does(t, club, s.As(site.Operator), returnOrder, vars{"orderId": second, "idempotencyKey": "r"})
	moves(much, 0)
	moves(some, 1)
	require.Equal(t, []string{"Culture 20000 some", "Last seen 0 fresh"}, s.values(kari))
	require.Equal(t, []string{"NORDMANN Kari"}, foundBy(t, club, vars{"indicator": vars{"id": since.ID, "band": since.Bands[0].ID}}))
	require.Empty(t, foundBy(t, club, vars{"not": vars{"indicator": vars{"id": spent.ID, "from": 20000, "to": 20000}}}))

	// A band that moves moves who is in it, and counts nobody anew.
	require.Empty(t, p.Payload(t, manager, updateIndicator, vars{"i": vars{"id": spent.ID, "bands": []vars{{"id": spent.Bands[0].ID, "label": "some", "from": 1}, {"id": spent.Bands[1].ID, "label": "much", "from": 20000}}}}, nil))
	require.Equal(t, []string{"Culture 20000 much", "Last seen 0 fresh"}, s.values(kari))
	require.Equal(t, []string{"NORDMANN Kari"}, foundBy(t, club, vars{"indicator": vars{"id": spent.ID, "band": spent.Bands[1].ID}}))

	// What is counted changes, for everybody, in the background.
	require.Empty(t, p.Payload(t, manager, updateIndicator, vars{"i": vars{"id": spent.ID, "eventIds": []string{}, "kinds": []string{"MEMBERSHIP"}, "position": 1}}, nil))
	require.Eventually(t, func() bool { return s.all()[1].Recount == nil && s.all()[0].Recount == nil }, time.Minute, 20*time.Millisecond)
	require.Equal(t, []string{"Last seen 0 fresh", "Culture 0"}, s.values(kari))

	// Named by a segment it stays.
	var kept struct {
		CreateSegment struct{ Segment struct{ ID string } }
	}
	p.Must(t, manager, `mutation($i: CreateSegmentInput!) { createSegment(input: $i) { segment { id } errors { code } } }`,
		vars{"i": vars{"name": "Seen lately", "rule": vars{"not": vars{"indicator": vars{"id": since.ID, "from": 30}}}}}, &kept)
	require.Equal(t, "Seen lately", s.all()[0].Segments[0].Name)
	require.Equal(t, []string{"INDICATOR_IN_USE "}, p.Payload(t, manager, deleteIndicator, vars{"i": vars{"id": since.ID}}, nil))
	require.Equal(t, []string{"INDICATOR_IN_USE "}, p.Payload(t, manager, updateIndicator, vars{"i": vars{"id": since.ID, "archived": true}}, nil))
	p.Must(t, manager, `mutation($i: DeleteInput!) { deleteSegment(input: $i) { deletedId errors { code } } }`, vars{"i": vars{"id": kept.CreateSegment.Segment.ID}}, nil)

	// Put away it is shown no more, and no rule can name it.
	require.Empty(t, p.Payload(t, manager, updateIndicator, vars{"i": vars{"id": since.ID, "archived": true}}, nil))
	require.Equal(t, []string{"Culture 0"}, s.values(kari))
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }`, vars{"f": vars{"indicator": vars{"id": since.ID, "to": 3}}})
	require.Empty(t, p.Payload(t, manager, deleteIndicator, vars{"i": vars{"id": since.ID}}, nil))
	require.Len(t, s.all(), 1)
}

// C-14: lists go by an indicator, up and down, page by page, and miss nobody; a saved view keeps its order and its columns, and forgets them with the indicator.
func TestListsByOwnIndicators(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	club := p.NewSite(t, "club")
	s := &ownIndicators{Site: club, t: t, at: sells(t, club)}
	tickets, since := s.define(vars{"name": "Tickets", "measure": "TICKETS"}), s.define(vars{"name": "Since", "measure": "DAYS_SINCE_PURCHASE"})
	for i, name := range []string{"None", "Two", "One"} {
		who := s.NewPerson(t, "P", name)
		for n := range []int{0, 2, 1}[i] {
			p.Must(t, s.As(site.Operator), `mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id } errors { code } } }`, vars{"i": vars{"idempotencyKey": uuid.NewString(), "buyer": vars{"contactId": who},
				"channel": "shop", "orderedAt": time.Now().AddDate(0, 0, -10*i-n), "lines": []vars{{"productId": s.at.ticket}}}}, nil)
		}
	}
	pages := func(id, direction string) (names []string) {
		var after *string
		for {
			var out struct {
				Contacts struct {
					Nodes    []struct{ DisplayName string }
					PageInfo struct {
						EndCursor   string
						HasNextPage bool
					}
				}
			}
			p.Must(t, s.As(site.Viewer), `query($o: ContactOrder, $a: String) { contacts(orderBy: $o, first: 2, after: $a) { nodes { displayName } pageInfo { endCursor hasNextPage } } }`,
				vars{"o": vars{"by": "INDICATOR", "indicatorId": id, "direction": direction}, "a": after}, &out)
			for _, n := range out.Contacts.Nodes {
				names = append(names, strings.TrimSuffix(n.DisplayName, " P"))
			}
			if !out.Contacts.PageInfo.HasNextPage {
				return names
			}
			after = &out.Contacts.PageInfo.EndCursor
		}
	}
	require.Equal(t, []string{"NONE", "ONE", "TWO"}, pages(tickets.ID, "ASC"))
	require.Equal(t, []string{"TWO", "ONE", "NONE"}, pages(tickets.ID, "DESC"))
	require.Equal(t, []string{"TWO", "ONE", "NONE"}, pages(since.ID, "ASC"), "eleven days, twenty, never")
	require.Equal(t, []string{"NONE", "ONE", "TWO"}, pages(since.ID, "DESC"))
	for _, order := range []vars{{"by": "INDICATOR"}, {"by": "NAME", "indicatorId": since.ID}, {"by": "INDICATOR", "indicatorId": uuid.NewString()}} {
		p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($o: ContactOrder) { contacts(orderBy: $o) { nodes { id } } }`, vars{"o": order})
	}

	staff := s.SignIn(t, site.Manager)
	p.Must(t, staff, `mutation($i: CreateSavedViewInput!) { createSavedView(input: $i) { savedView { id } errors { code } } }`, vars{"i": vars{"name": "By tickets", "columns": []string{"NAME", "indicator:" + tickets.ID},
		"orderBy": vars{"by": "INDICATOR", "indicatorId": tickets.ID, "direction": "DESC"}}}, nil)
	view := func() string {
		return p.Do(t, staff, `{ savedViews { orderBy orderIndicatorId direction columns } }`, nil).Raw
	}
	require.Contains(t, view(), fmt.Sprintf(`"orderBy":"INDICATOR","orderIndicatorId":"%s","direction":"DESC","columns":["NAME","indicator:%[1]s"]`, tickets.ID))
	require.Empty(t, p.Payload(t, s.As(site.Manager), deleteIndicator, vars{"i": vars{"id": tickets.ID}}, nil))
	require.Contains(t, view(), `"orderBy":"NAME","orderIndicatorId":null,"direction":"ASC","columns":["NAME"]`)
}

// Managers define indicators, everybody on the staff reads them; another site's are not there.
func TestOwnIndicatorsAreTheSites(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	club, choir := p.NewSite(t, "club"), p.NewSite(t, "choir")
	s, other := &ownIndicators{Site: club, t: t, at: sells(t, club)}, &ownIndicators{Site: choir, t: t, at: sells(t, choir)}
	in := vars{"name": "Orders", "measure": "ORDERS"}
	for _, role := range []site.Role{site.Viewer, site.Operator} {
		p.Refused(t, s.As(role), "FORBIDDEN", createIndicator, vars{"i": in})
	}
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", allIndicators, nil)
	made := s.define(in)
	require.Equal(t, []string{"TAKEN name"}, p.Payload(t, s.As(site.Manager), createIndicator, vars{"i": in}, nil))
	require.Equal(t, []string{"UNKNOWN productIds.0"}, p.Payload(t, s.As(site.Manager), createIndicator, vars{"i": vars{"name": "x", "measure": "ORDERS", "productIds": []string{other.at.ticket}}}, nil))
	require.Empty(t, other.all())
	for _, refused := range []string{updateIndicator, deleteIndicator} {
		p.Refused(t, other.As(site.Manager), "NOT_FOUND", refused, vars{"i": vars{"id": made.ID}})
		p.Refused(t, s.As(site.Operator), "FORBIDDEN", refused, vars{"i": vars{"id": made.ID}})
	}
	p.Refused(t, other.As(site.Viewer), "BAD_INPUT", `query($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }`, vars{"f": vars{"indicator": vars{"id": made.ID, "from": 1}}})
	p.Refused(t, other.As(site.Viewer), "BAD_INPUT", `query($o: ContactOrder) { contacts(orderBy: $o) { nodes { id } } }`, vars{"o": vars{"by": "INDICATOR", "indicatorId": made.ID}})
}

// S-51: nothing takes what an indicator says of somebody: no input of the API, and no column of an import.
func TestOwnIndicatorsAreNotTyped(t *testing.T) {
	t.Parallel()
	schema, ok := graph.Executable(&graph.Resolver{}).(*plan.Schema)
	require.True(t, ok)
	// What says which indicator is meant, or what it counts; none of it says a value of a contact.
	may := []string{"ContactFilter.indicator", "ContactOrder.indicatorId"}
	for name, def := range schema.Schema().Types {
		if def.Kind != "INPUT_OBJECT" {
			continue
		}
		for _, f := range def.Fields {
			if strings.Contains(strings.ToLower(f.Name+f.Type.Name()), "indicator") && !slices.Contains([]string{"CreateIndicatorInput", "UpdateIndicatorInput", "IndicatorFilter"}, name) {
				require.Contains(t, may, name+"."+f.Name)
			}
		}
	}
	p := apptest.Start(t)
	club := p.NewSite(t, "club")
	s := &ownIndicators{Site: club, t: t, at: sells(t, club)}
	made := s.define(vars{"name": "Orders", "measure": "ORDERS"})
	who := s.NewPerson(t, "Ada", "Lovelace")
	for _, typed := range []string{fmt.Sprintf("indicators: [{id: %q, value: 7}]", made.ID), fmt.Sprintf("answers: [{fieldId: %q, number: 7}]", made.ID)} {
		require.NotContains(t, p.Do(t, s.As(site.Manager), fmt.Sprintf(`mutation { updateContact(input: {id: %q, %s}) { contact { id } errors { code } } }`, who, typed), nil).Raw, `"errors":[]`)
	}
	column := vars{"uploadId": upload(t, club, "Surname,Orders\nLovelace,7\n"), "mapping": []vars{{"column": 0, "target": "lastName"}, {"column": 1, "target": "indicator:" + made.ID}}}
	require.Equal(t, []string{"UNKNOWN mapping.1.target"}, p.Payload(t, s.As(site.Operator), startImport, vars{"i": column}, nil))
	require.Equal(t, []string{"Orders 0"}, s.values(who))
}
