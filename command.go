package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"

	"carnet/internal/app"
	"carnet/internal/contact"
	"carnet/internal/db"
	"carnet/internal/site"
	"carnet/migrations"
)

// commands are the program's. Every setting is an environment variable too.
type commands struct {
	Serve   serve      `cmd:"" help:"Serve the API, the admin and the widgets."`
	Migrate migrate    `cmd:"" help:"Bring the database's schema up to date, or take it down."`
	Seed    seed       `cmd:"" help:"Fill a site's book with made-up contacts."`
	Import  importFile `cmd:"" help:"Import a file of contacts."`
	Export  exportFile `cmd:"" help:"Export a site's contacts into a file."`

	Erasures   erasures   `cmd:"" help:"Write the list of who was erased, to be kept apart from the database."`
	EraseAgain eraseAgain `cmd:"" help:"Erase again who stands in such a list, after a backup was restored."`

	Data           string `env:"CARNET_DATA" help:"Directory of the private database and the server's key (default: ./data)."`
	DatabaseURL    string `env:"CARNET_DATABASE_URL" help:"A PostgreSQL server; empty: a private one is started."`
	ReplicationURL string `env:"CARNET_DATABASE_REPLICATION_URL" help:"The same database without a pooler in between, for the change feed."`
	BinDir         string `name:"postgres-bin" env:"CARNET_POSTGRES_BIN" help:"Where PostgreSQL's programs are, when they are not found."`
	Secret         string `env:"CARNET_SECRET" help:"The server's key; processes that share a database share it (default: kept in the data directory)."`
	Verbose        bool   `short:"v" env:"CARNET_VERBOSE" help:"Log every request."`
}

func (c *commands) config() app.Config {
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	return app.Config{DatabaseURL: c.DatabaseURL, ReplicationURL: c.ReplicationURL, Data: c.Data, BinDir: c.BinDir, Secret: c.Secret, Log: log}
}

type serve struct {
	Addr           string         `env:"CARNET_ADDR" default:"127.0.0.1:8080" help:"Where to listen."`
	PublicURL      string         `env:"CARNET_PUBLIC_URL" help:"How browsers reach this server (default: http:// and the address)."`
	TrustedProxies []netip.Prefix `env:"CARNET_TRUSTED_PROXIES" help:"Networks whose X-Forwarded-For is believed."`
	Breached       string         `name:"breached-passwords" env:"CARNET_BREACHED_PASSWORDS" help:"A sorted file of SHA-1 digests of leaked passwords, which nobody may choose."`
	SMTP           string         `env:"CARNET_SMTP_URL" help:"smtp://user:password@host:port; empty: mail stays in the outbox."`
	MailFrom       string         `env:"CARNET_MAIL_FROM" help:"Sender of mail."`
	TextLines      int            `env:"CARNET_SMS_LINES" default:"4" help:"Text messages of a campaign under way at once."`
	TextRate       float64        `env:"CARNET_SMS_RATE" help:"Text messages a second at most that a campaign sends (default: as many as the provider takes)."`
	TwilioURL      string         `env:"CARNET_TWILIO_URL" help:"Stands for Twilio's address, to try text messages with a stand-in; empty: Twilio's own."`
	StripeURL      string         `env:"CARNET_STRIPE_URL" help:"Stands for Stripe's address, to try payments with stripe-mock; empty: Stripe's own."`
	MailLines      int            `env:"CARNET_MAIL_LINES" default:"4" help:"Connections to the mail server that a campaign uses at once."`
	BounceAddress  string         `env:"CARNET_BOUNCE_ADDRESS" help:"Mailbox that campaigns' bounces come back to, whose mails are passed on to /v1/bounces."`
	MailRate       float64        `env:"CARNET_MAIL_RATE" help:"Messages a second at most that a campaign sends (default: as many as the mail server takes)."`
	Demo           bool           `env:"CARNET_DEMO" help:"Fill the first site with demo data and serve a demo calendar."`
	DemoAddr       string         `env:"CARNET_DEMO_ADDR" default:"127.0.0.1:8081" help:"Where the demo calendar listens."`
	DemoContacts   int            `env:"CARNET_DEMO_CONTACTS" default:"2000" help:"How many contacts the demo begins with."`
}

// Run serves until it is interrupted.
func (s *serve) Run(ctx context.Context, all *commands) error {
	cfg := all.config()
	cfg.Addr, cfg.PublicURL, cfg.TrustedProxies, cfg.SMTP, cfg.MailFrom, cfg.Breached = s.Addr, s.PublicURL, s.TrustedProxies, s.SMTP, s.MailFrom, s.Breached
	cfg.StripeURL = s.StripeURL
	cfg.TextLines, cfg.TextRate, cfg.TwilioURL = s.TextLines, s.TextRate, s.TwilioURL
	cfg.MailLines, cfg.MailRate, cfg.BounceAddress = s.MailLines, s.MailRate, s.BounceAddress
	cfg.Demo, cfg.DemoAddr, cfg.Contacts = s.Demo, s.DemoAddr, s.DemoContacts
	a, err := app.Open(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(a.Run(ctx, greet), a.Close())
}

func greet(at app.Addresses) {
	fmt.Printf("\n  Carnet is running.\n\n    Admin     %s/admin/\n", at.URL)
	if at.Email != "" {
		fmt.Printf("    Login     %s\n    Password  %s\n", at.Email, at.Password)
	}
	if at.DemoURL != "" {
		fmt.Printf("    Demo      %s\n", at.DemoURL)
	}
	fmt.Printf("    API       %s/graphql, to try at %s/graphiql\n\n", at.URL, at.URL)
}

type migrate struct {
	Down bool `help:"Drop everything. All data is lost."`
}

// Run migrates and ends.
func (m *migrate) Run(ctx context.Context, all *commands) error {
	cfg := all.config()
	d, err := db.Open(ctx, db.Config{URL: cfg.DatabaseURL, Data: cfg.Data, BinDir: cfg.BinDir, Logger: cfg.Log})
	if err != nil {
		return err
	}
	if m.Down {
		return errors.Join(d.Rollback(ctx, migrations.Files), d.Close())
	}
	return errors.Join(d.Migrate(ctx, migrations.Files), d.Close())
}

// inSite opens the program and acts in a site as the program itself.
func inSite(ctx context.Context, all *commands, publicID string, do func(context.Context, *app.App, site.Site) error) error {
	return opened(ctx, all.config(), publicID, func(*app.App) error { return nil }, do)
}

// opened opens the program, prepares and acts in a site.
func opened(ctx context.Context, cfg app.Config, publicID string, prepare func(*app.App) error, do func(context.Context, *app.App, site.Site) error) error {
	cfg.Addr = "127.0.0.1:0"
	a, err := app.Open(ctx, cfg)
	if err != nil {
		return err
	}
	err = func() error {
		if err := prepare(a); err != nil {
			return err
		}
		of, err := a.Sites.ByPublicID(ctx, publicID)
		if err != nil {
			return err
		}
		return do(app.System(ctx, of), a, of)
	}()
	return errors.Join(err, a.Close())
}

type seed struct {
	Contacts int    `default:"100000" help:"How many."`
	Site     string `default:"demo" help:"The site's public id."`
}

// Run fills the book; the same number gives the same book. Where there is no site yet, it makes the demo's.
func (s *seed) Run(ctx context.Context, all *commands) error {
	cfg := all.config()
	cfg.Demo = true
	first := func(a *app.App) error {
		_, err := a.FirstSite(ctx)
		return err
	}
	return opened(ctx, cfg, s.Site, first, func(ctx context.Context, a *app.App, of site.Site) error {
		err := a.Contacts.Seed(ctx, of.ID, s.Contacts, func(done int) { fmt.Printf("\r%d of %d contacts", done, s.Contacts) })
		fmt.Println()
		return err
	})
}

type importFile struct {
	File   string `arg:"" type:"existingfile" help:"A Google Contacts or Outlook export, or a plain CSV."`
	Site   string `default:"demo" help:"The site's public id."`
	Format string `enum:"auto,google,outlook,plain" default:"auto" help:"How the file reads."`
}

// Run imports the file and says row by row what became of it.
func (i *importFile) Run(ctx context.Context, all *commands) error {
	return inSite(ctx, all, i.Site, func(ctx context.Context, a *app.App, _ site.Site) error {
		f, err := os.Open(i.File)
		if err != nil {
			return err
		}
		defer f.Close()
		run, err := a.Contacts.ImportReader(ctx, filepath.Base(i.File), f, contact.ImportOrder{Format: contact.Format(i.Format)}, func(r *contact.ImportRun) {
			fmt.Fprintf(os.Stderr, "\r%d rows", r.Total)
		})
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return err
		}
		return report(ctx, a, run)
	})
}

func report(ctx context.Context, a *app.App, run *contact.ImportRun) error {
	out := bufio.NewWriter(os.Stdout)
	err := a.Contacts.TellImport(ctx, run.ID, func(row *contact.ImportRow) {
		fmt.Fprintf(out, "line %d: %s%s\n", row.Line, row.Verdict, prefixed(": ", row.Message))
	})
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	fmt.Printf("%d rows: %d created, %d updated, %d unchanged, %d refused\n", run.Total, run.Created, run.Updated, run.Unchanged, run.Refused)
	return nil
}

type exportFile struct {
	File     string `arg:"" help:"The file to write."`
	Site     string `default:"demo" help:"The site's public id."`
	Format   string `enum:"csv,xlsx,vcard" default:"csv" help:"The kind of file: csv, xlsx or vcard."`
	Search   string `help:"Only contacts that this finds, as the admin's search box does."`
	Unlisted bool   `help:"Unlisted contacts too."`
	Language string `help:"The language of the headings: en, fr or nb (default: the site's)."`
}

// Run writes the file whole or not at all; a file that is there already is replaced.
func (e *exportFile) Run(ctx context.Context, all *commands) error {
	return inSite(ctx, all, e.Site, func(ctx context.Context, a *app.App, _ site.Site) error {
		export, _, err := a.Contacts.CreateExport(ctx, contact.ExportRequest{
			Format: contact.ExportFormat(e.Format), Search: e.Search, Unlisted: e.Unlisted, Language: e.Language,
		})
		if err != nil {
			return err
		}
		f, err := os.CreateTemp(filepath.Dir(e.File), ".carnet-export-*")
		if err != nil {
			return err
		}
		defer os.Remove(f.Name()) // gone already when all went well
		if err := errors.Join(a.Contacts.WriteExport(ctx, export, f), f.Close()); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%d contacts, %d bytes\n", *export.Written, *export.Bytes)
		return os.Rename(f.Name(), e.File)
	})
}

type erasures struct {
	Site string `default:"demo" help:"The site's public id."`
}

// Run writes the list to the standard output.
func (e *erasures) Run(ctx context.Context, all *commands) error {
	return inSite(ctx, all, e.Site, func(ctx context.Context, a *app.App, _ site.Site) error {
		return a.Privacy.WriteErasures(ctx, os.Stdout)
	})
}

type eraseAgain struct {
	File string `arg:"" type:"existingfile" help:"A list that 'erasures' or the admin wrote."`
	Site string `default:"demo" help:"The site's public id."`
}

// Run erases and tells of how many; it fails when something in force hinders one.
func (e *eraseAgain) Run(ctx context.Context, all *commands) error {
	return inSite(ctx, all, e.Site, func(ctx context.Context, a *app.App, _ site.Site) error {
		f, err := os.Open(e.File)
		if err != nil {
			return err
		}
		defer f.Close()
		erased, hindered, err := a.Privacy.EraseAgain(ctx, f)
		fmt.Printf("%d erased again\n", erased)
		if err == nil && len(hindered) > 0 {
			err = fmt.Errorf("something is in force with the contacts numbered %v: settle it in the admin, then erase them there or begin again", hindered)
		}
		return err
	})
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
