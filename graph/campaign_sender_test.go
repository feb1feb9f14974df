package graph_test

import (
	"net/mail"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
	"carnet/internal/sms/smstest"
)

const (
	previewSender = `query($i: PreviewCampaignInput!) { campaignPreview(input: $i) { message { subject sender { name address service } } errors { code message path } } }`
	messageSender = `query($i: MessageInput!) { messagePreview(input: $i) { message { subject sender { name address service } } errors { code message path } } }`
)

type sender struct {
	Name, Address string
	Service       bool
}

// senderOf gives who a campaign would be from by a channel.
func senderOf(t *testing.T, p *apptest.Program, who apptest.Header, channel string) *sender {
	t.Helper()
	subject := map[bool]string{false: "Hello"}[channel == "SMS"]
	var out struct {
		CampaignPreview struct {
			Message struct {
				Subject string
				Sender  *sender
			}
		}
	}
	p.Must(t, who, previewSender, vars{"i": vars{"channel": channel, "texts": []vars{{"language": "en", "subject": subject, "body": "Hi"}}}}, &out)
	require.Equal(t, subject, out.CampaignPreview.Message.Subject)
	return out.CampaignPreview.Message.Sender
}

// A preview tells who a message is from, and that is who it comes from when it is sent: of an e-mail the site's name at the server's address, of a
// text message the number that the site sends from, in an inbox who sends it. Where nothing can be sent yet it tells nobody.
func TestPreviewsTellTheSender(t *testing.T) { // P-21, P-22, S-57
	t.Parallel()
	w := newTextWorld(t)
	w.p.Must(t, w.As(site.Manager), `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { name } errors { code message path } } }`, vars{"i": vars{"name": "Ølhallen, Tromsø"}}, nil)
	anna := w.mobile("Anna", "+4791234567", true)
	w.p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": anna, "email": "anna@mail.example"}}, nil)

	byMail := senderOf(t, w.p, w.owner, "EMAIL")
	require.Equal(t, &sender{Name: "Ølhallen, Tromsø", Address: "no-reply@carnet.example"}, byMail)
	require.Nil(t, senderOf(t, w.p, w.owner, "SMS"), "no way to send is set up")
	w.twilio()
	byText := senderOf(t, w.p, w.owner, "SMS")
	require.Equal(t, &sender{Address: "+15005550006"}, byText)
	require.Equal(t, &sender{Name: "Staff manager"}, senderOf(t, w.p, w.owner, "INTERNAL"))

	// What is sent is from them.
	one := func(channel, subject string) vars {
		return vars{"contactId": anna, "channel": channel, "subject": subject, "body": "Hello"}
	}
	var look struct {
		MessagePreview struct{ Message struct{ Sender *sender } }
	}
	w.p.Must(t, w.owner, messageSender, vars{"i": one("EMAIL", "Hi")}, &look)
	require.Equal(t, byMail, look.MessagePreview.Message.Sender)
	send := `mutation($i: MessageInput!) { sendMessage(input: $i) { campaignId errors { code message path } } }`
	for _, in := range []vars{one("EMAIL", "Hi"), one("SMS", "")} {
		var sent struct{ SendMessage struct{ CampaignID string } }
		w.p.Must(t, w.owner, send, vars{"i": in}, &sent)
		w.until(sent.SendMessage.CampaignID, "DONE")
	}
	letter, err := mail.ReadMessage(strings.NewReader(w.office.Mails("anna@mail.example")[0]))
	require.NoError(t, err)
	from, err := letter.Header.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Name: byMail.Name, Address: byMail.Address}}, from)
	require.Equal(t, byText.Address, w.carrier.Texts("+4791234567")[0].From)

	service := "MG" + strings.Repeat("0a", 16)
	w.p.Must(t, w.owner, saveSms, vars{"i": vars{"provider": "TWILIO", "sender": service, "accountSid": smstest.Account, "secret": smstest.Token}}, nil)
	require.Equal(t, &sender{Address: service, Service: true}, senderOf(t, w.p, w.owner, "SMS"))

	bare := apptest.Start(t)
	require.Nil(t, senderOf(t, bare, bare.NewSite(t, "club").As(site.Manager), "EMAIL"), "no mail server is set up")
}
