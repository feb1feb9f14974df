package message

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/site"
)

// SectionMails are the mails that were written to the person.
const SectionMails = "mails"

type mailItem struct {
	Kind    string     `json:"kind,omitempty"` // none of a mail that is older than kinds
	Subject string     `json:"subject"`
	At      time.Time  `json:"at"`
	Sent    *time.Time `json:"sent,omitempty"`
}

// Disclose gives the mails that were written to a mailbox, which is to be the person's by proof, without their texts: what those say is elsewhere in the file,
// and codes are told to nobody twice. q is to be one snapshot. The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, siteID uuid.UUID, mailbox string, give account.Disclosure) error {
	var rows []*Mail
	err := q.NewSelect().Model(&rows).Column("id", "kind", "subject", "sensitive", "created_at", "sent_at").
		Where("site_id = ? AND recipient_key = ?", siteID, site.EmailKey(mailbox)).Order("id").Scan(ctx)
	if err != nil {
		return db.MapError(err, "read mails")
	}
	for _, m := range rows {
		if m.Sensitive {
			m.Subject = subjectWithoutCode(m.Subject)
		}
		if err := give(SectionMails, mailItem{m.Kind, m.Subject, m.CreatedAt, m.SentAt}); err != nil {
			return err
		}
	}
	return nil
}
