package graph_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/message/mailtest"
	"carnet/internal/site"
	"carnet/internal/sms/smstest"
)

// textWorld is a site whose text messages arrive.
type textWorld struct {
	*campaignWorld
	carrier *smstest.Carrier
}

func newTextWorld(t *testing.T) *textWorld {
	t.Helper()
	carrier, office := smstest.Start(t), mailtest.Start(t)
	p := apptest.StartWith(t, func(cfg *app.Config) {
		cfg.SMTP, cfg.MailFrom, cfg.TwilioURL = "smtp://"+office.Address, "Carnet <no-reply@carnet.example>", carrier.URL
	})
	w := &textWorld{&campaignWorld{Site: p.NewSite(t, "club"), t: t, p: p, office: office}, carrier}
	w.owner = w.SignIn(t, site.Manager)
	return w
}

const saveSms = `mutation($i: SaveSmsAccountInput!) { saveSmsAccount(input: $i) { account { provider sender secretHint repliesUrl url } errors { code message path } } }`

func (w *textWorld) twilio() (repliesURL string) {
	w.t.Helper()
	var out struct {
		SaveSmsAccount struct {
			Account struct{ RepliesURL, SecretHint string }
		}
	}
	w.p.Must(w.t, w.owner, saveSms, vars{"i": vars{"provider": "TWILIO", "sender": "+15005550006", "accountSid": smstest.Account, "secret": smstest.Token}}, &out)
	require.Equal(w.t, "io's", out.SaveSmsAccount.Account.SecretHint)
	return out.SaveSmsAccount.Account.RepliesURL
}

func (w *textWorld) mobile(first, number string, agree bool) string {
	w.t.Helper()
	id := w.NewPerson(w.t, first, "Test")
	w.p.Must(w.t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": id, "mobile": number}}, nil)
	if agree {
		w.agree(id)
	}
	return id
}

func (w *textWorld) agree(id string) {
	w.t.Helper()
	w.p.Must(w.t, w.owner, `mutation($i: RecordConsentInput!) { recordConsent(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"contactId": id, "channel": "SMS", "state": "GIVEN"}}, nil)
}

// text sends a text message to contacts and waits until the campaign is what it is to become.
func (w *textWorld) text(status string, ids ...string) campaignRow {
	w.t.Helper()
	var saved struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	w.p.Must(w.t, w.owner, saveCampaign, vars{"i": vars{"name": "News", "channel": "SMS", "purposeId": w.purpose(), "target": vars{"contactIds": ids},
		"texts": []vars{{"language": "en", "subject": "", "body": "Hi {{first_name}}, we close at 6."}}}}, &saved)
	c := saved.SaveCampaign.Campaign
	w.p.Must(w.t, w.owner, sendCampaign, vars{"i": vars{"id": c.ID, "version": c.Version}}, nil)
	return w.until(c.ID, status)
}

// states gives what became of each by name.
func (w *textWorld) states(c campaignRow) map[string]string {
	out := map[string]string{}
	for _, r := range c.Recipients.Nodes {
		says := r.State
		if r.Reason != nil {
			says += " " + *r.Reason
		}
		out[strings.TrimPrefix(r.Contact.DisplayName, "TEST ")] = says
	}
	return out
}

// Text messages go to those who agreed to them and have a number that takes them, each number once; the provider tells what arrived,
// and whoever answers STOP gets no more.
func TestTextCampaign(t *testing.T) { // P-22
	t.Parallel()
	w := newTextWorld(t)
	anna, silent, twin := w.mobile("Anna", "+4791234567", true), w.mobile("Silent", "+4791234568", false), w.mobile("Twin", "+47 912 34 567", true)
	kari := w.mobile("Kari", "+4791234569", true)
	none, landline := w.NewPerson(t, "None", "Test"), w.NewPerson(t, "Landline", "Test")
	w.p.Must(t, w.owner, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": landline, "phone": "+4722222222"}}, nil)

	input := vars{"name": "News", "channel": "SMS", "target": vars{"contactIds": []string{anna}}, "texts": []vars{{"language": "en", "body": strings.Repeat("ab ", 600), "subject": "Hi"}}}
	r := w.p.Do(t, w.owner, saveCampaign, vars{"i": input})
	require.Contains(t, r.Raw, "a text message has no subject")
	require.Contains(t, r.Raw, "at most 10 parts; this has 12")
	var draft struct {
		SaveCampaign struct{ Campaign campaignRow }
	}
	input["texts"] = []vars{{"language": "en", "body": "Hi", "subject": ""}}
	w.p.Must(t, w.owner, saveCampaign, vars{"i": input}, &draft)
	refused := w.p.Refused(t, w.owner, "CONFLICT", sendCampaign, vars{"i": vars{"id": draft.SaveCampaign.Campaign.ID, "version": 1}})
	require.Contains(t, refused.Message, "Settings > Text messages")

	replies := w.twilio()
	c := w.text("DONE", anna, silent, twin, kari, none, landline)
	require.Equal(t, map[string]string{
		"Anna": "SENT", "Kari": "SENT", "Silent": "LEFT_OUT NO_CONSENT", "Twin": "LEFT_OUT DUPLICATE_ADDRESS", "None": "LEFT_OUT NO_PHONE", "Landline": "LEFT_OUT NO_MOBILE",
	}, w.states(c))
	texts := w.carrier.Texts("+4791234567")
	require.Len(t, texts, 1)
	require.Equal(t, "Hi Anna, we close at 6.\nReply STOP to get no more.", texts[0].Body)
	require.Equal(t, "+15005550006", texts[0].From)

	// What Twilio tells later, signed; in any order, and more than once.
	report := func(number, token, status string) int {
		return smstest.Tell(t, token, w.carrier.Texts(number)[0].Callback, url.Values{"MessageSid": {"SM1"}, "MessageStatus": {status}, "ErrorCode": {"30003"}})
	}
	require.Equal(t, http.StatusForbidden, report("+4791234567", "another token", "delivered"))
	for _, status := range []string{"delivered", "sent", "undelivered", "delivered"} {
		require.Equal(t, http.StatusNoContent, report("+4791234567", smstest.Token, status))
	}
	require.Equal(t, http.StatusNoContent, report("+4791234569", smstest.Token, "undelivered"))
	require.Equal(t, http.StatusNotFound, smstest.Tell(t, smstest.Token, texts[0].Callback+"x", url.Values{"MessageStatus": {"delivered"}}))
	var counted struct {
		Campaign struct {
			campaignRow
			Delivered int
		}
	}
	w.p.Must(t, w.owner, `query($id: ID!) { campaign(id: $id) { sent delivered failed recipients { nodes { state reason contact { displayName } } } } }`, vars{"id": c.ID}, &counted)
	require.Equal(t, []int{1, 1, 1}, []int{counted.Campaign.Sent, counted.Campaign.Delivered, counted.Campaign.Failed})
	states := w.states(counted.Campaign.campaignRow)
	require.Equal(t, "DELIVERED", states["Anna"])
	require.Equal(t, "FAILED UNDELIVERED", states["Kari"])

	// Whoever answers STOP withdraws, everybody with the number; others' answers change nothing.
	answer := func(token, from, body string) int {
		return smstest.Tell(t, token, replies, url.Values{"From": {from}, "To": {"+15005550006"}, "Body": {body}})
	}
	require.Equal(t, http.StatusForbidden, answer("another token", "+4791234567", "STOP"))
	require.Equal(t, http.StatusOK, answer(smstest.Token, "+4791234567", "Thanks! Stop by some day"))
	require.Equal(t, "Anna", firstSent(t, w, anna, twin))
	require.Equal(t, http.StatusOK, answer(smstest.Token, "+4791234567", " Arrêt. "))
	require.Equal(t, map[string]string{"Anna": "LEFT_OUT NO_CONSENT", "Twin": "LEFT_OUT NO_CONSENT"}, w.states(w.text("DONE", anna, twin)))
	var ledger struct {
		Contact struct {
			ConsentHistory struct {
				Nodes []struct{ State, Channel, Note string }
			}
		}
	}
	w.p.Must(t, w.owner, `query($id: ID!) { contact(id: $id) { consentHistory { nodes { state channel note } } } }`, vars{"id": anna}, &ledger)
	require.Equal(t, "WITHDRAWN SMS STOP", strings.Join([]string{ledger.Contact.ConsentHistory.Nodes[0].State, ledger.Contact.ConsentHistory.Nodes[0].Channel, ledger.Contact.ConsentHistory.Nodes[0].Note}, " "))
}

func firstSent(t *testing.T, w *textWorld, ids ...string) string {
	t.Helper()
	for name, state := range w.states(w.text("DONE", ids...)) {
		if state == "SENT" {
			return name
		}
	}
	return ""
}

// A provider may say anything: what it refuses has failed, what it does not say is uncertain, and when it asks to wait nobody loses a message.
func TestTextOutcomes(t *testing.T) { // P-22
	t.Parallel()
	w := newTextWorld(t)
	w.twilio()
	numbers := map[string]http.HandlerFunc{
		"+4790000001": smstest.Says(http.StatusBadRequest, `{"code": 21614, "message": "not a mobile number", "status": 400}`),
		"+4790000002": smstest.Says(http.StatusCreated, `{"sid": "SM1", "status": "failed", "error_code": 30007, "error_message": "filtered"}`), // it lies
		"+4790000003": smstest.Says(http.StatusOK, `<html>ok</html>`),
		"+4790000004": smstest.HangsUp,
		"+4790000005": smstest.Stalls,
		"+4790000006": smstest.Says(http.StatusInternalServerError, ""),
		"+4790000007": smstest.Says(http.StatusBadRequest, `{"code": 21610, "message": "unsubscribed recipient", "status": 400}`),
	}
	names := map[string]string{}
	var ids []string
	for number, by := range numbers {
		w.carrier.Answer(number, by)
		names[number] = "P" + number[len(number)-1:]
		ids = append(ids, w.mobile(names[number], number, true))
	}
	c := w.text("DONE", ids...)
	require.Equal(t, map[string]string{
		"P1": "FAILED BOUNCED", "P2": "FAILED REFUSED", "P3": "UNCERTAIN", "P4": "UNCERTAIN", "P5": "UNCERTAIN", "P6": "UNCERTAIN", "P7": "FAILED REFUSED",
	}, w.states(c))
	for number := range numbers {
		require.Len(t, w.carrier.Texts(number), 1, number)
	}

	// Asked to wait, it waits, and everybody gets one.
	const busy = "+4790000011"
	slow := w.mobile("Busy", busy, true)
	var asked time.Time
	w.carrier.Answer(busy, func(rw http.ResponseWriter, r *http.Request) {
		w.carrier.Answer(busy, nil)
		asked = time.Now()
		rw.Header().Set("Retry-After", "1")
		smstest.Says(http.StatusTooManyRequests, `{"code": 20429, "message": "too many requests", "status": 429}`)(rw, r)
	})
	require.Equal(t, map[string]string{"Busy": "SENT"}, w.states(w.text("DONE", slow)))
	require.Len(t, w.carrier.Texts(busy), 2)
	require.GreaterOrEqual(t, time.Since(asked), time.Second)

	// Barred: nobody is lost.
	const barred = "+4790000012"
	waiting := w.mobile("Waiting", barred, true)
	w.carrier.Answer(barred, smstest.Says(http.StatusUnauthorized, `{"code": 20003, "message": "Authenticate", "status": 401}`))
	c = w.text("PAUSED", waiting)
	require.Contains(t, c.Problem, "Twilio, error 20003: Authenticate")
	w.carrier.Answer(barred, nil)
	w.p.Must(t, w.owner, `mutation($i: CampaignInput!) { resumeCampaign(input: $i) { campaign { id } errors { code message path } } }`, vars{"i": vars{"id": c.ID}}, nil)
	require.Equal(t, map[string]string{"Waiting": "SENT"}, w.states(w.until(c.ID, "DONE")))
}

// A provider that answers nobody stops the campaign instead of making everybody uncertain.
func TestTextDoubts(t *testing.T) {
	t.Parallel()
	w := newTextWorld(t)
	w.twilio()
	var ids []string
	for _, n := range "abcdefghijklmnopqrst" {
		number := "+47900001" + string('0'+(n-'a')/10) + string('0'+(n-'a')%10)
		w.carrier.Answer(number, smstest.HangsUp)
		ids = append(ids, w.mobile("P"+string(n), number, true))
	}
	c := w.text("PAUSED", ids...)
	require.Contains(t, c.Problem, "messages in a row")
	require.Less(t, c.Uncertain, 15)
}

// Any gateway that takes a request carries messages: values are escaped as their place asks, the secret stays ours, and what arrived is told
// at a signed address.
func TestTextGateway(t *testing.T) { // P-22
	t.Parallel()
	w := newTextWorld(t)
	account := vars{
		"provider": "GATEWAY", "sender": "Club", "secret": "s3cret-key", "url": w.carrier.URL + "/gateway?from={from}", "method": "POST", "taken": `"ok": true`,
		"headers": []vars{{"name": "Authorization", "value": "Bearer {secret}"}, {"name": "Content-Type", "value": "application/json"}, {"name": "X-To", "value": "{to}"}, {"name": "X-Callback", "value": "{callback}"}},
		"body":    `{"to": "{to}", "message": "{text}"}`,
	}
	w.p.Must(t, w.owner, saveSms, vars{"i": account}, nil)
	r := w.p.Do(t, w.owner, `{ smsAccount { provider sender secretHint url method headers { name value } body taken changedBy } }`, nil)
	require.NotContains(t, r.Raw, "s3cret")
	require.Contains(t, r.Raw, `"secretHint":"-key"`)
	var stored []byte
	require.NoError(t, w.p.DB.Pool.QueryRow(t.Context(), "SELECT secret FROM sms_account").Scan(&stored))
	require.NotContains(t, string(stored), "s3cret")

	anna := w.mobile(`An"na {to}`, "+4791234567", true)
	kari := w.mobile("Kari", "+4791234568", true)
	w.carrier.Answer("+4791234568", smstest.Says(http.StatusOK, `{"ok": false, "error": "no credit"}`))
	c := w.text("DONE", anna, kari)
	got := w.carrier.Texts("+4791234567")
	require.Len(t, got, 1)
	require.Equal(t, `{"to": "+4791234567", "message": "Hi An\"na {to}, we close at 6."}`, got[0].Raw)
	require.Equal(t, "Bearer s3cret-key", got[0].Header.Get("Authorization"))
	require.Equal(t, "FAILED REFUSED", w.states(c)["Kari"], "it said 200 and took nothing")
	path, is := strings.CutPrefix(got[0].Callback, w.p.URL)
	require.True(t, is)
	status, _ := w.p.HTTP(t, http.MethodGet, path[:len(path)-3]+"AAA?status=delivered", nil, "", nil)
	require.Equal(t, http.StatusNotFound, status)
	status, _ = w.p.HTTP(t, http.MethodPost, path, nil, "application/json", strings.NewReader(`{"status": "accepted"}`))
	require.Equal(t, http.StatusNoContent, status)
	require.Equal(t, "SENT", w.states(w.until(c.ID, "DONE"))[`An"na {to}`])
	status, _ = w.p.HTTP(t, http.MethodGet, path+"?status=DELIVRD", nil, "", nil)
	require.Equal(t, http.StatusNoContent, status)
	require.Equal(t, "DELIVERED", w.states(w.until(c.ID, "DONE"))[`An"na {to}`])

	// What is written to one person is named by how it begins, as they got it.
	w.p.Must(t, w.owner, sendMessage, vars{"i": vars{"contactId": kari, "channel": "SMS", "body": "Dear {{first_name}},\nthe court that you booked for Saturday afternoon is closed."}}, nil)
	require.Eventually(t, func() bool {
		return strings.Contains(w.p.Do(t, w.owner, `query($id: ID!) { contact(id: $id) { ... on Person { mailings(first: 1) { nodes { name } } } } }`, vars{"id": kari}).Raw, `"name":"Dear Kari, the court that you booked for Saturday afternoon…"`)
	}, time.Minute, 20*time.Millisecond)

	// A secret that is stored goes to no other machine.
	delete(account, "secret")
	w.p.Must(t, w.owner, saveSms, vars{"i": account}, nil)
	account["url"] = "https://elsewhere.example/send?to={to}"
	require.Equal(t, []string{"REQUIRED secret"}, w.p.Payload(t, w.owner, saveSms, vars{"i": account}, nil))
	for address, code := range map[string]string{"https://10.0.0.1/send": "PRIVATE_ADDRESS url", "http://sms.example/send": "INVALID_URL url", "https://{to}.example/": "INVALID_URL url", "nonsense": "INVALID_URL url"} {
		account["url"] = address
		require.Equal(t, []string{code}, w.p.Payload(t, w.owner, saveSms, vars{"i": account}, nil), address)
	}
	account["url"], account["body"], account["headers"] = "https://sms.example/send", "{}", []vars{{"name": "Host", "value": "x"}}
	require.Equal(t, []string{"INVALID_HEADER headers", "MISSING_PLACEHOLDER body", "MISSING_PLACEHOLDER body"}, w.p.Payload(t, w.owner, saveSms, vars{"i": account}, nil))
	require.Equal(t, []string{"INVALID_TWILIO_ACCOUNT accountSid"}, w.p.Payload(t, w.owner, saveSms, vars{"i": vars{"provider": "TWILIO", "sender": "Club", "accountSid": "x", "secret": "y"}}, nil))

	try := `mutation($i: TrySmsInput!) { trySms(input: $i) { errors { code message path } } }`
	w.p.Must(t, w.owner, try, vars{"i": vars{"to": "912 34 569", "text": "Hello"}}, nil)
	require.Len(t, w.carrier.Texts("+4791234569"), 1)
	require.Contains(t, w.p.Refused(t, w.owner, "CONFLICT", try, vars{"i": vars{"to": "+4791234568", "text": "Hello"}}).Message, "no credit")
	w.p.Refused(t, w.As(site.Operator), "FORBIDDEN", saveSms, vars{"i": account})
	w.p.Refused(t, w.As(site.Operator), "FORBIDDEN", `{ smsAccount { sender } }`, nil)
	other := w.p.NewSite(t, "other")
	require.NotContains(t, w.p.Do(t, other.As(site.Manager), `{ smsAccount { sender } }`, nil).Raw, "Club")
}

// A gateway tells what people answer at an address that only it is given: who says stop withdraws, however the gateway puts it and however
// often, and from the first answer on texts of a purpose say how one stops them.
func TestGatewayReplies(t *testing.T) { // P-22
	t.Parallel()
	w := newTextWorld(t)
	account := vars{"provider": "GATEWAY", "sender": "+4759440000", "url": w.carrier.URL + "/gateway?to={to}&text={text}", "method": "GET"}
	type answer struct {
		Account struct {
			RepliesURL string
			HeardAt    *time.Time
		}
	}
	save := func() answer {
		var out struct{ SaveSmsAccount answer }
		w.p.Must(t, w.owner, `mutation($i: SaveSmsAccountInput!) { saveSmsAccount(input: $i) { account { repliesUrl heardAt } errors { code message path } } }`, vars{"i": account}, &out)
		return out.SaveSmsAccount
	}
	first := save().Account
	require.Nil(t, first.HeardAt)
	path, is := strings.CutPrefix(first.RepliesURL, w.p.URL)
	require.True(t, is)
	tell := func(path, method, contentType, body string) int {
		status, _ := w.p.HTTP(t, method, path, nil, contentType, strings.NewReader(body))
		return status
	}
	const form, object = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	last := func() string {
		texts := w.carrier.Texts("+4791234567")
		return texts[len(texts)-1].Body
	}

	anna := w.mobile("Anna", "+4791234567", true)
	w.text("DONE", anna)
	require.Equal(t, "Hi Anna, we close at 6.", last(), "nobody has heard an answer yet")

	// Addresses that are not this site's gateway's, and answers that say nothing, change nothing.
	other := w.p.NewSite(t, "other")
	for _, wrong := range []string{path[:len(path)-4] + "AAAA", path + "A", "/v1/sms/replies/club/", strings.Replace(path, "/club/", "/other/", 1), strings.Replace(path, "/club/", "/nobody/", 1)} {
		require.Equal(t, http.StatusNotFound, tell(wrong, http.MethodPost, form, "from=4791234567&text=STOP"), wrong)
	}
	require.Equal(t, http.StatusForbidden, tell("/v1/sms/replies/club", http.MethodPost, form, "From=%2B4791234567&Body=STOP"), "Twilio's address needs its signature")
	require.Equal(t, http.StatusBadRequest, tell(path, http.MethodGet, "", ""))
	require.Equal(t, http.StatusBadRequest, tell(path, http.MethodPost, object, `["STOP"]`))
	require.NotContains(t, w.p.Do(t, other.As(site.Manager), `{ smsAccount { repliesUrl } }`, nil).Raw, "replies/club")
	require.Equal(t, "Anna", firstSent(t, w, anna))
	require.Equal(t, "Hi Anna, we close at 6.", last())
	require.Equal(t, http.StatusNoContent, tell(path, http.MethodPost, form, "from=4791234567&text=Thanks!+Stop+by+some+day"))
	require.Equal(t, "Anna", firstSent(t, w, anna), "she has not said stop")
	require.Equal(t, "Hi Anna, we close at 6.\nReply STOP to get no more.", last())

	// As gateways put it: numbers with and without the plus and the country, words in any language, told twice.
	for i, one := range []struct{ method, query, contentType, body string }{
		{http.MethodGet, "?from=%2B4791234567&text=STOP", "", ""},
		{http.MethodGet, "?from=+4791234567&text=stop", "", ""},
		{http.MethodPost, "", form, "sender=4791234567&message=Stopp!"},
		{http.MethodPost, "", form, "from=91234567&body=Avslutt"},
		{http.MethodPost, "?from=004791234567", form, "text=%20ARR%C3%8AT.%20"},
		{http.MethodPost, "", object, `{"msisdn": 4791234567, "receiver": 59440000, "message": "Arret"}`},
	} {
		if i > 0 {
			w.agree(anna)
		}
		for range 2 {
			require.Equal(t, http.StatusNoContent, tell(path+one.query, one.method, one.contentType, one.body))
		}
		var ledger struct {
			Contact struct {
				ConsentHistory struct {
					Nodes []struct{ State, Note string }
				}
			}
		}
		w.p.Must(t, w.owner, `query($id: ID!) { contact(id: $id) { consentHistory { nodes { state note } } } }`, vars{"id": anna}, &ledger)
		require.Len(t, ledger.Contact.ConsentHistory.Nodes, 2*(i+1), "%+v: each is written once", one)
		require.Equal(t, "WITHDRAWN STOP", ledger.Contact.ConsentHistory.Nodes[0].State+" "+ledger.Contact.ConsentHistory.Nodes[0].Note)
	}
	require.Equal(t, map[string]string{"Anna": "LEFT_OUT NO_CONSENT"}, w.states(w.text("DONE", anna)))

	// Saved again the address stays; another sender has not been heard; set up anew it is another address.
	again := save().Account
	require.Equal(t, first.RepliesURL, again.RepliesURL)
	require.NotNil(t, again.HeardAt)
	account["sender"] = "+4759440001"
	require.Nil(t, save().Account.HeardAt)
	w.p.Must(t, w.owner, `mutation { removeSmsAccount { errors { code message path } } }`, nil, nil)
	require.Equal(t, http.StatusNotFound, tell(path, http.MethodPost, form, "from=4791234567&text=STOP"))
	require.NotEqual(t, first.RepliesURL, save().Account.RepliesURL)
	require.Equal(t, http.StatusNotFound, tell(path, http.MethodPost, form, "from=4791234567&text=STOP"))
}
