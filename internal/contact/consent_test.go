package contact_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"carnet/internal/contact"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// rebuilt is what holds now, worked out from the ledger alone.
const rebuilt = `
SELECT DISTINCT ON (e.contact_id, e.purpose_id, c.channel) e.contact_id, e.purpose_id, c.channel, e.state, e.id, e.at
FROM consent_entry e, unnest(CASE WHEN e.channel = 'any' THEN ARRAY['email', 'sms', 'post', 'phone'] ELSE ARRAY[e.channel] END) AS c (channel)
ORDER BY e.contact_id, e.purpose_id, c.channel, e.at DESC, e.id DESC`

// strays counts where the table and the ledger differ, and whom the policy "consent" would list otherwise.
const strays = `SELECT (SELECT count(*) FROM (
		(` + rebuilt + `) EXCEPT SELECT contact_id, purpose_id, channel, state, entry_id, since FROM consent) AS a)
	+ (SELECT count(*) FROM (SELECT contact_id, purpose_id, channel, state, entry_id, since FROM consent EXCEPT (` + rebuilt + `)) AS b)
	+ (SELECT count(*) FROM contact c JOIN site s ON s.id = c.site_id AND s.consent_policy = 'consent'
		WHERE c.listed <> EXISTS (SELECT 1 FROM consent k JOIN consent_purpose p ON p.id = k.purpose_id AND p.code = 'contact' WHERE k.contact_id = c.id AND k.state = 'given'))`

func (b *book) underConsent() {
	b.t.Helper()
	sealer, err := secret.NewSealer(strings.Repeat("k", 32))
	require.NoError(b.t, err)
	sites, policy := site.New(b.db, sealer), site.OnConsent
	sites.Relist = b.contacts.Relist
	b.of, err = sites.Update(b.manager(), site.Update{ConsentPolicy: &policy})
	require.NoError(b.t, err)
}

func (b *book) person(last string) uuid.UUID {
	b.t.Helper()
	made, err := b.contacts.Create(b.operator(), contact.KindPerson, contact.Change{LastName: &last})
	require.NoError(b.t, err)
	return made.Row().ID
}

func (b *book) strays(t require.TestingT) (n int) {
	require.NoError(t, b.db.Bun.NewRaw(strays).Scan(b.t.Context(), &n))
	return n
}

// What holds now is always what the ledger says, whatever is recorded in whatever order.
func TestConsentIsWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.underConsent()
	ids := []uuid.UUID{b.person("a"), b.person("b"), b.person("c")}
	name := "Newsletter"
	letter, err := b.contacts.CreatePurpose(b.manager(), "letter", contact.PurposeChange{Name: &name})
	require.NoError(t, err)
	start := time.Now().Add(-1000 * time.Hour)
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(r, "n") {
			at := start.Add(time.Duration(rapid.IntRange(0, 20).Draw(r, "hour")) * time.Hour)
			in := contact.NewConsent{
				Contacts: rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, 3, rapid.ID).Draw(r, "who"), At: &at,
				Channel: rapid.SampledFrom([]contact.ConsentChannel{contact.ChannelAny, contact.ChannelEmail, contact.ChannelSMS, contact.ChannelPost, contact.ChannelPhone}).Draw(r, "channel"),
				State:   rapid.SampledFrom([]contact.ConsentState{contact.ConsentGiven, contact.ConsentWithdrawn}).Draw(r, "state"),
			}
			if rapid.Bool().Draw(r, "letter") {
				in.PurposeID = &letter.ID
			}
			_, err := b.contacts.RecordConsents(b.operator(), in)
			require.NoError(r, err)
		}
		require.Zero(r, b.strays(r))
	})
}

// The ledger and the wordings only grow: no row is changed, deleted or truncated away, but with its contact.
func TestConsentLedgerIsAppendOnly(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	id := b.person("a")
	_, err := b.contacts.RecordConsent(b.operator(), id, contact.NewConsent{Channel: contact.ChannelAny, State: contact.ConsentGiven})
	require.NoError(t, err)
	for _, sql := range []string{
		"UPDATE consent_entry SET state = 'withdrawn'", "DELETE FROM consent_entry", "TRUNCATE consent_entry CASCADE",
		"UPDATE consent_wording SET text = 'other'", "DELETE FROM consent_wording", "DELETE FROM consent_purpose",
	} {
		_, err := b.db.Bun.ExecContext(t.Context(), sql)
		require.ErrorContains(t, err, "append-only", sql)
	}
	_, err = b.db.Bun.ExecContext(t.Context(), "DELETE FROM contact WHERE id = ?", id)
	require.NoError(t, err)
	n, err := b.db.Bun.NewSelect().Table("consent_entry").Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = b.db.Bun.ExecContext(t.Context(), "DELETE FROM staff")
	require.NoError(t, err)
	_, err = b.db.Bun.ExecContext(t.Context(), "DELETE FROM site")
	require.NoError(t, err, "a whole site goes with all it has")
}

// An import raises a consent and never lowers one.
func TestImportOnlyRaisesConsent(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.underConsent()
	run, _ := b.imported("Last name,Email,Consent,Consent date\n" +
		"Yes,yes@b.example,yes,2020-05-01\nNo,no@b.example,no,\nBlank,blank@b.example,,\nUndated,undated@b.example,ja,\n")
	require.Equal(t, 4, run.Created)
	listed := func() (names string) {
		for _, r := range b.all() {
			if r.Listed {
				names += r.LastName + " "
			}
		}
		return names
	}
	require.Equal(t, "Yes Undated ", listed())
	run, _ = b.imported("Last name,Email,Consent\nYes,yes@b.example,no\nUndated,undated@b.example,\n")
	require.Equal(t, 2, run.Unchanged, "a no lowers nothing")
	require.Equal(t, "Yes Undated ", listed())

	withdrawn := time.Date(2022, 3, 4, 10, 0, 0, 0, time.UTC)
	_, err := b.contacts.RecordConsent(b.operator(), b.all()[0].ID, contact.NewConsent{Channel: contact.ChannelAny, State: contact.ConsentWithdrawn, At: &withdrawn})
	require.NoError(t, err)
	require.Equal(t, "Undated ", listed())
	_, rows := b.imported("Nom,Courriel,Consentement,Date consentement\nYes,yes@b.example,oui,04.03.2022\n")
	require.Contains(t, rows[0].Message, "withdrawn on 2022-03-04, later than the file's date")
	_, rows = b.imported("Etternavn,E-post,Samtykke\nYes,yes@b.example,ja\n")
	require.Contains(t, rows[0].Message, "the file does not say when it was given")
	require.Equal(t, "Undated ", listed())
	run, _ = b.imported("Etternavn,E-post,Samtykke,Samtykkedato\nYes,yes@b.example,ja,05.03.2022\nNo,no@b.example,ja,2021-01-01\n")
	require.Equal(t, 2, run.Updated)
	require.Equal(t, "Yes No Undated ", listed())
	_, rows = b.imported("Last name,Email,Consent,Consent date\nNew,new@b.example,perhaps,\nLater,later@b.example,yes,2999-01-01\n")
	require.Equal(t, contact.VerdictRefused, rows[0].Verdict)
	require.Contains(t, rows[0].Message, "say yes, no or the channels")
	require.Contains(t, rows[1].Message, "not recorded")
	require.Zero(t, b.strays(t))
}
