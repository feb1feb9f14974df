package campaign

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// A message names its recipient in its return path (a variable envelope return path) and in its Message-ID, signed: what comes back of
// it tells by that whom it is about, whatever else it says. The mark is in letters that survive a mail server which writes them small.

// maxBox is how long the part of the return address before the + may be: a local part has 64 octets (RFC 5321, section 4.5.3.1.1).
const maxBox = 64 - 1 - markSize

const (
	refBytes = 5
	sumBytes = 10
	markSize = ((16+refBytes+sumBytes)*8 + 4) / 5
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// mark gives a recipient's mark.
func (s *Service) mark(siteID uuid.UUID, ref int64) string {
	about := aboutOf(siteID, ref)
	return strings.ToLower(letters.EncodeToString(append(about, s.Returns.Digest(string(about))[:sumBytes]...)))
}

func aboutOf(siteID uuid.UUID, ref int64) []byte {
	number := binary.BigEndian.AppendUint64(nil, uint64(ref)) //nolint:gosec // identities begin at 1
	return append(append(make([]byte, 0, 32), siteID[:]...), number[8-refBytes:]...)
}

// marked reads a mark; ok is false for one that we have not made.
func (s *Service) marked(mark string) (siteID uuid.UUID, ref int64, ok bool) {
	b, err := letters.DecodeString(strings.ToUpper(mark))
	if err != nil || len(b) != 16+refBytes+sumBytes {
		return siteID, 0, false
	}
	about := b[:16+refBytes]
	if !hmac.Equal(b[16+refBytes:], s.Returns.Digest(string(about))[:sumBytes]) {
		return siteID, 0, false
	}
	number := append(make([]byte, 8-refBytes, 8), about[16:]...)
	return uuid.UUID(about[:16]), int64(binary.BigEndian.Uint64(number)), true //nolint:gosec // of five bytes
}

// CheckReturnAddress refuses an address for what comes back that has no room for a mark.
func CheckReturnAddress(address string) error {
	box, domain, _ := strings.Cut(address, "@")
	if address != "" && (box == "" || domain == "" || len(box) > maxBox || strings.ContainsAny(address, "+<> ")) {
		return fault.New(fault.BadInput, "CARNET_BOUNCE_ADDRESS is %q: give a plain address, as bounces@example.org, with at most %d characters before the @", address, maxBox)
	}
	return nil
}

// returnPath gives the envelope's sender; empty where nothing is to come back.
func (s *Service) returnPath(mark string) string {
	box, domain, found := strings.Cut(s.ReturnAddress, "@")
	if !found {
		return ""
	}
	return box + "+" + mark + "@" + domain
}

// Returned is what became of a report.
type Returned string

// What becomes of reports. A report that tells nothing new is Known.
const (
	Dead       Returned = "dead"       // the address takes nothing for good
	Soft       Returned = "soft"       // this message was not delivered, or not yet
	Complained Returned = "complained" // consent to the purpose has ended
	Known      Returned = "known"
)

// Hear takes a mail that came back: a delivery status notification (RFC 3464) or an abuse report (RFC 5965). to is the address it was
// delivered to, where that is known apart from its headers. Needs an operator of the site whose message it is about. BadInput for what is
// neither of the two, Forbidden for one that does not bear a mark of ours: anybody can write a report.
func (s *Service) Hear(ctx context.Context, mail []byte, to string) (Returned, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return "", err
	}
	r, err := readReport(mail)
	if err != nil {
		return "", err
	}
	ref, found := int64(0), false
	for _, mark := range r.marks(to) {
		if of, n, ok := s.marked(mark); ok && of == a.SiteID {
			ref, found = n, true
			break
		}
	}
	if !found {
		return "", fault.New(fault.Forbidden, "this report names no message of this site's")
	}
	out := Known
	err = s.DB.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, c := new(Recipient), new(Campaign)
		if err := tx.NewSelect().Model(row).Where("site_id = ? AND ref = ?", a.SiteID, ref).For("UPDATE").Scan(ctx); err != nil {
			return db.Missing(err, "message", "read recipient")
		}
		if err := tx.NewSelect().Model(c).Where("site_id = ? AND id = ?", a.SiteID, row.CampaignID).Scan(ctx); err != nil {
			return db.MapError(err, "read campaign")
		}
		if r.complaint {
			out, err = s.complain(ctx, tx, c, row)
		} else {
			out, err = s.bounce(ctx, tx, c, row, r)
		}
		return err
	})
	return out, err
}

// bounce notes that a message was not delivered. Where it is for good, the address is not written to again.
func (s *Service) bounce(ctx context.Context, tx bun.Tx, c *Campaign, row *Recipient, r *report) (Returned, error) {
	if row.State == Failed || row.State == Left || row.AddressKey == "" {
		return Known, nil
	}
	row.Problem = r.problem
	if !r.lasting {
		row.SoftBounces++
		_, err := tx.NewUpdate().Model(row).Column("problem", "soft_bounces").WherePK().Exec(ctx)
		return Soft, db.MapError(err, "count bounce")
	}
	now := s.now()
	row.State, row.Reason, row.SettledAt = Failed, Bounced, &now
	if _, err := tx.NewUpdate().Model(row).Column("state", "reason", "problem", "settled_at").WherePK().Exec(ctx); err != nil {
		return "", db.MapError(err, "write bounce")
	}
	if err := rememberDead(ctx, tx, row.SiteID, row.AddressKey, row.Problem); err != nil {
		return "", err
	}
	return Dead, recount(ctx, tx, c)
}

// complain takes a complaint for a withdrawal, once: one that is told again does not undo what the person has said since.
func (s *Service) complain(ctx context.Context, tx bun.Tx, c *Campaign, row *Recipient) (Returned, error) {
	if row.ComplainedAt != nil {
		return Known, nil
	}
	now := s.now()
	row.ComplainedAt = &now
	if _, err := tx.NewUpdate().Model(row).Column("complained_at").WherePK().Exec(ctx); err != nil {
		return "", db.MapError(err, "write complaint")
	}
	if c.PurposeID == nil {
		return Complained, nil
	}
	err := s.Contacts.WithdrawIn(ctx, tx, c.SiteID, row.ContactID, *c.PurposeID, contact.ConsentByComplaint)
	if fault.CodeOf(err) == fault.NotFound { // gone for good meanwhile
		err = nil
	}
	return Complained, err
}
