package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	recipients   = 20_000 // at most
	benchColor   = "#0b0e0c"
	campaignName = "bench"
)

// post is a mail server that takes everything.
type post struct {
	address string
	close   func() error
}

func startPost() (*post, error) {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return taking{}, nil }))
	server.Domain = "localhost"
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it lives as long as the program
	if err != nil {
		return nil, err
	}
	go func() { _ = server.Serve(l) }() // until close
	return &post{address: l.Addr().String(), close: server.Close}, nil
}

type taking struct{}

func (taking) Mail(string, *smtp.MailOptions) error { return nil }
func (taking) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (taking) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
func (taking) Reset()                               {}
func (taking) Logout() error                        { return nil }

// messages measures a campaign over four lines to a mail server in this process, beside the two statements that a message takes.
func (s *server) messages(ctx context.Context, o options, _ string) (rows []row, err error) {
	pool, err := pgxpool.New(ctx, "host="+s.socket+" port=5432 user=carnet dbname=carnet pool_max_conns=4")
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	if _, err := pool.Exec(ctx, "UPDATE contact SET color = $3 WHERE site_id = $1 AND number <= $2 AND email_key <> '' AND deleted_at IS NULL", s.site, recipients, benchColor); err != nil {
		return nil, fmt.Errorf("choose recipients: %w", err)
	}
	defer func() {
		_, colors := pool.Exec(ctx, "UPDATE contact SET color = '' WHERE site_id = $1 AND color = $2", s.site, benchColor)
		_, campaigns := pool.Exec(ctx, "DELETE FROM campaign WHERE site_id = $1 AND name = $2", s.site, campaignName)
		err = errors.Join(err, colors, campaigns)
	}()
	segment, err := s.makeSegment(ctx, "bench messages", map[string]any{"color": benchColor})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.dropSegment(ctx, segment)) }()
	id, err := s.sendCampaign(ctx, segment)
	if err != nil {
		return nil, err
	}
	var sent int
	var took float64
	for took == 0 {
		time.Sleep(100 * time.Millisecond) // between two looks
		err := pool.QueryRow(ctx, "SELECT sent, CASE status WHEN 'done' THEN extract(epoch FROM finished_at - started_at) ELSE 0 END FROM campaign WHERE id = $1", id).Scan(&sent, &took)
		if err != nil {
			return nil, fmt.Errorf("follow the campaign: %w", err)
		}
	}
	rate := float64(sent) / took
	r := row{work: "messages of a campaign", ours: fmt.Sprintf("%.0f/s", rate), detail: fmt.Sprintf("%d in %.1f s", sent, took)}
	if pg := findPgbench(); pg != "" {
		o.conns = 4
		limit, err := s.pgbench(ctx, pg, work{sql: []string{messageSQL(s.site, id)}}, o)
		if err != nil {
			return nil, fmt.Errorf("pgbench: %w", err)
		}
		r.sql, r.ratio = fmt.Sprintf("%.0f/s", limit), fmt.Sprintf("%.2f", rate/limit)
	}
	return []row{r}, nil
}

// sendCampaign has a campaign sent to a segment, which asks for no consent, and gives its id.
func (s *server) sendCampaign(ctx context.Context, segment string) (string, error) {
	var saved struct {
		Data struct {
			SaveCampaign struct{ Campaign *struct{ ID string } }
		}
	}
	b, err := s.ask(ctx, `mutation($n: String!, $s: ID!) { saveCampaign(input: {name: $n, target: {segmentId: $s}, texts: [{language: "en", subject: "Hello {{first_name|friend}}", body: "Dear {{first_name|friend}},\n\n**spring** is here."}]}) { campaign { id } errors { code message } } }`,
		map[string]any{"n": campaignName, "s": segment})
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(b, &saved); err != nil || saved.Data.SaveCampaign.Campaign == nil {
		return "", fmt.Errorf("make a campaign: %s", b)
	}
	id := saved.Data.SaveCampaign.Campaign.ID
	b, err = s.ask(ctx, `mutation($i: ID!) { sendCampaign(input: {id: $i, version: 1}) { campaign { id } errors { code message } } }`, map[string]any{"i": id})
	var sent struct {
		Data struct {
			SendCampaign struct{ Campaign *struct{ ID string } }
		}
	}
	if err == nil && (json.Unmarshal(b, &sent) != nil || sent.Data.SendCampaign.Campaign == nil) {
		err = fmt.Errorf("send the campaign: %s", b)
	}
	return id, err
}

// messageSQL is what the program writes of a message: that it is under way, and what became of it.
func messageSQL(site, campaign string) string {
	return `\set n random(1, ` + fmt.Sprint(recipients) + `)
SELECT id AS contact FROM contact WHERE site_id = '` + site + `' AND number = :n \gset
UPDATE campaign_recipient SET state = 'sending', attempts = attempts + 1, taken_at = now() WHERE site_id = '` + site + `' AND campaign_id = '` + campaign + `' AND contact_id = :contact;
UPDATE campaign_recipient SET state = 'sent', settled_at = now() WHERE site_id = '` + site + `' AND campaign_id = '` + campaign + `' AND contact_id = :contact;`
}
