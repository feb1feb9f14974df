package contact_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/field"
)

// An answer that is given as it was changes nothing, whatever signs are in it, and comes back from a file as it was.
func TestSameAnswerChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	unlimited := field.Unlimited
	made := map[string]*field.Definition{}
	for _, d := range []field.Definition{
		{Type: "text", Label: "Motto"}, {Type: "url", Label: "Page"},
		{Type: "dropdown", Label: "Meals", Multiple: &unlimited, Choices: []field.Choice{{Label: "Fish; chips"}, {Label: "Soup"}}},
	} {
		one, err := b.fields.Create(b.manager(), d)
		require.NoError(t, err)
		made[d.Label] = one
	}
	text := func(label, s string) field.Answer { return field.Answer{FieldID: made[label].ID, Text: &s} }
	meals := field.Answer{FieldID: made["Meals"].ID}
	for _, c := range made["Meals"].Choices {
		meals.ChoiceIDs = append(meals.ChoiceIDs, c.ID)
	}
	name := "Ada"
	change := contact.Change{LastName: &name, Answers: []field.Answer{text("Motto", "Q&A <b> \u2028 \x01 \"\\"), text("Page", "https://a.example/?b=1&c=2"), meals}}
	who, err := b.contacts.Create(b.operator(), contact.KindPerson, change)
	require.NoError(t, err)
	_, err = b.contacts.Update(b.operator(), who.Row().ID, change)
	require.NoError(t, err)
	page, err := b.contacts.History(b.operator(), who.Row().ID, contact.Gather{}, 10, "")
	require.NoError(t, err)
	require.Len(t, page.Entries, 1, "only that it was made")

	run, _ := b.importedBy(b.manager(), b.exported(contact.ExportRequest{Format: contact.ExportCSV}))
	require.Equal(t, 1, run.Unchanged)
}
