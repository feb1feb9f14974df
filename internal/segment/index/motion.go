package index

// motion is what a change did to one contact, as far as followed queries have to know.
type motion struct {
	changed reads
	lost    []*value // guards that it had
	numbers []formerNumber
}

// formerNumber is a number that a contact had.
type formerNumber struct {
	of *slice
	v  int64
}

// reads is a set of attributes and numbers, of which some share a place: who changed nothing that a query reads did not
// move in or out of it.
type reads uint64

// allReads is what somebody changes who comes or goes.
const allReads = ^reads(0)

// motions are what a change did, by contact. Nothing is noted while no query is followed.
type motions struct {
	following bool
	of        map[uint32]*motion
	last      *motion // and whose, since a row changes many things of one contact
	lastOf    uint32
	places    int // that have been given to attributes and numbers
	look      look
}

// look is one look at one contact: what it has of the values that queries share is read once.
type look uint64

// place gives an attribute or a number its place.
func (m *motions) place() reads {
	m.places++
	return 1 << (m.places % 64)
}

func (m *motions) begin() {
	m.last = nil
	if len(m.of) > 0 || m.of == nil {
		m.of = map[uint32]*motion{}
	}
}

func (m *motions) note(o uint32, changed reads) {
	if m.following {
		m.at(o).changed |= changed
	}
}

// lose notes a guard that a contact had.
func (m *motions) lose(o uint32, v *value) {
	if m.following && len(v.guarding) > 0 {
		m.at(o).lost = append(m.at(o).lost, v)
	}
}

// pass notes a number that a contact had.
func (m *motions) pass(o uint32, s *slice, v int64) {
	if m.following && s.guarding.used > 0 {
		m.at(o).numbers = append(m.at(o).numbers, formerNumber{s, v})
	}
}

func (m *motions) at(o uint32) *motion {
	if m.last == nil || m.lastOf != o {
		if m.lastOf, m.last = o, m.of[o]; m.last == nil {
			m.last = &motion{}
			m.of[o] = m.last
		}
	}
	return m.last
}
