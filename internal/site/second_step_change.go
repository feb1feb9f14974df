package site

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// Setting the second step up, replacing it and taking it away. Each ends the person's other sessions by raising
// their epoch; the one who calls goes on under the new one.

// offerLife is how long a secret may be shown before its first code comes.
const offerLife = 15 * time.Minute

// Offer is a secret for an app, shown once.
type Offer struct {
	Secret string // base32, for typing
	URI    string // otpauth://, as QR codes carry it
}

// OwnSignIn is how the person who calls signs in.
type OwnSignIn struct {
	SecondStepAt       *time.Time // when it was confirmed; nil without one
	SecondStepDoneAt   *time.Time // of this session
	SecondStepRequired bool
	RecoveryCodesLeft  int
}

// OwnSignIn gives how the member of staff who calls signs in.
func (s *Service) OwnSignIn(ctx context.Context) (out OwnSignIn, err error) {
	a, err := Require(ctx, AccessViewer)
	if err != nil {
		return out, err
	}
	err = s.db.Bun.NewRaw(`SELECT s.second_step_required, t.confirmed_at,
  (SELECT count(*) FROM staff_recovery_code AS r WHERE r.site_id = s.id AND r.staff_id = ?1 AND r.used_at IS NULL)
FROM site AS s LEFT JOIN staff_second_step AS t ON t.site_id = s.id AND t.staff_id = ?1 WHERE s.id = ?0`, a.SiteID, a.ID).
		Scan(ctx, &out.SecondStepRequired, &out.SecondStepAt, &out.RecoveryCodesLeft)
	if !a.SecondAt.IsZero() {
		out.SecondStepDoneAt = &a.SecondAt
	}
	return out, db.MapError(err, "read second step")
}

// SecondSteps gives since when people have a second step, those that have one. Needs a manager, but for oneself.
func (s *Service) SecondSteps(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]time.Time, error) {
	a, err := Require(ctx, AccessViewer)
	if err != nil {
		return nil, err
	}
	var rows []secondStep
	q := s.db.Bun.NewSelect().Model(&rows).Column("staff_id", "confirmed_at").Where("site_id = ? AND staff_id IN (?) AND secret IS NOT NULL", a.SiteID, bun.List(ids))
	if a.Access < AccessManager {
		q = q.Where("staff_id = ?", a.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.MapError(err, "read second steps")
	}
	out := make(map[uuid.UUID]time.Time, len(rows))
	for _, row := range rows {
		out[row.StaffID] = *row.ConfirmedAt
	}
	return out, nil
}

// OfferSecondStep gives the caller a secret to set an app up with, in place of the one they may have. Needs a proof.
func (s *Service) OfferSecondStep(ctx context.Context, p Proof) (Offer, error) {
	member, err := s.self(ctx, p)
	if err != nil {
		return Offer{}, err
	}
	return s.offer(ctx, s.db.Bun, member, false)
}

// OfferAtSignIn is OfferSecondStep for an entry that needs an enrolment.
func (s *Service) OfferAtSignIn(ctx context.Context, e Entry) (out Offer, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		member, err := entrant(ctx, tx, e)
		if err != nil {
			return err
		}
		out, err = s.offer(ctx, tx, member, true)
		return err
	})
	return out, err
}

// storeOffer keeps the offered secret. Of somebody at the sign-in who has a second step already it keeps none: the
// password alone must not replace it.
const storeOffer = `
INSERT INTO staff_second_step AS t (site_id, staff_id, offered, offered_at) VALUES (?0, ?1, ?2, ?3)
ON CONFLICT (site_id, staff_id) DO UPDATE SET offered = ?2, offered_at = ?3 WHERE NOT (?4 AND t.secret IS NOT NULL)`

func (s *Service) offer(ctx context.Context, q bun.IDB, member Staff, first bool) (Offer, error) {
	of, err := byID(ctx, q, member.SiteID)
	if err != nil {
		return Offer{}, err
	}
	issuer := []rune(of.Name)
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: string(issuer[:min(len(issuer), 60)]), AccountName: member.Email, SecretSize: 20, Period: stepSeconds, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		return Offer{}, fault.Wrap(err, "make secret")
	}
	res, err := q.NewRaw(storeOffer, member.SiteID, member.ID, s.sealer.Seal([]byte(key.Secret()), placeOf(member)), s.Now(), first).Exec(ctx)
	if err != nil {
		return Offer{}, db.MapError(err, "store offer")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return Offer{}, &fault.Error{Code: fault.Unauthenticated, Reason: fault.SignInAgain, Message: "a second step has been set up meanwhile; sign in with it"}
	}
	return Offer{Secret: key.Secret(), URI: key.URL()}, nil
}

// ConfirmSecondStep takes the first code of the secret that was offered to the caller: from now on it is asked for.
// It gives the recovery codes, and the person with the epoch under which this session goes on.
func (s *Service) ConfirmSecondStep(ctx context.Context, code string) (Staff, []string, error) {
	if _, err := s.own(ctx); err != nil {
		return Staff{}, nil, err
	}
	return s.confirm(ctx, callersEntry(ctx), code, false)
}

// ConfirmAtSignIn is ConfirmSecondStep for an entry, which it finishes.
func (s *Service) ConfirmAtSignIn(ctx context.Context, e Entry, code string) (Staff, []string, error) {
	return s.confirm(ctx, e, code, true)
}

func (s *Service) confirm(ctx context.Context, e Entry, code string, first bool) (member Staff, codes []string, err error) {
	err = s.try(ctx, codeTries, e.SiteID, e.StaffID, func() error {
		return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
			if member, err = entrant(ctx, tx, e); err != nil {
				return err
			}
			var row secondStep
			err = tx.NewSelect().Model(&row).Where("site_id = ? AND staff_id = ?", e.SiteID, e.StaffID).For("UPDATE").Scan(ctx)
			if err != nil && !db.NoRows(err) {
				return db.MapError(err, "read second step")
			}
			if row.Offered == nil || s.Now().Sub(*row.OfferedAt) > offerLife || first && row.Secret != nil {
				return &fault.Error{Code: fault.Conflict, Reason: fault.SetUpAgain, Message: "this was begun too long ago; begin again with a new QR code"}
			}
			step, err := s.stepOf(row.Offered, member, plainCode(code), 0)
			if err != nil {
				return err
			}
			_, err = tx.NewUpdate().Model(&row).Set("secret = offered, confirmed_at = ?, last_step = ?, offered = NULL, offered_at = NULL", s.Now(), step).WherePK().Exec(ctx)
			if err != nil {
				return db.MapError(err, "confirm second step")
			}
			if codes, err = newRecoveryCodes(ctx, tx, member); err != nil {
				return err
			}
			return s.changed(ctx, tx, &member, SecondStepConfirmed, Actor{ID: member.ID, Name: member.Name})
		})
	})
	return member, codes, err
}

// NewRecoveryCodes replaces the caller's recovery codes. Needs a proof.
func (s *Service) NewRecoveryCodes(ctx context.Context, p Proof) (codes []string, err error) {
	member, err := s.self(ctx, p)
	if err != nil {
		return nil, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := entrant(ctx, tx, callersEntry(ctx)); err != nil {
			return err
		}
		has, err := tx.NewSelect().Model((*secondStep)(nil)).Where("site_id = ? AND staff_id = ? AND secret IS NOT NULL", member.SiteID, member.ID).For("UPDATE").Exists(ctx)
		if err != nil {
			return db.MapError(err, "read second step")
		}
		if !has {
			return fault.New(fault.NotFound, "there is no second step; set one up first")
		}
		if codes, err = newRecoveryCodes(ctx, tx, member); err != nil {
			return err
		}
		return note(ctx, tx, member.SiteID, member.ID, RecoveryCodesMade, ActorOf(ctx))
	})
	return codes, err
}

// DropSecondStep takes the caller's own second step away. Needs a proof; refused while the site asks for one.
func (s *Service) DropSecondStep(ctx context.Context, p Proof) (member Staff, err error) {
	if member, err = s.self(ctx, p); err != nil {
		return member, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if member, err = entrant(ctx, tx, callersEntry(ctx)); err != nil {
			return err
		}
		of, err := byID(ctx, tx, member.SiteID)
		if err != nil {
			return err
		}
		if of.SecondStepRequired {
			return &fault.Error{Code: fault.Conflict, Reason: fault.SecondStepNeeded, Message: "the staff of this site need a second step; set up another app instead"}
		}
		return s.drop(ctx, tx, &member, ActorOf(ctx))
	})
	return member, err
}

// SecondStepMail tells a person that an owner took their second step away, in the same transaction.
type SecondStepMail func(ctx context.Context, tx bun.IDB, of Site, to, by string) error

// RemoveSecondStep takes another person's second step away, as when a phone is lost: it is noted and mailed to that
// person, and all their sessions end. Needs an owner.
func (s *Service) RemoveSecondStep(ctx context.Context, id uuid.UUID, send SecondStepMail) (member Staff, err error) {
	a, err := Require(ctx, AccessOwner)
	if err != nil {
		return member, err
	}
	if !a.atHome() || a.ID == id {
		return member, fault.New(fault.Forbidden, "an owner removes the second step of others, in the admin; your own goes under My sign-in, with your password")
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewSelect().Model(&member).Where("site_id = ? AND id = ?", a.SiteID, id).For("UPDATE").Scan(ctx)
		if db.NoRows(err) {
			return fault.Missing("staff member")
		}
		if err != nil {
			return db.MapError(err, "read staff")
		}
		if err := s.drop(ctx, tx, &member, a); err != nil {
			return err
		}
		of, err := byID(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		return send(ctx, tx, of, member.Email, a.Name)
	})
	return member, err
}

func (s *Service) drop(ctx context.Context, tx bun.Tx, member *Staff, by Actor) error {
	res, err := tx.NewDelete().Model((*secondStep)(nil)).Where("site_id = ? AND staff_id = ? AND secret IS NOT NULL", member.SiteID, member.ID).Exec(ctx)
	if err != nil {
		return db.MapError(err, "delete second step")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "this person has no second step")
	}
	return s.changed(ctx, tx, member, SecondStepRemoved, by)
}

// ChangePassword gives the caller another password. Needs a proof.
func (s *Service) ChangePassword(ctx context.Context, p Proof, password string) (member Staff, err error) {
	if member, err = s.own(ctx); err != nil {
		return member, err
	}
	if err := s.CheckPassword(password, member.Email, "newPassword"); err != nil { // before a code is used up
		return member, err
	}
	if err := s.prove(ctx, member, p); err != nil {
		return member, err
	}
	hash, err := secret.HashPassword(ctx, password)
	if err != nil {
		return member, fault.Wrap(err, "hash password")
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if member, err = entrant(ctx, tx, callersEntry(ctx)); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(&member).Set("password_hash = ?", hash).WherePK().Exec(ctx); err != nil {
			return db.MapError(err, "update password")
		}
		return s.changed(ctx, tx, &member, PasswordChanged, ActorOf(ctx))
	})
	return member, err
}

// changed notes a change of how a person signs in and ends their sessions.
func (s *Service) changed(ctx context.Context, tx bun.Tx, member *Staff, what SignInEventKind, by Actor) error {
	_, err := tx.NewUpdate().Model(member).Set("session_epoch = session_epoch + 1").WherePK().Returning("session_epoch").Exec(ctx)
	if err != nil {
		return db.MapError(err, "end sessions")
	}
	return note(ctx, tx, member.SiteID, member.ID, what, by)
}

// self gives the member of staff who calls, once they have proved that it is them.
func (s *Service) self(ctx context.Context, p Proof) (member Staff, err error) {
	if member, err = s.own(ctx); err != nil {
		return member, err
	}
	return member, s.prove(ctx, member, p)
}

// atHome is true of staff on our own pages. Applications on other sites (D-09) have their rights and a session of their own, and do not change how
// staff sign in: one that is taken over would take the second step from all of them.
func (a Actor) atHome() bool { return a.Kind == KindStaff && a.SessionID == uuid.Nil }

// own gives the member of staff who calls from our own pages: applications on other sites and keys do not change
// how somebody signs in.
func (s *Service) own(ctx context.Context) (Staff, error) {
	a, err := Require(ctx, AccessViewer)
	if err != nil {
		return Staff{}, err
	}
	if !a.atHome() {
		return Staff{}, fault.New(fault.Forbidden, "how a member of staff signs in is changed by themselves, in the admin")
	}
	return s.Member(ctx)
}

// callersEntry is that of the session of who calls: the change that it makes must not lift it over an end that came meanwhile.
func callersEntry(ctx context.Context) Entry {
	a := ActorOf(ctx)
	return Entry{a.SiteID, a.ID, a.Epoch}
}

// prove compares a password or takes a code.
func (s *Service) prove(ctx context.Context, member Staff, p Proof) error {
	if p.Code != "" {
		return s.try(ctx, codeTries, member.SiteID, member.ID, func() error {
			return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.takeCode(ctx, tx, member, p.Code) })
		})
	}
	return s.try(ctx, passwordTries, member.SiteID, member.ID, func() error {
		ok, _, err := secret.CheckPassword(ctx, p.Password, member.PasswordHash)
		if err != nil {
			return fault.Wrap(err, "check password")
		}
		if !ok {
			return &fault.Error{Code: fault.Unauthenticated, Reason: fault.WrongPassword, Path: []string{"password"}, Message: "this is not your password"}
		}
		return nil
	})
}
