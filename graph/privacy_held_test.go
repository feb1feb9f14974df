package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// heldBeside is what the file has beside the record.
type heldBeside struct {
	History []struct {
		Action  string
		Changes map[string]struct{ Before, After any }
	}
	Imports []struct {
		File, At, Verdict string
		Line              int
		Changes           map[string]struct{ Before, After any }
	}
	Batches []struct {
		Action, At, State string
		DryRun            bool
	}
	Segments []struct {
		Name, At string
		Excluded bool
	}
	Mails []struct {
		Kind, Subject, At string
		Sent              *string
	}
	Deliveries []struct{ Receiver, Event, At string }
}

func (b *browser) held() (out heldBeside, file string) {
	b.t.Helper()
	status, file := b.myData(nil)
	require.Equal(b.t, http.StatusOK, status, file)
	require.NoError(b.t, json.Unmarshal([]byte(file), &out), file)
	return out, file
}

// heldOf is the file that staff hand over.
func heldOf(t *testing.T, s *apptest.Site, id string) (out heldBeside, file string) {
	t.Helper()
	status, file := s.Program.HTTP(t, http.MethodGet, "/v1/contacts/"+id+"/data?format=json", s.As(site.Manager), "", nil)
	require.Equal(t, http.StatusOK, status, file)
	require.NoError(t, json.Unmarshal([]byte(file), &out), file)
	return out, file
}

// Filters are internal: by what contacts are sorted, which is labels, colours and segments by hand, the file of an end user does not tell, in no
// part of it, and says that it is left out. The file that staff hand over to who asks what is held about them has all of it (GDPR art. 15).
func TestMyDataLeavesFiltersOut(t *testing.T) { // T-62, G-28
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada, twin := idOf(t, s, "ada@example.no"), s.NewPerson(t, "Augusta", "Lovelace")
	labels := set(t, s, createLabelSet, vars{"name": "Unspeakable set", "labels": labelItems("Unspeakable", "Unspeakable too")})
	assigned(t, s, assignLabels, vars{"contactIds": []string{ada}, "add": []string{labels.label(t, "Unspeakable")}})
	assigned(t, s, assignLabels, vars{"contactIds": []string{twin}, "add": []string{labels.label(t, "Unspeakable too")}})
	ran(t, s, vars{"action": "COLOR", "color": "#00aa00", "target": vars{"contactIds": []string{ada, twin}}})
	ran(t, s, vars{"action": "LABEL", "label": vars{"remove": []string{labels.label(t, "Unspeakable")}}, "target": vars{"contactIds": []string{ada}}})
	p.Must(t, s.As(site.Operator), `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": vars{"id": ada, "color": "#00aa01", "note": "Sits in front."}}, nil)
	importFile(t, s, site.Manager, "First name,Last name,E-mail,Labels: Unspeakable set,City\nAda,Lovelace,ada@example.no,Unspeakable,Oslo\n", nil)
	p.Must(t, s.As(site.Operator), setMembers, vars{"i": vars{"id": newSegment(t, s, vars{"kind": "ORGANIZATION"}), "add": []string{ada}}}, nil)
	merge(t, s, vars{"ids": []string{ada, twin}})

	got, file := heldOf(t, s, ada)
	for _, word := range []string{`"Unspeakable"`, `"Unspeakable too"`, "#00aa00", "#00aa01", `"labels":`, `"segments":`, `"action":"color"`, `"action":"label"`} {
		require.Contains(t, file, word)
	}
	require.NotContains(t, file, "leftOut")
	require.Len(t, got.Segments, 1)
	_, file = b.held()
	for _, word := range []string{"Unspeakable", "#00aa0", `"labels":`, `"segments":`, `"color":`, `"label"`} {
		require.NotContains(t, file, word)
	}
	require.Contains(t, file, `"leftOut":["color","labels","segments"]`)
	for _, kept := range []string{"Sits in front.", `"address.city":{"before":"","after":"Oslo"}`} {
		require.Contains(t, file, kept, "what else was written at the same time")
	}
	require.Contains(t, file, "Augusta", "the record that became part of hers")
}

// Issue 5, GDPR art. 15: the file tells of imported rows, batches, segments by hand, mails to the mailbox that was proven and programs that were told; of each
// what is the person's own, and no code.
func TestMyDataTellsWhatIsHeldBeside(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b, other := newBrowser(t, s), newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	other.register("bob@example.no", "Bob", "Other", "a long password")
	ada, bob := idOf(t, s, "ada@example.no"), idOf(t, s, "bob@example.no")
	importFile(t, s, site.Manager, "First name,Last name,E-mail,IBAN\nAda,Lovelace,ada@example.no,NO9386011117947\nBob,Other,bob@example.no,\n", nil)
	ran(t, s, vars{"action": "GROUP", "group": vars{"add": []string{newGroup(t, s, "Choir")}}, "dryRun": true, "target": vars{"contactIds": []string{ada, bob}}})
	segment := newSegment(t, s, vars{"kind": "ORGANIZATION"})
	p.Must(t, s.As(site.Operator), setMembers, vars{"i": vars{"id": segment, "add": []string{ada}, "exclude": []string{bob}}}, nil)
	hook := uuid.New()
	_, err := p.DB.Bun.NewRaw(`INSERT INTO webhook (site_id, id, name, url, secret, events, disabled_at, disabled_reason) VALUES (?0, ?1, 'Mailing', 'https://hooks.example/secret-path?k=v', '\x00', '{segment.entered}', now(), 'staff');
		INSERT INTO webhook_delivery (site_id, id, webhook_id, event, data, contact_ids) VALUES (?0, gen_random_uuid(), ?1, 'segment.entered', '{}', ARRAY[?2, ?3]::uuid[]), (?0, gen_random_uuid(), ?1, 'segment.left', '{}', ARRAY[?3]::uuid[])`,
		s.ID, hook, bob, ada).Exec(t.Context())
	require.NoError(t, err)

	got, file := b.held()
	require.Len(t, got.Imports, 1)
	require.Equal(t, "contacts.csv 2 updated", fmt.Sprint(got.Imports[0].File, " ", got.Imports[0].Line, " ", got.Imports[0].Verdict))
	require.Equal(t, "NO9386011117947", got.Imports[0].Changes["iban"].After, "whole: it is theirs")
	require.Len(t, got.Batches, 1)
	require.Equal(t, "group changed true", fmt.Sprint(got.Batches[0].Action, " ", got.Batches[0].State, " ", got.Batches[0].DryRun))
	byStaff, _ := heldOf(t, s, ada)
	require.Len(t, byStaff.Segments, 1)
	require.Equal(t, "S", byStaff.Segments[0].Name)
	require.False(t, byStaff.Segments[0].Excluded)
	require.Len(t, got.Deliveries, 2)
	require.Equal(t, "hooks.example segment.entered", got.Deliveries[0].Receiver+" "+got.Deliveries[0].Event)
	require.NotContains(t, file, "secret-path")
	kinds := []string{}
	for _, m := range got.Mails {
		kinds = append(kinds, m.Kind)
		require.NotEmpty(t, m.At)
		require.NotRegexp(t, `\d{8}`, m.Subject)
		require.Nil(t, m.Sent, "they wait in the outbox")
	}
	require.Equal(t, []string{"sign_up", "data_exported"}, kinds)
	require.NotContains(t, file, regexp.MustCompile(`(?m)^\d{8}$`).FindString(mailText(t, s, "ada@example.no", "is your code")))
	for _, hidden := range []string{"bob@example.no", "Bob", bob} {
		require.NotContains(t, file, hidden)
	}
	got, _ = other.held()
	require.Len(t, got.Deliveries, 1)
	byStaff, _ = heldOf(t, s, bob)
	require.True(t, byStaff.Segments[0].Excluded)

	// Who has an address by a provider's word alone may not be whose mailbox it is.
	_, err = p.DB.Bun.NewRaw("UPDATE account SET proven_at = NULL WHERE site_id = ? AND contact_id = ?", s.ID, ada).Exec(t.Context())
	require.NoError(t, err)
	got, _ = b.held()
	require.Empty(t, got.Mails)
}

// mailText gives the text of the newest mail to an address whose subject has some words.
func mailText(t *testing.T, s *apptest.Site, to, words string) (text string) {
	t.Helper()
	err := s.Program.DB.Bun.NewRaw("SELECT body_text FROM mail WHERE site_id = ? AND recipient = ? AND subject LIKE ? ORDER BY id DESC LIMIT 1", s.ID, to, "%"+words+"%").Scan(t.Context(), &text)
	require.NoError(t, err)
	return text
}

// Art. 15(4): two people were taken for one and parted again. What the other's record brought for a while is not told of the first.
func TestMyDataOfAnUndoneMerge(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	withShop(t, s)
	b := newBrowser(t, s)
	b.register("ada@example.no", "Ada", "Lovelace", "a long password")
	ada := idOf(t, s, "ada@example.no")
	other := personWith(t, s, "Ada", "Lovelace", vars{"mobile": "+4741234567", "address": vars{"city": "Tromsø", "country": "NO"}})
	id := merge(t, s, vars{"ids": []string{ada, other}})
	_, file := b.held()
	require.Contains(t, file, "+4741234567")
	require.Empty(t, p.Payload(t, s.As(site.Operator), undoMerge, vars{"i": vars{"id": id}}, nil))
	got, file := b.held()
	require.NotContains(t, file, "+4741234567")
	require.NotContains(t, file, "Tromsø")
	actions := map[string]bool{}
	for _, e := range got.History {
		actions[e.Action] = true
	}
	require.True(t, actions["merged"] && actions["unmerged"], "that it happened is told")
}

// Art. 17: what an import kept of a contact goes when it is deleted for good; an IBAN above all.
func TestErasingClearsImports(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	ada := personWith(t, s, "Ada", "Lovelace", vars{"email": "ada@example.no"})
	kept := personWith(t, s, "Bob", "Other", vars{"email": "bob@example.no"})
	importFile(t, s, site.Manager, "First name,Last name,E-mail,IBAN\nAda,Lovelace,ada@example.no,NO9386011117947\nBob,Other,bob@example.no,GB82 WEST 1234 5698 7654 32\n", nil)
	held := func(id string) (text string) {
		t.Helper()
		require.NoError(t, p.DB.Bun.NewRaw("SELECT json_agg(r)::text FROM import_row r WHERE site_id = ? AND contact_id = ?", s.ID, id).Scan(t.Context(), &text))
		return text
	}
	require.Contains(t, held(ada), "NO9386011117947")
	p.Must(t, s.As(site.Manager), `mutation($ids: [ID!]!) { deleteContacts(input: {ids: $ids}) { errors { code message path } } emptyTrash(input: {ids: $ids}) { erasedCount errors { code message path } } }`, vars{"ids": []string{ada}}, nil)
	require.NotContains(t, held(ada), "NO9386011117947")
	require.Contains(t, held(kept), "GB82")
}
