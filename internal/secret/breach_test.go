package secret

import (
	"crypto/sha1" //nolint:gosec // the lists are made of it
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A list of any size and form finds what is on it and nothing else.
func TestBreaches(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 10, 1000} {
		for _, form := range []string{"%X:%d\n", "%X:%d\r\n", "%x\n"} {
			var lines []string
			for i := range n {
				sum := sha1.Sum([]byte(fmt.Sprint("leaked ", i))) //nolint:gosec // see above
				if strings.Contains(form, "%d") {
					lines = append(lines, fmt.Sprintf(form, sum, i*i*i))
				} else {
					lines = append(lines, fmt.Sprintf(form, sum))
				}
			}
			slices.Sort(lines)
			path := filepath.Join(t.TempDir(), "list")
			text := strings.Join(lines, "")
			for _, end := range []string{text, strings.TrimRight(text, "\r\n")} {
				require.NoError(t, os.WriteFile(path, []byte(end), 0o600))
				list, err := OpenBreaches(path)
				require.NoError(t, err)
				for i := range n {
					has, err := list.Has(fmt.Sprint("leaked ", i))
					require.NoError(t, err)
					require.True(t, has, "%d of %d, %q", i, n, form)
					has, err = list.Has(fmt.Sprint("kept ", i))
					require.NoError(t, err)
					require.False(t, has)
				}
			}
		}
	}
	path := filepath.Join(t.TempDir(), "list")
	require.NoError(t, os.WriteFile(path, []byte("password123\n"), 0o600))
	_, err := OpenBreaches(path)
	require.ErrorContains(t, err, "SHA-1")
	_, err = OpenBreaches(path + "x")
	require.ErrorIs(t, err, os.ErrNotExist)
}
