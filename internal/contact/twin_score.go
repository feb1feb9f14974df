package contact

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fold"
)

// TwinReason is something that two contacts have in common, or that speaks against them being one.
type TwinReason string

// The reasons, in the order in which they are told.
const (
	SameEmail          TwinReason = "same_email"
	SamePhone          TwinReason = "same_phone"
	SameName           TwinReason = "same_name"
	SwappedNames       TwinReason = "swapped_names"
	SoundsAlike        TwinReason = "sounds_alike"
	SimilarName        TwinReason = "similar_name" // an initial, a part, a letter
	SameFirstName      TwinReason = "same_first_name"
	SameBirthDate      TwinReason = "same_birth_date"
	SameAddress        TwinReason = "same_address"
	SamePlace          TwinReason = "same_place" // postcode, or town where that is unknown
	DifferentBirthDate TwinReason = "different_birth_date"
)

// TwinScore is from which score on, of 100, two contacts count as probably one.
const TwinScore = 50

// hintScore is from which score on a form tells of a contact that is there already: better one too many.
const hintScore = 40

// likeness is how two names compare.
type likeness int

const (
	namesDiffer  likeness = iota // other people
	nameUnknown                  // one of the two has none
	nameOfFamily                 // the surname is the same, the first name is another
	nameOfFirst                  // the first name is the same, the surname is another, as after a marriage
	namePartial                  // what one of the two has is the same
	nameSimilar
	nameSounds
	nameSwapped
	nameSame
)

// worth is what a likeness of names counts, and how it is told.
var worth = map[likeness]struct {
	points int
	reason TwinReason
}{
	nameUnknown: {points: 15}, nameOfFamily: {points: 10}, nameOfFirst: {20, SameFirstName}, namePartial: {25, SimilarName},
	nameSimilar: {35, SimilarName}, nameSounds: {40, SoundsAlike}, nameSwapped: {50, SwappedNames}, nameSame: {50, SameName},
}

// traits are what twins are told by.
type traits struct {
	bun.BaseModel `bun:"table:contact,alias:contact"`

	ID        uuid.UUID `bun:",pk"`
	Kind      Kind
	UpdatedAt time.Time
	NLast     string
	NFirst    string
	NSound    string
	NAddress  string
	NCity     string
	Postcode  string
	BirthDate *time.Time
	AddressOf *uuid.UUID
	Fax       string
	Reach     []string `bun:",array"`
}

func traitsOf(r *Record) traits {
	return traits{
		ID: r.ID, Kind: r.Kind, NLast: r.NLast, NFirst: r.NFirst, NSound: r.NSound, NAddress: r.NAddress, NCity: r.NCity, Postcode: r.Postcode,
		BirthDate: r.BirthDate, AddressOf: r.AddressOf, Fax: r.Fax, Reach: r.Reach,
	}
}

// compareNames tells how two names compare.
func compareNames(a, b traits) likeness {
	last, first := nameWords(a.Kind, a.NLast), nameWords(a.Kind, a.NFirst)
	last2, first2 := nameWords(b.Kind, b.NLast), nameWords(b.Kind, b.NFirst)
	switch {
	case len(last)+len(first) == 0 || len(last2)+len(first2) == 0:
		return nameUnknown
	case slices.Equal(last, last2) && slices.Equal(first, first2):
		return nameSame
	case len(first) > 0 && slices.Equal(last, first2) && slices.Equal(first, last2):
		return nameSwapped
	case sameWords(slices.Concat(last, first), slices.Concat(last2, first2)): // parted otherwise: Anne, Marie Hansen
		return nameSame
	case a.Kind == KindOrganization:
		return compareWhole(last, last2)
	case soundKey(a.Kind, a.NLast, a.NFirst) == soundKey(b.Kind, b.NLast, b.NFirst):
		return nameSounds
	}
	lastAlike, firstAlike := alikeWords(last, last2), alikeWords(first, first2)
	switch {
	case len(first) == 0 || len(first2) == 0:
		return orDiffer(lastAlike, namePartial)
	case len(last) == 0 || len(last2) == 0:
		return orDiffer(firstAlike, namePartial)
	case lastAlike && firstAlike:
		return nameSimilar
	case lastAlike:
		return nameOfFamily
	case slices.Equal(first, first2):
		return nameOfFirst
	}
	return namesDiffer
}

func orDiffer(alike bool, is likeness) likeness {
	if alike {
		return is
	}
	return namesDiffer
}

func compareWhole(a, b []string) likeness {
	switch {
	case fold.Sound(strings.Join(a, " ")) == fold.Sound(strings.Join(b, " ")):
		return nameSounds
	case alikeWords(a, b):
		return nameSimilar
	}
	return namesDiffer
}

func sameWords(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// alikeWords tells whether every word of the shorter list has its like in the other.
func alikeWords(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return false
	}
	for _, w := range a {
		if !slices.ContainsFunc(b, func(x string) bool { return alikeWord(w, x) }) {
			return false
		}
	}
	return true
}

// alikeWord tells whether two words are the same, sound the same, are a name and its initial, or
// differ by one slip of the pen.
func alikeWord(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	switch {
	case a == b, fold.Sound(a) == fold.Sound(b) && len(a) > 1:
		return true
	case len(a) == 1:
		return strings.HasPrefix(b, a)
	}
	return len(a) >= 4 && oneSlip([]rune(a), []rune(b))
}

// oneSlip tells whether one letter was left out, added, mistaken, or two neighbours changed places.
// a is not the longer.
func oneSlip(a, b []rune) bool {
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(b) > len(a) {
		return slices.Equal(a[i:], b[i+1:])
	}
	if i == len(a) || slices.Equal(a[i+1:], b[i+1:]) {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
}

// compare gives how probable it is that two contacts of one kind are one, 0 to 100, and why.
func compare(a, b traits) (score int, reasons []TwinReason) {
	count := func(points int, reason TwinReason) {
		score += points
		if reason != "" {
			reasons = append(reasons, reason)
		}
	}
	emails, phones := compareReach(a, b, isEmail), compareReach(a, b, isPhone)
	name := compareNames(a, b)
	if emails == has {
		count(40, SameEmail)
	}
	if phones == has {
		count(30, SamePhone)
	}
	count(worth[name].points, worth[name].reason)
	if sameDay(a.BirthDate, b.BirthDate) {
		count(30, SameBirthDate)
	}
	switch place := comparePlace(a, b); {
	case a.NAddress != "" && a.NAddress == b.NAddress:
		count(20, SameAddress)
	case place == has:
		count(10, SamePlace)
	case place == lacks:
		score -= 10
	}
	if a.BirthDate != nil && b.BirthDate != nil && !sameDay(a.BirthDate, b.BirthDate) {
		count(-40, DifferentBirthDate)
	}
	if emails == lacks {
		score -= 10
	}
	if phones == lacks {
		score -= 5
	}
	// Families share everything but the first name; a shared mailbox makes nobody one.
	if name == nameOfFamily || name == namesDiffer {
		score = min(score, TwinScore-5)
	}
	return max(0, min(100, score)), reasons
}

// comparison tells whether two contacts have something in common.
type comparison int

const (
	unknown comparison = iota // one of them has nothing
	has
	lacks
)

// compareReach compares the e-mail addresses or the phone numbers.
func compareReach(a, b traits, which func(*traits, string) bool) comparison {
	var mine, theirs []string
	for _, w := range a.Reach {
		if which(&a, w) {
			mine = append(mine, w)
		}
	}
	for _, w := range b.Reach {
		if which(&b, w) {
			theirs = append(theirs, w)
		}
	}
	switch {
	case len(mine) == 0 || len(theirs) == 0:
		return unknown
	case slices.ContainsFunc(mine, func(w string) bool { return slices.Contains(theirs, w) }):
		return has
	}
	return lacks
}

func isEmail(_ *traits, w string) bool { return strings.Contains(w, "@") }

// isPhone leaves a fax out: whole houses share one.
func isPhone(t *traits, w string) bool { return strings.HasPrefix(w, "+") && w != t.Fax }

func comparePlace(a, b traits) comparison {
	if a.AddressOf != nil || b.AddressOf != nil {
		return unknown
	}
	of := func(x, y string) comparison {
		switch {
		case x == "" || y == "":
			return unknown
		case x == y:
			return has
		}
		return lacks
	}
	if place := of(strings.Join(fold.Words(a.Postcode), ""), strings.Join(fold.Words(b.Postcode), "")); place != unknown {
		return place
	}
	return of(a.NCity, b.NCity)
}
