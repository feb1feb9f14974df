package contact

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/db/dbtest"
	"carnet/internal/job"
	"carnet/internal/site"
)

func someone(last, first, email string) *Record {
	return &Record{Kind: KindPerson, LastName: last, FirstName: first, Email: email}
}

// The score of two records follows what they have in common: people of one name may be one, families
// who share everything but the first name are not.
func TestTwinScore(t *testing.T) {
	t.Parallel()
	born, later := time.Date(1987, 4, 30, 0, 0, 0, 0, time.UTC), time.Date(2015, 1, 2, 0, 0, 0, 0, time.UTC)
	with := func(r *Record, change func(*Record)) *Record { change(r); return r }
	lives := func(lines, postcode, city string) func(*Record) {
		return func(r *Record) { r.AddressLines, r.Postcode, r.City = lines, postcode, city }
	}
	for name, c := range map[string]struct {
		a, b    *Record
		score   int
		reasons []TwinReason
	}{
		"name alone":         {someone("Nordmann", "Kari", ""), someone("NORDMANN", "Kàri", ""), 50, []TwinReason{SameName}},
		"name and e-mail":    {someone("Nordmann", "Kari", "k@x.no"), someone("Nordmann", "Kari", "K@x.no"), 90, []TwinReason{SameEmail, SameName}},
		"swapped":            {someone("Nordmann", "Kari", ""), someone("Kari", "Nordmann", ""), 50, []TwinReason{SwappedNames}},
		"parted otherwise":   {someone("Hansen", "Anne Marie", ""), someone("Marie Hansen", "Anne", ""), 50, []TwinReason{SameName}},
		"sounds alike":       {someone("Hansson", "Katrine", ""), someone("Hansen", "Catherine", ""), 40, []TwinReason{SoundsAlike}},
		"an initial":         {someone("Hansen", "K.", "k@x.no"), someone("Hansen", "Kari", "k@x.no"), 75, []TwinReason{SameEmail, SimilarName}},
		"a slip of the pen":  {someone("Nordmann", "Krai", "k@x.no"), someone("Nordmann", "Kari", "k@x.no"), 75, []TwinReason{SameEmail, SimilarName}},
		"no name yet":        {someone("", "", "k@x.no"), someone("Nordmann", "Kari", "k@x.no"), 55, []TwinReason{SameEmail}},
		"no first name":      {someone("Nordmann", "", "k@x.no"), someone("Nordmann", "Kari", "k@x.no"), 65, []TwinReason{SameEmail, SimilarName}},
		"a family's mailbox": {someone("Nordmann", "Ola", "k@x.no"), someone("Nordmann", "Kari", "k@x.no"), 45, []TwinReason{SameEmail}},
		"other people":       {someone("Hansen", "Ola", "k@x.no"), someone("Nordmann", "Kari", "k@x.no"), 40, []TwinReason{SameEmail}},
		"other addresses":    {someone("Nordmann", "Kari", "k@x.no"), someone("Nordmann", "Kari", "other@x.no"), 40, []TwinReason{SameName}},
		"married": {
			with(someone("Nordmann", "Kari", ""), func(r *Record) { r.BirthDate = &born }), with(someone("Hansen", "Kari", ""), func(r *Record) { r.BirthDate = &born }),
			50, []TwinReason{SameFirstName, SameBirthDate},
		},
		"father and son": {
			with(with(someone("Nordmann", "Ola", ""), lives("Storgata 1", "0155", "Oslo")), func(r *Record) { r.BirthDate = &born }),
			with(with(someone("Nordmann", "Ola", ""), lives("Storgt. 1", "0155", "Oslo")), func(r *Record) { r.BirthDate = &later }),
			30, []TwinReason{SameName, SameAddress, DifferentBirthDate},
		},
		"one house": {
			with(someone("Dupont", "Jean", ""), lives("12 rue de la Paix\nBât. C", "75 002", "Paris")), with(someone("Dupond", "Jean", ""), lives("12, Rue de la Paix", "75002", "")),
			60, []TwinReason{SoundsAlike, SameAddress},
		},
		"one place": {
			with(someone("Dupont", "Jean", ""), lives("", "75002", "Paris")), with(someone("Dupond", "Jean", ""), lives("", "75002", "")),
			50, []TwinReason{SoundsAlike, SamePlace},
		},
		"a phone, however it is kept": {
			with(someone("Nordmann", "Kari", ""), func(r *Record) { r.Phone = "+4741234567" }),
			with(someone("Nordman", "Kari", ""), func(r *Record) { r.OtherPhones = []Labelled{{Value: "+4741234567"}} }),
			70, []TwinReason{SamePhone, SoundsAlike},
		},
		"a house's fax": {
			with(someone("Nordmann", "Kari", ""), func(r *Record) { r.Fax = "+4722334455" }), with(someone("Nordmann", "Kari", ""), func(r *Record) { r.Fax = "+4722334455" }),
			50, []TwinReason{SameName},
		},
		"a company's form": {&Record{Kind: KindOrganization, Name: "Fjord Hall AS"}, &Record{Kind: KindOrganization, Name: "The Fjord-Hall"}, 50, []TwinReason{SameName}},
		"companies of a house": {
			&Record{Kind: KindOrganization, Name: "Fjord Hall AS", Email: "post@x.no"}, &Record{Kind: KindOrganization, Name: "Skog Teater", Email: "post@x.no"}, 40, []TwinReason{SameEmail},
		},
	} {
		c.a.fold()
		c.b.fold()
		for range 2 { // it does not matter who is compared with whom
			score, reasons := compare(traitsOf(c.a), traitsOf(c.b))
			require.Equal(t, c.score, score, name)
			require.Equal(t, c.reasons, reasons, name)
			c.a, c.b = c.b, c.a
		}
	}
}

// Addresses are compared however a street is written, and a copy of an organization's says nothing.
func TestAddressKey(t *testing.T) {
	t.Parallel()
	key := func(lines, postcode, city string) string {
		return (&Record{AddressLines: lines, Postcode: postcode, City: city}).addressKey()
	}
	for want, others := range map[string][]string{
		key("Storgata 1B", "0155", "Oslo"):                {key("Storgaten 1 b", "0155", ""), key("storgt. 1 B", "0155", "OSLO"), key("c/o Hansen\nStor gate 1B", "0155", "Oslo")},
		key("Kirkeveien 20", "0266", ""):                  {key("Kirkevn. 20", "0266", ""), key("Kirkevegen 20", "0266", "")},
		key("3 avenue de l'Opéra", "75001", ""):           {key("3, Av. de l’Opera", "75 001", "Paris"), key("AVE OPERA 3\n2e étage", "75001", "")},
		key("10 St James's Square", "SW1Y 4LE", "London"): {key("10 Saint James's Sq", "sw1y4le", "")},
	} {
		require.NotEmpty(t, want)
		for _, other := range others {
			require.Equal(t, want, other)
		}
	}
	require.NotEqual(t, key("Storgata 1", "0155", ""), key("Storgata 11", "0155", ""))
	require.NotEqual(t, key("Storgata 1", "0155", ""), key("Storgata 1", "5003", ""))
	require.Empty(t, key("Storgata 1", "", ""))
	require.Empty(t, key("", "0155", "Oslo"))
	of := uuid.New()
	require.Empty(t, (&Record{AddressLines: "Storgata 1", Postcode: "0155", AddressOf: &of}).addressKey())
}

// A site's book is compared as a whole at night, once; whoever is never there at night is served after three days.
func TestScanDue(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 11, 26, hour, 30, 0, 0, time.UTC) }
	require.True(t, scanDue(at(2), 24*time.Hour))
	require.False(t, scanDue(at(3), time.Hour), "it was just done")
	require.False(t, scanDue(at(12), 24*time.Hour))
	require.True(t, scanDue(at(12), 73*time.Hour))
}

// Comparing rests while an import writes into the book, and goes on after it, also after one that a crash ended.
func TestScanRestsWhileABookIsFilled(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s := New(d)
	jobs, err := job.New(d, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	twins := NewTwins(s, jobs)
	siteID, run := uuid.New(), uuid.New()
	ctx := site.WithActor(context.Background(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: siteID, Book: true})
	_, err = d.Bun.NewRaw("INSERT INTO site (id, public_id, name, contact_management) VALUES (?, 'club', 'Club', true)", siteID).Exec(ctx)
	require.NoError(t, err)
	name := "Nordmann"
	for range 2 {
		_, err := s.Create(ctx, KindPerson, Change{LastName: &name, FirstName: &name})
		require.NoError(t, err)
	}
	_, err = twins.Scan(ctx)
	require.NoError(t, err)
	_, err = d.Bun.NewRaw("INSERT INTO import_run (site_id, id, file_name, format, status, started_by) VALUES (?, ?, 'a.csv', 'plain', 'running', '')", siteID, run).Exec(ctx)
	require.NoError(t, err)
	look := func() (due []uuid.UUID, found int) {
		require.NoError(t, d.Bun.NewRaw(unfollowed).Scan(ctx, &due))
		for more := true; more; {
			more, err = twins.chunk(ctx, siteID)
			require.NoError(t, err)
		}
		require.NoError(t, d.Bun.NewRaw("SELECT count(*) FROM contact_twin").Scan(ctx, &found))
		return due, found
	}
	hold, err := s.holdRun(ctx, run)
	require.NoError(t, err)
	due, found := look()
	require.Empty(t, due)
	require.Zero(t, found)
	require.NoError(t, hold.Rollback()) // as a crash does
	due, found = look()
	require.Equal(t, []uuid.UUID{siteID}, due)
	require.Equal(t, 1, found)
}

// BenchmarkTwinScan compares a made-up book of 100,000 contacts, all of them anew each time.
func BenchmarkTwinScan(b *testing.B) {
	const many = 100_000
	d := dbtest.New(b)
	s := New(d)
	jobs, err := job.New(d, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	twins := NewTwins(s, jobs)
	siteID := uuid.New()
	ctx := site.WithActor(context.Background(), site.Actor{Kind: site.KindStaff, Access: site.AccessOwner, SiteID: siteID, Book: true})
	_, err = d.Bun.NewRaw("INSERT INTO site (id, public_id, name, contact_management) VALUES (?, 'bench', 'Bench', true)", siteID).Exec(ctx)
	require.NoError(b, err)
	require.NoError(b, s.Seed(ctx, siteID, many, nil))
	_, err = d.Bun.NewRaw("ANALYZE contact").Exec(ctx)
	require.NoError(b, err)
	for b.Loop() {
		scan, err := twins.Scan(ctx)
		require.NoError(b, err)
		require.EqualValues(b, many, scan.Total)
		for more := true; more; {
			more, err = twins.chunk(ctx, siteID)
			require.NoError(b, err)
		}
	}
	var found int
	require.NoError(b, d.Bun.NewRaw("SELECT count(*) FROM contact_twin").Scan(ctx, &found))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(many*float64(b.N)/b.Elapsed().Seconds(), "contacts/s")
	b.ReportMetric(float64(found), "pairs")
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MB-live")
}
