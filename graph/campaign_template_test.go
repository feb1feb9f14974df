package graph_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

const (
	saveTemplate   = `mutation($i: SaveCampaignTemplateInput!) { saveCampaignTemplate(input: $i) { template { id name version missingLanguages texts { language subject body } } errors { code message path } } }`
	deleteTemplate = `mutation($i: CampaignTemplateInput!) { deleteCampaignTemplate(input: $i) { errors { code message path } } }`
	savedCampaign  = `mutation($i: SaveCampaignInput!) { saveCampaign(input: $i) { campaign { id version missingLanguages texts { language subject body } target { matched contactIds } offer { name }
		audience { total reached leftOut { reason count } } } errors { code message path } } }`
	previewUnsaved = `query($i: PreviewCampaignInput!) { campaignPreview(input: $i) { message { subject text html } errors { code message path } } }`
)

type campaignTextRow struct{ Language, Subject, Body string }

type keptTemplate struct {
	ID, Name         string
	Version          int
	MissingLanguages []string
	Texts            []campaignTextRow
}

type savedDraft struct {
	ID               string
	Version          int
	MissingLanguages []string
	Texts            []campaignTextRow
	Offer            *struct{ Name string }
	Target           struct {
		Matched    *int
		ContactIDs []string
	}
	Audience struct {
		Total, Reached int
		LeftOut        []struct {
			Reason string
			Count  int
		}
	}
}

// keep saves a template that must be accepted.
func (w *campaignWorld) keep(in vars) keptTemplate {
	w.t.Helper()
	var out struct {
		SaveCampaignTemplate struct{ Template keptTemplate }
	}
	require.Empty(w.t, w.p.Payload(w.t, w.owner, saveTemplate, vars{"i": in}, &out))
	return out.SaveCampaignTemplate.Template
}

// draftOf saves a campaign that must be accepted.
func (w *campaignWorld) draftOf(in vars) savedDraft {
	w.t.Helper()
	var out struct{ SaveCampaign struct{ Campaign savedDraft } }
	require.Empty(w.t, w.p.Payload(w.t, w.owner, savedCampaign, vars{"i": in}, &out))
	return out.SaveCampaign.Campaign
}

// Texts are kept by name: a campaign copies them and they copy a campaign's, and neither knows of the other later.
func TestCampaignTemplates(t *testing.T) { // P-21
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	text := func(language, subject string) vars {
		return vars{"language": language, "subject": subject, "body": "Dear {{first_name|friend}}"}
	}
	news := w.keep(vars{"name": " News ", "texts": []vars{text("en", "Hello {{first_name}}"), text("fr", "Bonjour")}})
	require.Equal(t, "News", news.Name)
	require.Equal(t, []string{"nb"}, news.MissingLanguages)

	draft := w.draftOf(vars{"name": "Spring", "templateId": news.ID, "target": vars{"contactIds": []string{anna}}})
	require.Equal(t, news.Texts, draft.Texts)
	require.Equal(t, []string{"nb"}, draft.MissingLanguages)
	edited := w.keep(vars{"id": news.ID, "version": 1, "name": "News", "texts": []vars{text("nb", "Hei")}})
	require.Equal(t, 2, edited.Version)
	var read struct{ Campaign savedDraft }
	w.p.Must(t, w.owner, `query($id: ID!) { campaign(id: $id) { texts { language subject body } } }`, vars{"id": draft.ID}, &read)
	require.Equal(t, news.Texts, read.Campaign.Texts, "copied, not linked")

	copied := w.keep(vars{"name": "Spring again", "campaignId": draft.ID})
	require.Equal(t, draft.Texts, copied.Texts)

	// What is wrong is told at its place.
	refused := func(in vars) []string { return w.p.Payload(t, w.owner, saveTemplate, vars{"i": in}, nil) }
	require.Equal(t, []string{"TAKEN name"}, refused(vars{"name": "NEWS", "texts": []vars{text("en", "x")}}))
	require.Equal(t, []string{"REQUIRED name", "REQUIRED texts"}, refused(vars{"name": " "}))
	require.Equal(t, []string{"UNKNOWN_MERGE texts.en.subject"}, refused(vars{"name": "Bad", "texts": []vars{text("en", "Hi {{nickname}}")}}))
	require.Equal(t, []string{"UNKNOWN texts.de"}, refused(vars{"name": "Bad", "texts": []vars{text("de", "Hallo")}}))
	require.Empty(t, refused(vars{"name": "Of an offer", "texts": []vars{text("en", "{{offer.name}} for you")}}), "the campaign says of which")
	w.p.Refused(t, w.owner, "CONFLICT", saveTemplate, vars{"i": vars{"id": news.ID, "version": 1, "name": "News", "texts": []vars{text("nb", "Hei")}}})
	require.Equal(t, []string{"UNKNOWN templateId"}, w.p.Payload(t, w.owner, savedCampaign, vars{"i": vars{"name": "x", "templateId": draft.ID, "target": vars{"contactIds": []string{anna}}}}, nil))

	// They are listed page by page, newest first.
	type page struct {
		CampaignTemplates struct {
			Nodes    []struct{ Name string }
			PageInfo struct {
				EndCursor   *string
				HasNextPage bool
			}
		}
	}
	list := `query($after: String) { campaignTemplates(first: 2, after: $after) { nodes { name } pageInfo { endCursor hasNextPage } } }`
	var first, second page
	w.p.Must(t, w.owner, list, nil, &first)
	require.Equal(t, []struct{ Name string }{{"Of an offer"}, {"Spring again"}}, first.CampaignTemplates.Nodes)
	require.True(t, first.CampaignTemplates.PageInfo.HasNextPage)
	w.p.Must(t, w.owner, list, vars{"after": first.CampaignTemplates.PageInfo.EndCursor}, &second)
	require.Equal(t, []struct{ Name string }{{"News"}}, second.CampaignTemplates.Nodes)
	require.False(t, second.CampaignTemplates.PageInfo.HasNextPage)

	// Another site has nothing of them, and who may not send may not keep.
	other := w.p.NewSite(t, "other").As(site.Manager)
	one := `query($id: ID!) { campaignTemplate(id: $id) { name } }`
	w.p.Refused(t, other, "NOT_FOUND", one, vars{"id": news.ID})
	w.p.Refused(t, other, "NOT_FOUND", deleteTemplate, vars{"i": vars{"id": news.ID}})
	w.p.Refused(t, other, "NOT_FOUND", saveTemplate, vars{"i": vars{"id": news.ID, "version": 2, "name": "x", "texts": []vars{text("en", "x")}}})
	w.p.Refused(t, other, "NOT_FOUND", saveTemplate, vars{"i": vars{"name": "x", "campaignId": draft.ID}})
	require.Equal(t, []string{"UNKNOWN templateId"}, w.p.Payload(t, other, savedCampaign, vars{"i": vars{"name": "x", "templateId": news.ID, "target": vars{"segmentId": newSegment(t, w.p.NewSite(t, "third"), vars{"color": "#000000"})}}}, nil)[:1])
	w.p.Refused(t, w.As(site.Operator), "FORBIDDEN", list, nil)
	w.p.Refused(t, w.As(site.Operator), "FORBIDDEN", saveTemplate, vars{"i": vars{"name": "x", "texts": []vars{text("en", "x")}}})
	require.Empty(t, w.p.Payload(t, w.owner, deleteTemplate, vars{"i": vars{"id": news.ID}}, nil))
	w.p.Refused(t, w.owner, "NOT_FOUND", one, vars{"id": news.ID})
}

// A message is looked at before anything is saved: as somebody would get it, and what stands against it is told where it stands.
func TestPreviewWithoutSaving(t *testing.T) {
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna <b>", "anna@mail.example", true)
	type preview struct {
		CampaignPreview struct {
			Message *struct{ Subject, Text, HTML string }
		}
	}
	look := func(in vars) (out preview, refused []string) {
		t.Helper()
		refused = w.p.Payload(t, w.owner, previewUnsaved, vars{"i": in}, &out)
		return out, refused
	}
	texts := []vars{{"language": "en", "subject": "Hi {{first_name|you}}", "body": "Dear **{{first_name|friend}}**"}, {"language": "fr", "subject": "Bonjour {{first_name}}", "body": "x"}}
	out, refused := look(vars{"texts": texts, "contactId": anna, "purposeId": w.purpose()})
	require.Empty(t, refused)
	require.Equal(t, "Hi Anna <b>", out.CampaignPreview.Message.Subject)
	require.Contains(t, out.CampaignPreview.Message.HTML, "<strong>Anna &lt;b&gt;</strong>")
	require.Contains(t, out.CampaignPreview.Message.Text, "Unsubscribe: ")
	out, _ = look(vars{"texts": texts, "language": "fr"})
	require.Equal(t, "Bonjour", out.CampaignPreview.Message.Subject)
	_, refused = look(vars{"texts": []vars{{"language": "en", "subject": "{{nickname}}", "body": "{{first_name"}}})
	require.Equal(t, []string{"UNKNOWN_MERGE texts.en.subject", "BROKEN_MERGE texts.en.body"}, refused)
	_, refused = look(vars{"texts": []vars{}})
	require.Equal(t, []string{"REQUIRED texts"}, refused)
	w.p.Refused(t, w.As(site.Operator), "FORBIDDEN", previewUnsaved, vars{"i": vars{"texts": texts}})
	w.p.Refused(t, w.p.NewSite(t, "other").As(site.Manager), "NOT_FOUND", previewUnsaved, vars{"i": vars{"texts": texts, "contactId": anna}})
	var none struct {
		Campaigns struct{ Nodes []struct{ ID string } }
	}
	w.p.Must(t, w.owner, `{ campaigns { nodes { id } } }`, nil, &none)
	require.Empty(t, none.Campaigns.Nodes)

	// The admin shows the page itself in a frame, into which it sends a form.
	form := func(h map[string]string, input any) (int, string) {
		t.Helper()
		raw, err := json.Marshal(input)
		require.NoError(t, err)
		return w.p.HTTP(t, http.MethodPost, "/v1/campaigns/preview", h, "application/x-www-form-urlencoded", strings.NewReader(url.Values{"input": {string(raw)}}.Encode()))
	}
	input := vars{"texts": vars{"en": vars{"subject": "Hi", "body": "Dear **{{first_name}}**"}}, "contactId": anna, "language": "en"}
	status, page := form(w.owner, input)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "<strong>Anna &lt;b&gt;</strong>")
	status, _ = form(w.As(site.Operator), input)
	require.Equal(t, http.StatusForbidden, status)
	status, _ = form(nil, input)
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = form(w.owner, "nonsense")
	require.Equal(t, http.StatusBadRequest, status)
}

// All that a search finds is picked when the draft is made: who matches later is not meant, and who has become part of another contact is
// that one.
func TestCampaignForAllThatMatch(t *testing.T) { // P-21
	t.Parallel()
	w := newCampaignWorld(t)
	anna, bo, kari := w.person("Anna", "anna@mail.example", true), w.person("Bo", "bo@mail.example", true), w.person("Kari", "kari@mail.example", true)
	w.person("Silent", "silent@mail.example", false)
	texts := []vars{{"language": "en", "subject": "Hi", "body": "x"}}
	draft := w.draftOf(vars{"name": "All", "purposeId": w.purpose(), "texts": texts, "target": vars{"matching": vars{"search": "Test"}}})
	require.Equal(t, 4, *draft.Target.Matched)
	require.Equal(t, 3, draft.Audience.Reached)
	w.person("Late", "late@mail.example", true)
	draft = w.draftOf(vars{"id": draft.ID, "version": draft.Version, "name": "All of then", "purposeId": w.purpose(), "texts": texts, "target": vars{"kept": true}})
	require.Equal(t, 4, *draft.Target.Matched)
	onlyBo := w.draftOf(vars{"name": "Bo", "texts": texts, "target": vars{"matching": vars{"filter": vars{"text": vars{"column": "FIRST_NAME", "op": "EQUALS", "value": "Bo"}}}}})
	w.p.Must(t, w.owner, `mutation($i: MergeContactsInput!) { mergeContacts(input: $i) { errors { code message path } } }`, vars{"i": vars{"ids": []string{anna, bo}}}, nil)
	onlyBo = w.draftOf(vars{"id": onlyBo.ID, "version": onlyBo.Version, "name": "Bo", "texts": texts, "target": vars{"kept": true}})
	require.Equal(t, 1, onlyBo.Audience.Reached, "Bo is Anna now")
	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": draft.ID, "version": draft.Version}}, nil)
	require.Equal(t, 3, w.until(draft.ID, "DONE").Total)
	require.Len(t, w.office.Mails("anna@mail.example"), 1)
	require.Len(t, w.office.Mails("kari@mail.example"), 1)
	require.Empty(t, w.office.Mails("late@mail.example"))
	require.Empty(t, w.office.Mails("bo@mail.example"))

	// Picked one by one it is exactly they; a rule says who else.
	picked := w.draftOf(vars{"name": "Two", "texts": texts, "target": vars{"contactIds": []string{anna, kari}}})
	require.Equal(t, []string{anna, kari}, picked.Target.ContactIDs)
	ruled := w.draftOf(vars{"id": picked.ID, "version": picked.Version, "name": "Two", "texts": texts,
		"target": vars{"matching": vars{"filter": vars{"text": vars{"column": "FIRST_NAME", "op": "EQUALS", "value": "Kari"}}}}})
	require.Equal(t, 1, *ruled.Target.Matched)
	require.Empty(t, ruled.Target.ContactIDs)

	refused := func(target vars) []string {
		return w.p.Payload(t, w.owner, savedCampaign, vars{"i": vars{"name": "x", "texts": texts, "target": target}}, nil)
	}
	require.Equal(t, []string{"REQUIRED target"}, refused(vars{"kept": true}))
	require.Equal(t, []string{"REQUIRED target.matching"}, refused(vars{"matching": vars{"search": "nobody"}}))
	require.Equal(t, []string{"REQUIRED target"}, refused(vars{"matching": vars{}, "contactIds": []string{anna}}))
	other := w.p.NewSite(t, "other")
	require.Equal(t, []string{"REQUIRED target"}, w.p.Payload(t, other.As(site.Manager), savedCampaign, vars{"i": vars{"name": "x", "texts": texts, "target": vars{"kept": true}}}, nil))
	theirs := other.NewPerson(t, "Their", "Test")
	require.Equal(t, []string{"UNKNOWN target.contactIds.0"}, refused(vars{"contactIds": []string{theirs}}))
}

// A campaign tells of an offer: what it is called and what each pays for it. Who may not have it is left out, with that reason.
func TestCampaignOfAnOffer(t *testing.T) { // S-42
	t.Parallel()
	w := newCampaignWorld(t)
	anna, bo := w.person("Anna", "anna@mail.example", true), w.person("Bo", "bo@mail.example", true)
	friends := made(t, w.Site, `mutation($i: CreateGroupInput!) { createGroup(input: $i) { group { id } errors { code message path } } }`, "createGroup", "group", vars{"name": "Friends"})
	update(t, w.Site, vars{"id": anna, "groupIds": []string{friends}})
	product := newProduct(t, w.Site, vars{"kind": "RESOURCE", "name": "Court", "price": 120000})
	made(t, w.Site, savePrice, "savePrice", "price", vars{"productId": product, "groupId": friends, "amount": 60050})
	offer := made(t, w.Site, `mutation($i: CreateOfferInput!) { createOffer(input: $i) { offer { id } errors { code message path } } }`, "createOffer", "offer",
		vars{"type": "Discount", "name": "Half <price>", "groupId": friends, "productId": product, "endsOn": "2999-12-31"})
	texts := []vars{{"language": "en", "subject": "{{offer.name}}", "body": "{{offer.type}} on {{offer.product}}: {{offer.price}} until {{offer.until}}"}}
	in := vars{"name": "Offer", "purposeId": w.purpose(), "texts": texts, "target": vars{"contactIds": []string{anna, bo}}}
	require.Equal(t, []string{"NO_OFFER texts.en.subject", "NO_OFFER texts.en.body", "NO_OFFER texts.en.body", "NO_OFFER texts.en.body", "NO_OFFER texts.en.body"},
		w.p.Payload(t, w.owner, savedCampaign, vars{"i": in}, nil))
	in["offerId"] = offer
	draft := w.draftOf(in)
	require.Equal(t, "Half <price>", draft.Offer.Name)
	require.Equal(t, 1, draft.Audience.Reached)
	require.Equal(t, "NOT_OFFERED", draft.Audience.LeftOut[0].Reason)
	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": draft.ID, "version": draft.Version}}, nil)
	require.Equal(t, 1, w.until(draft.ID, "DONE").Sent)
	require.Empty(t, w.office.Mails("bo@mail.example"))
	letter := w.office.Mails("anna@mail.example")[0]
	require.Contains(t, letter, "Subject: Half <price>\r\n")
	require.Contains(t, letter, "Discount on Court: 600.50 NOK until 31 December 2999", "her group's price")

	// Nobody in particular pays what everybody does, in the language of the text.
	var out struct {
		CampaignPreview struct{ Message struct{ Text string } }
	}
	w.p.Must(t, w.owner, previewUnsaved, vars{"i": vars{"texts": []vars{{"language": "fr", "subject": "x", "body": "{{offer.price}}, {{offer.until}}"}}, "offerId": offer}}, &out)
	require.Regexp(t, "^1\\p{Zs}200,00 NOK, 31/12/2999", out.CampaignPreview.Message.Text)

	// An offer that is over is refused; one of a segment is for its members; another site's does not exist.
	seg := newSegment(t, w.Site, vars{"text": vars{"column": "FIRST_NAME", "op": "EQUALS", "value": "Bo"}})
	early := made(t, w.Site, `mutation($i: CreateOfferInput!) { createOffer(input: $i) { offer { id } errors { code message path } } }`, "createOffer", "offer", vars{"type": "Presale", "name": "Early", "segmentId": seg})
	in["offerId"], in["texts"] = early, []vars{{"language": "en", "subject": "{{offer.name}}", "body": "x"}}
	require.Equal(t, 1, w.draftOf(in).Audience.Reached)
	soldOut := made(t, w.Site, `mutation($i: CreateOfferInput!) { createOffer(input: $i) { offer { id } errors { code message path } } }`, "createOffer", "offer", vars{"type": "Presale", "name": "None", "segmentId": seg, "available": 0})
	in["offerId"] = soldOut
	require.Zero(t, w.draftOf(in).Audience.Reached, "none are left")
	w.p.Must(t, w.owner, `mutation($i: UpdateOfferInput!) { updateOffer(input: $i) { errors { code message path } } }`, vars{"i": vars{"id": early, "archived": true}}, nil)
	in["offerId"] = early
	require.Equal(t, []string{"INVALID offerId"}, w.p.Payload(t, w.owner, savedCampaign, vars{"i": in}, nil))
	other := w.p.NewSite(t, "other")
	require.Equal(t, []string{"UNKNOWN offerId"}, w.p.Payload(t, other.As(site.Manager), savedCampaign, vars{"i": vars{"name": "x", "texts": in["texts"], "offerId": offer,
		"target": vars{"contactIds": []string{other.NewPerson(t, "Their", "Own")}}}}, nil))
}
