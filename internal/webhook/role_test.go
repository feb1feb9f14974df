package webhook_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/fault"
	"carnet/internal/site"
	"carnet/internal/webhook"
)

// Every operation on webhooks is the managers' and owners', by the API.
func TestManagersRunWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(t)
	told := w.r.next(t)
	made := func(name string) vars {
		return vars{"i": vars{"name": name, "url": w.r.url, "events": moves, "segmentIds": []string{w.acme}}}
	}
	refused := []apptest.Header{w.s.As(site.Viewer), w.s.As(site.Operator), w.s.SignIn(t, site.Operator)}
	allowed := []apptest.Header{w.s.As(site.Manager), w.s.SignIn(t, site.Owner)}
	const readAll = `{ webhooks { id deliveries { nodes { id payload } } lastDelivery { id } } }`
	for _, one := range []struct {
		operation string
		input     vars
	}{
		{readAll, nil},
		{readHook, vars{"id": w.hook}},
		{readDelivery, vars{"id": told.ID}},
		{createHook, made("Another")},
		{updateHook, vars{"i": vars{"id": w.hook, "name": "Renamed"}}},
		{rollSecret, vars{"id": w.hook}},
		{redeliver, vars{"id": told.ID}},
		{sendTest, vars{"id": w.hook}},
	} {
		w.p.Refused(t, w.s.Visitor(), "UNAUTHENTICATED", one.operation, one.input)
		for _, as := range refused {
			w.p.Refused(t, as, "FORBIDDEN", one.operation, one.input)
		}
		for _, as := range allowed {
			w.p.Must(t, as, one.operation, one.input, nil)
		}
	}
	w.p.Refused(t, w.s.As(site.Operator), "FORBIDDEN", deleteHook, vars{"id": w.hook})
	w.p.Must(t, w.s.As(site.Manager), deleteHook, vars{"id": w.hook}, nil)
}

// The domain asks too, whatever the way in, and knows no other site's webhooks.
func TestDomainAsksForManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.move(t)
	told := uuid.MustParse(w.r.next(t).ID)
	id, name, service := uuid.MustParse(w.hook), "Mine", w.p.Webhooks
	other := w.p.NewSite(t, "other")
	as := func(access site.Access, of uuid.UUID) context.Context {
		return site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: access, SiteID: of, Book: true})
	}
	d, err := service.Delivery(as(site.AccessManager, w.s.ID), told)
	require.NoError(t, err)
	url, events, segments := w.r.url, []webhook.EventType{webhook.BatchFinished}, []uuid.UUID{}
	for operation, run := range map[string]struct {
		do    func(ctx context.Context) error
		there fault.Code // what another site's manager is told; empty: nothing of this site is named
	}{
		"list": {func(ctx context.Context) error { _, err := service.List(ctx); return err }, ""},
		"create": {func(ctx context.Context) error {
			_, _, err := service.Create(ctx, webhook.Change{Name: &name, URL: &url, Events: &events, SegmentIDs: &segments})
			return err
		}, ""},
		"last": {func(ctx context.Context) error { _, err := service.Last(ctx, nil); return err }, ""},
		"read": {func(ctx context.Context) error { _, err := service.ByID(ctx, id); return err }, fault.NotFound},
		"change": {func(ctx context.Context) error {
			_, err := service.Update(ctx, id, webhook.Change{Name: &name})
			return err
		}, fault.NotFound},
		"delete": {func(ctx context.Context) error { return service.Delete(ctx, id) }, fault.NotFound},
		"secret": {func(ctx context.Context) error { _, _, err := service.RollSecret(ctx, id); return err }, fault.NotFound},
		"told":   {func(ctx context.Context) error { _, err := service.Delivery(ctx, told); return err }, fault.NotFound},
		"body":   {func(ctx context.Context) error { _, err := service.Payloads(ctx, []*webhook.Delivery{d}); return err }, fault.NotFound},
		"again":  {func(ctx context.Context) error { _, err := service.Redeliver(ctx, told); return err }, fault.NotFound},
		"test":   {func(ctx context.Context) error { _, err := service.SendTest(ctx, id); return err }, fault.NotFound},
	} {
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(run.do(t.Context())), operation)
		for _, access := range []site.Access{site.AccessViewer, site.AccessSupport, site.AccessOperator} {
			require.Equal(t, fault.Forbidden, fault.CodeOf(run.do(as(access, w.s.ID))), operation)
		}
		if run.there != "" {
			require.Equal(t, run.there, fault.CodeOf(run.do(as(site.AccessManager, other.ID))), operation)
		}
	}
	require.Equal(t, fault.Forbidden, fault.CodeOf(func() error { _, err := service.Deliveries(as(site.AccessOperator, w.s.ID), id, 50, ""); return err }()))
	page, err := service.Deliveries(as(site.AccessManager, other.ID), id, 50, "")
	require.NoError(t, err)
	require.Empty(t, page.Deliveries, "another site's deliveries")
	last, err := service.Last(as(site.AccessManager, other.ID), []*webhook.Webhook{{ID: id}})
	require.NoError(t, err)
	require.Empty(t, last)
	_, err = service.ByID(as(site.AccessManager, w.s.ID), id)
	require.NoError(t, err, "nobody deleted it")
}
