package account

import (
	"context"

	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/site"
)

// StaffAttempt is an admin application's try to sign a member of staff in, from a page of another site.
type StaffAttempt struct {
	Site    string // public id
	Origin  string // the application's; the site must let its staff sign in from there
	Landing string // where a redirect returns to; empty or the origin's registered landing page
	Mode    string // ModePopup or ModeRedirect
	Attempt Attempt
}

// CheckStaff tells whether an application may ask the member of staff who is here to sign in, and what
// to call the site. Forbidden when the site does not let its staff sign in from that origin, or when the
// person works for another site.
func (s *Service) CheckStaff(ctx context.Context, in StaffAttempt) (site.Site, site.Origin, error) {
	of, err := s.sites.ByPublicID(ctx, in.Site)
	if err != nil {
		return of, site.Origin{}, err
	}
	registered, err := s.sites.OriginOf(ctx, of.ID, in.Origin)
	switch {
	case err != nil:
		return of, registered, err
	case !registered.Staff:
		return of, registered, fault.New(fault.Forbidden, "staff may not sign in from %s; an owner allows it under Settings > Origins", in.Origin)
	case in.Landing != "" && in.Landing != registered.LandingURL:
		return of, registered, fault.New(fault.Forbidden, "the page to return to is not the one registered for %s; set it under Settings > Origins", in.Origin)
	case in.Mode != ModePopup && in.Mode != ModeRedirect:
		return of, registered, fault.Invalid(fault.InvalidValue, []string{"mode"}, "the mode is popup or redirect")
	}
	if err := in.Attempt.check(); err != nil {
		return of, registered, err
	}
	a, err := site.Require(ctx, site.AccessViewer)
	if err != nil {
		return of, registered, err
	}
	// An application that holds a session cannot make more of them, and neither can a key.
	if a.Kind != site.KindStaff || a.SessionID != uuid.Nil || a.SiteID != of.ID {
		return of, registered, fault.New(fault.Forbidden, "sign in to the admin of %s first", of.Name)
	}
	return of, registered, nil
}

// AuthorizeStaff ends the attempt: with a code, when the person said yes. It is exchanged like an end
// user's and gives a session that the person's role, their sign-out of everything and the site's list of
// origins limit at every use.
func (s *Service) AuthorizeStaff(ctx context.Context, in StaffAttempt, yes bool) (SocialEnd, error) {
	of, registered, err := s.CheckStaff(ctx, in)
	if err != nil {
		return SocialEnd{}, err
	}
	end := SocialEnd{Attempt: in.Attempt.ID, Origin: in.Origin, LandingURL: registered.LandingURL, Mode: in.Mode}
	if !yes {
		end.Reason = SocialDenied
		return end, nil
	}
	a := site.ActorOf(ctx)
	end.Code, err = s.issueCode(ctx, s.db.Bun, binding{of.ID, in.Origin, in.Attempt}, holder{StaffID: &a.ID, StaffEpoch: &a.Epoch})
	return end, err
}
