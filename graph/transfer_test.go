package graph_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

const createExport = `mutation($i: CreateExportInput!) { createExport(input: $i) { url export { id matched } errors { code message path } } }`

type createdExport struct {
	CreateExport struct {
		URL    string
		Export struct {
			ID      string
			Matched int
		}
	}
}

// export asks for an export as an operator and fetches it by its link, without any other credential.
func export(t *testing.T, s *apptest.Site, input map[string]any) string {
	t.Helper()
	return exportAs(t, s, site.Operator, input)
}

func exportAs(t *testing.T, s *apptest.Site, role site.Role, input map[string]any) string {
	t.Helper()
	var out createdExport
	s.Program.Must(t, s.As(role), createExport, apptest.Vars{"i": input}, &out)
	status, file := fetch(t, s, out.CreateExport.URL)
	require.Equal(t, http.StatusOK, status, file)
	return strings.TrimPrefix(file, "\uFEFF")
}

func fetch(t *testing.T, s *apptest.Site, url string) (int, string) {
	t.Helper()
	return s.Program.HTTP(t, http.MethodGet, strings.TrimPrefix(url, s.Program.URL), nil, "", nil)
}

// T-35, T-36: the selected contacts, and only these, download as a CSV file.
func TestExportSelection(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	anna, bo := s.NewPerson(t, "Anna", "Berg"), s.NewPerson(t, "Bo", "Dahl")
	s.NewPerson(t, "Cato", "Eng")
	foreign := p.NewSite(t, "second").NewPerson(t, "Other", "Site")

	file := export(t, s, map[string]any{"format": "CSV", "contactIds": []string{bo, anna, foreign}, "columns": []string{"firstName", "lastName", "number"}})
	require.Equal(t, "Contact number,Last name,First name\r\n1,Berg,Anna\r\n2,Dahl,Bo\r\n", file)

	// Everything that matches, by search and by rule.
	file = export(t, s, map[string]any{"format": "CSV", "filter": map[string]any{"text": map[string]any{"column": "LAST_NAME", "op": "PREFIX", "value": "e"}}, "columns": []string{"firstName"}})
	require.Equal(t, "First name\r\nCato\r\n", file)
	file = export(t, s, map[string]any{"format": "CSV", "search": "dahl", "columns": []string{"firstName"}, "language": "fr"})
	require.Equal(t, "Prénom\r\nBo\r\n", file)
	require.Equal(t, 3, strings.Count(export(t, s, map[string]any{"format": "VCARD"}), "BEGIN:VCARD"))

	// What left is noted: who, when, what, how much.
	var noted struct {
		Exports []struct {
			ActorName, Format, Search string
			Selected, Matched         int
			Written, Bytes            *int
			Filter                    map[string]any
			Columns                   []string
		}
	}
	p.Must(t, s.As(site.Manager), `{ exports { actorName format search selected matched written bytes filter segmentId columns createdAt finishedAt } }`, nil, &noted)
	require.Len(t, noted.Exports, 4)
	last := noted.Exports[3]
	require.Equal(t, []any{"operator", "CSV", 3, 2, 2}, []any{last.ActorName, last.Format, last.Selected, last.Matched, *last.Written})
	require.Equal(t, "dahl", noted.Exports[1].Search)
	require.NotNil(t, noted.Exports[2].Filter)
	require.Positive(t, *last.Bytes)
}

// T-36: rights, and links that are not what they were made as.
func TestExportLinks(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	s.NewPerson(t, "Anna", "Berg")
	other := p.NewSite(t, "second")
	for _, who := range []apptest.Header{s.As(site.Viewer), s.Visitor(), nil} {
		code := "FORBIDDEN"
		if who["Authorization"] == "" {
			code = "UNAUTHENTICATED"
		}
		p.Refused(t, who, code, createExport, apptest.Vars{"i": map[string]any{"format": "CSV"}})
		p.Refused(t, who, code, `{ exportColumns { name } }`, nil)
	}
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", `{ exports { id } }`, nil)

	var out createdExport
	p.Must(t, s.As(site.Operator), createExport, apptest.Vars{"i": map[string]any{"format": "CSV"}}, &out)
	link := out.CreateExport.URL
	at := strings.LastIndex(link, "/") + 1
	for _, bad := range []string{link[:len(link)-2], link[:at] + "B" + link[at+1:], link[:at] + "x", link[:at] + strings.Replace(link[at:], ".", "", 1)} {
		status, answer := fetch(t, s, bad)
		require.Equal(t, http.StatusNotFound, status, "%s: %s", bad, answer)
		require.NotContains(t, answer, "Anna")
	}
	// The link ends with the credential that asked for it.
	status, _ := fetch(t, s, link)
	require.Equal(t, http.StatusOK, status)
	var keys []struct{ ID string }
	require.NoError(t, p.DB.Bun.NewRaw("SELECT id FROM api_key WHERE site_id = ? AND role = 'operator'", s.ID).Scan(t.Context(), &keys))
	_, err := p.DB.Bun.NewRaw("UPDATE api_key SET revoked_at = now() WHERE site_id = ? AND id = ?", s.ID, keys[0].ID).Exec(t.Context())
	require.NoError(t, err)
	status, answer := fetch(t, s, link)
	require.Equal(t, http.StatusUnauthorized, status, answer)
	require.NotContains(t, answer, "Anna")

	require.Equal(t, []string{"UNKNOWN contactIds"}, p.Payload(t, other.As(site.Operator), createExport, apptest.Vars{"i": map[string]any{"format": "CSV", "contactIds": []string{out.CreateExport.Export.ID}}}, nil))
	require.Equal(t, []string{"UNKNOWN columns.0"}, p.Payload(t, other.As(site.Operator), createExport, apptest.Vars{"i": map[string]any{"format": "CSV", "columns": []string{"passwordHash"}}}, nil))
}

// C-07, C-11, S-03: by hand or by a file that is uploaded; a list goes out and comes in, as CSV, workbook
// or cards, and the same file twice creates nothing.
func TestFilesComeAndGo(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "first")
	s.NewPerson(t, "Anna", "Berg")
	other := p.NewSite(t, "second")
	for _, format := range []string{"CSV", "XLSX", "VCARD"} {
		file := export(t, s, map[string]any{"format": format})
		require.Equal(t, []int{0, 0, 1}, imported(t, s, file), "%s: the book's own file changes nothing", format)
	}
	file := export(t, s, map[string]any{"format": "VCARD"})
	require.Equal(t, []int{1, 0, 0}, imported(t, other, file), "another site's book does not know the id")
	require.Equal(t, []int{0, 0, 1}, imported(t, other, file), "the same file twice")

	status, _ := p.HTTP(t, http.MethodPost, "/v1/uploads?name=x.csv", s.As(site.Viewer), "text/csv", strings.NewReader("E-mail\n"))
	require.Equal(t, http.StatusForbidden, status)
}

// imported uploads a file and imports it; it gives how many contacts were created, updated and unchanged.
func imported(t *testing.T, s *apptest.Site, file string) []int {
	t.Helper()
	status, answer := s.Program.HTTP(t, http.MethodPost, "/v1/uploads?name=contacts", s.As(site.Operator), "application/octet-stream", strings.NewReader(file))
	require.Equal(t, http.StatusCreated, status, answer)
	var upload struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(answer), &upload))
	var started struct {
		ImportContacts struct{ Run struct{ ID string } }
	}
	s.Program.Must(t, s.As(site.Operator), `mutation($id: ID!) { importContacts(input: {uploadId: $id}) { run { id format } errors { code message path } } }`, apptest.Vars{"id": upload.ID}, &started)
	s.Program.Contacts.Wait()
	var out struct {
		ImportRun struct {
			Status, Format              string
			Created, Updated, Unchanged int
		}
	}
	s.Program.Must(t, s.As(site.Operator), `query($id: ID!) { importRun(id: $id) { status format created updated unchanged } }`, apptest.Vars{"id": started.ImportContacts.Run.ID}, &out)
	require.Equal(t, "DONE", out.ImportRun.Status)
	require.NotEmpty(t, out.ImportRun.Format)
	return []int{out.ImportRun.Created, out.ImportRun.Updated, out.ImportRun.Unchanged}
}
