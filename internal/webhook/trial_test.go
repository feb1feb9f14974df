package webhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

// trial sends the world's webhook a test and gives the delivery's id.
func (w *world) trial(t *testing.T) string {
	t.Helper()
	var out struct {
		SendWebhookTest struct{ Delivery struct{ ID string } }
	}
	w.p.Must(t, w.s.As(site.Manager), sendTest, vars{"id": w.hook}, &out)
	return out.SendWebhookTest.Delivery.ID
}

// untilTried reads a delivery until it waits no more.
func (w *world) untilTried(t *testing.T, id string) delivery {
	t.Helper()
	var d delivery
	until(t, w.s, w.hook, func(h *hook) bool {
		for _, d = range h.Deliveries.Nodes {
			if d.ID == id {
				return d.Status != "QUEUED"
			}
		}
		return false
	})
	return d
}

// A test is sent like all that a webhook is told, to one that did not ask for it too, and stands in its list.
func TestTrialArrives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.trial(t)
	got := w.r.next(t)
	require.Equal(t, id, got.ID)
	require.True(t, got.signedBy(t, w.secret))
	require.Equal(t, "webhook.test", got.Type)
	require.Equal(t, w.hook, got.Data.Webhook.ID)
	require.Equal(t, "CRM", got.Data.Webhook.Name)
	d := w.untilTried(t, id)
	require.Equal(t, "DELIVERED", d.Status)
	require.Equal(t, "WEBHOOK_TEST", d.Event)
}

// Whether a test arrives is known after one try, and says nothing of the webhook: not even 410 disables it.
func TestTrialFailsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, status := range []int{http.StatusInternalServerError, http.StatusGone} {
		w.r.answers <- status
		id := w.trial(t)
		w.r.next(t)
		d := w.untilTried(t, id)
		require.Equal(t, "FAILED", d.Status)
		require.Equal(t, status, *d.ResponseStatus)
		require.Equal(t, 1, d.Attempts)
		require.Equal(t, "ACTIVE", new(hook).read(t, w.s, w.hook).Status)
	}
	w.p.Must(t, w.s.As(site.Manager), updateHook, vars{"i": vars{"id": w.hook, "disabled": true}}, nil)
	require.Equal(t, []string{"WEBHOOK_DISABLED id"}, w.p.Payload(t, w.s.As(site.Manager), sendTest, vars{"id": w.hook}, nil))
	w.p.Must(t, w.s.As(site.Manager), updateHook, vars{"i": vars{"id": w.hook, "disabled": false}}, nil)
	w.trial(t)
	require.Equal(t, "webhook.test", w.r.next(t).Type)
}

// A test does not wait behind what failed, nor for the rest that a failure is followed by; once it is taken, all is well.
func TestTrialOvertakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.r.answers <- http.StatusInternalServerError
	w.move(t)
	move := w.r.next(t)
	until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "FAILING" })
	exec(t, w.p, "UPDATE webhook_delivery SET next_at = now()")
	id := w.trial(t)
	require.Equal(t, id, w.r.next(t).ID)
	require.Equal(t, move.ID, w.r.next(t).ID)
	until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "ACTIVE" })
}

// A webhook can be made that is told nothing yet.
func TestHooksAreMadeDisabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out struct {
		CreateWebhook struct{ Webhook struct{ ID string } }
	}
	w.p.Must(t, w.s.As(site.Manager), createHook, vars{"i": vars{"name": "Later", "url": w.r.url, "events": moves, "segmentIds": []string{w.acme}, "disabled": true}}, &out)
	later := out.CreateWebhook.Webhook.ID
	h := new(hook).read(t, w.s, later)
	require.Equal(t, "DISABLED", h.Status)
	require.Equal(t, "STAFF", *h.DisabledReason)
	w.move(t)
	w.r.next(t)
	w.p.Caught(t)
	require.Empty(t, h.read(t, w.s, later).Deliveries.Nodes)
}

// What was sent can be read as the receiver read it, and each webhook's last delivery with the webhook.
func TestPayloadsAreShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	silent, _ := newHook(t, w.s, w.r.url, []string{"BATCH_FINISHED"})
	w.move(t)
	w.r.next(t)
	w.move(t)
	second := w.r.next(t)
	w.untilTried(t, second.ID)
	var one struct {
		WebhookDelivery struct{ Payload json.RawMessage }
	}
	w.p.Must(t, w.s.As(site.Manager), readDelivery, vars{"id": second.ID}, &one)
	require.JSONEq(t, string(second.Body), string(one.WebhookDelivery.Payload))

	var list struct {
		Webhooks []struct {
			ID           string
			LastDelivery *struct{ ID string }
		}
	}
	w.p.Must(t, w.s.As(site.Manager), `{ webhooks { id lastDelivery { id } } }`, nil, &list)
	require.Len(t, list.Webhooks, 2)
	require.Equal(t, w.hook, list.Webhooks[0].ID)
	require.Equal(t, second.ID, list.Webhooks[0].LastDelivery.ID)
	require.Equal(t, silent, list.Webhooks[1].ID)
	require.Nil(t, list.Webhooks[1].LastDelivery)
}

// What waits, for how long, and what became of tries can be watched.
func TestQueueIsMeasured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(t)
	w.r.next(t)
	until(t, w.s, w.hook, func(h *hook) bool { return len(h.Deliveries.Nodes) == 1 && h.Deliveries.Nodes[0].Status == "DELIVERED" })
	w.r.answers <- http.StatusInternalServerError
	w.untilTried(t, w.trial(t))
	w.r.next(t)
	w.r.answers <- http.StatusInternalServerError
	w.move(t)
	w.r.next(t)
	until(t, w.s, w.hook, func(h *hook) bool { return h.Status == "FAILING" })
	exec(t, w.p, "UPDATE webhook_delivery SET created_at = now() - interval '1 hour' WHERE status = 'queued'")

	var told string
	require.Eventually(t, func() bool { // counted once it is written
		_, told = w.p.HTTP(t, http.MethodGet, "/metrics", nil, "", nil)
		return strings.Contains(told, `carnet_webhook_tries_total{result="repeated"} 1`)
	}, patience, 20*time.Millisecond)
	require.Contains(t, told, `carnet_webhook_tries_total{result="delivered"} 1`+"\n")
	require.Contains(t, told, `carnet_webhook_tries_total{result="failed"} 1`+"\n")
	require.Contains(t, told, "carnet_webhook_waiting 1\n")
	require.Regexp(t, `(?m)^carnet_webhook_oldest_seconds 36\d\d`, told)
}

// Deliveries are read by pages, newest first, and none is left out.
func TestDeliveriesArePaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var sent, read []string
	for range 5 {
		sent = append([]string{w.trial(t)}, sent...)
	}
	after := ""
	for more := true; more; {
		var out struct {
			Webhook struct {
				Deliveries struct {
					Nodes    []struct{ ID string }
					PageInfo struct {
						EndCursor   string
						HasNextPage bool
					}
				}
			}
		}
		input := vars{"id": w.hook}
		if after != "" {
			input["after"] = after
		}
		w.p.Must(t, w.s.As(site.Manager), `query($id: ID!, $after: String) { webhook(id: $id) { deliveries(first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } } }`, input, &out)
		for _, d := range out.Webhook.Deliveries.Nodes {
			read = append(read, d.ID)
		}
		after, more = out.Webhook.Deliveries.PageInfo.EndCursor, out.Webhook.Deliveries.PageInfo.HasNextPage
	}
	require.Equal(t, sent, read)
}
