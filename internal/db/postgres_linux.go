package db

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// childAttributes give a child its user, a process group of its own (Ctrl-C in a terminal reaches
// us, and we stop the server in order), and a fast shutdown from the kernel when we die. The kernel
// ties that to the thread that started the child: see startBound.
func childAttributes(credential *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: credential, Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// serves tells whether pid is a PostgreSQL server on the cluster in data. A server's working
// directory is its data directory, however it was started.
func serves(pid int, data string) bool {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	program, rest, _ := strings.Cut(string(command), "\x00")
	if base := filepath.Base(program); base != "postgres" && base != "postmaster" {
		return false
	}
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil {
		real, err := filepath.EvalSymlinks(data)
		return err == nil && cwd == real
	}
	return strings.Contains(rest, data) // another user's process: its directory is hidden from us
}
