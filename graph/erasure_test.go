package graph_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"carnet/internal/app"
	"carnet/internal/app/apptest"
	"carnet/internal/message/mailtest"
	"carnet/internal/site"
)

// What there is of one person, each by a word that stands nowhere else.
var marked = []string{
	"Zerkalina", "Vostrikovna", "Oldmarkname", "Zweitname", "zerkalina.q7x@marker.example", "former-q7x@marker.example", "other-q7x@marker.example", "twin-q7x@marker.example", "work-q7x@marker.example",
	"4799887711", "4799887722", "4799887733", "Markerveien", "Qvaxheim", "qzxremark", "qzxnote", "qzxanswer", "9386011117947", "QZX998877", "QZXREF", "QzxAgent", "qzxprovider", "qzxlink", "qzxconsent",
	"qzxplease", "qzxfrozen", "qzxreason", "qzxbounce", "qzxinbox", "qzxhook", "qzxjob", "qzxbirth", "Qzxcompany", "1971-03-17",
}

// Issue 7: a person who is in every part of the program is erased, and found nowhere: in no table, statistic, index, log or file of the database. Books, dashboard and counts
// are what they were, and whoever else was near keeps what is theirs.
func TestErasedPersonIsFoundNowhere(t *testing.T) {
	t.Parallel()
	log, office := new(programLog), mailtest.Start(t)
	p := apptest.StartWith(t, func(cfg *app.Config) {
		cfg.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		cfg.SMTP, cfg.MailFrom = "smtp://"+office.Address, "Carnet <no-reply@carnet.example>"
	})
	s := p.NewSite(t, "club")
	withShop(t, s)
	staff, manager := s.SignIn(t, site.Operator), s.SignIn(t, site.Manager)
	zer := fillPerson(t, s, office, staff, manager)
	missing := []string{}
	for _, m := range marked {
		if len(foundIn(t, s, []string{m})) == 0 {
			missing = append(missing, m)
		}
	}
	require.Empty(t, missing, "the test has something to look for")
	zer.other = s.NewPerson(t, "Bystander", "Kept")
	before := booksOf(t, s, manager)

	plan := planErasure(t, s, zer.id)
	require.Empty(t, plan.Hindrances)
	require.True(t, plan.Account)
	require.Equal(t, 1, plan.Merged)
	require.Empty(t, plan.Mentions, "where she is named, nobody else is meant")
	require.Equal(t, 1, plan.Stays.Orders)
	require.Equal(t, 1, plan.Stays.Tickets)
	require.NotEmpty(t, foundIn(t, s, []string{"qzxremark"}), "it was only tried")

	proof := erase(t, s, manager, zer.twin) // by the id that it had before it was merged
	require.Equal(t, zer.id, proof.Contact.ID)
	require.NotNil(t, proof.RequestID)
	require.Equal(t, 2, proof.Records)
	require.Equal(t, 1, proof.Accounts)
	did, planned := map[string]int{}, map[string]int{}
	for _, d := range proof.Deeds {
		did[d.Table] = d.Deleted + d.Emptied
	}
	for _, d := range plan.Deeds {
		planned[d.Table] = d.Deleted + d.Emptied
	}
	for table, n := range planned {
		require.InDelta(t, n, did[table], 3, "%s: planned and done", table) // what answers the request comes on top
	}

	// Who asked is told, and the mail that tells them is not kept.
	require.Eventually(t, func() bool {
		return len(office.Mails("zerkalina.q7x@marker.example")) > 0 && !anyMail(t, s, "erasure_done")
	}, 30*time.Second, 20*time.Millisecond)
	tidied(t, s) // the statistics are made anew by themselves
	p.Caught(t)

	require.Empty(t, strings.Join(foundIn(t, s, marked), "\n"))
	for _, m := range marked {
		require.NotContains(t, strings.ToLower(log.String()), strings.ToLower(m))
	}
	if os.Getenv("CARNET_TEST_DATABASE_URL") == "" {
		_, err := p.DB.Pool.Exec(t.Context(), "VACUUM FULL")
		require.NoError(t, err)
		_, err = p.DB.Pool.Exec(t.Context(), "CHECKPOINT")
		require.NoError(t, err)
		found, read := inFiles(t, s, marked)
		require.Empty(t, found)
		require.Greater(t, read, 100)
		server, err := os.ReadFile(filepath.Join(clusterDir(t, s), "postgres.log"))
		require.NoError(t, err)
		for _, m := range marked {
			require.NotContains(t, strings.ToLower(string(server)), strings.ToLower(m), "PostgreSQL's log")
		}
	}
	// The index in memory and the searches know nobody.
	var listed struct{ Contacts struct{ TotalCount int } }
	for _, search := range []string{"Zerkalina", "Vostrik", "*strikov", "zerkalina.q7x@marker.example", "+4799887711", "QZXREF"} {
		p.Must(t, manager, `query($s: String) { contacts(search: $s, includeUnlisted: true) { totalCount } }`, vars{"s": search}, &listed)
		require.Zero(t, listed.Contacts.TotalCount, search)
	}
	require.Len(t, segmentMembers(t, s, zer.oslo), 1, "the organization")

	before[1] = strings.Replace(before[1], "count:1 status:USER", "count:0 status:USER", 1) // her account is closed
	require.Equal(t, before, booksOf(t, s, manager))
	left := historyText(t, s, zer.friend)
	require.NotContains(t, left, "qzxlink")
	require.Equal(t, proof.ID, erase(t, s, manager, zer.id).ID, "done again, it gives the same proof")
	for email, want := range map[string]int{"Zerkalina.q7x@marker.example": 1, "former-q7x@marker.example": 1, "nobody@marker.example": 0} {
		var was struct{ Erasures struct{ Nodes []proofRow } }
		p.Must(t, manager, erasuresOf, vars{"e": email}, &was)
		require.Len(t, was.Erasures.Nodes, want, email)
	}
	require.Empty(t, foundIn(t, s, marked), "having asked leaves nothing either")
}

// tidied waits until the statistics of the tables that an erasure has written are new.
func tidied(t *testing.T, s *apptest.Site) {
	t.Helper()
	require.Eventually(t, func() bool {
		var open int
		require.NoError(t, s.Program.DB.Pool.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE kind = 'privacy_tidy' AND finalized_at IS NULL").Scan(&open))
		return open == 0
	}, 2*time.Minute, 50*time.Millisecond)
}

func anyMail(t *testing.T, s *apptest.Site, kind string) (is bool) {
	t.Helper()
	require.NoError(t, s.Program.DB.Pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM mail WHERE site_id = $1 AND kind = $2)", s.ID, kind).Scan(&is))
	return is
}

func historyText(t *testing.T, s *apptest.Site, id string) (text string) {
	t.Helper()
	require.NoError(t, s.Program.DB.Pool.QueryRow(t.Context(), "SELECT coalesce(json_agg(h)::text, '') FROM contact_history h WHERE site_id = $1 AND contact_id = $2", s.ID, id).Scan(&text))
	return text
}

// booksOf gives what the books and the dashboard say.
func booksOf(t *testing.T, s *apptest.Site, h apptest.Header) []string {
	t.Helper()
	s.Program.Caught(t)
	var sums string
	require.NoError(t, s.Program.DB.Pool.QueryRow(t.Context(), `SELECT concat_ws(' ', (SELECT concat(count(*), '/', sum(total), '/', sum(paid)) FROM sale_order), (SELECT concat(count(*), '/', sum(amount)) FROM payment),
		(SELECT sum(abs(amount)) FROM ledger_entry), (SELECT count(*) FROM ticket), (SELECT count(*) FROM membership), (SELECT count FROM segment_day ORDER BY day LIMIT 1),
		(SELECT sum(spent) FROM contact_sale), (SELECT count(*) FROM contact WHERE merged_into IS NULL))`).Scan(&sums))
	var board struct {
		Dashboard struct{ Standing, History any }
	}
	s.Program.Must(t, h, dashboardQuery, vars{"from": time.Now().AddDate(0, -1, 0).Format(time.DateOnly), "to": time.Now().AddDate(0, 0, 1).Format(time.DateOnly)}, &board)
	var recipients struct{ Campaigns any }
	s.Program.Must(t, h, `{ campaigns { nodes { name total leftOut sent failed } } }`, nil, &recipients)
	return []string{sums, plainly(board.Dashboard.Standing), plainly(board.Dashboard.History), plainly(recipients.Campaigns)}
}

// filled is who fillPerson has made: the contact, what was merged into it, somebody they are linked to, a segment they are in.
type filled struct{ id, twin, friend, other, account, oslo string }

// fillPerson brings one person into every part of the program.
func fillPerson(t *testing.T, s *apptest.Site, office *mailtest.Office, staff, manager apptest.Header) filled {
	t.Helper()
	p := s.Program
	b := newBrowser(t, s)
	in := vars{"attempt": b.attempt, "email": "former-q7x@marker.example", "firstName": "Zerkalina", "lastName": "Oldmarkname", "password": "a long password"}
	require.Empty(t, p.Payload(t, b.header("/graphql"), `mutation($i: SignUpInput!) { signUp(input: $i) { mailSent errors { code message path } } }`, vars{"i": in}, nil))
	require.Eventually(t, func() bool { return len(office.Mails("former-q7x@marker.example")) == 1 }, 30*time.Second, 20*time.Millisecond)
	code := regexp.MustCompile(`(?m)^(\d{8})\r?$`).FindStringSubmatch(office.Mails("former-q7x@marker.example")[0])
	require.Empty(t, b.code("confirmEmailCode", "ConfirmEmailCodeInput", vars{"email": "former-q7x@marker.example", "code": code[1]}))
	id := idOf(t, s, "former-q7x@marker.example")
	field := newField(t, s, vars{"type": "TEXT", "label": "Diet"})
	update := func(who string, in vars) {
		in["id"] = who
		p.Must(t, staff, `mutation($i: UpdateContactInput!) { updateContact(input: $i) { contact { id } errors { code message path } } }`, vars{"i": in}, nil)
	}
	update(id, vars{
		"lastName": "Vostrikovna", "birthDate": "1971-03-17", "company": "Qzxcompany AS", "phone": "+4799887711", "mobile": "+4799887722", "note": "qzxremark", "iban": "NO9386011117947", "administrativeNumber": "QZX998877",
		"otherEmails": []vars{{"label": "home", "value": "other-q7x@marker.example"}}, "address": vars{"lines": []string{"Markerveien 7731"}, "city": "Qvaxheim", "country": "NO"},
		"billingAddress": vars{"lines": []string{"Markerveien 7732"}, "city": "Qvaxheim"}, "answers": []vars{{"fieldId": field.ID, "text": "qzxanswer"}}, "references": []vars{{"source": "old", "externalId": "QZXREF-1"}},
	})
	friend := personWith(t, s, "Fred", "Friend", vars{"note": "Comes with Zerkalina Vostrikovna's sister."})
	l := links(t, s)
	link(t, s, l["MEMBER"], id, newOrganization(t, s, "Fjord IL", nil), vars{"role": "qzxlink treasurer", "workEmail": "work-q7x@marker.example", "note": "qzxlink note"})
	link(t, s, l["PARENT"], id, friend, vars{"note": "qzxlink two"})
	note := func(on, text string) {
		p.Must(t, staff, `mutation($i: AddNoteInput!) { addNote(input: $i) { note { id } errors { code message path } } }`, vars{"i": vars{"contactId": on, "text": text, "personalData": true}}, nil)
	}
	note(id, "qzxnote: allergic to qzxbirth")
	note(friend, "Write to zerkalina.q7x@marker.example or +4799887722 instead.")
	p.Must(t, staff, `mutation($i: ID!) { recordConsent(input: {contactId: $i, channel: EMAIL, state: GIVEN, note: "qzxconsent"}) { errors { code message path } } }`, vars{"i": id}, nil)

	// Records that were one with it: one that is, one that was parted again.
	twin := personWith(t, s, "Zweitname", "Oldmarkname", vars{"email": "twin-q7x@marker.example", "mobile": "+4799887733"})
	merge(t, s, vars{"ids": []string{id, twin}})
	parted := personWith(t, s, "Zoe", "Parted", nil)
	p.Must(t, s.As(site.Operator), undoMerge, vars{"i": vars{"id": merge(t, s, vars{"ids": []string{id, parted}})}}, nil)

	// Imports, batches, exports, views, segments and groups.
	importFile(t, s, site.Manager, "First name,Last name,E-mail,Company,IBAN\nZerkalina,Vostrikovna,former-q7x@marker.example,Qzxcompany AS,NO9386011117947\nZerkalina,,not an address of zerkalina.q7x@marker.example,,\n", nil)
	ran(t, s, vars{"action": "EDIT", "edit": vars{"note": "qzxremark two"}, "dryRun": true, "target": vars{"contactIds": []string{id}}})
	p.Must(t, manager, createExport, vars{"i": vars{"format": "CSV", "search": "zerkalina.q7x@marker.example"}}, nil)
	p.Must(t, manager, `mutation($i: CreateSavedViewInput!) { createSavedView(input: $i) { savedView { id } errors { code message path } } }`, vars{"i": vars{"name": "Hers", "search": "zerkalina.q7x@marker.example"}}, nil)
	oslo := newSegment(t, s, vars{"kind": "ORGANIZATION"})
	p.Must(t, s.As(site.Operator), setMembers, vars{"i": vars{"id": oslo, "add": []string{id}}}, nil)

	// Sales.
	event := show(t, s, "Opera", 2)
	adult := ticketFor(t, s, event, 10_000)
	recorded(t, s, vars{"buyer": of(id), "payments": []vars{{"method": "CASH", "amount": 10_000}}, "lines": []vars{{"productId": adult}}})
	hook := uuid.New()
	_, err := p.DB.Bun.NewRaw(`UPDATE event SET starts_at = now() - interval '3 days', ends_at = now() - interval '2 days' WHERE site_id = ?0;
		UPDATE sale_order SET answers = '[{"label": "Diet", "text": "qzxfrozen"}]' WHERE site_id = ?0;
		UPDATE payment SET reason = 'qzxreason of Zerkalina' WHERE site_id = ?0;
		UPDATE token_session SET user_agent = 'QzxAgent/7.7' WHERE site_id = ?0;
		INSERT INTO account_identity (site_id, issuer, subject, account_id, provider) SELECT site_id, 'https://id.example', 'qzxprovider-subject', id, 'example' FROM account WHERE site_id = ?0;
		INSERT INTO dead_address (site_id, address_key, problem) VALUES (?0, 'other-q7x@marker.example', 'qzxbounce');
		INSERT INTO webhook (site_id, id, name, url, secret, events, disabled_at, disabled_reason) VALUES (?0, ?1, 'Mailing', 'https://hooks.example/', '\x00', '{segment.entered}', now(), 'staff');
		INSERT INTO webhook_delivery (site_id, id, webhook_id, event, data, contact_ids, status, problem) VALUES (?0, gen_random_uuid(), ?1, 'segment.entered', '{}', ARRAY[?2]::uuid[], 'failed', 'qzxhook: 500 for Zerkalina');
		INSERT INTO river_job (kind, args, errors, state, max_attempts, attempt, finalized_at) VALUES ('campaign', '{}', ARRAY['{"error": "qzxjob: zerkalina.q7x@marker.example"}'::jsonb], 'discarded', 5, 5, now());
		INSERT INTO segment_day (site_id, segment_id, day, count) VALUES (?0, ?3, current_date - 1, 7) ON CONFLICT DO NOTHING`, s.ID, hook, id, oslo).Exec(t.Context())
	require.NoError(t, err)

	// She changes her address, is written to, and asks to be erased.
	_, err = p.DB.Bun.NewRaw("UPDATE account SET email = 'zerkalina.q7x@marker.example', email_key = 'zerkalina.q7x@marker.example' WHERE site_id = ?", s.ID).Exec(t.Context())
	require.NoError(t, err)
	update(id, vars{"email": "zerkalina.q7x@marker.example"})
	w := &campaignWorld{Site: s, t: t, p: p, owner: manager}
	spring := w.sent(vars{"name": "Spring", "purposeId": w.purpose(), "target": vars{"contactIds": []string{id, friend}}, "texts": []vars{{"language": "en", "subject": "Hello", "body": "Dear {{first_name}}"}}})
	require.Equal(t, 1, spring.Sent)
	p.Must(t, staff, sendMessage, vars{"i": vars{"contactId": id, "channel": "INTERNAL", "subject": "About qzxinbox", "body": "qzxinbox, dear {{last_name}}"}}, nil)
	require.Eventually(t, func() bool {
		var got int
		require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT count(*) FROM inbox_message WHERE site_id = $1", s.ID).Scan(&got))
		return got == 1
	}, 30*time.Second, 20*time.Millisecond)
	_, wrong := b.ask("qzxplease")
	require.Empty(t, wrong)
	var account string
	require.NoError(t, p.DB.Pool.QueryRow(t.Context(), "SELECT id::text FROM account WHERE site_id = $1", s.ID).Scan(&account))
	p.Caught(t)
	require.Len(t, segmentMembers(t, s, oslo), 2)
	return filled{id: id, twin: twin, friend: friend, account: account, oslo: oslo}
}

// What is in force hinders it, and is told, all at once; so does no right.
func TestErasureIsHindered(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t)
	s, other := p.NewSite(t, "club"), p.NewSite(t, "venue")
	ada := personWith(t, s, "Ada", "Lovelace", vars{"email": "ada@example.no"})
	event := show(t, s, "Opera", 2)
	recorded(t, s, vars{"buyer": of(ada), "lines": []vars{{"productId": ticketFor(t, s, event, 10_000)}, {"productId": planOf(t, s, "Year", 5_000)}, {"productId": passOf(t, s, "Ten", 5_000)}}})
	p.Must(t, s.As(site.Manager), deposit, vars{"i": vars{"contactId": ada, "balance": "CREDIT", "amount": 500, "reason": "gift", "idempotencyKey": "k"}}, nil)
	codes := []string{}
	for _, h := range planErasure(t, s, ada).Hindrances {
		codes = append(codes, h.Code)
	}
	require.ElementsMatch(t, []string{"OWES", "HAS_CREDIT", "MEMBERSHIP_RUNS", "PASS_RUNS", "TICKET_TO_COME"}, codes)
	in := vars{"i": vars{"contactId": ada, "ground": "NEEDLESS"}}
	require.ElementsMatch(t, []string{"OWES contactId", "HAS_CREDIT contactId", "MEMBERSHIP_RUNS contactId", "PASS_RUNS contactId", "TICKET_TO_COME contactId"}, p.Payload(t, s.As(site.Manager), eraseContact, in, nil))
	require.Contains(t, historyText(t, s, ada), "ada@example.no", "nothing was done")
	require.Equal(t, []string{"INVALID ground"}, p.Payload(t, s.As(site.Manager), eraseContact, vars{"i": vars{"contactId": ada, "ground": "RETENTION"}}, nil))
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", eraseContact, in)

	// A name that two people have is nobody's mark: staff look at where it stands.
	one, friend := personWith(t, s, "Mary", "Shelley", nil), personWith(t, s, "Percy", "Bysshe", vars{"note": "Married to Mary Shelley."})
	personWith(t, s, "Mary", "Shelley", nil)
	require.Equal(t, []struct{ ID string }{{friend}}, planErasure(t, s, one).Mentions)
	erase(t, s, s.As(site.Manager), one)
	require.Contains(t, historyText(t, s, friend), "Mary Shelley")
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", erasurePreview, vars{"i": ada})
	p.Refused(t, s.As(site.Operator), "FORBIDDEN", erasuresOf, nil)
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", erasurePreview, vars{"i": ada})
	p.Refused(t, other.As(site.Manager), "NOT_FOUND", eraseContact, in)
}
