package site

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

const invitationPrefix = "ci_"

// Invitation is an offer to become staff. It ends after seven days.
type Invitation struct {
	bun.BaseModel `bun:"table:staff_invitation"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	Email      string
	Role       Role
	TokenHash  []byte
	InvitedBy  uuid.UUID
	CreatedAt  time.Time `bun:",nullzero"`
	ExpiresAt  time.Time
	AcceptedAt *time.Time
}

// InvitationMail is what package account (or any sender) writes for an invitation, in the same transaction.
type InvitationMail func(ctx context.Context, tx bun.IDB, site Site, to, token string) error

// Invite offers a role to an address; send writes the mail in the same transaction. Needs an owner.
func (s *Service) Invite(ctx context.Context, email string, role Role, send InvitationMail) (Invitation, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return Invitation{}, err
	}
	if a.Kind != KindStaff {
		return Invitation{}, fault.New(fault.Forbidden, "a member of staff invites, not a key")
	}
	email = strings.TrimSpace(email)
	if err := CheckEmail(email, "email"); err != nil {
		return Invitation{}, err
	}
	if role.Access() == AccessNone {
		return Invitation{}, fault.Invalid(fault.InvalidValue, []string{"role"}, "there is no such role")
	}
	token := secret.SiteToken(invitationPrefix, a.SiteID)
	row := Invitation{
		SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Email: email, Role: role, TokenHash: secret.Hash(token),
		InvitedBy: a.ID, ExpiresAt: time.Now().Add(7 * 24 * time.Hour),
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		taken, err := tx.NewSelect().Model((*Staff)(nil)).Where("site_id = ? AND email_key = ?", a.SiteID, EmailKey(email)).Exists(ctx)
		if err != nil {
			return db.MapError(err, "read staff")
		}
		if taken {
			return &fault.Error{Code: fault.Conflict, Reason: fault.Taken, Path: []string{"email"}, Message: "this address is on the staff already"}
		}
		if _, err := tx.NewInsert().Model(&row).Returning("*").Exec(ctx); err != nil {
			return db.MapError(err, "insert invitation")
		}
		of, err := byID(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		return send(ctx, tx, of, email, token)
	})
	return row, err
}

// Invitations gives the open invitations, newest first. Needs an owner.
func (s *Service) Invitations(ctx context.Context) ([]Invitation, error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return nil, err
	}
	rows := []Invitation{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ? AND accepted_at IS NULL AND expires_at > now()", a.SiteID).Order("id DESC").Limit(200).Scan(ctx)
	return rows, db.MapError(err, "read invitations")
}

// RevokeInvitation takes an open invitation back. Needs an owner.
func (s *Service) RevokeInvitation(ctx context.Context, id uuid.UUID) error {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return err
	}
	res, err := s.db.Bun.NewDelete().Model((*Invitation)(nil)).Where("site_id = ? AND id = ? AND accepted_at IS NULL", a.SiteID, id).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete invitation")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.Missing("open invitation")
	}
	return nil
}

// AcceptInvitation makes the invited person a member of staff; the token works once.
func (s *Service) AcceptInvitation(ctx context.Context, token, name, password string) (Staff, error) {
	gone := fault.New(fault.NotFound, "this invitation has been used, taken back, or is older than seven days; ask for a new one")
	siteID, ok := secret.SiteOf(invitationPrefix, token)
	if !ok {
		return Staff{}, gone
	}
	var member Staff
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var row Invitation
		err := tx.NewSelect().Model(&row).Where("site_id = ? AND token_hash = ? AND accepted_at IS NULL AND expires_at > now()", siteID, secret.Hash(token)).For("UPDATE").Scan(ctx)
		if db.NoRows(err) {
			return gone
		}
		if err != nil {
			return db.MapError(err, "read invitation")
		}
		if member, err = s.insertStaff(ctx, tx, siteID, NewStaff{Email: row.Email, Name: name, Password: password, Role: row.Role}); err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(&row).Set("accepted_at = now()").WherePK().Exec(ctx)
		return db.MapError(err, "accept invitation")
	})
	return member, err
}
