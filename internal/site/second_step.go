package site

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// The second step of staff's sign-in: a code of an app (TOTP, RFC 6238), or one of ten recovery codes.
// Whoever gave the right password waits with an Entry, which gives no rights, until the code is there. A code
// works once: of the time steps only those after the newest one taken count (RFC 6238, section 5.2). Whatever is
// wrong with a code, the answer is the same.

const (
	stepSeconds   = 30 // a time step, as all apps have it
	stepSkew      = 1  // how many steps a clock may be off, either way
	recoveryCodes = 10
)

// SecondStepNeed is what a sign-in still needs after the password.
type SecondStepNeed string

// The needs.
const (
	NeedNothing   SecondStepNeed = ""
	NeedCode      SecondStepNeed = "CODE"
	NeedEnrolment SecondStepNeed = "ENROLMENT" // the site asks for a second step, and this person has none
)

// Entry is a sign-in whose password was right and that waits for its second step.
type Entry struct {
	SiteID, StaffID uuid.UUID
	Epoch           int // of the person's sessions then; raising it ends the entry too
}

// Proof is what a person who is signed in shows again before changing how they sign in: either one.
type Proof struct{ Password, Code string }

// secondStep is a person's second step. Its secrets are sealed and leave this package when they are offered only.
type secondStep struct {
	bun.BaseModel `bun:"table:staff_second_step"`

	SiteID      uuid.UUID `bun:",pk"`
	StaffID     uuid.UUID `bun:",pk"`
	Secret      []byte
	ConfirmedAt *time.Time
	LastStep    int64
	Offered     []byte
	OfferedAt   *time.Time
}

// tries is how many wrong ones a person has in a window; afterwards even the right one waits for the next window.
type tries struct {
	name string
	max  int
	per  time.Duration
}

var (
	codeTries     = tries{"second-step/code", 5, 15 * time.Minute}
	passwordTries = tries{"second-step/password", 10, 15 * time.Minute}
)

func wrongCode() error {
	return &fault.Error{Code: fault.Unauthenticated, Reason: fault.WrongCode, Message: "this code is wrong, has been used, or is too old"}
}

// try runs a check that guesses must not repeat at will. It is counted before it is made, so that guesses made at
// once count too, and forgotten unless it was wrong. RateLimited when there were too many.
func (s *Service) try(ctx context.Context, l tries, siteID, staffID uuid.UUID, check func() error) error {
	start := s.Now().Truncate(l.per)
	bucket := db.Bucket{SiteID: siteID, Key: l.name + "/" + staffID.String(), WindowStart: start, WindowEnd: start.Add(l.per), Most: l.max, Shown: staffID.String()}
	count, err := s.db.CountTry(ctx, bucket)
	if err != nil {
		return err
	}
	if count > l.max {
		wait := start.Add(l.per).Sub(s.Now()).Round(time.Minute) + time.Minute
		return fault.New(fault.RateLimited, "too many wrong tries; try again in %d minutes", int(wait.Minutes()))
	}
	err = check()
	if one := (*fault.Error)(nil); errors.As(err, &one) && (one.Reason == fault.WrongCode || one.Reason == fault.WrongPassword) {
		return err
	}
	return errors.Join(err, s.db.ForgetTry(ctx, bucket))
}

// SecondStepNeed tells what a person whose password was right still needs.
func (s *Service) SecondStepNeed(ctx context.Context, member Staff) (need SecondStepNeed, err error) {
	var has, required bool
	err = s.db.Bun.NewRaw(`SELECT s.second_step_required, EXISTS (SELECT FROM staff_second_step AS t WHERE t.site_id = s.id AND t.staff_id = ?1 AND t.secret IS NOT NULL)
FROM site AS s WHERE s.id = ?0`, member.SiteID, member.ID).Scan(ctx, &required, &has)
	switch {
	case err != nil:
		return need, db.MapError(err, "read second step")
	case has:
		return NeedCode, nil
	case required:
		return NeedEnrolment, nil
	}
	return NeedNothing, nil
}

// FinishSignIn takes the code of an entry. Unauthenticated when it is wrong or the entry has ended.
func (s *Service) FinishSignIn(ctx context.Context, e Entry, code string) (Staff, error) {
	var member Staff
	err := s.try(ctx, codeTries, e.SiteID, e.StaffID, func() error {
		return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
			if member, err = entrant(ctx, tx, e); err != nil {
				return err
			}
			return s.takeCode(ctx, tx, member, code)
		})
	})
	return member, err
}

// entrant gives and holds the person of an entry, unless they were shut out or signed out of everything meanwhile.
func entrant(ctx context.Context, tx bun.Tx, e Entry) (row Staff, err error) {
	err = tx.NewSelect().Model(&row).Where("site_id = ? AND id = ?", e.SiteID, e.StaffID).For("UPDATE").Scan(ctx)
	if db.NoRows(err) || err == nil && (row.DisabledAt != nil || row.SessionEpoch != e.Epoch) {
		return row, &fault.Error{Code: fault.Unauthenticated, Reason: fault.SignInAgain, Message: "this sign-in has ended; begin again"}
	}
	return row, db.MapError(err, "read staff")
}

// takeCode takes a code of the app or a recovery code, once.
func (s *Service) takeCode(ctx context.Context, tx bun.Tx, member Staff, code string) error {
	var row secondStep
	err := tx.NewSelect().Model(&row).Where("site_id = ? AND staff_id = ? AND secret IS NOT NULL", member.SiteID, member.ID).For("UPDATE").Scan(ctx)
	if db.NoRows(err) {
		return wrongCode()
	}
	if err != nil {
		return db.MapError(err, "read second step")
	}
	code = plainCode(code)
	if len(code) != int(otp.DigitsSix) {
		return takeRecovery(ctx, tx, member, code)
	}
	step, err := s.stepOf(row.Secret, member, code, row.LastStep)
	if err != nil {
		return err
	}
	_, err = tx.NewUpdate().Model(&row).Set("last_step = ?", step).WherePK().Exec(ctx)
	return db.MapError(err, "take code")
}

// plainCode gives a code as it is compared: apps and our own pages show them in groups.
func plainCode(code string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, code))
}

// stepOf gives the time step of a code that is newer than the last one taken. It always compares with all steps.
func (s *Service) stepOf(sealed []byte, member Staff, code string, last int64) (step int64, err error) {
	plain, err := s.sealer.Open(sealed, placeOf(member))
	if err != nil {
		return 0, fault.Wrap(err, "open second step")
	}
	now := s.Now()
	for off := -stepSkew; off <= stepSkew; off++ {
		at := now.Add(time.Duration(off) * stepSeconds * time.Second)
		want, err := totp.GenerateCodeCustom(string(plain), at, totp.ValidateOpts{Period: stepSeconds, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fault.Wrap(err, "compute code")
		}
		if of := at.Unix() / stepSeconds; subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && of > last {
			step = of
		}
	}
	if step == 0 {
		return 0, wrongCode()
	}
	return step, nil
}

// placeOf names where a person's secrets are stored: sealed ones moved to another person do not open.
func placeOf(member Staff) string {
	return "staff_second_step/" + member.SiteID.String() + "/" + member.ID.String()
}

func takeRecovery(ctx context.Context, tx bun.Tx, member Staff, code string) error {
	res, err := tx.NewRaw("UPDATE staff_recovery_code SET used_at = now() WHERE site_id = ? AND staff_id = ? AND code_hash = ? AND used_at IS NULL",
		member.SiteID, member.ID, secret.Hash(code)).Exec(ctx)
	if err != nil {
		return db.MapError(err, "take recovery code")
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return wrongCode()
	}
	return note(ctx, tx, member.SiteID, member.ID, RecoveryCodeUsed, Actor{ID: member.ID, Name: member.Name})
}

// newRecoveryCodes replaces all of a person's recovery codes and gives the new ones, which are stored as hashes.
func newRecoveryCodes(ctx context.Context, tx bun.Tx, member Staff) ([]string, error) {
	type row struct {
		bun.BaseModel `bun:"table:staff_recovery_code"`

		SiteID, StaffID uuid.UUID
		CodeHash        []byte
	}
	if _, err := tx.NewDelete().Model((*row)(nil)).Where("site_id = ? AND staff_id = ?", member.SiteID, member.ID).Exec(ctx); err != nil {
		return nil, db.MapError(err, "clear recovery codes")
	}
	codes, rows := make([]string, recoveryCodes), make([]row, recoveryCodes)
	for i := range codes {
		plain := secret.Letters(16)
		rows[i] = row{SiteID: member.SiteID, StaffID: member.ID, CodeHash: secret.Hash(plain)}
		codes[i] = strings.Join(slices.Collect(chunks(plain, 4)), "-")
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return codes, db.MapError(err, "insert recovery codes")
}

// chunks cuts a text of ASCII into pieces of n.
func chunks(text string, n int) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range slices.Chunk([]byte(text), n) {
			if !yield(string(part)) {
				return
			}
		}
	}
}
