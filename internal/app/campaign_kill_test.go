package app_test

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/campaign"
	"carnet/internal/db/dbtest"
	"carnet/internal/message/mailtest"
	"carnet/internal/segment"
	"carnet/internal/site"
)

// workerMail is the mail server of a process that is started to be killed.
const workerMail = "CARNET_TEST_WORKER_MAIL"

// A campaign whose process is killed twice on the way: nobody has two messages. Whoever was being sent to at a kill is listed as uncertain
// and gets another only when somebody says so; all others have exactly one. CARNET_TEST_MESSAGES=100000 sends so many.
func TestCampaignSurvivesKilledProcesses(t *testing.T) {
	t.Parallel()
	const lines = 4
	many := 5000
	if asked := os.Getenv("CARNET_TEST_MESSAGES"); asked != "" {
		var err error
		many, err = strconv.Atoi(asked)
		require.NoError(t, err)
	}
	ctx, d, office := t.Context(), dbtest.New(t), mailtest.Start(t)
	cfg := config()
	cfg.SMTP, cfg.MailFrom = "smtp://"+office.Address, "Carnet <no-reply@carnet.example>"
	a, err := app.New(ctx, cfg, d)
	require.NoError(t, err)
	of, owner, _, err := a.Sites.Create(ctx, site.NewSite{PublicID: "club", Name: "Club", TimeZone: "UTC", Language: "en", Country: "NO"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	on := true
	_, err = a.Sites.Update(app.System(ctx, of), site.Update{ContactManagement: &on})
	require.NoError(t, err)
	_, err = d.Pool.Exec(ctx, `INSERT INTO contact (site_id, id, number, kind, first_name, last_name, n_last, email, email_key, color, listed)
		SELECT $1, gen_random_uuid(), n, 'person', 'P' || n, 'Many', 'many', 'p' || n || '@mail.example', 'p' || n || '@mail.example', '#00aa00', true FROM generate_series(1, $2::int) n`, of.ID, many)
	require.NoError(t, err)
	as := site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	rule, err := segment.Parse([]byte(`{"color": "#00aa00"}`))
	require.NoError(t, err)
	name := "Green"
	green, err := a.Segments.Create(as, segment.Change{Name: &name, Rule: &rule})
	require.NoError(t, err)
	c, err := a.Campaigns.Save(as, campaign.DraftChange{Name: "Moved", Texts: map[string]campaign.Text{"en": {Subject: "Hi {{first_name}}", Body: "x"}}, Target: campaign.Target{SegmentID: &green.ID}})
	require.NoError(t, err)
	_, err = a.Campaigns.Send(as, c.ID, c.Version, nil)
	require.NoError(t, err)

	for kill := 1; kill <= 2; kill++ {
		process := exec.CommandContext(ctx, os.Args[0])
		process.Env = append(os.Environ(), workerDatabase+"="+d.URL(), workerMail+"="+cfg.SMTP)
		stdin, err := process.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, process.Start())
		require.Eventually(t, func() bool { n, _ := office.Counts(); return n > kill*many/5 }, time.Duration(many/5000)*patience, time.Millisecond, "process %d sends", kill)
		require.NoError(t, process.Process.Kill())
		require.Error(t, process.Wait())
		_ = stdin.Close()
		n, _ := office.Counts()
		require.Less(t, n, many, "it was killed on the way")
	}

	// The minute passes in which a slow mail server might still have answered.
	_, err = d.Pool.Exec(ctx, `UPDATE campaign_recipient SET taken_at = taken_at - interval '2 minutes' WHERE state = 'sending'`)
	require.NoError(t, err)
	a.Start()
	t.Cleanup(a.Stop)
	require.Eventually(t, func() bool {
		c, err = a.Campaigns.ByID(as, c.ID)
		return err == nil && c.Status == campaign.Done
	}, time.Duration(1+many/5000)*3*patience, 50*time.Millisecond, "the next start goes on with it, and finds who is uncertain")
	mails, addresses := office.Counts()
	require.Equal(t, mails, addresses, "nobody has two")
	require.LessOrEqual(t, c.Uncertain, 2*lines, "at most one a connection and kill")
	require.Equal(t, many, c.Sent+c.Uncertain)
	require.GreaterOrEqual(t, mails, c.Sent)
	state := campaign.Sent
	for after := ""; ; {
		page, err := a.Campaigns.Recipients(as, c.ID, &state, 200, after)
		require.NoError(t, err)
		for _, r := range page.Recipients {
			require.Len(t, office.Mails(r.Address), 1)
			after = r.ContactID.String()
		}
		if !page.More {
			break
		}
	}
}
