package secret_test

import (
	"context"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/secret"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	phc, err := secret.HashPassword(ctx, "correct horse battery")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(phc, "$argon2id$v=19$m=47104,t=1,p=1$"), phc)
	ok, stale, err := secret.CheckPassword(ctx, "correct horse battery", phc)
	require.NoError(t, err)
	require.True(t, ok)
	require.False(t, stale)
	ok, _, err = secret.CheckPassword(ctx, "correct horse batterY", phc)
	require.NoError(t, err)
	require.False(t, ok)
	for _, unknown := range []string{"", "x", "$2a$10$abcdefghijklmnopqrstuv"} {
		ok, _, err = secret.CheckPassword(ctx, "", unknown)
		require.NoError(t, err)
		require.False(t, ok, "%q lets somebody in", unknown)
	}
}

// A hash leaves no memory behind that the heap would be measured by.
func TestHashesGiveTheirMemoryBack(t *testing.T) {
	_, err := secret.HashPassword(t.Context(), "correct horse battery")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64() < 46<<20
	}, 10*time.Second, 50*time.Millisecond)
}

func TestOldParametersAreStale(t *testing.T) {
	t.Parallel()
	// argon2id of "correct horse battery" with m=8 MiB would be weaker than today's: whatever it is, it
	// must be read with its own parameters and reported stale when it fits.
	phc, err := secret.HashPassword(context.Background(), "x")
	require.NoError(t, err)
	ok, stale, err := secret.CheckPassword(context.Background(), "x", strings.Replace(phc, "m=47104", "m=8192", 1))
	require.NoError(t, err)
	require.False(t, ok, "another memory size gives another key")
	require.False(t, stale)
}

func TestSiteToken(t *testing.T) {
	t.Parallel()
	site := uuid.New()
	token := secret.SiteToken("ck_", site)
	got, ok := secret.SiteOf("ck_", token)
	require.True(t, ok)
	require.Equal(t, site, got)
	require.True(t, secret.Equal(token, secret.Hash(token)))
	require.NotEqual(t, token, secret.SiteToken("ck_", site))
	for _, bad := range []string{"", "ck_", token[1:], token[:len(token)-1], "cs_" + token[3:], strings.Replace(token, "_", "-", 2)} {
		_, ok := secret.SiteOf("ck_", bad)
		require.False(t, ok, "%q", bad)
	}
}

func TestSealer(t *testing.T) {
	t.Parallel()
	s, err := secret.NewSealer(strings.Repeat("k", 32))
	require.NoError(t, err)
	sealed := s.Seal([]byte("client secret"), "here")
	plain, err := s.Open(sealed, "here")
	require.NoError(t, err)
	require.Equal(t, "client secret", string(plain))
	_, err = s.Open(sealed, "there")
	require.Error(t, err, "a sealed value opens in another place")
	other, err := secret.NewSealer(strings.Repeat("q", 32))
	require.NoError(t, err)
	_, err = other.Open(sealed, "here")
	require.ErrorContains(t, err, "CARNET_SECRET")
	_, err = secret.NewSealer("short")
	require.Error(t, err)
}

func TestDigits(t *testing.T) {
	t.Parallel()
	seen := map[rune]bool{}
	for range 50 {
		d := secret.Digits(8)
		require.Len(t, d, 8)
		for _, r := range d {
			require.Contains(t, "0123456789", string(r))
			seen[r] = true
		}
	}
	require.Len(t, seen, 10)
}

func TestSigner(t *testing.T) {
	t.Parallel()
	s := secret.NewSigner(strings.Repeat("k", 32), "export")
	token := s.Sign([]byte("payload"))
	payload, ok := s.Open(token)
	require.True(t, ok)
	require.Equal(t, "payload", string(payload))
	for _, bad := range []string{"", ".", token[1:], token[:len(token)-1], token + "A", strings.Replace(token, ".", "", 1)} {
		_, ok := s.Open(bad)
		require.False(t, ok, "%q", bad)
	}
	_, ok = secret.NewSigner(strings.Repeat("k", 32), "import").Open(token)
	require.False(t, ok, "a token is good for another purpose")
	_, ok = secret.NewSigner(strings.Repeat("q", 32), "export").Open(token)
	require.False(t, ok, "a token is good under another key")
}
