package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed pages/*.html
var pagesFS embed.FS

//go:embed locale/*.json
var localeFS embed.FS

var languages = []string{"en", "fr", "nb"}

var pages = template.Must(template.ParseFS(pagesFS, "pages/*.html"))

var texts = mustTexts()

func mustTexts() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, lang := range languages {
		data, err := localeFS.ReadFile("locale/" + lang + ".json")
		if err != nil {
			panic(fmt.Sprintf("demo: texts: %v", err))
		}
		own := map[string]string{}
		if err := json.Unmarshal(data, &own); err != nil {
			panic(fmt.Sprintf("demo: texts of %s: %v", lang, err))
		}
		all[lang] = own
	}
	return all
}

// page is what every template gets.
type page struct {
	Lang, Title, Text string
	Carnet, Site      string
	Languages         []string
	Next              []event
	Event             event
	Order, Nonce      string
	Receipt           *redemption
	Sold              *sold // what Carnet recorded of it; nil: it sells nothing here
}

// T gives a text in the page's language.
func (p page) T(key string) string { return texts[p.Lang][key] }

// Fill gives a text with one {place} filled.
func (p page) Fill(key, place, value string) string {
	return strings.ReplaceAll(p.T(key), "{"+place+"}", value)
}

// Link keeps the language.
func (p page) Link(path string) string { return link(path, p.Lang) }

func link(path, lang string) string { return path + "?lang=" + lang }

var months = map[string][]string{
	"en": {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	"fr": {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
	"nb": {"jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des."},
}

// Month gives a month's short name.
func (p page) Month(t time.Time) string { return months[p.Lang][t.Month()-1] }

// Day gives a date as one writes it in the page's language.
func (p page) Day(t time.Time) string {
	format := "%d %s %d"
	if p.Lang == "nb" {
		format = "%d. %s %d"
	}
	return fmt.Sprintf(format, t.Day(), p.Month(t), t.Year())
}

// Clock gives a time of day.
func (p page) Clock(t time.Time) string { return t.Format("15:04") }

// language is the one of ?lang=, else the first of the browser's that we speak, else English.
func language(r *http.Request) string {
	wanted := append([]string{r.URL.Query().Get("lang")}, strings.Split(r.Header.Get("Accept-Language"), ",")...)
	for _, tag := range wanted {
		base, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(tag)), ";")
		base, _, _ = strings.Cut(base, "-")
		if base == "no" || base == "nn" {
			base = "nb"
		}
		if slices.Contains(languages, base) {
			return base
		}
	}
	return languages[0]
}

func (s *site) page(r *http.Request, title string) page {
	p := page{Lang: language(r), Carnet: s.CarnetURL, Site: s.SiteID, Languages: languages}
	p.Title = p.T(title)
	return p
}

func show(w http.ResponseWriter, status int, name string, p page) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name+".html", p); err != nil {
		slog.Error("demo: page", "name", name, "error", err)
		http.Error(w, "this page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // pages hold nonces and receipts
	w.Header().Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the reader is gone when this fails
}

// message shows a title and a sentence by the beginning of their texts' names.
func (s *site) message(w http.ResponseWriter, r *http.Request, status int, name string) {
	p := s.page(r, name+"_title")
	p.Text = p.T(name + "_text")
	show(w, status, "message", p)
}

func (s *site) calendarPage(w http.ResponseWriter, r *http.Request) {
	p := s.page(r, "programme")
	now := s.now()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.Local)
	for _, e := range between(today, today.AddDate(0, 0, 35), p.Lang) {
		if e.Start.After(now) && len(p.Next) < 5 {
			p.Next = append(p.Next, e)
		}
	}
	show(w, http.StatusOK, "calendar", p)
}

func (s *site) registerPage(w http.ResponseWriter, r *http.Request) {
	show(w, http.StatusOK, "register", s.page(r, "register"))
}

func (s *site) accountPage(w http.ResponseWriter, r *http.Request) {
	show(w, http.StatusOK, "account", s.page(r, "my_account"))
}

func (s *site) messagesPage(w http.ResponseWriter, r *http.Request) {
	show(w, http.StatusOK, "preferences", s.page(r, "my_messages"))
}

func (s *site) eventPage(w http.ResponseWriter, r *http.Request) {
	p := s.page(r, "programme")
	e, ok := find(r.PathValue("slug"), r.PathValue("day"), p.Lang)
	if !ok {
		s.missing(w, r)
		return
	}
	p.Event, p.Title = e, e.Title
	p.Order = newOrder()
	p.Nonce = s.gate.nonce(s.gate.session(w, r), p.Order)
	show(w, http.StatusOK, "event", p)
}

func (s *site) missing(w http.ResponseWriter, r *http.Request) {
	s.message(w, r, http.StatusNotFound, "missing")
}
