package account

import (
	"context"
	"time"

	"carnet/internal/db"
	"carnet/internal/secret"
)

// ended are what has ended by time alone. Sessions are kept a month longer, so that their use is
// recognised; checkouts too, for hosts that ask again.
var ended = []string{
	"DELETE FROM email_challenge WHERE expires_at < ?0",
	"DELETE FROM account_recovery WHERE expires_at < ?0",
	"DELETE FROM social_attempt WHERE expires_at < ?0",
	"DELETE FROM passkey_ceremony WHERE expires_at < ?0",
	"DELETE FROM auth_code WHERE expires_at < ?0",
	"DELETE FROM support_code WHERE expires_at < ?0",
	"DELETE FROM access_token WHERE expires_at < ?0",
	"DELETE FROM dpop_proof WHERE expires_at < ?0",
	"DELETE FROM used_work WHERE expires_at < ?0",
	"DELETE FROM rate_bucket WHERE window_end <= ?0",
	"DELETE FROM token_session WHERE least(expires_at, idle_until, revoked_at) < ?0::timestamptz - interval '30 days'",
	"DELETE FROM checkout WHERE redeemed_at IS NULL AND expires_at < ?0::timestamptz - interval '30 days'",
}

// Sweep deletes what has ended. Every process may do it at any time.
func (s *Service) Sweep(ctx context.Context) error {
	for _, query := range ended {
		if _, err := s.db.Bun.NewRaw(query, s.now()).Exec(ctx); err != nil {
			return db.MapError(err, "sweep")
		}
	}
	return nil
}

// Run sweeps every minute until the context ends. It belongs to the program's start.
func (s *Service) Run(ctx context.Context) {
	// The first comparison with nobody's hash makes that hash: later ones all cost the same.
	if _, _, err := secret.CheckPassword(ctx, "", ""); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "prepare password hash", "error", err)
	}
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "sweep accounts", "error", err)
			}
		}
	}
}
