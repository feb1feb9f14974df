package sale

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Passed gives the sweep's question of a minute.
func (s *Service) Passed(siteID uuid.UUID, at time.Time) string {
	since, day := at.Add(-time.Minute), at.Format(time.DateOnly)
	query, args := span{day, day, since, at, since.AddDate(-1, 0, 0), at.AddDate(-1, 0, 0)}.query(siteID)
	return s.db.Bun.NewRaw(query, args...).String()
}

// FinishRefund does the job of a refund.
func (s *Service) FinishRefund(ctx context.Context, siteID, id uuid.UUID) error {
	return s.finishRefund(ctx, refundJob{siteID, id}, false)
}
