package index

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"

	"carnet/internal/live"
)

// made is an index of made-up contacts with eight custom fields and fifty groups, as `make bench` has them.
type made struct {
	*Index
	ids    []uuid.UUID
	fields []uuid.UUID // with five choices each
	picks  [][]uuid.UUID
	groups []uuid.UUID
	random *rand.Rand
}

type fakeRow map[string]string

func (r fakeRow) Value(column string) (live.Value, bool) {
	v, known := r[column]
	return live.Value{Kind: live.Text, Text: v}, known
}

func (m *made) row() fakeRow {
	r := m.random
	day := func(from, days int) string {
		return time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(days)).Format(time.DateOnly)
	}
	answers := "{"
	for i, f := range m.fields {
		if r.IntN(3) > 0 {
			answers += fmt.Sprintf(`%q: %q, `, f, m.picks[i][r.IntN(5)])
		}
	}
	return fakeRow{
		"kind": "person", "color": "", "language": []string{"nb", "fr", "en"}[r.IntN(3)], "country": "NO", "n_city": fmt.Sprint("city", r.IntN(3000)), "postcode": fmt.Sprintf("%04d", r.IntN(5000)),
		"function_id": "", "nature_id": "", "ambassador": "f", "n_first": "a", "n_last": "b", "n_company": "", "email_key": "c", "phone": "", "mobile": "d",
		"listed": "t", "deleted_at": "", "types": "{}", "answers": answers + "}", CreatedAt: day(2024, 900) + " 12:00:00+00", UpdatedAt: day(2026, 300) + " 12:00:00+00", BirthDate: day(1940, 25000), ValidUntil: "",
	}
}

func makeIndex(b *testing.B, n int) *made {
	b.Helper()
	m := &made{Index: New(time.UTC), random: rand.New(rand.NewPCG(1, 2))}
	for range 8 {
		f := uuid.New()
		m.fields, m.choices[f] = append(m.fields, f), true
		var picks []uuid.UUID
		for range 5 {
			picks = append(picks, uuid.New())
		}
		m.picks = append(m.picks, picks)
	}
	for range 50 {
		m.groups = append(m.groups, uuid.New())
	}
	for range n {
		id := uuid.New()
		m.ids = append(m.ids, id)
		o := m.write(id, m.row())
		for range 2 {
			m.attribute(Attr{Name: Group}).put(o, m.groups[m.random.IntN(50)].String(), true)
		}
	}
	return m
}

// rule is one of four leaves: a group, an answer, a range of birth dates and a language, some of them denied; with what a saved
// segment adds to it.
func (m *made) rule() Expr {
	r := m.random
	some := func(e Expr) Expr {
		if r.IntN(4) == 0 {
			return Not(e)
		}
		return e
	}
	field := r.IntN(8)
	born := int64(-10957 + r.IntN(20000))
	rule := All(some(Has(Attr{Name: Group}, m.groups[r.IntN(50)].String())), some(Has(Attr{Field, m.fields[field]}, m.picks[field][r.IntN(5)].String())),
		Within(BirthDate, Range{born, born + 5000}), some(Has(Attr{Name: Language}, "nb")))
	hand := func(excluded bool) Expr {
		return Has(Attr{Name: Hand}, ByHand(uuid.UUID{15: byte(r.IntN(256)), 14: byte(r.IntN(256))}, excluded))
	}
	return All(Has(Attr{Name: Book}, Yes), Not(Within(ValidUntil, UpTo(20000))), Any(rule, hand(false)), Not(hand(true)))
}

func BenchmarkWrite(b *testing.B) {
	m := makeIndex(b, 0)
	rows := make([]fakeRow, 1000)
	for i := range rows {
		rows[i] = m.row()
	}
	for i := 0; b.Loop(); i++ {
		m.write(uuid.New(), rows[i%1000])
	}
}

// Growth: what a count and a change cost, by contacts and by rules that are followed. docs/performance.md draws it.
func BenchmarkIndex(b *testing.B) {
	for _, people := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("contacts=%d", people), func(b *testing.B) { benchIndex(b, people) })
	}
}

func benchIndex(b *testing.B, people int) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := makeIndex(b, people)
	ids := m.ids
	m.ids = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	m.ids = ids
	rules := make([]Expr, 200)
	for i := range rules {
		rules[i] = m.rule()
	}
	b.Run("count", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			m.Count(rules[i%len(rules)])
		}
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(people), "B/contact")
	})
	for _, queries := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprintf("change/queries=%d", queries), func(b *testing.B) {
			all := make([]*Query, queries)
			for i := range all {
				all[i], _ = m.Follow(m.rule())
			}
			b.ResetTimer()
			for b.Loop() {
				id := ids[m.random.IntN(people)]
				m.mu.Lock()
				m.motions.begin()
				o := m.numberOf[id]
				m.attribute(Attr{Field, m.fields[0]}).replace(o, []string{Answered, m.picks[0][m.random.IntN(5)].String()})
				m.settle(roaring.BitmapOf(o), 200)
				m.mu.Unlock()
			}
			b.StopTimer()
			for _, q := range all {
				m.Forget(q)
			}
		})
	}
}
