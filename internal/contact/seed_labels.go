package contact

import (
	"context"
	_ "embed" // the label sets of a made-up site
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"carnet/internal/fault"
	"carnet/internal/fold"
)

//go:embed seed_labels.json
var seedLabelsText []byte

// seededLabel is a label that a made-up contact has.
type seededLabel struct {
	set *LabelSet
	*Label
}

// prepareLabels finds or creates the label sets.
func (m *seeder) prepareLabels(ctx context.Context, s *Service) error {
	have, err := s.LabelSets(ctx, true)
	if err != nil {
		return err
	}
	var wanted []struct {
		Name, Description string
		Kinds             []Kind
		Audiences         []Audience
		Exclusive         bool
		Labels            []LabelChange
	}
	if err := json.Unmarshal(seedLabelsText, &wanted); err != nil {
		return fault.Wrap(err, "read seed_labels.json")
	}
	for _, w := range wanted {
		if at := slices.IndexFunc(have, func(set *LabelSet) bool { return set.NameKey == fold.Text(w.Name) }); at >= 0 {
			m.sets = append(m.sets, have[at])
			continue
		}
		set, err := s.CreateLabelSet(ctx, LabelSetChange{
			Name: &w.Name, Description: &w.Description, Kinds: &w.Kinds, Audiences: &w.Audiences, Exclusive: &w.Exclusive, Labels: &w.Labels,
		})
		if err != nil {
			return fmt.Errorf("create label set %s: %w", w.Name, err)
		}
		m.sets = append(m.sets, set)
	}
	return nil
}

// label gives four in ten contacts a label of a set that is for their kind, and some a second one where the set allows it.
func (m *seeder) label(rnd *rand.Rand, kind Kind) []seededLabel {
	var out []seededLabel
	for _, set := range m.sets {
		draw, first, second := rnd.IntN(10), rnd.Float64(), rnd.Float64()
		labels := slices.DeleteFunc(slices.Clone(set.Labels), func(l *Label) bool { return l.ArchivedAt != nil })
		if draw >= 4 || len(labels) == 0 || !slices.Contains(set.Kinds, kind) || set.ArchivedAt != nil {
			continue
		}
		one := labels[int(float64(len(labels))*first*first)] // the early ones more often
		out = append(out, seededLabel{set, one})
		if other := labels[int(float64(len(labels))*second)]; draw == 0 && !set.Exclusive && other != one {
			out = append(out, seededLabel{set, other})
		}
	}
	slices.SortStableFunc(out, func(a, b seededLabel) int {
		if a.set != b.set {
			return 0 // the sets are in their order already
		}
		return a.Position - b.Position
	})
	return out
}

// label gives a new contact labels, with their names in its history.
func (o *outcome) label(r *Record, labels []seededLabel, changes Changes) {
	if len(labels) == 0 {
		return
	}
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = l.Name
		o.labels = append(o.labels, holding{SiteID: r.SiteID, ContactID: r.ID, LabelID: l.ID, SetID: l.set.ID, Exclusive: l.set.Exclusive})
	}
	changes["labels"] = Delta{Before: []string{}, After: names}
}
