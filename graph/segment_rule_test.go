package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"carnet/internal/app/apptest"
	"carnet/internal/site"
)

// Every leaf of the rule finds what it says, and its negation all the others.
func TestRuleLeaves(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	drop := newField(t, s, vars{"type": "DROPDOWN", "label": "Diet", "choices": choiceList(3), "multiple": "UNLIMITED"})
	one := newField(t, s, vars{"type": "DROPDOWN", "label": "Level", "choices": choiceList(2)})
	yes := newField(t, s, vars{"type": "YES_NO", "label": "Vip"})
	box := newField(t, s, vars{"type": "CHECKBOX", "label": "Rules"})
	free := newField(t, s, vars{"type": "TEXT", "label": "Song"})
	seats, since := newField(t, s, vars{"type": "NUMBER", "label": "Seats"}), newField(t, s, vars{"type": "DATE", "label": "Since"})
	call, from := newField(t, s, vars{"type": "PHONE", "label": "Emergency"}), newField(t, s, vars{"type": "COUNTRY", "label": "From"})
	var g struct {
		CreateGroup struct{ Group struct{ ID string } }
	}
	p.Must(t, s.As(site.Manager), `mutation { createGroup(input: {name: "Choir"}) { group { id } errors { code } } }`, nil, &g)
	group := g.CreateGroup.Group.ID
	a, b := s.NewPerson(t, "Åse", "Øverås"), s.NewPerson(t, "Bernard", "Lefèvre")
	var o struct {
		CreateOrganization struct{ Organization struct{ ID string } }
	}
	p.Must(t, s.As(site.Operator), `mutation { createOrganization(input: {name: "Øverås IL", organizationKind: CLUB, recognised: true}) { organization { id } errors { code } } }`, nil, &o)
	org := o.CreateOrganization.Organization.ID
	interest := set(t, s, createLabelSet, vars{"name": "Interest", "labels": labelItems("Song", "Chess")})
	song, chess := interest.label(t, "Song"), interest.label(t, "Chess")
	update(t, s, vars{"id": org, "labelIds": []string{chess}})
	update(t, s, vars{"id": a, "groupIds": []string{group}, "labelIds": []string{song, chess}, "color": "#112233", "birthDate": "1990-02-28", "mobile": "412 34 567", "company": "Fjørd & Co",
		"address": vars{"city": "Ålesund", "postcode": "6003", "country": "NO"}, "answers": []vars{
			{"fieldId": drop.ID, "choiceIds": []string{drop.Choices[0].ID, drop.Choices[1].ID}}, {"fieldId": one.ID, "choiceIds": []string{one.Choices[0].ID}},
			{"fieldId": yes.ID, "yesNo": true}, {"fieldId": box.ID, "checked": true}, {"fieldId": free.ID, "text": "Ja, vi elsker"},
			{"fieldId": seats.ID, "number": 9}, {"fieldId": since.ID, "date": "2026-02-28"}, {"fieldId": call.ID, "text": "22 33 44 55"}, {"fieldId": from.ID, "text": "NO"}}})
	var numbered struct{ Contact struct{ Number int } }
	p.Must(t, s.As(site.Viewer), `query($i: ID!) { contact(id: $i) { number } }`, vars{"i": b}, &numbered)
	update(t, s, vars{"id": org, "phone": "22 12 34 56", "otherEmails": []vars{{"label": "shop", "value": "Kiosk@Overas.no"}}, "otherPhones": []vars{{"label": "fax", "value": "+33 1 42 68 53 00"}}})
	birthday := func(years, days int) string { return time.Now().UTC().AddDate(-years, 0, days).Format(time.DateOnly) }
	update(t, s, vars{"id": b, "birthDate": birthday(80, -3), "email": "Bernard@Example.fr", "language": "fr-BE", "answers": []vars{{"fieldId": seats.ID, "number": 10.5}, {"fieldId": since.ID, "date": time.Now().UTC().Format(time.DateOnly)}, {"fieldId": yes.ID, "yesNo": false}, {"fieldId": drop.ID, "choiceIds": []string{drop.Choices[1].ID}}}})

	sold := sells(t, s)
	order(t, s, b, "shop", sold.child)
	exec(t, s, "INSERT INTO membership (site_id, id, contact_id, plan_id, starts_on, ends_on) VALUES ($1, gen_random_uuid(), $2, $3, current_date - 9, current_date + 9)", s.ID, a, sold.plan)
	exec(t, s, "UPDATE event SET organizer_id = $2 WHERE site_id = $1", s.ID, org)
	sales := func(measure string, from, to any) vars {
		return vars{"sales": vars{"measure": measure, "from": from, "to": to}}
	}
	update(t, s, vars{"id": org, "validUntil": time.Now().UTC().AddDate(0, 0, 3).Format(time.DateOnly)})
	inMonth := func(month time.Month) (who []string) { // the birthdays of both persons
		if month == time.February {
			who = append(who, a)
		}
		if time.Now().UTC().AddDate(0, 0, -3).Month() == month {
			who = append(who, b)
		}
		return who
	}

	text := func(column, op, value string) vars {
		leaf := vars{"column": column, "op": op}
		if op != "EMPTY" {
			leaf["value"] = value
		}
		return vars{"text": leaf}
	}
	field := func(id string, test vars) vars { test["id"] = id; return vars{"field": test} }
	for i, c := range []struct {
		rule vars
		want []string
	}{
		{vars{"kind": "ORGANIZATION"}, []string{org}},
		{vars{"status": "USER"}, nil},
		{vars{"status": "PROSPECT"}, []string{a, org}}, // G-27
		{vars{"status": "CUSTOMER"}, []string{b}},
		{vars{"status": "SUBSCRIBER"}, []string{a}},
		{vars{"status": "ATTENDEE"}, []string{b}},
		{vars{"status": "ORGANIZER"}, []string{org}},
		{vars{"plan": sold.plan}, []string{a}}, // G-02
		{sales("ORDERS", 1, 1), []string{b}},
		{sales("ORDERS", 0, nil), []string{a, b, org}},
		{sales("SPENT", nil, 19999), []string{a, org}},
		{sales("TICKETS", 1, nil), []string{b}},
		{sales("PASSES", 0, 0), []string{a, b, org}},
		{sales("BOOKINGS", 1, 9), nil},
		{sales("ASSIDUITY", 0, 100), nil}, // nothing was due yet
		{vars{"channel": "shop"}, []string{b}},
		{vars{"channel": "phone"}, nil},
		{vars{"childProduct": true}, []string{b}},
		{vars{"childProduct": false}, []string{a, org}},
		{vars{"date": vars{"column": "FIRST_PURCHASE", "relative": vars{"last": 2, "unit": "DAY"}}}, []string{b}},
		{vars{"date": vars{"column": "LAST_PURCHASE", "to": "2020-01-01"}}, nil},
		{vars{"date": vars{"column": "SUBSCRIBED_UNTIL", "relative": vars{"next": 11, "unit": "DAY"}}}, []string{a}},
		{vars{"date": vars{"column": "SUBSCRIBED_UNTIL", "relative": vars{"next": 3, "unit": "DAY"}}}, nil},
		{vars{"group": group}, []string{a}},
		{vars{"label": song}, []string{a}},
		{vars{"label": chess}, []string{a, org}},
		{vars{"labelSet": vars{"id": interest.ID, "any": true}}, []string{a, org}},
		{vars{"labelSet": vars{"id": interest.ID, "any": false}}, []string{b}},
		{vars{"color": "#112233"}, []string{a}},
		{vars{"color": ""}, []string{b, org}},
		{text("FIRST_NAME", "EQUALS", "ase"), []string{a}},
		{text("LAST_NAME", "PREFIX", "ØV"), []string{a}},
		{text("NAME", "CONTAINS", "ras"), []string{org}},
		{text("LAST_NAME", "CONTAINS", "EFEV"), []string{b}},
		{text("COMPANY", "EQUALS", "fjord & co"), []string{a}},
		{text("EMAIL", "PREFIX", "bernard@"), []string{b}},
		{text("EMAIL", "EMPTY", ""), []string{a, org}},
		{text("MOBILE", "PREFIX", "+47 412"), []string{a}},
		{text("CITY", "EQUALS", "alesund"), []string{a}},
		{text("POSTCODE", "PREFIX", "60"), []string{a}},
		{text("COUNTRY", "EQUALS", "no"), []string{a}},
		{text("LANGUAGE", "PREFIX", "FR"), []string{b}},
		{text("LAST_NAME", "CONTAINS", "%"), nil},
		{vars{"date": vars{"column": "BIRTH_DATE", "from": "1990-02-28", "to": "1990-02-28"}}, []string{a}},
		{vars{"date": vars{"column": "BIRTH_DATE", "from": "1990-03-01"}}, nil},
		{vars{"date": vars{"column": "CREATED_AT", "from": "2020-01-01"}}, []string{a, b, org}},
		{vars{"date": vars{"column": "CREATED_AT", "to": "2020-01-01"}}, nil},
		{vars{"search": "lef*"}, []string{b}},
		{text("CITY", "MATCHES", "ÅLE"), []string{a}},
		{text("CITY", "MATCHES", "*sund"), []string{a}},
		{text("CITY", "MATCHES", "*sun"), nil},
		{text("POSTCODE", "MATCHES", "60*"), []string{a}},
		{vars{"number": numbered.Contact.Number}, []string{b}}, // S-67
		{vars{"number": 999999}, nil},
		{vars{"name": "ØVER"}, []string{a, org}}, // S-66
		{vars{"name": "*ras"}, []string{a, org}}, // a word of the name
		{vars{"name": "*ver*"}, []string{a, org}},
		{vars{"name": "overas, a"}, []string{a}},
		{vars{"name": "bernard lef"}, []string{b}},
		{vars{"name": "bernard@"}, nil}, // names alone
		{vars{"name": fmt.Sprint(numbered.Contact.Number)}, nil},
		{vars{"phone": "412 34"}, []string{a}}, // S-70
		{vars{"phone": "+47 41234567"}, []string{a}},
		{vars{"phone": "0047 22 12"}, []string{org}},
		{vars{"phone": "+33 (0)1 42 68 53 00"}, []string{org}}, // a further number, whole
		{vars{"phone": "+46 412 34"}, nil},                     // another country's
		{vars{"phone": "none"}, nil},
		{vars{"email": "BERNARD@ex"}, []string{b}}, // S-71
		{vars{"email": "*@example.fr"}, []string{b}},
		{vars{"email": "kiosk@overas.no"}, []string{org}},      // a further address, whole
		{vars{"age": vars{"from": 80, "to": 80}}, []string{b}}, // G-02
		{vars{"age": vars{"from": 81}}, nil},
		{vars{"age": vars{"to": 79}}, []string{a}},
		{vars{"age": vars{"to": 150}}, []string{a, b}}, // an organization has no age
		{vars{"birthday": vars{"next": 366}}, []string{a, b}},
		{vars{"birthday": vars{"month": int(time.Now().UTC().AddDate(0, 5, 0).Month())}}, inMonth(time.Now().UTC().AddDate(0, 5, 0).Month())},
		{vars{"birthday": vars{"month": 2}}, inMonth(time.February)},
		{vars{"date": vars{"column": "CREATED_AT", "relative": vars{"last": 1, "unit": "MONTH"}}}, []string{a, b, org}},
		{vars{"date": vars{"column": "BIRTH_DATE", "relative": vars{"last": 81, "unit": "YEAR"}}}, []string{a, b}},
		{vars{"date": vars{"column": "BIRTH_DATE", "relative": vars{"last": 79, "unit": "YEAR"}}}, []string{a}},
		{vars{"date": vars{"column": "UPDATED_AT", "relative": vars{"this": true, "unit": "WEEK"}}}, []string{a, b, org}},
		{vars{"date": vars{"column": "VALID_UNTIL", "relative": vars{"next": 7, "unit": "DAY"}}}, []string{org}},
		{vars{"date": vars{"column": "VALID_UNTIL", "relative": vars{"next": 1, "unit": "DAY"}}}, nil},
		{vars{"postcode": vars{"country": "NO", "from": "6003", "to": "6003"}}, []string{a}},
		{vars{"postcode": vars{"country": "NO", "from": "60"}}, []string{a}},
		{vars{"postcode": vars{"country": "NO", "to": "6002"}}, nil},
		{vars{"postcode": vars{"country": "FR", "from": "6003", "to": "6003"}}, nil},
		{vars{"account": true}, nil},
		{vars{"account": false}, []string{a, b, org}},
		{field(yes.ID, vars{"answered": true}), []string{a, b}},
		{field(yes.ID, vars{"yesNo": false}), []string{b}},
		{field(box.ID, vars{"checked": true}), []string{a}},
		{field(box.ID, vars{"checked": false}), []string{b, org}},
		{field(free.ID, vars{"text": vars{"op": "CONTAINS", "value": "VI elsk"}}), []string{a}},
		{field(free.ID, vars{"text": vars{"op": "EMPTY"}}), []string{b, org}},
		{field(seats.ID, vars{"number": vars{"from": 9}}), []string{a, b}}, // as numbers: as texts 9 comes after 10
		{field(seats.ID, vars{"number": vars{"from": 9.5}}), []string{b}},
		{field(seats.ID, vars{"number": vars{"from": -1, "to": 9}}), []string{a}},
		{field(seats.ID, vars{"number": vars{"to": 8.999}}), nil},
		{field(since.ID, vars{"date": vars{"from": "2026-02-28", "to": "2026-02-28"}}), []string{a}},
		{field(since.ID, vars{"date": vars{"to": "2026-02-27"}}), nil},
		{field(since.ID, vars{"date": vars{"relative": vars{"last": 2, "unit": "DAY"}}}), []string{b}},
		{field(call.ID, vars{"text": vars{"op": "PREFIX", "value": "+47 22 33"}}), []string{a}},
		{field(from.ID, vars{"text": vars{"op": "EQUALS", "value": "no"}}), []string{a}},
		{field(drop.ID, vars{"anyOf": []string{drop.Choices[0].ID, drop.Choices[1].ID}}), []string{a, b}},
		{field(drop.ID, vars{"allOf": []string{drop.Choices[0].ID, drop.Choices[1].ID}}), []string{a}},
		{field(drop.ID, vars{"noneOf": []string{drop.Choices[0].ID}}), []string{b, org}},
		{field(one.ID, vars{"anyOf": []string{one.Choices[0].ID}}), []string{a}},
		{vars{"all": []vars{{"kind": "PERSON"}, {"not": vars{"group": group}}}}, []string{b}},
		{vars{"any": []vars{{"group": group}, {"kind": "ORGANIZATION"}}}, []string{a, org}},
		{vars{"all": []vars{}}, []string{a, b, org}},
		{vars{"any": []vars{}}, nil},
	} {
		members := func(rule vars) []string {
			var out struct {
				Contacts struct {
					TotalCount int
					Nodes      []struct{ ID string }
				}
			}
			p.Must(t, s.As(site.Viewer), `query($f: ContactFilter!) { contacts(filter: $f) { totalCount nodes { id } } }`, vars{"f": rule}, &out)
			ids := []string{}
			for _, n := range out.Contacts.Nodes {
				ids = append(ids, n.ID)
			}
			require.Len(t, ids, out.Contacts.TotalCount)
			return ids
		}
		require.ElementsMatch(t, c.want, members(c.rule), "rule %d: %v", i, c.rule)
		rest := []string{}
		for _, id := range []string{a, b, org} {
			if !contains(c.want, id) {
				rest = append(rest, id)
			}
		}
		require.ElementsMatch(t, rest, members(vars{"not": c.rule}), "not rule %d: %v", i, c.rule)
	}
}

func contains(list []string, one string) bool {
	for _, v := range list {
		if v == one {
			return true
		}
	}
	return false
}

// A rule that is wrong is refused with the leaf that is.
func TestRulesAreRefused(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s := p.NewSite(t, "club")
	free := newField(t, s, vars{"type": "TEXT", "label": "Song"})
	seats, since := newField(t, s, vars{"type": "NUMBER", "label": "Seats"}), newField(t, s, vars{"type": "DATE", "label": "Since"})
	deep := vars{"kind": "PERSON"}
	for range 9 {
		deep = vars{"not": deep}
	}
	wide := []vars{}
	for range 201 {
		wide = append(wide, vars{"kind": "PERSON"})
	}
	const nobody = "00000000-0000-7000-8000-000000000000"
	for want, rule := range map[string]vars{
		"INVALID rule":       {},
		"INVALID rule.all.1": {"all": []vars{{"kind": "PERSON"}, {"kind": "PERSON", "search": "x"}}},
		"TOO_LONG rule.not.not.not.not.not.not.not.not": deep,
		"TOO_LONG rule.any.200":                         {"any": wide},
		"REQUIRED rule.text.value":                      {"text": vars{"column": "CITY", "op": "EQUALS"}},
		"WRONG_TYPE rule.text.value":                    {"text": vars{"column": "CITY", "op": "EMPTY", "value": "x"}},
		"REQUIRED rule.date.from":                       {"date": vars{"column": "BIRTH_DATE"}},
		"INVALID_DATE rule.date.to":                     {"date": vars{"column": "BIRTH_DATE", "from": "2000-01-02", "to": "2000-01-01"}},
		"UNKNOWN rule.group":                            {"group": nobody},
		"UNKNOWN rule.not.field.id":                     {"not": vars{"field": vars{"id": nobody, "answered": true}}},
		"INVALID rule.field":                            {"field": vars{"id": free.ID}},
		"WRONG_TYPE rule.field.yesNo":                   {"field": vars{"id": free.ID, "yesNo": true}},
		"WRONG_TYPE rule.field.number":                  {"field": vars{"id": free.ID, "number": vars{"from": 1}}},
		"WRONG_TYPE rule.field.date":                    {"field": vars{"id": seats.ID, "date": vars{"from": "2026-01-01"}}},
		"WRONG_TYPE rule.field.text":                    {"field": vars{"id": since.ID, "text": vars{"op": "EMPTY"}}},
		"REQUIRED rule.field.number.from":               {"field": vars{"id": seats.ID, "number": vars{}}},
		"INVALID_NUMBER rule.field.number.to":           {"field": vars{"id": seats.ID, "number": vars{"from": 2, "to": 1}}},
		"INVALID_NUMBER rule.field.number.from":         {"field": vars{"id": seats.ID, "number": vars{"from": 1e300}}},
		"INVALID_DATE rule.field.date.to":               {"field": vars{"id": since.ID, "date": vars{"from": "2026-01-02", "to": "2026-01-01"}}},
		"REQUIRED rule.name":                            {"name": " "},
		"TOO_LONG rule.phone":                           {"phone": strings.Repeat("1", 201)},
		"REQUIRED rule.age.from":                        {"age": vars{}},
		"UNKNOWN rule.plan":                             {"plan": nobody},
		"REQUIRED rule.sales.from":                      {"sales": vars{"measure": "SPENT"}},
		"INVALID rule.sales.from":                       {"sales": vars{"measure": "SPENT", "from": -1}},
		"INVALID rule.sales.to":                         {"sales": vars{"measure": "ORDERS", "from": 3, "to": 2}},
		"REQUIRED rule.channel":                         {"channel": ""},
		"INVALID rule.age.from":                         {"age": vars{"from": 151}},
		"INVALID rule.not.age.to":                       {"not": vars{"age": vars{"from": 30, "to": 20}}},
		"INVALID rule.all.0.date.relative.last":         {"all": []vars{{"date": vars{"column": "CREATED_AT", "relative": vars{"last": 1_000_000, "unit": "DAY"}}}}},
		"INVALID rule.date.relative.next":               {"date": vars{"column": "VALID_UNTIL", "relative": vars{"next": 101, "unit": "YEAR"}}},
		"INVALID rule.not.date.relative.last":           {"not": vars{"date": vars{"column": "CREATED_AT", "relative": vars{"last": 0, "unit": "WEEK"}}}},
		"INVALID rule.date.relative.this":               {"date": vars{"column": "CREATED_AT", "relative": vars{"this": false, "unit": "DAY"}}},
		"INVALID rule.date.relative":                    {"date": vars{"column": "CREATED_AT", "relative": vars{"this": true, "last": 3, "unit": "DAY"}}},
		"INVALID rule.any.0.date.relative":              {"any": []vars{{"date": vars{"column": "CREATED_AT", "from": "2026-01-01", "relative": vars{"last": 3, "unit": "DAY"}}}}},
		"INVALID rule.birthday":                         {"birthday": vars{}},
		"INVALID rule.birthday.next":                    {"birthday": vars{"next": 367}},
		"INVALID rule.birthday.month":                   {"birthday": vars{"month": 13}},
		"INVALID rule.postcode.country":                 {"postcode": vars{"country": "Norway", "from": "1"}},
		"REQUIRED rule.postcode.from":                   {"postcode": vars{"country": "NO"}},
		"INVALID rule.postcode.to":                      {"postcode": vars{"country": "NO", "from": "2000", "to": "1999"}},
	} {
		at := p.Payload(t, s.As(site.Manager), `mutation($r: ContactFilter!) { createSegment(input: {name: "S", rule: $r}) { segment { id } errors { code message path } } }`, vars{"r": rule}, nil)
		require.Equal(t, []string{want}, at, fmt.Sprint(rule))
	}
}
