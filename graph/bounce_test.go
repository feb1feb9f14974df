package graph_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/message/mailtest"
	"carnet/internal/site"
)

// deliveryStatus is what a mail server writes of a message that came from an address (RFC 3464).
func deliveryStatus(from, action, status, said string) string {
	return strings.ReplaceAll(fmt.Sprintf(`From: MAILER-DAEMON@mail.example
To: <%s>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; somebody@mail.example
Action: %s
Status: %s
Diagnostic-Code: smtp; %s

--b--
`, from, action, status, said), "\n", "\r\n")
}

// abuseReport is what a mailbox writes of a message that a person takes for spam (RFC 5965), which it quotes.
func abuseReport(kind, quoted string) string {
	return strings.ReplaceAll(`From: feedback@mail.example
To: abuse@carnet.example
Subject: FW: News
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: `+kind+`
User-Agent: Mailbox/1.0
Version: 1

--b
Content-Type: message/rfc822

`, "\n", "\r\n") + quoted + "\r\n--b--\r\n"
}

// A mail server writes that an address takes nothing: it is not written to again. A mailbox tells of a complaint: consent to the purpose
// ends. Whoever forges one changes nothing.
func TestWhatComesBack(t *testing.T) { // P-21, S-57
	t.Parallel()
	office := mailtest.Start(t)
	p := apptest.StartWith(t, func(cfg *app.Config) {
		cfg.SMTP, cfg.MailFrom, cfg.BounceAddress = "smtp://"+office.Address, "Carnet <no-reply@carnet.example>", "bounces@carnet.example"
	})
	w := &campaignWorld{Site: p.NewSite(t, "club"), t: t, p: p, office: office}
	w.owner = w.SignIn(t, site.Manager)
	tell := func(h apptest.Header, mail string) (int, string) {
		status, answer := p.HTTP(t, http.MethodPost, "/v1/bounces", h, "message/rfc822", strings.NewReader(mail))
		return status, strings.TrimSpace(answer)
	}
	key := w.As(site.Operator)
	anna, eva := w.person("Anna", "anna@mail.example", true), w.person("Eva", "eva@mail.example", true)
	w.mailed(anna, "anna@mail.example", 1)
	letter := w.mailed(eva, "eva@mail.example", 1)
	from := office.From("anna@mail.example")
	require.Regexp(t, `^bounces\+[a-z2-7]{50}@carnet\.example$`, from)
	require.NotEqual(t, from, office.From("eva@mail.example"))
	local, _, _ := strings.Cut(from, "@")
	require.LessOrEqual(t, len(local), 64, "RFC 5321")

	mailing := func(id string) string {
		var out struct {
			Contact struct {
				Mailings struct {
					Nodes []struct {
						State, Problem string
						Reason         *string
						SoftBounces    int
						ComplainedAt   *string
					}
				}
			}
		}
		p.Must(t, w.owner, `query($id: ID!) { contact(id: $id) { mailings { nodes { state reason problem softBounces complainedAt } } } }`, vars{"id": id}, &out)
		one := out.Contact.Mailings.Nodes[0]
		reason := "-"
		if one.Reason != nil {
			reason = *one.Reason
		}
		return fmt.Sprint(one.State, " ", reason, " ", one.SoftBounces, " ", one.ComplainedAt != nil, " ", one.Problem)
	}

	// What an address is told to be like where one looks which means to use.
	means := func(id string) string {
		var out struct {
			Contact struct {
				Means []struct {
					Means        string
					SoftBounces  int
					ComplainedAt *string
				}
			}
		}
		p.Must(t, w.owner, `query($id: ID!) { contact(id: $id) { means { means softBounces complainedAt } } }`, vars{"id": id}, &out)
		told := []string{}
		for _, one := range out.Contact.Means {
			told = append(told, fmt.Sprint(one.Means, " ", one.SoftBounces, " ", one.ComplainedAt != nil))
		}
		return strings.Join(told, ", ")
	}

	// Forged: no mark, a wrong one, another site's key, no key, no report.
	other := p.NewSite(t, "other")
	marked, host, _ := strings.Cut(from, "@")
	wrong := marked[:len(marked)-8] + "abcdefgh@" + host // another signature below the same recipient
	for _, c := range []struct {
		who    apptest.Header
		mail   string
		status int
	}{
		{key, deliveryStatus("bounces@carnet.example", "failed", "5.1.1", "550 no such user"), http.StatusForbidden},
		{key, deliveryStatus(wrong, "failed", "5.1.1", "550 no such user"), http.StatusForbidden},
		{other.As(site.Operator), deliveryStatus(from, "failed", "5.1.1", "550 no such user"), http.StatusForbidden},
		{w.As(site.Viewer), deliveryStatus(from, "failed", "5.1.1", "550 no such user"), http.StatusForbidden},
		{w.Visitor(), deliveryStatus(from, "failed", "5.1.1", "550 no such user"), http.StatusUnauthorized},
		{key, "Subject: I am away\r\nTo: " + from + "\r\n\r\nUntil Monday.\r\n", http.StatusBadRequest},
		{key, deliveryStatus(from, "delivered", "2.0.0", "250 ok"), http.StatusBadRequest},
		{key, "\x00\xff", http.StatusBadRequest},
		{key, "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + strings.Repeat("x", 1<<16), http.StatusBadRequest},
		{key, strings.Repeat("x", 6<<20), http.StatusBadRequest},
	} {
		status, answer := tell(c.who, c.mail)
		require.Equal(t, c.status, status, answer)
	}
	require.Equal(t, "SENT - 0 false ", mailing(anna))

	// Not for good: counted. Providers that only know addresses give the key as a password.
	status, answer := tell(key, deliveryStatus(from, "delayed", "4.2.2", "452 mailbox full"))
	require.Equal(t, http.StatusOK, status, answer)
	require.JSONEq(t, `{"heard": "soft"}`, answer)
	basic := apptest.Header{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("key:"+strings.TrimPrefix(key["Authorization"], "Bearer ")))}
	_, answer = tell(basic, deliveryStatus(strings.ToUpper(from), "failed", "5.7.1", "550 looks like spam"))
	require.JSONEq(t, `{"heard": "soft"}`, answer)
	require.Equal(t, "SENT - 2 false came back: 550 looks like spam", mailing(anna))
	require.Equal(t, "EMAIL 2 false, SMS 0 false, PHONE 0 false, POST 0 false, INTERNAL 0 false", means(anna))

	// For good: the address is not written to again.
	_, answer = tell(key, deliveryStatus(from, "failed", "5.1.1", "550 no such user"))
	require.JSONEq(t, `{"heard": "dead"}`, answer)
	_, answer = tell(key, deliveryStatus(from, "failed", "5.1.1", "550 no such user"))
	require.JSONEq(t, `{"heard": "known"}`, answer)
	require.Equal(t, "FAILED BOUNCED 2 false came back: 550 no such user", mailing(anna))
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	p.Must(t, w.owner, saveCampaign, vars{"i": vars{
		"name": "More", "purposeId": w.purpose(), "target": vars{"contactIds": []string{anna}}, "texts": []vars{{"language": "en", "subject": "More", "body": "More."}},
	}}, &saved)
	require.Equal(t, "BOUNCED", saved.SaveCampaign.Campaign.Audience.LeftOut[0].Reason)

	// A complaint, found by the message that it quotes, ends the consent, once.
	status, answer = tell(key, abuseReport("not-spam", letter))
	require.Equal(t, http.StatusBadRequest, status, answer)
	_, answer = tell(key, abuseReport("abuse", letter))
	require.JSONEq(t, `{"heard": "complained"}`, answer)
	entries, held, _ := w.ledger(eva)
	require.Equal(t, "contact ANY WITHDRAWN COMPLAINT -", entries[0])
	require.NotContains(t, strings.Join(held, " "), "GIVEN")
	require.Equal(t, "SENT - 0 true ", mailing(eva))
	require.Contains(t, means(eva), "EMAIL 0 true")
	p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { message } } }`, vars{"i": vars{"id": eva, "email": "new@mail.example"}}, nil)
	require.Contains(t, means(eva), "EMAIL 0 false", "another address")
	p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { message } } }`, vars{"i": vars{"id": eva, "email": "eva@mail.example"}}, nil)
	p.Must(t, w.owner, record, vars{"i": vars{"contactId": eva, "channel": "EMAIL", "state": "GIVEN"}}, nil)
	_, answer = tell(key, abuseReport("abuse", letter))
	require.JSONEq(t, `{"heard": "known"}`, answer, "told again it does not undo what she has said since")
	_, held, _ = w.ledger(eva)
	require.Contains(t, held, "contact EMAIL GIVEN")
}
