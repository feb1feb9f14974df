package segment

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/contact"
)

// record compiles the leaves about what a contact is to the site, and its numbers.
func (c *compiler) record(r Rule, path []string) contact.Condition {
	switch {
	case r.Type != nil:
		return contact.Condition{SQL: "contact.types @> ARRAY[?]::text[]", Args: []any{strings.ToLower(*r.Type)}}
	case r.Function != nil:
		return c.option("contact.function_id", contact.Functions, *r.Function, append(path, "function"))
	case r.Nature != nil:
		return c.option("contact.nature_id", contact.Natures, *r.Nature, append(path, "nature"))
	case r.Ambassador != nil:
		return contact.Condition{SQL: "contact.ambassador = ?", Args: []any{*r.Ambassador}}
	case r.Valid != nil:
		valid := contact.ValidOn(c.today)
		if *r.Valid {
			return valid
		}
		return contact.Condition{SQL: "NOT (" + valid.SQL + ")", Args: valid.Args}
	case r.AdministrativeNumber != nil:
		return compareText("lower(contact.administrative_number)", r.AdministrativeNumber.Op, r.AdministrativeNumber.Value, lower)
	case r.IBAN != nil:
		return compareText("contact.iban", r.IBAN.Op, r.IBAN.Value, func(s string) string { return upper(compact(s)) })
	case r.Reference != nil:
		return reference(*r.Reference)
	}
	return contact.Condition{SQL: "FALSE"}
}

func (c *compiler) option(column string, list contact.OptionList, id uuid.UUID, path []string) contact.Condition {
	if c.options[id] != list {
		return c.unknown(slices.Clone(path), "the site has no %s with the id %s", list, id)
	}
	return contact.Condition{SQL: "coalesce(" + column + " = ?, FALSE)", Args: []any{id}}
}

// reference finds contacts by their numbers elsewhere; EMPTY finds those without one.
func reference(l ReferenceLeaf) contact.Condition {
	parts := []contact.Condition{{SQL: "ref.site_id = contact.site_id AND ref.contact_id = contact.id"}}
	if l.Source != nil {
		parts = append(parts, contact.Condition{SQL: "ref.source = ?", Args: []any{strings.TrimSpace(*l.Source)}})
	}
	if l.Op != "EMPTY" {
		parts = append(parts, compareText("ref.external_id", l.Op, l.Value, strings.TrimSpace))
	}
	inner := contact.And(parts...)
	sql := "EXISTS (SELECT 1 FROM contact_reference ref WHERE " + inner.SQL + ")"
	if l.Op == "EMPTY" {
		sql = "NOT " + sql
	}
	return contact.Condition{SQL: sql, Args: inner.Args}
}
