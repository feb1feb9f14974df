package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// minMajor is the oldest PostgreSQL that Carnet runs on.
const minMajor = 15

// installPlaces are where packagers put PostgreSQL's programs.
var installPlaces = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // PGDG on Red Hat
	"/usr/lib64/pgsql/bin",
	"/usr/libexec/postgresql*", // Alpine
	"/usr/local/pgsql/bin",     // built from source
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// binaries are PostgreSQL's programs of one installation.
type binaries struct {
	dir   string
	major int
}

func (b binaries) initdb() string   { return filepath.Join(b.dir, "initdb") }
func (b binaries) postgres() string { return filepath.Join(b.dir, "postgres") }

// env is the environment of the programs: plain, so that nothing of the user's shell (PGDATA,
// a locale the system lacks, a time zone) leaks into the cluster.
func (b binaries) env() []string {
	return []string{"PATH=" + b.dir + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}

// findBinaries chooses the programs for a cluster of the given major version, or for a new one when
// major is 0: those of explicit when it is set, else the installed ones (the newest fit one), else
// those of the npm package. The user must be able to run them; copyTo is where those of the npm
// package are copied to when they lie where the user cannot go.
func findBinaries(ctx context.Context, explicit string, major int, who identity, copyTo string) (binaries, error) {
	places := installedPlaces()
	if explicit != "" {
		abs, err := filepath.Abs(explicit)
		if err != nil {
			return binaries{}, err
		}
		places = []string{abs, filepath.Join(abs, "bin"), filepath.Join(abs, "native", "bin")}
	}
	var found []binaries
	var refused []string
	consider := func(dir string) {
		b, err := inspect(ctx, dir, who, copyTo)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			refused = append(refused, fmt.Sprintf("%s: %v", dir, err))
		case b.major < minMajor:
			refused = append(refused, fmt.Sprintf("%s: version %d is too old", dir, b.major))
		case major != 0 && b.major != major:
			refused = append(refused, fmt.Sprintf("%s: version %d cannot open this data", dir, b.major))
		default:
			found = append(found, b)
		}
	}
	for _, dir := range places {
		consider(dir)
	}
	if len(found) == 0 && explicit == "" {
		for _, dir := range npmPlaces() {
			consider(dir)
		}
	}
	if len(found) == 0 {
		return binaries{}, noBinaries(explicit, major, refused)
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return b.major - a.major })
	return found[0], nil
}

// noBinaries is the error of a search in vain, with the mend.
func noBinaries(explicit string, major int, refused []string) error {
	want := fmt.Sprintf("PostgreSQL %d or newer", minMajor)
	if major != 0 {
		want = fmt.Sprintf("PostgreSQL %d, which wrote the data here,", major)
	}
	seen := ""
	if len(refused) > 0 {
		seen = " (seen: " + strings.Join(refused, "; ") + ")"
	}
	if explicit != "" {
		return fmt.Errorf("the programs of %s are not in %s%s: mend CARNET_POSTGRES_BIN, or leave it empty to search", want, explicit, seen)
	}
	mend := "install it (Debian: `apt install postgresql postgresql-contrib`, macOS: `brew install postgresql`)"
	if major != 0 {
		mend = fmt.Sprintf("install it (Debian: `apt install postgresql-%d`, macOS: `brew install postgresql@%d`)", major, major)
	}
	return fmt.Errorf("%s is not on this machine%s: %s, or set CARNET_DATABASE_URL to a server of your own", want, seen, mend)
}

// installedPlaces lists the directories of PATH's postgres and of the usual installations.
func installedPlaces() []string {
	var places []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// A link into an installation: initdb and the libraries are beside the target.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			places = append(places, filepath.Dir(real))
		}
	}
	for _, pattern := range installPlaces {
		matches, _ := filepath.Glob(pattern) // the patterns are well formed
		places = append(places, matches...)
	}
	slices.Sort(places)
	return slices.Compact(places)
}

var versionNumber = regexp.MustCompile(`\d+`)

// inspect gives the programs in dir, fs.ErrNotExist when there are none. Programs of the npm
// package are made whole first, and copied when the user cannot reach them.
func inspect(ctx context.Context, dir string, who identity, copyTo string) (binaries, error) {
	b := binaries{dir: dir}
	for _, program := range []string{b.postgres(), b.initdb()} {
		if _, err := os.Stat(program); err != nil {
			return b, err
		}
	}
	if native := filepath.Dir(dir); isNPM(native) {
		usable, err := prepareNPM(native, who, copyTo)
		if err != nil {
			return b, err
		}
		b.dir = filepath.Join(usable, "bin")
	}
	cmd := exec.CommandContext(ctx, b.postgres(), "--version")
	cmd.Dir = "/"
	cmd.Env = b.env()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential()}
	output, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && len(exit.Stderr) > 0 {
			return b, fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		if errors.Is(err, fs.ErrPermission) {
			return b, fmt.Errorf("%s cannot run it", who.name)
		}
		return b, err
	}
	b.major, err = strconv.Atoi(versionNumber.FindString(string(output))) // "postgres (PostgreSQL) 18beta1"
	if err != nil {
		return b, fmt.Errorf("%q names no version", strings.TrimSpace(string(output)))
	}
	return b, nil
}
