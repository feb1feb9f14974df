package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/site"
)

// unwanted is the beginning of a CASE in SQL: why a contact is not to be written to by a channel, whatever it agreed to (S-45). What a
// contract needs, which has no purpose, asks for it as little as for consent.
func unwanted(contact, purpose, channel string) string {
	return "WHEN " + purpose + " IS NOT NULL AND " + contact + ".do_not_contact THEN '" + string(NoContact) + "'" +
		" WHEN " + purpose + " IS NOT NULL AND " + contact + ".only_preferred_means AND " + contact + ".preferred_means <> " + channel + " THEN '" + string(OtherMeans) + "'"
}

// Advice tells whether to use a means of communication with a contact, and why not (S-45).
type Advice struct {
	Means     contact.Means
	Use       bool
	Preferred bool
	Reason    *Reason // nil: use it
	Address   string  // where it leads; empty when that is not known
	Purposes  []uuid.UUID
	Returns
}

// Returns is what came back of messages to an address that takes mail all the same.
type Returns struct {
	SoftBounces  int
	ComplainedAt *time.Time // the last time
}

// reached is what a means needs beside the book: whether there is an account, whether address and number are dead, and what came back from it.
type reached struct {
	ContactID uuid.UUID `bun:"type:uuid"`
	Account   string
	Dead      bool // the e-mail address reaches nobody
	DeadPhone bool // nor does the mobile number by text messages
	Returns
}

const whoIsReached = `SELECT c.id AS contact_id, coalesce(a.email, '') AS account,
	EXISTS (SELECT FROM dead_address d WHERE d.site_id = c.site_id AND d.address_key = c.email_key AND c.email_key <> '') AS dead,
	EXISTS (SELECT FROM dead_address d WHERE d.site_id = c.site_id AND d.address_key = c.mobile AND c.mobile <> '') AS dead_phone, r.soft_bounces, r.complained_at
	FROM contact c LEFT JOIN account a ON a.site_id = c.site_id AND a.contact_id = c.id
	CROSS JOIN LATERAL (SELECT coalesce(sum(soft_bounces), 0) AS soft_bounces, max(complained_at) AS complained_at
		FROM campaign_recipient r WHERE r.site_id = c.site_id AND r.contact_id = c.id AND r.address_key = c.email_key AND c.email_key <> '') r
	WHERE c.site_id = ? AND c.id IN (?)`

// Advise gives, for many contacts at once, which means to use with each and why not the others (S-45). Needs a viewer.
func (s *Service) Advise(ctx context.Context, records []*contact.Record) (map[uuid.UUID][]*Advice, error) {
	a, err := site.RequireBook(ctx, site.AccessViewer)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	ids := make([]uuid.UUID, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	consents, err := s.Contacts.ConsentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var rows []reached
	if err := s.DB.Bun.NewRaw(whoIsReached, a.SiteID, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, db.MapError(err, "read accounts")
	}
	by := make(map[uuid.UUID]reached, len(rows))
	for _, row := range rows {
		by[row.ContactID] = row
	}
	out := make(map[uuid.UUID][]*Advice, len(records))
	for _, r := range records {
		for _, means := range contact.AllMeans {
			out[r.ID] = append(out[r.ID], advise(r, means, by[r.ID], consents[r.ID]))
		}
	}
	return out, nil
}

func advise(r *contact.Record, means contact.Means, who reached, consents []*contact.Consent) *Advice {
	out := &Advice{Means: means, Preferred: r.PreferredMeans != nil && *r.PreferredMeans == means, Purposes: []uuid.UUID{}}
	switch means {
	case contact.MeansEmail:
		out.Address, out.Returns = r.Email, who.Returns
	case contact.MeansSMS:
		out.Address = r.Mobile
	case contact.MeansPhone:
		out.Address = r.Phone
		if out.Address == "" {
			out.Address = r.Mobile
		}
	case contact.MeansPost:
		out.Address = onOneLine(r)
	case contact.MeansInternal:
		out.Address = who.Account
	}
	for _, c := range consents {
		if string(c.Channel) == string(means) && c.State == contact.ConsentGiven {
			out.Purposes = append(out.Purposes, c.PurposeID)
		}
	}
	because := func(reason Reason) { out.Reason = &reason }
	switch {
	case r.DoNotContact:
		because(NoContact)
	case r.OnlyPreferredMeans && !out.Preferred:
		because(OtherMeans)
	case out.Address == "":
		because(NoAddress)
	case means == contact.MeansEmail && who.Dead, means == contact.MeansSMS && who.DeadPhone:
		because(Bounced)
	case means != contact.MeansInternal && len(out.Purposes) == 0: // the ledger knows no such channel: in their own account people are at home
		because(NoConsent)
	default:
		out.Use = true
	}
	return out
}

// onOneLine gives where letters go; empty without a street or a town.
func onOneLine(r *contact.Record) string {
	if r.AddressLines == "" && r.City == "" {
		return ""
	}
	parts := append(strings.Split(r.AddressLines, "\n"), strings.TrimSpace(r.Postcode+" "+r.City), r.Country)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
