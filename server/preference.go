package server

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/contact"
	"carnet/internal/fault"
	"carnet/internal/site"
)

var (
	preferencesPage = parsePage("preferences")
	consentPage     = parsePage("consent")
)

// preferenceRoutes are pages that people reach by links in mails. Whoever has the link needs no session, and no cookie is taken. Programs
// open links before people do, so a GET changes nothing.
func (s *Server) preferenceRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+contact.PreferencesPath+"{token}", s.preferences)
	mux.HandleFunc("POST "+contact.PreferencesPath+"{token}", s.savePreferences)
	mux.HandleFunc("GET "+contact.ConfirmPath+"{token}", s.consent)
	mux.HandleFunc("POST "+contact.ConfirmPath+"{token}", s.confirmConsent)
}

// lookOf is a site's look as the pages' style sheet takes it. Colours and fonts have been checked when they were saved.
func lookOf(of site.Site) template.CSS {
	var out strings.Builder
	out.WriteString(":root {")
	for _, name := range []string{"accent", "on-accent", "surface", "text", "muted", "border"} {
		fmt.Fprintf(&out, " --%s: light-dark(%s, %s);", name, of.Theme.Color(name, of.AccentColor, false), of.Theme.Color(name, of.AccentColor, true))
	}
	for _, p := range of.ThemeValues() {
		if p.Name == "font" {
			out.WriteString(" font-family: " + p.Value + ";")
		}
	}
	out.WriteString(" }")
	return template.CSS(out.String()) //nolint:gosec // made of checked values
}

// sitePage is a page in a site's look.
func sitePage(of site.Site, language, title string) page {
	p := newPage(site.NearestLanguage(language, "en"), title)
	p.Look = lookOf(of)
	return p
}

type shownPurpose struct {
	Name, Text, Shown string
	Channels          []shownChannel
}

type shownChannel struct {
	Value, Key  string
	On, Pending bool
}

func (s *Server) preferences(w http.ResponseWriter, r *http.Request) { s.showPreferences(w, r, "") }

func (s *Server) savePreferences(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		s.endUser.problem(w, r, fault.New(fault.BadInput, "this form cannot be read"), "problem.preferences")
		return
	}
	say := contact.SayPreferences{None: r.PostForm.Get("act") == "none", Again: r.PostForm.Get("act") == "again", Choices: choices(r.PostForm["shown"], r.PostForm["on"])}
	if err := s.cfg.Contacts.SaveByLink(r.Context(), r.PathValue("token"), say); err != nil {
		s.endUser.problem(w, r, err, "problem.preferences")
		return
	}
	done := "preferences.saved"
	switch {
	case say.None:
		done = "preferences.left"
	case say.Again:
		done = "preferences.sent"
	}
	s.showPreferences(w, r, done)
}

// choices reads the form: what was shown, each purpose with its wording, and the boxes that are ticked. What cannot be read was not shown.
func choices(shown, on []string) (out []contact.Choice) {
	for _, one := range shown {
		id, wording, _ := strings.Cut(one, ":")
		purpose, err := uuid.Parse(id)
		if err != nil || len(out) >= contact.MaxChoices {
			continue
		}
		c := contact.Choice{PurposeID: purpose}
		if number, language, found := strings.Cut(wording, ":"); found {
			if version, err := strconv.Atoi(number); err == nil {
				c.WordingVersion, c.WordingLanguage = &version, &language
			}
		}
		for _, channel := range contact.Channels() {
			c.Channel, c.Agree = channel, slices.Contains(on, id+"."+string(channel))
			out = append(out, c)
		}
	}
	return out
}

func (s *Server) showPreferences(w http.ResponseWriter, r *http.Request, done string) {
	held, err := s.cfg.Contacts.PreferencesByLink(r.Context(), r.PathValue("token"), pageLanguage(r))
	if err != nil {
		s.endUser.problem(w, r, err, preferencesProblem(err))
		return
	}
	if done == "preferences.saved" && held.Pending() {
		done = "preferences.confirm"
	}
	p := struct {
		page
		Heading, Intro, Address, Done string
		Purposes                      []shownPurpose
		Pending                       bool
	}{page: sitePage(held.Site, held.Language, "preferences.title"), Address: held.Address, Done: done, Pending: held.Pending()}
	own := held.Site.TextsIn(p.Language)
	p.Heading = cmp.Or(own["preferences.title"], p.T.Get("preferences.title"))
	p.Intro = strings.ReplaceAll(cmp.Or(own["preferences.intro"], p.T.Get("preferences.intro")), "{site}", held.Site.Name)
	for _, one := range held.Purposes {
		shown := shownPurpose{Name: one.Name, Text: one.Text, Shown: one.PurposeID.String()}
		if one.WordingVersion != nil {
			shown.Shown += ":" + strconv.Itoa(*one.WordingVersion) + ":" + *one.WordingLanguage
		}
		for _, c := range one.Channels {
			shown.Channels = append(shown.Channels, shownChannel{one.PurposeID.String() + "." + string(c.Channel), "channel." + string(c.Channel), c.Agreed || c.Pending, c.Pending})
		}
		p.Purposes = append(p.Purposes, shown)
	}
	s.endUser.showSecretly(w, r, preferencesPage, p.Nonce, p)
}

func preferencesProblem(err error) string {
	if fault.CodeOf(err) == fault.NotFound {
		return "problem.preferences"
	}
	return ""
}

func (s *Server) consent(w http.ResponseWriter, r *http.Request) {
	asked, err := s.cfg.Contacts.Confirmation(r.Context(), r.PathValue("token"))
	s.showConsent(w, r, asked, false, err)
}

func (s *Server) confirmConsent(w http.ResponseWriter, r *http.Request) {
	asked, err := s.cfg.Contacts.Confirm(r.Context(), r.PathValue("token"))
	s.showConsent(w, r, asked, true, err)
}

type shownWaiting struct {
	contact.Waiting
	Ways string
}

func (s *Server) showConsent(w http.ResponseWriter, r *http.Request, asked contact.Confirmation, done bool, err error) {
	if err != nil {
		detail := ""
		if fault.CodeOf(err) == fault.NotFound {
			detail = "problem.consent"
		}
		s.endUser.problem(w, r, err, detail)
		return
	}
	p := struct {
		page
		Site, Address string
		Waiting       []shownWaiting
		Done          bool
	}{page: sitePage(asked.Site, asked.Language, "consent.title"), Site: asked.Site.Name, Address: asked.Address, Done: done}
	for _, one := range asked.Waiting {
		ways := make([]string, len(one.Channels))
		for i, channel := range one.Channels {
			ways[i] = p.T.Get("channel." + string(channel))
		}
		p.Waiting = append(p.Waiting, shownWaiting{one, strings.Join(ways, ", ")})
	}
	s.endUser.showSecretly(w, r, consentPage, p.Nonce, p)
}
