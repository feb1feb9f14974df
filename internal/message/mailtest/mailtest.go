// Package mailtest is a real mail server for tests: it keeps what it is given, and refuses what it is told to.
package mailtest

import (
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// Lost is an address whose mails the server takes, and hangs up without a word.
const Lost = "lost@mail.example"

// Deaf is an address that the server never answers to, and Mute one whose mails it takes without ever an answer.
const (
	Deaf = "deaf@mail.example"
	Mute = "mute@mail.example"
)

// Office is a mail server on loopback.
type Office struct {
	Address string // host and port

	mu      sync.Mutex
	got     map[string][]string // by address, the mails
	from    map[string]string   // by address, who sent the last one
	refused map[string]error
	liar    map[string]error
	barred  error
	closed  chan struct{}
}

// Start runs a mail server until the test ends.
func Start(t testing.TB) *Office {
	t.Helper()
	o := &Office{got: map[string][]string{}, from: map[string]string{}, refused: map[string]error{}, liar: map[string]error{}, closed: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &visit{office: o, conn: c}, nil }))
	server.Domain = "localhost"
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	o.Address = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		close(o.closed)
		_ = server.Close()
		<-served
	})
	return o
}

// Mails gives what came for an address.
func (o *Office) Mails(to string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.got[to]...)
}

// Sender gives who sent the last mail to an address, as the envelope has it.
func (o *Office) Sender(to string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.from[to]
}

// Counts gives how many mails came, and for how many addresses.
func (o *Office) Counts() (mails, addresses int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, list := range o.got {
		mails += len(list)
	}
	return mails, len(o.got)
}

// Refuse has an address refused with this; nil: not any more.
func (o *Office) Refuse(to string, with error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused[to] = with
}

// RefuseMail has an address taken, and its mails refused with this when they are there.
func (o *Office) RefuseMail(to string, with error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.liar[to] = with
}

// Bar has every sender refused with this; nil: not any more.
func (o *Office) Bar(with error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.barred = with
}

type visit struct {
	office *Office
	conn   *smtp.Conn
	from   string
	to     string
}

// Mail hears the sender.
func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	v.from = from
	v.office.mu.Lock()
	defer v.office.mu.Unlock()
	return v.office.barred
}

// Rcpt hears the recipient.
func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.to = to
	if to == Deaf {
		<-v.office.closed
	}
	v.office.mu.Lock()
	defer v.office.mu.Unlock()
	return v.office.refused[to]
}

// Data takes the mail.
func (v *visit) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.office.mu.Lock()
	if refusal := v.office.liar[v.to]; refusal != nil {
		v.office.mu.Unlock()
		return refusal
	}
	v.office.got[v.to], v.office.from[v.to] = append(v.office.got[v.to], string(b)), v.from
	v.office.mu.Unlock()
	if v.to == Mute {
		<-v.office.closed
	}
	if v.to == Lost {
		return v.conn.Conn().Close()
	}
	return nil
}

// Reset ends a mail.
func (v *visit) Reset() {}

// Logout ends the visit.
func (v *visit) Logout() error { return nil }
