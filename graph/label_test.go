package graph_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const labelSetParts = `labelSet { id name description kinds audiences exclusive position archivedAt labels { id name color archivedAt contactCount setName } } errors { code message path }`

const (
	createLabelSet = `mutation($i: CreateLabelSetInput!) { createLabelSet(input: $i) { ` + labelSetParts + ` } }`
	updateLabelSet = `mutation($i: UpdateLabelSetInput!) { updateLabelSet(input: $i) { ` + labelSetParts + ` } }`
	deleteLabelSet = `mutation($i: DeleteInput!) { deleteLabelSet(input: $i) { deletedId ` + labelSetParts + ` } }`
	assignLabels   = `mutation($i: AssignLabelsInput!) { assignLabels(input: $i) { changed errors { code message path } } }`
	assignGroups   = `mutation($i: AssignGroupsInput!) { assignGroups(input: $i) { changed errors { code message path } } }`
	setColor       = `mutation($i: SetColorInput!) { setColor(input: $i) { changed errors { code message path } } }`
	saveContact    = `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`
)

type labelSet struct {
	ID, Name, Description string
	Kinds, Audiences      []string
	Exclusive             bool
	Position              int
	ArchivedAt            *string
	Labels                []struct {
		ID, Name, Color, SetName string
		ArchivedAt               *string
		ContactCount             int
	}
}

// label gives the id of the set's label of a name.
func (s labelSet) label(t *testing.T, name string) string {
	t.Helper()
	for _, l := range s.Labels {
		if l.Name == name {
			return l.ID
		}
	}
	t.Fatalf("the set %s has no label %s", s.Name, name)
	return ""
}

// set sends a mutation of a label set that must be accepted, and gives the set.
func set(t *testing.T, s *apptest.Site, mutation string, input vars) labelSet {
	t.Helper()
	var out map[string]struct{ LabelSet labelSet }
	require.Empty(t, s.Program.Payload(t, s.As(site.Manager), mutation, vars{"i": input}, &out))
	for _, payload := range out {
		return payload.LabelSet
	}
	return labelSet{}
}

func labelItems(names ...string) []vars {
	out := make([]vars, len(names))
	for i, name := range names {
		out[i] = vars{"name": name, "color": fmt.Sprintf("#1122%02x", i)}
	}
	return out
}

// assigned sends a bulk assignment and gives how many changed and what was refused.
func assigned(t *testing.T, s *apptest.Site, mutation string, input vars) (int, []string) {
	t.Helper()
	var out map[string]struct{ Changed int }
	refused := s.Program.Payload(t, s.As(site.Operator), mutation, vars{"i": input}, &out)
	for _, payload := range out {
		return payload.Changed, refused
	}
	return 0, refused
}

func labelsOf(t *testing.T, s *apptest.Site, id string) []string {
	t.Helper()
	var out struct {
		Contact struct{ Labels []struct{ Name string } }
	}
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { labels { name } } }`, vars{"i": id}, &out)
	names := []string{}
	for _, l := range out.Contact.Labels {
		names = append(names, l.Name)
	}
	return names
}

// foundBy gives the names of the contacts that a filter finds.
func foundBy(t *testing.T, s *apptest.Site, filter vars) []string {
	t.Helper()
	var out contactList
	s.Program.Must(t, s.As(site.Viewer), `query($f: ContactFilter) { contacts(filter: $f) { nodes { displayName } } }`, vars{"f": filter}, &out)
	return out.names()
}

// T-63: a set is created with a name and a "Used in" scope; scope "Buyer" makes it a contact filter.
// T-64: it holds items, added one by one, each with a name and a colour.
// S-54: the list is the site's to configure; contacts take only what is on it.
func TestLabelSets(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	made := set(t, s, createLabelSet, vars{"name": "Interest", "description": "What they like", "audiences": []string{"BUYER"}, "labels": labelItems("Choir")})
	require.Equal(t, []string{"BUYER"}, made.Audiences)
	require.Equal(t, []string{"PERSON", "ORGANIZATION"}, made.Kinds)
	require.Equal(t, "#112200", made.Labels[0].Color)
	require.Equal(t, "Interest", made.Labels[0].SetName)

	// Items come one by one; renaming one by its id takes it from nobody, and two may swap their names.
	kari := s.NewPerson(t, "Kari", "Nordmann")
	choir := made.label(t, "Choir")
	update(t, s, vars{"id": kari, "labelIds": []string{choir}})
	made = set(t, s, updateLabelSet, vars{"id": made.ID, "labels": append([]vars{{"id": choir, "name": "Choir", "color": "#d9564a"}}, labelItems("Chess")...)})
	made = set(t, s, updateLabelSet, vars{"id": made.ID, "labels": []vars{{"id": made.label(t, "Chess"), "name": "Choir", "color": "#5f9e3f"}, {"id": choir, "name": "Chess", "color": "#d9564a"}}})
	require.Equal(t, []string{"Choir", "Chess"}, []string{made.Labels[0].Name, made.Labels[1].Name})
	require.Equal(t, []string{"Chess"}, labelsOf(t, s, kari))
	require.Equal(t, []string{"NORDMANN Kari"}, foundBy(t, s, vars{"label": choir}))
	require.Equal(t, 1, made.Labels[1].ContactCount)

	// Left out: deleted, or archived when a contact has it. A new one of the name brings it back.
	made = set(t, s, updateLabelSet, vars{"id": made.ID, "labels": []vars{}})
	require.Len(t, made.Labels, 1)
	require.NotNil(t, made.Labels[0].ArchivedAt)
	require.Equal(t, []string{"Chess"}, labelsOf(t, s, kari))
	require.Equal(t, []string{"UNKNOWN labelIds.0"}, p.Payload(t, s.As(site.Operator), saveContact, vars{"i": vars{"id": s.NewPerson(t, "Ola", "Nordmann"), "labelIds": []string{choir}}}, nil))
	made = set(t, s, updateLabelSet, vars{"id": made.ID, "labels": labelItems("chess")})
	require.Equal(t, choir, made.Labels[0].ID)
	require.Nil(t, made.Labels[0].ArchivedAt)

	second := set(t, s, createLabelSet, vars{"name": "Level", "audiences": []string{"MEMBER", "ORGANIZER"}, "kinds": []string{"ORGANIZATION"}})
	require.Equal(t, 1, second.Position)
	require.Equal(t, 0, set(t, s, updateLabelSet, vars{"id": second.ID, "position": 0}).Position)
	sets := func(arguments string) []string {
		var out struct {
			LabelSets []struct {
				Name   string
				Labels []struct{ Name string }
			}
		}
		p.Must(t, s.As(site.Viewer), `{ labelSets`+arguments+` { name labels { name } } }`, nil, &out)
		names := []string{}
		for _, one := range out.LabelSets {
			names = append(names, one.Name)
		}
		return names
	}
	require.Equal(t, []string{"Level", "Interest"}, sets(""))
	require.Equal(t, []string{"Interest"}, sets("(audience: BUYER)"))
	require.Equal(t, []string{"Level"}, sets("(audience: MEMBER)"))
	require.Equal(t, []string{"Interest"}, sets("(kind: PERSON)"))

	// Deleting: archived while contacts have its labels, else gone for good.
	require.NotNil(t, set(t, s, deleteLabelSet, vars{"id": made.ID}).ArchivedAt)
	require.Empty(t, set(t, s, deleteLabelSet, vars{"id": second.ID}).ID)
	require.Empty(t, sets(""))
	require.Equal(t, []string{"Interest"}, sets("(includeArchived: true)"))
	require.Nil(t, set(t, s, updateLabelSet, vars{"id": made.ID, "archived": false}).ArchivedAt)
	require.Equal(t, []string{"Interest"}, sets(""))

	p.Refused(t, s.As(site.Operator), "FORBIDDEN", createLabelSet, vars{"i": vars{"name": "x"}})
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", updateLabelSet, vars{"i": vars{"id": made.ID, "name": "x"}})
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", deleteLabelSet, vars{"i": vars{"id": made.ID}})
}

func TestLabelSetsAreChecked(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	set(t, s, createLabelSet, vars{"name": "Été"})
	many := make([]string, 201)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, c := range []struct {
		input vars
		want  []string
	}{
		{vars{"name": " "}, []string{"REQUIRED name"}},
		{vars{"name": "ETE"}, []string{"TAKEN name"}},
		{vars{"name": "x", "kinds": []string{}, "audiences": []string{}}, []string{"REQUIRED kinds", "REQUIRED audiences"}},
		{vars{"name": "x", "labels": labelItems("Ærlig", "aerlig")}, []string{"DUPLICATE labels.1.name"}},
		{vars{"name": "x", "labels": labelItems("")}, []string{"REQUIRED labels.0.name"}},
		{vars{"name": "x", "labels": []vars{{"name": "a", "color": "red"}}}, []string{"INVALID_COLOR labels.0.color"}},
		{vars{"name": "x", "labels": []vars{{"id": "00000000-0000-7000-8000-000000000000", "name": "a", "color": "#112233"}}}, []string{"UNKNOWN labels.0.id"}},
		{vars{"name": "x", "labels": labelItems(many...)}, []string{"TOO_LONG labels"}},
	} {
		require.Equal(t, c.want, p.Payload(t, s.As(site.Manager), createLabelSet, vars{"i": c.input}, nil))
	}
	for i := range 99 {
		set(t, s, createLabelSet, vars{"name": fmt.Sprint("Set ", i)})
	}
	require.Equal(t, []string{"TOO_LONG "}, p.Payload(t, s.As(site.Manager), createLabelSet, vars{"i": vars{"name": "One more"}}, nil))
}

// T-34, T-65: labels are assigned to one contact and to several at once. T-66: assigned labels are search criteria.
// S-53, S-55, S-75: contacts are classified by hand, by criteria that differ between persons and organizations, and
// the classification is a criterion of segments.
func TestAssignLabels(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari, ola, firm := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Nordmann"), newOrganization(t, s, "Fjord Hall", nil)
	interest := set(t, s, createLabelSet, vars{"name": "Interest", "labels": labelItems("Choir", "Chess")})
	level := set(t, s, createLabelSet, vars{"name": "Level", "kinds": []string{"ORGANIZATION"}, "exclusive": true, "labels": labelItems("Gold", "Silver")})
	choir, chess, gold, silver := interest.label(t, "Choir"), interest.label(t, "Chess"), level.label(t, "Gold"), level.label(t, "Silver")

	// One contact: as it is made, and later.
	var out struct {
		CreatePerson struct{ Person struct{ ID string } }
	}
	require.Empty(t, p.Payload(t, s.As(site.Operator), `mutation($l: [ID!]) { createPerson(input: {lastName: "New", labelIds: $l}) { person { id } errors { code message path } } }`, vars{"l": []string{chess, choir}}, &out))
	require.Equal(t, []string{"Choir", "Chess"}, labelsOf(t, s, out.CreatePerson.Person.ID))
	update(t, s, vars{"id": out.CreatePerson.Person.ID, "labelIds": []string{}})
	require.Empty(t, labelsOf(t, s, out.CreatePerson.Person.ID))

	// Several at once, each with one entry of history.
	changed, refused := assigned(t, s, assignLabels, vars{"contactIds": []string{kari, ola, firm}, "add": []string{choir}})
	require.Equal(t, 3, changed)
	require.Empty(t, refused)
	changed, _ = assigned(t, s, assignLabels, vars{"contactIds": []string{kari, ola}, "add": []string{choir, chess}})
	require.Equal(t, 2, changed)
	changed, _ = assigned(t, s, assignLabels, vars{"contactIds": []string{kari, ola, firm}, "add": []string{chess}, "remove": []string{choir}})
	require.Equal(t, 3, changed)
	changed, _ = assigned(t, s, assignLabels, vars{"contactIds": []string{kari}, "add": []string{chess}, "remove": []string{choir}})
	require.Zero(t, changed, "all was so already")
	require.Equal(t, []string{"Chess"}, labelsOf(t, s, kari))
	entries := changesOf(t, s, kari)
	require.Len(t, entries, 4)
	require.JSONEq(t, `{"labels": {"before": ["Choir", "Chess"], "after": ["Chess"]}}`, entries[0])
	require.JSONEq(t, `{"labels": {"before": [], "after": ["Choir"]}}`, entries[2])

	// S-55: a person takes no label of an organizations' set; the others do, and nothing of the person is half-done.
	require.Equal(t, []string{"WRONG_KIND labelIds.0"}, p.Payload(t, s.As(site.Operator), saveContact, vars{"i": vars{"id": kari, "labelIds": []string{gold}}}, nil))
	changed, refused = assigned(t, s, assignLabels, vars{"contactIds": []string{kari, firm, ola}, "add": []string{choir, gold}})
	require.Equal(t, 1, changed)
	require.Equal(t, []string{"WRONG_KIND contactIds.0", "WRONG_KIND contactIds.2"}, refused)
	require.Equal(t, []string{"Chess"}, labelsOf(t, s, kari))
	require.Equal(t, []string{"Choir", "Chess", "Gold"}, labelsOf(t, s, firm))

	// An exclusive set's label takes the place of the other.
	changed, _ = assigned(t, s, assignLabels, vars{"contactIds": []string{firm}, "add": []string{silver}})
	require.Equal(t, 1, changed)
	require.Equal(t, []string{"Choir", "Chess", "Silver"}, labelsOf(t, s, firm))
	require.Equal(t, []string{"DUPLICATE labelIds.1"}, p.Payload(t, s.As(site.Operator), saveContact, vars{"i": vars{"id": firm, "labelIds": []string{gold, silver}}}, nil))
	_, refused = assigned(t, s, assignLabels, vars{"contactIds": []string{firm}, "add": []string{gold, silver}})
	require.Equal(t, []string{"DUPLICATE add.1"}, refused)
	require.Equal(t, []string{"IN_USE exclusive"}, p.Payload(t, s.As(site.Manager), updateLabelSet, vars{"i": vars{"id": interest.ID, "exclusive": true}}, nil))
	require.Equal(t, []string{"IN_USE kinds"}, p.Payload(t, s.As(site.Manager), updateLabelSet, vars{"i": vars{"id": interest.ID, "kinds": []string{"ORGANIZATION"}}}, nil))

	// Search criteria of the list, and of segments.
	require.Equal(t, []string{"Fjord Hall"}, foundBy(t, s, vars{"label": choir}))
	require.Equal(t, []string{"Fjord Hall", "NORDMANN Kari", "NORDMANN Ola"}, foundBy(t, s, vars{"label": chess}))
	require.Equal(t, []string{"NEW", "NORDMANN Kari", "NORDMANN Ola"}, foundBy(t, s, vars{"labelSet": vars{"id": level.ID, "any": false}}))
	require.Equal(t, []string{"Fjord Hall"}, foundBy(t, s, vars{"labelSet": vars{"id": level.ID, "any": true}}))
	require.Equal(t, []string{"NEW"}, foundBy(t, s, vars{"not": vars{"label": chess}}))
	require.NotEmpty(t, newSegment(t, s, vars{"all": []vars{{"label": silver}}}))

	// The trash is told of, the rest is done.
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { errors { code } } }`, vars{"i": ola}, nil)
	changed, refused = assigned(t, s, assignLabels, vars{"contactIds": []string{ola, kari}, "add": []string{choir}})
	require.Equal(t, 1, changed)
	require.Equal(t, []string{"IN_TRASH contactIds.0"}, refused)
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", assignLabels, vars{"i": vars{"contactIds": []string{kari}, "add": []string{chess}}})
	_, refused = assigned(t, s, assignLabels, vars{"contactIds": slices.Repeat([]string{kari}, 1001), "add": []string{chess}})
	require.Equal(t, []string{"TOO_LONG contactIds"}, refused)
}

// changesOf gives the changes of a contact, newest first, as JSON.
func changesOf(t *testing.T, s *apptest.Site, id string) []string {
	t.Helper()
	var out struct {
		Contact struct {
			History struct {
				Nodes []struct{ Changes json.RawMessage }
			}
		}
	}
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { history { nodes { changes } } } }`, vars{"i": id}, &out)
	entries := []string{}
	for _, n := range out.Contact.History.Nodes {
		entries = append(entries, string(n.Changes))
	}
	return entries
}

// T-33: several contacts can be selected for a bulk action; here what these do. P-24: a person and an organization
// can be in one group and in several. P-23, G-03: a contact has a colour, set one by one and for many.
func TestAssignGroupsAndColor(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari, firm := s.NewPerson(t, "Kari", "Nordmann"), newOrganization(t, s, "Fjord Hall", nil)
	groups := map[string]string{}
	for _, name := range []string{"Choir", "Board"} {
		var g struct {
			CreateGroup struct{ Group struct{ ID string } }
		}
		p.Must(t, s.As(site.Manager), `mutation($n: String!) { createGroup(input: {name: $n}) { group { id } errors { code } } }`, vars{"n": name}, &g)
		groups[name] = g.CreateGroup.Group.ID
	}
	both := []string{kari, firm}
	changed, refused := assigned(t, s, assignGroups, vars{"contactIds": both, "add": []string{groups["Choir"]}})
	require.Equal(t, 2, changed)
	require.Empty(t, refused)
	changed, _ = assigned(t, s, assignGroups, vars{"contactIds": both, "add": []string{groups["Choir"], groups["Board"]}})
	require.Equal(t, 2, changed)
	require.Equal(t, []string{"Fjord Hall", "NORDMANN Kari"}, foundBy(t, s, vars{"all": []vars{{"group": groups["Choir"]}, {"group": groups["Board"]}}}))
	changed, _ = assigned(t, s, assignGroups, vars{"contactIds": both, "remove": []string{groups["Choir"]}})
	require.Equal(t, 2, changed)
	require.JSONEq(t, `{"groups": {"before": ["Board", "Choir"], "after": ["Board"]}}`, changesOf(t, s, firm)[0])
	changed, _ = assigned(t, s, assignGroups, vars{"contactIds": both, "remove": []string{groups["Choir"]}})
	require.Zero(t, changed)
	_, refused = assigned(t, s, assignGroups, vars{"contactIds": both, "add": []string{groups["Board"]}, "remove": []string{groups["Board"]}})
	require.Equal(t, []string{"DUPLICATE add.0"}, refused)

	update(t, s, vars{"id": kari, "color": "#123456"}) // any colour, of the palette or not
	changed, _ = assigned(t, s, setColor, vars{"contactIds": both, "color": "#123456"})
	require.Equal(t, 1, changed)
	require.Equal(t, []string{"Fjord Hall", "NORDMANN Kari"}, foundBy(t, s, vars{"color": "#123456"}))
	changed, _ = assigned(t, s, setColor, vars{"contactIds": []string{kari}, "color": ""})
	require.Equal(t, 1, changed)
	require.JSONEq(t, `{"color": {"before": "#123456", "after": ""}}`, changesOf(t, s, kari)[0])
	require.Equal(t, []string{"NORDMANN Kari"}, foundBy(t, s, vars{"color": ""}))
	_, refused = assigned(t, s, setColor, vars{"contactIds": both, "color": "red"})
	require.Equal(t, []string{"INVALID_COLOR color"}, refused)
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", setColor, vars{"i": vars{"contactIds": both, "color": ""}})
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", assignGroups, vars{"i": vars{"contactIds": both}})
}

// What one site has, another cannot name.
func TestLabelsOfAnotherSite(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	mine, theirs := s.NewPerson(t, "Kari", "Nordmann"), other.NewPerson(t, "Ola", "Nordmann")
	own := set(t, s, createLabelSet, vars{"name": "Own", "labels": labelItems("Mine")})
	foreign := set(t, other, createLabelSet, vars{"name": "Foreign", "labels": labelItems("Theirs")})
	their, my := foreign.label(t, "Theirs"), own.label(t, "Mine")

	require.Equal(t, []string{"UNKNOWN labelIds.0"}, p.Payload(t, s.As(site.Operator), saveContact, vars{"i": vars{"id": mine, "labelIds": []string{their}}}, nil))
	_, refused := assigned(t, s, assignLabels, vars{"contactIds": []string{mine}, "add": []string{their}})
	require.Equal(t, []string{"UNKNOWN add.0"}, refused)
	p.Refused(t, s.As(site.Operator), "NOT_FOUND", assignLabels, vars{"i": vars{"contactIds": []string{mine, theirs}, "add": []string{my}}})
	p.Refused(t, s.As(site.Operator), "NOT_FOUND", setColor, vars{"i": vars{"contactIds": []string{theirs}, "color": ""}})
	p.Refused(t, s.As(site.Manager), "NOT_FOUND", updateLabelSet, vars{"i": vars{"id": foreign.ID, "name": "x"}})
	p.Refused(t, s.As(site.Manager), "NOT_FOUND", deleteLabelSet, vars{"i": vars{"id": foreign.ID}})
	require.Equal(t, []string{"UNKNOWN labels.0.id"}, p.Payload(t, s.As(site.Manager), updateLabelSet, vars{"i": vars{"id": own.ID, "labels": []vars{{"id": their, "name": "x", "color": "#112233"}}}}, nil))
	for _, filter := range []vars{{"label": their}, {"labelSet": vars{"id": foreign.ID, "any": true}}} {
		e := p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }`, vars{"f": filter})
		require.Equal(t, "UNKNOWN", e.Extensions["reason"])
	}
	require.Empty(t, labelsOf(t, s, mine))
}

// However many give labels of an exclusive set at once, each contact ends with one, and by the API nobody fails.
func TestExclusiveSetAtOnce(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari, ola := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Nordmann")
	level := set(t, s, createLabelSet, vars{"name": "Level", "exclusive": true, "labels": labelItems("A", "B", "C", "D")})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			contacts := []string{kari, ola}
			if i%2 == 0 {
				slices.Reverse(contacts)
			}
			r := p.Do(t, s.As(site.Operator), assignLabels, vars{"i": vars{"contactIds": contacts, "add": []string{level.Labels[i%4].ID}}})
			if len(r.Errors) > 0 || strings.Contains(r.Raw, `"code"`) {
				t.Errorf("refused: %s", r.Raw)
			}
		})
	}
	all.Wait()
	require.Len(t, labelsOf(t, s, kari), 1)
	require.Len(t, labelsOf(t, s, ola), 1)

	// The database holds it too, and the kind, whoever writes.
	_, err := p.DB.Pool.Exec(t.Context(), `INSERT INTO contact_label (site_id, contact_id, label_id, set_id, exclusive)
		SELECT site_id, $1, id, set_id, true FROM label WHERE site_id = $2`, kari, s.ID)
	require.ErrorContains(t, err, "contact_label")
	firms := set(t, s, createLabelSet, vars{"name": "Firms", "kinds": []string{"ORGANIZATION"}, "labels": labelItems("Gold")})
	_, err = p.DB.Pool.Exec(t.Context(), `INSERT INTO contact_label (site_id, contact_id, label_id, set_id, exclusive)
		SELECT site_id, $1, id, set_id, false FROM label WHERE site_id = $2 AND set_id = $3`, kari, s.ID, firms.ID)
	require.ErrorContains(t, err, "not for contacts of this kind")
}

// A live segment hears of labels and colours.
func TestSegmentOfLabels(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	kari := s.NewPerson(t, "Kari", "Nordmann")
	made := set(t, s, createLabelSet, vars{"name": "Interest", "labels": labelItems("Choir")})
	id := newSegment(t, s, vars{"any": []vars{{"label": made.label(t, "Choir")}, {"color": "#112233"}}})
	p.Caught(t)
	st := subscribe(t, p, s.As(site.Viewer), segmentChanged, vars{"id": id})
	next := func() moved {
		var e segmentEvent
		st.next(t, &e)
		return e.SegmentChanged
	}
	require.Zero(t, next().Count)
	assigned(t, s, assignLabels, vars{"contactIds": []string{kari}, "add": []string{made.label(t, "Choir")}})
	require.Equal(t, kari, next().Entered[0].ID)
	// A write by SQL alone is heard too: the feed reports the table itself.
	_, err := p.DB.Pool.Exec(t.Context(), `DELETE FROM contact_label WHERE site_id = $1`, s.ID)
	require.NoError(t, err)
	require.Equal(t, []string{kari}, next().Left)
	assigned(t, s, setColor, vars{"contactIds": []string{kari}, "color": "#112233"})
	require.Equal(t, kari, next().Entered[0].ID)
}

// endUserReaches walks the schema from whatever a visitor or an end user may ask, and gives each type that they reach with the way to it.
func endUserReaches(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../schema.graphqls")
	require.NoError(t, err)
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	public := func(f *ast.FieldDefinition) bool {
		need := f.Directives.ForName("auth")
		return need == nil || slices.Contains([]string{"SITE", "ACCOUNT"}, need.Arguments.ForName("requires").Value.Raw)
	}
	seen := map[string]string{}
	var visit func(name, way string)
	visit = func(name, way string) {
		def := schema.Types[name]
		if seen[name] != "" || def == nil {
			return
		}
		seen[name] = way
		for _, f := range def.Fields {
			if !public(f) || strings.HasPrefix(f.Name, "__") {
				continue
			}
			require.NotContains(t, strings.ToLower(f.Name), "labelid", way)
			visit(f.Type.Name(), way+"."+f.Name)
			for _, a := range f.Arguments {
				visit(a.Type.Name(), way+"."+f.Name+"."+a.Name)
			}
		}
	}
	for _, root := range []string{"Query", "Mutation", "Subscription"} {
		visit(root, root)
	}
	for _, name := range []string{"Me", "WidgetConfig", "CustomField"} {
		require.Contains(t, seen, name, "the walk sees what end users may ask")
	}
	return seen
}

// Labels are internal: nothing that an end user or a visitor may ask leads to one, and they are refused at the door.
func TestLabelsAreInternal(t *testing.T) {
	t.Parallel()
	reached := endUserReaches(t)
	for _, name := range []string{"Label", "LabelSet", "LabelSetFilter", "LabelInput", "Contact", "Person", "Organization"} {
		require.NotContains(t, reached, name)
	}

	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	set(t, s, createLabelSet, vars{"name": "Unspeakable set", "labels": labelItems("Unspeakable")})
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", `{ labelSets { name } }`, nil)
	r := p.Do(t, s.Visitor(), `{ widgetConfig { siteName } me { email } surfaceFields(surface: REGISTRATION) { label } }`, nil)
	require.NotContains(t, r.Raw, "Unspeakable")
}
