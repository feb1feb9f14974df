package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	jose "github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/secret"
	"carnet/internal/site"
)

const (
	sendMessage = `mutation($i: MessageInput!) { sendMessage(input: $i) { campaignId errors { code message path } } }`
	myInbox     = `{ me { unread hasThreads threads { nodes { id subject unread last { author authorName body } messages { nodes { author body } } } } } }`
	staffInbox  = `query($c: Boolean!, $m: Boolean!) { inbox(closed: $c, mine: $m) { nodes { id subject staffUnread personUnread closed assignedTo { name } contact { id } last { author body } messages { nodes { author authorName body } } } } }`
)

type myInboxRow struct {
	Me struct {
		Unread     int
		HasThreads bool
		Threads    struct {
			Nodes []struct {
				ID, Subject string
				Unread      int
				Last        struct{ Author, AuthorName, Body string }
				Messages    struct {
					Nodes []struct{ Author, Body string }
				}
			}
		}
	}
}

type staffInboxRow struct {
	Inbox struct {
		Nodes []struct {
			ID, Subject               string
			StaffUnread, PersonUnread int
			Closed                    bool
			AssignedTo                *struct{ Name string }
			Contact                   struct{ ID string }
			Last                      struct{ Author, Body string }
			Messages                  struct {
				Nodes []struct{ Author, AuthorName, Body string }
			}
		}
	}
}

// socket follows a subscription as whoever is signed in in a browser, by a token and a proof in connection_init.
func (b *browser) socket(query string) *stream {
	b.t.Helper()
	p := b.s.Program
	claims := map[string]any{"jti": secret.Random(), "htm": "GET", "htu": p.URL + "/graphql", "iat": time.Now().Unix(), "nonce": p.Accounts.Nonce(), "ath": sha(b.access)}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: b.key}, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	require.NoError(b.t, err)
	payload, err := json.Marshal(claims)
	require.NoError(b.t, err)
	signed, err := signer.Sign(payload)
	require.NoError(b.t, err)
	proof, err := signed.CompactSerialize()
	require.NoError(b.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.t.Context()))
	conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(p.URL, "http")+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {shopPage}}})
	require.NoError(b.t, err)
	if resp.Body != nil {
		resp.Body.Close()
	}
	b.t.Cleanup(func() { cancel(); _ = conn.CloseNow() })
	for _, m := range []vars{{"type": "connection_init", "payload": vars{"authorization": "DPoP " + b.access, "dpop": proof}}, {"id": "1", "type": "subscribe", "payload": vars{"query": query}}} {
		text, err := json.Marshal(m)
		require.NoError(b.t, err)
		require.NoError(b.t, conn.Write(ctx, websocket.MessageText, text))
	}
	s := &stream{results: make(chan json.RawMessage, 1000), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for {
			_, text, err := conn.Read(ctx)
			var m struct {
				Type    string
				Payload json.RawMessage
			}
			if err != nil || json.Unmarshal(text, &m) != nil || m.Type == "complete" {
				return
			}
			if m.Type == "next" || m.Type == "error" {
				s.results <- m.Payload
			}
		}
	}()
	return s
}

// until reads counts until one is as it should be.
func (s *stream) until(t *testing.T, field string, want int) {
	t.Helper()
	for {
		var event map[string]int
		s.next(t, &event)
		if event[field] == want {
			return
		}
	}
}

// newInboxWorld is a site without a mail server, whose mails stay where tests find the codes.
func newInboxWorld(t *testing.T) *campaignWorld {
	t.Helper()
	p := apptest.Start(t)
	w := &campaignWorld{Site: p.NewSite(t, "club"), t: t, p: p}
	w.owner = w.SignIn(t, site.Manager)
	return w
}

// Staff write to somebody who has an account; the person reads and answers in it, staff assign and close. What is unread is pushed to both,
// also when another tab reads.
func TestInbox(t *testing.T) { // P-22
	t.Parallel()
	w := newInboxWorld(t)
	withShop(t, w.Site)
	ada := newBrowser(t, w.Site)
	ada.register("ada@mail.example", "Ada", "Lovelace", "a long password")
	eve := newBrowser(t, w.Site)
	eve.register("eve@mail.example", "Eve", "Evil", "a long password")
	id := idOf(t, w.Site, "ada@mail.example")
	nobody := w.NewPerson(t, "No", "Account")

	require.Equal(t, []string{"NO_ACCOUNT channel"}, w.p.Payload(t, w.owner, sendMessage, vars{"i": vars{"contactId": nobody, "channel": "INTERNAL", "subject": "Hi", "body": "x"}}, nil))
	write := func(subject, body string) {
		w.p.Must(t, w.owner, sendMessage, vars{"i": vars{"contactId": id, "channel": "INTERNAL", "subject": subject, "body": body}}, nil)
	}
	counts := ada.socket(`subscription { myUnread }`)
	counts.until(t, "myUnread", 0)
	staff := subscribe(t, w.p, w.As(site.Operator), `subscription { inboxUnread }`, nil)
	staff.until(t, "inboxUnread", 0)
	write("Your locker, {{first_name}}", "See https://club.example/<b>lockers</b>")
	counts.until(t, "myUnread", 1)

	var mine myInboxRow
	w.p.Must(t, ada.header("/graphql"), myInbox, nil, &mine)
	require.Len(t, mine.Me.Threads.Nodes, 1)
	thread := mine.Me.Threads.Nodes[0]
	require.Equal(t, "Your locker, Ada", thread.Subject)
	require.Equal(t, "See https://club.example/<b>lockers</b>", thread.Last.Body, "plain text, as it was written")
	require.Equal(t, 1, mine.Me.Unread)
	w.p.Must(t, eve.header("/graphql"), myInbox, nil, &mine)
	require.False(t, mine.Me.HasThreads)

	// Another tab reads.
	read := `mutation($i: ThreadInput!) { readMyThread(input: $i) { thread { unread } errors { code message path } } }`
	w.p.Must(t, ada.header("/graphql"), read, vars{"i": vars{"id": thread.ID}}, nil)
	counts.until(t, "myUnread", 0)

	answer := `mutation($i: AnswerThreadInput!) { answerMyThread(input: $i) { thread { id } errors { code message path } } }`
	w.p.Must(t, ada.header("/graphql"), answer, vars{"i": vars{"id": thread.ID, "body": "Thanks\u202e!\x00"}}, nil)
	staff.until(t, "inboxUnread", 1)
	for _, who := range []apptest.Header{eve.header("/graphql")} {
		w.p.Refused(t, who, "NOT_FOUND", answer, vars{"i": vars{"id": thread.ID, "body": "x"}})
	}
	w.p.Refused(t, eve.header("/graphql"), "NOT_FOUND", read, vars{"i": vars{"id": thread.ID}})
	w.p.Refused(t, eve.header("/graphql"), "NOT_FOUND", `query($id: ID!) { me { thread(id: $id) { subject } } }`, vars{"id": thread.ID})
	require.Equal(t, []string{"REQUIRED body"}, w.p.Payload(t, ada.header("/graphql"), answer, vars{"i": vars{"id": thread.ID, "body": " \n"}}, nil))
	require.Equal(t, []string{"TOO_LONG body"}, w.p.Payload(t, ada.header("/graphql"), answer, vars{"i": vars{"id": thread.ID, "body": strings.Repeat("x", 10_001)}}, nil))

	var inbox staffInboxRow
	w.p.Must(t, w.owner, staffInbox, vars{"c": false, "m": false}, &inbox)
	require.Len(t, inbox.Inbox.Nodes, 1)
	require.Equal(t, "Thanks!", inbox.Inbox.Nodes[0].Last.Body, "without what hides or turns a text")
	require.Equal(t, id, inbox.Inbox.Nodes[0].Contact.ID)
	require.Equal(t, "Ada Lovelace", inbox.Inbox.Nodes[0].Messages.Nodes[0].AuthorName)

	// Assigned, read, answered, closed, and opened by an answer.
	var colleagues struct{ InboxColleagues []struct{ ID, Name string } }
	w.p.Must(t, w.owner, `{ inboxColleagues { id name } }`, nil, &colleagues)
	update := `mutation($i: UpdateThreadInput!) { updateThread(input: $i) { thread { closed } errors { code message path } } }`
	w.p.Must(t, w.owner, `mutation($i: ThreadInput!) { readThread(input: $i) { thread { staffUnread } errors { code message path } } }`, vars{"i": vars{"id": thread.ID}}, nil)
	staff.until(t, "inboxUnread", 0)
	w.p.Must(t, w.owner, update, vars{"i": vars{"id": thread.ID, "assignedToId": colleagues.InboxColleagues[0].ID, "closed": true}}, nil)
	require.Equal(t, []string{"UNKNOWN assignedToId"}, w.p.Payload(t, w.owner, update, vars{"i": vars{"id": thread.ID, "assignedToId": id}}, nil))
	w.p.Must(t, w.owner, `mutation($i: AnswerThreadInput!) { answerThread(input: $i) { thread { id } errors { code message path } } }`, vars{"i": vars{"id": thread.ID, "body": "Welcome"}}, nil)
	counts.until(t, "myUnread", 1)
	w.p.Must(t, w.owner, staffInbox, vars{"c": true, "m": false}, &inbox)
	require.Len(t, inbox.Inbox.Nodes, 1)
	require.NotNil(t, inbox.Inbox.Nodes[0].AssignedTo)
	w.p.Must(t, ada.header("/graphql"), answer, vars{"i": vars{"id": thread.ID, "body": "One more thing"}}, nil)
	w.p.Must(t, w.owner, staffInbox, vars{"c": false, "m": false}, &inbox)
	require.Len(t, inbox.Inbox.Nodes, 1)
	require.Len(t, inbox.Inbox.Nodes[0].Messages.Nodes, 4)

	// Rights, and an end user's rate.
	w.p.Refused(t, w.As(site.Viewer), "FORBIDDEN", staffInbox, vars{"c": false, "m": false})
	other := w.p.NewSite(t, "other")
	w.p.Refused(t, other.As(site.Manager), "NOT_FOUND", `query($id: ID!) { inboxThread(id: $id) { subject } }`, vars{"id": thread.ID})
	w.p.Refused(t, other.As(site.Manager), "NOT_FOUND", update, vars{"i": vars{"id": thread.ID, "closed": true}})
	for range 28 {
		w.p.Must(t, ada.header("/graphql"), answer, vars{"i": vars{"id": thread.ID, "body": "again"}}, nil)
	}
	w.p.Refused(t, ada.header("/graphql"), "RATE_LIMITED", answer, vars{"i": vars{"id": thread.ID, "body": "again"}})

	// What is said is in the file about oneself, and goes with the person.
	status, file := w.p.HTTP(t, http.MethodPost, "/v1/my-data", ada.header("/v1/my-data"), "application/json", strings.NewReader("{}"))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, file, "One more thing")
	_, err := w.p.DB.Pool.Exec(t.Context(), "DELETE FROM account WHERE contact_id = $1", id)
	require.NoError(t, err)
	_, err = w.p.DB.Pool.Exec(t.Context(), "DELETE FROM contact WHERE id = $1", id)
	require.NoError(t, err)
	var left int
	require.NoError(t, w.p.DB.Pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM inbox_message) + (SELECT count(*) FROM inbox_thread) + (SELECT count(*) FROM campaign)").Scan(&left))
	require.Zero(t, left, "also what was written to them alone")
}

// A ticket opens a stream of events in the session that asked for it, at its page, and nothing else.
func TestTicket(t *testing.T) { // P-22
	t.Parallel()
	w := newInboxWorld(t)
	_, err := w.p.Sites.Update(w.AsOwner(t.Context()), site.Update{Origins: &[]site.Origin{{Origin: shopPage, LandingURL: shopPage + "/"}, {Origin: "https://other.example", LandingURL: "https://other.example/"}}})
	require.NoError(t, err)
	ada := newBrowser(t, w.Site)
	ada.register("ada@mail.example", "Ada", "Lovelace", "a long password")
	var got struct{ Me struct{ Ticket string } }
	w.p.Must(t, ada.header("/graphql"), `{ me { ticket } }`, nil, &got)
	document := "subscription { myUnread }"
	ask := func(ticket, origin, accept string) (int, *bufio.Scanner) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.p.URL+"/graphql", strings.NewReader(`{"query": "`+document+`"}`))
		require.NoError(t, err)
		for name, value := range map[string]string{"Content-Type": "application/json", "Accept": accept, "Authorization": "Ticket " + ticket, "Origin": origin} {
			req.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		t.Cleanup(func() { resp.Body.Close() })
		return resp.StatusCode, bufio.NewScanner(resp.Body)
	}
	status, events := ask(got.Me.Ticket, shopPage, "text/event-stream")
	require.Equal(t, http.StatusOK, status)
	next := func() string {
		for events.Scan() {
			if data, is := strings.CutPrefix(events.Text(), "data:"); is && strings.Contains(data, "myUnread") {
				return strings.TrimSpace(data)
			}
		}
		return ""
	}
	require.Equal(t, `{"data":{"myUnread":0}}`, next())
	w.p.Must(t, w.owner, sendMessage, vars{"i": vars{"contactId": idOf(t, w.Site, "ada@mail.example"), "channel": "INTERNAL", "subject": "Hi", "body": "x"}}, nil)
	require.Equal(t, `{"data":{"myUnread":1}}`, next())

	for name, one := range map[string][3]string{
		"from another page": {got.Me.Ticket, "https://other.example", "text/event-stream"},
		"for an answer":     {got.Me.Ticket, shopPage, "application/json"},
		"another's":         {got.Me.Ticket[:len(got.Me.Ticket)-4] + "AAAA", shopPage, "text/event-stream"},
		"none":              {"", shopPage, "text/event-stream"},
	} {
		status, _ := ask(one[0], one[1], one[2])
		require.Equal(t, http.StatusUnauthorized, status, name)
	}
	for _, document = range []string{"{ me { email } }", "mutation { signOut(input: {everywhere: true}) { signedOut } }"} {
		_, answer := ask(got.Me.Ticket, shopPage, "text/event-stream")
		for answer.Scan() && !strings.HasPrefix(answer.Text(), "data:") {
		}
		require.Contains(t, answer.Text(), `"code":"FORBIDDEN"`, "it opens subscriptions and nothing else")
	}
	document = "subscription { myUnread }"
	w.p.Must(t, ada.header("/graphql"), `mutation { signOut(input: {everywhere: true}) { signedOut } }`, nil, nil)
	require.Empty(t, next(), "the stream ends with the session")
	status, _ = ask(got.Me.Ticket, shopPage, "text/event-stream")
	require.Equal(t, http.StatusUnauthorized, status)
}

// A campaign into inboxes reaches who has an account and agreed, each exactly once, whatever becomes of the process; it is in the staff's
// inbox once somebody answers.
func TestInboxCampaign(t *testing.T) { // P-22
	t.Parallel()
	w := newInboxWorld(t)
	withShop(t, w.Site)
	ada := newBrowser(t, w.Site)
	ada.register("ada@mail.example", "Ada", "Lovelace", "a long password")
	eve := newBrowser(t, w.Site)
	eve.register("eve@mail.example", "Eve", "Silent", "a long password")
	id, silent, stranger := idOf(t, w.Site, "ada@mail.example"), idOf(t, w.Site, "eve@mail.example"), w.person("Strange", "s@mail.example", true)
	w.p.Must(t, w.owner, `mutation($i: RecordConsentInput!) { recordConsent(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"contactId": id, "channel": "PHONE", "state": "GIVEN"}}, nil)
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(t, w.owner, saveCampaign, vars{"i": vars{"name": "News", "channel": "INTERNAL", "purposeId": w.purpose(), "target": vars{"contactIds": []string{id, silent, stranger}},
		"texts": []vars{{"language": "en", "subject": "Hello {{first_name}}", "body": "**not** bold"}}}}, &saved)
	c := saved.SaveCampaign.Campaign
	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": c.ID, "version": c.Version}}, nil)
	c = w.until(c.ID, "DONE")
	require.Equal(t, []int{3, 2, 1, 0, 0}, []int{c.Total, c.LeftOut, c.Sent, c.Failed, c.Uncertain})
	states := map[string]string{}
	for _, r := range c.Recipients.Nodes {
		if r.Reason != nil {
			states[r.Contact.DisplayName] = *r.Reason
		}
	}
	require.Equal(t, map[string]string{"SILENT Eve": "NO_CONSENT", "TEST Strange": "NO_ACCOUNT"}, states)

	// The process died after the message was written and before that was: it is written again, and stands there once.
	_, err := w.p.DB.Pool.Exec(t.Context(), "UPDATE campaign_recipient SET state = 'sending', taken_at = now() - interval '5 minutes' WHERE state = 'sent'")
	require.NoError(t, err)
	_, err = w.p.DB.Pool.Exec(t.Context(), "UPDATE campaign SET status = 'sending', finished_at = NULL, sent = 0")
	require.NoError(t, err)
	require.NoError(t, w.p.Campaigns.Resume(t.Context()))
	c = w.until(c.ID, "DONE")
	require.Equal(t, []int{1, 0}, []int{c.Sent, c.Uncertain})
	var mine myInboxRow
	w.p.Must(t, ada.header("/graphql"), myInbox, nil, &mine)
	require.Len(t, mine.Me.Threads.Nodes, 1)
	require.Equal(t, fmt.Sprint([]struct{ Author, Body string }{{"STAFF", "**not** bold"}}), fmt.Sprint(mine.Me.Threads.Nodes[0].Messages.Nodes))

	var inbox staffInboxRow
	w.p.Must(t, w.owner, staffInbox, vars{"c": false, "m": false}, &inbox)
	require.Empty(t, inbox.Inbox.Nodes)
	w.p.Must(t, ada.header("/graphql"), `mutation($i: AnswerThreadInput!) { answerMyThread(input: $i) { thread { id } errors { code message path } } }`, vars{"i": vars{"id": mine.Me.Threads.Nodes[0].ID, "body": "Gladly"}}, nil)
	w.p.Must(t, w.owner, staffInbox, vars{"c": false, "m": false}, &inbox)
	require.Len(t, inbox.Inbox.Nodes, 1)
	var record struct {
		Contact struct{ Threads []struct{ Subject string } }
	}
	w.p.Must(t, w.owner, `query($id: ID!) { contact(id: $id) { ... on Person { threads { subject } } } }`, vars{"id": id}, &record)
	require.Equal(t, "Hello Ada", record.Contact.Threads[0].Subject)
}

// Staff write one mail to one contact: it leaves as a campaign's would, and stands in the contact's mailings with what became of it, beside
// what the program wrote. An organization gathers its people's.
func TestSingleMessage(t *testing.T) { // S-57, S-21
	t.Parallel()
	w := newCampaignWorld(t)
	withShop(t, w.Site)
	ada := newBrowser(t, w.Site)
	w.p.Must(t, ada.header("/graphql"), `mutation($i: SignUpInput!) { signUp(input: $i) { mailSent errors { code message path } } }`,
		vars{"i": vars{"attempt": ada.attempt, "email": "ada@mail.example", "firstName": "Ada", "lastName": "Lovelace", "password": "a long password"}}, nil)
	var code string
	require.Eventually(t, func() bool {
		for _, m := range w.office.Mails("ada@mail.example") {
			code = regexp.MustCompile(`(?m)^\d{8}\r?$`).FindString(m)
		}
		return code != ""
	}, time.Minute, 20*time.Millisecond)
	require.Empty(t, ada.code("confirmEmailCode", "ConfirmEmailCodeInput", vars{"email": "ada@mail.example", "code": strings.TrimSpace(code)}))
	id := idOf(t, w.Site, "ada@mail.example")
	in := vars{"contactId": id, "channel": "EMAIL", "subject": "Hi {{first_name}}", "body": "Dear **{{first_name}}**"}
	var look struct {
		MessagePreview struct {
			Message struct{ Subject, Text string }
		}
	}
	w.p.Must(t, w.As(site.Operator), `query($i: MessageInput!) { messagePreview(input: $i) { message { subject text } errors { code message path } } }`, vars{"i": in}, &look)
	require.Equal(t, "Hi Ada", look.MessagePreview.Message.Subject)
	w.p.Must(t, w.As(site.Operator), sendMessage, vars{"i": in}, nil)
	require.Eventually(t, func() bool {
		for _, m := range w.office.Mails("ada@mail.example") {
			if strings.Contains(m, "Subject: Hi Ada") && strings.Contains(m, "<strong>Ada</strong>") && !strings.Contains(m, "List-Unsubscribe") {
				return true
			}
		}
		return false
	}, time.Minute, 20*time.Millisecond)

	type row struct {
		Kind, Channel, Name, State string
		Contact                    struct{ ID string }
	}
	mailings := func(of, args string) (rows []row) {
		var page struct {
			Contact struct {
				Mailings struct {
					Nodes    []row
					PageInfo struct {
						EndCursor   string
						HasNextPage bool
					}
				}
			}
		}
		after := ""
		for {
			w.p.Must(t, w.As(site.Viewer), `query($id: ID!, $a: String) { contact(id: $id) { ... on Person { mailings(first: 1, after: $a) { ...m } } ... on Organization { mailings(first: 1, after: $a`+args+`) { ...m } } } }
				fragment m on MailingConnection { nodes { kind channel name state contact { id } } pageInfo { endCursor hasNextPage } }`, vars{"id": of, "a": after}, &page)
			rows = append(rows, page.Contact.Mailings.Nodes...)
			if !page.Contact.Mailings.PageInfo.HasNextPage {
				return rows
			}
			after = page.Contact.Mailings.PageInfo.EndCursor
		}
	}
	require.Eventually(t, func() bool { rows := mailings(id, ""); return len(rows) == 2 && rows[0].State == "SENT" }, time.Minute, 50*time.Millisecond)
	rows := mailings(id, "")
	require.Equal(t, "SINGLE EMAIL Hi Ada", strings.Join([]string{rows[0].Kind, rows[0].Channel, rows[0].Name}, " "), "as it was sent")
	require.Equal(t, "SYSTEM", rows[1].Kind)
	require.NotRegexp(t, `\d{8}`, rows[1].Name, "no code stands in a list")
	require.NotContains(t, w.p.Do(t, w.owner, `{ campaigns { nodes { name } } }`, nil).Raw, "Hi ", "it is no campaign")

	var club struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	w.p.Must(t, w.owner, `mutation { createOrganization(input: {name: "Works"}) { organization { id } errors { code message path } } }`, nil, &club)
	org := club.CreateOrganization.Organization.ID
	link(t, w.Site, links(t, w.Site)["MEMBER"], id, org, nil)
	require.Empty(t, mailings(org, ""))
	rows = mailings(org, ", includePeople: true")
	require.Len(t, rows, 2)
	require.Equal(t, id, rows[0].Contact.ID)

	_, file := ada.held()
	require.Contains(t, file, `"subject":"Hi Ada","text":"Dear **Ada**"`)
	require.NotContains(t, file, "{{")

	w.p.Refused(t, w.As(site.Viewer), "FORBIDDEN", sendMessage, vars{"i": in})
	other := w.p.NewSite(t, "other")
	w.p.Refused(t, other.As(site.Manager), "NOT_FOUND", sendMessage, vars{"i": in})
	in["body"] = "{{nonsense}}"
	require.Equal(t, []string{"UNKNOWN_MERGE body"}, w.p.Payload(t, w.owner, sendMessage, vars{"i": in}, nil))
	require.Equal(t, []string{"NO_PHONE channel"}, func() []string {
		w.newSmsAccount(t)
		return w.p.Payload(t, w.owner, sendMessage, vars{"i": vars{"contactId": id, "channel": "SMS", "body": "x"}}, nil)
	}())
	require.Equal(t, []string{"NO_CONSENT channel"}, w.p.Payload(t, w.owner, sendMessage, vars{"i": vars{"contactId": id, "channel": "EMAIL", "subject": "x", "body": "x", "purposeId": w.purpose()}}, nil))
}

// newSmsAccount sets up a gateway that nothing is sent to.
func (w *campaignWorld) newSmsAccount(t *testing.T) {
	t.Helper()
	w.p.Must(t, w.owner, saveSms, vars{"i": vars{"provider": "GATEWAY", "sender": "Club", "url": "https://sms.example/?to={to}&text={text}", "method": "GET"}}, nil)
}
