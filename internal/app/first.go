package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"carnet/demo"
	"carnet/internal/secret"
	"carnet/internal/segment"
	"carnet/internal/site"
)

// Addresses are what people are told at the start.
type Addresses struct {
	URL      string `json:"-"` // the admin's is URL + /admin/
	DemoURL  string `json:"-"` // the demo calendar; empty without it
	Email    string `json:"email"`
	Password string `json:"password"` // empty when the first login was made elsewhere
	SiteID   string `json:"site"`
}

const demoSite = "demo"

// newPassword gives a password that can be typed: four groups of digits.
func newPassword() string {
	return secret.Digits(4) + "-" + secret.Digits(4) + "-" + secret.Digits(4) + "-" + secret.Digits(4)
}

// System gives the context of the program's own work in a site.
func System(ctx context.Context, of site.Site) context.Context {
	return site.WithActor(ctx, site.Actor{Kind: site.KindSystem, Access: site.AccessOwner, SiteID: of.ID, Name: "carnet", Language: of.Language, Book: of.ContactManagement})
}

// FirstSite makes a site and its owner when there is none: the demo's with demo data, else an empty
// one with contact management off (T-14). The login is kept in the data directory, to be told again
// at the next start.
func (a *App) FirstSite(ctx context.Context) (Addresses, error) {
	path := filepath.Join(a.cfg.Data, "first-login.json")
	var out Addresses
	if b, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(b, &out); err != nil {
			return out, fmt.Errorf("%s: %w", path, err)
		}
	}
	n, err := a.DB.Bun.NewSelect().Model((*site.Site)(nil)).Count(ctx)
	if err != nil {
		return out, fmt.Errorf("count sites: %w", err)
	}
	if n > 0 {
		return out, nil
	}
	out = Addresses{SiteID: "site", Email: "owner@site.example", Password: newPassword()}
	made := site.NewSite{PublicID: out.SiteID, Name: "My site", TimeZone: "Europe/Oslo", Language: "en", Country: "NO"}
	if a.cfg.Demo {
		out.SiteID, out.Email = demoSite, "owner@demo.example"
		made.PublicID, made.Name = demoSite, "Fjordlight Hall"
	}
	of, _, _, err := a.Sites.Create(ctx, made, site.NewStaff{Email: out.Email, Name: "Ada Owner", Password: out.Password, Language: "en"})
	if err != nil {
		return out, fmt.Errorf("create the first site: %w", err)
	}
	if a.cfg.Demo {
		if err := a.demoData(ctx, of); err != nil {
			return out, err
		}
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return out, fmt.Errorf("keep the first login: %w", err)
	}
	return out, os.WriteFile(path, b, 0o600)
}

// demoData turns contact management on and fills the book.
func (a *App) demoData(ctx context.Context, of site.Site) error {
	on := true
	of, err := a.Sites.Update(System(ctx, of), site.Update{ContactManagement: &on})
	if err != nil {
		return fmt.Errorf("demo settings: %w", err)
	}
	if err := a.Contacts.Seed(ctx, of.ID, a.cfg.Contacts, nil); err != nil {
		return fmt.Errorf("demo contacts: %w", err)
	}
	if err := a.demoSegments(System(ctx, of)); err != nil {
		return err
	}
	if err := a.demoConsents(System(ctx, of)); err != nil {
		return err
	}
	return a.demoSales(System(ctx, of), of)
}

// demoSegments stores a few rules; the first is what the demo's story watches.
func (a *App) demoSegments(ctx context.Context) error {
	defs, err := a.Fields.List(ctx, false)
	if err != nil {
		return err
	}
	rules := []struct{ name, description, color, rule string }{
		{"Web accounts", "Everybody who signed up on the calendar", "#2f9e44", `{"status":"USER"}`},
		{"Organizations in Norway", "", "#1971c2", `{"all":[{"kind":"ORGANIZATION"},{"text":{"column":"COUNTRY","op":"EQUALS","value":"NO"}}]}`},
		{"Oslo and Bergen", "For local news", "#e8590c", `{"any":[{"text":{"column":"CITY","op":"EQUALS","value":"Oslo"}},{"text":{"column":"CITY","op":"EQUALS","value":"Bergen"}}]}`},
	}
	for _, d := range defs {
		if d.Type == "dropdown" && d.OnCheckout {
			rules = append(rules, struct{ name, description, color, rule string }{"Told us: " + d.Label, "Answered at the checkout", "#9c36b5", fmt.Sprintf(`{"field":{"id":%q,"answered":true}}`, d.ID)})
			break
		}
	}
	for _, r := range rules {
		rule, err := segment.Parse([]byte(r.rule))
		if err != nil {
			return fmt.Errorf("demo segment %s: %w", r.name, err)
		}
		if _, err := a.Segments.Create(ctx, segment.Change{Name: &r.name, Description: &r.description, Color: &r.color, Rule: &rule}); err != nil {
			return fmt.Errorf("demo segment %s: %w", r.name, err)
		}
	}
	return nil
}

// demo makes the demo calendar: another site, which embeds the widgets. Its origin is registered and
// it gets a new site secret at every start.
func (a *App) demo(ctx context.Context, out *Addresses) (http.Handler, net.Listener, error) {
	of, err := a.Sites.ByPublicID(ctx, demoSite)
	if err != nil {
		return nil, nil, errors.Join(errors.New("the demo calendar needs the demo site; start with an empty data directory"), err)
	}
	l, err := listen(ctx, a.cfg.DemoAddr)
	if err != nil {
		return nil, nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	out.DemoURL = "http://localhost:" + port
	as := System(ctx, of)
	origins, err := a.Sites.Origins(ctx, of.ID)
	if err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	known := false
	for _, o := range origins {
		known = known || o.Origin == out.DemoURL
	}
	if !known {
		origins = append(origins, site.Origin{Origin: out.DemoURL})
		if _, err := a.Sites.Update(as, site.Update{Origins: &origins}); err != nil {
			return nil, nil, errors.Join(err, l.Close())
		}
	}
	plain, err := a.Sites.RotateSecret(as, 0)
	if err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	key, err := a.demoKey(as)
	if err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	return demo.Handler(demo.Config{CarnetURL: a.cfg.PublicURL, SiteID: demoSite, SiteSecret: plain, APIKey: key, PublicURL: out.DemoURL}), l, nil
}

// demoKey makes the key that the demo reports its sales with; that of an earlier start ends.
func (a *App) demoKey(ctx context.Context) (string, error) {
	const name = "Fjordlight Hall's shop"
	keys, err := a.Sites.Keys(ctx)
	if err != nil {
		return "", err
	}
	for _, k := range keys {
		if k.Name == name && k.RevokedAt == nil {
			if _, err := a.Sites.RevokeKey(ctx, k.ID); err != nil {
				return "", err
			}
		}
	}
	staff, err := a.Sites.Staff(ctx)
	if err != nil {
		return "", err
	}
	as := site.ActorOf(ctx)
	for _, one := range staff {
		if one.Role == site.Owner {
			as.ID = one.ID // a key is somebody's
			break
		}
	}
	_, plain, err := a.Sites.CreateKey(site.WithActor(ctx, as), name, site.Operator, nil)
	return plain, err
}
