package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/account"
	"carnet/internal/db"
	"carnet/internal/fold"
	"carnet/internal/site"
)

// once reads what was written of contacts that had it: ?0 the site, ?1 the contacts.
const once = `SELECT DISTINCT lower(m[1]) FROM contact_history h CROSS JOIN LATERAL regexp_matches(h.changes::text, ?2, 'g') AS m WHERE h.site_id = ?0 AND h.contact_id = ANY (?1::uuid[])`

// Name adds to of what the book knows the person by: addresses, numbers, and those that they had once. What another contact has too names nobody, but for the
// contact's own addresses.
func (e *Erasing) Name(ctx context.Context, tx bun.IDB, of *account.Erased) error {
	of.Contacts = e.IDs()
	var own, former, ways []string
	for _, r := range e.Rows {
		ways = append(ways, r.Reach...)
		if r.EmailKey != "" {
			own = append(own, r.EmailKey)
		}
		for _, o := range r.OtherEmails {
			own = append(own, site.EmailKey(o.Value))
		}
		for _, v := range []string{r.IBAN, r.AdministrativeNumber} {
			if len(v) >= 6 {
				of.Marks = append(of.Marks, v)
			}
		}
	}
	own = append(own, of.Emails...) // of accounts
	for _, pattern := range []string{`([^"\s<>:,;()\\]+@[^"\s<>:,;()\\@]+)`, `(\+[1-9][0-9]{6,14})`} {
		var found []string
		if err := tx.NewRaw(once, of.SiteID, db.IDs(of.Contacts), pattern).Scan(ctx, &found); err != nil && !db.NoRows(err) {
			return db.MapError(err, "read former addresses")
		}
		former = append(former, found...)
	}
	var shared []string
	err := tx.NewRaw(`SELECT DISTINCT w FROM contact c CROSS JOIN LATERAL unnest(c.reach) AS w WHERE c.site_id = ?0 AND c.reach && ?1::text[] AND c.id <> ALL (?2::uuid[]) AND c.merged_into IS NULL
		UNION SELECT email_key FROM account WHERE site_id = ?0 AND email_key = ANY (?1::text[]) AND contact_id <> ALL (?2::uuid[])`,
		of.SiteID, db.Texts(slices.Concat(own, former, ways)), db.IDs(of.Contacts)).Scan(ctx, &shared)
	if err != nil && !db.NoRows(err) {
		return db.MapError(err, "read who shares addresses")
	}
	others := func(w string) bool { return w == "" || slices.Contains(shared, w) }
	alone := slices.DeleteFunc(slices.Concat(own, former, ways), others)
	of.Marks = sorted(append(of.Marks, alone...))
	of.Emails = sorted(append(own, slices.DeleteFunc(former, others)...))
	return e.readNames(ctx, tx, of)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}

// wholeNames are those that somebody had and nobody else in the book has: ?0 the site, ?1 first names and ?2 surnames, of which any two may belong together, ?3 the contacts.
const wholeNames = `SELECT f || ' ' || l AS name, l || ' ' || f AS turned FROM unnest(?1::text[]) AS f CROSS JOIN unnest(?2::text[]) AS l
	WHERE length(f) + length(l) >= 7 AND NOT EXISTS (SELECT FROM contact c WHERE c.site_id = ?0 AND c.last_name ILIKE l AND c.first_name ILIKE f AND c.id <> ALL (?3::uuid[]) AND c.merged_into IS NULL)`

// readNames reads the names that there are and were: whole ones that name nobody else are marks, their words leave the vocabulary of searches.
func (e *Erasing) readNames(ctx context.Context, tx bun.IDB, of *account.Erased) error {
	var was []struct{ What, Name string }
	err := tx.NewRaw(`SELECT DISTINCT a AS what, v AS name FROM contact_history h CROSS JOIN LATERAL unnest(ARRAY['lastName', 'firstName', 'company', 'name']) AS a
		CROSS JOIN LATERAL (VALUES (h.changes -> a ->> 'before'), (h.changes -> a ->> 'after')) AS x (v) WHERE h.site_id = ?0 AND h.contact_id = ANY (?1::uuid[]) AND v <> ''`,
		of.SiteID, db.IDs(of.Contacts)).Scan(ctx, &was)
	if err != nil {
		return db.MapError(err, "read former names")
	}
	var firsts, lasts []string
	for _, r := range e.Rows {
		e.words = append(e.words, r.NLast, r.NFirst, r.NCompany)
		firsts, lasts = append(firsts, r.FirstName), append(lasts, r.LastName)
	}
	for _, one := range was {
		e.words = append(e.words, fold.Text(one.Name))
		switch one.What {
		case "firstName":
			firsts = append(firsts, one.Name)
		case "lastName":
			lasts = append(lasts, one.Name)
		}
	}
	firsts, lasts = sorted(firsts), sorted(lasts)
	var own []struct{ Name, Turned string }
	if err := tx.NewRaw(wholeNames, of.SiteID, db.Texts(firsts), db.Texts(lasts), db.IDs(of.Contacts)).Scan(ctx, &own); err != nil {
		return db.MapError(err, "read who shares names")
	}
	for _, n := range own {
		if !strings.Contains(n.Name, "•••") {
			of.Marks = append(of.Marks, n.Name, n.Turned)
		}
	}
	return nil
}

// Mentioning are contacts in whose notes or remark a name stands: text that staff wrote, and look at themselves; at most 20.
func Mentioning(ctx context.Context, q bun.IDB, siteID uuid.UUID, of []*Record) ([]uuid.UUID, error) {
	var names []string
	for _, r := range of {
		for _, n := range []string{r.Name, r.FirstName + " " + r.LastName, r.LastName + " " + r.FirstName} {
			if len(n) >= 6 && r.FirstName != "" || n != "" && n == r.Name {
				names = append(names, n)
			}
		}
	}
	ids := []uuid.UUID{}
	if len(names) == 0 {
		return ids, nil
	}
	found := account.Erased{Marks: names}
	err := q.NewRaw(`SELECT DISTINCT id FROM (SELECT contact_id AS id FROM contact_note WHERE site_id = ?0 AND text ~* ?1 UNION ALL SELECT id FROM contact WHERE site_id = ?0 AND note ~* ?1 AND deleted_at IS NULL) AS hits
		WHERE id <> ALL (?2::uuid[]) ORDER BY id LIMIT 20`, siteID, found.Pattern(), db.IDs((&Erasing{Rows: of}).IDs())).Scan(ctx, &ids)
	if db.NoRows(err) {
		err = nil
	}
	return ids, db.MapError(err, "look for mentions")
}
