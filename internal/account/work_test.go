package account_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/account"
	"carnet/internal/fault"
	"carnet/internal/site"
)

// solve does what a browser does with a challenge.
func solve(t *testing.T, challenge string) account.Work {
	t.Helper()
	parts := strings.Split(challenge, ".")
	require.Len(t, parts, 6)
	require.Equal(t, "SHA-256", parts[0])
	for n := range highest(t, challenge) + 1 {
		sum := sha256.Sum256([]byte(parts[3] + strconv.Itoa(n)))
		if hex.EncodeToString(sum[:]) == parts[4] {
			return account.Work{Challenge: challenge, Number: n}
		}
	}
	t.Fatal("no number solves the challenge")
	return account.Work{}
}

func highest(t *testing.T, challenge string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.Split(challenge, ".")[1])
	require.NoError(t, err)
	return n
}

// asked gives the challenge of a refusal that asks for work.
func asked(t *testing.T, err error) string {
	t.Helper()
	var needed *account.WorkError
	require.True(t, errors.As(err, &needed), "%v", err)
	require.Equal(t, fault.RateLimited, fault.CodeOf(err))
	list, ok := fault.Mendable(err)
	require.True(t, ok)
	require.Equal(t, account.ReasonProofOfWork, list[0].Reason)
	require.NotContains(t, err.Error(), needed.Challenge, "an error is logged, a challenge is not")
	return needed.Challenge
}

func (w *world) mode(of site.Site, mode site.ProofOfWork) {
	w.t.Helper()
	_, err := w.sites.Update(w.staff(of), site.Update{ProofOfWork: &mode})
	require.NoError(w.t, err)
}

func (w *world) mailCode(ctx context.Context, s *account.Service, by account.Attempt, email string, work account.Work) error {
	return s.RequestEmailCode(ctx, account.RequestEmailCode{Attempt: by, Email: email, Work: work})
}

// busy puts calls into the site's present minute.
func (w *world) busy(calls int) {
	w.t.Helper()
	_, err := w.db.Bun.NewRaw("UPDATE rate_bucket SET count = ? WHERE site_id = ? AND key = 'load/site'", calls, w.site.ID).Exec(w.t.Context())
	require.NoError(w.t, err)
}

// Two processes count a site's calls together; while they are many, each asks for work, of this site only, and no more once it is calm.
func TestWorkIsAskedForWhileASiteIsBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	processes := []*account.Service{w.service, w.process()}
	visitor := w.visitor(shop)
	by := w.browser().attempt
	for i := range 120 {
		require.NoError(t, w.mailCode(visitor, processes[i%2], by, fmt.Sprintf("visitor%d@example.org", i), account.Work{}))
	}
	challenge := asked(t, w.mailCode(visitor, processes[0], by, "ada@example.org", account.Work{}))
	asked(t, w.mailCode(visitor, processes[1], by, "eva@example.org", account.Work{}))
	require.Len(t, w.mails, 120)
	require.NoError(t, w.mailCode(visitor, processes[1], by, "ada@example.org", solve(t, challenge)), "made by one process, taken by the other")
	asked(t, w.mailCode(visitor, processes[0], by, "ada@example.org", solve(t, challenge))) // and taken once
	require.NoError(t, w.mailCode(w.visitorOf(w.other, shop), processes[0], by, "ada@example.org", account.Work{}), "another site is calm")

	load, err := w.service.Load(w.staff(w.site))
	require.NoError(t, err)
	require.Equal(t, account.Load{Mode: site.WorkAutomatic, Calls: 124}, load)
	require.True(t, load.Asks())
	throttles, err := w.sites.Throttles(w.staff(w.site))
	require.NoError(t, err)
	for _, row := range throttles {
		require.NotEqual(t, site.LoadBucket, row.Limit, "it refuses nobody")
	}

	// The minute that begins does not forget the one before, which counts as far as it lies within the last sixty seconds.
	w.busy(200)
	w.clock.add(time.Minute)
	asked(t, w.mailCode(visitor, processes[0], by, "ada@example.org", account.Work{}))
	w.clock.add(30 * time.Second)
	require.NoError(t, w.service.Sweep(t.Context()))
	load, err = w.service.Load(w.staff(w.site))
	require.NoError(t, err)
	require.Equal(t, 101, load.Calls)
	require.NoError(t, w.mailCode(visitor, processes[0], by, "ada@example.org", account.Work{}))
	w.clock.add(5 * time.Minute)
	require.NoError(t, w.service.Sweep(t.Context()))
	require.Zero(t, w.count("used_work"))
	require.Zero(t, w.count("rate_bucket WHERE key = 'load/site'"))
}

// A solution is good once, within five minutes, for the very site, operation and attempt that was asked.
func TestWorkIsBoundAndTakenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mode(w.site, site.WorkAlways)
	w.mode(w.other, site.WorkAlways)
	visitor := w.visitor(shop)
	by := w.browser().attempt
	mail := func(work account.Work) error { return w.mailCode(visitor, w.service, by, "ada@example.org", work) }
	good := solve(t, asked(t, mail(account.Work{})))
	wrong := good
	wrong.Number++
	parts := strings.Split(good.Challenge, ".")
	changed := func(i int, to string) account.Work {
		c := append([]string{}, parts...)
		c[i] = to
		return account.Work{Challenge: strings.Join(c, "."), Number: good.Number}
	}
	ended := strconv.FormatInt(w.clock.now().Add(time.Hour).Unix(), 10)
	for name, work := range map[string]account.Work{
		"another number": wrong, "a negative one": {Challenge: good.Challenge, Number: -1},
		"easier": changed(1, "0"), "longer": changed(2, ended), "another salt": changed(3, "x"), "another digest": changed(4, "x"), "unsigned": changed(5, ""),
		"no challenge": {Challenge: "x", Number: 1}, "dots": {Challenge: ".....", Number: 1}, "long": {Challenge: strings.Repeat("x.", 5000), Number: 1},
	} {
		require.NotEqual(t, good.Challenge, asked(t, mail(work)), name)
	}
	otherAttempt := w.browser().attempt
	asked(t, w.mailCode(visitor, w.service, otherAttempt, "ada@example.org", good))
	asked(t, w.mailCode(w.visitorOf(w.other, shop), w.service, by, "ada@example.org", good))
	_, err := w.service.SignIn(visitor, account.SignIn{Attempt: by, Email: "ada@example.org", Password: "a guess", Work: good})
	asked(t, err)
	asked(t, w.service.SignUp(visitor, account.SignUp{Attempt: by, Email: "ada@example.org", FirstName: "Ada", Work: good}))
	require.Empty(t, w.mails)

	require.NoError(t, mail(good), "none of these used it up")
	asked(t, mail(good))
	require.Len(t, w.mails, 1)

	late := solve(t, asked(t, mail(account.Work{})))
	w.clock.add(5*time.Minute - time.Second)
	require.NoError(t, mail(late))
	late = solve(t, asked(t, mail(account.Work{})))
	w.clock.add(5 * time.Minute)
	asked(t, mail(late))
}

// Each call that costs a hash or a mail asks, before it tells or costs anything, whoever has the address; asking uses up no tries, and
// solving lifts none of the limits. Off, nothing asks.
func TestWorkComesBeforeEverythingAndLiftsNoLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.browser().signUp("ada@example.org", "correct horse battery")
	sent := len(w.mails)
	w.mode(w.site, site.WorkAlways)
	visitor := account.WithClient(w.visitor(shop), account.Client{IP: "203.0.113.77"})
	by := w.browser().attempt
	for _, email := range []string{"ada@example.org", "nobody@example.org"} {
		for name, call := range map[string]func(account.Work) error{
			"signIn": func(work account.Work) error {
				_, err := w.service.SignIn(visitor, account.SignIn{Attempt: by, Email: email, Password: "a wrong password", Work: work})
				return err
			},
			"signUp": func(work account.Work) error {
				return w.service.SignUp(visitor, account.SignUp{Attempt: by, Email: email, FirstName: "A", Password: "long enough now", Work: work})
			},
			"requestEmailCode": func(work account.Work) error { return w.mailCode(visitor, w.service, by, email, work) },
			"confirmEmailCode": func(work account.Work) error {
				_, err := w.service.ConfirmEmailCode(visitor, account.ConfirmEmailCode{Attempt: by, Email: email, Code: "00000000", NewPassword: "long enough now", Work: work})
				return err
			},
		} {
			for range 6 { // more than an address has mails
				asked(t, call(account.Work{}))
			}
			var needed *account.WorkError
			require.False(t, errors.As(call(solve(t, asked(t, call(account.Work{})))), &needed), "%s of %s", name, email)
		}
	}
	require.Len(t, w.mails, sent+4, "a sign-up and a code for each")

	for range 2 { // of five mails to an address three are sent
		require.NoError(t, w.mailCode(visitor, w.service, by, "ada@example.org", solve(t, asked(t, w.mailCode(visitor, w.service, by, "ada@example.org", account.Work{})))))
	}
	solved := solve(t, asked(t, w.mailCode(visitor, w.service, by, "ada@example.org", account.Work{})))
	err := w.mailCode(visitor, w.service, by, "ada@example.org", solved)
	require.Equal(t, fault.RateLimited, fault.CodeOf(err))
	_, mendable := fault.Mendable(err)
	require.False(t, mendable, "a limit, no challenge")

	w.mode(w.site, site.WorkOff)
	w.busy(100_000)
	require.NoError(t, w.mailCode(visitor, w.service, by, "eva@example.org", account.Work{}))
}

// The highest number rises with the load, from 100,000 to 800,000.
func TestWorkGrowsWithTheLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mode(w.site, site.WorkAlways)
	visitor := w.visitor(shop)
	by := w.browser().attempt
	ask := func() int {
		return highest(t, asked(t, w.mailCode(visitor, w.service, by, "ada@example.org", account.Work{})))
	}
	require.Equal(t, 100_000, ask())
	for calls, want := range map[int]int{120: 100_000, 240: 200_000, 600: 500_000, 100_000: 800_000} {
		w.busy(calls - 1)
		require.Equal(t, want, ask(), "%d calls", calls)
	}
}

// What a site sets is one of three, whatever writes it.
func TestWorkModeIsCheckedByTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, site.WorkAutomatic, w.site.ProofOfWork)
	_, err := w.db.Bun.NewRaw("UPDATE site SET proof_of_work = 'sometimes'").Exec(t.Context())
	require.Error(t, err)
}
