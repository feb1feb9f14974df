package privacy

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/inbox"
	"carnet/internal/message"
	"carnet/internal/sale"
	"carnet/internal/segment"
	"carnet/internal/site"
	"carnet/internal/webhook"
)

// Schema names the shape of the file, which docs/privacy.md describes. A change that readers could trip over takes the next number.
const Schema = "carnet-personal-data/2"

// sectionRequests are the person's own requests.
const sectionRequests = "requests"

// section is a part of the file. One of one has one item at most and no list around it.
type section struct {
	name string
	one  bool
}

// sections are all there are, in the order of the file.
var sections = []section{
	{contact.SectionContact, true}, {contact.SectionMerged, false}, {contact.SectionAnswers, false}, {contact.SectionReferences, false}, {contact.SectionLinks, false},
	{contact.SectionGroups, false}, {contact.SectionLabels, false}, {contact.SectionNotes, false}, {contact.SectionConsents, false}, {contact.SectionHistory, false},
	{contact.SectionImports, false}, {contact.SectionBatches, false},
	{segment.SectionSegments, false},
	{account.SectionAccount, true}, {account.SectionLogins, false}, {account.SectionPasskeys, false}, {account.SectionSessions, false}, {account.SectionCheckouts, false},
	{sale.SectionOrders, false}, {sale.SectionTickets, false}, {sale.SectionMemberships, false}, {sale.SectionPasses, false}, {sale.SectionBookings, false},
	{sale.SectionPayments, false}, {sale.SectionBalances, false}, {sale.SectionDeposits, false}, {sale.SectionEvents, false},
	{message.SectionMails, false}, {campaign.SectionMailings, false}, {inbox.SectionMessages, false}, {webhook.SectionDeliveries, false},
	{sectionRequests, false},
}

// leftOut is by what contacts are sorted: it is internal (T-62), and in the staff's file only. Of these, labels and segments are sections.
var leftOut = []string{"color", contact.SectionLabels, segment.SectionSegments}

// Disclosed are the tables that refer to a contact or an account, each with the section that tells of its rows.
var Disclosed = map[string]string{
	"contact": contact.SectionMerged, "affiliation": contact.SectionLinks, "contact_reference": contact.SectionReferences, "contact_group_member": contact.SectionGroups,
	"contact_label": contact.SectionLabels, "contact_note": contact.SectionNotes, "consent_entry": contact.SectionConsents, "contact_history": contact.SectionHistory,
	"import_row": contact.SectionImports, "batch_item": contact.SectionBatches, "segment_member": segment.SectionSegments,
	"account": account.SectionAccount, "account_identity": account.SectionLogins, "passkey": account.SectionPasskeys, "token_session": account.SectionSessions,
	"email_challenge": account.SectionAccount, "calendar_feed": account.SectionAccount, "checkout": account.SectionCheckouts, "webhook_delivery": webhook.SectionDeliveries, "privacy_request": sectionRequests,
	"sale_order": sale.SectionOrders, "order_line": sale.SectionOrders, "ticket": sale.SectionTickets, "membership": sale.SectionMemberships, "pass": sale.SectionPasses,
	"booking": sale.SectionBookings, "payment": sale.SectionPayments, "ledger_account": sale.SectionBalances, "balance_change": sale.SectionDeposits, "event": sale.SectionEvents, "event_contact": sale.SectionEvents,
	"campaign_recipient": campaign.SectionMailings, "inbox_thread": inbox.SectionMessages,
}

// Withheld are the others, each with the reason. internal/app's catalogue test holds that every table is in one of both.
var Withheld = map[string]string{
	"consent":           "what holds now, of the ledger that is told whole",
	"campaign_pick":     "whom a draft is meant for; who was written to is told",
	"consent_pending":   "what waits to be confirmed, of the ledger that is told whole",
	"consent_request":   "mails that asked to confirm, which are told",
	"contact_merge":     "the records are told as one, and so are their histories",
	"contact_twin":      "computed; the other of a pair is another person",
	"contact_not_twin":  "that two are two people; the other of a pair is another person",
	"contact_tombstone": "of contacts that are gone, who have no account",
	"contact_word":      "the words of the names, for searching",
	"webhook_told":      "who is in a segment, as it is computed",
	"auth_code":         "a code that is good for a minute",
	"support_code":      "a code that is good for two minutes; who came by one is in the history and in the sessions",
	"account_recovery":  "a link that takes the account back; the addresses are in the history",
	"contact_sale":      "counted from what is told",
	"contact_indicator": "counted from what is told",
	"quota_use":         "counted from the orders that are told",
	"ledger_entry":      "what the balances, orders and payments that are told consist of",
	"product":           "what the site sells; a supplier of it knows",
	"passkey_ceremony":  "a challenge that is good for minutes",
	"erasure":           "that somebody was erased; it knows nobody",
}

// Export writes what is held about the end user who calls, but for what is left out, as a JSON object (docs/privacy.md), read in one snapshot, a few hundred entries in memory. It is told in
// the history and to the mailbox before the first byte. Needs a fresh sign-in, by the owner; five an hour. PROOF_NEEDED.
func (s *Service) Export(ctx context.Context, to io.Writer) error {
	var of account.Account
	deed := account.Deed{Event: account.EventDataExported, Mail: account.MailDataExported, Fresh: true}
	err := s.accounts.Do(ctx, deed, func(_ context.Context, _ bun.IDB, _ site.Actor, row account.Account) (map[string]string, error) {
		of = row
		return map[string]string{}, nil
	})
	if err != nil {
		return err
	}
	return s.write(ctx, of.SiteID, of.ContactID, site.ActorOf(ctx).Language, true, newFile(to, true))
}

// sink takes what is held about a person, in the order of sections.
type sink interface {
	begin(siteName string, at time.Time)
	give(section string, item any) error
	end() error
}

func (s *Service) write(ctx context.Context, siteID, contactID uuid.UUID, language string, own bool, out sink) error {
	err := s.db.Bun.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(ctx context.Context, tx bun.Tx) error {
		of, err := s.sites.ByID(ctx, siteID)
		if err != nil {
			return err
		}
		out.begin(of.Name, s.now())
		return disclose(ctx, tx, of, contactID, language, own, out.give)
	})
	if err != nil {
		return err
	}
	return out.end()
}

// disclose gives all that is held about a contact, in the order of sections; own without what is left out.
func disclose(ctx context.Context, q bun.IDB, of site.Site, contactID uuid.UUID, language string, own bool, give account.Disclosure) error {
	if err := contact.Disclose(ctx, q, of, contactID, language, own, give); err != nil {
		return err
	}
	if !own {
		if err := segment.Disclose(ctx, q, of.ID, contactID, give); err != nil {
			return err
		}
	}
	if err := account.Disclose(ctx, q, of.ID, contactID, give); err != nil {
		return err
	}
	if err := sale.Disclose(ctx, q, of.ID, contactID, give); err != nil {
		return err
	}
	mailbox, err := account.Mailbox(ctx, q, of.ID, contactID)
	if err == nil && mailbox != "" {
		err = message.Disclose(ctx, q, of.ID, mailbox, give)
	}
	if err != nil {
		return err
	}
	if err := campaign.Disclose(ctx, q, of, contactID, language, give); err != nil {
		return err
	}
	if err := inbox.Disclose(ctx, q, of.ID, contactID, give); err != nil {
		return err
	}
	if err := webhook.Disclose(ctx, q, of.ID, contactID, give); err != nil {
		return err
	}
	var rows []*Request
	if err := q.NewSelect().Model(&rows).Where("site_id = ? AND contact_id = ?", of.ID, contactID).Order("id").Scan(ctx); err != nil {
		return db.MapError(err, "read privacy requests")
	}
	for _, r := range rows {
		item := requestItem{r.Kind, r.Message, r.State, r.AskedAt, r.DueAt, r.DoneAt, r.Reason}
		if err := give(sectionRequests, item); err != nil {
			return err
		}
	}
	return nil
}

type requestItem struct {
	Kind    Kind       `json:"kind"`
	Message string     `json:"message,omitempty"`
	State   State      `json:"state"`
	Asked   time.Time  `json:"asked"`
	Due     time.Time  `json:"due"`
	Ended   *time.Time `json:"ended,omitempty"`
	Reason  string     `json:"reason,omitempty"`
}

// file writes sections as members of one JSON object; a section without items is null or an empty list.
type file struct {
	to       *bufio.Writer
	sections []section
	leftOut  []string
	next     int  // the section after the present one
	any      bool // the present one has an item
}

func newFile(to io.Writer, own bool) *file {
	f := &file{to: bufio.NewWriterSize(to, 32<<10), sections: sections}
	if own {
		f.leftOut = leftOut
		f.sections = slices.DeleteFunc(slices.Clone(sections), func(s section) bool { return slices.Contains(leftOut, s.name) })
	}
	return f
}

func (f *file) begin(siteName string, at time.Time) {
	head, _ := json.Marshal(struct { // texts and a time always marshal
		Schema  string    `json:"schema"`
		Made    time.Time `json:"made"`
		Site    string    `json:"site"`
		LeftOut []string  `json:"leftOut,omitempty"`
	}{Schema, at.UTC().Truncate(time.Second), siteName, f.leftOut})
	_, _ = f.to.Write(head[:len(head)-1]) // the writer keeps its first error, which end gives
}

func (f *file) give(section string, item any) error {
	for f.next == 0 || f.sections[f.next-1].name != section {
		if f.next == len(f.sections) {
			return fault.New(fault.Internal, "the section %s comes out of its order, or is not known", section)
		}
		f.close()
		f.open()
	}
	one := f.sections[f.next-1].one
	if f.any && one {
		return fault.New(fault.Internal, "the section %s has one item", section)
	}
	b, err := json.Marshal(item)
	if err != nil {
		return fault.Wrap(err, "write "+section)
	}
	if f.any {
		_, _ = f.to.WriteString(",")
	}
	if !one {
		_, _ = f.to.WriteString("\n    ")
	}
	f.any = true
	_, err = f.to.Write(b)
	return fault.Wrap(err, "write export")
}

// open begins the next section.
func (f *file) open() {
	s := f.sections[f.next]
	f.next, f.any = f.next+1, false
	_, _ = f.to.WriteString(",\n  \"" + s.name + "\": ")
	if !s.one {
		_, _ = f.to.WriteString("[")
	}
}

// close ends the present section.
func (f *file) close() {
	switch {
	case f.next == 0:
	case !f.sections[f.next-1].one:
		_, _ = f.to.WriteString("]")
	case !f.any:
		_, _ = f.to.WriteString("null")
	}
}

func (f *file) end() error {
	for f.next < len(f.sections) {
		f.close()
		f.open()
	}
	f.close()
	_, _ = f.to.WriteString("\n}\n")
	return fault.Wrap(f.to.Flush(), "write export")
}
