package site

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// SignInEventKind is what happened to how somebody signs in.
type SignInEventKind string

// The kinds.
const (
	SecondStepConfirmed SignInEventKind = "second_step_confirmed"
	SecondStepRemoved   SignInEventKind = "second_step_removed"
	RecoveryCodesMade   SignInEventKind = "recovery_codes_made"
	RecoveryCodeUsed    SignInEventKind = "recovery_code_used"
	PasswordChanged     SignInEventKind = "password_changed"
	SecondStepRequired  SignInEventKind = "second_step_required" // of the site; its person is who decided it
	SecondStepOptional  SignInEventKind = "second_step_optional"
)

// SignInEvent says what happened to how a person signs in, and who did it.
type SignInEvent struct {
	bun.BaseModel `bun:"table:staff_sign_in_event,alias:e"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	StaffID   uuid.UUID
	Kind      SignInEventKind
	ActorID   uuid.UUID
	ActorName string
	At        time.Time `bun:",nullzero"`
	StaffName string    `bun:",scanonly"`
}

func note(ctx context.Context, tx bun.IDB, siteID, staffID uuid.UUID, kind SignInEventKind, by Actor) error {
	row := SignInEvent{SiteID: siteID, ID: uuid.Must(uuid.NewV7()), StaffID: staffID, Kind: kind, ActorID: by.ID, ActorName: by.Name}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return db.MapError(err, "note sign-in event")
}

// SignInEvents gives the newest 50 events, newest first: the caller's own, or with everybody those of the whole
// staff, which needs an owner.
func (s *Service) SignInEvents(ctx context.Context, everybody bool) ([]SignInEvent, error) {
	need := AccessViewer
	if everybody {
		need = AccessOwner
	}
	a, err := Require(ctx, need)
	if err != nil {
		return nil, err
	}
	rows := []SignInEvent{}
	q := s.db.Bun.NewSelect().Model(&rows).ColumnExpr("e.*, m.name AS staff_name").Join("JOIN staff AS m ON m.site_id = e.site_id AND m.id = e.staff_id").
		Where("e.site_id = ?", a.SiteID).Order("e.id DESC").Limit(50)
	if !everybody {
		q = q.Where("e.staff_id = ?", a.ID)
	}
	return rows, db.MapError(q.Scan(ctx), "read sign-in events")
}
