package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

type means struct {
	PreferredMeans                   *string
	OnlyPreferredMeans, DoNotContact bool
	Means                            []struct {
		Means, Address string
		Use, Preferred bool
		Reason         *string
		Purposes       []struct{ Code string }
	}
}

// use gives each means as "POST yes" or "POST NO_CONSENT".
func (m means) use() (out []string) {
	for _, one := range m.Means {
		said := "yes"
		if one.Reason != nil {
			said = *one.Reason
		}
		out = append(out, one.Means+" "+said)
	}
	return out
}

func meansOf(t *testing.T, p *apptest.Program, h apptest.Header, id string) means {
	t.Helper()
	var out struct{ Contact means }
	p.Must(t, h, `query($id: ID!) { contact(id: $id) { preferredMeans onlyPreferredMeans doNotContact means { means use preferred reason address purposes { code } } } }`, vars{"id": id}, &out)
	return out.Contact
}

// The record says which means of communication to use with a contact: those that lead to it and that it agreed to, unless it wants another
// one only or none at all. Campaigns keep to it, and say so of whom they leave out.
func TestMeansOfCommunication(t *testing.T) { // S-45
	t.Parallel()
	w := newCampaignWorld(t)
	anna := w.person("Anna", "anna@mail.example", true)
	say := func(id, channel, state string) {
		t.Helper()
		require.Empty(t, w.p.Payload(t, w.owner, `mutation($i: RecordConsentInput!) { recordConsent(input: $i) { errors { code message path } } }`, vars{"i": vars{"contactId": id, "channel": channel, "state": state}}, nil))
	}
	is := func() []string { t.Helper(); return meansOf(t, w.p, w.As(site.Viewer), anna).use() }
	require.Equal(t, []string{"EMAIL yes", "SMS NO_ADDRESS", "PHONE NO_ADDRESS", "POST NO_ADDRESS", "INTERNAL NO_ADDRESS"}, is())

	// The ledger and what is known of where they are decide, channel by channel.
	update(t, w.Site, vars{"id": anna, "mobile": "+4741299001", "address": vars{"lines": []string{"Storgata 1"}, "postcode": "0155", "city": "Oslo", "country": "NO"}})
	require.Equal(t, []string{"EMAIL yes", "SMS NO_CONSENT", "PHONE NO_CONSENT", "POST NO_CONSENT", "INTERNAL NO_ADDRESS"}, is())
	say(anna, "ANY", "GIVEN")
	say(anna, "SMS", "WITHDRAWN")
	told := meansOf(t, w.p, w.As(site.Viewer), anna)
	require.Equal(t, []string{"EMAIL yes", "SMS NO_CONSENT", "PHONE yes", "POST yes", "INTERNAL NO_ADDRESS"}, told.use())
	require.Equal(t, "+4741299001", told.Means[2].Address, "without a telephone the mobile rings")
	require.Equal(t, "Storgata 1, 0155 Oslo, NO", told.Means[3].Address)
	require.Equal(t, "contact", told.Means[3].Purposes[0].Code)
	require.False(t, told.Means[3].Preferred)
	_, err := w.p.DB.Pool.Exec(t.Context(), "INSERT INTO account (site_id, id, subject, contact_id, email, email_key) VALUES ($1, gen_random_uuid(), 'anna', $2, 'anna@mail.example', 'anna@mail.example')", w.ID, anna)
	require.NoError(t, err)
	require.Equal(t, "INTERNAL yes", is()[4], "in their own account they are at home")
	_, err = w.p.DB.Pool.Exec(t.Context(), "INSERT INTO dead_address (site_id, address_key, problem) VALUES ($1, 'anna@mail.example', 'no such user')", w.ID)
	require.NoError(t, err)
	_, err = w.p.DB.Pool.Exec(t.Context(), "INSERT INTO dead_address (site_id, address_key, problem) VALUES ($1, '+4741299001', 'no such number')", w.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"EMAIL BOUNCED", "SMS BOUNCED"}, is()[:2])
	// Staff may know better: each is tried again by itself, and only by who may write to the contact.
	const again = `mutation($i: TryAddressAgainInput!) { tryAddressAgain(input: $i) { contact { id } errors { code message path } } }`
	w.p.Refused(t, w.As(site.Viewer), "FORBIDDEN", again, vars{"i": vars{"contactId": anna, "means": "EMAIL"}})
	w.p.Refused(t, w.p.NewSite(t, "other").As(site.Operator), "NOT_FOUND", again, vars{"i": vars{"contactId": anna, "means": "EMAIL"}})
	require.Equal(t, []string{"INVALID means"}, w.p.Payload(t, w.As(site.Operator), again, vars{"i": vars{"contactId": anna, "means": "POST"}}, nil))
	require.Empty(t, w.p.Payload(t, w.As(site.Operator), again, vars{"i": vars{"contactId": anna, "means": "EMAIL"}}, nil))
	require.Equal(t, []string{"EMAIL yes", "SMS BOUNCED"}, is()[:2])
	require.Empty(t, w.p.Payload(t, w.As(site.Operator), again, vars{"i": vars{"contactId": anna, "means": "SMS"}}, nil))
	require.Equal(t, []string{"EMAIL yes", "SMS NO_CONSENT"}, is()[:2])

	// One may be preferred; it may be the only one; or there is none.
	update(t, w.Site, vars{"id": anna, "preferredMeans": "POST"})
	told = meansOf(t, w.p, w.As(site.Viewer), anna)
	require.True(t, told.Means[3].Preferred)
	require.Equal(t, "EMAIL yes", told.use()[0], "preferred is not only")
	update(t, w.Site, vars{"id": anna, "onlyPreferredMeans": true})
	require.Equal(t, []string{"EMAIL OTHER_MEANS", "SMS OTHER_MEANS", "PHONE OTHER_MEANS", "POST yes", "INTERNAL OTHER_MEANS"}, is())

	// A campaign by e-mail leaves out who wants only letters, and who wants nothing; a contract's matter goes to both.
	never, both := w.person("Never", "never@mail.example", true), w.person("Both", "both@mail.example", true)
	update(t, w.Site, vars{"id": never, "doNotContact": true})
	update(t, w.Site, vars{"id": both, "preferredMeans": "EMAIL", "onlyPreferredMeans": true})
	require.Equal(t, []string{"EMAIL DO_NOT_CONTACT", "SMS DO_NOT_CONTACT", "PHONE DO_NOT_CONTACT", "POST DO_NOT_CONTACT", "INTERNAL DO_NOT_CONTACT"}, meansOf(t, w.p, w.As(site.Viewer), never).use())
	in := vars{"name": "News", "purposeId": w.purpose(), "texts": []vars{{"language": "en", "subject": "Hi", "body": "x"}}, "target": vars{"contactIds": []string{anna, never, both}}}
	draft := w.draftOf(in)
	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": draft.ID, "version": draft.Version}}, nil)
	why := map[string]string{}
	for _, one := range w.until(draft.ID, "DONE").Recipients.Nodes {
		why[one.Contact.DisplayName] = one.State
		if one.Reason != nil {
			why[one.Contact.DisplayName] = *one.Reason
		}
	}
	require.Equal(t, map[string]string{"TEST Anna": "OTHER_MEANS", "TEST Never": "DO_NOT_CONTACT", "TEST Both": "SENT"}, why)
	delete(in, "purposeId")
	require.Equal(t, 3, w.draftOf(in).Audience.Reached)

	// It is in the history, and can be taken back; what makes no sense is refused.
	var history struct {
		Contact struct {
			History struct {
				Nodes []struct {
					ID      string
					Changes map[string]struct{ Before, After any }
				}
			}
		}
	}
	w.p.Must(t, w.owner, `query($id: ID!) { contact(id: $id) { history(first: 1) { nodes { id changes } } } }`, vars{"id": anna}, &history)
	last := history.Contact.History.Nodes[0]
	require.Equal(t, true, last.Changes["onlyPreferredMeans"].After)
	require.Empty(t, w.p.Payload(t, w.owner, revertChange, vars{"i": last.ID}, nil))
	require.False(t, meansOf(t, w.p, w.As(site.Viewer), anna).OnlyPreferredMeans)
	require.Equal(t, []string{"REQUIRED preferredMeans"}, w.p.Payload(t, w.As(site.Operator), saveContact, vars{"i": vars{"id": never, "onlyPreferredMeans": true}}, nil))
	update(t, w.Site, vars{"id": both, "preferredMeans": nil})
	require.False(t, meansOf(t, w.p, w.As(site.Viewer), both).OnlyPreferredMeans, "without a preferred one there is no only one")
	w.p.Refused(t, w.As(site.Viewer), "FORBIDDEN", saveContact, vars{"i": vars{"id": never, "doNotContact": false}})
}
