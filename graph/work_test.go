package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// A manager says when browsers work and sees whether they do; a visitor's call then brings a challenge, and goes through with its number.
func TestVisitorsWorkWhereTheSiteSaysSo(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	set := `mutation($i: UpdateSiteInput!) { updateSite(input: $i) { site { proofOfWork } errors { code message path } } }`
	load := `{ doorLoad { mode calls busy asks } }`
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", set, vars{"i": vars{"proofOfWork": "ALWAYS"}})
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", load, nil)
	p.Refused(t, s.Visitor(), "UNAUTHENTICATED", load, nil)
	require.Empty(t, p.Payload(t, s.As(site.Manager), set, vars{"i": vars{"proofOfWork": "ALWAYS", "contactManagement": true}}, nil))

	b := newBrowser(t, s)
	type answer struct {
		MailSent bool
		Work     *string
	}
	ask := func(work any) (answer, []string) {
		var out struct{ RequestEmailCode answer }
		errs := p.Payload(t, s.Visitor(), `mutation($i: RequestEmailCodeInput!) { requestEmailCode(input: $i) { mailSent work errors { code message path } } }`,
			vars{"i": vars{"attempt": b.attempt, "email": "ada@example.no", "work": work}}, &out)
		return out.RequestEmailCode, errs
	}
	out, errs := ask(nil)
	require.Equal(t, []string{"PROOF_OF_WORK "}, errs)
	require.False(t, out.MailSent)
	challenge := *out.Work
	parts := strings.Split(challenge, ".")
	number := 0
	for ; ; number++ {
		sum := sha256.Sum256([]byte(parts[3] + strconv.Itoa(number)))
		if hex.EncodeToString(sum[:]) == parts[4] {
			break
		}
	}
	out, errs = ask(vars{"challenge": challenge, "number": number})
	require.Empty(t, errs)
	require.True(t, out.MailSent)
	require.Nil(t, out.Work)
	out, errs = ask(vars{"challenge": challenge, "number": number})
	require.Equal(t, []string{"PROOF_OF_WORK "}, errs)
	require.NotEqual(t, challenge, *out.Work)

	var now struct {
		DoorLoad struct {
			Mode        string
			Calls, Busy int
			Asks        bool
		}
	}
	p.Must(t, s.As(site.Manager), load, nil, &now)
	require.Equal(t, "ALWAYS", now.DoorLoad.Mode)
	require.Equal(t, 3, now.DoorLoad.Calls)
	require.Equal(t, 120, now.DoorLoad.Busy)
	require.True(t, now.DoorLoad.Asks)
}
