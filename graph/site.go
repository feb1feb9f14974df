package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/graph/model"
	"carnet/internal/fault"
	"carnet/internal/site"
)

func (r *queryResolver) Viewer(ctx context.Context) (out model.Viewer, err error) {
	a := site.ActorOf(ctx)
	out.Access, out.Hidden = a.Access, a.Hidden()
	switch a.Kind {
	case site.KindStaff:
		out.Kind = model.ViewerKindStaff
		member, err := r.Sites.Member(ctx)
		if err != nil {
			return out, err
		}
		out.Staff = &member
	case site.KindAPIKey:
		out.Kind = model.ViewerKindAPIKey
	case site.KindAccount:
		out.Kind = model.ViewerKindAccount
	default:
		out.Kind = model.ViewerKindAnonymous
	}
	current, err := r.Sites.Current(ctx)
	out.Site = current
	return out, err
}

func (r *queryResolver) Site(ctx context.Context) (site.Site, error) { return r.Sites.Current(ctx) }

func (r *queryResolver) Node(ctx context.Context, id uuid.UUID) (model.Node, error) {
	for _, find := range []func() (model.Node, error){
		func() (model.Node, error) { return r.Resolver.Contacts.ByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Contacts.GroupByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Contacts.LabelSetByID(ctx, id) },
		func() (model.Node, error) { return r.Fields.ByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Segments.ByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Contacts.AffiliationByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Contacts.LinkTypeByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Sales.OrderByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Sales.EventByID(ctx, id) },
		func() (model.Node, error) { return r.Resolver.Sales.ProductByID(ctx, id) },
	} {
		n, err := find()
		if err == nil || fault.CodeOf(err) != fault.NotFound {
			return n, err
		}
	}
	return nil, fault.Missing("contact, group, label set, custom field, segment, link, type of link, order, event or product")
}

func (r *queryResolver) Staff(ctx context.Context) ([]*site.Staff, error) {
	rows, err := r.Sites.Staff(ctx)
	return pointers(rows), err
}

// SecondStepAt reads those of a list at once.
func (r *staffResolver) SecondStepAt(ctx context.Context, objs []*site.Staff) ([]*time.Time, error) {
	ids := make([]uuid.UUID, len(objs))
	for i, obj := range objs {
		ids[i] = obj.ID
	}
	since, err := r.Sites.SecondSteps(ctx, ids)
	out := make([]*time.Time, len(objs))
	for i, id := range ids {
		if at, has := since[id]; has {
			out[i] = &at
		}
	}
	return out, err
}

func (r *viewerResolver) SignIn(ctx context.Context, obj *model.Viewer) (*site.OwnSignIn, error) {
	if obj.Staff == nil {
		return nil, nil //nolint:nilnil // GraphQL's null: nobody of the staff is signed in
	}
	own, err := r.Sites.OwnSignIn(ctx)
	return &own, err
}

func (r *queryResolver) SignInEvents(ctx context.Context, everybody bool) ([]*site.SignInEvent, error) {
	rows, err := r.Sites.SignInEvents(ctx, everybody)
	return pointers(rows), err
}

func (r *queryResolver) StaffInvitations(ctx context.Context) ([]*site.Invitation, error) {
	rows, err := r.Sites.Invitations(ctx)
	return pointers(rows), err
}

func (r *queryResolver) APIKeys(ctx context.Context) ([]*site.APIKey, error) {
	rows, err := r.Sites.Keys(ctx)
	return pointers(rows), err
}

func (r *siteResolver) Origins(ctx context.Context, obj *site.Site) ([]*site.Origin, error) {
	rows, err := r.Sites.Origins(ctx, obj.ID)
	return pointers(rows), err
}

func (r *siteResolver) LoginProviders(ctx context.Context, obj *site.Site) ([]*site.Provider, error) {
	rows, err := r.Sites.Providers(ctx, obj.ID)
	return pointers(rows), err
}

func (r *siteResolver) LoginRedirectURL(ctx context.Context, obj *site.Site) (string, error) {
	return r.Accounts.CallbackURL(ctx, *obj, ""), nil
}

func (r *siteResolver) ServerURL(context.Context, *site.Site) (string, error) {
	return r.Resolver.ServerURL, nil
}

func (r *siteResolver) ContactCount(ctx context.Context, _ *site.Site) (int, error) {
	q, err := r.matching(ctx, nil, nil, nil) // all of them
	if err != nil {
		return 0, err
	}
	q.Unlisted = true
	return r.Contacts.Count(ctx, *q)
}

func (r *mutationResolver) UpdateSite(ctx context.Context, in model.UpdateSiteInput) (out model.UpdateSitePayload, err error) {
	up := site.Update{
		Name: cleared(in.Name), TimeZone: cleared(in.TimeZone), Language: cleared(in.Language), Country: cleared(in.Country), AccentColor: cleared(in.AccentColor),
		ContactManagement: in.ContactManagement.Value(), LoginRequired: in.LoginRequired.Value(), InboxMail: in.InboxMail.Value(), SecondStepRequired: in.SecondStepRequired.Value(), ConsentPolicy: in.ConsentPolicy.Value(), TrashDays: in.TrashDays.Value(), QuickRequired: list(in.QuickFormRequired),
		ProofOfWork: in.ProofOfWork.Value(), Passkeys: in.Passkeys.Value(), PasskeyDomain: cleared(in.PasskeyDomain),
		Currency: cleared(in.Currency), OrganizersView: in.OrganizersView.Value(), OrganizersEdit: in.OrganizersEdit.Value(), OrganizersCancel: in.OrganizersCancel.Value(),
		SpendMedium: amount(in.SpendMedium), SpendLarge: amount(in.SpendLarge), AssiduityDays: in.AssiduityDays.Value(),
	}
	up.WidgetTexts, up.LegalLinks = values(in.WidgetTexts), values(in.LegalLinks)
	if given := values(in.Theme); given != nil {
		theme := site.Theme(*given)
		up.Theme = &theme
	}
	if given := values(in.SensitiveAttributes); given != nil {
		up.Sensitive = *given
	}
	if given := list(in.Origins); given != nil {
		rows := make([]site.Origin, len(*given))
		for i, o := range *given {
			rows[i].Origin = o.Origin
			rows[i].Staff = o.Staff
			if landing := o.LandingURL.Value(); landing != nil {
				rows[i].LandingURL = *landing
			}
		}
		up.Origins = &rows
	}
	changed, err := r.Sites.Update(ctx, up)
	if err == nil {
		out.Site, out.Relisted = &changed, changed.Relisted
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) SaveLoginProvider(ctx context.Context, in model.SaveLoginProviderInput) (model.LoginProviderPayload, error) {
	err := r.Sites.SaveProvider(ctx, site.Provider{
		Name: in.Name, Label: in.Label, Kind: in.Kind, Issuer: given(in.Issuer), Tenant: given(in.Tenant), TeamID: given(in.TeamID), KeyID: given(in.KeyID), ClientID: in.ClientID,
	}, given(in.ClientSecret))
	return r.providerPayload(ctx, err)
}

func (r *mutationResolver) DeleteLoginProvider(ctx context.Context, in model.DeleteLoginProviderInput) (model.LoginProviderPayload, error) {
	return r.providerPayload(ctx, r.Sites.DeleteProvider(ctx, in.Name))
}

func (r *mutationResolver) providerPayload(ctx context.Context, err error) (out model.LoginProviderPayload, _ error) {
	if err == nil {
		var current site.Site
		current, err = r.Sites.Current(ctx)
		out.Site = &current
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) InviteStaff(ctx context.Context, in model.InviteStaffInput) (out model.InviteStaffPayload, err error) {
	row, err := r.Sites.Invite(ctx, in.Email, in.Role, r.Messages.Invite)
	if err == nil {
		out.Invitation = &row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RevokeInvitation(ctx context.Context, in model.DeleteInput) (model.DeletePayload, error) {
	return deletion(ctx, in.ID, r.Sites.RevokeInvitation(ctx, in.ID))
}

func (r *mutationResolver) UpdateStaff(ctx context.Context, in model.UpdateStaffInput) (out model.UpdateStaffPayload, err error) {
	row, err := r.Sites.UpdateStaff(ctx, in.ID, in.Role.Value(), in.Disabled.Value())
	if err == nil {
		out.Staff = &row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RemoveSecondStep(ctx context.Context, in model.RemoveSecondStepInput) (out model.RemoveSecondStepPayload, err error) {
	row, err := r.Sites.RemoveSecondStep(ctx, in.ID, r.Messages.SecondStepRemoved)
	if err == nil {
		out.Staff = &row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) CreateAPIKey(ctx context.Context, in model.CreateAPIKeyInput) (out model.CreateAPIKeyPayload, err error) {
	row, key, err := r.Sites.CreateKey(ctx, in.Name, in.Role, in.ExpiresAt.Value())
	if err == nil {
		out.APIKey, out.Key = &row, &key
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}

func (r *mutationResolver) RevokeAPIKey(ctx context.Context, in model.DeleteInput) (out model.RevokeAPIKeyPayload, err error) {
	row, err := r.Sites.RevokeKey(ctx, in.ID)
	if err == nil {
		out.APIKey = &row
	}
	out.Errors, err = mend(ctx, err)
	return out, err
}
