package contact_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// book is a site of a database of its own, with its services.
type book struct {
	t        *testing.T
	db       *db.DB
	of       site.Site
	contacts *contact.Service
	fields   *field.Service
}

func newBook(t *testing.T) *book {
	t.Helper()
	d := dbtest.New(t)
	b := &book{t: t, db: d, contacts: contact.New(d), fields: field.New(d)}
	b.of = newSite(t, d, "first")
	t.Cleanup(b.contacts.Wait)
	return b
}

func newSite(t *testing.T, d *db.DB, publicID string) site.Site {
	t.Helper()
	sealer, err := secret.NewSealer(strings.Repeat("k", 32))
	require.NoError(t, err)
	sites := site.New(d, sealer)
	of, _, _, err := sites.Create(t.Context(), site.NewSite{PublicID: publicID, Name: "Fjord Hall", TimeZone: "Europe/Oslo", Language: "nb", Country: "NO"},
		site.NewStaff{Email: publicID + "@example.com", Name: "Ada", Password: "correct horse battery"})
	require.NoError(t, err)
	on := true
	of, err = sites.Update(as(t.Context(), of, site.AccessOwner), site.Update{ContactManagement: &on})
	require.NoError(t, err)
	return of
}

func as(ctx context.Context, of site.Site, access site.Access) context.Context {
	return site.WithActor(ctx, site.Actor{Kind: site.KindStaff, Access: access, SiteID: of.ID, ID: uuid.New(), Name: "Ada", Book: true})
}

func (b *book) manager() context.Context  { return as(b.t.Context(), b.of, site.AccessManager) }
func (b *book) operator() context.Context { return as(b.t.Context(), b.of, site.AccessOperator) }

// imported imports a text as a manager.
func (b *book) imported(text string) (*contact.ImportRun, []*contact.ImportRow) {
	b.t.Helper()
	return b.importedBy(b.manager(), []byte(text))
}

func (b *book) importedBy(ctx context.Context, file []byte) (*contact.ImportRun, []*contact.ImportRow) {
	b.t.Helper()
	run, err := b.contacts.ImportReader(ctx, "contacts.csv", bytes.NewReader(file), contact.ImportOrder{}, nil)
	require.NoError(b.t, err)
	require.Equal(b.t, contact.ImportDone, run.Status, run.Problem)
	rows, more, err := b.contacts.ImportRows(ctx, run.ID, nil, nil, contact.MaxPage, "")
	require.NoError(b.t, err)
	require.False(b.t, more)
	require.Len(b.t, rows, run.Total)
	told := 0
	require.NoError(b.t, b.contacts.TellImport(ctx, run.ID, func(row *contact.ImportRow) {
		require.Equal(b.t, []any{rows[told].Line, rows[told].Verdict, rows[told].Message}, []any{row.Line, row.Verdict, row.Message})
		told++
	}))
	require.Equal(b.t, run.Total, told)
	for _, row := range rows {
		b.t.Logf("line %d %s: %.300s", row.Line, row.Verdict, row.Message)
	}
	require.Equal(b.t, run.Total, run.Created+run.Updated+run.Unchanged+run.Refused)
	return run, rows
}

func (b *book) fixture(name string) []byte {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(b.t, err)
	return text
}

// all gives the living contacts by number.
func (b *book) all() []*contact.Record {
	b.t.Helper()
	n := contact.MaxPage
	page, err := b.contacts.List(b.manager(), contact.Query{Order: contact.ByNumber, First: &n, Among: contact.Among{Unlisted: true}})
	require.NoError(b.t, err)
	return page.Records
}

func (b *book) groupsOf(r *contact.Record) []string {
	b.t.Helper()
	of, err := b.contacts.GroupsOf(b.manager(), []uuid.UUID{r.ID})
	require.NoError(b.t, err)
	names := []string{}
	for _, g := range of[r.ID] {
		names = append(names, g.Name)
	}
	return names
}

func (b *book) history(id uuid.UUID) []*contact.Entry {
	b.t.Helper()
	page, err := b.contacts.History(b.manager(), id, contact.Gather{}, 50, "")
	require.NoError(b.t, err)
	return page.Entries
}

// dropdown makes a field with choices.
func (b *book) dropdown(label string, mode *field.Mode, labels ...string) *field.Definition {
	b.t.Helper()
	def := field.Definition{Type: "dropdown", Label: label, OnCheckout: true, Multiple: mode}
	for _, l := range labels {
		def.Choices = append(def.Choices, field.Choice{Label: l})
	}
	made, err := b.fields.Create(b.manager(), def)
	require.NoError(b.t, err)
	return made
}
