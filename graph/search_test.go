package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// P-13, S-63, G-01: one box finds a contact by each thing that one may know of it: surname, first name, the
// organization's name, e-mail address, phone, contact number, or its number in another system.
func TestQuickSearchKeys(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	id := personWith(t, s, "Ingeborg", "Nordmann", vars{
		"email": "inga@example.no", "mobile": "+4741234567", "phone": "22 33 44 55", "references": []vars{{"source": "Licence", "externalId": "LIC-0815"}},
	})
	newOrganization(t, s, "Fjord Hall", vars{"email": "post@fjordhall.example"})
	s.NewPerson(t, "Ola", "Hansen")
	personWith(t, other, "Ingeborg", "Nordmann", vars{"email": "inga@example.no"})
	var read struct{ Contact struct{ Number int } }
	p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { number } }`, vars{"i": id}, &read)
	for typed, want := range map[string]string{
		"nordm": "NORDMANN Ingeborg", "ingeb": "NORDMANN Ingeborg", "fjord": "Fjord Hall", "hall": "Fjord Hall", "inga@": "NORDMANN Ingeborg",
		"412 34 567": "NORDMANN Ingeborg", "+47 22334455": "NORDMANN Ingeborg", "LIC-08": "NORDMANN Ingeborg", "post@fj": "Fjord Hall",
		fmt.Sprint(read.Contact.Number): "NORDMANN Ingeborg",
	} {
		require.Equal(t, []string{want}, find(t, s, vars{"search": typed}).names(), "list, %q", typed)
		require.Equal(t, []string{want}, suggestions(t, s, typed), "suggestions, %q", typed)
	}
}

func suggestions(t *testing.T, s *apptest.Site, typed string) []string {
	t.Helper()
	var out struct {
		ContactSuggestions []struct{ DisplayName string }
	}
	s.Program.Must(t, s.As(site.Viewer), `query($t: String!) { contactSuggestions(text: $t, first: 20) { displayName } }`, vars{"t": typed}, &out)
	names := []string{}
	for _, c := range out.ContactSuggestions {
		names = append(names, c.DisplayName)
	}
	return names
}

// S-97: a compound surname, with a space or a hyphen, is found by its first part. S-100, S-101: whatever the case
// and the accents, of what is typed and of what is kept. S-104: both sides of the comma are completed, and follow the
// same rules. S-96: by surname, then first name.
func TestSearchRules(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for _, n := range [][2]string{
		{"Céline", "Aubert"}, {"CELINE", "Bernard"}, {"celine", "Chabrol"}, {"Marc", "Celinet"},
		{"Ana", "García Lopez"}, {"Luis", "Garcia-Marquez"}, {"Jérôme", "Dupont"}, {"Anne", "Dupont"}, {"Jean", "Duponté"},
	} {
		s.NewPerson(t, n[0], n[1])
	}
	for typed, want := range map[string][]string{
		"celine":        {"AUBERT Céline", "BERNARD CELINE", "CELINET Marc", "CHABROL celine"},
		"CÉLINE":        {"AUBERT Céline", "BERNARD CELINE", "CELINET Marc", "CHABROL celine"},
		"garcia":        {"GARCIA-MARQUEZ Luis", "GARCÍA LOPEZ Ana"},
		"GARCÍA":        {"GARCIA-MARQUEZ Luis", "GARCÍA LOPEZ Ana"},
		"garcia lo":     {"GARCÍA LOPEZ Ana"},
		"garcia-mar":    {"GARCIA-MARQUEZ Luis"},
		"dupont":        {"DUPONT Anne", "DUPONT Jérôme", "DUPONTÉ Jean"},
		"Dupont, j":     {"DUPONT Jérôme", "DUPONTÉ Jean"},
		"DUP,JÉ":        {"DUPONT Jérôme", "DUPONTÉ Jean"},
		"dupont, jero":  {"DUPONT Jérôme"},
		"dupont, x":     {},
		"dupont, rome":  {},
		"jerome, dup":   {},
		"Garcia Lo , a": {"GARCÍA LOPEZ Ana"},
	} {
		require.ElementsMatch(t, want, find(t, s, vars{"search": typed}).names(), "list, %q", typed)
		require.Equal(t, find(t, s, vars{"search": typed}).names(), suggestions(t, s, typed), "suggestions, %q", typed)
	}
	require.Equal(t, []string{"DUPONT Anne", "DUPONT Jérôme", "DUPONTÉ Jean"}, suggestions(t, s, "dup"))
}

// S-66, S-68: the criterion name, and the name of a relay, are the search box without numbers and addresses: the same
// words, the same folding, the same stars.
func TestNameCriterionIsTheSearchOfNames(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	relay := links(t, s)["RELAY"]
	through := map[string]string{} // the organization that each person is the relay of
	for i, n := range [][2]string{
		{"Jean", "Dupont"}, {"Marie", "Dupont-Moreau"}, {"Anne", "Du Pont"}, {"Céline", "Dupontel"}, {"Åse", "Ødegård"}, {"Per Åge", "Pierpont"}, {"Dag", "100% Dupond"},
	} {
		id := s.NewPerson(t, n[0], n[1])
		organization := newOrganization(t, s, fmt.Sprintf("Zzz %c", 'a'+i), nil)
		link(t, s, relay, id, organization, nil)
		through[id] = organization
	}
	update(t, s, vars{"id": s.NewPerson(t, "Kari", "Firmasen"), "company": "Moreau & Fils"})
	newOrganization(t, s, "Fjord Pont IL", nil)
	update(t, s, vars{"id": s.NewPerson(t, "Nils", "Adresse"), "email": "zork@example.no"})
	found := map[string]int{}
	for _, typed := range []string{
		"dup", "DÛP", "pont", "moreau", "du pont", "dupont-mor", "*pont", "*pont*", "du*nt", "du*", "*du, *a*", "Dupont, j", "du pont , AN", "jean dupont", "moreau marie",
		"odegard", "age pier", "*gård", "per*ge", "*", "-", "%", "100%", "_upont", "fils",
	} {
		want := []string{}
		for _, c := range find(t, s, vars{"search": typed, "first": 200}).Contacts.Nodes {
			want = append(want, c.ID)
		}
		require.ElementsMatch(t, want, matching(t, s, vars{"name": typed}), "%q", typed)
		relayed := []string{}
		for _, id := range want {
			if through[id] != "" {
				relayed = append(relayed, through[id])
			}
		}
		found[typed] = len(relayed)
		require.ElementsMatch(t, relayed, matching(t, s, vars{"affiliation": vars{"kind": "RELAY", "direction": "IN", "name": vars{"op": "MATCHES", "value": typed}}}), "relay %q", typed)
	}
	require.Equal(t, []int{2, 4, 1, 0}, []int{found["moreau"] + found["odegard"], found["*pont"], found["Dupont, j"], found["-"]})
	for _, typed := range []string{"3", "zork", "zork@", "zor*"} {
		require.Empty(t, matching(t, s, vars{"name": typed}), "%q: a name is no number and no address", typed)
	}
	require.Len(t, matching(t, s, vars{"search": "zork"}), 1)
}
