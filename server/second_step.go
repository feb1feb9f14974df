package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/httprate"
	"github.com/google/uuid"

	"carnet/internal/fault"
	"carnet/internal/qr"
	"carnet/internal/site"
)

// The second step of the staff's sign-in. A browser whose password was right holds a session with an entry in it and
// nothing else: it has no rights, ends within minutes, and only the endpoints below /v1/staff/session know it. What a
// person changes of their own sign-in later stands here too and not in GraphQL, whose answers are cached, shared and
// looked at in tools: these carry secrets. Every answer is no-store.

const (
	codeWait      = 5 * time.Minute
	enrolmentWait = 15 * time.Minute // somebody fetches an app first
)

// wait answers that a second step is needed, and begins a session that holds the entry.
func (s *Server) wait(w http.ResponseWriter, r *http.Request, member site.Staff, need site.SecondStepNeed) {
	ctx := r.Context()
	if err := s.renew(ctx); err != nil {
		s.fail(w, r, err)
		return
	}
	s.sessions.Put(ctx, "entry-site", member.SiteID.String())
	s.sessions.Put(ctx, "entry-staff", member.ID.String())
	s.sessions.Put(ctx, "entry-epoch", strconv.Itoa(member.SessionEpoch))
	life := codeWait
	if need == site.NeedEnrolment {
		life = enrolmentWait
	}
	s.sessions.SetDeadline(ctx, time.Now().Add(life).UTC())
	s.answer(w, http.StatusAccepted, map[string]any{"secondStep": need})
}

// renew empties the session and gives it a new token, so that one known before is worth nothing.
func (s *Server) renew(ctx context.Context) error {
	if err := s.sessions.Clear(ctx); err != nil {
		return fault.Wrap(err, "clear session")
	}
	return fault.Wrap(s.sessions.RenewToken(ctx), "renew session")
}

// entry gives the entry of the browser's session. Unauthenticated without one.
func (s *Server) entry(r *http.Request) (e site.Entry, err error) {
	if err := s.crossOrigin.Check(r); err != nil {
		return e, fault.New(fault.Forbidden, "this request comes from another site's page")
	}
	ctx := r.Context()
	siteID, errSite := uuid.Parse(s.sessions.GetString(ctx, "entry-site"))
	id, errID := uuid.Parse(s.sessions.GetString(ctx, "entry-staff"))
	epoch, errEpoch := strconv.Atoi(s.sessions.GetString(ctx, "entry-epoch"))
	if errSite != nil || errID != nil || errEpoch != nil || time.Now().After(s.sessions.Deadline(ctx)) {
		return e, &fault.Error{Code: fault.Unauthenticated, Reason: fault.SignInAgain, Message: "this sign-in has ended; begin again"}
	}
	return site.Entry{SiteID: siteID, StaffID: id, Epoch: epoch}, nil
}

// finish answers POST /v1/staff/session/second.
func (s *Server) finish(w http.ResponseWriter, r *http.Request) {
	var in struct{ Code string }
	e, err := s.entry(r)
	if err == nil && !s.decode(w, r, &in) {
		return
	}
	var member site.Staff
	if err == nil {
		member, err = s.cfg.Sites.FinishSignIn(r.Context(), e, in.Code)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.begin(w, r, member, time.Now(), nil)
}

// enrol answers POST /v1/staff/session/enrolment: of somebody who needs a second step before anything else.
func (s *Server) enrol(w http.ResponseWriter, r *http.Request) {
	e, err := s.entry(r)
	var offer site.Offer
	if err == nil {
		offer, err = s.cfg.Sites.OfferAtSignIn(r.Context(), e)
	}
	s.answerOffer(w, r, offer, err)
}

// enrolled answers POST /v1/staff/session/enrolment/confirm.
func (s *Server) enrolled(w http.ResponseWriter, r *http.Request) {
	var in struct{ Code string }
	e, err := s.entry(r)
	if err == nil && !s.decode(w, r, &in) {
		return
	}
	var member site.Staff
	var codes []string
	if err == nil {
		member, codes, err = s.cfg.Sites.ConfirmAtSignIn(r.Context(), e, in.Code)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.begin(w, r, member, time.Now(), codes)
}

// own is a change that a person who is signed in makes of their own sign-in: it gives the person as they are then and
// what to answer. A zero person leaves the session as it is.
type own func(ctx context.Context, in ownInput) (member site.Staff, answer any, err error)

type ownInput struct {
	Password, Code, NewPassword string
}

func (in ownInput) proof() site.Proof { return site.Proof{Password: in.Password, Code: in.Code} }

// ownSignIn serves such a change. The person's other sessions end with their epoch; this one goes on under the next.
func (s *Server) ownSignIn(second bool, change own) http.Handler {
	return s.authenticate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in ownInput
		if !s.decode(w, r, &in) {
			return
		}
		ctx := r.Context()
		member, answer, err := change(ctx, in)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if member.ID != uuid.Nil {
			// The token stays: a new one would sign out what this browser asks for at the same time.
			s.sessions.Put(ctx, "epoch", strconv.Itoa(member.SessionEpoch))
			if second {
				s.sessions.Put(ctx, "second", time.Now().UTC().Format(time.RFC3339))
			}
		}
		s.answer(w, http.StatusOK, answer)
	}))
}

func (s *Server) answerOffer(w http.ResponseWriter, r *http.Request, offer site.Offer, err error) {
	var out any
	if err == nil {
		out, err = offered(offer)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, out)
}

// offered is an offer as browsers get it: the secret for typing, the address that apps open, and its QR code.
func offered(offer site.Offer) (any, error) {
	code, err := qr.Draw(offer.URI)
	return map[string]any{"secret": offer.Secret, "uri": offer.URI, "qr": code}, err
}

func (s *Server) secondStepRoutes(mux *http.ServeMux) {
	// Wrong codes are counted by person, in the domain; this holds up who tries many persons.
	limited := httprate.LimitBy(120, time.Minute, func(r *http.Request) (string, error) { return clientOf(r.Context()), nil },
		httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
			s.fail(w, r, fault.New(fault.RateLimited, "too many tries from this address; wait a minute"))
		}))
	handle := func(pattern string, h http.Handler) { mux.Handle(pattern, limited(h)) }
	handle("POST /v1/staff/session/second", s.withSessions(http.HandlerFunc(s.finish)))
	handle("POST /v1/staff/session/enrolment", s.withSessions(http.HandlerFunc(s.enrol)))
	handle("POST /v1/staff/session/enrolment/confirm", s.withSessions(http.HandlerFunc(s.enrolled)))

	sites := s.cfg.Sites
	handle("POST /v1/staff/second-step", s.ownSignIn(false, func(ctx context.Context, in ownInput) (site.Staff, any, error) {
		offer, err := sites.OfferSecondStep(ctx, in.proof())
		if err != nil {
			return site.Staff{}, nil, err
		}
		out, err := offered(offer)
		return site.Staff{}, out, err
	}))
	handle("POST /v1/staff/second-step/confirm", s.ownSignIn(true, func(ctx context.Context, in ownInput) (site.Staff, any, error) {
		member, codes, err := sites.ConfirmSecondStep(ctx, in.Code)
		return member, map[string]any{"recoveryCodes": codes}, err
	}))
	handle("POST /v1/staff/second-step/remove", s.ownSignIn(false, func(ctx context.Context, in ownInput) (site.Staff, any, error) {
		member, err := sites.DropSecondStep(ctx, in.proof())
		return member, map[string]any{}, err
	}))
	handle("POST /v1/staff/recovery-codes", s.ownSignIn(false, func(ctx context.Context, in ownInput) (site.Staff, any, error) {
		codes, err := sites.NewRecoveryCodes(ctx, in.proof())
		return site.Staff{}, map[string]any{"recoveryCodes": codes}, err
	}))
	handle("POST /v1/staff/password", s.ownSignIn(false, func(ctx context.Context, in ownInput) (site.Staff, any, error) {
		member, err := sites.ChangePassword(ctx, in.proof(), in.NewPassword)
		return member, map[string]any{}, err
	}))
}
