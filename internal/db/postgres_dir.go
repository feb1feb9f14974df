package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxSocketPath is the longest path of a socket that every system takes: sun_path holds 104 bytes
// on BSD and macOS, 108 on Linux.
const maxSocketPath = 100

// rootData is where root keeps data when its default directory cannot be reached by the user that
// PostgreSQL runs as.
const rootData = "/var/lib/carnet"

// DefaultData gives the data directory for when none is configured: ./data, or /var/lib/carnet for
// root in a place that an unprivileged user cannot enter (PostgreSQL refuses to run as root). Where
// ./data already holds a cluster it stays ./data, so that data never seems to vanish.
func DefaultData() string {
	const local = "data"
	if os.Geteuid() != 0 {
		return local
	}
	abs, err := filepath.Abs(local)
	if err != nil {
		return local
	}
	cluster := filepath.Join(abs, "postgres", "data")
	if _, err := os.Stat(cluster); err == nil {
		return local
	}
	who, err := chooseIdentity(cluster)
	if err != nil || who.blockedAt(abs) == "" {
		return local
	}
	return rootData
}

// acquire takes the directory's lock for the life of this process; the kernel drops it when we die.
func (p *Postgres) acquire() error {
	path := filepath.Join(p.dir, "lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: the directory was made by another user: run carnet as that user, or choose another directory with CARNET_DATA", err)
	}
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := make([]byte, 32)
		n, _ := file.Read(holder) // an unreadable holder is named "unknown" below
		_ = file.Close()
		pid := strings.TrimSpace(string(holder[:n]))
		if pid == "" {
			pid = "unknown"
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("lock %s: %w", path, err)
		}
		return fmt.Errorf("%w by another carnet, pid %s: stop that one, or give this one a directory of its own with CARNET_DATA", ErrInUse, pid)
	}
	p.lock = file
	if err := file.Truncate(0); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if _, err := fmt.Fprintf(file, "%d\n", os.Getpid()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// identity is the user that the server runs as.
type identity struct {
	name     string
	uid, gid int
	drop     bool // true when we are root and must become that user
}

// credential is what a child process needs to become this user, nil when it already is.
func (id identity) credential() *syscall.Credential {
	if !id.drop {
		return nil
	}
	return &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
}

// own hands a path that we made to the user.
func (id identity) own(path string) error {
	if !id.drop {
		return nil
	}
	return os.Chown(path, id.uid, id.gid)
}

// chooseIdentity picks whom the server runs as: ourselves, or for root the owner of an existing
// cluster, else postgres, else nobody. PostgreSQL itself demands that the owner of the data runs it.
func chooseIdentity(data string) (identity, error) {
	me := identity{name: userName(os.Geteuid()), uid: os.Geteuid(), gid: os.Getegid()}
	var owner *syscall.Stat_t
	if info, err := os.Stat(data); err == nil {
		owner = info.Sys().(*syscall.Stat_t) // every Unix gives a Stat_t
	}
	switch {
	case me.uid != 0 && owner != nil && int(owner.Uid) != me.uid:
		return me, fmt.Errorf("the data belongs to %s and carnet runs as %s: run it as the former, or choose another directory with CARNET_DATA",
			userName(int(owner.Uid)), me.name)
	case me.uid != 0:
		return me, nil
	case owner != nil && owner.Uid != 0:
		return identity{name: userName(int(owner.Uid)), uid: int(owner.Uid), gid: int(owner.Gid), drop: true}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue // no such user here
		}
		uid, err := strconv.Atoi(found.Uid)
		if err != nil {
			return me, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.Atoi(found.Gid)
		if err != nil {
			return me, fmt.Errorf("user %s: %w", name, err)
		}
		return identity{name: name, uid: uid, gid: gid, drop: true}, nil
	}
	return me, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody: create one with `useradd --system postgres`")
}

// userName gives a user's name for messages, its number when it has none.
func userName(uid int) string {
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return found.Username
	}
	return "user " + strconv.Itoa(uid)
}

// mustReach fails with the mend when the user cannot enter dir, as under root's home.
func (id identity) mustReach(dir string) error {
	blocked := id.blockedAt(dir)
	if blocked == "" {
		return nil
	}
	return fmt.Errorf("PostgreSQL does not run as root and %s, whom it runs as, cannot enter %s: set CARNET_DATA to a directory that everybody may enter such as %s, or run `chmod o+x %s`",
		id.name, blocked, rootData, blocked)
}

// blockedAt gives the outermost directory on the way to dir that the user may not enter, "" when
// there is none. Directories that do not exist yet do not block: we make them enterable.
func (id identity) blockedAt(dir string) string {
	if !id.drop {
		return ""
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if blocked := id.blockedAt(parent); blocked != "" {
			return blocked
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return ""
	}
	stat := info.Sys().(*syscall.Stat_t) // every Unix gives a Stat_t
	enter := fs.FileMode(0o001)
	switch {
	case int(stat.Uid) == id.uid:
		enter = 0o100
	case int(stat.Gid) == id.gid:
		enter = 0o010
	}
	if info.Mode().Perm()&enter == 0 {
		return dir
	}
	return ""
}

// makeSocketDir makes the directory of the socket, which only the server's user (and root) may
// enter: the server trusts whoever reaches it. A path too long for a socket, or one that libpq
// would take for a list, is replaced by a temporary directory that release removes.
func (p *Postgres) makeSocketDir() error {
	p.socketDir = filepath.Join(p.dir, "run")
	if !usableSocketDir(p.socketDir) {
		base := os.TempDir()
		if !usableSocketDir(filepath.Join(base, "carnet-pg-1234567890")) || p.runAs.blockedAt(base) != "" {
			base = "/tmp"
		}
		dir, err := os.MkdirTemp(base, "carnet-pg-")
		if err != nil {
			return fmt.Errorf("make a directory for the socket: %w", err)
		}
		p.socketDir, p.tempSocket = dir, true
	} else if err := os.MkdirAll(p.socketDir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the socket: %w", err)
	}
	if err := p.runAs.own(p.socketDir); err != nil {
		return fmt.Errorf("hand the directory of the socket to %s: %w", p.runAs.name, err)
	}
	return nil
}

func usableSocketDir(dir string) bool {
	return len(dir)+len("/.s.PGSQL.5432.lock") <= maxSocketPath && !strings.ContainsAny(dir, `,"`)
}
