package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// work is one operation that is asked again and again, and the SQL of the same meaning.
type work struct {
	name      string
	query     string
	variables func(i int, rnd *rand.Rand) map[string]any
	sql       []string // scripts for pgbench, which takes one of them at random
	// before, if any, makes ready what is asked, and gives a line of its own for it.
	before func(context.Context) (row, error)
}

// beginnings are what people type first of names that the made-up book has.
var beginnings = []string{"han", "dub", "ols", "lar", "mar", "ber", "joh", "smi", "mor", "wil", "sol", "lef"}

func (s *server) works() []work {
	site := "'" + s.site + "'"
	suggest := make([]string, len(beginnings))
	for i, b := range beginnings {
		suggest[i] = fmt.Sprintf("SELECT id, number, first_name, last_name, name, postcode, country FROM contact WHERE site_id = %s AND n_last >= '%s' AND n_last < '%s~' AND deleted_at IS NULL ORDER BY n_last, n_first, id LIMIT 10;", site, b, b)
	}
	works := []work{
		{
			name: "first page of 50, all custom fields and groups",
			query: `{ contacts(first: 50) { nodes { id number kind displayName email phone mobile language color createdAt address { lines postcode city country }
				groups { id name } answers { field { id label } display } } pageInfo { hasNextPage endCursor } } }`,
			sql: []string{`SELECT c.id, number, kind, first_name, last_name, name, email, phone, mobile, language, color, created_at, address_lines, postcode, city, country, answers,
				(SELECT json_agg(json_build_object('id', g.id, 'name', g.name)) FROM contact_group_member m JOIN contact_group g ON g.site_id = m.site_id AND g.id = m.group_id WHERE m.site_id = c.site_id AND m.contact_id = c.id) AS groups
				FROM contact c WHERE site_id = ` + site + ` AND deleted_at IS NULL AND listed AND (valid_until IS NULL OR valid_until >= current_date) ORDER BY n_last, n_first, c.id LIMIT 51;`},
		},
		{
			name:  "suggestions while typing a name",
			query: `query($t: String!) { contactSuggestions(text: $t) { id number displayName address { postcode country } } }`,
			variables: func(_ int, rnd *rand.Rand) map[string]any {
				return map[string]any{"t": beginnings[rnd.IntN(len(beginnings))]}
			},
			sql: suggest,
		},
		{
			name:  "`*pont`, first page of 20",
			query: `{ contacts(search: "*pont", first: 20, includeUnlisted: true) { nodes { id displayName email address { city } } pageInfo { hasNextPage } } }`,
			sql: []string{`SELECT c.* FROM name_term t CROSS JOIN LATERAL (SELECT id, first_name, last_name, name, email, city, n_last, n_first FROM contact WHERE site_id = t.site_id AND n_last >= t.term AND n_last < t.term || '0' AND deleted_at IS NULL ORDER BY n_last, n_first, id LIMIT 21) c
				WHERE t.site_id = ` + site + ` AND t.term LIKE '%pont' ORDER BY c.n_last, c.n_first, c.id LIMIT 21;`},
		},
		{
			name:  "one changed field, the feed on",
			query: `mutation($i: ID!, $n: String!) { updateContact(input: {id: $i, note: $n}) { contact { id } errors { code } } }`,
			variables: func(i int, rnd *rand.Rand) map[string]any {
				return map[string]any{"i": s.ids[rnd.IntN(len(s.ids))], "n": fmt.Sprintf("note %d %d", i, rnd.Uint32())}
			},
			sql: []string{s.changeSQL()},
		},
	}
	return append(works, s.counting())
}

// changeSQL is a changed note and its history, of any contact.
func (s *server) changeSQL() string {
	site := "'" + s.site + "'"
	return "\\set i random(1, " + fmt.Sprint(len(s.ids)) + ")\nBEGIN;\n" +
		"SELECT id AS contact FROM contact WHERE site_id = " + site + " AND number = :i FOR UPDATE \\gset\n" +
		"UPDATE contact SET note = 'note ' || random(), updated_at = now() WHERE site_id = " + site + " AND id = :contact;\n" +
		"INSERT INTO contact_history (site_id, id, contact_id, actor_kind, surface, action, changes) VALUES (" + site + ", gen_random_uuid(), :contact, 'system', 'seed', 'updated', '{\"note\": {\"before\": \"\", \"after\": \"x\"}}');\nCOMMIT;"
}

// countedRule is a rule that is counted, and its SQL.
type countedRule struct {
	filter map[string]any
	sql    string
}

// counting counts rules of four leaves: a group, an answer, a range of birth dates, and no consent.
func (s *server) counting() work {
	w := work{
		name:   "count of a rule of four leaves",
		before: s.readIndex,
		query:  `query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }`,
		variables: func(_ int, rnd *rand.Rand) map[string]any {
			return map[string]any{"f": s.rules[rnd.IntN(len(s.rules))].filter}
		},
	}
	for _, r := range s.rules[:min(8, len(s.rules))] {
		w.sql = append(w.sql, r.sql)
	}
	return w
}

// measured is what a closed loop of connections reached.
type measured struct {
	rate float64         // answers a second
	took []time.Duration // by an answer, in order
}

// at gives what so many of a hundred answers took at most.
func (m measured) at(percent int) time.Duration { return m.took[len(m.took)*percent/100] }

// load asks from all connections at once, one question after the other; each connection has its own chance.
func (s *server) load(ctx context.Context, w work, o options, random []*rand.Rand) (measured, error) {
	return repeat(ctx, o, func(ctx context.Context, c, i int) error {
		var v map[string]any
		if w.variables != nil {
			v = w.variables(c*1_000_000+i, random[c])
		}
		_, err := s.ask(ctx, w.query, v)
		return err
	})
}

// repeat does something from all connections at once, each again and again; the first second does not count.
func repeat(ctx context.Context, o options, do func(ctx context.Context, conn, i int) error) (measured, error) {
	from := time.Now().Add(time.Second)
	until := from.Add(o.duration)
	took := make([][]time.Duration, o.conns)
	failed := make([]error, o.conns)
	var wg sync.WaitGroup
	for c := range o.conns {
		wg.Go(func() {
			for i := 0; ; i++ {
				began := time.Now()
				if began.After(until) {
					return
				}
				if err := do(ctx, c, i); err != nil {
					failed[c] = err
					return
				}
				if began.After(from) {
					took[c] = append(took[c], time.Since(began))
				}
			}
		})
	}
	wg.Wait()
	all := slices.Concat(took...)
	if err := errors.Join(failed...); err != nil {
		return measured{}, err
	}
	if len(all) == 0 {
		return measured{}, errors.New("no answer in the time")
	}
	slices.Sort(all)
	return measured{rate: float64(len(all)) / time.Since(from).Seconds(), took: all}, nil
}

// findPgbench looks on the path and where Debian keeps it; empty when there is none.
func findPgbench() string {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}

var progress = regexp.MustCompile(`progress: [0-9.]+ s, ([0-9.]+) tps`)

// pgbench runs the same as prepared statements over the same socket and number of connections; the first second,
// in which each connection reads the catalogue and plans, does not count.
func (s *server) pgbench(ctx context.Context, program string, w work, o options) (float64, error) {
	args := []string{"-h", s.socket, "-p", "5432", "-U", "carnet", "-n", "-M", "prepared", "-P", "1", "-c", strconv.Itoa(o.conns), "-j", "2", "-T", strconv.Itoa(1 + max(int(o.duration.Seconds()), 1))}
	for i, script := range w.sql {
		path := filepath.Join(s.dir, fmt.Sprintf("work%d.sql", i))
		// A script's statement is one line when it has no command of pgbench's own.
		if !strings.Contains(script, "\\set") {
			script = strings.Join(strings.Fields(script), " ")
		}
		if err := os.WriteFile(path, []byte(script+"\n"), 0o644); err != nil {
			return 0, err
		}
		args = append(args, "-f", path)
	}
	out, err := exec.CommandContext(ctx, program, append(args, "carnet")...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	seconds := progress.FindAllSubmatch(out, -1)
	if len(seconds) < 2 {
		return 0, fmt.Errorf("no rates in %s", out)
	}
	sum := 0.0
	for _, second := range seconds[1:] {
		rate, err := strconv.ParseFloat(string(second[1]), 64)
		if err != nil {
			return 0, err
		}
		sum += rate
	}
	return sum / float64(len(seconds)-1), nil
}
