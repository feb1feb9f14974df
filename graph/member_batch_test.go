package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// C-21 to C-24, G-04: many become members at once. The dry run tells who would, who is one already and who cannot; the run does that, once, and
// each one's history tells it. What could be given to nobody is refused at its place.
func TestConvertManyToMembers(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "other")
	at := sells(t, s)
	ada, bo, past, gone := s.NewPerson(t, "Ada", "A"), s.NewPerson(t, "Bo", "B"), personWith(t, s, "Pia", "P", vars{"validUntil": "2020-01-01"}), s.NewPerson(t, "Gro", "G")
	p.Must(t, s.As(site.Operator), `mutation($i: ID!) { deleteContacts(input: {ids: [$i]}) { errors { code } } }`, vars{"i": gone}, nil)
	p.Must(t, s.As(site.Operator), convert, vars{"i": vars{"contactId": bo, "planId": at.plan}}, nil)
	require.Equal(t, []string{"INVALID_CONTACT contactId"}, p.Payload(t, s.As(site.Operator), convert, vars{"i": vars{"contactId": past, "planId": at.plan}}, nil))
	ask := func(member vars, dry bool) vars {
		return vars{"action": "MEMBER", "member": member, "dryRun": dry, "target": vars{"contactIds": []string{ada, bo, past, gone}}}
	}
	run := func(member vars, dry bool) batch {
		told := followed(t, s, startBatch(t, s, site.Operator, ask(member, dry)))
		return told[len(told)-1]
	}
	counts := func(b batch) []any { return []any{b.Status, b.Changed, b.Unchanged, b.Failed} }
	dry := run(vars{"planId": at.plan}, true)
	require.Equal(t, []any{"DONE", 1, 1, 2}, counts(dry))
	require.Equal(t, []string{"PROSPECT"}, follows(t, s, ada).Statuses, "nothing was done")
	var out struct{ BatchRun batch }
	p.Must(t, s.As(site.Operator), `query($id: ID!) { batchRun(id: $id) { items { nodes { contactId state code changes } } } }`, vars{"id": dry.ID}, &out)
	is := map[string]string{}
	for _, item := range out.BatchRun.Items.Nodes {
		is[item.ContactID] = item.State + item.Code
		if item.ContactID == ada {
			require.Equal(t, map[string]any{"plan": "Choir", "startsOn": oslo(t, 0), "endsOn": item.Changes["membership"].After.(map[string]any)["endsOn"]}, item.Changes["membership"].After)
		}
	}
	require.Equal(t, map[string]string{ada: "CHANGED", bo: "UNCHANGED", past: "FAILEDINVALID_CONTACT", gone: "FAILEDIN_TRASH"}, is)

	require.Equal(t, []any{"DONE", 1, 1, 2}, counts(run(vars{"planId": at.plan}, false)))
	require.Equal(t, []string{"PROSPECT", "SUBSCRIBER"}, follows(t, s, ada).Statuses)
	told := p.Do(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { history(first: 1) { nodes { action changes } } } }`, vars{"i": ada}).Raw
	require.Contains(t, told, `"membership":{"before":null,"after":{"endsOn":`)
	require.Equal(t, []any{"DONE", 0, 2, 2}, counts(run(vars{"planId": at.plan}, false)), "once")
	require.Equal(t, []any{"DONE", 2, 0, 2}, counts(run(vars{"planId": at.plan, "startsOn": oslo(t, -90), "endsOn": oslo(t, -60)}, false)), "other days")

	refused := func(member vars) []string {
		return p.Payload(t, s.As(site.Operator), runBatch, vars{"i": ask(member, true)}, nil)
	}
	require.Equal(t, []string{"UNKNOWN member.planId"}, refused(vars{"planId": at.ticket}))
	require.Equal(t, []string{"UNKNOWN member.planId"}, refused(vars{"planId": sells(t, other).plan}))
	require.Equal(t, []string{"INVALID_DATE member.endsOn"}, refused(vars{"planId": at.plan, "startsOn": oslo(t, 1), "endsOn": oslo(t, 0)}))
	p.Refused(t, s.As(site.Viewer), "FORBIDDEN", runBatch, vars{"i": ask(vars{"planId": at.plan}, true)})
}
