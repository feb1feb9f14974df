package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// locales are tried in turn until the system knows one. Text is compared by code point everywhere
// (columns say COLLATE "C"), so only the character type matters: a plain C type would make pg_trgm
// drop every letter outside ASCII. The last two are for macOS, which has no C.UTF-8.
var locales = [][]string{
	{"--locale=C.UTF-8"},
	{"--locale=C.utf8"},
	{"--locale=C", "--lc-ctype=UTF-8"},
	{"--locale=C", "--lc-ctype=en_US.UTF-8"},
}

// clusterVersion gives the major version that wrote the cluster in data, 0 when there is none.
func clusterVersion(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := os.ReadDir(data)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		if len(entries) > 0 {
			return 0, fmt.Errorf("%s is not empty and holds no PostgreSQL cluster: move it away, carnet does not touch it", data)
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION is damaged: %w", data, err)
	}
	return major, nil
}

// initCluster makes the cluster in a directory of its own and renames it when it is whole and on
// disk, so that a half-made cluster is never taken for a good one.
func (p *Postgres) initCluster(ctx context.Context) error {
	halfMade, err := filepath.Glob(filepath.Join(p.dir, "data.tmp-*"))
	if err != nil {
		return err
	}
	for _, dir := range halfMade { // of a start that was killed: nothing was ever written to them
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove a half-made cluster: %w", err)
		}
	}
	var refused error
	for _, locale := range locales {
		made, err := p.runInitdb(ctx, locale)
		if err == nil {
			return p.adopt(made)
		}
		if !strings.Contains(err.Error(), "locale") {
			return err
		}
		refused = err
	}
	return fmt.Errorf("this system has no UTF-8 locale that PostgreSQL takes (install the locale C.UTF-8): %w", refused)
}

// runInitdb makes a cluster in a fresh directory and gives its path. initdb ends by flushing it to
// disk, unless the settings say that this server never flushes.
func (p *Postgres) runInitdb(ctx context.Context, locale []string) (string, error) {
	dir, err := os.MkdirTemp(p.dir, "data.tmp-")
	if err != nil {
		return "", err
	}
	if err := p.runAs.own(dir); err != nil {
		return "", err
	}
	args := append([]string{"-D", dir, "-U", embeddedUser, "-E", "UTF8", "--lc-messages=C",
		"--auth-local=trust", "--auth-host=reject", "--no-instructions"}, locale...)
	if p.params["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, p.bin.initdb(), args...)
	cmd.Dir = p.socketDir
	cmd.Env = p.bin.env()
	cmd.SysProcAttr = childAttributes(p.runAs.credential())
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	child, err := startBound(cmd)
	if err != nil {
		return "", fmt.Errorf("run %s: %w", p.bin.initdb(), err)
	}
	<-child.done
	if child.err != nil {
		_ = os.RemoveAll(dir) // the next start removes what this leaves
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("initdb: %w: %s", child.err, strings.TrimSpace(output.String()))
	}
	return dir, nil
}

// adopt gives the finished cluster its name, durably.
func (p *Postgres) adopt(made string) error {
	if err := os.Rename(made, p.data); err != nil {
		return err
	}
	if p.params["fsync"] == "off" {
		return nil
	}
	dir, err := os.Open(p.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
