package contact

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"carnet/internal/site"
)

// tree is the query of an organization's id, with deep also those of its living subsidiaries, theirs
// and so on (G-29). Each is visited once, so that even a circle made by plain SQL ends.
func tree(of site.Site, root Condition, deep bool) Condition {
	if !deep {
		return Condition{SQL: "SELECT " + root.SQL, Args: root.Args}
	}
	force := InForce("l", of)
	return Condition{
		SQL: `WITH RECURSIVE tree (id) AS (SELECT ` + root.SQL + ` UNION
			SELECT l.from_id FROM tree JOIN affiliation AS l ON l.to_id = tree.id AND l.site_id = ? AND ` + force.SQL + `
			JOIN link_type AS t ON t.site_id = l.site_id AND t.id = l.type_id AND t.kind = ?
			JOIN contact AS o ON o.site_id = l.site_id AND o.id = l.from_id AND o.deleted_at IS NULL) SELECT id FROM tree`,
		Args: append(append(slices.Clone(root.Args), of.ID), append(slices.Clone(force.Args), LinkSubsidiary)...),
	}
}

// the is the SQL of one organization, for tree.
func the(organization uuid.UUID) Condition {
	return Condition{SQL: "?::uuid", Args: []any{organization}}
}

// peopleOf is the condition of the persons whom links in force tie to an organization, whichever way
// they lead; with deep also to its subsidiaries.
func peopleOf(of site.Site, root Condition, deep bool) Condition {
	force, tree := InForce("l", of), tree(of, root, deep)
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
	return Gathered(of, "contact_id", the(organization), with)
}

// Gathered is the condition that a column names an organization or whom it gathers (S-21, G-29). root is SQL of the organization's
// id, which may be a column of an outer query.
func Gathered(of site.Site, column string, root Condition, with Gather) Condition {
	if with == (Gather{}) {
		return Condition{SQL: column + " = " + root.SQL, Args: root.Args}
	}
	own := tree(of, root, with.Subsidiaries)
	own.SQL = column + " IN (" + own.SQL + ")"
	if !with.People {
		return own
	}
	people := peopleOf(of, root, with.Subsidiaries)
	return Or(own, Condition{
		SQL:  column + " IN (SELECT contact.id FROM contact WHERE contact.site_id = ? AND contact.deleted_at IS NULL AND " + people.SQL + ")",
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
	q.Where = append(q.Where, peopleOf(of, the(organization), deep))
	return s.List(ctx, q)
}
