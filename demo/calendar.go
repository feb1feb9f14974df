package demo

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

//go:embed events.json
var eventsFile []byte

// wording is what an event says in one language.
type wording struct {
	Title, Text, Room string
}

// series is an event that comes back on some weekdays of each month.
type series struct {
	Slug, Kind string
	Weekday    time.Weekday
	Weeks      []int // the how-manieth such weekdays of a month, from 1
	Time       string
	Minutes    int
	Price      int // kroner
	Texts      map[string]wording
}

// event is one evening of a series.
type event struct {
	series
	wording
	Start time.Time
	Path  string
}

var programme = mustProgramme()

// mustProgramme reads the embedded file, which the tests read too: it cannot fail in a built program.
func mustProgramme() []series {
	var all []series
	if err := json.Unmarshal(eventsFile, &all); err != nil {
		panic(fmt.Sprintf("demo: events.json: %v", err))
	}
	return all
}

// on gives the series' evening of a day, if it has one.
func (s series) on(day time.Time, lang string) (event, bool) {
	if day.Weekday() != s.Weekday || !slices.Contains(s.Weeks, (day.Day()-1)/7+1) {
		return event{}, false
	}
	at, err := time.Parse("15:04", s.Time)
	if err != nil {
		return event{}, false
	}
	start := time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), 0, 0, day.Location())
	return event{series: s, wording: s.Texts[lang], Start: start, Path: "/events/" + s.Slug + "/" + day.Format(time.DateOnly)}, true
}

// between gives the evenings of [from, to) in order.
func between(from, to time.Time, lang string) []event {
	list := []event{}
	for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
		for _, s := range programme {
			if e, ok := s.on(day, lang); ok {
				list = append(list, e)
			}
		}
	}
	slices.SortFunc(list, func(a, b event) int { return a.Start.Compare(b.Start) })
	return list
}

// Evening is what the calendar has on a day, for a Carnet that is to sell tickets for it. Its path is the calendar's own id of it.
type Evening struct {
	Title, Text, Room, Kind, Path string
	Start, End                    time.Time
	Price                         int // kroner
}

// Programme gives the evenings of [from, to) in order, each at its hour of the clock that from is of.
func Programme(from, to time.Time, lang string) []Evening {
	midnight := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
	var list []Evening
	for _, e := range between(midnight, to, lang) {
		list = append(list, Evening{
			Title: e.Title, Text: e.Text, Room: e.Room, Kind: e.Kind, Path: e.Path,
			Start: e.Start, End: e.Start.Add(time.Duration(e.Minutes) * time.Minute), Price: e.Price,
		})
	}
	return list
}

// find gives the evening that a path names.
func find(slug, day, lang string) (event, bool) {
	date, err := time.ParseInLocation(time.DateOnly, day, time.Local)
	if err != nil {
		return event{}, false
	}
	for _, s := range programme {
		if s.Slug == slug {
			return s.on(date, lang)
		}
	}
	return event{}, false
}

// events feeds the calendar component: GET /events.json?from=&to=&lang=, at most ten weeks.
func (s *site) events(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, err1 := time.ParseInLocation(time.DateOnly, q.Get("from"), time.Local)
	to, err2 := time.ParseInLocation(time.DateOnly, q.Get("to"), time.Local)
	if err1 != nil || err2 != nil || to.Sub(from) > 70*24*time.Hour {
		http.Error(w, "give from and to as 2026-11-22, at most ten weeks apart", http.StatusBadRequest)
		return
	}
	lang := language(r)
	type entry struct {
		ID       string            `json:"id"`
		Title    string            `json:"title"`
		Start    string            `json:"start"`
		End      string            `json:"end"`
		Extended map[string]string `json:"extendedProps"`
	}
	list := []entry{}
	for _, e := range between(from, to, lang) {
		list = append(list, entry{
			ID: e.Path, Title: e.Title,
			Start: e.Start.Format("2006-01-02T15:04:05"), End: e.Start.Add(time.Duration(e.Minutes) * time.Minute).Format("2006-01-02T15:04:05"),
			Extended: map[string]string{"kind": e.Kind, "href": link(e.Path, lang)},
		})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(list) // the reader is gone when this fails
}
