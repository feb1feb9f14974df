package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// server is a running Carnet and who asks it.
type server struct {
	cmd        *exec.Cmd
	post       *post
	url, dir   string
	socket     string // of the private PostgreSQL
	client     *http.Client
	asking     *fasthttp.HostClient // of ask: it takes little of the processors that the program shares with it, as pgbench does
	credential [2]string            // the header that ask sends
	session    [2]string            // of the first login
	key        string               // the id of the key that we have made
	site       string
	publicID   string
	ids        []string
	groups     []string
	rules      []countedRule
	loadBefore string
}

// fill makes the book once. A file marks that it is whole.
func fill(ctx context.Context, o options, dir string) error {
	mark := filepath.Join(dir, "filled")
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	began := time.Now()
	c := exec.CommandContext(ctx, o.program, "seed", "--contacts", fmt.Sprint(o.contacts))
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), "CARNET_DATA="+dir), os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("fill the book: %w", err)
	}
	fmt.Printf("filled in %s\n", time.Since(began).Round(time.Second))
	return os.WriteFile(mark, nil, 0o644)
}

// ready asks whether the program serves.
func (s *server) ready(ctx context.Context) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/readyz", nil)
	if err != nil {
		return false, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return false, err
	}
	return resp.StatusCode == http.StatusOK, resp.Body.Close()
}

// start runs the program until it is ready and gives how long that took.
func start(ctx context.Context, o options, dir string) (*server, time.Duration, error) {
	s := &server{url: "http://" + o.addr, dir: dir, socket: filepath.Join(dir, "postgres", "run"), loadBefore: loadAverage()}
	s.client = &http.Client{Timeout: time.Minute}
	s.asking = &fasthttp.HostClient{Addr: o.addr, MaxConns: o.conns * 2, ReadTimeout: time.Minute, WriteTimeout: time.Minute, MaxIdemponentCallAttempts: 1}
	var err error
	if s.post, err = startPost(); err != nil {
		return nil, 0, fmt.Errorf("mail server: %w", err)
	}
	s.cmd = exec.CommandContext(ctx, o.program, "serve")
	s.cmd.Env = append(os.Environ(), "CARNET_DATA="+dir, "CARNET_ADDR="+o.addr, "CARNET_TRUSTED_PROXIES=127.0.0.1/32",
		"CARNET_SMTP_URL=smtp://"+s.post.address, "CARNET_MAIL_FROM=Carnet <no-reply@carnet.example>")
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGINT) }
	s.cmd.Stderr = os.Stderr
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, 0, err
	}
	for {
		ready, err := s.ready(ctx)
		if err == nil && ready {
			return s, time.Since(began), nil
		}
		if time.Since(began) > time.Minute {
			s.stop()
			return nil, 0, errors.New("the program is not ready after a minute")
		}
		time.Sleep(5 * time.Millisecond) // between two questions
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	_ = s.cmd.Wait()
	_ = s.post.close()
}

// memory gives the program's own memory in MB, PostgreSQL's not counted: proportional set size.
func (s *server) memory() int {
	all, _ := s.sizes()
	return all
}

// memoryRow tells of the program's memory, and how much of it are pages of its own file, which the system drops when it wants.
func (s *server) memoryRow(when string) row {
	all, file := s.sizes()
	return row{work: "memory, " + when, ours: fmt.Sprintf("%d MB", all), detail: fmt.Sprintf("%d MB of it the program's file", file)}
}

func (s *server) sizes() (all, file int) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", s.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		for name, kb := range map[string]*int{"Pss:": &all, "Pss_File:": &file} {
			if rest, ok := strings.CutPrefix(lines.Text(), name); ok {
				_, _ = fmt.Sscan(rest, kb)
			}
		}
	}
	return all / 1024, file / 1024
}

// signIn takes the first login, which the data directory keeps, and makes a key of a day with it: programs that
// ask as often as we do have one.
func (s *server) signIn(ctx context.Context) error {
	b, err := os.ReadFile(filepath.Join(s.dir, "first-login.json"))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/staff/session", bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || len(resp.Cookies()) == 0 {
		return fmt.Errorf("sign in: %s", resp.Status)
	}
	s.session = [2]string{"Cookie", resp.Cookies()[0].String()}
	s.credential = s.session
	made, err := s.ask(ctx, `mutation($e: Time!) { createApiKey(input: {name: "bench", role: MANAGER, expiresAt: $e}) { key apiKey { id } errors { code } } }`, map[string]any{"e": time.Now().Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	var out struct {
		Data struct {
			CreateAPIKey struct {
				Key    string
				APIKey struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(made, &out); err != nil {
		return err
	}
	s.credential, s.key = [2]string{"Authorization", "Bearer " + out.Data.CreateAPIKey.Key}, out.Data.CreateAPIKey.APIKey.ID
	return nil
}

// signOut revokes the key.
func (s *server) signOut(ctx context.Context) error {
	s.credential = s.session
	_, err := s.ask(ctx, `mutation($i: ID!) { revokeApiKey(input: {id: $i}) { errors { code } } }`, map[string]any{"i": s.key})
	return err
}

// ask sends an operation and gives the answer's body. An answer with errors is an error, never a fast one.
func (s *server) ask(_ context.Context, query string, variables map[string]any) ([]byte, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(http.MethodPost)
	req.SetRequestURI(s.url + "/graphql")
	req.Header.SetContentType("application/json")
	req.Header.Set(s.credential[0], s.credential[1])
	req.SetBodyRaw(body)
	if err := s.asking.Do(req, resp); err != nil {
		return nil, err
	}
	b := resp.Body()
	if resp.StatusCode() != http.StatusOK || bytes.Contains(b, []byte(`"errors":[{`)) {
		return nil, fmt.Errorf("%d: %.300s", resp.StatusCode(), b)
	}
	return bytes.Clone(b), nil
}

// settle waits until a new book has been compared with itself, which took some 25 minutes for a million
// contacts beside other work, once: what is measured is the work, not the work beside that.
func (s *server) settle(ctx context.Context) error {
	for told := false; ; told = true {
		b, err := s.ask(ctx, "{ duplicateScan { running scanned total } }", nil)
		if err != nil {
			return err
		}
		var out struct {
			Data struct {
				DuplicateScan *struct {
					Running        bool
					Scanned, Total int
				}
			}
		}
		if err := json.Unmarshal(b, &out); err != nil {
			return err
		}
		scan := out.Data.DuplicateScan
		if scan != nil && !scan.Running {
			return nil
		}
		if !told {
			fmt.Println("waiting until the contacts have been compared")
		}
		if scan != nil {
			fmt.Printf("\r%d of %d", scan.Scanned, scan.Total)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// readIDs reads contacts to change and the site's id.
func (s *server) readIDs(ctx context.Context) error {
	after := any(nil)
	for len(s.ids) < 10_000 {
		b, err := s.ask(ctx, `query($a: String) { viewer { site { id } } contacts(orderBy: {by: NUMBER}, first: 200, after: $a) { nodes { id } pageInfo { endCursor hasNextPage } } }`, map[string]any{"a": after})
		if err != nil {
			return err
		}
		var out struct {
			Data struct {
				Viewer   struct{ Site struct{ ID string } }
				Contacts struct {
					Nodes    []struct{ ID string }
					PageInfo struct {
						EndCursor   string
						HasNextPage bool
					}
				}
			}
		}
		if err := json.Unmarshal(b, &out); err != nil {
			return err
		}
		s.site, after = out.Data.Viewer.Site.ID, out.Data.Contacts.PageInfo.EndCursor
		for _, n := range out.Data.Contacts.Nodes {
			s.ids = append(s.ids, n.ID)
		}
		if !out.Data.Contacts.PageInfo.HasNextPage {
			break
		}
	}
	return nil
}
