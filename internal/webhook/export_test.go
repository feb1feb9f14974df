package webhook

import (
	"context"

	"github.com/google/uuid"
)

// Look is a follower's look at some contacts.
func (s *Service) Look(ctx context.Context, siteID, segmentID uuid.UUID, of ...uuid.UUID) error {
	return s.look(ctx, followKey{siteID, segmentID}, of)
}
