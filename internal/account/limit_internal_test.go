package account

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The documented limits and lifetimes are those that hold.
func TestDocumentedLimits(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../docs/embedding.md")
	require.NoError(t, err)
	text := string(source)
	all := []limit{signInPerAddress, signInPerClient, mailPerAddress, mailPerClient, confirmPerAddress, confirmPerClient, socialPerClient, passkeyPerClient, checkoutPerClient, redeemPerSite}
	for _, l := range all {
		minutes := fmt.Sprintf("%d minutes", int(l.per.Minutes()))
		if l.per == time.Minute {
			minutes = "1 minute"
		}
		row := ""
		for line := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(line, "| `"+l.name+"`") {
				row = line
			}
		}
		require.True(t, strings.HasSuffix(row, fmt.Sprintf("| %d | %s |", l.max, minutes)), "%s: %q", l.name, row)
	}
	require.Equal(t, len(all), strings.Count(text, "/address`:")+strings.Count(text, "/client`:")+strings.Count(text, "/site`:"))
	minutes := func(d time.Duration) int { return int(d.Minutes()) }
	days := func(d time.Duration) int { return int(d.Hours() / 24) }
	for _, phrase := range []string{
		fmt.Sprintf("%d seconds, once", int(codeLife.Seconds())),
		fmt.Sprintf("| access token | the page's memory | %d minutes |", minutes(accessLife)),
		fmt.Sprintf("for another %d seconds", int(refreshGrace.Seconds())),
		fmt.Sprintf("%d days unused, %d days in all", days(sessionIdle), days(sessionLife)),
		fmt.Sprintf("| %d minutes, %d tries, the newest", minutes(challengeLife), maxTries),
		fmt.Sprintf("| %d minutes, redeemed once |", minutes(checkoutLife)),
		fmt.Sprintf("| %d days, once |", days(recoveryLife)),
		fmt.Sprintf("found by a hash | %d minutes |", minutes(socialLife)),
		fmt.Sprintf("| challenge of a passkey | our server | %d minutes, once |", minutes(passkeyLife)),
	} {
		require.Contains(t, text, phrase)
	}
	require.Equal(t, 10*time.Minute, freshFor, "the documents say ten minutes")
}
