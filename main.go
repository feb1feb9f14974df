// Carnet is a self-hosted contact book for those who run calendars. See README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// gcPercent lets the heap grow to three times what is in use before it is looked through: lists are made of
// many small things that go with the answer. With 100, a first page came 801 times a second instead of 945. GOGC overrules it.
const gcPercent = 200

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cli commands
	parsed := kong.Parse(&cli, kong.Name("carnet"), kong.Description("A contact book for those who run calendars."), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "carnet:", err)
		os.Exit(1) //nolint:gocritic // nothing is deferred that matters now
	}
}
