package privacy

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/db/dbtest"
	"carnet/internal/sale"
	"carnet/internal/site"
)

// Each step can be run, and finds nothing of a person of whom there is nothing, whatever signs their addresses have.
func TestEraseStepsFindNothingOfNobody(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	nobody := account.Erased{
		SiteID: uuid.New(), Contacts: []uuid.UUID{uuid.New()}, Accounts: []uuid.UUID{uuid.New()}, Emails: []string{`o'hara+"(x)"?@example.org`, "b@example.org"}, Marks: []string{`o'hara+"(x)"?@example.org`, `+4712345678\`},
	}
	for _, who := range []account.Erased{nobody, {SiteID: uuid.New(), Contacts: []uuid.UUID{uuid.New()}}} {
		for _, step := range eraseSteps() {
			deeds, err := account.Erase(t.Context(), d.Bun, who, []account.EraseStep{step})
			require.NoError(t, err, "%s: %s", step.Table, step.SQL)
			require.Empty(t, deeds)
		}
	}
	found, err := sale.Hinders(t.Context(), d.Bun, nobody.SiteID, nobody.Contacts, time.Now(), time.Now())
	require.NoError(t, err)
	require.Empty(t, found)
	stays, err := sale.Stays(t.Context(), d.Bun, nobody.SiteID, nobody.Contacts)
	require.NoError(t, err)
	require.Zero(t, stays)
	s := New(d, site.New(d, nil), nil)
	ids, err := s.idle(t.Context(), site.Site{ID: nobody.SiteID, TimeZone: "Europe/Oslo"}, 12, uuid.Nil, 10)
	require.NoError(t, err)
	require.Empty(t, ids)
}
