package account

import (
	"context"
	"time"

	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/site"
)

// busyFrom is how many calls in the last minute make a site busy.
const busyFrom = 120

// Load is how busy the doors of a site are.
type Load struct {
	Mode  site.ProofOfWork
	Calls int // in the last minute, of those that cost a password hash or a mail
}

// Busy is from how many calls on a site counts as busy.
func (l Load) Busy() int { return busyFrom }

// Asks tells whether visitors' browsers work now.
func (l Load) Asks() bool {
	return l.Mode == site.WorkAlways || l.Mode == site.WorkAutomatic && l.Calls > busyFrom
}

// difficulty rises with the load.
func (l Load) difficulty() int {
	return min(max(workLeast, workLeast*l.Calls/busyFrom), workMost)
}

// loadWindow is the minute over which calls are counted. A row lives for two, so that the minute before can be weighed in.
const loadWindow = time.Minute

// countLoad adds calls to a site's present minute, in the database, so that all processes count together, and gives what the last 60
// seconds held: of the minute before as large a part as lies within them. The site is read along. No row where there is no such site.
const countLoad = `
WITH of AS (SELECT id, proof_of_work FROM site WHERE id = ?0),
added AS (
	INSERT INTO rate_bucket (site_id, key, window_start, window_end, most, shown, count)
	SELECT id, '` + site.LoadBucket + `', ?1, ?2, ?5, '', ?4 FROM of WHERE proof_of_work <> 'off'
	ON CONFLICT (site_id, key, window_start) DO UPDATE SET count = rate_bucket.count + ?4 RETURNING count)
SELECT proof_of_work AS mode, (coalesce((SELECT count FROM added), 0) + ?6 * coalesce((
	SELECT count FROM rate_bucket WHERE site_id = ?0 AND key = '` + site.LoadBucket + `' AND window_start = ?3), 0))::int AS calls FROM of`

// countCall counts a call.
func (s *Service) countCall(ctx context.Context, siteID uuid.UUID) (Load, error) {
	return s.load(ctx, siteID, 1)
}

func (s *Service) load(ctx context.Context, siteID uuid.UUID, calls int) (Load, error) {
	now := s.now()
	start := now.Truncate(loadWindow)
	rest := 1 - float64(now.Sub(start))/float64(loadWindow)
	var out Load
	err := s.db.Bun.NewRaw(countLoad, siteID, start, start.Add(2*loadWindow), start.Add(-loadWindow), calls, busyFrom, rest).Scan(ctx, &out)
	if db.NoRows(err) {
		return Load{Mode: site.WorkOff}, nil
	}
	return out, db.MapError(err, "count call")
}

// Load tells how busy the doors of the actor's site are, and whether visitors' browsers work. Needs a manager.
func (s *Service) Load(ctx context.Context) (Load, error) {
	a, err := site.Require(ctx, site.AccessManager)
	if err != nil {
		return Load{}, err
	}
	return s.load(ctx, a.SiteID, 0)
}
