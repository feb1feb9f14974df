package graph_test

import (
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/message/mailtest"
	"carnet/internal/site"
)

const (
	campaignParts = `campaign { id name version status problem total leftOut sent failed uncertain texts { language subject } target { segmentId contactIds organizationId }
		purpose { code } audience { total reached leftOut { reason count } } recipients { nodes { state reason address contact { displayName } } } } errors { code message path }`
	saveCampaign = `mutation($i: SaveCampaignInput!) { saveCampaign(input: $i) { ` + campaignParts + ` } }`
	sendCampaign = `mutation($i: SendCampaignInput!) { sendCampaign(input: $i) { ` + campaignParts + ` } }`
	readCampaign = `query($id: ID!) { campaign(id: $id) { id version status problem total leftOut sent failed uncertain recipients { nodes { state reason address contact { displayName } } } } }`
)

type campaignRow struct {
	ID, Name, Status, Problem                        string
	Version, Total, LeftOut, Sent, Failed, Uncertain int
	Audience                                         struct {
		Total, Reached int
		LeftOut        []struct {
			Reason string
			Count  int
		}
	}
	Recipients struct {
		Nodes []struct {
			State   string
			Reason  *string
			Address string
			Contact *struct{ DisplayName string }
		}
	}
}

// campaignWorld is a site whose mail arrives.
type campaignWorld struct {
	*apptest.Site
	t      *testing.T
	p      *apptest.Program
	office *mailtest.Office
	owner  apptest.Header
}

func newCampaignWorld(t *testing.T) *campaignWorld {
	t.Helper()
	office := mailtest.Start(t)
	p := apptest.StartWith(t, func(cfg *app.Config) {
		cfg.SMTP, cfg.MailFrom = "smtp://"+office.Address, "Carnet <no-reply@carnet.example>"
	})
	w := &campaignWorld{Site: p.NewSite(t, "club"), t: t, p: p, office: office}
	w.owner = w.SignIn(t, site.Manager)
	return w
}

func (w *campaignWorld) person(first, email string, agree bool) string {
	w.t.Helper()
	var made struct {
		CreatePerson struct{ Person struct{ ID string } }
	}
	w.p.Must(w.t, w.owner, `mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }`,
		vars{"i": vars{"firstName": first, "lastName": "Test", "email": email}}, &made)
	id := made.CreatePerson.Person.ID
	if agree {
		w.p.Must(w.t, w.owner, `mutation($i: RecordConsentInput!) { recordConsent(input: $i) { contact { id } errors { code message path } } }`,
			vars{"i": vars{"contactId": id, "channel": "EMAIL", "state": "GIVEN"}}, nil)
	}
	return id
}

func (w *campaignWorld) purpose() string {
	w.t.Helper()
	var out struct{ ConsentPurposes []struct{ ID, Code string } }
	w.p.Must(w.t, w.owner, `{ consentPurposes { id code } }`, nil, &out)
	return out.ConsentPurposes[0].ID
}

func (w *campaignWorld) until(id, status string) (out campaignRow) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var read struct{ Campaign campaignRow }
		w.p.Must(w.t, w.owner, readCampaign, vars{"id": id}, &read)
		out = read.Campaign
		return out.Status == status
	}, time.Minute, 50*time.Millisecond)
	return out
}

// sent saves a campaign, sends it and gives it once it is done.
func (w *campaignWorld) sent(in vars) campaignRow {
	w.t.Helper()
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(w.t, w.owner, saveCampaign, vars{"i": in}, &saved)
	c := saved.SaveCampaign.Campaign
	w.p.Must(w.t, w.owner, sendCampaign, vars{"i": vars{"id": c.ID, "version": c.Version}}, nil)
	return w.until(c.ID, "DONE")
}

// Staff send a message to the members of a segment: each who agreed gets it once, the others are listed with the reason, the contact's
// history tells of it, and the link in it unsubscribes.
func TestSegmentGetsACampaign(t *testing.T) { // P-21
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	silent := w.person("Silent", "silent@mail.example", false)
	w.p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": anna, "color": "#00aa00"}}, nil)
	w.p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": silent, "color": "#00aa00", "listed": true}}, nil)
	w.person("Grey", "grey@mail.example", true)
	var seg struct {
		CreateSegment struct{ Segment struct{ ID string } }
	}
	w.p.Must(t, w.owner, `mutation($i: CreateSegmentInput!) { createSegment(input: $i) { segment { id } errors { code message path } } }`,
		vars{"i": vars{"name": "Green", "rule": vars{"color": "#00aa00"}}}, &seg)

	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(t, w.owner, saveCampaign, vars{"i": vars{
		"name": "Spring", "purposeId": w.purpose(), "target": vars{"segmentId": seg.CreateSegment.Segment.ID},
		"texts": []vars{{"language": "en", "subject": "Hello {{first_name}}", "body": "Dear {{first_name}}, **spring** is here."}},
	}}, &saved)
	c := saved.SaveCampaign.Campaign
	require.Equal(t, "DRAFT", c.Status)
	require.Equal(t, 1, c.Audience.Reached)
	require.Equal(t, 2, c.Audience.Total)
	require.Empty(t, c.Recipients.Nodes, "who gets it is decided when the sending begins")
	var preview struct {
		Campaign struct {
			Preview struct{ Subject, Text, HTML string }
		}
	}
	w.p.Must(t, w.owner, `query($id: ID!, $c: ID) { campaign(id: $id) { preview(contactId: $c) { subject text html } } }`, vars{"id": c.ID, "c": anna}, &preview)
	require.Equal(t, "Hello Anna", preview.Campaign.Preview.Subject)
	require.Contains(t, preview.Campaign.Preview.HTML, "<strong>spring</strong>")

	status, page := w.p.HTTP(t, http.MethodGet, "/v1/campaigns/"+c.ID+"/preview?contact="+anna, w.owner, "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "<strong>spring</strong>")
	status, _ = w.p.HTTP(t, http.MethodGet, "/v1/campaigns/"+c.ID+"/preview", w.As(site.Operator), "", nil)
	require.Equal(t, http.StatusForbidden, status)

	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": c.ID, "version": c.Version}}, nil)
	c = w.until(c.ID, "DONE")
	require.Equal(t, []int{2, 1, 1, 0, 0}, []int{c.Total, c.LeftOut, c.Sent, c.Failed, c.Uncertain})
	require.Len(t, w.office.Mails("anna@mail.example"), 1)
	require.Empty(t, w.office.Mails("silent@mail.example"))
	require.Empty(t, w.office.Mails("grey@mail.example"))

	// S-57: the history of mailings.
	var history struct {
		Contact struct {
			Mailings struct {
				Nodes []struct {
					Name, State, Address string
					Reason               *string
				}
			}
		}
	}
	mailings := `query($id: ID!) { contact(id: $id) { mailings { nodes { name state reason address } } } }`
	w.p.Must(t, w.owner, mailings, vars{"id": anna}, &history)
	require.Len(t, history.Contact.Mailings.Nodes, 1)
	require.Equal(t, "SENT", history.Contact.Mailings.Nodes[0].State)
	w.p.Must(t, w.owner, mailings, vars{"id": silent}, &history)
	require.Equal(t, "NO_CONSENT", *history.Contact.Mailings.Nodes[0].Reason)

	// The link: opened by programs as often as they like, it changes nothing; one click does (RFC 8058).
	letter, err := mail.ReadMessage(strings.NewReader(w.office.Mails("anna@mail.example")[0]))
	require.NoError(t, err)
	link, is := strings.CutPrefix(strings.Trim(letter.Header.Get("List-Unsubscribe"), "<>"), w.p.URL)
	require.True(t, is)
	for range 20 {
		status, page := w.p.HTTP(t, http.MethodGet, link, nil, "", nil)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, page, "You get these messages")
	}
	// The page speaks as its message did, whatever the browser likes.
	const speak = `mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { code message } } }`
	w.p.Must(t, w.owner, speak, vars{"i": vars{"id": anna, "language": "nb"}}, nil)
	_, page = w.p.HTTP(t, http.MethodGet, link, nil, "", nil)
	require.Contains(t, page, "Du får disse meldingene")
	w.p.Must(t, w.owner, speak, vars{"i": vars{"id": anna, "language": "en"}}, nil)
	status, page = w.p.HTTP(t, http.MethodPost, link, nil, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "You are unsubscribed.")
	var consents struct {
		Contact struct {
			Consents       []struct{ Channel, State string }
			ConsentHistory struct {
				Nodes []struct{ State, Source string }
			}
		}
	}
	w.p.Must(t, w.owner, `query($id: ID!) { contact(id: $id) { consents { channel state } consentHistory { nodes { state source } } } }`, vars{"id": anna}, &consents)
	require.Equal(t, "WITHDRAWN", consents.Contact.Consents[0].State)
	require.Equal(t, "LINK", consents.Contact.ConsentHistory.Nodes[0].Source)
	status, page = w.p.HTTP(t, http.MethodPost, link[:len(link)-3]+"AAA", nil, "application/x-www-form-urlencoded", strings.NewReader("x=1"))
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, page, "This link is not complete")
}

// Operators and other sites get nothing of campaigns; a draft that others changed is neither written over nor sent.
func TestCampaignRights(t *testing.T) {
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	input := vars{"name": "News", "texts": []vars{{"language": "en", "subject": "Hi", "body": "x"}}, "target": vars{"contactIds": []string{anna}}}
	w.p.Refused(t, w.As(site.Operator), "FORBIDDEN", saveCampaign, vars{"i": input})
	w.p.Refused(t, w.Visitor(), "UNAUTHENTICATED", saveCampaign, vars{"i": input})
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(t, w.owner, saveCampaign, vars{"i": input}, &saved)
	c := saved.SaveCampaign.Campaign
	other := w.p.NewSite(t, "other")
	w.p.Refused(t, other.As(site.Manager), "NOT_FOUND", readCampaign, vars{"id": c.ID})
	for _, name := range []string{"deleteCampaign", "pauseCampaign", "resumeCampaign", "cancelCampaign"} {
		w.p.Refused(t, other.As(site.Manager), "NOT_FOUND", `mutation($i: CampaignInput!) { `+name+`(input: $i) { errors { code } } }`, vars{"i": vars{"id": c.ID}})
	}
	w.p.Refused(t, other.As(site.Manager), "NOT_FOUND", sendCampaign, vars{"i": vars{"id": c.ID, "version": 1}})
	r := w.p.Do(t, other.As(site.Manager), saveCampaign, vars{"i": vars{"name": "News", "texts": input["texts"], "target": vars{"contactIds": []string{anna}}, "purposeId": w.purpose()}})
	require.Contains(t, r.Raw, "the site has no contact with the id")
	require.Contains(t, r.Raw, "the site has no purpose with this id")

	input["id"], input["version"] = c.ID, c.Version
	w.p.Must(t, w.owner, saveCampaign, vars{"i": input}, nil)
	w.p.Refused(t, w.owner, "CONFLICT", saveCampaign, vars{"i": input})
	w.p.Refused(t, w.owner, "CONFLICT", sendCampaign, vars{"i": vars{"id": c.ID, "version": c.Version}})
}

// A trial goes to who asks for it, and to nobody else.
func TestCampaignTrial(t *testing.T) {
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(t, w.owner, saveCampaign, vars{"i": vars{"name": "News", "texts": []vars{{"language": "en", "subject": "Hi {{first_name}}", "body": "x"}}, "target": vars{"contactIds": []string{anna}}}}, &saved)
	w.p.Must(t, w.owner, `mutation($i: TryCampaignInput!) { tryCampaign(input: $i) { campaign { status } errors { code message path } } }`,
		vars{"i": vars{"id": saved.SaveCampaign.Campaign.ID, "contactId": anna}}, nil)
	require.Eventually(t, func() bool { n, _ := w.office.Counts(); return n == 1 }, time.Minute, 20*time.Millisecond)
	require.Empty(t, w.office.Mails("anna@mail.example"))
	var to, name string
	require.NoError(t, w.p.DB.Pool.QueryRow(t.Context(), "SELECT m.recipient, s.name FROM mail m JOIN site s ON s.id = m.site_id WHERE m.kind = 'trial'").Scan(&to, &name))
	letter, err := mail.ReadMessage(strings.NewReader(w.office.Mails(to)[0]))
	require.NoError(t, err)
	require.Equal(t, (&mail.Address{Name: name, Address: "no-reply@carnet.example"}).String(), letter.Header.Get("From"), "as the campaign will be")
}

// Who watches a campaign sees it come further, to its end.
func TestCampaignProgress(t *testing.T) {
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(t, w.owner, saveCampaign, vars{"i": vars{"name": "News", "texts": []vars{{"language": "en", "subject": "Hi", "body": "x"}}, "target": vars{"contactIds": []string{anna}}}}, &saved)
	c := saved.SaveCampaign.Campaign
	w.office.Bar(&smtp.SMTPError{Code: 553, Message: "sender not allowed"})
	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": c.ID, "version": c.Version}}, nil)
	c = w.until(c.ID, "PAUSED")
	require.Contains(t, c.Problem, "sender not allowed")
	w.office.Bar(nil)
	sub := subscribe(t, w.p, w.As(site.Manager), `subscription($id: ID!) { campaignProgress(id: $id) { status sent } }`, vars{"id": c.ID})
	w.p.Must(t, w.owner, `mutation($i: CampaignInput!) { resumeCampaign(input: $i) { campaign { status } errors { code message path } } }`, vars{"i": vars{"id": c.ID}}, nil)
	var last string
	for last != "DONE" {
		var event struct{ CampaignProgress campaignRow }
		sub.next(t, &event)
		last = event.CampaignProgress.Status
	}
}
