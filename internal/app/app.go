// Package app puts the program together: it opens the database, makes the services, binds the hooks
// by which lower packages reach higher ones, and runs what runs in the background. main and the
// tests start the same App.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"carnet/graph"
	"carnet/internal/account"
	"carnet/internal/audit"
	"carnet/internal/campaign"
	"carnet/internal/contact"
	"carnet/internal/dashboard"
	"carnet/internal/db"
	"carnet/internal/field"
	"carnet/internal/inbox"
	"carnet/internal/indicator"
	"carnet/internal/job"
	"carnet/internal/live"
	"carnet/internal/message"
	"carnet/internal/outbound"
	"carnet/internal/pay"
	"carnet/internal/privacy"
	"carnet/internal/sale"
	"carnet/internal/secret"
	"carnet/internal/segment"
	"carnet/internal/site"
	"carnet/internal/sms"
	"carnet/internal/webhook"
	"carnet/migrations"
	"carnet/server"
)

// Config says how to run. The empty value runs on a private database under ./data on loopback.
type Config struct {
	Addr           string // where to listen
	DemoAddr       string // where the demo calendar listens, with Demo
	PublicURL      string // how browsers reach us; empty: http:// and Addr
	DatabaseURL    string
	ReplicationURL string
	Data           string // directory for the private database, the secret and the first login
	BinDir         string // PostgreSQL's programs, when they are not found
	Secret         string // the server's key; empty: one is kept in Data
	SMTP           string // smtp://user:password@host:port; empty: mail stays in the outbox
	MailFrom       string
	MailLines      int     // connections to the mail server that a campaign uses at once; 0: 4
	BounceAddress  string  // whom mail servers tell that a campaign's message was not delivered; empty: the sender
	MailRate       float64 // messages a second at most of a campaign; 0: as many as the mail server takes
	TextLines      int     // text messages of a campaign under way at once; 0: 4
	TextRate       float64 // text messages a second at most of a campaign; 0: as many as the provider takes
	TrustedProxies []netip.Prefix
	TwilioURL      string           // stands for Twilio's address in tests; empty: Twilio's own
	StripeURL      string           // stands for Stripe's address in tests; empty: Stripe's own
	Breached       string           // a file of leaked passwords' digests; empty: none
	Demo           bool             // first site with demo data, and the demo calendar
	Contacts       int              // how many contacts the demo site begins with
	Now            func() time.Time // the clock of second steps and of inboxes, moved by tests; empty: the time
	Log            *slog.Logger
}

// App is the program.
type App struct {
	cfg Config
	log *slog.Logger

	DB         *db.DB
	Sites      *site.Service
	Fields     *field.Service
	Contacts   *contact.Service
	Batches    *contact.Batches
	Twins      *contact.Twins
	Jobs       *job.Queue
	Segments   *segment.Service
	Indexes    *segment.Indexes
	Watcher    *segment.Watcher
	Accounts   *account.Service
	Privacy    *privacy.Service
	Audit      *audit.Service
	Sales      *sale.Service
	Indicators *indicator.Service
	Messages   *message.Service
	Texts      *sms.Service
	Inbox      *inbox.Service
	Campaigns  *campaign.Service
	Webhooks   *webhook.Service
	Changes    *graph.ChangeFeed
	Feed       *live.Feed
	Server     *server.Server

	ctx    context.Context //nolint:containedctx // the program's life, from Open to Close
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// Open opens and migrates the database and makes the services; nothing runs yet. The caller closes it.
func Open(ctx context.Context, cfg Config) (_ *App, err error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Data == "" {
		cfg.Data = db.DefaultData()
	}
	d, err := db.Open(ctx, db.Config{URL: cfg.DatabaseURL, ReplicationURL: cfg.ReplicationURL, Data: cfg.Data, BinDir: cfg.BinDir, Logger: cfg.Log})
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, migrations.Files); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate: %w", err), d.Close())
	}
	a, err := New(ctx, cfg, d)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return a, nil
}

// New makes the program over an open, migrated database, which it then owns.
func New(ctx context.Context, cfg Config, d *db.DB) (*App, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = "http://" + cfg.Addr
	}
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	if err := checkPublicURL(cfg.PublicURL); err != nil {
		return nil, err
	}
	if cfg.Secret == "" {
		var err error
		if cfg.Secret, err = keptSecret(cfg.Data); err != nil {
			return nil, err
		}
	}
	sealer, err := secret.NewSealer(cfg.Secret)
	if err != nil {
		return nil, fmt.Errorf("CARNET_SECRET: %w", err)
	}
	a := &App{cfg: cfg, log: cfg.Log, DB: d}
	a.ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := a.wire(sealer); err != nil {
		a.cancel()
		return nil, err
	}
	return a, nil
}

// wire makes the services from the lowest to the highest and binds every hook there is.
func (a *App) wire(sealer *secret.Sealer) (err error) {
	a.Sites = site.New(a.DB, sealer)
	if a.cfg.Breached != "" {
		list, err := secret.OpenBreaches(a.cfg.Breached)
		if err != nil {
			return fmt.Errorf("CARNET_BREACHED_PASSWORDS: %w", err)
		}
		a.Sites.Breached = list.Has
	}
	if a.cfg.Now != nil {
		a.Sites.Now = a.cfg.Now
	}
	loopback := strings.HasPrefix(a.cfg.PublicURL, "http://") // the demo and tests run on this machine
	a.Sites.PublicURL = a.cfg.PublicURL
	a.Sites.LoginDomains = site.LoginDomains{Client: outbound.Client(loopback)}
	a.Fields = field.New(a.DB)
	a.Contacts = contact.New(a.DB)
	a.Sites.Relist = a.Contacts.Relist // a site's consent policy decides who is in its book
	if a.Jobs, err = job.New(a.DB, a.log); err != nil {
		return err
	}
	if a.Batches, err = contact.NewBatches(a.Contacts, a.Sites, a.Jobs); err != nil {
		return err
	}
	a.Twins = contact.NewTwins(a.Contacts, a.Jobs)
	a.Indexes = segment.NewIndexes(a.ctx, a.DB, a.log)
	a.Segments = segment.New(a.DB, a.Indexes)
	a.Contacts.BindExports(a.Segments, secret.NewSigner(a.cfg.Secret, "export")) // exports know the rules
	a.Watcher = segment.NewWatcher(a.ctx, a.DB, a.log, a.Indexes)
	if a.Messages, err = message.New(message.Config{DB: a.DB, SMTP: a.cfg.SMTP, From: a.cfg.MailFrom, PublicURL: a.cfg.PublicURL, Log: a.log}); err != nil {
		return err
	}
	a.Accounts = account.New(account.Config{
		DB: a.DB, Sites: a.Sites, Sealer: sealer, Key: a.cfg.Secret, PublicURL: a.cfg.PublicURL, Log: a.log,
		Book:          contact.NewBook(a.Contacts), // accounts know the contacts
		Mail:          a.Messages.Queue,            // accounts write mail
		AllowLoopback: loopback,
	})
	a.Contacts.Invite = a.Accounts.Invite     // who enters a contact may make its account
	a.Contacts.BindOptingIn(contact.OptingIn{ // consent is confirmed, and preferences are set, by links in mails
		Mail: a.Messages.Queue, PublicURL: a.cfg.PublicURL,
		Confirmations: secret.NewSigner(a.cfg.Secret, "consent"), Preferences: secret.NewSigner(a.cfg.Secret, "preferences"),
	})
	a.Privacy, a.Audit = privacy.New(a.DB, a.Sites, a.Accounts), audit.New(a.DB)
	a.Sales = sale.New(a.DB, a.Sites, contact.NewBook(a.Contacts))
	a.Sales.Segments = a.Segments
	a.Indicators = indicator.New(a.DB, a.Jobs)
	a.Indicators.Named = segment.NamesOf // what segments name stays
	a.Indicators.Forget = segment.ForgetIndicator
	a.Accounts.Member = a.Sales.Member // a member signs in before buying
	a.Sales.BindProviders(sale.Providers{Sealer: sealer, Jobs: a.Jobs, Stripe: pay.NewBackend(a.cfg.StripeURL, pay.StripePatience), PublicURL: a.cfg.PublicURL})
	a.Sites.Priced = sale.Priced // what has a price fixes a site's currency
	a.Contacts.AddMovers(privacy.Movers...)
	a.Contacts.AddMovers(sale.Movers...)
	if err := a.Batches.AddActions(a.Sales.NewRefundBatch, a.Sales.NewMemberBatch); err != nil {
		return err
	}
	a.Webhooks = webhook.New(webhook.Config{DB: a.DB, Sealer: sealer, Watcher: a.Watcher, AllowLoopback: loopback, Log: a.log})
	a.Texts = sms.New(sms.Config{
		DB: a.DB, Sealer: sealer, Links: secret.NewSigner(a.cfg.Secret, "sms"), Contacts: a.Contacts, PublicURL: a.cfg.PublicURL, TwilioURL: a.cfg.TwilioURL, AllowLoopback: loopback,
	})
	a.Inbox = inbox.New(a.DB, a.Messages.Queue) // a mail tells of what waits there
	if a.cfg.Now != nil {
		a.Inbox.Now = a.cfg.Now
	}
	a.Contacts.AddMovers(inbox.Movers...)
	if err := campaign.CheckReturnAddress(a.cfg.BounceAddress); err != nil {
		return err
	}
	a.Campaigns = campaign.New(campaign.Config{
		DB: a.DB, Sites: a.Sites, Contacts: a.Contacts, Segments: a.Segments, Sales: a.Sales, Mail: a.Messages, Texts: a.Texts, Inbox: a.Inbox, Jobs: a.Jobs,
		TextLines: a.cfg.TextLines, TextRate: a.cfg.TextRate,
		Links: secret.NewSigner(a.cfg.Secret, "unsubscribe"), Returns: secret.NewSigner(a.cfg.Secret, "returns"), Measures: secret.NewSigner(a.cfg.Secret, "measure"), ReturnAddress: a.cfg.BounceAddress,
		PublicURL: a.cfg.PublicURL, Lines: a.cfg.MailLines, Rate: a.cfg.MailRate,
	})
	a.Privacy.BindErasing(privacy.Erasing{Contacts: a.Contacts, Jobs: a.Jobs, Hashes: secret.NewSigner(a.cfg.Secret, "erasure"), Tell: a.Webhooks.TellErased})
	a.Batches.Finished = a.Webhooks.BatchOver // webhooks are told when a batch is over
	a.Sales.Tell = a.Webhooks.Sold            // and of sales
	recheck := server.Recheck(a.DB, a.Sites, a.Accounts)
	a.Changes = graph.NewChangeFeed(a.ctx, recheck)
	a.Feed = live.NewFeed(live.Config{URL: a.DB.URL(), ReplicationURL: a.DB.ReplicationURL(), Publication: "carnet", Logger: a.log}, a.Changes, a.Watcher, a.Webhooks)
	a.Indexes.Feed = a.Feed
	a.Server, err = server.New(server.Config{
		DB: a.DB, Feed: a.Feed, Watcher: a.Watcher, Indexes: a.Indexes, Sites: a.Sites, Accounts: a.Accounts, Fields: a.Fields, Contacts: a.Contacts, Webhooks: a.Webhooks,
		Privacy: a.Privacy, Audit: a.Audit, Sales: a.Sales, Campaigns: a.Campaigns, Texts: a.Texts,
		Resolver: &graph.Resolver{
			Sites: a.Sites, Fields: a.Fields, Contacts: a.Contacts, Batches: a.Batches, Twins: a.Twins, Segments: a.Segments, Watcher: a.Watcher, Accounts: a.Accounts,
			Privacy: a.Privacy, Audit: a.Audit, Sales: a.Sales, Indicators: a.Indicators, Counts: dashboard.New(a.DB, a.Segments), Messages: a.Messages, Texts: a.Texts, Inbox: a.Inbox, Campaigns: a.Campaigns, Webhooks: a.Webhooks, Changes: a.Changes, ServerURL: a.cfg.PublicURL, Log: a.log,
		},
		PublicURL: a.cfg.PublicURL, TrustedProxies: a.cfg.TrustedProxies, Log: a.log,
		Pending: func(ctx context.Context) (int, error) { return a.DB.Pending(ctx, migrations.Files) },
	})
	return err
}

// Start begins the background work: the change feed, the jobs, the senders of mails and webhooks, the
// sweepers of accounts, trash and sales, the comparing of contacts.
func (a *App) Start() {
	a.background("change feed", a.Feed.Run)
	a.background("jobs", a.runJobs)
	a.background("mail", func(ctx context.Context) error { a.Messages.Run(ctx); return nil })
	a.background("webhooks", func(ctx context.Context) error { a.Webhooks.Run(ctx); return nil })
	a.background("indexes", func(ctx context.Context) error { a.Indexes.Run(ctx); return nil })
	a.background("segment history", func(ctx context.Context) error { a.Segments.Run(ctx, a.log); return nil })
	a.background("trash", func(ctx context.Context) error { a.Contacts.Run(ctx, a.log); return nil })
	a.background("twins", func(ctx context.Context) error { a.Twins.Run(ctx, a.log); return nil })
	a.background("sales", func(ctx context.Context) error { a.Sales.Run(ctx, a.log); return nil })
	a.background("retention", func(ctx context.Context) error { a.Privacy.Run(ctx, a.log); return nil })
	a.background("inboxes", func(ctx context.Context) error { a.Inbox.Run(ctx, a.log); return nil })
	a.background("accounts", func(ctx context.Context) error { a.Accounts.Run(ctx); return nil })
}

// runJobs takes up what a process that was killed has left, then works.
func (a *App) runJobs(ctx context.Context) error {
	if err := errors.Join(a.Batches.Resume(ctx), a.Campaigns.Resume(ctx)); err != nil {
		return err
	}
	return a.Jobs.Run(ctx)
}

func (a *App) background(name string, run func(context.Context) error) {
	a.work.Go(func() {
		if err := run(db.Background(a.ctx)); err != nil && a.ctx.Err() == nil {
			a.log.Error("background work ended", "work", name, "error", err)
		}
	})
}

// Stop ends the background work: running imports first, then the feed and the others.
func (a *App) Stop() {
	a.Contacts.Wait()
	a.cancel()
	a.work.Wait()
}

// Close ends the background work, then the database.
func (a *App) Close() error {
	a.Stop()
	return a.DB.Close()
}

// Run serves until ctx ends or the private database dies for good. started, when given, hears the
// addresses once they answer.
func (a *App) Run(ctx context.Context, started func(Addresses)) error {
	if err := a.Contacts.FailInterruptedImports(ctx); err != nil {
		return err
	}
	main, err := listen(ctx, a.cfg.Addr)
	if err != nil {
		return err
	}
	first, err := a.FirstSite(ctx)
	if err != nil {
		return errors.Join(err, main.Close())
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	a.Start()
	var servers sync.WaitGroup
	servers.Go(func() { stop(a.Server.Serve(ctx, main)) })
	if a.cfg.Demo {
		handler, listener, err := a.demo(ctx, &first)
		if err != nil {
			stop(err)
			servers.Wait()
			return err
		}
		servers.Go(func() { stop(server.Serve(ctx, listener, handler, nil)) })
	}
	if pg := a.DB.Server(); pg != nil {
		servers.Go(func() {
			select {
			case <-pg.Done():
				stop(fmt.Errorf("the private database ended: %w", pg.Err()))
			case <-ctx.Done():
			}
		})
	}
	first.URL = a.cfg.PublicURL
	if started != nil {
		started(first)
	}
	<-ctx.Done()
	servers.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, http.ErrServerClosed) {
		return cause
	}
	return nil
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; another program may hold it: choose another address with CARNET_ADDR or CARNET_DEMO_ADDR", addr, err)
	}
	return l, nil
}

// checkPublicURL refuses plain http beyond loopback: cookies, keys and tokens need https.
func checkPublicURL(u string) error {
	if strings.HasPrefix(u, "https://") {
		return nil
	}
	host, ok := strings.CutPrefix(u, "http://")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	if ok && (host == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("CARNET_PUBLIC_URL is %q: give the https address that browsers use; plain http is for loopback only", u)
}

// keptSecret reads the server's key from the data directory, or makes one.
func keptSecret(data string) (string, error) {
	path := filepath.Join(data, "secret")
	if b, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return "", fmt.Errorf("data directory: %w", err)
	}
	// Written whole before it gets its name, so that of two processes starting together both read one key.
	made, err := os.CreateTemp(data, "secret-*")
	if err != nil {
		return "", fmt.Errorf("keep the server's key: %w; or set CARNET_SECRET", err)
	}
	defer os.Remove(made.Name())
	_, errW := made.WriteString(secret.Random() + "\n")
	if err := errors.Join(errW, made.Close()); err != nil {
		return "", fmt.Errorf("keep the server's key: %w", err)
	}
	if err := os.Link(made.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("keep the server's key: %w", err)
	}
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}
