package graph_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

func rolesOf(t *testing.T, s *apptest.Site, id string) []string {
	t.Helper()
	var out struct{ Contact struct{ Roles []string } }
	s.Program.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { roles } }`, vars{"i": id}, &out)
	return out.Contact.Roles
}

func daysFrom(from time.Time, days int) string { return from.AddDate(0, 0, days).Format(time.DateOnly) }

// S-16, S-17, S-18, S-19, S-20, S-22: the role follows from the links in force, and finds the contacts.
func TestRoles(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	l := links(t, s)
	kari, ola, lone := s.NewPerson(t, "Kari", "Nordmann"), s.NewPerson(t, "Ola", "Nordmann"), s.NewPerson(t, "Lone", "Alene")
	club, section := newOrganization(t, s, "Fjord IL", nil), newOrganization(t, s, "Fjord IL Ski", nil)
	require.Equal(t, []string{"PUBLIC_INDIVIDUAL"}, rolesOf(t, s, kari))
	require.Equal(t, []string{"PUBLIC_STRUCTURE"}, rolesOf(t, s, section))

	link(t, s, l["PARENT"], kari, ola, nil)
	relay := link(t, s, l["RELAY"], kari, club, nil)
	link(t, s, l["MEMBER"], kari, section, nil)
	link(t, s, l["SUBSIDIARY"], section, club, nil)
	require.Equal(t, []string{"RELAY", "MEMBER", "CHILD"}, rolesOf(t, s, kari))
	require.Equal(t, []string{"PUBLIC_INDIVIDUAL"}, rolesOf(t, s, ola), "a child makes nobody less public")
	require.Equal(t, []string{"SUBSIDIARY"}, rolesOf(t, s, section))
	require.Equal(t, []string{"PUBLIC_STRUCTURE"}, rolesOf(t, s, club))
	for role, want := range map[string][]string{
		"PUBLIC_INDIVIDUAL": {lone, ola}, "CHILD": {kari}, "RELAY": {kari}, "MEMBER": {kari}, "PUBLIC_STRUCTURE": {club}, "SUBSIDIARY": {section},
	} {
		require.ElementsMatch(t, want, matching(t, s, vars{"role": role}), role)
		require.ElementsMatch(t, without([]string{kari, ola, lone, club, section}, want), matching(t, s, vars{"not": vars{"role": role}}), "not %s", role)
	}

	// A link that has ended, or has not begun, gives no role.
	today := time.Now().In(s.Location())
	const end = `mutation($i: UpdateAffiliationInput!) { updateAffiliation(input: $i) { affiliation { inForce } errors { code message path } } }`
	for _, c := range []struct {
		dates vars
		holds bool
	}{{vars{"until": daysFrom(today, -1)}, false}, {vars{"until": daysFrom(today, 0)}, true}, {vars{"until": nil, "since": daysFrom(today, 1)}, false}, {vars{"since": daysFrom(today, 0)}, true}} {
		input := vars{"id": relay}
		for k, v := range c.dates {
			input[k] = v
		}
		var out struct {
			UpdateAffiliation struct{ Affiliation struct{ InForce bool } }
		}
		p.Must(t, s.As(site.Operator), end, vars{"i": input}, &out)
		require.Equal(t, c.holds, out.UpdateAffiliation.Affiliation.InForce, "%v", c.dates)
		require.Equal(t, c.holds, slices.Contains(rolesOf(t, s, kari), "RELAY"), "%v", c.dates)
		require.Equal(t, c.holds, slices.Contains(matching(t, s, vars{"role": "RELAY"}), kari), "%v", c.dates)
	}
	// Nor does one to a contact in the trash.
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { deletedIds errors { code } } }`, vars{"i": club}, nil)
	require.Equal(t, []string{"MEMBER", "CHILD"}, rolesOf(t, s, kari))
	require.Equal(t, []string{"PUBLIC_STRUCTURE"}, rolesOf(t, s, section))
	require.ElementsMatch(t, []string{section}, matching(t, s, vars{"role": "PUBLIC_STRUCTURE"}))
}
