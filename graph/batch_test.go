package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const runBatch = `mutation($i: RunBatchInput!) { runBatch(input: $i) { batch { id total status } errors { code message path } } }`

const batchFields = `id action input targetKind segmentId segmentName search dryRun status total changed unchanged failed problem actorName createdAt startedAt finishedAt`

const progress = `subscription($id: ID!) { batchProgress(id: $id) { __typename ... on BatchRun { ` + batchFields + ` } ... on ImportRun { fileName } } }`

type batch struct {
	ID, Action, TargetKind, SegmentName, Search, Status, Problem, ActorName string
	Typename                                                                string `json:"__typename"`
	Input                                                                   json.RawMessage
	SegmentID                                                               *string
	DryRun                                                                  bool
	Total, Changed, Unchanged, Failed                                       int
	Items                                                                   struct {
		Nodes []struct {
			ContactID, State, Code, Message string
			Contact                         *struct{ DisplayName string }
			Changes                         map[string]struct{ Before, After any }
		}
		PageInfo struct {
			HasNextPage bool
			EndCursor   *string
		}
	}
}

// startBatch starts a batch as a role and gives its id.
func startBatch(t *testing.T, s *apptest.Site, role site.Role, input vars) string {
	t.Helper()
	var out struct{ RunBatch struct{ Batch batch } }
	s.Program.Must(t, s.As(role), runBatch, vars{"i": input}, &out)
	return out.RunBatch.Batch.ID
}

// followed waits for a batch's end through its subscription and gives all that it told.
func followed(t *testing.T, s *apptest.Site, id string) []batch {
	t.Helper()
	sub := subscribe(t, s.Program, s.As(site.Operator), progress, vars{"id": id})
	var told []batch
	for {
		var e struct{ BatchProgress batch }
		sub.next(t, &e)
		told = append(told, e.BatchProgress)
		if s := e.BatchProgress.Status; s != "QUEUED" && s != "RUNNING" {
			return told
		}
	}
}

func ran(t *testing.T, s *apptest.Site, input vars) batch {
	t.Helper()
	told := followed(t, s, startBatch(t, s, site.Manager, input))
	return told[len(told)-1]
}

func items(t *testing.T, s *apptest.Site, id string, v vars) batch {
	t.Helper()
	var out struct{ BatchRun batch }
	v["id"] = id
	s.Program.Must(t, s.As(site.Operator), `query($id: ID!, $state: BatchItemState, $first: Int, $after: String) { batchRun(id: $id) { `+batchFields+`
		items(state: $state, first: $first, after: $after) { nodes { contactId state code message changes contact { displayName } } pageInfo { hasNextPage endCursor } } } }`, v, &out)
	return out.BatchRun
}

// club is a site with a segment of three persons in Bergen, one person elsewhere, and a group.
func club(t *testing.T, s *apptest.Site) (segment, group string, bergen []string) {
	t.Helper()
	for i, city := range []string{"Bergen", "Bergen", "Bergen", "Oslo"} {
		id := s.NewPerson(t, fmt.Sprintf("F%d", i), fmt.Sprintf("L%d", i))
		update(t, s, vars{"id": id, "address": vars{"city": city}})
		if city == "Bergen" {
			bergen = append(bergen, id)
		}
	}
	var made struct {
		CreateSegment struct{ Segment struct{ ID string } }
		CreateGroup   struct{ Group struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Manager), `mutation { createSegment(input: {name: "Bergen", rule: {text: {column: CITY, op: EQUALS, value: "bergen"}}}) { segment { id } errors { code message path } }
		createGroup(input: {name: "Members"}) { group { id } errors { code message path } } }`, nil, &made)
	return made.CreateSegment.Segment.ID, made.CreateGroup.Group.ID, bergen
}

// P-15, P-16, P-17, P-18: on a segment the manager runs a grouped edit, an assignment to a group and
// one to a colour. Each reaches the segment's members and nobody else, is told while it goes on, and
// leaves a history entry.
func TestBatchOnASegment(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	segment, group, bergen := club(t, s)
	foreign := other.NewPerson(t, "F0", "L0")
	update(t, other, vars{"id": foreign, "address": vars{"city": "Bergen"}})
	target := vars{"segmentId": segment}

	edit := vars{"action": "EDIT", "edit": vars{"title": "Mr", "language": "nb", "address": vars{"country": "NO"}}, "target": target}
	dry := ran(t, s, with(edit, "dryRun", true))
	require.Equal(t, []any{"BatchRun", "DONE", true, 3, 3, 0, 0}, []any{dry.Typename, dry.Status, dry.DryRun, dry.Total, dry.Changed, dry.Unchanged, dry.Failed})
	sample := items(t, s, dry.ID, vars{"state": "CHANGED"})
	require.Len(t, sample.Items.Nodes, 3)
	require.Equal(t, "Mr", sample.Items.Nodes[0].Changes["title"].After)
	require.Equal(t, "", sample.Items.Nodes[0].Changes["title"].Before)
	require.NotNil(t, sample.Items.Nodes[0].Contact)
	require.Equal(t, "", personOf(t, s, bergen[0]).Title, "a dry run writes nothing")

	done := ran(t, s, with(edit, "target", vars{"batchId": dry.ID}))
	require.Equal(t, []any{"DONE", false, 3, 3, "SEGMENT", "Bergen", "manager"}, []any{done.Status, done.DryRun, done.Total, done.Changed, done.TargetKind, done.SegmentName, done.ActorName})
	require.JSONEq(t, `{"title": "Mr", "language": "nb", "address": {"country": "NO"}}`, string(done.Input))
	require.Equal(t, segment, *done.SegmentID)
	require.Equal(t, 3, ran(t, s, vars{"action": "GROUP", "group": vars{"add": []string{group}}, "target": target}).Changed)
	require.Equal(t, 3, ran(t, s, vars{"action": "COLOR", "color": "#aa0000", "target": target}).Changed)
	again := ran(t, s, vars{"action": "COLOR", "color": "#aa0000", "target": target})
	require.Equal(t, []int{0, 3}, []int{again.Changed, again.Unchanged})

	for _, id := range bergen {
		is := personOf(t, s, id)
		require.Equal(t, []any{"Mr", "nb", "NO", "Bergen", "#aa0000", "Members"}, []any{is.Title, is.Language, is.Address.Country, is.Address.City, is.Color, is.Groups[0].Name})
		require.Equal(t, "manager", is.History.Nodes[0].ActorName)
		require.Equal(t, "#aa0000", is.History.Nodes[0].Changes["color"].After)
		require.Contains(t, is.History.Nodes[1].Changes, "groups")
		require.Contains(t, is.History.Nodes[2].Changes, "title")
	}
	var rest struct{ Contacts struct{ Nodes []person } }
	p.Must(t, s.As(site.Viewer), `{ contacts(filter: {text: {column: CITY, op: EQUALS, value: "Oslo"}}) { nodes { ... on Person { title color } } } }`, nil, &rest)
	require.Equal(t, []person{{}}, rest.Contacts.Nodes, "who is not in the segment stays as it is")
	require.Empty(t, personOf(t, other, foreign).Title, "and so does another site's book")

	var list struct{ BatchRuns struct{ Nodes []batch } }
	p.Must(t, s.As(site.Operator), `{ batchRuns(first: 10) { nodes { `+batchFields+` } } }`, nil, &list)
	require.Len(t, list.BatchRuns.Nodes, 4, "dry runs are not among them")
	require.Equal(t, []string{"COLOR", "COLOR", "GROUP", "EDIT"}, []string{list.BatchRuns.Nodes[0].Action, list.BatchRuns.Nodes[1].Action, list.BatchRuns.Nodes[2].Action, list.BatchRuns.Nodes[3].Action})
	p.Must(t, other.As(site.Operator), `{ batchRuns { nodes { id } } }`, nil, &list)
	require.Empty(t, list.BatchRuns.Nodes)
}

type person struct {
	Title, Language, Color string
	Address                struct{ Country, City string }
	Groups                 []struct{ Name string }
	History                struct {
		Nodes []struct {
			ActorName string
			Changes   map[string]struct{ After any }
		}
	}
}

func personOf(t *testing.T, s *apptest.Site, id string) (out person) {
	t.Helper()
	var got struct{ Contact person }
	s.Program.Must(t, s.As(site.Viewer), `query($id: ID!) { contact(id: $id) { ... on Person { title language color address { country city } groups { name } history { nodes { actorName changes } } } } }`, vars{"id": id}, &got)
	return got.Contact
}

func with(v vars, key string, value any) vars {
	out := vars{}
	for k, one := range v {
		out[k] = one
	}
	out[key] = value
	return out
}

// T-33: several contacts can be selected for a bulk action: picked ones, or all that match.
func TestBatchOnASelection(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	_, _, bergen := club(t, s)
	require.Equal(t, 2, ran(t, s, vars{"action": "COLOR", "color": "#00aa00", "target": vars{"contactIds": bergen[:2]}}).Changed)
	require.Equal(t, []string{"#00aa00", "#00aa00", ""}, []string{personOf(t, s, bergen[0]).Color, personOf(t, s, bergen[1]).Color, personOf(t, s, bergen[2]).Color})

	matching := vars{"search": "L", "filter": vars{"text": vars{"column": "CITY", "op": "EQUALS", "value": "Bergen"}}}
	moved := ran(t, s, vars{"action": "DELETE", "target": vars{"matching": matching}})
	require.Equal(t, []any{3, "MATCHING", "L"}, []any{moved.Changed, moved.TargetKind, moved.Search})
	require.Equal(t, []string{"L3 F3"}, find(t, s, vars{}).names())
	back := ran(t, s, vars{"action": "RESTORE", "target": vars{"matching": vars{"trash": true}}})
	require.Equal(t, 3, back.Changed)
	require.Len(t, find(t, s, vars{}).names(), 4)
	nobody := ran(t, s, vars{"action": "COLOR", "color": "", "target": vars{"matching": vars{"search": "nobody"}}})
	require.Equal(t, []any{"DONE", 0}, []any{nobody.Status, nobody.Total})
}

// G-04, P-20: every action has a permission of its own, which batchActions tells; what cannot be
// done to one contact is told of that one; input is checked before anything is done.
func TestBatchRefusals(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	segment, group, bergen := club(t, s)
	_, foreignGroup, foreign := club(t, other)
	picked := vars{"contactIds": bergen}

	for role, may := range map[site.Role][]string{
		site.Viewer: nil, site.Operator: {"EDIT", "GROUP", "LABEL", "COLOR", "CONSENT", "RESTORE", "MEMBER"},
		site.Manager: {"EDIT", "GROUP", "LABEL", "COLOR", "CONSENT", "DELETE", "RESTORE", "REFUND", "MEMBER"},
	} {
		var out struct {
			BatchActions []struct {
				Name, Requires string
				Allowed        bool
			}
		}
		p.Must(t, s.As(role), `{ batchActions { name requires allowed } }`, nil, &out)
		var allowed []string
		for _, a := range out.BatchActions {
			if a.Allowed {
				allowed = append(allowed, a.Name)
			}
			how := map[string]vars{
				"EDIT": {"edit": vars{"title": "X"}}, "GROUP": {"group": vars{"add": []string{group}}}, "COLOR": {"color": "#00aa00"},
				"LABEL": {"label": vars{"add": []string{group}}}, "CONSENT": {"consent": vars{"state": "GIVEN"}},
				"REFUND": {"refund": vars{"eventId": group}}, "MEMBER": {"member": vars{"planId": group}},
			}[a.Name]
			if !a.Allowed {
				p.Refused(t, s.As(role), "FORBIDDEN", runBatch, vars{"i": with(with(how, "action", a.Name), "target", picked)})
			}
		}
		require.Equal(t, may, allowed, role)
	}
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", `{ batchActions { name } }`, nil)

	for want, input := range map[string]vars{
		"REQUIRED edit":                  {"action": "EDIT", "edit": vars{}, "target": picked},
		"INVALID edit.language":          {"action": "EDIT", "edit": vars{"language": "!"}, "target": picked},
		"WRONG_TYPE edit":                {"action": "EDIT", "edit": vars{"title": "Mr", "organizationKind": "CLUB"}, "target": picked},
		"UNKNOWN edit.answers.0.fieldId": {"action": "EDIT", "edit": vars{"answers": []vars{{"fieldId": group, "text": "x"}}}, "target": picked},
		"REQUIRED group":                 {"action": "GROUP", "group": vars{}, "target": picked},
		"UNKNOWN group.add.0":            {"action": "GROUP", "group": vars{"add": []string{foreignGroup}}, "target": picked},
		"DUPLICATE group.add.0":          {"action": "GROUP", "group": vars{"add": []string{group}, "remove": []string{group}}, "target": picked},
		"UNKNOWN edit.natureId":          {"action": "EDIT", "edit": vars{"natureId": group}, "target": picked},
		"REQUIRED label":                 {"action": "LABEL", "label": vars{}, "target": picked},
		"UNKNOWN label.remove.0":         {"action": "LABEL", "label": vars{"remove": []string{group}}, "target": picked},
		"UNKNOWN consent.purposeId":      {"action": "CONSENT", "consent": vars{"purposeId": group, "state": "GIVEN"}, "target": picked},
		"INVALID_DATE consent.at":        {"action": "CONSENT", "consent": vars{"state": "GIVEN", "at": "2999-01-01T00:00:00Z"}, "target": picked},
		"INVALID_COLOR color":            {"action": "COLOR", "color": "red", "target": picked},
		"REQUIRED color":                 {"action": "COLOR", "target": picked},
		"WRONG_TYPE color":               {"action": "DELETE", "color": "#00aa00", "target": picked},
		"REQUIRED target":                {"action": "DELETE", "target": vars{"contactIds": bergen, "segmentId": segment}},
		"UNKNOWN target.segmentId":       {"action": "DELETE", "target": vars{"segmentId": group}},
		"UNKNOWN target.contactIds.0":    {"action": "DELETE", "target": vars{"contactIds": foreign[:1]}},
		"REQUIRED target.contactIds":     {"action": "DELETE", "target": vars{"contactIds": []string{}}},
		"INVALID idempotencyKey":         {"action": "DELETE", "target": picked, "idempotencyKey": ""},
	} {
		require.Equal(t, []string{want}, p.Payload(t, s.As(site.Manager), runBatch, vars{"i": input}, nil))
	}

	var firm struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	p.Must(t, s.As(site.Operator), `mutation { createOrganization(input: {name: "Fjord AS"}) { organization { id } errors { code message path } } }`, nil, &firm)
	part := ran(t, s, vars{"action": "EDIT", "edit": vars{"title": "Mr"}, "target": vars{"contactIds": append(slices.Clone(bergen), firm.CreateOrganization.Organization.ID)}})
	require.Equal(t, []any{"DONE", 3, 1}, []any{part.Status, part.Changed, part.Failed})
	failed := items(t, s, part.ID, vars{"state": "FAILED"}).Items.Nodes
	require.Len(t, failed, 1)
	require.Equal(t, "Fjord AS", failed[0].Contact.DisplayName)
	require.Equal(t, "WRONG_TYPE", failed[0].Code)
	require.NotEmpty(t, failed[0].Message)
	first := items(t, s, part.ID, vars{"first": 3}).Items
	require.Len(t, first.Nodes, 3)
	require.True(t, first.PageInfo.HasNextPage)
	require.Len(t, items(t, s, part.ID, vars{"first": 3, "after": *first.PageInfo.EndCursor}).Items.Nodes, 1)

	p.Refused(t, other.As(site.Manager), "NOT_FOUND", `query($id: ID!) { batchRun(id: $id) { id } }`, vars{"id": part.ID})
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", `query($id: ID!) { batchRun(id: $id) { id } }`, vars{"id": part.ID})
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", `mutation($id: ID!) { cancelBatch(input: {id: $id}) { errors { code } } }`, vars{"id": part.ID})
	key := vars{"action": "DELETE", "target": picked, "idempotencyKey": "once"}
	require.Equal(t, startBatch(t, s, site.Manager, key), startBatch(t, s, site.Manager, key))
}

// T-34, T-65, P-20: a batch gives labels to a selection and takes them; in an exclusive set, and on
// request in any, the new one takes the place of the old. Whom the set is not for fails alone.
func TestBatchOfLabels(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	_, _, bergen := club(t, s)
	firm := organization(t, s, "Fjord AS")
	sport := newLabels(t, s, vars{"name": "Sport", "kinds": []string{"PERSON"}, "labels": []vars{{"name": "Tennis", "color": "#aa0000"}, {"name": "Golf", "color": "#00aa00"}}})
	give := func(label vars) batch {
		return ran(t, s, vars{"action": "LABEL", "label": label, "target": vars{"contactIds": append(slices.Clone(bergen), firm)}})
	}
	first := give(vars{"add": sport[:1]})
	require.Equal(t, []int{3, 0, 1}, []int{first.Changed, first.Unchanged, first.Failed})
	failed := items(t, s, first.ID, vars{"state": "FAILED"}).Items.Nodes
	require.Equal(t, []string{firm, "WRONG_KIND"}, []string{failed[0].ContactID, failed[0].Code})
	require.Equal(t, []string{"Tennis"}, labelsOn(t, s, bergen[0]))
	require.Equal(t, 3, give(vars{"add": sport[1:]}).Changed)
	require.Equal(t, []string{"Tennis", "Golf"}, labelsOn(t, s, bergen[0]))
	require.Equal(t, 3, give(vars{"add": sport[:1], "replace": true}).Changed)
	require.Equal(t, []string{"Tennis"}, labelsOn(t, s, bergen[1]))
	require.Equal(t, 3, give(vars{"remove": sport}).Changed)
	require.Empty(t, labelsOn(t, s, bergen[2]))
}

func organization(t *testing.T, s *apptest.Site, name string) string {
	t.Helper()
	var out struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Operator), `mutation($n: String!) { createOrganization(input: {name: $n}) { organization { id } errors { code message path } } }`, vars{"n": name}, &out)
	return out.CreateOrganization.Organization.ID
}

// newLabels makes a set and gives its labels' ids.
func newLabels(t *testing.T, s *apptest.Site, input vars) (ids []string) {
	t.Helper()
	var out struct {
		CreateLabelSet struct {
			LabelSet struct{ Labels []struct{ ID string } }
		}
	}
	s.Program.Must(t, s.As(site.Manager), `mutation($i: CreateLabelSetInput!) { createLabelSet(input: $i) { labelSet { labels { id } } errors { code message path } } }`, vars{"i": input}, &out)
	for _, l := range out.CreateLabelSet.LabelSet.Labels {
		ids = append(ids, l.ID)
	}
	return ids
}

func labelsOn(t *testing.T, s *apptest.Site, id string) (names []string) {
	t.Helper()
	var out struct {
		Contact struct{ Labels []struct{ Name string } }
	}
	s.Program.Must(t, s.As(site.Viewer), `query($id: ID!) { contact(id: $id) { labels { name } } }`, vars{"id": id}, &out)
	for _, l := range out.Contact.Labels {
		names = append(names, l.Name)
	}
	return names
}

// P-03, P-20, G-04: a batch writes down what many said. Where the site lists by consent, whoever
// agreed is listed and whoever withdrew is not, and the dry run says so; a newer word stands.
func TestBatchOfConsents(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	_, _, bergen := club(t, s)
	p.Must(t, s.As(site.Manager), `mutation { updateSite(input: {consentPolicy: CONSENT}) { errors { code message path } } }`, nil, nil)
	require.Empty(t, find(t, s, vars{}).names())
	target := vars{"contactIds": bergen[:2]}
	order := vars{"action": "CONSENT", "consent": vars{"state": "GIVEN", "channel": "EMAIL", "note": "on the form"}, "target": target}
	dry := ran(t, s, with(order, "dryRun", true))
	sample := items(t, s, dry.ID, vars{"state": "CHANGED"}).Items.Nodes
	require.Equal(t, true, sample[0].Changes["listed"].After)
	require.Equal(t, "given", sample[0].Changes["consent.contact.email"].After)
	require.Empty(t, find(t, s, vars{}).names(), "a dry run writes nothing")
	require.Equal(t, 2, ran(t, s, order).Changed)
	require.Equal(t, []string{"L0 F0", "L1 F1"}, find(t, s, vars{}).names())
	require.Equal(t, 2, ran(t, s, order).Unchanged)
	old := vars{"state": "WITHDRAWN", "channel": "EMAIL", "at": "2001-01-01T00:00:00Z"}
	require.Equal(t, 2, ran(t, s, vars{"action": "CONSENT", "consent": old, "target": target}).Unchanged, "they said something newer")
	require.Equal(t, 1, ran(t, s, vars{"action": "CONSENT", "consent": vars{"state": "WITHDRAWN"}, "target": vars{"contactIds": bergen[:1]}}).Changed)
	require.Equal(t, []string{"L1 F1"}, find(t, s, vars{}).names())
	require.Equal(t, []string{"CONSENT_REQUIRED edit.listed"}, p.Payload(t, s.As(site.Operator), runBatch, vars{"i": vars{"action": "EDIT", "edit": vars{"listed": true}, "target": target}}, nil))
	p.Must(t, s.As(site.Manager), `mutation { updateSite(input: {consentPolicy: INTERACTION}) { errors { code message path } } }`, nil, nil)
	require.Equal(t, 2, ran(t, s, vars{"action": "EDIT", "edit": vars{"listed": false}, "target": target}).Changed)
	require.Equal(t, []string{"L2 F2", "L3 F3"}, find(t, s, vars{}).names())
}

// S-112: when a batch moves an organization, the persons who use its address move along.
func TestBatchSpreadsAddresses(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	firm, ola := organization(t, s, "Fjord AS"), s.NewPerson(t, "Ola", "Berg")
	update(t, s, vars{"id": ola, "addressOf": firm})
	require.Equal(t, 1, ran(t, s, vars{"action": "EDIT", "edit": vars{"address": vars{"city": "Voss"}}, "target": vars{"contactIds": []string{firm}}}).Changed)
	require.Equal(t, "Voss", personOf(t, s, ola).Address.City)
}

// A contact that is deleted for good takes along what dry runs told of it.
func TestErasingClearsBatches(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	ola := s.NewPerson(t, "Ola", "Berg")
	dry := ran(t, s, vars{"action": "EDIT", "edit": vars{"note": "owes us"}, "dryRun": true, "target": vars{"contactIds": []string{ola}}})
	require.NotNil(t, items(t, s, dry.ID, vars{}).Items.Nodes[0].Changes)
	p.Must(t, s.As(site.Manager), `mutation($ids: [ID!]!) { deleteContacts(input: {ids: $ids}) { errors { code message path } } emptyTrash(input: {ids: $ids}) { erasedCount errors { code message path } } }`, vars{"ids": []string{ola}}, nil)
	left := items(t, s, dry.ID, vars{}).Items.Nodes
	require.Equal(t, "CHANGED", left[0].State)
	require.Nil(t, left[0].Changes)
	require.Nil(t, left[0].Contact)
}

// A batch of many contacts is told at most ten times a second while it goes on, and can be stopped.
func TestBatchProgressAndCancel(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	_, err := p.DB.Bun.NewRaw(`INSERT INTO contact (site_id, id, number, kind, last_name, n_last, search)
		SELECT ?, gen_random_uuid(), 1000 + n, 'person', 'Many', 'many', 'many' FROM generate_series(1, 6000) n`, s.ID).Exec(t.Context())
	require.NoError(t, err)
	began := time.Now()
	told := followed(t, s, startBatch(t, s, site.Operator, vars{"action": "COLOR", "color": "#00aa00", "target": vars{"matching": vars{"search": "many"}}}))
	last := told[len(told)-1]
	require.Equal(t, []any{"DONE", 6000, 6000}, []any{last.Status, last.Total, last.Changed})
	require.LessOrEqual(t, len(told), int(time.Since(began)/(100*time.Millisecond))+2)
	require.True(t, slices.IsSortedFunc(told, func(a, b batch) int { return a.Changed - b.Changed }))

	id := startBatch(t, s, site.Operator, vars{"action": "COLOR", "color": "", "target": vars{"matching": vars{"search": "many"}}})
	p.Must(t, s.As(site.Operator), `mutation($id: ID!) { cancelBatch(input: {id: $id}) { batch { status } errors { code message path } } }`, vars{"id": id}, nil)
	told = followed(t, s, id)
	last = told[len(told)-1]
	require.Equal(t, "CANCELLED", last.Status)
	require.Less(t, last.Changed, 6000)
	var coloured int
	require.NoError(t, p.DB.Bun.NewRaw("SELECT count(*) FROM contact WHERE color <> ''").Scan(t.Context(), &coloured))
	require.Equal(t, 6000-last.Changed, coloured, "what was done stays, and the rest is not done")
}
