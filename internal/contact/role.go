package contact

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/site"
)

// Role is the standing that a contact's links give it (S-16, S-29); computed, never stored.
type Role string

// The roles. A person who has none of the next three is a public individual, an organization that is
// no subsidiary a public structure. Only links in force to contacts outside the trash count, and only
// at their beginning: a child makes nobody less public.
const (
	RolePublicIndividual Role = "PUBLIC_INDIVIDUAL" // S-17
	RoleChild            Role = "CHILD"             // S-18
	RoleRelay            Role = "RELAY"             // S-19
	RoleMember           Role = "MEMBER"            // S-20
	RolePublicStructure  Role = "PUBLIC_STRUCTURE"  // S-21
	RoleSubsidiary       Role = "SUBSIDIARY"        // S-22
)

// linkedRoles are the roles that a link gives, in the order they are shown.
var linkedRoles = []struct {
	Role Role
	Link LinkKind
}{{RoleRelay, LinkRelay}, {RoleMember, LinkMember}, {RoleChild, LinkParent}, {RoleSubsidiary, LinkSubsidiary}}

// LinkOf gives the kind of link that gives a role; false for the public ones, which a lack of links gives.
func LinkOf(role Role) (LinkKind, bool) {
	for _, l := range linkedRoles {
		if l.Role == role {
			return l.Link, true
		}
	}
	return "", false
}

// RolesOf gives the roles of many contacts at once, in the order of the records. Needs a viewer.
func (s *Service) RolesOf(ctx context.Context, contacts []*Record) ([][]Role, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil {
		return nil, err
	}
	out := make([][]Role, len(contacts))
	if len(contacts) == 0 {
		return out, nil
	}
	of, err := site.Of(ctx, s.db.Bun, a)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(contacts))
	for i, r := range contacts {
		ids[i] = r.ID
	}
	var rows []struct {
		FromID uuid.UUID
		Kind   LinkKind
	}
	force := InForce("l", of)
	err = s.db.Bun.NewSelect().Distinct().TableExpr("affiliation AS l").ColumnExpr("l.from_id, t.kind").
		Join("JOIN link_type AS t ON t.site_id = l.site_id AND t.id = l.type_id AND t.kind <> ?", LinkCustom).
		Join("JOIN contact AS o ON o.site_id = l.site_id AND o.id = l.to_id AND o.deleted_at IS NULL").
		Where("l.site_id = ? AND l.from_id IN (?)", a.SiteID, bun.List(ids)).Where(force.SQL, force.Args...).Scan(ctx, &rows)
	if err != nil {
		return nil, db.MapError(err, "read roles of contacts")
	}
	type has struct {
		id   uuid.UUID
		link LinkKind
	}
	links := map[has]bool{}
	for _, row := range rows {
		links[has{row.FromID, row.Kind}] = true
	}
	for i, r := range contacts {
		for _, l := range linkedRoles {
			if links[has{r.ID, l.Link}] {
				out[i] = append(out[i], l.Role)
			}
		}
		if len(out[i]) == 0 {
			out[i] = []Role{publicRole(r.Kind)}
		}
	}
	return out, nil
}

func publicRole(k Kind) Role {
	if k == KindOrganization {
		return RolePublicStructure
	}
	return RolePublicIndividual
}
