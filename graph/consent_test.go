package graph_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const setPolicy = `mutation($p: ConsentPolicy!) { updateSite(input: {consentPolicy: $p}) { relisted site { consentPolicy } errors { code message path } } }`

// policy changes a site's policy and gives how many contacts moved.
func policy(t *testing.T, s *apptest.Site, p string) int {
	t.Helper()
	var out struct{ UpdateSite struct{ Relisted int } }
	s.Program.Must(t, s.As(site.Manager), setPolicy, vars{"p": p}, &out)
	return out.UpdateSite.Relisted
}

const record = `mutation($i: RecordConsentInput!) { recordConsent(input: $i) { contact { listed consents { purpose { code } channel state since } } errors { code message path } } }`

// say records a consent as the operator and tells whether the contact is listed then.
func say(t *testing.T, s *apptest.Site, id, channel, state string) bool {
	t.Helper()
	var out struct {
		RecordConsent struct{ Contact struct{ Listed bool } }
	}
	s.Program.Must(t, s.As(site.Operator), record, vars{"i": vars{"contactId": id, "channel": channel, "state": state}}, &out)
	return out.RecordConsent.Contact.Listed
}

// surnames gives who a view shows, in order.
func surnames(t *testing.T, s *apptest.Site, v vars) string {
	t.Helper()
	var out struct {
		Contacts struct {
			Nodes []struct{ DisplayName string }
		}
	}
	s.Program.Must(t, s.As(site.Viewer), `query($all: Boolean! = false, $f: ContactFilter) { contacts(includeUnlisted: $all, filter: $f) { nodes { displayName } } }`, v, &out)
	names := []string{}
	for _, n := range out.Contacts.Nodes {
		names = append(names, strings.ToLower(n.DisplayName))
	}
	return strings.Join(names, " ")
}

func consentFilter(state string, more vars) vars {
	f := vars{"state": state}
	for k, v := range more {
		f[k] = v
	}
	return vars{"f": vars{"consent": f}}
}

// signUp registers through the API as a widget does, and proves the mailbox with the mailed code.
func signUp(t *testing.T, s *apptest.Site, email, last string, more vars) {
	t.Helper()
	p := s.Program
	attempt := vars{"id": strings.Repeat("a", 43), "challenge": strings.Repeat("b", 43), "jkt": strings.Repeat("c", 43)}
	in := vars{"attempt": attempt, "email": email, "firstName": "", "lastName": last}
	in["firstName"] = "x"
	for k, v := range more {
		in[k] = v
	}
	require.Empty(t, p.Payload(t, s.Visitor(), `mutation($i: SignUpInput!) { signUp(input: $i) { mailSent errors { code message path } } }`, vars{"i": in}, nil))
	var mails struct {
		Mails struct {
			Nodes []struct{ Recipient, Text string }
		}
	}
	p.Must(t, s.As(site.Manager), `{ mails(first: 10) { nodes { recipient text } } }`, nil, &mails)
	code := ""
	for _, m := range mails.Mails.Nodes {
		if m.Recipient == email && code == "" {
			code = strings.ReplaceAll(regexp.MustCompile(`\d{4} ?\d{4}`).FindString(m.Text), " ", "")
		}
	}
	require.Len(t, code, 8)
	require.Empty(t, p.Payload(t, s.Visitor(), `mutation($i: ConfirmEmailCodeInput!) { confirmEmailCode(input: $i) { code errors { code message path } } }`,
		vars{"i": vars{"attempt": attempt, "email": email, "code": code}}, nil))
}

// P-02, P-03: who registers is in the book by themselves, and under the policy "consent" only when
// they agree to be contacted; the others are kept, unlisted (G-25). Giving and withdrawing consent
// lists and unlists.
func TestInteractionAndConsentListContacts(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "elsewhere")
	signUp(t, s, "one@club.example", "one", nil)
	require.Equal(t, "one x", surnames(t, s, nil), "on interaction everyone is in the book")

	require.Equal(t, 1, policy(t, s, "CONSENT"), "one who never agreed leaves the default view")
	signUp(t, s, "two@club.example", "two", vars{"consent": false})
	signUp(t, s, "three@club.example", "three", vars{"consent": true, "consentWording": 1, "consentLanguage": "fr"})
	require.Equal(t, "three x", surnames(t, s, nil))
	require.Equal(t, "one x three x two x", surnames(t, s, vars{"all": true}), "what the contract needs is kept")
	require.Equal(t, "three x", surnames(t, s, consentFilter("GIVEN", nil)))
	require.Empty(t, surnames(t, other, vars{"all": true}))

	var ledger struct {
		Contacts struct {
			Nodes []struct {
				ID             string
				ConsentHistory struct {
					Nodes []struct {
						Channel, State, Source, WordingLanguage, ActorName string
						WordingVersion                                     int
						Purpose                                            struct{ Code string }
					}
				}
			}
		}
	}
	p.Must(t, s.As(site.Viewer), `{ contacts(first: 5) { nodes { id consentHistory(first: 5) { nodes { channel state source wordingVersion wordingLanguage actorName purpose { code } } } } } }`, nil, &ledger)
	entry := ledger.Contacts.Nodes[0].ConsentHistory.Nodes[0]
	require.Equal(t, "ANY GIVEN REGISTRATION 1 fr contact three@club.example",
		fmt.Sprint(entry.Channel, " ", entry.State, " ", entry.Source, " ", entry.WordingVersion, " ", entry.WordingLanguage, " ", entry.Purpose.Code, " ", entry.ActorName))

	three := ledger.Contacts.Nodes[0].ID
	require.True(t, say(t, s, three, "EMAIL", "WITHDRAWN"), "three other channels are still agreed to")
	require.False(t, say(t, s, three, "ANY", "WITHDRAWN"))
	require.True(t, say(t, s, three, "POST", "GIVEN"))
	require.Equal(t, 2, policy(t, s, "INTERACTION"))
	require.Equal(t, "one x three x two x", surnames(t, s, nil))
}

// C-01, C-02, C-03, C-10, C-13: non-members, visitors, guests and prospects without a purchase or an
// account are contacts of one list, one met at an event is typed in, and nobody is left out of the
// default view, which under "interaction" is everyone.
func TestEveryoneIsInOneCompleteList(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	s.NewPerson(t, "", "walkin")
	s.NewPerson(t, "", "guest")
	var out struct {
		CreatePerson struct {
			Person struct{ Statuses []string }
		}
	}
	p.Must(t, s.As(site.Operator), `mutation { createPerson(input: {email: "lead@fair.example"}) { person { statuses } errors { code message path } } }`, nil, &out)
	require.Equal(t, []string{"PROSPECT"}, out.CreatePerson.Person.Statuses, "no purchase, no account")
	p.Must(t, s.As(site.Operator), `mutation { createOrganization(input: {name: "Customer to be"}) { organization { id } errors { code message path } } }`, nil, nil)
	signUp(t, s, "online@club.example", "online", nil)
	require.Equal(t, "lead@fair.example customer to be guest online x walkin", surnames(t, s, nil))
	require.Equal(t, surnames(t, s, vars{"all": true}), surnames(t, s, nil), "nobody is left out by default")
}

// P-03: under "consent" the ledger decides, for what staff type in too, and setting listed by hand is
// refused with the reason. Under "interaction" staff may.
func TestListedCannotContradictTheLedger(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := s.NewPerson(t, "", "byhand")
	list := `mutation($id: ID!, $l: Boolean!) { updateContact(input: {id: $id, listed: $l}) { contact { listed } errors { code message path } } }`
	require.Empty(t, p.Payload(t, s.As(site.Operator), list, vars{"id": id, "l": false}, nil))
	require.True(t, !say(t, s, id, "ANY", "GIVEN"), "on interaction whom staff took out stays out")
	require.Equal(t, 1, policy(t, s, "CONSENT"), "it agreed")
	require.Equal(t, []string{"CONSENT_REQUIRED listed"}, p.Payload(t, s.As(site.Operator), list, vars{"id": id, "l": false}, nil))
	typed := s.NewPerson(t, "", "typed")
	require.Equal(t, "byhand", surnames(t, s, nil))
	require.Equal(t, []string{"CONSENT_REQUIRED listed"}, p.Payload(t, s.As(site.Operator), list, vars{"id": typed, "l": true}, nil))

	var effect struct {
		ConsentPolicyEffect struct{ Listed, Unlisted int }
	}
	p.Must(t, s.As(site.Manager), `{ consentPolicyEffect(policy: INTERACTION) { listed unlisted } }`, nil, &effect)
	require.Equal(t, 1, effect.ConsentPolicyEffect.Listed)
	require.Equal(t, 0, effect.ConsentPolicyEffect.Unlisted)
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", `{ consentPolicyEffect(policy: CONSENT) { listed } }`, nil)

	var history struct {
		Contact struct {
			History struct {
				Nodes []struct{ Changes map[string]map[string]any }
			}
		}
	}
	p.Must(t, s.As(site.Viewer), `query($id: ID!) { contact(id: $id) { history { nodes { changes } } } }`, vars{"id": id}, &history)
	newest := history.Contact.History.Nodes
	require.Equal(t, map[string]any{"before": false, "after": true}, newest[0].Changes["listed"], "the policy's change is in the history")
	require.Equal(t, map[string]any{"before": nil, "after": "given"}, newest[1].Changes["consent.contact.email"])
}

// The newest word holds, whenever it is written down; a withdrawal for all channels covers each, and
// each contact is in exactly one of GIVEN, WITHDRAWN and NONE.
func TestConsentFilterAndChannels(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "elsewhere")
	ann, ben := s.NewPerson(t, "", "ann"), s.NewPerson(t, "", "ben")
	s.NewPerson(t, "", "cat")
	say(t, s, ann, "EMAIL", "GIVEN")
	say(t, s, ben, "ANY", "GIVEN")
	say(t, s, ben, "ANY", "WITHDRAWN")
	p.Must(t, s.As(site.Operator), record, vars{"i": vars{"contactId": ben, "state": "GIVEN", "at": time.Now().AddDate(-1, 0, 0), "note": "an old form"}}, nil)

	for state, want := range map[string]string{"GIVEN": "ann", "WITHDRAWN": "ben", "NONE": "cat"} {
		require.Equal(t, want, surnames(t, s, consentFilter(state, nil)), state)
		require.Equal(t, want, surnames(t, s, consentFilter(state, vars{"channel": "ANY"})), state)
	}
	require.Equal(t, "ann", surnames(t, s, consentFilter("GIVEN", vars{"channel": "EMAIL"})))
	require.Equal(t, "ann cat", surnames(t, s, consentFilter("NONE", vars{"channel": "SMS"})))
	require.Equal(t, "ben cat", surnames(t, s, vars{"f": vars{"not": vars{"consent": vars{"state": "GIVEN"}}}}), "the complement")

	var purposes struct{ ConsentPurposes []struct{ ID string } }
	p.Must(t, other.As(site.Viewer), `{ consentPurposes { id } }`, nil, &purposes)
	foreign := purposes.ConsentPurposes[0].ID
	p.Refused(t, s.As(site.Viewer), "BAD_INPUT", `query($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }`, consentFilter("GIVEN", vars{"purpose": foreign}))
	require.Equal(t, []string{"UNKNOWN purposeId"}, p.Payload(t, s.As(site.Operator), record, vars{"i": vars{"contactId": ann, "state": "GIVEN", "purposeId": foreign}}, nil))
	p.Refused(t, other.As(site.Operator), "NOT_FOUND", record, vars{"i": vars{"contactId": ann, "state": "GIVEN"}})
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", record, vars{"i": vars{"contactId": ann, "state": "GIVEN"}})
	require.Equal(t, []string{"INVALID_DATE at"}, p.Payload(t, s.As(site.Operator), record, vars{"i": vars{"contactId": ann, "state": "GIVEN", "at": time.Now().Add(time.Hour)}}, nil))

	var bulk struct{ RecordConsents struct{ Recorded int } }
	many := `mutation($i: RecordConsentsInput!) { recordConsents(input: $i) { recorded errors { code message path } } }`
	p.Must(t, s.As(site.Operator), many, vars{"i": vars{"contactIds": []string{ann, ben}, "state": "GIVEN", "channel": "SMS"}}, &bulk)
	require.Equal(t, 2, bulk.RecordConsents.Recorded)
	require.Equal(t, "ann ben", surnames(t, s, consentFilter("GIVEN", vars{"channel": "SMS"})))
	tooMany := make([]string, 1001)
	for i := range tooMany {
		tooMany[i] = fmt.Sprintf("01890000-0000-7000-8000-%012d", i)
	}
	require.Equal(t, []string{"TOO_LONG contactIds"}, p.Payload(t, s.As(site.Operator), many, vars{"i": vars{"contactIds": tooMany, "state": "GIVEN"}}, nil))
}

// A change of text is a new version; what was there before stays. The purpose "contact" cannot be put away.
func TestConsentPurposesAndWordings(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	type purpose struct {
		ID, Code          string
		BuiltIn           bool
		Wording, Wordings []struct {
			Version        int
			Language, Text string
		}
	}
	const fields = `{ id code builtIn wording { version language text } wordings { version language text } }`
	var list struct{ ConsentPurposes []purpose }
	p.Must(t, s.As(site.Viewer), `{ consentPurposes `+fields+` }`, nil, &list)
	require.Len(t, list.ConsentPurposes, 1)
	first := list.ConsentPurposes[0]
	require.True(t, first.BuiltIn && first.Code == "contact" && len(first.Wording) == 3)

	update := `mutation($i: UpdateConsentPurposeInput!) { updateConsentPurpose(input: $i) { purpose ` + fields + ` errors { code message path } } }`
	change := vars{"i": vars{"id": first.ID, "wording": []vars{{"language": "fr", "text": "{site} peut m’écrire."}}}}
	var after struct{ UpdateConsentPurpose struct{ Purpose purpose } }
	for range 2 { // the same text again is no new version
		p.Must(t, s.As(site.Manager), update, change, &after)
		require.Len(t, after.UpdateConsentPurpose.Purpose.Wordings, 6)
	}
	require.Equal(t, 2, after.UpdateConsentPurpose.Purpose.Wording[1].Version)
	require.Equal(t, "{site} peut m’écrire.", after.UpdateConsentPurpose.Purpose.Wording[1].Text)
	require.Equal(t, first.Wording[0].Text, after.UpdateConsentPurpose.Purpose.Wording[0].Text, "the other languages keep theirs")
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", update, change)
	require.Equal(t, []string{"INVALID archived"}, p.Payload(t, s.As(site.Manager), update, vars{"i": vars{"id": first.ID, "archived": true}}, nil))

	policy(t, s, "CONSENT")
	var config struct {
		WidgetConfig struct {
			ConsentText    string
			ConsentWording int
		}
	}
	p.Must(t, s.Visitor(), `{ widgetConfig(language: "fr") { consentText consentWording } }`, nil, &config)
	require.Equal(t, 2, config.WidgetConfig.ConsentWording)
	require.Contains(t, config.WidgetConfig.ConsentText, " peut m’écrire.")
	require.NotContains(t, config.WidgetConfig.ConsentText, "{site}")

	create := `mutation($i: CreateConsentPurposeInput!) { createConsentPurpose(input: $i) { purpose { id code } errors { code message path } } }`
	letter := vars{"i": vars{"code": "letter", "name": "Newsletter", "wording": []vars{{"language": "en", "text": "Send me the newsletter."}}}}
	require.Empty(t, p.Payload(t, s.As(site.Manager), create, letter, nil))
	require.Equal(t, []string{"INVALID code"}, p.Payload(t, s.As(site.Manager), create, vars{"i": vars{"code": "No spaces", "name": "x"}}, nil))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", create, letter)
}

// A live segment hears of consent.
func TestConsentMovesLiveSegments(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	id := s.NewPerson(t, "", "ann")
	var made struct {
		CreateSegment struct{ Segment struct{ ID string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createSegment(input: {name: "Contactable", rule: {consent: {state: GIVEN, channel: EMAIL}}}) { segment { id } errors { code message path } } }`, nil, &made)
	sub, err := p.Watcher.Segment(s.AsOwner(t.Context()), uuid.MustParse(made.CreateSegment.Segment.ID))
	require.NoError(t, err)
	defer sub.Close()
	e, err := sub.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, 0, e.Count)
	say(t, s, id, "EMAIL", "GIVEN")
	for e.Count == 0 {
		e, err = sub.Next(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, id, e.Entered[0].String())
}
