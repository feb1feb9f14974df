package webhook_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// world is a site with a webhook on a segment.
type world struct {
	p            *apptest.Program
	s            *apptest.Site
	r            *receiver
	acme         string
	hook, secret string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	p := apptest.Start(t)
	w := &world{p: p, s: p.NewSite(t, "club"), r: newReceiver(t)}
	w.acme = atCompany(t, w.s, "Acme")
	w.hook, w.secret = newHook(t, w.s, w.r.url, moves, w.acme)
	return w
}

// move lets somebody enter, and gives who.
func (w *world) move(t *testing.T) string {
	t.Helper()
	who := w.s.NewPerson(t, "Ada", "Lovelace")
	works(t, w.s, who, "Acme")
	return who
}

// What a receiver did not take is sent again, later and later, under the same id.
func TestFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.r.answers <- http.StatusInternalServerError
	w.r.answers <- http.StatusFound // a redirect is not followed
	w.move(t)
	first := w.r.next(t)
	h := until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "FAILING" })
	d := h.Deliveries.Nodes[0]
	require.Equal(t, "QUEUED", d.Status)
	require.Equal(t, 1, d.Attempts)
	require.Equal(t, 500, *d.ResponseStatus)
	require.Contains(t, d.Problem, "500")
	require.WithinDuration(t, time.Now().Add(5*time.Second), d.NextAt, 4*time.Second)

	due(t, w.p)
	again := w.r.next(t)
	require.Equal(t, first.ID, again.ID)
	require.True(t, again.signedBy(t, w.secret))
	h = until(t, w.s, w.hook, func(h *hook) bool { return h.Deliveries.Nodes[0].Attempts == 2 })
	require.Equal(t, 302, *h.Deliveries.Nodes[0].ResponseStatus)
	require.WithinDuration(t, time.Now().Add(30*time.Second), h.Deliveries.Nodes[0].NextAt, 10*time.Second)

	due(t, w.p)
	require.Equal(t, first.ID, w.r.next(t).ID)
	h = until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "ACTIVE" })
	require.Equal(t, "DELIVERED", h.Deliveries.Nodes[0].Status)
	require.Equal(t, 3, h.Deliveries.Nodes[0].Attempts)
	require.Empty(t, w.r.got, "nobody was sent elsewhere")
}

// A receiver that is gone is told nothing more, until somebody enables the webhook: then of what happens from there on.
func TestGoneDisables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.r.answers <- http.StatusGone
	w.move(t)
	w.r.next(t)
	h := until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "DISABLED" })
	require.Equal(t, "GONE", *h.DisabledReason)
	require.Equal(t, "FAILED", h.Deliveries.Nodes[0].Status)
	require.Equal(t, []string{"WEBHOOK_DISABLED deliveryId"}, w.p.Payload(t, w.s.As(site.Manager), redeliver, vars{"id": h.Deliveries.Nodes[0].ID}, nil))
	w.move(t)
	w.p.Caught(t)

	w.p.Must(t, w.s.As(site.Manager), updateHook, vars{"i": vars{"id": w.hook, "disabled": false}}, nil)
	who := w.move(t)
	require.Equal(t, []string{who}, w.r.next(t).contacts())
	h = until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "ACTIVE" && h.Deliveries.Nodes[0].Status == "DELIVERED" })
	require.Len(t, h.Deliveries.Nodes, 2, "who moved while it was disabled is not told of")
}

// A webhook that gets nothing through for days is disabled, and what waits is given up.
func TestDaysOfFailuresDisable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		w.r.answers <- http.StatusBadGateway
	}
	w.move(t)
	w.r.next(t)
	until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "FAILING" })
	exec(t, w.p, "UPDATE webhook_delivery SET attempts = 10")
	due(t, w.p)
	w.r.next(t)
	h := until(t, w.s, w.hook, func(h *hook) bool { return h.Deliveries.Nodes[0].Attempts == 11 })
	require.Equal(t, "FAILED", h.Deliveries.Nodes[0].Status, "a day of tries is over")
	require.Equal(t, "FAILING", h.Status)

	w.move(t)
	due(t, w.p)
	w.r.next(t)
	until(t, w.s, w.hook, func(h *hook) bool { return h.Deliveries.Nodes[0].Attempts == 1 })
	exec(t, w.p, "UPDATE webhook SET failing_since = now() - interval '73 hours'")
	due(t, w.p)
	w.r.next(t)
	h = until(t, w.s, w.hook, func(h *hook) bool { return h.Deliveries.Nodes[0].Attempts == 2 })
	require.Equal(t, "FAILING", h.Status, "a delivery has its day, however long others failed")
	exec(t, w.p, "UPDATE webhook_delivery SET attempts = 10 WHERE status = 'queued'")
	due(t, w.p)
	w.r.next(t)
	h = until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "DISABLED" })
	require.Equal(t, "FAILING", *h.DisabledReason)
}

// A delivery is sent again under its id when somebody asks, also one that was taken.
func TestRedeliver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(t)
	first := w.r.next(t)
	until(t, w.s, w.hook, func(h *hook) bool { return h.Deliveries.Nodes[0].Status == "DELIVERED" })
	w.p.Must(t, w.s.As(site.Manager), redeliver, vars{"id": first.ID}, nil)
	again := w.r.next(t)
	require.Equal(t, first.ID, again.ID)
	require.JSONEq(t, string(first.Body), string(again.Body))
}

// The secret is shown when it is made and when it is rolled, and never again; for a day the old one signs too.
func TestSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out struct{ RollWebhookSecret struct{ Secret string } }
	w.p.Must(t, w.s.As(site.Manager), rollSecret, vars{"id": w.hook}, &out)
	fresh := out.RollWebhookSecret.Secret
	require.NotEqual(t, w.secret, fresh)
	w.move(t)
	one := w.r.next(t)
	require.True(t, one.signedBy(t, fresh))
	require.True(t, one.signedBy(t, w.secret))

	exec(t, w.p, "UPDATE webhook SET old_until = now()")
	w.move(t)
	two := w.r.next(t)
	require.True(t, two.signedBy(t, fresh))
	require.False(t, two.signedBy(t, w.secret))

	raw := w.p.Do(t, w.s.As(site.Manager), `{ webhooks { id name url deliveries { nodes { data } } } __type(name: "Webhook") { fields { name } } }`, nil).Raw
	require.NotContains(t, raw, "whsec_")
	require.NotContains(t, strings.ToLower(raw), "secret")
	var stored []byte
	require.NoError(t, w.p.DB.Pool.QueryRow(t.Context(), "SELECT secret || old_secret FROM webhook").Scan(&stored))
	require.NotContains(t, string(stored), "whsec_", "it is sealed")
}

// Where the program serves others, nothing within its network is reached, whatever the name; nor plain http.
func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	p := apptest.StartWith(t, func(c *app.Config) { c.PublicURL = "https://carnet.example" })
	s := p.NewSite(t, "club")
	acme := atCompany(t, s, "Acme")
	for _, url := range []string{"http://crm.example/hook", "http://localhost/hook", "https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://[fd00::1]/",
		"https://[::ffff:192.168.0.1]/", "https://me:secret@crm.example/", "https://crm.example/#a", "ftp://crm.example", "crm.example", "", "https://", "https://crm example/"} {
		got := p.Payload(t, s.As(site.Manager), createHook, vars{"i": vars{"name": "CRM", "url": url, "events": moves, "segmentIds": []string{acme}}}, nil)
		require.Contains(t, []string{"INVALID_URL url", "PRIVATE_ADDRESS url"}, got[0], url)
		require.Len(t, got, 1)
	}
	r := newReceiver(t)
	id, _ := newHook(t, s, strings.NewReplacer("http://", "https://", "127.0.0.1", "localhost").Replace(r.url), moves, acme)
	works(t, s, s.NewPerson(t, "Ada", "Lovelace"), "Acme")
	h := until(t, s, id, func(h *hook) bool { return h.Status == "FAILING" })
	require.Contains(t, h.Deliveries.Nodes[0].Problem, "not a public address")
	require.Nil(t, h.Deliveries.Nodes[0].ResponseStatus)
}

// What cannot be a webhook is refused with where it is wrong.
func TestInputs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := func(key string, value any) vars {
		i := vars{"name": "CRM", "url": w.r.url, "events": moves, "segmentIds": []string{w.acme}}
		i[key] = value
		return vars{"i": i}
	}
	for want, input := range map[string]vars{
		"REQUIRED name":        with("name", " "),
		"TOO_LONG name":        with("name", strings.Repeat("n", 201)),
		"REQUIRED events":      with("events", []string{}),
		"INVALID events":       with("events", []string{"WEBHOOK_TEST"}),
		"REQUIRED segmentIds":  with("segmentIds", []string{}),
		"TOO_LONG segmentIds":  with("segmentIds", manyIDs(21)),
		"UNKNOWN segmentIds.1": with("segmentIds", []string{w.acme, uuid.NewString()}),
	} {
		require.Equal(t, []string{want}, w.p.Payload(t, w.s.As(site.Manager), createHook, input, nil))
	}
	all := vars{"i": vars{"name": "", "url": "", "events": moves, "segmentIds": []string{}}}
	require.Equal(t, []string{"REQUIRED name", "INVALID_URL url", "REQUIRED segmentIds"}, w.p.Payload(t, w.s.As(site.Manager), createHook, all, nil), "all at once")
}

func manyIDs(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = uuid.NewString()
	}
	return out
}

// A webhook is its site's business, and of those who manage it.
func TestOthersAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(t)
	told := w.r.next(t)
	other := w.p.NewSite(t, "other")
	theirs := atCompany(t, other, "Acme")
	as := other.As(site.Manager)
	for _, one := range []struct {
		operation string
		input     vars
	}{
		{readHook, vars{"id": w.hook}},
		{updateHook, vars{"i": vars{"id": w.hook, "name": "Mine"}}},
		{deleteHook, vars{"id": w.hook}},
		{rollSecret, vars{"id": w.hook}},
		{redeliver, vars{"id": told.ID}},
		{sendTest, vars{"id": w.hook}},
		{readDelivery, vars{"id": told.ID}},
	} {
		w.p.Refused(t, as, "NOT_FOUND", one.operation, one.input)
		w.p.Refused(t, w.s.As(site.Operator), "FORBIDDEN", one.operation, one.input)
		w.p.Refused(t, w.s.Visitor(), "UNAUTHENTICATED", one.operation, one.input)
	}
	require.Equal(t, []string{"UNKNOWN segmentIds.0"}, w.p.Payload(t, as, createHook, vars{"i": vars{"name": "CRM", "url": w.r.url, "events": moves, "segmentIds": []string{w.acme}}}, nil))
	require.Equal(t, []string{"UNKNOWN segmentIds.0"}, w.p.Payload(t, w.s.As(site.Manager), updateHook, vars{"i": vars{"id": w.hook, "segmentIds": []string{theirs}}}, nil))
	w.p.Must(t, w.s.As(site.Manager), deleteHook, vars{"id": w.hook}, nil)
	w.p.Refused(t, w.s.As(site.Manager), "NOT_FOUND", readHook, vars{"id": w.hook})
}

// P-15: who asked is told when a batch is over, whatever became of it; a dry run is nobody's concern.
func TestBatchesAreTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	r := newReceiver(t)
	newHook(t, s, r.url, []string{"BATCH_FINISHED"})
	ids := []string{s.NewPerson(t, "Ada", "Lovelace"), s.NewPerson(t, "Bo", "Else")}
	run := func(dry bool, target vars) (id string) {
		t.Helper()
		var out struct {
			RunBatch struct{ Batch struct{ ID string } }
		}
		p.Must(t, s.As(site.Operator), `mutation($i: RunBatchInput!) { runBatch(input: $i) { batch { id } errors { code message path } } }`,
			vars{"i": vars{"action": "COLOR", "color": "#00aa00", "dryRun": dry, "target": target}}, &out)
		return out.RunBatch.Batch.ID
	}
	run(true, vars{"contactIds": ids})
	empty := run(false, vars{"matching": vars{"search": "nobody"}})
	one := r.next(t)
	require.Equal(t, "batch.finished", one.Type)
	require.Equal(t, empty, one.Data.Batch.ID)
	whole := run(false, vars{"contactIds": ids})
	two := r.next(t)
	require.Equal(t, whole, two.Data.Batch.ID)
	require.Equal(t, []any{"color", "done", 2, 2, 0, 0}, []any{two.Data.Batch.Action, two.Data.Batch.Status, two.Data.Batch.Total, two.Data.Batch.Changed, two.Data.Batch.Unchanged, two.Data.Batch.Failed})
	require.NotNil(t, two.Data.Batch.FinishedAt)
	require.NotContains(t, string(two.Body), "contacts")
}
