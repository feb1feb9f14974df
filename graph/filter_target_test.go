package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/site"
)

// Filters, which are label sets here (G-28), are internal: no end user sees them, whether signed in or not, anywhere in what they can ask.
// They serve to organise and segment contacts: the list is narrowed by one, and a segment's rule names one. And they serve to target
// communication: a campaign to that segment goes to exactly those who have the label.
func TestFiltersAreInternalAndTargetCommunication(t *testing.T) { // T-62, T-30, P-21
	t.Parallel()
	w := newCampaignWorld(t)
	s := w.Site
	anna, bo := w.person("Anna", "anna@mail.example", true), w.person("Bo", "bo@mail.example", true)
	w.person("Kari", "kari@mail.example", true)
	made := set(t, s, createLabelSet, vars{"name": "Unspeakable set", "labels": labelItems("Unspeakable", "Other")})
	choir := made.label(t, "Unspeakable")
	assigned(t, s, assignLabels, vars{"contactIds": []string{anna, bo}, "add": []string{choir}})

	// Organise: the list is narrowed by it.
	var list struct {
		Contacts struct {
			Nodes []struct{ DisplayName string }
		}
	}
	w.p.Must(t, s.As(site.Viewer), `query($f: ContactFilter) { contacts(filter: $f, orderBy: {by: NAME}) { nodes { displayName } } }`, vars{"f": vars{"label": choir}}, &list)
	require.Equal(t, []struct{ DisplayName string }{{"TEST Anna"}, {"TEST Bo"}}, list.Contacts.Nodes)

	// Segment: a rule names it, and the segment holds exactly those.
	segment := newSegment(t, s, vars{"label": choir})
	var members struct {
		Segment struct{ Count int }
	}
	w.p.Must(t, s.As(site.Viewer), `query($id: ID!) { segment(id: $id) { count } }`, vars{"id": segment}, &members)
	require.Equal(t, 2, members.Segment.Count)

	// Target: a campaign to the segment reaches exactly those.
	draft := w.draftOf(vars{"name": "To the choir", "purposeId": w.purpose(), "texts": []vars{{"language": "en", "subject": "Hi", "body": "x"}}, "target": vars{"segmentId": segment}})
	w.p.Must(t, w.owner, sendCampaign, vars{"i": vars{"id": draft.ID, "version": draft.Version}}, nil)
	sent := w.until(draft.ID, "DONE")
	require.Equal(t, []int{2, 2}, []int{sent.Total, sent.Sent})
	require.Len(t, w.office.Mails("anna@mail.example"), 1)
	require.Len(t, w.office.Mails("bo@mail.example"), 1)
	require.Empty(t, w.office.Mails("kari@mail.example"))
	require.NotContains(t, w.office.Mails("anna@mail.example")[0], "Unspeakable")

	// Internal: no type that tells of filters, of whom they hold or of what is sent by them can be reached by an end user or a visitor.
	reached := endUserReaches(t)
	for _, name := range []string{
		"Label", "LabelSet", "LabelSetFilter", "LabelInput", "LabelItemInput", "ContactFilter", "Segment", "SegmentEvent", "Group", "Contact", "Person", "Organization",
		"Campaign", "CampaignTarget", "CampaignTemplate", "Mailing",
	} {
		require.NotContains(t, reached, name)
	}
	// And whoever asks is refused: a widget with the site's public id, and somebody who has the label and is signed in.
	withShop(t, s)
	b := newBrowser(t, s)
	b.office = w.office
	b.register("ada@club.example", "Ada", "Byron", "correct horse battery")
	mine := idOf(t, s, "ada@club.example")
	assigned(t, s, assignLabels, vars{"contactIds": []string{mine}, "add": []string{choir}})
	for _, query := range []string{
		`{ labelSets { name } }`, `{ contacts { nodes { id labels { name } } } }`, `{ segments { name } }`, `{ campaigns { nodes { name } } }`, `{ contact(id: "` + mine + `") { labels { name } } }`,
	} {
		w.p.Refused(t, s.Visitor(), "UNAUTHENTICATED", query, nil)
		w.p.Refused(t, b.header("/graphql"), "UNAUTHENTICATED", query, nil)
	}
	for _, mutation := range []string{createLabelSet, assignLabels, deleteLabelSet} {
		in := vars{"id": made.ID}
		switch mutation {
		case createLabelSet:
			in = vars{"name": "x"}
		case assignLabels:
			in = vars{"contactIds": []string{mine}, "add": []string{choir}}
		}
		w.p.Refused(t, s.Visitor(), "UNAUTHENTICATED", mutation, vars{"i": in})
		w.p.Refused(t, b.header("/graphql"), "UNAUTHENTICATED", mutation, vars{"i": in})
	}
	r := w.p.Do(t, b.header("/graphql"), `{ me { email profile { fields { field { label } } } offers { name } } widgetConfig { siteName } }`, nil)
	require.NotContains(t, r.Raw, "Unspeakable")
}
