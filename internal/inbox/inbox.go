// Package inbox holds messages between the people who have accounts and the site's staff: threads, each of one person (P-22).
//
// Staff or a campaign begin a thread, both sides answer. A thread counts what either side has not read; the change feed tells the count to
// whoever looks. What a campaign begins is in the staff's inbox only once the person answers. Texts are plain; what shows them makes links.
//
// A campaign's thread has an id that follows from the campaign and the contact: delivering twice writes once.
//
// What a person does not read within Wait, a mail tells them of.
package inbox

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/fault"
)

// Author is a side of a thread.
type Author string

// The sides.
const (
	Person Author = "person"
	Staff  Author = "staff"
)

// Thread is a conversation with one person.
type Thread struct {
	bun.BaseModel `bun:"table:inbox_thread"`

	SiteID       uuid.UUID `bun:",pk,type:uuid"`
	ID           uuid.UUID `bun:",pk,type:uuid"`
	ContactID    uuid.UUID `bun:"type:uuid"`
	Subject      string
	CampaignID   *uuid.UUID
	Talk         bool
	Closed       bool
	AssignedTo   *uuid.UUID
	PersonUnread int
	StaffUnread  int
	LastAt       time.Time
	TellAt       *time.Time // when a mail about what they have not read falls due
	ToldAt       *time.Time // a mail told them, and they have not looked since
	CreatedAt    time.Time  `bun:",nullzero"`
}

// Cursor is the thread's place among those that were last written in.
func (t *Thread) Cursor() string {
	return strconv.FormatInt(t.LastAt.UnixMicro(), 36) + "." + t.ID.String()
}

// Message is one of a thread.
type Message struct {
	bun.BaseModel `bun:"table:inbox_message"`

	SiteID     uuid.UUID `bun:",pk,type:uuid"`
	ID         uuid.UUID `bun:",pk,type:uuid"`
	ThreadID   uuid.UUID `bun:"type:uuid"`
	Author     Author
	AuthorID   *uuid.UUID
	AuthorName string
	Body       string
	At         time.Time
}

// The limits of what people write.
const (
	MaxSubject = 200
	MaxBody    = 10_000
	maxAnHour  = 30 // messages of one person
)

// Service answers for inboxes.
type Service struct {
	Now func() time.Time // moved by tests

	db   *db.DB
	mail account.Mailer
}

// New makes the service.
func New(d *db.DB, mail account.Mailer) *Service { return &Service{Now: time.Now, db: d, mail: mail} }

// Movers are the tables whose rows a merge of contacts moves.
var Movers = []contact.Mover{{Name: "messages", Table: "inbox_thread", Column: "contact_id", Alone: true}}

// ThreadPage is a page of threads, what was last written in first.
type ThreadPage struct {
	Threads []*Thread
	More    bool
}

// MessagePage is a page of a thread, the newest first.
type MessagePage struct {
	Messages []*Message
	More     bool
}

// page reads a page of threads after a cursor.
func page(ctx context.Context, q *bun.SelectQuery, rows *[]*Thread, first int, after string) (more bool, err error) {
	if first < 1 || first > contact.MaxPage {
		return false, fault.New(fault.BadInput, "ask for 1 to %d threads", contact.MaxPage)
	}
	if after != "" {
		at, id, _ := strings.Cut(after, ".")
		micro, errAt := strconv.ParseInt(at, 36, 64)
		last, errID := uuid.Parse(id)
		if errAt != nil || errID != nil {
			return false, fault.New(fault.BadInput, "this cursor is not one of this list")
		}
		q = q.Where("(last_at, id) < (?, ?)", time.UnixMicro(micro), last)
	}
	if err := q.OrderExpr("last_at DESC, id DESC").Limit(int64(first)+1).Scan(ctx, rows); err != nil {
		return false, db.MapError(err, "read threads")
	}
	more = len(*rows) > first
	*rows = (*rows)[:min(len(*rows), first)]
	return more, nil
}

// messages reads a page of a thread.
func messages(ctx context.Context, q bun.IDB, t *Thread, first int, after string) (out MessagePage, err error) {
	out.Messages = []*Message{}
	sel := q.NewSelect().Model(&out.Messages).Where("site_id = ? AND thread_id = ?", t.SiteID, t.ID).Order("id DESC")
	out.More, err = contact.ScanPage(ctx, sel, &out.Messages, "id <", first, after, "messages")
	return out, err
}

// lastOf gives the last message of each of many threads.
func lastOf(ctx context.Context, q bun.IDB, siteID uuid.UUID, threads []uuid.UUID) (map[uuid.UUID]*Message, error) {
	var rows []*Message
	out := make(map[uuid.UUID]*Message, len(threads))
	if len(threads) == 0 {
		return out, nil
	}
	err := q.NewRaw(`SELECT m.* FROM inbox_thread t, LATERAL (SELECT * FROM inbox_message m WHERE m.site_id = t.site_id AND m.thread_id = t.id ORDER BY id DESC LIMIT 1) AS m
		WHERE t.site_id = ? AND t.id IN (?)`, siteID, bun.List(threads)).Scan(ctx, &rows)
	for _, m := range rows {
		out[m.ThreadID] = m
	}
	return out, db.MapError(err, "read last messages")
}

// clean gives what somebody wrote as it is kept: without what could hide or turn parts of it. Mendable: REQUIRED, TOO_LONG.
func clean(text string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "")))
	switch {
	case text == "":
		return "", fault.Invalid(fault.Required, []string{"body"}, "write a message")
	case utf8.RuneCountInString(text) > MaxBody:
		return "", fault.Invalid(fault.TooLong, []string{"body"}, "a message has at most %d characters", MaxBody)
	}
	return text, nil
}

// add writes a message into a locked thread.
func add(ctx context.Context, tx bun.IDB, t *Thread, m *Message) error {
	m.SiteID, m.ThreadID, m.ID = t.SiteID, t.ID, uuid.Must(uuid.NewV7())
	if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
		return db.MapError(err, "insert message")
	}
	t.LastAt = m.At
	if m.Author == Person {
		t.StaffUnread, t.PersonUnread, t.Talk, t.Closed = t.StaffUnread+1, 0, true, false
	} else {
		t.PersonUnread, t.StaffUnread = t.PersonUnread+1, 0
		if t.TellAt == nil {
			due := m.At.Add(Wait)
			t.TellAt = &due
		}
	}
	_, err := tx.NewUpdate().Model(t).Column("last_at", "staff_unread", "person_unread", "talk", "closed", "tell_at").WherePK().Exec(ctx)
	return db.MapError(err, "update thread")
}

func lock(ctx context.Context, tx bun.IDB, siteID, id uuid.UUID) (*Thread, error) {
	t := new(Thread)
	err := tx.NewSelect().Model(t).Where("site_id = ? AND id = ?", siteID, id).For("UPDATE").Scan(ctx)
	return t, db.Missing(err, "thread", "lock thread")
}

// Delivery is a campaign's message to one person.
type Delivery struct {
	SiteID, CampaignID, ContactID uuid.UUID
	Subject, Body                 string
	AuthorID                      *uuid.UUID
	AuthorName                    string
	Talk                          bool // written to this person alone: the thread is in the staff's inbox at once
}

// Deliver begins a thread with a campaign's message; of a delivery that was made already it does nothing. The caller has the right.
func (s *Service) Deliver(ctx context.Context, d Delivery) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now := s.Now()
		t := &Thread{
			SiteID: d.SiteID, ID: uuid.NewSHA1(d.CampaignID, d.ContactID[:]), ContactID: d.ContactID, Subject: d.Subject, CampaignID: &d.CampaignID, Talk: d.Talk, LastAt: now,
		}
		res, err := tx.NewInsert().Model(t).On("CONFLICT (site_id, id) DO NOTHING").Exec(ctx)
		if err != nil {
			return db.MapError(err, "insert thread")
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return add(ctx, tx, t, &Message{Author: Staff, AuthorID: d.AuthorID, AuthorName: d.AuthorName, Body: d.Body, At: now})
	})
}
