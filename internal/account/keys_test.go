package account_test

import (
	"fmt"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// knows tells whether a secret redeems: an unknown token is not found, where a wrong secret is not let that far.
func (w *world) knows(plain string) bool {
	_, err := w.service.Redeem(w.t.Context(), account.Redeem{Site: "club", Secret: plain, JTI: secret.Random(), IdempotencyKey: "k"})
	return fault.CodeOf(err) == fault.NotFound
}

// A host's server is given its new secret while the old one goes on; whichever is used is told. The old one ends at its time, or at once.
func TestSiteSecretIsChangedWithoutABreak(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sites.Now = w.clock.now
	owner := w.staff(w.site)
	list := func() []site.Secret {
		rows, err := w.sites.Secrets(owner)
		require.NoError(t, err)
		return rows
	}
	require.True(t, w.knows(w.secret))
	second, err := w.sites.RotateSecret(owner, 24*time.Hour)
	require.NoError(t, err)
	require.True(t, w.knows(w.secret))
	rows := list()
	require.Len(t, rows, 2)
	require.Equal(t, second[len(second)-4:], rows[0].Hint)
	require.Nil(t, rows[0].EndsAt)
	require.Nil(t, rows[0].UsedAt)
	require.Equal(t, w.clock.now().Add(24*time.Hour).Unix(), rows[1].EndsAt.Unix())
	require.Equal(t, w.clock.now().Unix(), rows[1].UsedAt.Unix(), "which of the two the host uses is seen")
	w.clock.add(time.Hour)
	require.True(t, w.knows(second))
	require.Equal(t, w.clock.now().Unix(), list()[0].UsedAt.Unix())

	w.clock.add(24 * time.Hour)
	require.False(t, w.knows(w.secret), "it goes on after its end")
	require.Len(t, list(), 1)

	third, err := w.sites.RotateSecret(owner, time.Hour)
	require.NoError(t, err)
	require.NoError(t, w.sites.RevokeSecret(owner, list()[1].ID))
	require.False(t, w.knows(second))
	require.Equal(t, fault.NotFound, fault.CodeOf(w.sites.RevokeSecret(owner, list()[0].ID)), "the current one would leave the host with none")
	require.True(t, w.knows(third))
	fourth, err := w.sites.RotateSecret(owner, 0)
	require.NoError(t, err)
	require.False(t, w.knows(third))
	require.True(t, w.knows(fourth))

	_, err = w.sites.RotateSecret(owner, 169*time.Hour)
	require.Equal(t, fault.BadInput, fault.CodeOf(err))
	events, err := w.sites.EmbedEvents(owner)
	require.NoError(t, err)
	kinds := []site.EmbedEventKind{}
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	require.Equal(t, []site.EmbedEventKind{site.SecretMade, site.SecretRevoked, site.SecretMade, site.SecretMade}, kinds)

	var stored string
	require.NoError(t, w.db.Bun.NewRaw("SELECT (SELECT json_agg(x) FROM site_secret x)::text || (SELECT json_agg(x) FROM embed_event x)::text").Scan(t.Context(), &stored))
	require.NotContains(t, stored, fourth[len(fourth)-12:])
}

// Another site's secrets, tries and notes are not there; managers and keys of theirs do not change what the host's server is let in by.
func TestKeysAreTheOwnersAndTheSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.sites.RotateSecret(w.staff(w.site), time.Hour)
	require.NoError(t, err)
	rows, err := w.sites.Secrets(w.staff(w.site))
	require.NoError(t, err)
	require.Equal(t, fault.NotFound, fault.CodeOf(w.sites.RevokeSecret(w.staff(w.other), rows[1].ID)))
	require.True(t, w.knows(w.secret))
	manager := site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessManager, SiteID: w.site.ID, ID: uuid.New(), Book: true})
	_, rotated := w.sites.RotateSecret(manager, 0)
	_, keyed := w.service.RotateSigningKey(manager)
	_, listed := w.service.SigningKeys(manager)
	_, secrets := w.sites.Secrets(manager)
	_, events := w.sites.EmbedEvents(manager)
	for i, err := range []error{rotated, keyed, listed, secrets, events, w.sites.RevokeSecret(manager, rows[1].ID), w.sites.ReleaseThrottle(manager, "x")} {
		require.Equal(t, fault.Forbidden, fault.CodeOf(err), i)
	}
}

// A new signing key is published before it signs, and the old one until its last tokens have ended: whoever keeps the keys for five
// minutes verifies every token. It is the key of all sites, so once a day is enough.
func TestSigningKeyIsChangedWithoutABreak(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.staff(w.site)
	published := func() []string {
		set, err := w.service.Keys(t.Context())
		require.NoError(t, err)
		kids := []string{}
		for _, key := range set.Keys {
			kids = append(kids, key.KeyID)
		}
		return kids
	}
	orders := 0
	signer := func() string {
		orders++
		token, err := w.service.PrepareCheckout(w.visitor(shop), account.PrepareCheckout{Order: fmt.Sprint(orders), Nonce: hostNonce, Email: "guest@b.example", LastName: "Est"})
		require.NoError(t, err)
		parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
		require.NoError(t, err)
		return parsed.Signatures[0].Header.KeyID
	}
	first, err := w.service.RotateSigningKey(owner)
	require.NoError(t, err)
	old := signer()
	require.Equal(t, first.Kid, old, "there was none to go on with")
	require.Equal(t, []string{old}, published())
	_, err = w.service.RotateSigningKey(owner)
	require.Equal(t, fault.RateLimited, fault.CodeOf(err), "it has just been made")

	w.clock.add(25 * time.Hour)
	made, err := w.service.RotateSigningKey(owner)
	require.NoError(t, err)
	require.Equal(t, []string{made.Kid, old}, published())
	require.Equal(t, old, signer(), "hosts do not know the new one yet")
	w.clock.add(9 * time.Minute)
	require.Equal(t, old, signer())
	w.clock.add(time.Minute)
	require.Equal(t, made.Kid, signer())
	require.Equal(t, []string{made.Kid, old}, published(), "tokens that the old one signed are out")
	w.clock.add(59 * time.Minute)
	require.Equal(t, []string{made.Kid, old}, published())
	w.clock.add(time.Minute)
	require.Equal(t, []string{made.Kid}, published())
	keys, err := w.service.SigningKeys(owner)
	require.NoError(t, err)
	require.Len(t, keys, 1)
	_, err = w.service.RotateSigningKey(w.staff(w.other))
	require.Equal(t, fault.RateLimited, fault.CodeOf(err), "once a day, whoever asks")
}

// What is tried is counted by site, told cut short, and can be forgotten by the owner, who is named.
func TestThrottlesAreSeenAndReleased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sites.Now = w.clock.now
	from := func(of site.Site, ip string) func(email string) error {
		ctx := account.WithClient(w.visitorOf(of, shop), account.Client{IP: ip})
		return func(email string) error {
			return w.service.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: w.browser().attempt, Email: email})
		}
	}
	ask := from(w.site, "203.0.113.77")
	for range 5 {
		require.NoError(t, ask("Ada.Byron@example.org"))
	}
	require.Equal(t, fault.RateLimited, fault.CodeOf(ask("ada.byron@example.org")))
	require.NoError(t, from(w.site, "2001:db8:1:2:3:4:5:6")("eva@example.org"))
	require.NoError(t, from(w.other, "203.0.113.77")("ada.byron@example.org"), "another site's tries count here")

	rows, err := w.sites.Throttles(w.staff(w.site))
	require.NoError(t, err)
	got := map[string]int{}
	for _, row := range rows {
		got[row.Limit+" "+row.Who] = row.Count
		require.Equal(t, row.Count >= row.Most, row.Full())
		require.True(t, row.Until.After(w.clock.now()))
	}
	require.Equal(t, map[string]int{"mail/address a***@example.org": 6, "mail/address e***@example.org": 1, "mail/client 203.0.113.0/24": 6, "mail/client 2001:db8:1::/48": 1}, got)
	require.Equal(t, "mail/address a***@example.org", rows[0].Limit+" "+rows[0].Who, "the fullest first")

	require.Equal(t, fault.NotFound, fault.CodeOf(w.sites.ReleaseThrottle(w.staff(w.other), rows[0].ID)))
	require.Equal(t, fault.RateLimited, fault.CodeOf(ask("ada.byron@example.org")))
	require.NoError(t, w.sites.ReleaseThrottle(w.staff(w.site), rows[0].ID))
	require.NoError(t, ask("ada.byron@example.org"))
	events, err := w.sites.EmbedEvents(w.staff(w.site))
	require.NoError(t, err)
	require.Equal(t, site.ThrottleReleased, events[0].Kind)
	require.Equal(t, "mail/address", events[0].What)

	w.clock.add(15 * time.Minute)
	rows, err = w.sites.Throttles(w.staff(w.site))
	require.NoError(t, err)
	require.Empty(t, rows, "their time has ended")
	require.NoError(t, w.service.Sweep(t.Context()))
	require.Zero(t, w.count("rate_bucket"))
}
