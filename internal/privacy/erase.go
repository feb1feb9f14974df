package privacy

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/inbox"
	"carnet/internal/job"
	"carnet/internal/message"
	"carnet/internal/sale"
	"carnet/internal/secret"
	"carnet/internal/segment"
	"carnet/internal/site"
	"carnet/internal/webhook"
)

// Erasing is what a Service needs beside the rest to erase.
type Erasing struct {
	Contacts *contact.Service
	Jobs     *job.Queue
	Hashes   *secret.Signer // keys the hashes of addresses
	// Tell tells other programs, in the transaction, whom they have to forget too.
	Tell func(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) error
}

// BindErasing gives the service what it needs to erase. It belongs to the program's wiring.
func (s *Service) BindErasing(e Erasing) {
	s.erasing = e
	job.Handle(e.Jobs, s.tidy)
	job.Handle(e.Jobs, s.retain)
}

// eraseSteps are those of all packages: first who reads what others then delete. internal/app's catalogue test holds that each table that names a person
// has one, or stands in Kept with a reason.
func eraseSteps() []account.EraseStep {
	return slices.Concat(ownSteps, segment.EraseSteps, campaign.EraseSteps, inbox.EraseSteps, webhook.EraseSteps, message.EraseSteps, sale.EraseSteps, account.EraseSteps, contact.EraseSteps)
}

// ErasedTables names the tables that an erasure writes.
func ErasedTables() map[string]bool {
	out := map[string]bool{"contact": true, "name_term": true}
	for _, step := range eraseSteps() {
		out[step.Table] = true
	}
	return out
}

// ownSteps are those of requests and of jobs, whose errors may repeat what they were about.
var ownSteps = []account.EraseStep{
	{Table: "privacy_request", SQL: "UPDATE privacy_request SET message = '', reason = '' WHERE site_id = ?0 AND (contact_id = ANY (?1::uuid[]) OR account_id = ANY (?2::uuid[])) AND (message <> '' OR reason <> '')"},
	{Table: "river_job", Deletes: true, SQL: "DELETE FROM river_job WHERE finalized_at IS NOT NULL AND (args::text ~* ?4 OR errors::text ~* ?4)"},
}

// Kept are the tables that name a person by an id only, and stay as they are, each with the reason. A contact that is erased keeps its id: nobody is behind it.
var Kept = map[string]string{
	"order_line": "what was sold, and for which contact", "ticket": "who was let in is a count; its code is random", "membership": "the books and the counts", "pass": "the books and the counts",
	"booking": "the books and the counts", "ledger_account": "the books", "ledger_entry": "the books", "quota_use": "counts", "event": "the site's own; look at what it says", "event_contact": "who had a part, without a name",
	"product": "the site's own", "contact_sale": "computed of the books", "contact_indicator": "computed of the books", "contact_word": "triggers keep it", "webhook_told": "looks keep it", "contact_tombstone": "holds no personal data", "erasure": "the proof",
}

// begin holds a contact for erasing and names who it is.
func (s *Service) begin(ctx context.Context, tx bun.IDB, siteID, contactID uuid.UUID) (*contact.Erasing, account.Erased, error) {
	of := account.Erased{SiteID: siteID}
	e, err := contact.HoldErasing(ctx, tx, siteID, contactID)
	if err != nil {
		return nil, of, err
	}
	of.Contacts = e.IDs()
	if err := account.NameErased(ctx, tx, &of); err != nil {
		return nil, of, err
	}
	return e, of, e.Name(ctx, tx, &of)
}

// erase takes away all that is known of who is held and gives what was done, a table a deed.
func (s *Service) erase(ctx context.Context, tx bun.IDB, e *contact.Erasing, of account.Erased) ([]account.EraseDeed, error) {
	ids := make([]string, len(of.Contacts))
	for i, id := range of.Contacts {
		ids[i] = id.String()
	}
	if _, err := tx.NewRaw("SELECT set_config('carnet.erasing', ?, true)", strings.Join(ids, ",")).Exec(ctx); err != nil {
		return nil, db.MapError(err, "begin to erase")
	}
	deeds, err := account.Erase(ctx, tx, of, eraseSteps())
	if err != nil {
		return nil, err
	}
	more, err := s.erasing.Contacts.EraseRecord(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	return byTable(append(deeds, more...)), nil
}

func byTable(deeds []account.EraseDeed) []account.EraseDeed {
	out := []account.EraseDeed{}
	for _, d := range deeds {
		at := slices.IndexFunc(out, func(o account.EraseDeed) bool { return o.Table == d.Table })
		if at < 0 {
			out = append(out, d)
			continue
		}
		out[at].Deleted, out[at].Emptied = out[at].Deleted+d.Deleted, out[at].Emptied+d.Emptied
	}
	slices.SortFunc(out, func(a, b account.EraseDeed) int { return strings.Compare(a.Table, b.Table) })
	return out
}

// Erase makes a contact, and all that had become part of it, one that nobody is behind: what is personal goes or is emptied wherever it stands, its account is
// closed, an open request of theirs is answered, programs are told to forget it too. What was bought stays, for the books and the counts. Done again it finds
// nothing and gives the proof that there is; it follows merges. Needs a manager.
//
// Mendable, each at contactId: what is in force (sale.Hindrance); INVALID ground. NotFound.
func (s *Service) Erase(ctx context.Context, contactID uuid.UUID, ground Ground) (*Proof, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(grounds, ground) {
		return nil, fault.Invalid(fault.InvalidValue, []string{"ground"}, "say why: by a request, because consent was withdrawn, because the data are not needed any more, or because they were held unlawfully")
	}
	var out *Proof
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if out, err = s.eraseIn(ctx, tx, a, contactID, ground); err != nil {
			return err
		}
		return s.tidyLater(ctx, tx, out)
	})
	return out, err
}

func (s *Service) eraseIn(ctx context.Context, tx bun.Tx, a site.Actor, contactID uuid.UUID, ground Ground) (*Proof, error) {
	e, of, err := s.begin(ctx, tx, a.SiteID, contactID)
	if err != nil {
		return nil, err
	}
	at, err := s.sites.ByID(ctx, a.SiteID)
	if err != nil {
		return nil, err
	}
	if err := s.hindered(ctx, tx, at, of.Contacts); err != nil {
		return nil, err
	}
	stays := e.Rows[0]
	out := &Proof{
		SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), ContactID: stays.ID, Number: stays.Number, Ground: ground, At: s.now(), ActorKind: a.Kind, ActorName: a.Name,
		ContactIDs: of.Contacts, AccountIDs: append([]uuid.UUID{}, of.Accounts...), Hashes: s.hashes(of.Emails),
	}
	if a.ID != uuid.Nil {
		out.ActorID = &a.ID
	}
	if out.RequestID, err = s.answerAll(ctx, tx, a, at, of); err != nil {
		return nil, err
	}
	if out.Deeds, err = s.erase(ctx, tx, e, of); err != nil {
		return nil, err
	}
	if len(out.Deeds) == 0 {
		return s.lastOf(ctx, tx, a.SiteID, stays.ID)
	}
	if _, err := tx.NewInsert().Model(out).Exec(ctx); err != nil {
		return nil, db.MapError(err, "insert erasure")
	}
	if err := s.erasing.Tell(ctx, tx, a.SiteID, stays.ID); err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) hindered(ctx context.Context, tx bun.IDB, of site.Site, contacts []uuid.UUID) error {
	found, err := sale.Hinders(ctx, tx, of.ID, contacts, of.Day(s.now()), s.now())
	if err != nil {
		return err
	}
	var list fault.List
	for _, h := range found {
		list = append(list, fault.Invalid(h.Code, []string{"contactId"}, hinderedBy[sale.Hindrance(h.Code)], h.Count))
	}
	return list.Err()
}

// hinderedBy says of each hindrance what it is and what to do.
var hinderedBy = map[sale.Hindrance]string{
	sale.Owes: "%d orders are not settled: take the payment, pay back or return first", sale.HasCredit: "there is credit on %d accounts: pay it out first", sale.HasDeposit: "a deposit is kept on %d accounts: give it back first",
	sale.MembershipRuns: "%d memberships run: end them first", sale.PassRuns: "%d passes have uses left: return them first", sale.TicketToCome: "there are %d tickets for events to come: return them first",
	sale.BookingToCome: "there are %d bookings to come: cancel them first", sale.PaymentUnderWay: "%d payments are under way: wait for them, or settle them, first", sale.OrganizesToCome: "%d events to come are organized by them: give these another organizer first",
}

// answerAll answers the person's open requests to be erased: it is done. It gives the id of one.
func (s *Service) answerAll(ctx context.Context, tx bun.IDB, a site.Actor, at site.Site, of account.Erased) (*uuid.UUID, error) {
	var open []*Request
	err := tx.NewSelect().Model(&open).Where("site_id = ? AND contact_id IN (?) AND state = ?", of.SiteID, bun.List(of.Contacts), Open).Order("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, db.MapError(err, "lock privacy requests")
	}
	var last *uuid.UUID
	for _, r := range open {
		if err := s.done(ctx, tx, a, at, r, ""); err != nil {
			return nil, err
		}
		last = &r.ID
	}
	return last, nil
}
