package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// S-23, S-24, S-29: one query gives the whole of what is linked to a contact: number, title, names as lists write them,
// status and role; the contacts at the other ends of its links, groups, labels, answers, consents, notes, and the
// numbers of other systems. Nothing of others is among it.
func TestSummary(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	operator := s.As(site.Operator)
	song := newField(t, s, vars{"type": "TEXT", "label": "Song"}).ID
	level := set(t, s, createLabelSet, vars{"name": "Level", "labels": labelItems("Gold")})
	kari := personWith(t, s, "Kari", "Nordmann", vars{
		"title": "Dr", "groupIds": []string{newGroup(t, s, "Choir")}, "labelIds": []string{level.label(t, "Gold")},
		"answers": []vars{{"fieldId": song, "text": "Ja, vi elsker"}}, "references": []vars{{"source": "Licence", "externalId": "7"}},
	})
	hall, ola := newOrganization(t, s, "Fjord Hall", nil), s.NewPerson(t, "Ola", "Nordmann")
	l := links(t, s)
	link(t, s, l["RELAY"], kari, hall, nil)
	link(t, s, l["PARENT"], ola, kari, nil)
	say(t, s, kari, "EMAIL", "GIVEN")
	for id, text := range map[string]string{kari: "Sings alto", ola: "Sings bass"} {
		p.Must(t, operator, `mutation($i: ID!, $t: String!) { addNote(input: {contactId: $i, text: $t}) { errors { code message path } } }`, vars{"i": id, "t": text}, nil)
	}
	r := p.Do(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { number displayName statuses roles ... on Person { title firstName lastName }
		affiliations { nodes { type { kind } from { displayName } to { displayName } } } groups { name } labels { setName name } answers { field { label } display }
		consents { purpose { code } channel state } notes { nodes { text } } references { source externalId } } }`, vars{"i": kari})
	require.JSONEq(t, `{"contact": {"number": 1, "displayName": "NORDMANN Kari", "statuses": ["PROSPECT"], "roles": ["RELAY"], "title": "Dr", "firstName": "Kari", "lastName": "Nordmann",
		"affiliations": {"nodes": [
			{"type": {"kind": "RELAY"}, "from": {"displayName": "NORDMANN Kari"}, "to": {"displayName": "Fjord Hall"}},
			{"type": {"kind": "PARENT"}, "from": {"displayName": "NORDMANN Ola"}, "to": {"displayName": "NORDMANN Kari"}}]},
		"groups": [{"name": "Choir"}], "labels": [{"setName": "Level", "name": "Gold"}], "answers": [{"field": {"label": "Song"}, "display": "Ja, vi elsker"}],
		"consents": [{"purpose": {"code": "contact"}, "channel": "EMAIL", "state": "GIVEN"}], "notes": {"nodes": [{"text": "Sings alto"}]},
		"references": [{"source": "Licence", "externalId": "7"}]}}`, string(r.Data), r.Raw)
}
