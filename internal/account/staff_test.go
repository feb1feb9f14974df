package account_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// Who signs in to an application elsewhere reads there what they read in the admin, and no more once a manager
// has taken it.
func TestStaffTokensReadWhatStaffRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.sites.Update(w.staff(w.site), site.Update{Origins: &[]site.Origin{{Origin: shop, Staff: true}}})
	require.NoError(t, err)
	member, _, err := w.sites.SignIn(t.Context(), "owner@club.example", "long enough", "club")
	require.NoError(t, err)
	_, err = w.db.Bun.ExecContext(t.Context(), "UPDATE staff SET role = 'operator' WHERE id = ?", member.ID)
	require.NoError(t, err)
	here, err := w.sites.StaffActor(t.Context(), w.site.ID, member.ID, member.SessionEpoch)
	require.NoError(t, err)

	b := w.browser()
	end, err := w.service.AuthorizeStaff(site.WithActor(t.Context(), here), account.StaffAttempt{Site: "club", Origin: shop, Mode: account.ModePopup, Attempt: b.attempt}, true)
	require.NoError(t, err)
	tokens, err := b.exchange(end.Code)
	require.NoError(t, err)
	there, err := b.actor(tokens.Access)
	require.NoError(t, err)
	require.Equal(t, site.AccessOperator, there.Access)
	require.Equal(t, []site.Sensitive{site.SensitiveIBAN}, there.Hidden())

	rights := []site.SensitiveRight{{Attribute: site.SensitiveBirthDate, ReadableBy: site.Manager}, {Attribute: site.SensitiveIBAN, ReadableBy: site.Viewer}}
	_, err = w.sites.Update(w.staff(w.site), site.Update{Sensitive: rights})
	require.NoError(t, err)
	now, err := b.actor(tokens.Access)
	require.NoError(t, err)
	require.Equal(t, []site.Sensitive{site.SensitiveBirthDate}, now.Hidden())
	require.True(t, now.SeesLess(there))
	again, err := w.service.BySession(t.Context(), there)
	require.NoError(t, err)
	require.Equal(t, now.Hidden(), again.Hidden(), "of a socket, too")
	_, err = w.sites.Update(w.staff(w.site), site.Update{Sensitive: []site.SensitiveRight{{Attribute: site.SensitiveBirthDate, ReadableBy: site.Viewer}}})
	require.NoError(t, err)
	more, err := b.actor(tokens.Access)
	require.NoError(t, err)
	require.False(t, more.SeesLess(now))
}

// D-09: an application on another site works with an owner's rights, and does not decide how the staff sign in: one that is taken over would take the second step
// from all of them.
func TestApplicationsDoNotChangeHowStaffSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.sites.Update(w.staff(w.site), site.Update{Origins: &[]site.Origin{{Origin: shop, Staff: true}}})
	require.NoError(t, err)
	owner, _, err := w.sites.SignIn(t.Context(), "owner@club.example", "long enough", "club")
	require.NoError(t, err)
	here, err := w.sites.StaffActor(t.Context(), w.site.ID, owner.ID, owner.SessionEpoch)
	require.NoError(t, err)
	var token string
	_, err = w.sites.Invite(site.WithActor(t.Context(), here), "vera@club.example", site.Manager, func(_ context.Context, _ bun.IDB, _ site.Site, _, sent string) error { token = sent; return nil })
	require.NoError(t, err)
	vera, err := w.sites.AcceptInvitation(t.Context(), token, "Vera", "another long one")
	require.NoError(t, err)
	_, err = w.db.Bun.ExecContext(t.Context(), "INSERT INTO staff_second_step (site_id, staff_id, secret, confirmed_at) VALUES (?, ?, '\\x00', now())", w.site.ID, vera.ID)
	require.NoError(t, err)

	b := w.browser()
	end, err := w.service.AuthorizeStaff(site.WithActor(t.Context(), here), account.StaffAttempt{Site: "club", Origin: shop, Mode: account.ModePopup, Attempt: b.attempt}, true)
	require.NoError(t, err)
	tokens, err := b.exchange(end.Code)
	require.NoError(t, err)
	there, err := b.actor(tokens.Access)
	require.NoError(t, err)
	require.Equal(t, site.AccessOwner, there.Access)
	noMail := func(context.Context, bun.IDB, site.Site, string, string) error { return nil }
	change := func(a site.Actor, required bool) (removed, changed error) {
		ctx := site.WithActor(t.Context(), a)
		_, changed = w.sites.Update(ctx, site.Update{SecondStepRequired: &required})
		_, removed = w.sites.RemoveSecondStep(ctx, vera.ID, noMail)
		return removed, changed
	}
	removed, changed := change(there, true)
	require.Equal(t, fault.Forbidden, fault.CodeOf(removed))
	require.Equal(t, fault.Forbidden, fault.CodeOf(changed))
	removed, changed = change(here, true)
	require.NoError(t, removed)
	require.NoError(t, changed)
}
