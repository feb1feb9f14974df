package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/site"
)

// events gives what the history tells of accounts, oldest first.
func (w *world) events() []string {
	w.t.Helper()
	var rows []struct{ Action, ActorKind, Surface string }
	require.NoError(w.t, w.db.Bun.NewRaw("SELECT action, actor_kind, surface FROM contact_history WHERE account_id IS NOT NULL ORDER BY id").Scan(w.t.Context(), &rows))
	out := []string{}
	for _, row := range rows {
		out = append(out, strings.TrimPrefix(row.Action, "account_")+" "+row.ActorKind+" "+row.Surface)
	}
	return out
}

// S-38, S-39: whatever an owner does to their account is told as theirs, with where they did it.
func TestOwnersChangesAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	tokens := b.session(ada, "the old password")
	ctx := b.as(tokens)
	require.NoError(t, w.service.RequestEmailChange(ctx, herNew))
	require.NoError(t, w.service.ConfirmEmailChange(ctx, w.mail(herNew).Data["code"]))
	code, err := w.service.ChangePassword(ctx, account.ChangePassword{Attempt: b.attempt, Password: "the new password"})
	require.NoError(t, err)
	tokens, err = b.exchange(code)
	require.NoError(t, err)
	require.NoError(t, w.service.SignOut(b.as(tokens), true))

	// By the mailbox: a new password, and a provider that is linked by a proof; then it is taken away.
	require.NoError(t, w.service.RequestEmailCode(w.visitor(shop), account.RequestEmailCode{Attempt: b.attempt, Email: herNew, Reset: true}))
	code, err = w.service.ConfirmEmailCode(w.visitor(shop), account.ConfirmEmailCode{Attempt: b.attempt, Email: herNew, Code: w.mail(herNew).Data["code"], NewPassword: "yet another one"})
	require.NoError(t, err)
	tokens, err = b.exchange(code)
	require.NoError(t, err)
	a, err := b.actor(tokens.Access)
	require.NoError(t, err)
	_, err = w.db.Bun.ExecContext(t.Context(), "INSERT INTO account_identity (site_id, issuer, subject, account_id, provider) VALUES (?, 'https://idp.example', 'x', ?, 'IdP')", w.site.ID, a.ID)
	require.NoError(t, err)
	require.NoError(t, w.service.RemoveIdentity(b.as(tokens), "IdP"))
	require.NoError(t, w.service.RequestEmailChange(b.as(tokens), "third@example.no"))
	_, err = w.service.Recover(t.Context(), link(w.mail(herNew)))
	require.NoError(t, err)
	tokens, err = b.exchange(b.signIn(herNew))
	require.NoError(t, err)
	require.NoError(t, w.service.Close(b.as(tokens)))
	require.Equal(t, []string{
		"created account registration", "email account profile", "password account profile", "signed_out account profile", "password account sign_in",
		"unlinked account profile", "signed_out account sign_in", "closed account profile",
	}, w.events())
	var secrets int
	require.NoError(t, w.db.Bun.NewRaw("SELECT count(*) FROM contact_history h WHERE h::text ~ 'password\"|argon2|yet another'").Scan(t.Context(), &secrets))
	require.Zero(t, secrets)
}

// An invitation is told as the staff's, and the proof of its mailbox as the owner's.
func TestInvitationsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contactID := uuid.Must(uuid.NewV7())
	_, err := w.db.Bun.ExecContext(t.Context(), "INSERT INTO contact (site_id, id, number, kind, last_name, email, email_key, source) VALUES (?, ?, 1, 'person', 'L', ?, ?, 'staff')", w.site.ID, contactID, ada, ada)
	require.NoError(t, err)
	require.NoError(t, w.service.Invite(w.staff(w.site), w.db.Bun, w.site.ID, contactID, ada, "en"))
	w.browser().signIn(ada)
	require.Equal(t, []string{"invited staff admin", "proven account sign_in"}, w.events())
}

// supported is a world with Ada's account and a member of staff who may help.
func supported(t *testing.T) (*world, uuid.UUID, context.Context) {
	t.Helper()
	w := newWorld(t)
	w.browser().session(ada, "the old password")
	var contactID uuid.UUID
	require.NoError(t, w.db.Bun.NewRaw("SELECT contact_id FROM account").Scan(t.Context(), &contactID))
	return w, contactID, w.helper("support")
}

// helper gives the owner of the first site as a member of staff with a role.
func (w *world) helper(role string) context.Context {
	w.t.Helper()
	_, err := w.db.Bun.ExecContext(w.t.Context(), "UPDATE staff SET role = ? WHERE site_id = ?", role, w.site.ID)
	require.NoError(w.t, err)
	var row struct {
		ID           uuid.UUID
		SessionEpoch int
	}
	require.NoError(w.t, w.db.Bun.NewRaw("SELECT id, session_epoch FROM staff WHERE site_id = ?", w.site.ID).Scan(w.t.Context(), &row))
	a, err := w.sites.StaffActor(w.t.Context(), w.site.ID, row.ID, row.SessionEpoch)
	require.NoError(w.t, err)
	return site.WithActor(w.t.Context(), a)
}

// link starts a support session and gives the code of its link.
func (w *world) supportCode(staff context.Context, contactID uuid.UUID) string {
	w.t.Helper()
	out, err := w.service.StartSupport(staff, contactID, shop)
	require.NoError(w.t, err)
	return out.URL[strings.Index(out.URL, "=")+1:]
}

// S-14: the code of a support link works once, within two minutes, at its page, of its site, while the member of staff may help and the account is
// not shut out.
func TestSupportCodes(t *testing.T) {
	t.Parallel()
	w, contactID, staff := supported(t)
	enter := func(ctx context.Context, code string) string {
		_, err := w.service.EnterSupport(ctx, w.browser().attempt, code)
		return reason(err)
	}
	code := w.supportCode(staff, contactID)
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(otherShop), code), "another page")
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(shop), code), "which has used it up")
	code = w.supportCode(staff, contactID)
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitorOf(w.other, shop), code), "another site")
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(shop), "cs_"+code[5:]))
	require.Empty(t, enter(w.visitor(shop), code))
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(shop), code), "once")
	code = w.supportCode(staff, contactID)
	w.clock.add(2 * time.Minute)
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(shop), code), "late")

	code = w.supportCode(staff, contactID)
	w.helper("viewer")
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(shop), code), "who may not help any more")
	staff = w.helper("operator")
	code = w.supportCode(staff, contactID)
	require.NoError(t, w.service.SignOutOwner(staff, contactID))
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(shop), code), "signing out everywhere ends what would begin")
	code = w.supportCode(staff, contactID)
	_, err := w.db.Bun.ExecContext(t.Context(), "UPDATE account SET disabled_at = now()")
	require.NoError(t, err)
	require.Equal(t, account.ReasonInvalidGrant, enter(w.visitor(shop), code), "shut out")
	require.Equal(t, []string{"created account registration", "support staff admin", "signed_out staff admin"}, w.events(), "the one entry, and nothing for those refused")
	_, err = w.service.EnterSupport(w.visitor(shop), account.Attempt{}, code)
	require.Equal(t, "INVALID", reason(err))
}

// G-30: a support session ends by itself half an hour after it began, however it is refreshed, and with the staff's right to it. It gives an end
// user's rights, never the staff's.
func TestSupportSessionsEnd(t *testing.T) {
	t.Parallel()
	w, contactID, staff := supported(t)
	begin := func() (*browser, account.Tokens) {
		b := w.browser()
		code, err := w.service.EnterSupport(w.visitor(shop), b.attempt, w.supportCode(staff, contactID))
		require.NoError(t, err)
		tokens, err := b.exchange(code)
		require.NoError(t, err)
		return b, tokens
	}
	b, tokens := begin()
	a, err := b.actor(tokens.Access)
	require.NoError(t, err)
	require.Equal(t, site.KindAccount, a.Kind)
	require.Equal(t, site.AccessAccount, a.Access)
	require.Equal(t, "Owner", a.Support.Name)
	for range 5 { // 25 minutes
		w.clock.add(5 * time.Minute)
		tokens, err = b.refresh(tokens.Refresh)
		require.NoError(t, err)
	}
	_, err = b.actor(tokens.Access)
	require.NoError(t, err)
	w.clock.add(5*time.Minute - time.Second)
	_, err = w.service.BySession(t.Context(), a)
	require.NoError(t, err)
	w.clock.add(time.Second)
	_, err = b.actor(tokens.Access)
	require.Error(t, err, "at 30 minutes")
	_, err = w.service.BySession(t.Context(), a)
	require.Error(t, err, "of a socket, too")
	_, err = b.refresh(tokens.Refresh)
	require.Equal(t, account.ReasonInvalidGrant, reason(err))

	b, tokens = begin()
	w.helper("viewer")
	_, err = b.actor(tokens.Access)
	require.Error(t, err, "a role that may not help")
	_, err = b.refresh(tokens.Refresh)
	require.Error(t, err)
	staff = w.helper("support")
	b, tokens = begin()
	_, err = w.db.Bun.ExecContext(t.Context(), "UPDATE staff SET session_epoch = session_epoch + 1")
	require.NoError(t, err)
	_, err = b.actor(tokens.Access)
	require.Error(t, err, "staff who sign out of everything")
	staff = w.helper("support")
	b, tokens = begin()
	require.NoError(t, w.service.Disable(w.helper("operator"), contactID))
	_, err = b.actor(tokens.Access)
	require.Error(t, err, "an account that is shut out")
}

// S-36, S-40: the domain asks for the right itself, whatever the way in: viewers do nothing, who supports does what helps, operators all; and nobody in
// another site's book.
func TestManagingAsksForTheRight(t *testing.T) {
	t.Parallel()
	w, contactID, _ := supported(t)
	generate := func(ctx context.Context, id uuid.UUID) error {
		_, err := w.service.GeneratePassword(ctx, id)
		return err
	}
	enter := func(ctx context.Context, id uuid.UUID) error {
		_, err := w.service.StartSupport(ctx, id, "")
		return err
	}
	helps := map[string]func(context.Context, uuid.UUID) error{"reset": w.service.SendReset, "sign out": w.service.SignOutOwner, "enter": enter}
	operates := map[string]func(context.Context, uuid.UUID) error{
		"create": w.service.CreateFor, "generate": generate, "disable": w.service.Disable, "enable": w.service.Enable, "close": w.service.CloseFor,
	}
	for role, may := range map[string]bool{"viewer": false, "support": true} {
		ctx := w.helper(role)
		for name, do := range helps {
			require.Equal(t, may, do(ctx, contactID) == nil, "%s %s", role, name)
		}
		for name, do := range operates {
			require.Equal(t, "FORBIDDEN", reason(do(ctx, contactID)), "%s %s", role, name)
		}
	}
	for _, all := range []map[string]func(context.Context, uuid.UUID) error{helps, operates} {
		for name, do := range all {
			require.Equal(t, "NOT_FOUND", reason(do(w.staff(w.other), contactID)), "another site, %s", name)
			require.Equal(t, "UNAUTHENTICATED", reason(do(w.visitor(shop), contactID)), "nobody, %s", name)
		}
	}
}
