//go:build unix && !linux

package db

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// childAttributes give a child its user and a process group of its own (Ctrl-C in a terminal
// reaches us, and we stop the server in order). No kernel but Linux's ends a child with its parent:
// the next start stops a server that was left behind.
func childAttributes(credential *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: credential, Setpgid: true}
}

// serves tells whether pid is a PostgreSQL server on the cluster in data, by its command line.
func serves(pid int, data string) bool {
	command, err := exec.Command("ps", "-p", strconv.Itoa(pid), "-o", "command=").Output()
	return err == nil && strings.Contains(string(command), "postgres") && strings.Contains(string(command), data)
}
