package index

import (
	"fmt"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	drawnAttrs   = []Attr{{Name: Country}, {Name: City}, {Name: Group}, {Name: Type}, {Name: Hand}}
	drawnNumbers = []string{BirthDate, AnswerNumber(uuid.UUID{1})}
)

// drawExpr draws an expression of any shape, guarded or not, with empty and half-open ranges.
func drawExpr(t *rapid.T, depth int) Expr {
	number := rapid.Int64Range(-3, 8)
	if depth > 0 {
		switch rapid.IntRange(0, 5).Draw(t, "node") {
		case 0:
			return Not(drawExpr(t, depth-1))
		case 1, 2, 3:
			parts := make([]Expr, rapid.IntRange(0, 3).Draw(t, "parts"))
			for i := range parts {
				parts[i] = drawExpr(t, depth-1)
			}
			if rapid.Bool().Draw(t, "all") {
				return All(parts...)
			}
			return Any(parts...)
		}
	}
	attr := rapid.SampledFrom(drawnAttrs).Draw(t, "attr")
	text := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "text"))
	switch rapid.IntRange(0, 6).Draw(t, "leaf") {
	case 0:
		return Some(attr)
	case 1:
		return Among(Attr{Name: City}, func(s string) bool { return s > text })
	case 2, 3:
		ranges := make([]Range, rapid.IntRange(0, 2).Draw(t, "ranges"))
		for i := range ranges {
			ranges[i] = Range{number.Draw(t, "from"), number.Draw(t, "to")}
			switch rapid.IntRange(0, 3).Draw(t, "open") {
			case 0:
				ranges[i].From = minNumber
			case 1:
				ranges[i].To = maxNumber
			}
		}
		return Within(rapid.SampledFrom(drawnNumbers).Draw(t, "number"), ranges...)
	}
	return Has(attr, text)
}

// Whatever changes, of however many contacts at once, and whoever begins or ceases to follow: each query is told exactly who moved, once.
func TestNoMoveIsMissed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := New(time.UTC)
		var queries []*Query
		exprs := map[*Query]Expr{}
		members := map[*Query]map[uuid.UUID]bool{}
		set := func(ids []uuid.UUID) map[uuid.UUID]bool {
			out := map[uuid.UUID]bool{}
			for _, id := range ids {
				out[id] = true
			}
			return out
		}
		for range 30 {
			if rapid.IntRange(0, 2).Draw(t, "follow") == 0 {
				e := drawExpr(t, 3)
				q, n := x.Follow(e)
				queries, exprs[q], members[q] = append(queries, q), e, set(x.Members(q))
				require.Len(t, members[q], n)
			}
			if len(queries) > 0 && rapid.IntRange(0, 5).Draw(t, "forget") == 0 {
				q := queries[rapid.IntRange(0, len(queries)-1).Draw(t, "whom")]
				x.Forget(q)
				queries = without(queries, q)
			}
			x.motions.begin()
			touched := roaring.New()
			for range rapid.IntRange(1, 6).Draw(t, "changes") {
				id := uuid.UUID{15: byte(rapid.IntRange(1, 9).Draw(t, "contact"))}
				o, known := x.numberOf[id]
				if !known {
					touched.Add(x.contact(id))
					continue
				}
				touched.Add(o)
				text := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "text"))
				switch a := x.attribute(rapid.SampledFrom(drawnAttrs).Draw(t, "attr")); rapid.IntRange(0, 6).Draw(t, "change") {
				case 0:
					x.remove(o)
				case 1, 2:
					s := x.number(rapid.SampledFrom(drawnNumbers).Draw(t, "number"))
					x.setNumber(s, o, rapid.Int64Range(-3, 8).Draw(t, "v"), rapid.IntRange(0, 3).Draw(t, "has") > 0)
				default:
					has := rapid.Bool().Draw(t, "has")
					switch {
					case !a.single:
						a.put(o, text, has)
					case has:
						a.set(o, text)
					default:
						a.set(o, "")
					}
				}
			}
			ids := map[uuid.UUID]bool{}
			touched.Iterate(func(o uint32) bool { ids[x.ids[o]] = true; return true })
			told := map[*Query]Moves{}
			moves := func() []Told { return x.settle(touched, 100) }
			if rapid.IntRange(0, 4).Draw(t, "many") == 0 { // as of thousands
				moves = func() []Told { return x.recountAll(touched, 100) }
			}
			for _, one := range moves() {
				_, twice := told[one.Query]
				require.False(t, twice)
				told[one.Query] = one.Moves
			}
			x.release()
			for _, q := range queries {
				want := set(x.Find(exprs[q]))
				require.Equal(t, want, set(x.Members(q)))
				var entered, left, updated []uuid.UUID
				for id := range want {
					if !members[q][id] {
						entered = append(entered, id)
					} else if ids[id] {
						updated = append(updated, id)
					}
				}
				for id := range members[q] {
					if !want[id] {
						left = append(left, id)
					}
				}
				require.ElementsMatch(t, entered, told[q].Entered, "entered")
				require.ElementsMatch(t, left, told[q].Left, "left")
				require.ElementsMatch(t, updated, told[q].Updated, "updated")
				members[q] = want
			}
		}
	})
}
