package contact

import (
	"context"

	"github.com/google/uuid"

	"carnet/internal/site"
)

// tree is the query of an organization's id, with deep also those of its living subsidiaries, theirs
// and so on (G-29). Each is visited once, so that even a circle made by plain SQL ends.
func tree(of site.Site, organization uuid.UUID, deep bool) Condition {
	if !deep {
		return Condition{SQL: "SELECT ?::uuid", Args: []any{organization}}
	}
	force := InForce("l", of)
	return Condition{
		SQL: `WITH RECURSIVE tree (id) AS (SELECT ?::uuid UNION
			SELECT l.from_id FROM tree JOIN affiliation AS l ON l.to_id = tree.id AND l.site_id = ? AND ` + force.SQL + `
			JOIN link_type AS t ON t.site_id = l.site_id AND t.id = l.type_id AND t.kind = ?
			JOIN contact AS o ON o.site_id = l.site_id AND o.id = l.from_id AND o.deleted_at IS NULL) SELECT id FROM tree`,
		Args: append(append([]any{organization, of.ID}, force.Args...), LinkSubsidiary),
	}
}

// peopleOf is the condition of the persons whom links in force tie to an organization, whichever way
// they lead; with deep also to its subsidiaries.
func peopleOf(of site.Site, organization uuid.UUID, deep bool) Condition {
	force, tree := InForce("l", of), tree(of, organization, deep)
	out := Condition{SQL: "contact.kind = ?", Args: []any{KindPerson}}
	part := func(person, other string) Condition {
		return Condition{
			SQL:  "SELECT l." + person + " FROM affiliation AS l WHERE l.site_id = ? AND l." + other + " IN (" + tree.SQL + ") AND " + force.SQL,
			Args: append(append([]any{of.ID}, tree.Args...), force.Args...),
		}
	}
	in, back := part("from_id", "to_id"), part("to_id", "from_id")
	return And(out, Condition{SQL: "contact.id IN (" + in.SQL + " UNION " + back.SQL + ")", Args: append(in.Args, back.Args...)})
}

// gathered is the condition on entries of history that belong to an organization or to whom it gathers.
func gathered(of site.Site, organization uuid.UUID, with Gather) Condition {
	own := tree(of, organization, with.Subsidiaries)
	own.SQL = "contact_id IN (" + own.SQL + ")"
	if !with.People {
		return own
	}
	people := peopleOf(of, organization, with.Subsidiaries)
	return Or(own, Condition{
		SQL:  "contact_id IN (SELECT contact.id FROM contact WHERE contact.site_id = ? AND contact.deleted_at IS NULL AND " + people.SQL + ")",
		Args: append([]any{of.ID}, people.Args...),
	})
}

// People gives a page of the persons linked to an organization (P-11, S-21), unlisted ones too. Needs a viewer.
func (s *Service) People(ctx context.Context, organization uuid.UUID, deep bool, q Query) (Page, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return Page{}, err
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return Page{}, err
	}
	q.Unlisted = true
	q.Where = append(q.Where, peopleOf(of, organization, deep))
	return s.List(ctx, q)
}
