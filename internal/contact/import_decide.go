package contact

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"carnet/internal/site"
)

// judge decides what becomes of the rows of a batch, without writing.
type judge struct {
	*importer
	site  site.Site // as it is now
	book  *shelf
	out   outcome
	now   time.Time
	today time.Time
}

// becomes notes what becomes of a row.
func (it *item) becomes(verdict Verdict, contact uuid.UUID, told ...ImportProblem) {
	it.verdict, it.contact, it.told = verdict, contact, told
	it.entry, it.undo, it.said = nil, nil, nil
}

func (it *item) refused(why ...ImportProblem) { it.becomes(VerdictRefused, uuid.Nil, why...) }

// decide finds out what becomes of a row.
func (j *judge) decide(it *item) {
	if len(it.problems) > 0 {
		it.refused(it.problems...)
		return
	}
	found, problem := j.match(it)
	if j.order.Policy == PolicyCreate && (found != nil || problem != nil) {
		found, problem = j.equal(it), nil
	}
	switch {
	case problem != nil:
		it.refused(*problem)
	case found == nil && it.err != nil:
		it.refused(it.explain(it.err)...)
	case found == nil:
		j.create(it)
	case j.order.Policy == PolicySkip:
		it.becomes(VerdictSkipped, found.ID, it.warnings...)
		j.book.spoken[found.ID] = true
	default:
		j.update(it, found)
	}
}

// same tells whether a row would change nothing of a contact.
func (j *judge) same(it *item, c *Record) bool {
	_, changes, err := j.changed(it, c)
	return err == nil && len(changes) == 0
}

// changed applies a row to a copy of a contact.
func (j *judge) changed(it *item, found *Record) (*Record, Changes, error) {
	c := it.changeTo(found, j.order.Policy == PolicyFill)
	if it.unchanging(c, found) {
		return found, Changes{}, nil
	}
	after := *found
	after.Answers = found.Answers.Clone()
	if err := c.apply(&after, j.fields, j.site.Country, j.today); err != nil {
		return nil, nil, err
	}
	return &after, diff(found, &after), nil
}

// otherKind says why a row cannot be about a contact. A row that names only a company may be about a
// person when the file does not say otherwise, but would have made an organization.
func otherKind(it *item, found *Record) *ImportProblem {
	if it.kind == found.Kind {
		return nil
	}
	c := it.change
	if it.kind == KindPerson && !it.kindGiven && c.FirstName == nil && c.LastName == nil && c.Title == nil && c.Company == nil && c.BirthDate == nil {
		return nil // only an address: it fits either
	}
	code := emailOfOtherKind
	if it.own == found.ID || it.record.EmailKey != found.EmailKey || found.EmailKey == "" {
		code = rowOfOtherKind
	}
	return &ImportProblem{Code: code, Names: []string{shortened(found.DisplayName()), string(found.Kind)}, Numbers: []int64{found.Number}}
}

// create has a row make a contact.
func (j *judge) create(it *item) {
	r := *it.record
	r.Listed = listedAtFirst(j.site)
	r.ID, r.CreatedAt, r.UpdatedAt = uuid.Must(uuid.NewV7()), j.now, j.now
	if problem := j.taken(it, &r); problem != nil {
		it.refused(*problem)
		return
	}
	it.becomes(VerdictCreated, r.ID)
	it.unborn = j.order.DryRun
	changes := diff(&Record{}, &r)
	j.enlist(it, &r, changes)
	it.undo = nil // a revert moves the whole contact to the trash
	j.out.created = append(j.out.created, &r)
	it.entry = j.enter(&r, created, changes)
	j.book.add(&r)
	j.book.inBatch[r.ID] = &r
	j.finish(it)
}

// update has a row change the contact that it is about.
func (j *judge) update(it *item, found *Record) {
	problem := otherKind(it, found)
	if problem == nil {
		problem = j.taken(it, found)
	}
	if problem != nil {
		it.refused(*problem)
		return
	}
	after, changes, err := j.changed(it, found)
	if err != nil {
		it.refused(it.explain(err)...)
		return
	}
	it.becomes(VerdictUnchanged, found.ID)
	it.unborn = j.order.DryRun && found.Number == 0
	if _, moved := changes["iban"]; moved {
		it.undo = &undo{IBAN: &[2]string{found.IBAN, after.IBAN}}
	}
	j.enlist(it, found, changes)
	if len(changes) > 0 {
		it.verdict = VerdictUpdated
		it.entry = j.enter(found, updated, changes)
		j.put(found, after)
	}
	j.finish(it)
}

// finish records the consent that a row tells of, and its warnings.
func (j *judge) finish(it *item) {
	j.book.spoken[it.contact] = true
	j.agree(it, j.book, &j.out, j.now)
	it.told = it.warnings
}

// put brings the book's copy of a contact to what it becomes.
func (j *judge) put(found, after *Record) {
	before := *found
	*found = *after
	found.UpdatedAt = j.now
	j.book.move(&before, found)
	if found.Kind == KindOrganization && !sameAddress(&before, found) {
		j.out.moved = append(j.out.moved, found)
	}
	// A contact that this batch made is inserted as it ends up.
	if j.book.inBatch[found.ID] == nil {
		j.book.inBatch[found.ID] = found
		j.out.updated = append(j.out.updated, found)
	}
}

// taken says which reference of a row another contact has.
func (j *judge) taken(it *item, r *Record) *ImportProblem {
	for _, ref := range it.more.refs {
		if holder, held := j.book.holders[ref]; held && holder != r.ID {
			p := &ImportProblem{Code: referenceTakenHere, Value: shortened(ref.ExternalID), Names: []string{shortened(ref.Source)}}
			if other := j.book.byID[holder]; other != nil && other.Number > 0 {
				p.Code, p.Numbers = referenceTaken, []int64{other.Number}
			}
			return p
		}
	}
	return nil
}

// enlist puts a contact into groups, gives it labels and references, with what it had and has in its
// history.
func (j *judge) enlist(it *item, r *Record, changes Changes) {
	j.join(it, r, changes)
	j.label(it, r, changes)
	j.refer(it, r, changes)
}

// undoing gives the row's note of what a revert needs.
func (it *item) undoing() *undo {
	if it.undo == nil {
		it.undo = &undo{}
	}
	return it.undo
}

func (j *judge) join(it *item, r *Record, changes Changes) {
	have := j.book.groups[r.ID]
	missing := slices.DeleteFunc(slices.Clone(it.joins), func(g *Group) bool { return hasGroup(have, g) })
	for _, g := range missing {
		it.undoing().Joined = append(it.undo.Joined, g.ID)
	}
	j.book.groups[r.ID] = j.out.join(r, have, missing, changes)
}

// label gives labels. One of an exclusive set takes the place of the one that the contact has of it,
// unless only what is empty is filled.
func (j *judge) label(it *item, r *Record, changes Changes) {
	have := j.book.labels[r.ID]
	after := slices.Clone(have)
	for _, given := range it.more.labels {
		l := given.offered
		if !l.fits(r.Kind) {
			it.warn(ImportProblem{Code: labelOfOtherKind, Column: given.header, Names: []string{l.SetName}})
			continue
		}
		at := slices.IndexFunc(after, func(h *offered) bool { return h.ID == l.ID || l.Exclusive && h.SetID == l.SetID })
		switch {
		case at >= 0 && after[at].ID == l.ID:
			continue
		case at >= 0 && (j.order.Policy == PolicyFill || !hasLabel(have, after[at])):
			if j.order.Policy != PolicyFill {
				it.warn(ImportProblem{Code: oneLabel, Column: given.header, Value: shortened(l.Name), Names: []string{l.SetName}})
			}
			continue
		case at >= 0:
			after = slices.Delete(after, at, at+1)
		}
		after = append(after, l)
	}
	var t relabelling
	slices.SortFunc(after, byPlace)
	if len(it.more.labels) == 0 || !t.plan(r, have, after) {
		return
	}
	changes["labels"] = Delta{Before: labelNames(have), After: labelNames(after)}
	for _, h := range t.gone {
		it.undoing().Unlabelled = append(it.undo.Unlabelled, h.LabelID)
	}
	for _, h := range t.come {
		it.undoing().Labelled = append(it.undo.Labelled, h.LabelID)
	}
	j.out.relabel(t)
	j.book.labels[r.ID] = after
}

// relabel gathers labels over the rows of a batch: one that an earlier row gave and a later one takes
// away is not written at all.
func (o *outcome) relabel(t relabelling) {
	for _, gone := range t.gone {
		at := slices.IndexFunc(o.labels, func(h holding) bool { return h.ContactID == gone.ContactID && h.LabelID == gone.LabelID })
		if at >= 0 {
			o.labels = slices.Delete(o.labels, at, at+1)
		} else {
			o.unlabelled = append(o.unlabelled, gone)
		}
	}
	o.labels = append(o.labels, t.come...)
}

func (j *judge) refer(it *item, r *Record, changes Changes) {
	have := j.book.references[r.ID]
	after := slices.Clone(have)
	for _, ref := range it.more.refs {
		switch {
		case slices.Contains(after, ref):
		case len(after) == MaxReferences:
			it.warn(ImportProblem{Code: tooManyReferences, Value: shortened(ref.ExternalID), Names: []string{shortened(ref.Source)}, Count: MaxReferences})
		default:
			after = append(after, ref)
			j.book.holders[ref] = r.ID
			j.out.references = append(j.out.references, referenceRow{SiteID: r.SiteID, ContactID: r.ID, Source: ref.Source, ExternalID: ref.ExternalID, Living: true})
			it.undoing().Referred = append(it.undo.Referred, ref)
		}
	}
	if len(after) > len(have) {
		slices.SortFunc(after, compareReferences)
		changes["references"] = Delta{Before: have, After: after}
		j.book.references[r.ID] = after
	}
}

// enter writes a line of the contact's history.
func (j *judge) enter(r *Record, action Action, changes Changes) *Entry {
	j.known.nameOptions(changes)
	return j.out.enter(j.by, r, action, changes, j.now)
}
