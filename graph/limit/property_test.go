package limit_test

import (
	"fmt"
	"strings"
	"testing"

	"carnet/graph/limit"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"pgregory.net/rapid"
)

// drawn is a document of nested fragments, and the same with every fragment spelt out in its place.
type drawn struct{ withFragments, spelledOut string }

// connection is what the fragment C selects, which costs more where no page size is given.
const connection = "nodes{id} edges{node{id}}"

// drawDocument draws fragments that spread only those after them.
func drawDocument(t *rapid.T) drawn {
	const fragments = 5
	spelled := make([]string, fragments+1)
	definitions := make([]string, fragments+1)
	for i := fragments; i >= 0; i-- {
		short, long := drawSelection(t, i+1, spelled, 3)
		definitions[i] = fmt.Sprintf("fragment F%d on Contact{%s}", i, short)
		spelled[i] = "...on Contact{" + long + "}"
	}
	return drawn{
		withFragments: "{contact{...F0}}" + strings.Join(definitions, "") + "fragment C on ContactConnection{" + connection + "}",
		spelledOut:    "{contact{" + spelled[0] + "}}",
	}
}

func drawSelection(t *rapid.T, from int, spelled []string, deep int) (short, long string) {
	short, long = "id ", "id "
	for range rapid.IntRange(0, 2).Draw(t, "fields") {
		kind := rapid.IntRange(0, 7).Draw(t, "kind")
		if kind == 0 && from < len(spelled) {
			i := rapid.IntRange(from, len(spelled)-1).Draw(t, "fragment")
			short += fmt.Sprintf("...F%d ", i)
			long += spelled[i] + " "
			continue
		}
		if kind >= 6 {
			parent := []string{"everyone", "relations(first:7)"}[kind-6]
			short, long = short+parent+"{...C} ", long+parent+"{"+connection+"} "
			continue
		}
		if deep == 0 || kind == 1 {
			short, long = short+"other:name ", long+"other:name "
			continue
		}
		s, l := drawSelection(t, from, spelled, deep-1)
		open, shut := "self{", "}"
		switch kind {
		case 3:
			open, shut = fmt.Sprintf("relations(first:%d){nodes{", rapid.IntRange(0, 9).Draw(t, "first")), "}}"
		case 4:
			open, shut = "relations{edges{node{", "}}}"
		case 5:
			open, shut = "groups{id} self{", "}"
		}
		short, long = short+open+s+shut+" ", long+open+l+shut+" "
	}
	return short, long
}

// Measuring a fragment once gives what spelling it out at each of its places would.
func TestFragmentsAreMeasuredAsSpelledOut(t *testing.T) {
	t.Parallel()
	const off = 1 << 30
	rapid.Check(t, func(t *rapid.T) {
		doc := drawDocument(t)
		for _, l := range []limit.Limits{
			{Depth: 1, Aliases: off, RootFields: off, Cost: off},
			{Depth: off, Aliases: 1, RootFields: off, Cost: off},
			{Depth: off, Aliases: off, RootFields: off, Cost: 1},
		} {
			if short, long := measured(t, l, doc.withFragments), measured(t, l, doc.spelledOut); short != long {
				t.Fatalf("%d with fragments, %d spelled out:\n%s\n%s", short, long, doc.withFragments, doc.spelledOut)
			}
		}
	})
}

// measured gives what is refused by a limit that is 1, or 1 when it is not passed. Documents of
// random fragments are not valid (unused ones, equal names with different arguments): that is
// beside the point here, so validation is off.
func measured(t *rapid.T, l limit.Limits, query string) int {
	exec := executor.New(newBook())
	exec.SetDefaultRulesFn(noRules)
	exec.Use(&l)
	_, errs := exec.CreateOperationContext(started(), &graphql.RawParams{Query: query})
	if len(errs) == 0 {
		return 1
	}
	n, ok := errs[0].Extensions["measured"].(int)
	if !ok {
		t.Fatal(errs)
	}
	return n
}

func noRules() *rules.Rules { return rules.NewRules() }
