package contact_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// rowsAbout gives every row of every table in which one of the ids stands, but for the history and
// the merge itself, which only grow.
func rowsAbout(t rapid.TB, b *book, ids ...uuid.UUID) []string {
	ctx := context.Background()
	var tables []string
	require.NoError(t, b.db.Bun.NewRaw(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT IN ('contact_history', 'contact_merge')`).Scan(ctx, &tables))
	var out []string
	for _, table := range tables {
		for _, id := range ids {
			var rows []string
			require.NoError(t, b.db.Bun.NewRaw(`SELECT ?0 || ' ' || to_jsonb(one)::text FROM ?1 AS one WHERE to_jsonb(one)::text LIKE '%' || ?2 || '%'`, table, bun.Ident(table), id.String()).Scan(ctx, &rows))
			out = append(out, rows...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// draw makes a contact with anything a contact may have; what it draws twice for two contacts may collide.
func draw(t *rapid.T, b *book, name string, groups []uuid.UUID) uuid.UUID {
	some := func(values ...string) *string {
		v := rapid.SampledFrom(append(values, "")).Draw(t, name)
		return &v
	}
	country := some("NO", "FR")
	c := contact.Change{
		LastName: ptrTo(rapid.SampledFrom([]string{"Hansen", "Nordmann"}).Draw(t, name)), FirstName: some("Kari", "Ola"), Title: some("Fru"), Company: some("Fjord AS"),
		Email: some("kari@example.no", "ola@example.no"), Phone: some("+4722334455"), Mobile: some("+4741234567"), Fax: some("+4722334466"), Language: some("nb", "fr"),
		Color: some("#ff0000"), Note: some("Allergic"), AdministrativeNumber: some("42"), IBAN: some("NO9386011117947"),
		AddressChange: contact.AddressChange{City: some("Oslo"), Country: country, Postcode: some("0155"), Lines: &[]string{*some("Storgata 1")}},
		GroupIDs:      ptrTo(rapid.SliceOfDistinct(rapid.SampledFrom(groups), rapid.ID).Draw(t, name)),
		OtherEmails:   ptrTo(rapid.SliceOfN(rapid.Just(contact.Labelled{Label: "work", Value: "w@example.no"}), 0, 1).Draw(t, name)),
		Seats:         ptrTo(rapid.SliceOfN(rapid.Just(contact.Seat{Venue: "Hall", Row: "B"}), 0, 1).Draw(t, name)),
	}
	if rapid.Bool().Draw(t, name) {
		c.References = &[]contact.Reference{{Source: "old", ExternalID: uuid.NewString()}}
	}
	made, err := b.contacts.Create(b.operator(), contact.KindPerson, c)
	require.NoError(t, err)
	id := made.Row().ID
	for range rapid.IntRange(0, 2).Draw(t, name) {
		state := rapid.SampledFrom([]contact.ConsentState{contact.ConsentGiven, contact.ConsentWithdrawn}).Draw(t, name)
		channel := rapid.SampledFrom([]contact.ConsentChannel{contact.ChannelAny, "email"}).Draw(t, name)
		_, err := b.contacts.RecordConsent(b.operator(), id, contact.NewConsent{State: state, Channel: channel})
		require.NoError(t, err)
	}
	return id
}

func ptrTo[T any](v T) *T { return &v }

// Whatever two contacts hold and whatever is chosen: a merge loses nothing, and its undoing brings
// every row back to the byte.
func TestMergeAndUndo(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	var groups []uuid.UUID
	for i := range 3 {
		name := fmt.Sprint("Group ", i)
		g, err := b.contacts.CreateGroup(b.manager(), contact.GroupChange{Name: &name})
		require.NoError(t, err)
		groups = append(groups, g.ID)
	}
	names := []string{"email", "phone", "lastName", "note", "iban", "address.city", "listed", "otherEmails", "seats"}
	rapid.Check(t, func(t *rapid.T) {
		a, z := draw(t, b, "a", groups), draw(t, b, "z", groups)
		if rapid.Bool().Draw(t, "account") {
			of := rapid.SampledFrom([]uuid.UUID{a, z}).Draw(t, "whose")
			account(t, b, of)
		}
		before := rowsAbout(t, b, a, z)
		var take []contact.Take
		for _, name := range slices.Sorted(maps.Keys(rapid.MapOf(rapid.SampledFrom(names), rapid.Bool()).Draw(t, "take"))) {
			take = append(take, contact.Take{Attribute: name, From: rapid.SampledFrom([]uuid.UUID{a, z}).Draw(t, name)})
		}
		m, survivor, err := b.contacts.MergeContacts(b.operator(), []uuid.UUID{z, a}, take)
		if err != nil { // what was chosen does not go together: a record with neither name nor address
			_, mendable := fault.Mendable(err)
			require.True(t, mendable, "%v", err)
			require.Equal(t, before, rowsAbout(t, b, a, z))
			return
		}
		require.Equal(t, a, survivor.Row().ID, "the older survives")
		found, err := b.contacts.ByID(b.operator(), z)
		require.NoError(t, err)
		require.Equal(t, a, found.Row().ID, "the other answers with it")
		require.NotEqual(t, before, rowsAbout(t, b, a, z))
		both, err := b.contacts.UndoMerge(b.operator(), m.ID)
		require.NoError(t, err)
		require.Equal(t, []uuid.UUID{a, z}, []uuid.UUID{both[0].Row().ID, both[1].Row().ID})
		require.Equal(t, before, rowsAbout(t, b, a, z))
	})
}

func account(t rapid.TB, b *book, of uuid.UUID) {
	_, err := b.db.Bun.NewRaw(`INSERT INTO account (site_id, id, subject, email, email_key, contact_id) SELECT ?0, ?1, ?1::text, ?1::text, ?1::text, ?2`, b.of.ID, uuid.New(), of).Exec(context.Background())
	require.NoError(t, err)
}

// What cannot be is refused with the reason, and nothing moves.
func TestMergeIsRefused(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	person := func(name string) uuid.UUID {
		made, err := b.contacts.Create(b.operator(), contact.KindPerson, contact.Change{LastName: &name})
		require.NoError(t, err)
		return made.Row().ID
	}
	one, two, third := person("One"), person("Two"), person("Three")
	club, err := b.contacts.Create(b.operator(), contact.KindOrganization, contact.Change{Name: ptrTo("Club")})
	require.NoError(t, err)
	other := newSite(t, b.db, "second")
	theirs, err := b.contacts.Create(as(t.Context(), other, site.AccessOperator), contact.KindPerson, contact.Change{LastName: ptrTo("Theirs")})
	require.NoError(t, err)
	account(t, b, one)
	account(t, b, two)
	before := rowsAbout(t, b, one, two, third)
	for reason, ids := range map[string][]uuid.UUID{
		fault.SameContact: {one, one}, fault.WrongKind: {one, club.Row().ID}, fault.TwoAccounts: {one, two}, fault.InvalidValue: {one},
	} {
		_, _, err := b.contacts.MergeContacts(b.operator(), ids, nil)
		list, mendable := fault.Mendable(err)
		require.True(t, mendable, "%s: %v", reason, err)
		require.Equal(t, reason, list[0].Reason)
	}
	_, _, err = b.contacts.MergeContacts(b.operator(), []uuid.UUID{one, theirs.Row().ID}, nil)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	_, _, err = b.contacts.MergeContacts(as(t.Context(), b.of, site.AccessViewer), []uuid.UUID{one, third}, nil)
	require.Equal(t, fault.Forbidden, fault.CodeOf(err))
	_, _, err = b.contacts.MergeContacts(b.operator(), []uuid.UUID{one, third}, []contact.Take{{Attribute: "shoe", From: one}, {Attribute: "email", From: two}})
	list, _ := fault.Mendable(err)
	require.Len(t, list, 2)
	require.Equal(t, before, rowsAbout(t, b, one, two, third))

	// A merged record is changed, deleted and merged no more; an undoing that later changes build upon is refused.
	m, _, err := b.contacts.MergeContacts(b.operator(), []uuid.UUID{one, third}, nil)
	require.NoError(t, err)
	_, err = b.contacts.Update(b.operator(), third, contact.Change{Note: ptrTo("late")})
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	_, _, err = b.contacts.MergeContacts(b.operator(), []uuid.UUID{one, third}, nil)
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	restored, err := b.contacts.Restore(b.operator(), []uuid.UUID{third})
	require.NoError(t, err)
	require.Empty(t, restored)
	_, err = b.contacts.Update(b.operator(), one, contact.Change{Note: ptrTo("later")})
	require.NoError(t, err)
	after := rowsAbout(t, b, one, third)
	_, err = b.contacts.UndoMerge(b.operator(), m.ID)
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, []string{"note"}, f.Path)
	require.Equal(t, after, rowsAbout(t, b, one, third))
	_, err = b.contacts.Update(b.operator(), one, contact.Change{Note: ptrTo("")})
	require.NoError(t, err)
	_, err = b.contacts.UndoMerge(b.operator(), m.ID)
	require.NoError(t, err)
	_, err = b.contacts.UndoMerge(b.operator(), m.ID)
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
}
