package contact

import (
	"slices"

	"carnet/internal/fault"
)

// Means is a means of communication (S-45).
type Means string

// The means, in the order in which they are shown. By MeansInternal one is written to in one's own account.
const (
	MeansEmail    Means = "email"
	MeansSMS      Means = "sms"
	MeansPhone    Means = "phone"
	MeansPost     Means = "post"
	MeansInternal Means = "internal"
)

// AllMeans lists them.
var AllMeans = []Means{MeansEmail, MeansSMS, MeansPhone, MeansPost, MeansInternal}

// means writes by which means one speaks to a contact. Who takes the preferred one away takes "and by no other" with it.
func (v *checker) means(r *Record, c Change) {
	assign(&r.PreferredMeans, c.PreferredMeans)
	assign(&r.OnlyPreferredMeans, c.OnlyPreferredMeans)
	assign(&r.DoNotContact, c.DoNotContact)
	if r.PreferredMeans != nil && !slices.Contains(AllMeans, *r.PreferredMeans) {
		v.add(fault.Unknown, []string{"preferredMeans"}, "there is no means of communication %q", *r.PreferredMeans)
	}
	if r.PreferredMeans != nil || !r.OnlyPreferredMeans {
		return
	}
	if c.OnlyPreferredMeans != nil && *c.OnlyPreferredMeans {
		v.add(fault.Required, []string{"preferredMeans"}, "say which means is the only one")
		return
	}
	r.OnlyPreferredMeans = false
}
