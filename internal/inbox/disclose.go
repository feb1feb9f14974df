package inbox

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
)

// SectionMessages are the messages between the person and the staff.
const SectionMessages = "messages"

type messageItem struct {
	Subject string    `json:"subject"`
	From    string    `json:"from"` // you, or staff, of whom nobody is named
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
}

// Disclose gives the messages of a person's inbox. q is to be one snapshot. The caller has the right.
func Disclose(ctx context.Context, q bun.IDB, siteID, contactID uuid.UUID, give account.Disclosure) error {
	var rows []struct {
		Message `bun:",extend"`
		Subject string
	}
	err := q.NewRaw(`SELECT m.*, t.subject FROM inbox_thread t JOIN inbox_message m ON m.site_id = t.site_id AND m.thread_id = t.id
		WHERE t.site_id = ?0 AND t.contact_id = ?1 ORDER BY t.id, m.id`, siteID, contactID).Scan(ctx, &rows)
	if err != nil {
		return db.MapError(err, "read messages")
	}
	for _, m := range rows {
		from := "staff"
		if m.Author == Person {
			from = "you"
		}
		if err := give(SectionMessages, messageItem{m.Subject, from, m.At, m.Body}); err != nil {
			return err
		}
	}
	return nil
}
