package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const updateSite = `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { contactManagement loginRequired consentPolicy name } errors { code message path } } }`

// T-13, T-14, T-17: the setting exists, is off until someone ticks it, and without it there is neither
// contact management nor a way in for end users.
func TestContactManagementOff(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	off := vars{"i": vars{"contactManagement": false}}

	fresh, _, _, err := p.Sites.Create(t.Context(), site.NewSite{PublicID: "fresh", Name: "Fresh", TimeZone: "UTC", Language: "en", Country: "NO"},
		site.NewStaff{Email: "a@fresh.example", Name: "A", Password: apptest.Password})
	require.NoError(t, err)
	require.False(t, fresh.ContactManagement, "a new site begins with contact management")

	contactsQuery := `{ contacts { nodes { id } } }`
	signIn := `mutation { signIn(input: {attempt: {id: "x", challenge: "x", jkt: "x"}, email: "a@b.example", password: "p"}) { code errors { code } } }`
	p.Must(t, s.As(site.Viewer), contactsQuery, nil, nil)
	p.Must(t, s.As(site.Manager), updateSite, off, nil)
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", contactsQuery, nil)
	p.Refused(t, s.As(site.Manager), "FORBIDDEN", `mutation { createGroup(input: {name: "x"}) { group { id } errors { code } } }`, nil)
	p.Refused(t, s.Visitor(), "FORBIDDEN", signIn, nil)
	var cfg struct {
		WidgetConfig struct{ AccountsEnabled bool }
	}
	p.Must(t, s.Visitor(), `{ widgetConfig { accountsEnabled } }`, nil, &cfg)
	require.False(t, cfg.WidgetConfig.AccountsEnabled)

	p.Must(t, s.As(site.Manager), updateSite, vars{"i": vars{"contactManagement": true}}, nil)
	p.Must(t, s.As(site.Viewer), contactsQuery, nil, nil)
}

// T-19: the setting "login required for purchase" exists and is off at first.
func TestLoginRequiredSetting(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	var out struct{ Site struct{ LoginRequired bool } }
	p.Must(t, s.As(site.Viewer), `{ site { loginRequired } }`, nil, &out)
	require.False(t, out.Site.LoginRequired)
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", updateSite, vars{"i": vars{"loginRequired": true}})
	p.Must(t, s.As(site.Manager), updateSite, vars{"i": vars{"loginRequired": true}}, nil)
	p.Must(t, s.As(site.Viewer), `{ site { loginRequired } }`, nil, &out)
	require.True(t, out.Site.LoginRequired)
}

func TestSiteSettingsAreChecked(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for _, c := range []struct {
		input vars
		at    string
	}{
		{vars{"name": " "}, "REQUIRED name"},
		{vars{"timeZone": "Mars/Olympus"}, "INVALID timeZone"},
		{vars{"language": "xx"}, "INVALID language"},
		{vars{"country": "Norway"}, "INVALID country"},
		{vars{"accentColor": "blue"}, "INVALID_COLOR accentColor"},
		{vars{"accentColor": "#ffe066"}, "LOW_CONTRAST accentColor"},
		{vars{"origins": []vars{{"origin": "https://a.example/path"}}}, "INVALID_ORIGIN origins.0.origin"},
		{vars{"origins": []vars{{"origin": "http://a.example"}}}, "INVALID_ORIGIN origins.0.origin"},
		{vars{"origins": []vars{{"origin": "https://a.example", "landingUrl": "https://b.example/"}}}, "INVALID origins.0.landingUrl"},
		{vars{"origins": []vars{{"origin": "https://a.example"}, {"origin": "https://a.example"}}}, "DUPLICATE origins.1.origin"},
	} {
		require.Equal(t, []string{c.at}, p.Payload(t, s.As(site.Manager), updateSite, vars{"i": c.input}, nil))
	}
	var out struct{ Site struct{ Name string } }
	p.Must(t, s.As(site.Viewer), `{ site { name } }`, nil, &out)
	require.Equal(t, "Site club", out.Site.Name, "a refused change left something behind")
}

// The rights of each level, asked of the API: what a level lacks is FORBIDDEN, without a credential UNAUTHENTICATED.
func TestRights(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	for _, c := range []struct {
		need site.Role
		op   string
	}{
		{site.Viewer, `{ contacts { nodes { id } } }`},
		{site.Viewer, `{ segments { id } }`},
		{site.Operator, `mutation { createPerson(input: {lastName: "X"}) { person { id } errors { code } } }`},
		{site.Operator, `{ importRuns { id } }`},
		{site.Manager, `mutation { createGroup(input: {name: "G"}) { group { id } errors { code } } }`},
		{site.Manager, `{ staff { id } }`},
		{site.Manager, `{ mails { nodes { id } } }`},
		{site.Owner, `{ apiKeys { id } }`},
		{site.Owner, `mutation { rotateSiteSecret(input: {}) { secret errors { code } } }`},
	} {
		p.Refused(t, nil, "UNAUTHENTICATED", c.op, nil)
		p.Refused(t, s.Visitor(), "UNAUTHENTICATED", c.op, nil)
		for _, have := range []site.Role{site.Viewer, site.Operator, site.Manager} {
			if have.Access() >= c.need.Access() {
				p.Must(t, s.As(have), c.op, nil, nil)
			} else {
				p.Refused(t, s.As(have), "FORBIDDEN", c.op, nil)
			}
		}
	}
	status, body := p.HTTP(t, "POST", "/graphql", apptest.Header{"Carnet-Site": "nobody"}, "application/json", strings.NewReader(`{"query":"{__typename}"}`))
	require.Equal(t, 404, status)
	require.Contains(t, body, "Embed page")
}

// Another site's ids are as if they did not exist, in every operation that takes one.
func TestOtherSitesIDs(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	mine, theirs := p.NewSite(t, "mine"), p.NewSite(t, "theirs")
	contact := theirs.NewPerson(t, "Secret", "Person")
	field := newField(t, theirs, vars{"type": "TEXT", "label": "Theirs"})
	var made struct {
		CreateGroup   struct{ Group struct{ ID string } }
		CreateSegment struct{ Segment struct{ ID string } }
	}
	p.Must(t, theirs.As(site.Manager), `mutation { createGroup(input: {name: "Theirs"}) { group { id } errors { code } }
		createSegment(input: {name: "Theirs", rule: {kind: PERSON}}) { segment { id } errors { code } } }`, nil, &made)
	group, segment := made.CreateGroup.Group.ID, made.CreateSegment.Segment.ID
	own := mine.NewPerson(t, "My", "Own")

	for op, v := range map[string]vars{
		`query($id: ID!) { contact(id: $id) { id } }`:                                                                      {"id": contact},
		`query($id: ID!) { node(id: $id) { id } }`:                                                                         {"id": contact},
		`query($id: ID!) { segment(id: $id) { id } }`:                                                                      {"id": segment},
		`query($id: ID!) { contacts(segmentId: $id) { nodes { id } } }`:                                                    {"id": segment},
		`mutation($id: ID!) { updateContact(input: {id: $id, lastName: "Mine"}) { contact { id } errors { code } } }`:      {"id": contact},
		`mutation($id: ID!) { deleteContacts(input: {ids: [$id]}) { deletedIds errors { code } } }`:                        {"id": contact},
		`mutation($id: ID!) { restoreContacts(input: {ids: [$id]}) { contacts { id } errors { code } } }`:                  {"id": contact},
		`mutation($id: ID!) { updateGroup(input: {id: $id, name: "Mine"}) { group { id } errors { code } } }`:              {"id": group},
		`mutation($id: ID!) { deleteGroup(input: {id: $id}) { deletedId errors { code } } }`:                               {"id": group},
		`mutation($id: ID!) { updateCustomField(input: {id: $id, label: "Mine"}) { customField { id } errors { code } } }`: {"id": field.ID},
		`mutation($id: ID!) { updateSegment(input: {id: $id, name: "Mine"}) { segment { id } errors { code } } }`:          {"id": segment},
		`mutation($id: ID!) { deleteSegment(input: {id: $id}) { deletedId errors { code } } }`:                             {"id": segment},
	} {
		p.Refused(t, mine.As(site.Manager), "NOT_FOUND", op, v)
	}
	joins := `mutation($id: ID!, $own: ID!) { updateContact(input: {id: $own, groupIds: [$id]}) { contact { id } errors { code message path } } }`
	require.Equal(t, []string{"UNKNOWN groupIds.0"}, p.Payload(t, mine.As(site.Manager), joins, vars{"id": group, "own": own}, nil))
	rule := `mutation($id: ID!) { createSegment(input: {name: "S", rule: {all: [{group: $id}]}}) { segment { id } errors { code message path } } }`
	require.Equal(t, []string{"UNKNOWN rule.all.0.group"}, p.Payload(t, mine.As(site.Manager), rule, vars{"id": group}, nil))
	at, _ := answer(t, mine, own, vars{"fieldId": field.ID, "text": "x"})
	require.Equal(t, []string{"UNKNOWN answers.0.fieldId"}, at)

	var list struct {
		Contacts     struct{ TotalCount int }
		Groups       []struct{ ID string }
		CustomFields []struct{ ID string }
		Segments     []struct{ ID string }
	}
	p.Must(t, mine.As(site.Viewer), `{ contacts { totalCount } groups { id } customFields { id } segments { id } }`, nil, &list)
	require.Equal(t, 1, list.Contacts.TotalCount)
	require.Empty(t, list.Groups)
	require.Empty(t, list.CustomFields)
	require.Empty(t, list.Segments)
	var read struct{ Contact struct{ DisplayName string } }
	p.Must(t, theirs.As(site.Viewer), `query($id: ID!) { contact(id: $id) { displayName } }`, vars{"id": contact}, &read)
	require.Equal(t, "PERSON Secret", read.Contact.DisplayName)
}
