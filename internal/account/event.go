package account

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/site"
)

// EventKind is what became of an account.
type EventKind string

// The kinds. The contact's history names them account_<kind>.
const (
	EventCreated   EventKind = "created"            // its owner signed up
	EventInvited   EventKind = "invited"            // staff made it
	EventProven    EventKind = "proven"             // the mailbox of one that staff or a provider made was proven
	EventPassword  EventKind = "password"           // its owner set a password
	EventGenerated EventKind = "password_generated" // staff did (S-40)
	EventEmail     EventKind = "email"              // Before and After are the addresses
	EventLinked    EventKind = "linked"             // After is the provider
	EventUnlinked  EventKind = "unlinked"           // Before is the provider
	EventDisabled  EventKind = "disabled"
	EventEnabled   EventKind = "enabled"
	EventSignedOut EventKind = "signed_out" // of everything
	EventClosed    EventKind = "closed"
	EventResetMail EventKind = "reset_mail" // staff sent the way to a new password; nothing has changed yet
	EventSupport   EventKind = "support"    // staff entered it (S-15); After is when that ends, RFC 3339

	EventPasskeyAdded   EventKind = "passkey_added"   // After is its name
	EventPasskeyRemoved EventKind = "passkey_removed" // Before is its name
	EventPasskeyCopied  EventKind = "passkey_copied"  // its counter went back, and it was refused; After is its name

	// What its owner asks of their own data, and what staff answer; nothing of the account has changed.
	EventDataExported     EventKind = "data_exported"
	EventErasureAsked     EventKind = "erasure_asked"
	EventErasureWithdrawn EventKind = "erasure_withdrawn"
	EventErasureDone      EventKind = "erasure_done"
	EventErasureRefused   EventKind = "erasure_refused"
)

// Remarks are the kinds that change nothing of an account.
var Remarks = []EventKind{EventResetMail, EventSupport, EventPasskeyCopied, EventDataExported, EventErasureAsked, EventErasureWithdrawn, EventErasureDone, EventErasureRefused}

// surfaceSignIn is where a mailbox is proven, for history entries; accounts that begin so come from the registration.
const (
	surfaceSignIn       = "sign_in"
	surfaceRegistration = "registration"
)

// Event is a change of an account, as its contact's history keeps it: by the context's actor, and no secret in it.
type Event struct {
	AccountID     uuid.UUID
	Kind          EventKind
	Surface       string // empty: the actor's own
	Before, After string
}

// tell writes a change of an account into the history, in the transaction that makes it.
func (s *Service) tell(ctx context.Context, tx bun.IDB, of Account, e Event) error {
	e.AccountID = of.ID
	return s.book.Tell(ctx, tx, of.SiteID, of.ContactID, e)
}

// tellOwn is tell of what the account's owner did by a proof, before anybody is signed in.
func (s *Service) tellOwn(ctx context.Context, tx bun.IDB, of Account, e Event) error {
	return s.tell(asOwner(ctx, of), tx, of, e)
}

// asOwner names the account's owner in the history of what they do.
func asOwner(ctx context.Context, of Account) context.Context {
	return site.WithActor(ctx, site.Actor{
		Kind: site.KindAccount, Access: site.AccessAccount, SiteID: of.SiteID, ID: of.ID, Name: of.Email, ContactID: of.ContactID, Book: true,
	})
}
