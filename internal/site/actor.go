package site

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/internal/fault"
)

// Access is a level of rights. Staff levels contain those below them.
type Access int

// The levels, as the API's Access names them.
const (
	AccessNone Access = iota
	AccessSite
	AccessAccount
	AccessViewer
	AccessSupport
	AccessOperator
	AccessManager
	AccessOwner
)

// Kind is the kind of credential an actor came with.
type Kind string

// The kinds, as history entries store them.
const (
	KindStaff   Kind = "staff"
	KindAPIKey  Kind = "api_key"
	KindAccount Kind = "account"
	KindVisitor Kind = "visitor"
	KindSystem  Kind = "system"
)

// Actor is who calls: what the credential decided, its site above all. Every domain method takes it
// from the context and asks it, so that rights hold below the API's surface too.
type Actor struct {
	Kind      Kind
	Access    Access
	SiteID    uuid.UUID
	ID        uuid.UUID  // of the staff member, key or account; Nil for a visitor
	Name      string     // as history entries keep it
	Language  string     // preferred language of texts, may be empty
	ContactID uuid.UUID  // of an account
	SessionID uuid.UUID  // of an account's session
	Epoch     int        // of a staff session
	Login     string     // of a staff session by cookie: the hash of its token, in hex
	SecondAt  time.Time  // of a staff session by cookie: when the second step was done; zero = it was not
	ExpiresAt time.Time  // when the credential ends by itself; zero = does not
	Origin    string     // the page's origin, of a widget
	Book      bool       // whether contact management is on in the site (T-14)
	Readers   Readers    // who reads what is sensitive in the site; see Sees
	Site      *Site      // as it was when the credential was checked; nil for the program's own work
	Listening bool       // of an account: came by a ticket, which opens subscriptions and nothing else
	Support   *Supporter // of an account: who of the staff is in it; nil: its owner
}

// Supporter is the member of staff in a customer's account (S-14). They do less there than its owner (G-30), and it is their doing (S-15).
type Supporter struct {
	ID   uuid.UUID
	Name string
}

// Surface says where an actor's changes come from, for history entries.
func (a Actor) Surface() string {
	switch a.Kind {
	case KindStaff:
		return "admin"
	case KindSystem:
		return "import"
	case KindAccount:
		return "profile"
	default:
		return "api"
	}
}

type actorKey struct{}

// WithActor puts the actor into the context.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf gives the actor of the context; without one, an actor with no rights at all.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// Require gives the actor when it has at least the access asked for. Unauthenticated when there is
// no credential of that kind, Forbidden when there is one with fewer rights.
func Require(ctx context.Context, need Access) (Actor, error) {
	a := ActorOf(ctx)
	switch {
	case a.Access == AccessNone:
		return a, fault.New(fault.Unauthenticated, "name a site with the Carnet-Site header, or sign in")
	case need == AccessAccount && a.Kind != KindAccount:
		return a, fault.New(fault.Unauthenticated, "sign in first")
	case a.Access >= need:
		return a, nil
	case a.Access < AccessViewer:
		return a, fault.New(fault.Unauthenticated, "this needs a member of staff to sign in, or an API key")
	default:
		return a, fault.New(fault.Forbidden, "your role may not do this")
	}
}

// RequireBook is Require for what exists only while contact management is on (T-14).
func RequireBook(ctx context.Context, need Access) (Actor, error) {
	a, err := Require(ctx, need)
	if err == nil && !a.Book {
		err = fault.New(fault.Forbidden, "contact management is off; a manager turns it on under Contacts > Settings")
	}
	return a, err
}
