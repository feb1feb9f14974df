package segment

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/fold"
)

// AffiliationLeaf finds contacts that have a link in force, to a contact outside the trash, for which
// all that is given holds (S-68, S-78); with nothing given, any link.
type AffiliationLeaf struct {
	Kind      *string    `json:"kind,omitempty"`      // RELAY, MEMBER, PARENT, SUBSIDIARY, CUSTOM; not beside typeId
	TypeID    *uuid.UUID `json:"typeId,omitempty"`    // one type
	Direction *string    `json:"direction,omitempty"` // OUT: the link begins at the contact; IN: it leads there
	ContactID *uuid.UUID `json:"contactId,omitempty"` // the contact at the other end
	Name      *FieldText `json:"name,omitempty"`      // the other's name: an organization's, a person's surname; MATCHES reads both names
	Role      *FieldText `json:"role,omitempty"`      // what the link says, for example treasurer
}

func (c *ruleCheck) affiliation(l *AffiliationLeaf, path []string) {
	if l.Kind != nil {
		c.word(*l.Kind, append(path, "kind"), "RELAY", "MEMBER", "PARENT", "SUBSIDIARY", "CUSTOM")
		if l.TypeID != nil {
			c.add(fault.InvalidValue, append(path, "typeId"), "give kind or typeId, not both")
		}
	}
	if l.Direction != nil {
		c.word(*l.Direction, append(path, "direction"), "OUT", "IN")
	}
	for _, text := range []struct {
		name string
		test *FieldText
	}{{"name", l.Name}, {"role", l.Role}} {
		if text.test != nil {
			c.text(text.test.Op, text.test.Value, append(slices.Clone(path), text.name))
		}
	}
}

// readsLinks tells whether a part of a rule reads links, and so the contacts at their other ends.
func (r *Rule) readsLinks() bool { return r.Affiliation != nil || r.Role != nil }

// readLinks reads the site's types of link and which of the contacts that affiliation leaves name it has.
func (v *vocabulary) readLinks(ctx context.Context, q bun.IDB, rules []*Rule) error {
	if err := q.NewSelect().Model(&v.types).Where("site_id = ?", v.site.ID).Scan(ctx); err != nil {
		return db.MapError(err, "read link types")
	}
	var named []uuid.UUID
	for _, r := range rules {
		r.walk(func(part *Rule) {
			if part.Affiliation != nil && part.Affiliation.ContactID != nil {
				named = append(named, *part.Affiliation.ContactID)
			}
		})
	}
	if len(named) == 0 {
		return nil
	}
	var have []uuid.UUID
	err := q.NewSelect().Model((*contact.Record)(nil)).Column("id").Where("site_id = ? AND id IN (?)", v.site.ID, bun.List(named)).Scan(ctx, &have)
	for _, id := range have {
		v.known[id] = true
	}
	return db.MapError(err, "look for contacts")
}

// affiliation is one EXISTS for each direction, which an index serves from either end.
func (c *compiler) affiliation(l *AffiliationLeaf, path []string) contact.Condition {
	var tests []contact.Condition
	switch {
	case l.TypeID != nil:
		if !slices.ContainsFunc(c.types, func(t *contact.LinkType) bool { return t.ID == *l.TypeID }) {
			return c.unknown(append(path, "typeId"), "the site has no type of link with the id %s", *l.TypeID)
		}
		tests = append(tests, contact.Condition{SQL: "l.type_id = ?", Args: []any{*l.TypeID}})
	case l.Kind != nil:
		tests = append(tests, c.ofKind(contact.LinkKind(strings.ToLower(*l.Kind))))
	}
	if l.ContactID != nil {
		if !c.known[*l.ContactID] {
			return c.unknown(append(path, "contactId"), "the site has no contact with the id %s", *l.ContactID)
		}
		tests = append(tests, contact.Condition{SQL: "o.id = ?", Args: []any{*l.ContactID}})
	}
	if l.Name != nil {
		if l.Name.Op == "MATCHES" {
			tests = append(tests, contact.NamedRow("o", *l.Name.Value))
		} else {
			tests = append(tests, compareText("o.n_last", l.Name.Op, l.Name.Value, fold.Text))
		}
	}
	if l.Role != nil {
		tests = append(tests, compareText("l.n_role", l.Role.Op, l.Role.Value, fold.Text))
	}
	var ways []contact.Condition
	if l.Direction == nil || *l.Direction == "OUT" {
		ways = append(ways, c.hasLink("from_id", "to_id", tests...))
	}
	if l.Direction == nil || *l.Direction == "IN" {
		ways = append(ways, c.hasLink("to_id", "from_id", tests...))
	}
	return contact.Or(ways...)
}

func (c *compiler) ofKind(kind contact.LinkKind) contact.Condition {
	ids := contact.TypesOf(c.types, kind)
	if len(ids) == 0 {
		return contact.Condition{SQL: "FALSE"}
	}
	return contact.Condition{SQL: "l.type_id IN (?)", Args: []any{bun.List(ids)}}
}

func (c *compiler) hasLink(own, other string, tests ...contact.Condition) contact.Condition {
	where := contact.And(append([]contact.Condition{contact.InForce("l", c.site)}, tests...)...)
	return contact.Condition{SQL: "EXISTS (SELECT 1 FROM affiliation AS l JOIN contact AS o ON o.site_id = l.site_id AND o.id = l." + other +
		" AND o.deleted_at IS NULL WHERE l.site_id = contact.site_id AND l." + own + " = contact.id AND " + where.SQL + ")", Args: where.Args}
}

// role follows contact.RolesOf.
func (c *compiler) role(role contact.Role) contact.Condition {
	if kind, given := contact.LinkOf(role); given {
		return c.hasLink("from_id", "to_id", c.ofKind(kind))
	}
	kind, links := contact.KindPerson, []contact.LinkKind{contact.LinkParent, contact.LinkRelay, contact.LinkMember}
	if role == contact.RolePublicStructure {
		kind, links = contact.KindOrganization, []contact.LinkKind{contact.LinkSubsidiary}
	}
	kinds := make([]contact.Condition, len(links))
	for i, link := range links {
		kinds[i] = c.ofKind(link)
	}
	has := c.hasLink("from_id", "to_id", contact.Or(kinds...))
	return contact.And(contact.Condition{SQL: "contact.kind = ?", Args: []any{kind}}, contact.Condition{SQL: "NOT " + has.SQL, Args: has.Args})
}
