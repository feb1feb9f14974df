package site_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// A session that is ended while it changes how its person signs in changes nothing, and does not go on under the next epoch.
func TestEndedSessionChangesNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	sealer, err := secret.NewSealer(strings.Repeat("k", 32))
	require.NoError(t, err)
	sites := site.New(d, sealer)
	const password = "correct horse battery"
	of, ada, _, err := sites.Create(t.Context(), site.NewSite{PublicID: "club", Name: "Club", TimeZone: "Europe/Oslo", Language: "en", Country: "NO"},
		site.NewStaff{Email: "ada@club.example", Name: "Ada", Password: password})
	require.NoError(t, err)
	epoch := ada.SessionEpoch
	for name, change := range map[string]func(context.Context) error{
		"password": func(ctx context.Context) error {
			_, err := sites.ChangePassword(ctx, site.Proof{Password: password}, "another horse battery")
			return err
		},
		"remove": func(ctx context.Context) error {
			_, err := sites.DropSecondStep(ctx, site.Proof{Password: password})
			return err
		},
		"recovery codes": func(ctx context.Context) error {
			_, err := sites.NewRecoveryCodes(ctx, site.Proof{Password: password})
			return err
		},
	} {
		_, err := d.Pool.Exec(t.Context(), "INSERT INTO staff_second_step (site_id, staff_id, secret, confirmed_at) VALUES ($1, $2, 'x', now()) ON CONFLICT DO NOTHING", of.ID, ada.ID)
		require.NoError(t, err)
		ctx := site.WithActor(t.Context(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: ada.ID, Name: "Ada", Epoch: epoch, Book: true})
		tx, err := d.Pool.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "UPDATE staff SET session_epoch = session_epoch + 1 WHERE id = $1", ada.ID)
		require.NoError(t, err)
		changed := make(chan error, 1)
		go func() { changed <- change(ctx) }()
		require.Eventually(t, func() bool {
			var waits bool
			err := d.Bun.NewRaw("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(t.Context(), &waits)
			return err == nil && waits || len(changed) > 0
		}, 20*time.Second, 5*time.Millisecond, name)
		require.NoError(t, tx.Commit(t.Context()))
		require.Equal(t, fault.Unauthenticated, fault.CodeOf(<-changed), name)
		epoch++
		var is int
		require.NoError(t, d.Bun.NewRaw("SELECT session_epoch FROM staff WHERE id = ?", ada.ID).Scan(t.Context(), &is))
		require.Equal(t, epoch, is, name)
	}
}
