package graph_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const (
	eraseContact   = `mutation($i: EraseContactInput!) { eraseContact(input: $i) { erasure { id number ground byName records accounts addresses requestId at contact { id displayName } deeds { table deleted emptied } } errors { code message path } } }`
	erasurePreview = `query($i: ID!) { erasurePreview(contactId: $i) { hindrances { code count } deeds { table deleted emptied } merged account mentions { id } last { id }
		stays { orders payments tickets memberships passes bookings events } } }`
	erasuresOf = `query($e: String) { erasures(email: $e) { nodes { id number ground } } }`
)

type proofRow struct {
	ID, Ground, ByName                   string
	RequestID                            *string
	Number, Records, Accounts, Addresses int
	Contact                              *struct{ ID, DisplayName string }
	Deeds                                []struct {
		Table            string
		Deleted, Emptied int
	}
}

type erasurePlan struct {
	Hindrances []struct {
		Code  string
		Count int
	}
	Deeds []struct {
		Table            string
		Deleted, Emptied int
	}
	Merged   int
	Account  bool
	Mentions []struct{ ID string }
	Last     *struct{ ID string }
	Stays    struct{ Orders, Payments, Tickets, Memberships, Passes, Bookings, Events int }
}

func planErasure(t *testing.T, s *apptest.Site, id string) erasurePlan {
	t.Helper()
	var out struct{ ErasurePreview erasurePlan }
	s.Program.Must(t, s.As(site.Manager), erasurePreview, vars{"i": id}, &out)
	return out.ErasurePreview
}

func erase(t *testing.T, s *apptest.Site, h apptest.Header, id string) proofRow {
	t.Helper()
	var out struct {
		EraseContact struct{ Erasure proofRow }
	}
	require.Empty(t, s.Program.Payload(t, h, eraseContact, vars{"i": vars{"contactId": id, "ground": "REQUEST"}}, &out))
	return out.EraseContact.Erasure
}

// tables gives those of the schema, with what else holds values of rows: statistics.
func tables(t *testing.T, s *apptest.Site) (out []string) {
	t.Helper()
	require.NoError(t, s.Program.DB.Bun.NewRaw("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1").Scan(t.Context(), &out))
	return out
}

// foundIn gives the tables any row of which holds a marker: in its text, or in bytes.
func foundIn(t *testing.T, s *apptest.Site, markers []string) (out []string) {
	t.Helper()
	any := make([]string, 0, 2*len(markers))
	for _, m := range markers {
		any = append(any, strings.ToLower(m), hex.EncodeToString([]byte(m)))
	}
	for _, table := range append(tables(t, s), "pg_stats") {
		rows, err := s.Program.DB.Pool.Query(t.Context(), `SELECT m, t::text FROM `+table+` AS t CROSS JOIN unnest($1::text[]) AS m WHERE position(m IN lower(t::text)) > 0`, any)
		require.NoError(t, err, table)
		for rows.Next() {
			var m, text string
			require.NoError(t, rows.Scan(&m, &text))
			out = append(out, fmt.Sprintf("%s holds %s: %.300s", table, m, text))
		}
		require.NoError(t, rows.Err())
	}
	return out
}

// files gives the directory of the private server, where tests have one.
func clusterDir(t *testing.T, s *apptest.Site) string {
	t.Helper()
	parsed, err := url.Parse(s.Program.DB.URL())
	require.NoError(t, err)
	return filepath.Dir(parsed.Query().Get("host"))
}

// inFiles gives the files of the database's directory that hold a marker.
func inFiles(t *testing.T, s *apptest.Site, markers []string) (out []string, read int) {
	t.Helper()
	var oid string
	require.NoError(t, s.Program.DB.Pool.QueryRow(t.Context(), "SELECT oid::text FROM pg_database WHERE datname = current_database()").Scan(&oid))
	err := filepath.WalkDir(filepath.Join(clusterDir(t, s), "data", "base", oid), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil // of a table that has been written anew
		}
		read++
		for _, m := range markers {
			if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(m))) {
				out = append(out, path+" holds "+m)
			}
		}
		return err
	})
	require.NoError(t, err)
	return out, read
}

// programLog keeps what a program logs.
type programLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *programLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *programLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func plainly(v any) string { return fmt.Sprint(v) }
