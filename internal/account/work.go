package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
)

// Work is a solved challenge: the number that it asks for.
type Work struct {
	Challenge string // as a WorkError brought it; empty: none yet
	Number    int
}

// Difficulty is the highest number a challenge may ask for; half of it is tried on average.
const (
	workLeast = 100_000
	workMost  = 800_000
	workLife  = 5 * time.Minute
)

// Operations that cost a password hash or a mail, and that anybody may call.
const (
	workSignUp  = "signUp"
	workSignIn  = "signIn"
	workMail    = "requestEmailCode"
	workConfirm = "confirmEmailCode"
)

// WorkError is PROOF_OF_WORK: the call may be repeated with the number that the challenge asks for.
type WorkError struct {
	Challenge string
	fault     *fault.Error
}

// Error gives the message.
func (e *WorkError) Error() string { return e.fault.Error() }

// Unwrap gives the fault, which names no challenge.
func (e *WorkError) Unwrap() error { return e.fault }

// askWork counts a call at the site's doors and, where the site's setting or its load asks for it, wants a solved challenge that was made
// for this site, operation and attempt. Known and unknown addresses are the same to it. It comes before the limits, so that asking uses
// up nobody's tries, and lifts none of them.
func (s *Service) askWork(ctx context.Context, siteID uuid.UUID, operation string, by Attempt, w Work) error {
	l, err := s.countCall(ctx, siteID)
	if err != nil || !l.Asks() {
		return err
	}
	message := "this site is busy: solve the challenge and call again"
	if w.Challenge != "" {
		if ok, err := s.spend(ctx, siteID, operation, by, w); ok || err != nil {
			return err
		}
		message = "this solution is wrong, older than five minutes, used, or of another call: solve the new challenge"
	}
	challenge, err := s.newWork(siteID, operation, by, l.difficulty())
	if err != nil {
		return fault.Wrap(err, "make challenge")
	}
	return &WorkError{challenge, &fault.Error{Code: fault.RateLimited, Reason: ReasonProofOfWork, Message: message}}
}

// newWork makes a challenge, as the API documents it: the algorithm, the highest number, when it ends, a salt, the digest to find, and our
// signature over these and what it is bound to.
func (s *Service) newWork(siteID uuid.UUID, operation string, by Attempt, most int) (string, error) {
	number, err := rand.Int(rand.Reader, big.NewInt(int64(most)+1))
	if err != nil {
		return "", err
	}
	salt := secret.Random()[:22]
	body := fmt.Sprintf("SHA-256.%d.%d.%s.%s", most, s.now().Add(workLife).Unix(), salt, workDigest(salt, number.String()))
	return body + "." + s.signWork(body, siteID, operation, by), nil
}

func workDigest(salt, number string) string {
	sum := sha256.Sum256([]byte(salt + number))
	return hex.EncodeToString(sum[:])
}

func (s *Service) signWork(body string, siteID uuid.UUID, operation string, by Attempt) string {
	return b64.EncodeToString(s.mac("work", body, siteID.String(), operation, by.ID, by.Challenge, by.JKT))
}

// takeWork notes that a challenge is used.
const takeWork = "INSERT INTO used_work (site_id, hash, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"

// spend takes a solution, once; ok is false when it is no good. What is taken stays taken whatever comes of the call.
func (s *Service) spend(ctx context.Context, siteID uuid.UUID, operation string, by Attempt, w Work) (ok bool, err error) {
	end := strings.LastIndexByte(w.Challenge, '.')
	if end < 0 || !hmac.Equal([]byte(w.Challenge[end+1:]), []byte(s.signWork(w.Challenge[:end], siteID, operation, by))) {
		return false, nil
	}
	parts := strings.Split(w.Challenge, ".") // six: we have signed them
	ends, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return false, fault.Wrap(err, "read challenge")
	}
	if s.now().Unix() >= ends || workDigest(parts[3], strconv.Itoa(w.Number)) != parts[4] {
		return false, nil
	}
	result, err := s.db.Bun.NewRaw(takeWork, siteID, secret.Hash(w.Challenge), time.Unix(ends, 0)).Exec(ctx)
	if err != nil {
		return false, db.MapError(err, "take work")
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}
