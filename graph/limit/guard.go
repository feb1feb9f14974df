package limit

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Guard bounds the text of a document. A zero field means its default.
type Guard struct {
	Bytes       int // of the document; 65,536
	Tokens      int // 1,000
	Nesting     int // braces and brackets within each other; 40
	Repeats     int // sum over all field names of the square of how often each stands there; 20,000
	Directives  int // 50
	Definitions int // operations and fragments; 50
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = Guard{}

// ExtensionName names the extension to gqlgen.
func (Guard) ExtensionName() string { return "Guard" }

// Validate accepts every schema.
func (Guard) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters refuses a document that exceeds a limit. It changes nothing.
func (g Guard) MutateOperationParameters(_ context.Context, p *graphql.RawParams) *gqlerror.Error {
	if most := orDefault(g.Bytes, 64<<10); len(p.Query) > most {
		return refusal{"bytes", most, len(p.Query), "shorten the document, and send values as variables"}.err()
	}
	c := newCount(g)
	lx := lexer.New(&ast.Source{Input: p.Query})
	for {
		token, err := lx.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil // what is wrong with it is the parser's to say
		}
		if r, passed := c.take(token); passed {
			return r.err()
		}
	}
}

// count is what one pass over a document has seen.
type count struct {
	max                                               Guard
	names                                             map[string]int
	tokens, nesting, repeats, directives, definitions int
	arguments                                         int // parentheses that are open
	previous                                          lexer.Type
}

func newCount(g Guard) *count {
	return &count{
		max: Guard{
			Tokens: orDefault(g.Tokens, 1000), Nesting: orDefault(g.Nesting, 40), Repeats: orDefault(g.Repeats, 20_000),
			Directives: orDefault(g.Directives, 50), Definitions: orDefault(g.Definitions, 50),
		},
		names: map[string]int{},
	}
}

// take counts one token, and tells the limit that it passes.
func (c *count) take(token lexer.Token) (refusal, bool) {
	c.tokens++
	switch token.Kind {
	case lexer.BraceL, lexer.BracketL:
		if token.Kind == lexer.BraceL && c.nesting == 0 && c.arguments == 0 {
			c.definitions++
		}
		c.nesting++
	case lexer.BraceR, lexer.BracketR:
		c.nesting--
	case lexer.ParenL:
		c.arguments++
	case lexer.ParenR:
		c.arguments--
	case lexer.At:
		c.directives++
	case lexer.Name:
		// An alias and its field both count, and so do equal names in different selections, which
		// validation never compares: the sum is an upper bound of its comparisons.
		if c.arguments == 0 && c.nesting > 0 && c.previous != lexer.At {
			n := c.names[token.Value]
			c.repeats += 2*n + 1 // (n+1)² - n²
			c.names[token.Value] = n + 1
		}
	}
	c.previous = token.Kind
	switch {
	case c.tokens > c.max.Tokens:
		return refusal{"tokens", c.max.Tokens, c.tokens, "ask for less in one document, and send values as variables"}, true
	case c.nesting > c.max.Nesting:
		return refusal{"nesting", c.max.Nesting, c.nesting, "nest fewer selections, and send nested values as variables"}, true
	case c.repeats > c.max.Repeats:
		return refusal{"repeated names", c.max.Repeats, c.repeats, "name each field once, and use fragments for what repeats"}, true
	case c.directives > c.max.Directives:
		return refusal{"directives", c.max.Directives, c.directives, "use fewer @include and @skip"}, true
	case c.definitions > c.max.Definitions:
		return refusal{"definitions", c.max.Definitions, c.definitions, "send only the operation to run and its fragments"}, true
	}
	return refusal{}, false
}
