package segment

import (
	"time"

	"carnet/internal/site"
)

// Clock is the time of day. Watches ask it, since the day moves rules without any write.
type Clock interface {
	Now() time.Time
	// At gives a channel that receives once a moment has come; stop gives the channel up.
	At(moment time.Time) (come <-chan time.Time, stop func())
}

// wallClock is the machine's clock.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) At(moment time.Time) (<-chan time.Time, func()) {
	t := time.NewTimer(time.Until(moment))
	return t.C, func() { t.Stop() }
}

// lookAgain is how long a watch sleeps at most before it looks at the clock: a timer stands still
// while the machine is suspended.
const lookAgain = time.Hour

// nextDay gives the moment at which the site's day that holds now is over.
func nextDay(of site.Site, now time.Time) time.Time {
	return of.Start(of.Day(now).AddDate(0, 0, 1))
}

// nextLook gives when a watch must look at the clock.
func (o *watch) nextLook() time.Time {
	soon := o.w.clock.Now().Add(lookAgain)
	if o.until.IsZero() || soon.Before(o.until) {
		return soon
	}
	return o.until
}

// dayPassed tells whether the day for which the members were read is over.
func (o *watch) dayPassed() bool {
	return !o.until.IsZero() && !o.w.clock.Now().Before(o.until)
}
