package account

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// session is one browser's login: a family of rotating refresh tokens, bound to a key and an origin.
type session struct {
	bun.BaseModel `bun:"table:token_session"`

	SiteID uuid.UUID `bun:",pk"`
	ID     uuid.UUID `bun:",pk"`
	holder
	Origin        string
	Jkt           string
	RefreshHash   []byte
	PreviousHash  []byte
	PreviousUntil *time.Time
	UserAgent     string
	CreatedAt     time.Time
	UsedAt        time.Time
	IdleUntil     time.Time
	ExpiresAt     time.Time
	RevokedAt     *time.Time
}

type accessToken struct {
	bun.BaseModel `bun:"table:access_token"`

	SiteID    uuid.UUID `bun:",pk"`
	TokenHash []byte    `bun:",pk"`
	SessionID uuid.UUID
	ExpiresAt time.Time
}

// A refresh token names its family, so that one of any age is recognised: cr_<session>_<site>_<random>.
func familyPrefix(id uuid.UUID) string { return refreshPrefix + hex.EncodeToString(id[:]) + "_" }

func familyOf(token string) (siteID, id uuid.UUID, ok bool) {
	rest, found := strings.CutPrefix(token, refreshPrefix)
	if !found || len(rest) < 33 {
		return uuid.Nil, uuid.Nil, false
	}
	b, err := hex.DecodeString(rest[:32])
	if err != nil {
		return uuid.Nil, uuid.Nil, false
	}
	id = uuid.UUID(b)
	siteID, ok = secret.SiteOf(familyPrefix(id), token)
	return siteID, id, ok
}

// next gives the token that follows another one. It is computed, not drawn: whoever repeats a refresh
// because its answer was lost gets the same token again, and no two tabs hold different ones.
func (s *Service) next(row *session, token string) string {
	return familyPrefix(row.ID) + hex.EncodeToString(row.SiteID[:]) + "_" + b64.EncodeToString(s.mac("refresh", token))
}

func (s *Service) startSession(ctx context.Context, tx bun.IDB, siteID uuid.UUID, of holder, origin, jkt string) (Tokens, error) {
	if of.AccountID != nil { // a browser has one session: who proves once more who they are has not two
		if err := s.revoke(ctx, tx, siteID, "account_id = ? AND origin = ? AND jkt = ?", *of.AccountID, origin, jkt); err != nil {
			return Tokens{}, err
		}
	}
	now := s.now()
	row := session{
		SiteID: siteID, ID: uuid.Must(uuid.NewV7()), holder: of, Origin: origin, Jkt: jkt, UserAgent: short(clientOf(ctx).UserAgent, 300),
		CreatedAt: now, UsedAt: now, IdleUntil: now.Add(sessionIdle), ExpiresAt: now.Add(sessionLife),
	}
	if of.supports() {
		row.IdleUntil, row.ExpiresAt = now.Add(supportLife), now.Add(supportLife)
	}
	refresh := secret.SiteToken(familyPrefix(row.ID), row.SiteID)
	row.RefreshHash = secret.Hash(refresh)
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return Tokens{}, db.MapError(err, "insert session")
	}
	return s.access(ctx, tx, &row, refresh)
}

// short cuts text to at most n bytes of valid UTF-8.
func short(text string, n int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "")
	}
	return text
}

func (s *Service) access(ctx context.Context, tx bun.IDB, row *session, refresh string) (Tokens, error) {
	token := secret.SiteToken(accessPrefix, row.SiteID)
	_, err := tx.NewInsert().Model(&accessToken{SiteID: row.SiteID, TokenHash: secret.Hash(token), SessionID: row.ID, ExpiresAt: s.now().Add(accessLife)}).Exec(ctx)
	until := row.IdleUntil
	if row.ExpiresAt.Before(until) {
		until = row.ExpiresAt
	}
	return Tokens{Access: token, Refresh: refresh, ExpiresIn: accessLife, KeptFor: until.Sub(s.now())}, db.MapError(err, "insert access token")
}

// Refresh is a request for new tokens.
type Refresh struct {
	Site   string // public id
	Token  string
	Origin string
	JKT    string
}

var errRefresh = invalidGrant("this session has ended; sign in again")

// Refresh rotates a session's tokens. The token before is good for another ten seconds and gives the
// same successor. Any older one, shown with the session's own key, was copied: the session ends. A
// wrong key or origin is refused and ends nothing, since anybody who saw a token could do that.
func (s *Service) Refresh(ctx context.Context, in Refresh) (Tokens, error) {
	of, err := s.sites.ByPublicID(ctx, in.Site)
	if err != nil {
		return Tokens{}, err
	}
	siteID, id, ok := familyOf(in.Token)
	if !ok || siteID != of.ID {
		return Tokens{}, errRefresh
	}
	var out Tokens
	var refused error // ending the family must commit, so the refusal travels beside the transaction
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		out, refused = Tokens{}, errRefresh
		var row session
		err := tx.NewSelect().Model(&row).Where("site_id = ? AND id = ?", siteID, id).For("UPDATE").Scan(ctx)
		if db.NoRows(err) {
			return nil
		}
		if err != nil {
			return db.MapError(err, "read session")
		}
		now := s.now()
		if row.Jkt != in.JKT || row.Origin != in.Origin || row.RevokedAt != nil || !now.Before(row.ExpiresAt) || !now.Before(row.IdleUntil) {
			return nil
		}
		if row.AccountID != nil && !of.ContactManagement {
			refused = open(of)
			return nil
		}
		if shut, err := s.shut(ctx, tx, siteID, row.holder); shut || err != nil {
			return err
		}
		hash, follower := secret.Hash(in.Token), s.next(&row, in.Token)
		switch {
		case bytes.Equal(hash, row.RefreshHash):
			err = s.rotate(ctx, tx, &row, hash, follower)
		case bytes.Equal(hash, row.PreviousHash) && row.PreviousUntil != nil && now.Before(*row.PreviousUntil):
			if !bytes.Equal(secret.Hash(follower), row.RefreshHash) { // the server's key changed within ten seconds
				return nil
			}
		default:
			s.log.WarnContext(ctx, "refresh token used again; session ended", "site", siteID, "session", id)
			return s.revoke(ctx, tx, siteID, "id = ?", id)
		}
		if err != nil {
			return err
		}
		refused = nil
		out, err = s.access(ctx, tx, &row, follower)
		return err
	})
	if err == nil {
		err = refused
	}
	return out, err
}

func (s *Service) rotate(ctx context.Context, tx bun.IDB, row *session, hash []byte, follower string) error {
	now := s.now()
	until := now.Add(refreshGrace)
	row.PreviousHash, row.PreviousUntil, row.RefreshHash = hash, &until, secret.Hash(follower)
	row.UsedAt, row.IdleUntil = now, now.Add(sessionIdle)
	_, err := tx.NewUpdate().Model(row).Column("previous_hash", "previous_until", "refresh_hash", "used_at", "idle_until").WherePK().Exec(ctx)
	return db.MapError(err, "rotate session")
}

// revoke ends the site's sessions that a condition names, and their access tokens at once.
func (s *Service) revoke(ctx context.Context, tx bun.IDB, siteID uuid.UUID, condition string, args ...any) error {
	var ended []uuid.UUID
	err := tx.NewUpdate().Model((*session)(nil)).Set("revoked_at = ?", s.now()).
		Where("site_id = ? AND revoked_at IS NULL", siteID).Where(condition, args...).Returning("id").Scan(ctx, &ended)
	if err != nil && !db.NoRows(err) {
		return db.MapError(err, "end sessions")
	}
	if len(ended) == 0 {
		return nil
	}
	_, err = tx.NewDelete().Model((*accessToken)(nil)).Where("site_id = ? AND session_id IN (?)", siteID, bun.List(ended)).Exec(ctx)
	return db.MapError(err, "delete access tokens")
}

// endSessions ends every session of an account and the codes that would start one.
func (s *Service) endSessions(ctx context.Context, tx bun.IDB, siteID, accountID uuid.UUID) error {
	for _, codes := range []any{(*authCode)(nil), (*supportCode)(nil)} {
		if _, err := tx.NewDelete().Model(codes).Where("site_id = ? AND account_id = ?", siteID, accountID).Exec(ctx); err != nil {
			return db.MapError(err, "delete codes")
		}
	}
	return s.revoke(ctx, tx, siteID, "account_id = ?", accountID)
}

// SignOut ends the caller's session, or all of the account's. A member of staff who works from another
// site's application ends that session, or all such.
func (s *Service) SignOut(ctx context.Context, everywhere bool) error {
	a := site.ActorOf(ctx)
	if a.Kind != site.KindStaff {
		if _, err := site.Require(ctx, site.AccessAccount); err != nil {
			return err
		}
	}
	if a.SessionID == uuid.Nil {
		return fault.New(fault.BadInput, "this session has a cookie; end it with DELETE /v1/staff/session")
	}
	if everywhere {
		if err := ownerOnly(a); err != nil {
			return err
		}
	}
	err := s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		switch {
		case !everywhere:
			return s.revoke(ctx, tx, a.SiteID, "id = ?", a.SessionID)
		case a.Kind == site.KindStaff:
			return s.revoke(ctx, tx, a.SiteID, "staff_id = ?", a.ID)
		}
		return s.signOutAll(ctx, tx, Account{SiteID: a.SiteID, ID: a.ID, ContactID: a.ContactID}, "")
	})
	if told := clientOf(ctx).SignedOut; err == nil && told != nil {
		told()
	}
	return err
}

// signOutAll ends every session of an account and tells the history.
func (s *Service) signOutAll(ctx context.Context, tx bun.IDB, of Account, surface string) error {
	if err := s.tell(ctx, tx, of, Event{Kind: EventSignedOut, Surface: surface}); err != nil {
		return err
	}
	return s.endSessions(ctx, tx, of.SiteID, of.ID)
}

// standing is a session with what decides whether it may still act.
type standing struct {
	holder
	SessionID, ContactID               uuid.UUID
	Origin, Jkt, Email, Name, Language string
	Role                               site.Role
	ExpiresAt                          time.Time
	ContactManagement                  bool
}

// standingParts are what a living session brings; holders that were shut out, and origins that the site
// has taken off its list, have none. ?0 is the site, ?1 now.
const standingParts = `
SELECT s.id AS session_id, s.account_id, s.staff_id, s.staff_epoch, coalesce(a.contact_id, '00000000-0000-0000-0000-000000000000') AS contact_id, s.origin, s.jkt,
       coalesce(a.email, '') AS email, coalesce(m.name, '') AS name, coalesce(m.role, '') AS role,
       coalesce(nullif(a.language, ''), m.language, site.language) AS language, %s AS expires_at, site.contact_management
FROM token_session s
JOIN site ON site.id = s.site_id
LEFT JOIN account a ON a.site_id = s.site_id AND a.id = s.account_id
LEFT JOIN staff m ON m.site_id = s.site_id AND m.id = s.staff_id
%s
WHERE s.site_id = ?0 AND s.revoked_at IS NULL AND s.expires_at > ?1
  AND (s.account_id IS NULL OR a.disabled_at IS NULL)
  AND (s.staff_id IS NULL OR m.disabled_at IS NULL AND m.session_epoch = s.staff_epoch)
  AND (s.origin = '' OR EXISTS (SELECT FROM site_origin o WHERE o.site_id = s.site_id AND o.origin = s.origin AND (o.staff OR s.account_id IS NOT NULL)))
  AND `

var (
	// standingByToken gives a living session by the hash ?2 of its access token.
	standingByToken = fmt.Sprintf(standingParts, "t.expires_at", "JOIN access_token t ON t.site_id = s.site_id AND t.session_id = s.id") + "t.token_hash = ?2 AND t.expires_at > ?1"
	// standingBySession gives a living session by its id ?2.
	standingBySession = fmt.Sprintf(standingParts, "s.expires_at", "") + "s.id = ?2"
)

var errToken = fault.New(fault.Unauthenticated, "this access token has ended or belongs to another key, page or site; refresh it or sign in again")

// Authenticate gives the actor of an access token that came with a good proof of its key from its
// origin. Unauthenticated otherwise, and once the site has taken the origin off its list.
func (s *Service) Authenticate(ctx context.Context, token, jkt, origin string) (site.Actor, error) {
	siteID, ok := secret.SiteOf(accessPrefix, token)
	if !ok {
		return site.Actor{}, errToken
	}
	var row standing
	err := s.db.Bun.NewRaw(standingByToken, siteID, s.now(), secret.Hash(token)).Scan(ctx, &row)
	if db.NoRows(err) || err == nil && (row.Jkt != jkt || row.Origin != origin) {
		return site.Actor{}, errToken
	}
	if err != nil {
		return site.Actor{}, db.MapError(err, "read access token")
	}
	return s.actor(ctx, row, siteID)
}

// Recheck gives the actor of a session with tokens as it stands now, for connections that live longer
// than a token. Unauthenticated when the session or its holder has ended.
func (s *Service) Recheck(ctx context.Context, a site.Actor) (site.Actor, error) {
	out, err := s.BySession(ctx, a)
	out.ExpiresAt = a.ExpiresAt
	return out, err
}

// BySession gives the actor whose session it is, until the session's own end: for connections that
// outlive the access token which opened them.
func (s *Service) BySession(ctx context.Context, a site.Actor) (site.Actor, error) {
	var row standing
	err := s.db.Bun.NewRaw(standingBySession, a.SiteID, s.now(), a.SessionID).Scan(ctx, &row)
	if db.NoRows(err) {
		return site.Actor{}, fault.New(fault.Unauthenticated, "this session has ended; sign in again")
	}
	if err != nil {
		return site.Actor{}, db.MapError(err, "read session")
	}
	return s.actor(ctx, row, a.SiteID)
}

// actor gives who a living session is for. Staff read what their site lets them read.
func (s *Service) actor(ctx context.Context, row standing, siteID uuid.UUID) (site.Actor, error) {
	out := site.Actor{SiteID: siteID, Language: row.Language, SessionID: row.SessionID, ExpiresAt: row.ExpiresAt, Origin: row.Origin, Book: row.ContactManagement}
	if row.StaffID != nil && row.AccountID == nil {
		out.Kind, out.Access, out.ID, out.Name, out.Epoch = site.KindStaff, row.Role.Access(), *row.StaffID, row.Name, *row.StaffEpoch
		of, err := s.sites.ByID(ctx, siteID)
		out.Readers, out.Site = of.Readers, &of
		return out, err
	}
	if err := open(site.Site{ContactManagement: row.ContactManagement}); err != nil {
		return site.Actor{}, err
	}
	out.Kind, out.Access, out.ID, out.Name, out.ContactID = site.KindAccount, site.AccessAccount, *row.AccountID, row.Email, row.ContactID
	if row.supports() {
		if row.Role.Access() < site.AccessSupport {
			return site.Actor{}, errToken
		}
		out.Support = &site.Supporter{ID: *row.StaffID, Name: row.Name}
	}
	return out, nil
}
