package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fold"
)

// Twins are looked for among contacts that share a key: a way to reach them, the sound of the name,
// the address, or the birth date. The keys that are not columns by themselves are computed here.

// legalForms are words that say what kind of organization one is, and are often left out.
var legalForms = wordSet("as asa ans da sa sas sasu sarl eurl snc scop scic gmbh ag ltd limited llc plc inc co corp bv nv ab oy aps association asso asbl stiftelse stiftelsen the le la les l et and og i de du des d")

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

// nameWords gives the folded words of a name; those of an organization without its legal form,
// unless nothing else remains.
func nameWords(kind Kind, name string) []string {
	words := fold.Words(name)
	if kind != KindOrganization {
		return words
	}
	left := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return legalForms[w] })
	if len(left) == 0 {
		return words
	}
	return left
}

// soundKey gives how a whole name sounds, in alphabetical order: swapped names have the same.
func soundKey(kind Kind, last, first string) string {
	sounds := nameWords(kind, last+" "+first)
	for i, w := range sounds {
		sounds[i] = fold.Sound(w)
	}
	slices.Sort(sounds)
	return strings.Join(sounds, " ")
}

// streets are the ways to write the kinds of street, each with the way they are compared.
var streets = map[string]string{
	"avenue": "av", "ave": "av", "boulevard": "bd", "blvd": "bd", "boul": "bd", "rue": "r", "place": "pl", "plass": "pl", "plassen": "pl", "allee": "all", "alleen": "all", "chemin": "ch", "che": "ch",
	"route": "rte", "impasse": "imp", "quai": "q", "square": "sq", "saint": "st", "sainte": "st", "ste": "st", "street": "st",
	"road": "rd", "lane": "ln", "drive": "dr", "court": "ct",
	"gate": "gt", "gata": "gt", "gaten": "gt", "vei": "v", "veien": "v", "veg": "v", "vegen": "v", "vn": "v", "postboks": "pb", "boks": "pb", "bp": "pb",
}

// streetEndings are the kinds of street that are written in one word with its name: Storgata, Storgt.
var streetEndings = []string{"gaten", "gata", "gate", "gt", "veien", "vegen", "vei", "veg", "vn", "plassen", "plass", "alleen", "allee"}

var streetParticles = wordSet("de du des d la le les l of the c o")

// addressKey gives the place and the street, however they are written; "" when either is unknown. A
// copy of an organization's address says nothing, as others have it too.
func (r *Record) addressKey() string {
	if r.AddressOf != nil || r.AddressLines == "" {
		return ""
	}
	place := strings.Join(fold.Words(r.Postcode), "")
	if place == "" {
		place = strings.Join(fold.Words(r.City), "")
	}
	words := streetWords(strings.Split(r.AddressLines, "\n"))
	if place == "" || len(words) == 0 {
		return ""
	}
	return place + " " + strings.Join(words, " ")
}

// streetWords gives the words of the line that holds the street, in alphabetical order: the first
// line with a house number, else the first one.
func streetWords(lines []string) []string {
	street := fold.Words(lines[0])
	for _, line := range lines {
		words := fold.Words(line)
		if slices.ContainsFunc(words, startsWithDigit) && slices.ContainsFunc(words, func(w string) bool { return len(w) > 2 && !startsWithDigit(w) }) {
			street = words
			break
		}
	}
	var words []string
	for _, w := range street {
		if short, is := streets[w]; is {
			w = short
		} else if ending := slices.IndexFunc(streetEndings, func(e string) bool { return strings.HasSuffix(w, e) && len(w) > len(e)+2 }); ending >= 0 {
			words = append(words, strings.TrimSuffix(w, streetEndings[ending]))
			w = streetEndings[ending]
			if short, is := streets[w]; is {
				w = short
			}
		}
		if !streetParticles[w] {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return words
}

func startsWithDigit(w string) bool { return w[0] >= '0' && w[0] <= '9' }

// computeKeys computes the keys of up to n contacts that have none, those from before there were keys,
// and tells of how many. It is no change of theirs and has no history.
func (s *Service) computeKeys(ctx context.Context, siteID uuid.UUID, n int) (computed int, err error) {
	var rows []*Record
	err = s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		rows = nil
		err := tx.NewSelect().Model(&rows).Where("site_id = ? AND n_sound IS NULL", siteID).Order("id").Limit(int64(n)).For("NO KEY UPDATE").Scan(ctx)
		if err != nil || len(rows) == 0 {
			return db.MapError(err, "read contacts without keys")
		}
		for _, r := range rows {
			r.NSound, r.NAddress = soundKey(r.Kind, r.NLast, r.NFirst), r.addressKey()
		}
		_, err = tx.NewUpdate().Model(&rows).Column("n_sound", "n_address").Bulk().Exec(ctx)
		return db.MapError(err, "write keys")
	})
	return len(rows), err
}
