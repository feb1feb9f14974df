package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// myData downloads what is held about who is signed in; h nil: by the browser's own session.
func (b *browser) myData(h apptest.Header) (status int, file string) {
	b.t.Helper()
	if h == nil {
		h = b.header("/v1/my-data")
	}
	return b.s.Program.HTTP(b.t, http.MethodPost, "/v1/my-data", h, "application/json", strings.NewReader("{}"))
}

// stale makes every sign-in of the site one of eleven minutes ago.
func stale(t *testing.T, s *apptest.Site) {
	t.Helper()
	_, err := s.Program.DB.Bun.NewRaw("UPDATE token_session SET created_at = created_at - interval '11 minutes' WHERE site_id = ?", s.ID).Exec(t.Context())
	require.NoError(t, err)
}

// Issue 5, GDPR art. 15: an end user gets all that is held about them as one file: the record, answers of internal fields too, links without other persons' names,
// notes that are personal data, the consent ledger, history without names of staff, and how they sign in without what opens it.
func TestMyData(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada := idOf(t, s, "ada@example.no")
	internal := newField(t, s, vars{"type": "DROPDOWN", "label": "Standing", "choices": []vars{{"label": "Trusted"}}, "multiple": "UNLIMITED"})
	staff := s.SignIn(t, site.Operator)
	p.Must(t, staff, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{
		"id": ada, "note": "Sits in front.", "iban": "NO9386011117947", "answers": []vars{{"fieldId": internal.ID, "choiceIds": []string{internal.Choices[0].ID}}},
		"billingAddress": vars{"lines": []string{"Storgata 1"}, "city": "Oslo"}}}, nil)
	l := links(t, s)
	link(t, s, l["MEMBER"], ada, newOrganization(t, s, "Fjord IL", nil), vars{"role": "Treasurer"})
	link(t, s, l["PARENT"], ada, s.NewPerson(t, "Annabella", "Byron"), nil)
	addNote := func(text string, personal bool) {
		p.Must(t, staff, `mutation($i: AddNoteInput!) { addNote(input: $i) { note { id } errors { code message path } } }`, vars{"i": vars{"contactId": ada, "text": text, "personalData": personal}}, nil)
	}
	addNote("Allergic to nuts.", true)
	addNote("Internal budget line.", false)
	p.Must(t, staff, `mutation($i: ID!) { recordConsent(input: {contactId: $i, channel: EMAIL, state: GIVEN, note: "at the fair"}) { errors { code message path } } }`, vars{"i": ada}, nil)

	status, file := b.myData(nil)
	require.Equal(t, http.StatusOK, status, file)
	var got struct {
		Schema, Site string
		Made         time.Time
		Contact      map[string]any
		Merged       []any
		Answers      []struct {
			Field, Display string
			Internal       bool
		}
		Links    []struct{ Type, With, Name, Role string }
		Notes    []struct{ Text string }
		Consents []struct{ Purpose, Channel, State, By, Note string }
		History  []struct {
			Action, By string
			Changes    map[string]struct{ Before, After any }
		}
		Account   struct{ Email string }
		Passkeys  []any
		Sessions  []struct{ Origin string }
		Checkouts []any
		Requests  []any
	}
	require.NoError(t, json.Unmarshal([]byte(file), &got), file)
	require.Equal(t, "carnet-personal-data/2 Site club", got.Schema+" "+got.Site)
	require.WithinDuration(t, time.Now(), got.Made, time.Minute)
	require.Equal(t, "ada@example.no Sits in front. NO9386011117947", fmt.Sprint(got.Contact["email"], " ", got.Contact["note"], " ", got.Contact["iban"]))
	require.Contains(t, file, `"billingAddress":{"lines":["Storgata 1"]`)
	require.Len(t, got.Answers, 1)
	require.Equal(t, "Standing Trusted true", fmt.Sprint(got.Answers[0].Field, " ", got.Answers[0].Display, " ", got.Answers[0].Internal))
	require.Len(t, got.Links, 2)
	require.Equal(t, "Fjord IL Treasurer", got.Links[0].Name+" "+got.Links[0].Role)
	require.Equal(t, "person ", got.Links[1].With+" "+got.Links[1].Name)
	require.Len(t, got.Notes, 1)
	require.Equal(t, "Allergic to nuts.", got.Notes[0].Text)
	require.Equal(t, "email given staff at the fair", got.Consents[0].Channel+" "+got.Consents[0].State+" "+got.Consents[0].By+" "+got.Consents[0].Note)
	require.Equal(t, "ada@example.no", got.Account.Email)
	require.Equal(t, shopPage, got.Sessions[0].Origin)
	require.NotNil(t, got.Merged)
	require.NotNil(t, got.Checkouts)
	require.NotNil(t, got.Requests)
	actions := map[string]string{}
	said := false
	for _, e := range got.History {
		actions[e.Action] = e.By
		said = said || e.Changes["answers."+internal.ID].After == "Trusted"
	}
	require.True(t, said, "answers of the history in words")
	require.Equal(t, "staff", actions["updated"])
	require.Equal(t, "you", actions["account_data_exported"])
	for _, hidden := range []string{"Internal budget line", "Annabella", "Byron", "Staff operator", "argon2", "$2", "jkt", "hash"} {
		require.NotContains(t, file, hidden)
	}

	require.Equal(t, "data_exported ada@example.no profile", accountStory(t, s, ada)[0])
	require.Equal(t, "account_created", block(t, s, ada).LastChange.Action, "it changes nothing of the account")
	require.Equal(t, "Your data at Site club was downloaded", mailTo(t, s, "ada@example.no").Subject)
}

// A history of any length is read in parts, none twice, and what was said by a record that was merged is told with the other.
func TestMyDataOfALongHistory(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada, twin := idOf(t, s, "ada@example.no"), s.NewPerson(t, "Augusta", "Lovelace")
	_, err := p.DB.Bun.NewRaw(`INSERT INTO contact_history (site_id, id, contact_id, actor_kind, actor_name, surface, action, changes)
		SELECT ?, gen_random_uuid(), ?, 'system', '', 'api', 'updated', jsonb_build_object('city', jsonb_build_object('before', '', 'after', 'city ' || n || '.')) FROM generate_series(1, 1500) n`, s.ID, ada).Exec(t.Context())
	require.NoError(t, err)
	p.Must(t, s.As(site.Manager), `mutation($i: MergeContactsInput!) { mergeContacts(input: $i) { errors { code message path } } }`, vars{"i": vars{"ids": []string{ada, twin}}}, nil)
	status, file := b.myData(nil)
	require.Equal(t, http.StatusOK, status, file)
	for n := 1; n <= 1500; n++ {
		require.Equal(t, 1, strings.Count(file, fmt.Sprintf(`"city %d."`, n)), n)
	}
	var got struct {
		Merged  []struct{ FirstName string }
		History []struct{ Action string }
	}
	require.NoError(t, json.Unmarshal([]byte(file), &got))
	require.Equal(t, "Augusta", got.Merged[0].FirstName)
}

// Whoever has not signed in just now, is of the staff, of another site or nobody gets no file; nor does its owner for the sixth time in an hour.
func TestMyDataRefusals(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	withShop(t, s)
	withShop(t, other)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	no := func(want int, word string, h apptest.Header) {
		t.Helper()
		status, answer := b.myData(h)
		require.Equal(t, want, status, answer)
		require.Contains(t, answer, word)
		require.NotContains(t, answer, "Lovelace")
	}
	no(http.StatusUnauthorized, "UNAUTHENTICATED", apptest.Header{"Origin": shopPage, "Carnet-Site": "club"})
	no(http.StatusUnauthorized, "UNAUTHENTICATED", s.As(site.Manager))
	no(http.StatusUnauthorized, "UNAUTHENTICATED", s.SignIn(t, site.Manager))
	strange := b.header("/v1/my-data")
	strange["Carnet-Site"] = "venue"
	no(http.StatusUnauthorized, "UNAUTHENTICATED", strange)
	no(http.StatusUnauthorized, "INVALID_DPOP_PROOF", b.header("/graphql"))
	helper, refused := support(t, s, s.SignIn(t, site.Support), idOf(t, s, "ada@example.no"))
	require.Empty(t, refused)
	no(http.StatusForbidden, "SUPPORT_SESSION", helper.header("/v1/my-data"))
	for range 5 {
		status, answer := b.myData(nil)
		require.Equal(t, http.StatusOK, status, answer)
	}
	no(http.StatusTooManyRequests, "RATE_LIMITED", nil)
	stale(t, s)
	no(http.StatusBadRequest, "PROOF_NEEDED", nil)
}

const (
	askErasure     = `mutation($i: AskForErasureInput!) { askForErasure(input: $i) { me { privacyRequest { id state message reason dueAt askedAt } } errors { code message path } } }`
	withdraw       = `mutation($i: DeleteInput!) { withdrawMyPrivacyRequest(input: $i) { me { privacyRequest { state } } errors { code message path } } }`
	answerRequest  = `mutation($i: AnswerPrivacyRequestInput!) { answerPrivacyRequest(input: $i) { privacyRequest { state doneByName reason email contact { id } } errors { code message path } } }`
	privacyInbox   = `query($o: Boolean!) { privacyRequests(open: $o) { nodes { id message state email contact { id displayName } } } }`
	contactRequest = `query($i: ID!) { contact(id: $i) { ... on Person { privacyRequest { id } } } }`
)

type ownRequest struct {
	ID, State, Message, Reason string
	AskedAt, DueAt             time.Time
}

// ask asks for erasure.
func (b *browser) ask(message string) (ownRequest, []string) {
	b.t.Helper()
	var out struct {
		AskForErasure struct {
			Me *struct{ PrivacyRequest ownRequest }
		}
	}
	wrong := b.s.Program.Payload(b.t, b.header("/graphql"), askErasure, vars{"i": vars{"message": message}}, &out)
	if out.AskForErasure.Me == nil {
		return ownRequest{}, wrong
	}
	return out.AskForErasure.Me.PrivacyRequest, wrong
}

type inboxItem struct {
	ID, Message, State string
	Email              *string
	Contact            *struct{ ID, DisplayName string }
}

func inbox(t *testing.T, s *apptest.Site, open bool) []inboxItem {
	t.Helper()
	var out struct {
		PrivacyRequests struct{ Nodes []inboxItem }
	}
	s.Program.Must(t, s.As(site.Manager), privacyInbox, vars{"o": open}, &out)
	return out.PrivacyRequests.Nodes
}

// Issue 5, GDPR art. 12 and 17: an end user asks to be erased, once at a time, and may take it back; nothing is erased by it. Managers see who waits and
// until when, refuse with a reason, and the person is told.
func TestErasureRequest(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada := idOf(t, s, "ada@example.no")

	_, wrong := b.ask(strings.Repeat("x", 2001))
	require.Equal(t, []string{"TOO_LONG message"}, wrong)
	first, wrong := b.ask("  Please forget me.  ")
	require.Empty(t, wrong)
	require.Equal(t, "OPEN Please forget me.", first.State+" "+first.Message)
	asked := first.AskedAt.In(s.Location())
	require.Contains(t, []time.Time{asked.AddDate(0, 1, 0).UTC(), asked.AddDate(0, 1, -asked.AddDate(0, 1, 0).Day()).UTC()}, first.DueAt.UTC())
	require.Equal(t, "You asked Site club to erase your data", mailTo(t, s, "ada@example.no").Subject)
	require.Contains(t, mailTo(t, s, "ada@example.no").Text, "by "+first.DueAt.In(s.Location()).Format(time.DateOnly))
	_, wrong = b.ask("again")
	require.Equal(t, []string{"ALREADY_ASKED "}, wrong)
	require.True(t, b.me(), "the account goes on")

	var count struct{ OpenPrivacyRequestCount int }
	p.Must(t, s.As(site.Manager), `{ openPrivacyRequestCount }`, nil, &count)
	require.Equal(t, 1, count.OpenPrivacyRequestCount)
	var seen struct {
		Contact struct{ PrivacyRequest *struct{ ID string } }
	}
	p.Must(t, s.As(site.Viewer), contactRequest, vars{"i": ada}, &seen)
	require.Equal(t, first.ID, seen.Contact.PrivacyRequest.ID)

	require.Empty(t, p.Payload(t, b.header("/graphql"), withdraw, vars{"i": vars{"id": first.ID}}, nil))
	require.Equal(t, []string{"ALREADY_ANSWERED id"}, p.Payload(t, b.header("/graphql"), withdraw, vars{"i": vars{"id": first.ID}}, nil))
	p.Must(t, s.As(site.Viewer), contactRequest, vars{"i": ada}, &seen)
	require.Nil(t, seen.Contact.PrivacyRequest)
	require.Empty(t, inbox(t, s, true))
	second, wrong := b.ask("")
	require.Empty(t, wrong)

	// Rights, and other sites.
	for _, role := range []site.Role{site.Viewer, site.Operator} {
		p.Refused(t, s.As(role), "FORBIDDEN", privacyInbox, vars{"o": true})
		p.Refused(t, s.As(role), "FORBIDDEN", `{ openPrivacyRequestCount }`, nil)
		p.Refused(t, s.As(role), "FORBIDDEN", answerRequest, vars{"i": vars{"id": second.ID, "done": true}})
	}
	p.Refused(t, b.header("/graphql"), "UNAUTHENTICATED", answerRequest, vars{"i": vars{"id": second.ID, "done": true}})
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", answerRequest, vars{"i": vars{"id": second.ID, "done": true}})
	require.Empty(t, inbox(t, other, true))
	bob := newBrowser(t, s)
	bob.register("bob@example.no", "Bob", "Tabor", "a long password")
	p.Refused(t, bob.header("/graphql"), "NOT_FOUND", withdraw, vars{"i": vars{"id": second.ID}})

	require.Equal(t, []string{"REQUIRED reason"}, p.Payload(t, s.As(site.Manager), answerRequest, vars{"i": vars{"id": second.ID, "done": false, "reason": " "}}, nil))
	require.Empty(t, p.Payload(t, s.SignIn(t, site.Manager), answerRequest, vars{"i": vars{"id": second.ID, "done": false, "reason": "An invoice of yours is open."}}, nil))
	require.Equal(t, []string{"ALREADY_ANSWERED id"}, p.Payload(t, s.As(site.Manager), answerRequest, vars{"i": vars{"id": second.ID, "done": true}}, nil))
	told := mailTo(t, s, "ada@example.no")
	require.Contains(t, told.Text, "An invoice of yours is open.")
	require.Contains(t, told.Text, "data protection authority")
	ended := inbox(t, s, false)
	require.Len(t, ended, 2)
	require.Equal(t, "REFUSED", ended[0].State)
	require.Nil(t, ended[0].Email, "the address is not kept")
	require.Equal(t, "erasure_refused Staff manager admin", accountStory(t, s, ada)[0])
	var own struct {
		Me struct{ PrivacyRequest ownRequest }
	}
	p.Must(t, b.header("/graphql"), `{ me { privacyRequest { state reason } } }`, nil, &own)
	require.Equal(t, "REFUSED An invoice of yours is open.", own.Me.PrivacyRequest.State+" "+own.Me.PrivacyRequest.Reason)

	stale(t, s)
	_, wrong = b.ask("")
	require.Equal(t, []string{"PROOF_NEEDED "}, wrong)
}

// A request outlives what it asks for: its account is closed and its contact deleted for good, what it said goes with them, and the answer still finds its way.
func TestErasureRequestOutlivesItsContact(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	twin := s.NewPerson(t, "Augusta", "Lovelace")
	ada := idOf(t, s, "ada@example.no")
	r, wrong := b.ask("My number is 41234567.")
	require.Empty(t, wrong)

	// It goes along when its contact is merged into another.
	p.Must(t, s.As(site.Manager), `mutation($i: MergeContactsInput!) { mergeContacts(input: $i) { errors { code message path } } }`, vars{"i": vars{"ids": []string{twin, ada}}}, nil)
	open := inbox(t, s, true)
	survivor := open[0].Contact.ID
	var seen struct {
		Contact struct{ PrivacyRequest *struct{ ID string } }
	}
	p.Must(t, s.As(site.Viewer), contactRequest, vars{"i": survivor}, &seen)
	require.Equal(t, r.ID, seen.Contact.PrivacyRequest.ID)

	require.Empty(t, manage(t, s, s.As(site.Operator), "closeAccount", survivor))
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { errors { code message path } } }`, vars{"i": survivor}, nil)
	p.Must(t, s.As(site.Manager), `mutation($i: ID!) { emptyTrash(input: {ids: [$i]}) { errors { code message path } } }`, vars{"i": survivor}, nil)
	open = inbox(t, s, true)
	require.Len(t, open, 1)
	require.Nil(t, open[0].Contact)
	require.Empty(t, open[0].Message)
	require.Empty(t, p.Payload(t, s.As(site.Manager), answerRequest, vars{"i": vars{"id": r.ID, "done": true, "reason": "All is gone."}}, nil))
	require.Contains(t, mailTo(t, s, "ada@example.no").Text, "All is gone.")
	require.Nil(t, inbox(t, s, false)[0].Email)
}
