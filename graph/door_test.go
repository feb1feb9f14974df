package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// buy checks out as a guest, as the widget and then the host's server do, and gives the contact.
func buy(t *testing.T, s *apptest.Site, email, first, last string, answers ...vars) string {
	t.Helper()
	p := s.Program
	var prepared struct{ PrepareCheckout struct{ Token string } }
	in := vars{"order": "order", "nonce": "sixteen letters!", "email": email, "firstName": first, "lastName": last, "answers": answers}
	require.Empty(t, p.Payload(t, s.Visitor(), `mutation($i: PrepareCheckoutInput!) { prepareCheckout(input: $i) { token errors { code message path } } }`, vars{"i": in}, &prepared))
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(prepared.PrepareCheckout.Token, ".")[1])
	require.NoError(t, err)
	var claims struct{ JTI string }
	require.NoError(t, json.Unmarshal(payload, &claims))
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(s.PublicID+":"+s.Secret))
	status, body := p.HTTP(t, http.MethodPost, "/v1/checkout/"+claims.JTI+"/redeem", apptest.Header{"Authorization": basic}, "application/json", strings.NewReader(`{"idempotencyKey": "`+uuid.NewString()+`"}`))
	require.Equal(t, http.StatusOK, status, body)
	var out struct{ Contact struct{ ID string } }
	require.NoError(t, json.Unmarshal([]byte(body), &out))
	return out.Contact.ID
}

type known struct{ FirstName, LastName, Email, Language string }

// people gives who is in the book, oldest first.
func people(t *testing.T, s *apptest.Site) (ids []string, names []string) {
	t.Helper()
	var out struct {
		Contacts struct {
			Nodes []struct {
				ID string
				known
			}
		}
	}
	s.Program.Must(t, s.As(site.Viewer), `{ contacts(first: 200, includeUnlisted: true, orderBy: {by: NUMBER, direction: ASC}) { nodes { id email ... on Person { firstName lastName } } } }`, nil, &out)
	for _, n := range out.Contacts.Nodes {
		ids, names = append(ids, n.ID), append(names, strings.TrimSpace(n.FirstName+" "+n.LastName)+" "+strings.ToLower(n.Email))
	}
	return ids, names
}

// S-01, S-02, S-03, T-25, C-07: there is one book for a site, into which contacts come by themselves, through its
// sales channels, by the hands of staff and by files; each says which door it came through, all are numbered and listed
// together, and whoever comes through another door is the same contact, known by what every door told.
func TestOneBookBehindEveryDoor(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "hall"), p.NewSite(t, "other")
	diet := newField(t, s, vars{"type": "TEXT", "label": "Diet", "onCheckout": true}).ID
	require.Empty(t, p.Payload(t, s.SignIn(t, site.Operator), createPerson, vars{"i": vars{"firstName": "Anne", "lastName": "Desk", "email": "anne@example.no"}}, nil))
	s.NewPerson(t, "Per", "Program")
	require.Equal(t, 1, importFile(t, s, site.Operator, "First name,Last name,E-mail\nKari,File,kari@example.no\n", nil).Created)
	signUp(t, s, "web@example.no", "Web", nil)
	buy(t, s, "ticket@example.no", "Ola", "Ticket")
	type entry struct {
		DisplayName, Source string
		Number              int
	}
	book := func(s *apptest.Site) []entry {
		var out struct{ Contacts struct{ Nodes []entry } }
		p.Must(t, s.As(site.Viewer), `{ contacts(orderBy: {by: NUMBER, direction: ASC}) { nodes { number displayName source } } }`, nil, &out)
		return out.Contacts.Nodes
	}
	want := []entry{{"DESK Anne", "STAFF", 1}, {"PROGRAM Per", "API", 2}, {"FILE Kari", "IMPORT", 3}, {"WEB x", "REGISTRATION", 4}, {"TICKET Ola", "CHECKOUT", 5}}
	require.Equal(t, want, book(s))
	require.Empty(t, book(other))

	// Whom one door has let in, the others know.
	kari := buy(t, s, "kari@example.no", "Kari", "File", vars{"fieldId": diet, "text": "vegan"})
	require.Equal(t, 1, importFile(t, s, site.Operator, "E-mail,City\nticket@example.no,Voss\n", nil).Updated)
	signUp(t, s, "anne@example.no", "Desk", vars{"firstName": "Anne"})
	require.Equal(t, want, book(s), "no second contact appears")
	require.Equal(t, []string{"TICKET Ola"}, foundBy(t, s, vars{"text": vars{"column": "CITY", "op": "EQUALS", "value": "Voss"}}))
	require.Equal(t, []string{"DESK Anne", "WEB x"}, foundBy(t, s, vars{"status": "USER"}))
	require.Contains(t, p.Do(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { displayName answers { display } } }`, vars{"i": kari}).Raw, `"FILE Kari","answers":[{"display":"vegan"}]`)
}

// C-18, C-19, C-20: who buys again under the same e-mail address is the same contact, updated from the
// new purchase; what the record calls them stays, however the buyer writes it.
func TestPurchasesDoNotDouble(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "hall")
	diet := newField(t, s, vars{"type": "TEXT", "label": "Diet", "onCheckout": true}).ID
	says := func(text string) vars { return vars{"fieldId": diet, "text": text} }
	kari := personWith(t, s, "Kari", "Nordmann", vars{"email": "kari@example.no"})
	for i, name := range [][2]string{{"Kari", "Nordmann"}, {"KARI", "nordmann"}, {"Nordmann", "Kari"}, {"K.", "Nordman"}, {"", "Nordmann"}, {"Kari", "Hansen"}} {
		require.Equal(t, kari, buy(t, s, "Kari@Example.no", name[0], name[1], says([]string{"none", "fish", "vegan"}[i%3])), "%v", name)
	}
	var out struct {
		Contact struct {
			Answers []struct{ Display string }
			History struct {
				Nodes []struct{ Surface, ActorKind string }
			}
		}
	}
	p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { answers { display } history { nodes { surface actorKind } } } }`, vars{"i": kari}, &out)
	require.Equal(t, "vegan", out.Contact.Answers[0].Display, "updated from the last purchase")
	require.Equal(t, "CHECKOUT ANONYMOUS", strings.ToUpper(out.Contact.History.Nodes[0].Surface+" "+out.Contact.History.Nodes[0].ActorKind))
	_, names := people(t, s)
	require.Equal(t, []string{"Kari Nordmann kari@example.no"}, names)

	// Somebody of whom only the address was known gets the name.
	lead := personWith(t, s, "", "lead", vars{"lastName": "", "email": "lead@example.no"})
	require.Equal(t, lead, buy(t, s, "lead@example.no", "Ola", "Lead"))
	_, names = people(t, s)
	require.Equal(t, []string{"Kari Nordmann kari@example.no", "Ola Lead lead@example.no"}, names)
}

// G-24: where several share a mailbox the one of that name is meant; another name makes a contact of
// its own that shares the address, once. No stranger's name is written over one that is there.
func TestSharedMailboxes(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "hall"), p.NewSite(t, "other")
	const mailbox = "family@example.no"
	kari := personWith(t, s, "Kari", "Nordmann", vars{"email": mailbox})
	ola := buy(t, s, mailbox, "Ola", "Nordmann")
	require.NotEqual(t, kari, ola)
	require.Equal(t, ola, buy(t, s, mailbox, "ola", "NORDMANN"))
	require.Equal(t, kari, buy(t, s, mailbox, "Kàri", "Nordmann"))
	ids, names := people(t, s)
	require.Equal(t, []string{kari, ola}, ids)
	require.Equal(t, []string{"Kari Nordmann " + mailbox, "Ola Nordmann " + mailbox}, names)
	third := buy(t, s, mailbox, "", "Nordmann")
	require.False(t, slices.Contains(ids, third), "nothing tells which of the two it is")

	// Of doubles from before the oldest is meant, so that there are no more of them.
	twice := personWith(t, other, "Kari", "Nordmann", vars{"email": mailbox})
	personWith(t, other, "Kari", "Nordmann", vars{"email": mailbox})
	require.Equal(t, twice, buy(t, other, mailbox, "Kari", "Nordmann"))

	// The trash and organizations are nobody's contact.
	trash(t, other, allPeople(t, other)...)
	p.Must(t, other.As(site.Operator), `mutation { createOrganization(input: {name: "Kari Nordmann", email: "family@example.no"}) { errors { code message path } } }`, nil, nil)
	fresh := buy(t, other, mailbox, "Kari", "Nordmann")
	require.NotEqual(t, twice, fresh)
}

func allPeople(t *testing.T, s *apptest.Site) []string {
	t.Helper()
	ids, _ := people(t, s)
	return ids
}

// P-29, P-30: an account is linked to the contact that was there, with all it has; somebody else of the
// mailbox gets a contact of their own, and what staff wrote stays. Whoever never claims stays as they are.
func TestAccountsLinkToTheirContact(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "hall")
	group := newGroup(t, s, "Season ticket")
	kari := personWith(t, s, "Kari", "Nordmann", vars{"email": "kari@example.no", "groupIds": []string{group}, "note": "First row", "birthDate": "1987-04-30"})
	unclaimed := personWith(t, s, "Per", "Unclaimed", vars{"email": "per@example.no"})
	before := whole(t, s, unclaimed)
	require.Equal(t, kari, buy(t, s, "kari@example.no", "Kari", "Nordmann"))
	kept := whole(t, s, kari)
	signUp(t, s, "Kari@example.no", "nordmann", vars{"firstName": "kari", "password": "correct horse battery"})
	_, names := people(t, s)
	require.Equal(t, []string{"Kari Nordmann kari@example.no", "Per Unclaimed per@example.no"}, names, "no second contact appears")
	var out struct{ HasAccount []string }
	require.NoError(t, p.DB.Bun.NewRaw("SELECT contact_id::text FROM account").Scan(t.Context(), &out.HasAccount))
	require.Equal(t, []string{kari}, out.HasAccount)
	var is, was map[string]any
	require.NoError(t, json.Unmarshal([]byte(kept), &was))
	require.NoError(t, json.Unmarshal([]byte(whole(t, s, kari)), &is))
	delete(is, "language") // the widget's, which was not known
	delete(was, "language")
	require.Equal(t, was, is)
	require.Equal(t, before, whole(t, s, unclaimed))

	// The husband signs up with the wife's address, which the book knows as hers alone.
	wife := personWith(t, s, "Anne", "Berg", vars{"email": "berg@example.no"})
	signUp(t, s, "berg@example.no", "Berg", vars{"firstName": "Lars"})
	ids, names := people(t, s)
	require.Equal(t, []string{"Anne Berg berg@example.no", "Lars Berg berg@example.no"}, names[2:])
	require.Equal(t, wife, ids[2])

	// A guest who types a member's address does not write into the member's record, and is one guest, not two.
	guest := buy(t, s, "kari@example.no", "Kari", "Nordmann")
	require.NotEqual(t, kari, guest)
	require.Equal(t, guest, buy(t, s, "kari@example.no", "Kari", "Nordmann"))
}
