package contact_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"carnet/internal/fault"
)

// A file too large is refused, and nothing of it stays; old ones are swept.
func TestUploadLimits(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.contacts.LimitUploads(2 << 20)
	_, err := b.contacts.SaveUpload(b.operator(), "big.csv", io.LimitReader(zeros{}, 2<<20+1))
	require.ErrorContains(t, err, "at most 2 MB")
	require.Equal(t, fault.BadInput, fault.CodeOf(err))
	left := func() (n int) {
		require.NoError(t, b.db.Pool.QueryRow(b.operator(), "SELECT (SELECT count(*) FROM upload) + (SELECT count(*) FROM upload_chunk)").Scan(&n))
		return n
	}
	require.Zero(t, left())
	full, err := b.contacts.SaveUpload(b.operator(), "full.csv", io.LimitReader(zeros{}, 2<<20))
	require.NoError(t, err)
	require.EqualValues(t, 2<<20, *full.Size)
	_, err = b.contacts.SaveUpload(b.operator(), "old.csv", strings.NewReader("E-mail\n"))
	require.NoError(t, err)
	_, err = b.db.Bun.ExecContext(b.operator(), "UPDATE upload SET created_at = now() - interval '8 days'")
	require.NoError(t, err)
	_, err = b.contacts.SaveUpload(b.operator(), strings.Repeat("é", 300), strings.NewReader("E-mail\n"))
	require.NoError(t, err)
	require.Equal(t, 2, left())
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
