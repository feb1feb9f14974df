package account

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// SigningKey is a key that checkout tokens are signed with, as the site's owner sees it.
type SigningKey struct {
	Kid            string // RFC 7517 section 4.5
	CreatedAt      time.Time
	SignsAt        time.Time
	RetiredAt      *time.Time // when it signs no more; nil: not decided
	PublishedUntil *time.Time // when /.well-known/jwks.json drops it
}

// published gives the keys that hosts find, the newest first.
func (s *Service) published(ctx context.Context, q bun.IDB) (rows []signingKey, err error) {
	err = q.NewSelect().Model(&rows).Where("retired_at IS NULL OR retired_at > ?", s.now().Add(-publishedAfter)).Order("signs_at DESC", "kid").Scan(ctx)
	return rows, db.MapError(err, "read signing keys")
}

// SigningKeys gives the keys that hosts find at /.well-known/jwks.json, the newest first. Needs an owner.
func (s *Service) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	if _, err := site.Require(ctx, site.AccessOwner); err != nil {
		return nil, err
	}
	rows, err := s.published(ctx, s.db.Bun)
	out := make([]SigningKey, len(rows))
	for i, row := range rows {
		out[i] = row.shown()
	}
	return out, err
}

func (k signingKey) shown() SigningKey {
	out := SigningKey{Kid: k.Kid, CreatedAt: k.CreatedAt, SignsAt: k.SignsAt, RetiredAt: k.RetiredAt}
	if k.RetiredAt != nil {
		until := k.RetiredAt.Add(publishedAfter)
		out.PublishedUntil = &until
	}
	return out
}

// RotateSigningKey makes a new key for the server, which signs in ten minutes, when hosts that keep the keys for a while know it. The old one
// stays published for an hour after, so no token that is out is refused. Needs an owner. RateLimited when a key was made within a day: it
// is the key of all sites.
func (s *Service) RotateSigningKey(ctx context.Context) (SigningKey, error) {
	a, err := site.Require(ctx, site.AccessOwner)
	if err != nil {
		return SigningKey{}, err
	}
	var row signingKey
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockKeys(ctx, tx); err != nil {
			return err
		}
		now := s.now()
		recent, err := tx.NewSelect().Model((*signingKey)(nil)).Where("created_at > ?", now.Add(-rotatedAtMost)).Exists(ctx)
		if err != nil {
			return db.MapError(err, "read signing keys")
		}
		if recent {
			return fault.New(fault.RateLimited, "the server's signing key was made within the last day; it is changed once a day at most")
		}
		before, err := s.published(ctx, tx)
		if err != nil {
			return err
		}
		signsAt := now.Add(publishedBefore)
		if len(before) == 0 {
			signsAt = now // there is none to sign meanwhile
		}
		if _, err := tx.NewUpdate().Model((*signingKey)(nil)).Set("retired_at = ?", signsAt).Where("retired_at IS NULL").Exec(ctx); err != nil {
			return db.MapError(err, "retire signing keys")
		}
		if row, err = s.insertKey(ctx, tx, signsAt); err != nil {
			return err
		}
		return site.NoteEmbed(ctx, tx, a, site.SigningKeyMade, row.Kid)
	})
	return row.shown(), err
}
