package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/db/dbtest"
	"carnet/internal/site"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const patience = 30 * time.Second

type vars = apptest.Vars

// request is what a receiver was sent.
type request struct {
	Header http.Header
	Body   []byte
	ID     string
	Type   string
	Data   struct {
		Segment  struct{ ID, Name string }
		Sequence int64
		Contacts []struct {
			ID, Kind, DisplayName string
			Number                int
		}
		Webhook struct{ ID, Name string }
		Batch   struct {
			ID, Action, Status                string
			Total, Changed, Unchanged, Failed int
			FinishedAt                        *time.Time
		}
		Order struct {
			Number, Total int
			Lines         []struct{ Label string }
		}
		Membership struct{ PlanID, ContactID string }
		Surface    string
		Changes    []struct {
			ContactID, Into string
			Fields          []string
			ForGood         bool
		}
	}
}

func (r request) contacts() []string {
	ids := make([]string, len(r.Data.Contacts))
	for i, c := range r.Data.Contacts {
		ids[i] = c.ID
	}
	return ids
}

// receiver is the program that is told.
type receiver struct {
	url     string
	got     chan request
	answers chan int // what it answers, 204 when there is none left
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{got: make(chan request, 1000), answers: make(chan int, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, h *http.Request) {
		body, err := io.ReadAll(h.Body)
		if err != nil {
			return
		}
		one := request{Header: h.Header, Body: body, ID: h.Header.Get("webhook-id")}
		if json.Unmarshal(body, &one) != nil {
			one.Type = "no JSON"
		}
		status := http.StatusNoContent
		select {
		case status = <-r.answers:
		default:
		}
		w.Header().Set("Location", "http://"+h.Host+"/elsewhere") // for those who would follow
		w.WriteHeader(status)
		r.got <- one
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

func (r *receiver) next(t *testing.T) request {
	t.Helper()
	select {
	case one := <-r.got:
		return one
	case <-time.After(patience):
		t.Fatal("the receiver was told nothing")
		panic("unreachable")
	}
}

// signedBy tells whether a request is signed under a secret, as the specification has receivers find out.
func (r request) signedBy(t *testing.T, secret string) bool {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	require.NoError(t, err)
	at, err := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), time.Unix(at, 0), time.Minute)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.ID + "." + r.Header.Get("webhook-timestamp") + "." + string(r.Body)))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, one := range strings.Fields(r.Header.Get("webhook-signature")) {
		if hmac.Equal([]byte(one), []byte(want)) {
			return true
		}
	}
	return false
}

type hook struct {
	ID, URL, Status string
	Events          []string
	DisabledReason  *string
	FailingSince    *time.Time
	Segments        []struct{ ID, Name string }
	Deliveries      struct{ Nodes []delivery }
}

type delivery struct {
	ID, Event, Status, Problem string
	Attempts                   int
	ResponseStatus             *int
	NextAt, CreatedAt          time.Time
	ContactIDs                 []string
}

const (
	createHook   = `mutation($i: CreateWebhookInput!) { createWebhook(input: $i) { webhook { id } secret errors { code message path } } }`
	updateHook   = `mutation($i: UpdateWebhookInput!) { updateWebhook(input: $i) { webhook { id } errors { code message path } } }`
	rollSecret   = `mutation($id: ID!) { rollWebhookSecret(input: {id: $id}) { webhook { id } secret errors { code message path } } }`
	redeliver    = `mutation($id: ID!) { redeliverWebhook(input: {deliveryId: $id}) { delivery { id } errors { code message path } } }`
	sendTest     = `mutation($id: ID!) { sendWebhookTest(input: {id: $id}) { delivery { id } errors { code message path } } }`
	readDelivery = `query($id: ID!) { webhookDelivery(id: $id) { id event status problem attempts responseStatus payload } }`
	deleteHook   = `mutation($id: ID!) { deleteWebhook(input: {id: $id}) { deletedId errors { code message path } } }`
	readHook     = `query($id: ID!) { webhook(id: $id) { id url status events disabledReason failingSince segments { id name }
		deliveries { nodes { id event status problem attempts responseStatus nextAt createdAt contactIds } } } }`
)

// newHook makes a webhook as a manager and gives its id and secret.
func newHook(t *testing.T, s *apptest.Site, url string, events []string, segments ...string) (id, secret string) {
	t.Helper()
	var out struct {
		CreateWebhook struct {
			Webhook struct{ ID string }
			Secret  string
		}
	}
	s.Program.Must(t, s.As(site.Manager), createHook, vars{"i": vars{"name": "CRM", "url": url, "events": events, "segmentIds": append([]string{}, segments...)}}, &out)
	return out.CreateWebhook.Webhook.ID, out.CreateWebhook.Secret
}

func (h *hook) read(t *testing.T, s *apptest.Site, id string) *hook {
	t.Helper()
	var out struct{ Webhook hook }
	s.Program.Must(t, s.As(site.Manager), readHook, vars{"id": id}, &out)
	*h = out.Webhook
	return h
}

// until reads a webhook until something holds.
func until(t *testing.T, s *apptest.Site, id string, holds func(h *hook) bool) *hook {
	t.Helper()
	h := new(hook)
	require.Eventually(t, func() bool { return holds(h.read(t, s, id)) }, patience, 20*time.Millisecond, "the webhook stays %+v", h)
	return h
}

// atCompany makes a segment of those who name a company.
func atCompany(t *testing.T, s *apptest.Site, company string) string {
	t.Helper()
	var out struct {
		CreateSegment struct{ Segment struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Manager), `mutation($n: String!, $r: ContactFilter!) { createSegment(input: {name: $n, rule: $r}) { segment { id } errors { code message path } } }`,
		vars{"n": company, "r": vars{"text": vars{"column": "COMPANY", "op": "EQUALS", "value": company}}}, &out)
	return out.CreateSegment.Segment.ID
}

// works says where somebody works.
func works(t *testing.T, s *apptest.Site, id, company string) {
	t.Helper()
	s.Program.Must(t, s.As(site.Operator), `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`,
		vars{"i": vars{"id": id, "company": company}}, nil)
}

// due makes what waits for another try due now, as if the time had passed.
func due(t *testing.T, p *apptest.Program) {
	t.Helper()
	exec(t, p, "UPDATE webhook SET busy_until = NULL")
	exec(t, p, "UPDATE webhook_delivery SET next_at = now() WHERE status = 'queued'")
	p.Webhooks.Wake()
}

func exec(t *testing.T, p *apptest.Program, sql string, args ...any) {
	t.Helper()
	_, err := p.DB.Pool.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}
