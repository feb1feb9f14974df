package app_test

import (
	"context"
	"net/http"
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
	"carnet/internal/sms"
	"carnet/internal/sms/smstest"
)

// workerMail is the mail server of a process that is started to be killed.
const workerMail = "CARNET_TEST_WORKER_MAIL"

// lines is how many messages of a campaign are under way at once, by either channel.
const lines = 4

// killedCampaign is a campaign whose process is killed twice on the way.
type killedCampaign struct {
	smtp    string // the mail server of every process; empty: none
	prepare func(a *app.App, as context.Context)
	draft   campaign.DraftChange
	counts  func() (messages, addresses int) // what arrived, and at how many addresses
	arrived func(address string) int
}

// howMany is to how many people a campaign goes. CARNET_TEST_MESSAGES=100000 sends so many.
func howMany(t *testing.T) int {
	t.Helper()
	asked := os.Getenv("CARNET_TEST_MESSAGES")
	if asked == "" {
		return 5000
	}
	n, err := strconv.Atoi(asked)
	require.NoError(t, err)
	return n
}

// A campaign whose process is killed twice on the way: nobody has two messages. Whoever was being sent to at a kill is listed as uncertain
// and gets another only when somebody says so; all others have exactly one.
func TestCampaignSurvivesKilledProcesses(t *testing.T) {
	t.Parallel()
	office := mailtest.Start(t)
	killedCampaign{
		smtp: "smtp://" + office.Address, prepare: func(*app.App, context.Context) {},
		draft:  campaign.DraftChange{Name: "Moved", Texts: map[string]campaign.Text{"en": {Subject: "Hi {{first_name}}", Body: "x"}}},
		counts: office.Counts, arrived: func(address string) int { return len(office.Mails(address)) },
	}.survives(t)
}

// The same by text messages, which a gateway takes by HTTP: no number has two.
func TestTextCampaignSurvivesKilledProcesses(t *testing.T) { // P-22
	t.Parallel()
	carrier := smstest.Start(t)
	killedCampaign{
		prepare: func(a *app.App, as context.Context) {
			require.NoError(t, a.Texts.Save(as, sms.AccountChange{
				Provider: sms.Gateway, Sender: "Club", Request: sms.Request{URL: carrier.URL + "/gateway?to={to}&text={text}", Method: http.MethodGet},
			}))
		},
		draft:  campaign.DraftChange{Name: "Moved", Channel: campaign.SMS, Texts: map[string]campaign.Text{"en": {Body: "Hi {{first_name}}"}}},
		counts: carrier.Counts, arrived: func(number string) int { return len(carrier.Texts(number)) },
	}.survives(t)
}

func (k killedCampaign) survives(t *testing.T) {
	t.Helper()
	many := howMany(t)
	ctx, d := t.Context(), dbtest.New(t)
	cfg := config()
	if cfg.SMTP = k.smtp; cfg.SMTP != "" {
		cfg.MailFrom = "Carnet <no-reply@carnet.example>"
	}
	a, err := app.New(ctx, cfg, d)
	require.NoError(t, err)
	of, owner, _, err := a.Sites.Create(ctx, site.NewSite{PublicID: "club", Name: "Club", TimeZone: "UTC", Language: "en", Country: "NO"},
		site.NewStaff{Email: "owner@club.example", Name: "Olga", Password: "correct horse battery"})
	require.NoError(t, err)
	on := true
	_, err = a.Sites.Update(app.System(ctx, of), site.Update{ContactManagement: &on})
	require.NoError(t, err)
	_, err = d.Pool.Exec(ctx, `INSERT INTO contact (site_id, id, number, kind, first_name, last_name, n_last, email, email_key, mobile, color, listed)
		SELECT $1, gen_random_uuid(), n, 'person', 'P' || n, 'Many', 'many', 'p' || n || '@mail.example', 'p' || n || '@mail.example', '+47' || 90000000 + n, '#00aa00', true FROM generate_series(1, $2::int) n`, of.ID, many)
	require.NoError(t, err)
	as := site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: of.ID, ID: owner.ID, Name: owner.Name, Book: true})
	rule, err := segment.Parse([]byte(`{"color": "#00aa00"}`))
	require.NoError(t, err)
	name := "Green"
	green, err := a.Segments.Create(as, segment.Change{Name: &name, Rule: &rule})
	require.NoError(t, err)
	k.prepare(a, as)
	k.draft.Target = campaign.Target{SegmentID: &green.ID}
	c, err := a.Campaigns.Save(as, k.draft)
	require.NoError(t, err)
	_, err = a.Campaigns.Send(as, c.ID, c.Version, nil)
	require.NoError(t, err)

	for kill := 1; kill <= 2; kill++ {
		process := exec.CommandContext(ctx, os.Args[0])
		process.Env = append(os.Environ(), workerDatabase+"="+d.URL(), workerMail+"="+cfg.SMTP)
		stdin, err := process.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, process.Start())
		require.Eventually(t, func() bool { n, _ := k.counts(); return n > kill*many/5 }, time.Duration(many/5000)*patience, time.Millisecond, "process %d sends", kill)
		require.NoError(t, process.Process.Kill())
		require.Error(t, process.Wait())
		_ = stdin.Close()
		n, _ := k.counts()
		require.Less(t, n, many, "it was killed on the way")
	}

	// The minute passes in which a slow other side might still have answered.
	_, err = d.Pool.Exec(ctx, `UPDATE campaign_recipient SET taken_at = taken_at - interval '2 minutes' WHERE state = 'sending'`)
	require.NoError(t, err)
	a.Start()
	t.Cleanup(a.Stop)
	require.Eventually(t, func() bool {
		c, err = a.Campaigns.ByID(as, c.ID)
		return err == nil && c.Status == campaign.Done
	}, time.Duration(1+many/5000)*3*patience, 50*time.Millisecond, "the next start goes on with it, and finds who is uncertain")
	messages, addresses := k.counts()
	require.Equal(t, messages, addresses, "nobody has two")
	require.LessOrEqual(t, c.Uncertain, 2*lines, "at most one a line and kill")
	require.Equal(t, many, c.Sent+c.Uncertain)
	require.GreaterOrEqual(t, messages, c.Sent)
	state := campaign.Sent
	for after := ""; ; {
		page, err := a.Campaigns.Recipients(as, c.ID, &state, 200, after)
		require.NoError(t, err)
		for _, r := range page.Recipients {
			require.Equal(t, 1, k.arrived(r.Address), r.Address)
			after = r.ContactID.String()
		}
		if !page.More {
			break
		}
	}
}
