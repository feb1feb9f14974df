package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

type savedView struct {
	ID, Name, Search, OrderBy, Direction string
	Shared, Mine, IncludeUnlisted        bool
	IncludeInvalid                       bool
	Kind                                 *string
	Filter                               map[string]any
	Columns                              []string
}

const viewParts = `id name shared mine kind search filter includeUnlisted includeInvalid orderBy direction columns`

func saveView(t *testing.T, s *apptest.Site, h apptest.Header, input vars) (savedView, []string) {
	t.Helper()
	var out struct{ CreateSavedView struct{ SavedView savedView } }
	at := s.Program.Payload(t, h, `mutation($i: CreateSavedViewInput!) { createSavedView(input: $i) { savedView { `+viewParts+` } errors { code message path } } }`, vars{"i": input}, &out)
	return out.CreateSavedView.SavedView, at
}

func viewsOf(t *testing.T, s *apptest.Site, h apptest.Header) map[string]savedView {
	t.Helper()
	var out struct{ SavedViews []savedView }
	s.Program.Must(t, h, `{ savedViews { `+viewParts+` } }`, nil, &out)
	by := map[string]savedView{}
	for _, v := range out.SavedViews {
		by[v.Name] = v
	}
	return by
}

// Views are private unless shared; sharing needs an operator, changing another's shared view a manager.
func TestSavedViews(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	viewer, operator, manager := s.SignIn(t, site.Viewer), s.SignIn(t, site.Operator), s.SignIn(t, site.Manager)

	mine, at := saveView(t, s, viewer, vars{
		"name": " Oslo ", "kind": "PERSON", "search": "dup", "filter": vars{"text": vars{"column": "CITY", "op": "EQUALS", "value": "Oslo"}},
		"orderBy": vars{"by": "CREATED_AT", "direction": "DESC"}, "columns": []string{"NAME", "CITY", "field:0197c1f0-0000-7000-8000-000000000001"}, "includeUnlisted": true, "includeInvalid": true,
	})
	require.Empty(t, at)
	require.Equal(t, []string{"Oslo", "dup", "CREATED_AT", "DESC"}, []string{mine.Name, mine.Search, mine.OrderBy, mine.Direction})
	require.Equal(t, "PERSON", *mine.Kind)
	require.Equal(t, map[string]any{"text": map[string]any{"column": "CITY", "op": "EQUALS", "value": "Oslo"}}, mine.Filter)
	require.True(t, mine.Mine && mine.IncludeUnlisted && mine.IncludeInvalid && !mine.Shared)
	require.Len(t, mine.Columns, 3)

	// Somebody else does not see it, and may use the same name.
	require.Empty(t, viewsOf(t, s, operator))
	_, at = saveView(t, s, operator, vars{"name": "Oslo"})
	require.Empty(t, at)
	_, at = saveView(t, s, viewer, vars{"name": "OSLO"})
	require.Equal(t, []string{"TAKEN name"}, at)
	p.Refused(t, manager, "NOT_FOUND", `mutation($i: DeleteInput!) { deleteSavedView(input: $i) { deletedId errors { code } } }`, vars{"i": vars{"id": mine.ID}})

	// Shared ones are seen by all of the site, and of no other.
	p.Refused(t, viewer, "FORBIDDEN", `mutation { createSavedView(input: {name: "For all", shared: true}) { savedView { id } errors { code } } }`, nil)
	shared, at := saveView(t, s, operator, vars{"name": "For all", "shared": true})
	require.Empty(t, at)
	require.Contains(t, viewsOf(t, s, viewer), "For all")
	require.False(t, viewsOf(t, s, viewer)["For all"].Mine)
	require.Empty(t, viewsOf(t, other, other.SignIn(t, site.Owner)))
	change := `mutation($i: UpdateSavedViewInput!) { updateSavedView(input: $i) { savedView { ` + viewParts + ` } errors { code message path } } }`
	p.Refused(t, viewer, "FORBIDDEN", change, vars{"i": vars{"id": shared.ID, "name": "Mine now"}})
	p.Refused(t, other.SignIn(t, site.Manager), "NOT_FOUND", change, vars{"i": vars{"id": shared.ID, "name": "Ours now"}})
	var changed struct{ UpdateSavedView struct{ SavedView savedView } }
	require.Empty(t, p.Payload(t, manager, change, vars{"i": vars{"id": shared.ID, "name": "For everybody", "filter": vars{"kind": "PERSON"}}}, &changed))
	require.Equal(t, map[string]any{"kind": "PERSON"}, changed.UpdateSavedView.SavedView.Filter)
	require.Empty(t, p.Payload(t, operator, change, vars{"i": vars{"id": shared.ID, "filter": nil}}, &changed))
	require.Equal(t, "For everybody", changed.UpdateSavedView.SavedView.Name)
	require.Nil(t, viewsOf(t, s, viewer)["For everybody"].Filter)

	// What is wrong is said where it is.
	_, at = saveView(t, s, operator, vars{"name": "", "columns": []string{"NAME", "SECRET", "NAME"}, "filter": vars{"group": "0197c1f0-0000-7000-8000-000000000001"}})
	require.Equal(t, []string{"REQUIRED name", "INVALID columns.1", "DUPLICATE columns.2", "UNKNOWN filter.group"}, at)
	_, at = saveView(t, s, operator, vars{"name": strings.Repeat("x", 201)})
	require.Equal(t, []string{"TOO_LONG name"}, at)
	p.Refused(t, s.As(site.Manager), "FORBIDDEN", `mutation { createSavedView(input: {name: "A key's"}) { savedView { id } errors { code } } }`, nil)

	p.Must(t, manager, `mutation($i: DeleteInput!) { deleteSavedView(input: $i) { deletedId errors { code message path } } }`, vars{"i": vars{"id": shared.ID}}, nil)
	require.NotContains(t, viewsOf(t, s, viewer), "For everybody")
}

// P-14, C-14: each person's list opens with the view and the columns they chose, on every machine.
func TestContactListSetting(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	viewer, operator := s.SignIn(t, site.Viewer), s.SignIn(t, site.Operator)
	type setting struct {
		List, BuiltIn string
		SavedViewID   *string
		Columns       []string
	}
	const parts = `list builtIn savedViewId columns`
	read := func(h apptest.Header, list string) setting {
		var out struct{ ContactListSetting setting }
		p.Must(t, h, `query($l: ContactListName!) { contactListSetting(list: $l) { `+parts+` } }`, vars{"l": list}, &out)
		return out.ContactListSetting
	}
	const save = `mutation($i: SaveContactListSettingInput!) { saveContactListSetting(input: $i) { setting { ` + parts + ` } errors { code message path } } }`
	require.Equal(t, setting{List: "CONTACTS", BuiltIn: "BOOK", Columns: []string{}}, read(viewer, "CONTACTS"))

	require.Empty(t, p.Payload(t, viewer, save, vars{"i": vars{"list": "CONTACTS", "builtIn": "EVERYONE", "columns": []string{"CITY", "NAME"}}}, nil))
	require.Equal(t, setting{List: "CONTACTS", BuiltIn: "EVERYONE", Columns: []string{"CITY", "NAME"}}, read(viewer, "CONTACTS"))
	require.Equal(t, setting{List: "ORGANIZATIONS", BuiltIn: "BOOK", Columns: []string{}}, read(viewer, "ORGANIZATIONS"))
	require.Equal(t, setting{List: "CONTACTS", BuiltIn: "BOOK", Columns: []string{}}, read(operator, "CONTACTS"), "another's list is their own")

	// A saved view can be what the list opens with, until it is gone.
	mine, _ := saveView(t, s, viewer, vars{"name": "Oslo", "includeInvalid": true})
	hidden, _ := saveView(t, s, operator, vars{"name": "Hidden"})
	require.Empty(t, p.Payload(t, viewer, save, vars{"i": vars{"list": "CONTACTS", "savedViewId": mine.ID}}, nil))
	got := read(viewer, "CONTACTS")
	require.Equal(t, mine.ID, *got.SavedViewID)
	require.Equal(t, []string{"CITY", "NAME"}, got.Columns, "what is not said stays")
	require.Equal(t, []string{"UNKNOWN savedViewId"}, p.Payload(t, viewer, save, vars{"i": vars{"list": "CONTACTS", "savedViewId": hidden.ID}}, nil))
	p.Must(t, viewer, `mutation($i: DeleteInput!) { deleteSavedView(input: $i) { deletedId errors { code message path } } }`, vars{"i": vars{"id": mine.ID}}, nil)
	require.Nil(t, read(viewer, "CONTACTS").SavedViewID)

	require.Equal(t, []string{"INVALID columns.0", "DUPLICATE columns.2"}, p.Payload(t, viewer, save, vars{"i": vars{"list": "CONTACTS", "columns": []string{"SECRET", "NAME", "NAME"}}}, nil))
	require.Empty(t, p.Payload(t, viewer, save, vars{"i": vars{"list": "CONTACTS", "columns": nil}}, nil))
	require.Empty(t, read(viewer, "CONTACTS").Columns)
	require.Equal(t, "BOOK", read(other.SignIn(t, site.Owner), "CONTACTS").BuiltIn)
	p.Refused(t, s.As(site.Manager), "FORBIDDEN", `{ contactListSetting(list: CONTACTS) { builtIn } }`, nil)
}
