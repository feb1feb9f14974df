package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"carnet/internal/db"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// maxTerms is how many words of the vocabulary a pattern is looked up by. One that more match, as "*e*"
// does, is found so often that reading the book in order is faster.
const maxTerms = 1000

// So it is when more than fewTerms match that have manyHolders together.
const (
	fewTerms    = 100
	manyHolders = 50000
)

// readPattern understands a text with stars (S-102, S-103).
func readPattern(typed string, of site.Site) search {
	if strings.Contains(typed, "@") {
		pattern := likePattern(strings.ToLower(typed))
		match := Condition{SQL: "EXISTS (SELECT FROM unnest(contact.reach) AS way WHERE way LIKE ?)", Args: []any{pattern}}
		return search{row: And(append(narrow(strings.ToLower(typed)), match)...)}
	}
	out := readNamePattern("contact", typed)
	if strings.Contains(typed, ",") || out.row.SQL != "" {
		return out
	}
	if len(out.parts) == 1 && out.parts[0].prefix != "" {
		return out // "du*" completes addresses as well
	}
	if start, _, _ := strings.Cut(typed, "*"); start != "" && !strings.ContainsAny(typed, " \t") {
		out.whole = []Condition{
			email(strings.ToLower(start), likePattern(strings.ToLower(typed)), of),
			reference(start, likePattern(lowerASCII(typed)), of),
		}
	}
	return out
}

// readNamePattern understands a text with stars as nothing but names.
func readNamePattern(alias, typed string) search {
	var out search
	if last, first, ok := strings.Cut(typed, ","); ok {
		var fields []Condition
		for _, side := range []struct{ column, typed string }{{alias + ".n_last", last}, {alias + ".n_first", first}} {
			for _, p := range patterns(side.typed) {
				out.parts = append(out.parts, patternPart(p))
				fields = append(fields, fieldMatch(side.column, likePattern(p)))
			}
		}
		out.row = And(fields...)
		return out
	}
	for _, p := range patterns(typed) {
		out.parts = append(out.parts, patternPart(p))
	}
	if len(out.parts) == 0 {
		out.row = Condition{SQL: "TRUE"}
	}
	return out
}

// patterns takes a text with stars apart into words, folded. Stars alone say nothing.
func patterns(typed string) []string {
	list := strings.FieldsFunc(fold.Text(typed), func(r rune) bool { return isSign(r) && r != '*' })
	list = slices.DeleteFunc(list, func(p string) bool { return strings.Trim(p, "*") == "" || len([]rune(p)) > wordRunes })
	return list[:min(len(list), maxParts)]
}

func patternPart(p string) part {
	if !strings.Contains(p, "*") {
		return wordPart(p, false)
	}
	pieces := slices.DeleteFunc(strings.Split(p, "*"), func(s string) bool { return s == "" })
	if len(pieces) == 1 && strings.HasPrefix(p, pieces[0]) {
		return wordPart(pieces[0], true) // "du*" is what "du" is
	}
	out := part{pattern: likePattern(p), like: likePattern(p), pieces: pieces}
	out.row = And(append(narrow(p), namesMatch("contact", out.like))...)
	return out
}

// namesMatch is a pattern against one word of the names, or several of one name that follow each other.
func namesMatch(alias, pattern string) Condition {
	return Or(fieldMatch(alias+".n_last", pattern), fieldMatch(alias+".n_first", pattern), fieldMatch(alias+".n_company", pattern))
}

func fieldMatch(column, pattern string) Condition {
	return Condition{SQL: "' ' || name_spaced(" + column + ") || ' ' LIKE ?", Args: []any{"% " + pattern + " %"}}
}

// narrow gives what the trigram index finds by: the longest run of characters between the stars.
func narrow(p string) []Condition {
	longest := slices.MaxFunc(strings.Split(p, "*"), func(a, b string) int { return len([]rune(a)) - len([]rune(b)) })
	if len([]rune(longest)) < 3 {
		return nil
	}
	return []Condition{{SQL: "contact.search LIKE ?", Args: []any{"%" + escapeLike(longest) + "%"}}}
}

func likePattern(p string) string {
	pieces := strings.Split(p, "*")
	for i := range pieces {
		pieces[i] = escapeLike(pieces[i])
	}
	return strings.Join(pieces, "%")
}

// lookUp turns patterns into the words of the site's names that match, so that contacts are found by
// ranges and words instead of by reading all names.
func (s search) lookUp(ctx context.Context, d *db.DB, siteID uuid.UUID) error {
	for i := range s.parts {
		p := &s.parts[i]
		if p.pattern != "" {
			if err := p.lookUp(ctx, d, siteID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *part) lookUp(ctx context.Context, d *db.DB, siteID uuid.UUID) error {
	terms, all, err := termsLike(ctx, d, siteID, p.pattern)
	if err != nil || !all {
		return err
	}
	ends := terms
	if len(p.pieces) > 1 {
		// A star may also stand for what is between two words: "du*nt" for Du Pont. Then the pattern ends in a later word.
		last := "%" + escapeLike(p.pieces[len(p.pieces)-1])
		if strings.HasSuffix(p.pattern, "%") {
			last += "%"
		}
		if ends, all, err = termsLike(ctx, d, siteID, last); err != nil || !all {
			return err
		}
	}
	if len(ends) > fewTerms {
		var n int
		have := wordIn(ends)
		err := d.Bun.NewRaw("SELECT count(*) FROM (SELECT FROM contact_word AS w WHERE w.site_id = ? AND ("+have.SQL+") LIMIT ?) AS many",
			slices.Concat([]any{siteID}, have.Args, []any{manyHolders})...).Scan(ctx, &n)
		if err != nil || n == manyHolders {
			return db.MapError(err, "count words")
		}
	}
	p.row = Condition{}
	if len(p.pieces) > 1 {
		p.row = namesMatch("contact", p.like)
	}
	for _, term := range terms {
		p.spans = append(p.spans, isWord(term))
	}
	p.words = wordIn(ends)
	return nil
}

// termsLike gives the words of a site's names that match a pattern, in order; all is false when there
// are more than maxTerms.
func termsLike(ctx context.Context, d *db.DB, siteID uuid.UUID, pattern string) (terms []string, all bool, err error) {
	q := d.Bun.NewSelect().TableExpr("name_term").Column("term").Where("site_id = ? AND term LIKE ?", siteID, pattern).Limit(maxTerms + 1)
	rows, err := db.Collect[struct{ Term string }](ctx, d, q, db.Replanned)
	for _, row := range rows {
		terms = append(terms, row.Term)
	}
	slices.Sort(terms)
	return terms, len(terms) <= maxTerms, db.MapError(err, "look up words")
}
