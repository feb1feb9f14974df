package contact

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/db/dbtest"
	"carnet/internal/fault"
	"carnet/internal/job"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// shelfOf is a site with eight living contacts, one of them an organization, and two in the trash.
type shelfOf struct {
	t     *testing.T
	d     *db.DB
	b     *Batches
	of    site.Site
	owner site.Staff
	group uuid.UUID
	label uuid.UUID
	ids   []uuid.UUID
	trash []uuid.UUID
}

func newBatches(t *testing.T, d *db.DB) *Batches {
	t.Helper()
	sealer, err := secret.NewSealer(strings.Repeat("k", 32))
	require.NoError(t, err)
	jobs, err := job.New(d, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	b, err := NewBatches(New(d), site.New(d, sealer), jobs)
	require.NoError(t, err)
	for _, one := range FurtherExamples {
		require.NoError(t, b.AddActions(one.Empty(d, b)))
	}
	b.size = 3 // so that ten contacts are several chunks
	return b
}

func newShelf(t *testing.T, d *db.DB, publicID string) *shelfOf {
	t.Helper()
	w := &shelfOf{t: t, d: d, b: newBatches(t, d)}
	var err error
	w.of, w.owner, _, err = w.b.sites.Create(t.Context(), site.NewSite{PublicID: publicID, Name: "Fjord Hall", TimeZone: "Europe/Oslo", Language: "nb", Country: "NO"},
		site.NewStaff{Email: publicID + "@example.com", Name: "Ada", Password: "correct horse battery"})
	require.NoError(t, err)
	w.of.ContactManagement = true
	_, err = d.Bun.NewUpdate().Model(&w.of).Column("contact_management").WherePK().Exec(t.Context())
	require.NoError(t, err)
	ctx, c := w.as(site.AccessOwner), w.b.contacts
	name := "Members"
	g, err := c.CreateGroup(ctx, GroupChange{Name: &name})
	require.NoError(t, err)
	w.group = g.ID
	set, err := c.CreateLabelSet(ctx, LabelSetChange{Name: &name, Kinds: &[]Kind{KindPerson}, Labels: &[]LabelChange{{Name: "Regular", Color: "#aa0000"}}})
	require.NoError(t, err)
	w.label = set.Labels[0].ID
	for i := range 10 {
		kind, text := KindPerson, fmt.Sprintf("C%d", i)
		change := Change{LastName: &text}
		if i == 4 {
			kind, change = KindOrganization, Change{Name: &text}
		}
		made, err := c.Create(ctx, kind, change)
		require.NoError(t, err)
		w.ids = append(w.ids, made.Row().ID)
	}
	w.trash = w.ids[8:]
	_, err = c.Delete(ctx, w.trash)
	require.NoError(t, err)
	return w
}

func (w *shelfOf) as(access site.Access) context.Context {
	return site.WithActor(w.t.Context(), site.Actor{Kind: site.KindStaff, Access: access, SiteID: w.of.ID, ID: w.owner.ID, Name: "Ada", Epoch: 1, Book: true})
}

func (w *shelfOf) start(o BatchOrder) *BatchRun {
	w.t.Helper()
	run, err := w.b.Start(w.as(site.AccessOwner), o)
	require.NoError(w.t, err)
	return run
}

// finish works on a batch until it is over.
func (w *shelfOf) finish(b *Batches, run *BatchRun) *BatchRun {
	w.t.Helper()
	for more := true; more; {
		var err error
		more, err = b.chunk(w.t.Context(), run.SiteID, run.ID)
		require.NoError(w.t, err)
	}
	return w.read(run)
}

func (w *shelfOf) read(run *BatchRun) *BatchRun {
	w.t.Helper()
	row, err := w.b.Batch(w.as(site.AccessOwner), run.ID)
	require.NoError(w.t, err)
	return row
}

func counts(r *BatchRun) [4]int { return [4]int{r.Total, r.Changed, r.Unchanged, r.Failed} }

// FurtherExample is an action of a package above, whose test tells of it: what makes an empty one, what the contacts need for it, and
// something to do that changes that many of the ten and cannot be done to others. This package cannot know them.
type FurtherExample struct {
	Name            BatchName
	Empty           func(d *db.DB, b *Batches) func() FurtherBatch
	Prepare         func(t *testing.T, d *db.DB, ctx context.Context, contacts *Service, living []uuid.UUID) FurtherBatch
	Changed, Failed int
}

// FurtherExamples are those of the packages above.
var FurtherExamples []FurtherExample

// book gives all that batches may write about contacts, in one text.
func (w *shelfOf) book() string {
	w.t.Helper()
	var text string
	require.NoError(w.t, w.d.Bun.NewRaw(`SELECT concat(
		(SELECT string_agg(c::text, E'\n' ORDER BY id) FROM contact c),
		(SELECT string_agg(m::text, E'\n' ORDER BY contact_id, group_id) FROM contact_group_member m),
		(SELECT string_agg(l::text, E'\n' ORDER BY contact_id, label_id) FROM contact_label l),
		(SELECT string_agg(e::text, E'\n' ORDER BY id) FROM consent_entry e),
		(SELECT string_agg(k::text, E'\n' ORDER BY contact_id, purpose_id, channel) FROM consent k),
		(SELECT string_agg(o::text, E'\n' ORDER BY id) FROM sale_order o),
		(SELECT string_agg(t::text, E'\n' ORDER BY id) FROM ticket t),
		(SELECT string_agg(p::text, E'\n' ORDER BY id) FROM payment p),
		(SELECT string_agg(m::text, E'\n' ORDER BY id) FROM membership m),
		(SELECT string_agg(a::text, E'\n' ORDER BY id) FROM ledger_account a),
		(SELECT string_agg(h::text, E'\n' ORDER BY id) FROM contact_history h))`).Scan(w.t.Context(), &text))
	return text
}

// entries gives how many history entries each contact of a batch has got that changed in it.
func (w *shelfOf) entries(run *BatchRun) map[uuid.UUID]int {
	w.t.Helper()
	var rows []struct {
		ContactID uuid.UUID
		N         int
	}
	require.NoError(w.t, w.d.Bun.NewRaw(`SELECT i.contact_id, count(h.id) AS n FROM batch_item i
		LEFT JOIN contact_history h ON h.site_id = i.site_id AND h.contact_id = i.contact_id AND h.at >= ? AND h.actor_name = 'Ada'
		WHERE i.site_id = ? AND i.run_id = ? AND i.state = 'changed' GROUP BY i.contact_id`, run.CreatedAt, w.of.ID, run.ID).Scan(w.t.Context(), &rows))
	out := map[uuid.UUID]int{}
	for _, row := range rows {
		out[row.ContactID] = row.N
	}
	return out
}

// example is something to do for an action, and how many of the ten contacts it changes and cannot be done to.
func (w *shelfOf) example(of BatchName) batchExample {
	company := "Fjord AS"
	out := map[BatchName]batchExample{
		BatchEdit:    {&EditBatch{Company: &company}, 7, 3}, // not the organization, not the trash
		BatchGroup:   {&GroupBatch{Add: []uuid.UUID{w.group}}, 8, 2},
		BatchLabel:   {&LabelBatch{Add: []uuid.UUID{w.label}}, 7, 3}, // the set is for persons
		BatchColor:   {&ColorBatch{Color: "#aa0000"}, 8, 2},
		BatchConsent: {&ConsentBatch{Channel: ChannelAny, State: ConsentGiven}, 8, 2},
		BatchDelete:  {&DeleteBatch{}, 8, 0},
		BatchRestore: {&RestoreBatch{}, 2, 0},
	}
	for _, one := range FurtherExamples {
		if one.Name == of {
			out[of] = batchExample{Further(one.Prepare(w.t, w.d, w.as(site.AccessOwner), w.b.contacts, w.ids[:8])), one.Changed, one.Failed}
		}
	}
	return out[of]
}

type batchExample struct {
	action          BatchAction
	changed, failed int
}

// G-04: every action of the registry keeps what all promise. A dry run writes nothing and tells what
// the run does; done again it changes nothing; a crash between chunks, or within one, loses and
// repeats nothing; every changed contact has one history entry; ids of another site are refused, and
// so is whoever has less than the action asks for.
func TestBatchActionsConform(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, FurtherExamples)
	for _, empty := range newBatches(t, dbtest.New(t)).Actions() {
		t.Run(string(empty.Name()), func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			w, other := newShelf(t, d, "first"), newShelf(t, d, "other")
			example := w.example(empty.Name())
			require.NotNil(t, example.action, "the action has no example")
			action, want := example.action, [4]int{10, example.changed, 10 - example.changed - example.failed, example.failed}
			all := BatchTarget{ContactIDs: w.ids}

			before := w.book()
			dry := w.finish(w.b, w.start(BatchOrder{Action: action, Target: all, DryRun: true}))
			require.Equal(t, BatchDone, dry.Status)
			require.Equal(t, want, counts(dry))
			require.Equal(t, before, w.book(), "a dry run writes nothing")
			page, err := w.b.Items(w.as(site.AccessOperator), dry.ID, nil, 200, "")
			require.NoError(t, err)
			for _, it := range page.Items {
				require.Equal(t, it.State == ItemChanged, it.Changes != nil, "a dry run shows its changes")
				require.Equal(t, it.State == ItemFailed, it.Message != "", "what fails says why")
			}

			run := w.start(BatchOrder{Action: action, Target: BatchTarget{BatchID: &dry.ID}})
			more, err := w.b.chunk(t.Context(), w.of.ID, run.ID)
			require.NoError(t, err)
			require.True(t, more)
			between := w.book()
			require.Error(t, w.crash(run), "the chunk did not come to its end")
			require.Equal(t, between, w.book(), "half a chunk is nothing")
			run = w.finish(newBatches(t, d), run) // another process
			require.Equal(t, BatchDone, run.Status)
			require.Equal(t, want, counts(run))
			entries := w.entries(run)
			require.Len(t, entries, example.changed)
			for id, n := range entries {
				require.Equal(t, 1, n, "history of %s", id)
			}

			done := w.book()
			again := w.finish(w.b, w.start(BatchOrder{Action: action, Target: all}))
			require.Zero(t, again.Changed)
			require.Equal(t, done, w.book(), "done again it changes nothing")

			_, err = w.b.Start(w.as(site.AccessOwner), BatchOrder{Action: action, Target: BatchTarget{ContactIDs: []uuid.UUID{w.ids[0], other.ids[0]}}})
			require.Equal(t, "UNKNOWN target.contactIds.1", at(err))
			foreign := other.start(BatchOrder{Action: &DeleteBatch{}, Target: BatchTarget{ContactIDs: other.ids}, DryRun: true})
			_, err = w.b.Start(w.as(site.AccessOwner), BatchOrder{Action: action, Target: BatchTarget{BatchID: &foreign.ID}})
			require.Equal(t, "UNKNOWN target.batchId", at(err))
			for access := site.AccessViewer; access < action.Access(); access++ {
				_, err := w.b.Start(w.as(access), BatchOrder{Action: action, Target: all})
				require.Equal(t, fault.Forbidden, fault.CodeOf(err), "access %d", access)
			}
		})
	}
}

func at(err error) string {
	list, _ := fault.Mendable(err)
	if len(list) == 0 {
		return ""
	}
	return list[0].Reason + " " + strings.Join(list[0].Path, ".")
}

// crash works on a chunk and loses its transaction before the commit.
func (w *shelfOf) crash(run *BatchRun) error {
	died := errors.New("killed")
	action, err := w.b.action(run)
	require.NoError(w.t, err)
	return w.d.TxCopy(w.t.Context(), func(ctx context.Context, tx bun.Tx, rows db.Copy) error {
		locked, err := lockRun(ctx, tx, run.SiteID, run.ID)
		require.NoError(w.t, err)
		require.NoError(w.t, w.b.step(ctx, tx, rows, locked, action, Author{Kind: site.KindStaff, ID: w.owner.ID, Name: "Ada", Surface: "admin"}))
		return died
	})
}

// Two actions of one name are refused when the program starts.
func TestBatchActionsAreDistinct(t *testing.T) {
	t.Parallel()
	b := newBatches(t, dbtest.New(t))
	require.NoError(t, checkBatchActions(b.Actions()))
	require.ErrorContains(t, checkBatchActions(append(b.Actions(), new(ColorBatch))), "color")
	require.ErrorContains(t, b.AddActions(FurtherExamples[0].Empty(nil, b)), "refund")
}

// A batch has the rights of whoever started it, asked again before every chunk.
func TestBatchStopsWithTheRightToIt(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newShelf(t, d, "first")
	run := w.start(BatchOrder{Action: &ColorBatch{Color: "#00aa00"}, Target: BatchTarget{ContactIDs: w.ids}})
	_, err := w.b.chunk(t.Context(), w.of.ID, run.ID)
	require.NoError(t, err)
	_, err = d.Bun.NewRaw("UPDATE staff SET disabled_at = now() WHERE id = ?", w.owner.ID).Exec(t.Context())
	require.NoError(t, err)
	run = w.finish(w.b, run)
	require.Equal(t, BatchFailed, run.Status)
	require.NotEmpty(t, run.Problem)
	require.Equal(t, 3, run.Changed, "what was done stays, and no more is done")
	var coloured int
	require.NoError(t, d.Bun.NewRaw("SELECT count(*) FROM contact WHERE color = '#00aa00'").Scan(t.Context(), &coloured))
	require.Equal(t, 3, coloured)
}

// A session that was ended does not end the batches it started; a role that was taken does.
func TestBatchOutlivesItsSession(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newShelf(t, d, "first")
	run := w.start(BatchOrder{Action: &ColorBatch{Color: "#00aa00"}, Target: BatchTarget{ContactIDs: w.ids}})
	_, err := d.Bun.NewRaw("UPDATE staff SET session_epoch = session_epoch + 1 WHERE id = ?", w.owner.ID).Exec(t.Context())
	require.NoError(t, err)
	require.Equal(t, BatchDone, w.finish(w.b, run).Status)
	run = w.start(BatchOrder{Action: &DeleteBatch{}, Target: BatchTarget{ContactIDs: w.ids}})
	_, err = d.Bun.NewRaw("UPDATE staff SET role = 'operator' WHERE id = ?", w.owner.ID).Exec(t.Context())
	require.NoError(t, err)
	run = w.finish(w.b, run)
	require.Equal(t, BatchFailed, run.Status)
	require.Zero(t, run.Changed)
}

// What the database refuses for one contact fails for that one alone.
func TestBatchFailsForOneContactAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newShelf(t, d, "first")
	_, err := d.Bun.NewRaw("ALTER TABLE contact ADD CONSTRAINT one_is_odd CHECK (color = '' OR id <> ?)", w.ids[1]).Exec(t.Context())
	require.NoError(t, err)
	run := w.finish(w.b, w.start(BatchOrder{Action: &ColorBatch{Color: "#00aa00"}, Target: BatchTarget{ContactIDs: w.ids[:8]}}))
	require.Equal(t, [4]int{8, 7, 0, 1}, counts(run))
	failed := ItemFailed
	page, err := w.b.Items(w.as(site.AccessOperator), run.ID, &failed, 10, "")
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, w.ids[1], page.Items[0].ContactID)
	require.NotEmpty(t, page.Items[0].Message)
	require.Len(t, w.entries(run), 7)
}

// A contact that left the book for good meanwhile fails; the others do not.
func TestBatchMissesWhoIsGone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newShelf(t, d, "first")
	run := w.start(BatchOrder{Action: &ColorBatch{Color: "#00aa00"}, Target: BatchTarget{ContactIDs: w.ids[:4]}})
	_, err := d.Bun.NewRaw("DELETE FROM contact WHERE id = ?", w.ids[2]).Exec(t.Context())
	require.NoError(t, err)
	require.Equal(t, [4]int{4, 3, 0, 1}, counts(w.finish(w.b, run)))
}

// The same key gives the same batch, and another order under it is refused.
func TestBatchIdempotency(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newShelf(t, d, "first")
	key := "order 66"
	order := BatchOrder{Action: &ColorBatch{Color: "#00aa00"}, Target: BatchTarget{ContactIDs: w.ids}, IdempotencyKey: &key}
	first := w.start(order)
	require.Equal(t, first.ID, w.start(order).ID)
	order.Action = &ColorBatch{Color: "#00aa01"}
	_, err := w.b.Start(w.as(site.AccessOwner), order)
	require.Equal(t, "TAKEN idempotencyKey", at(err))
}

// A site has at most ten batches at work.
func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	w := newShelf(t, d, "first")
	order := BatchOrder{Action: &ColorBatch{Color: "#00aa00"}, Target: BatchTarget{ContactIDs: w.ids}}
	for range MaxBatches {
		w.start(order)
	}
	_, err := w.b.Start(w.as(site.AccessOwner), order)
	require.Equal(t, fault.RateLimited, fault.CodeOf(err))
}
