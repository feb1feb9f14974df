package contact

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"carnet/internal/db"
)

// What imports and batches keep of a contact beside its history. Their rows have no index by contact, which each import would pay for: the few
// who ask read through those of the site.

type importItem struct {
	File    string    `json:"file"`
	At      time.Time `json:"at"`
	Line    int       `json:"line"`
	DryRun  bool      `json:"dryRun,omitempty"`
	Verdict Verdict   `json:"verdict"`
	Revert  Reverted  `json:"revert,omitempty"`
	Changes Changes   `json:"changes,omitempty"`
}

// imports gives the rows of imported files that were about the contact. Their messages are left out: they may name others.
func (d disclosure) imports(ctx context.Context, q bun.IDB) error {
	var rows []struct {
		ImportRow `bun:",extend"`

		FileName  string
		StartedAt time.Time
		DryRun    bool
	}
	err := q.NewRaw(`SELECT i.*, r.file_name, r.started_at, r.dry_run FROM import_row i JOIN import_run r ON r.site_id = i.site_id AND r.id = i.run_id
		WHERE i.site_id = ?0 AND i.`+family+` ORDER BY r.id, i.line`, d.of.ID, d.id).Scan(ctx, &rows)
	if err != nil {
		return db.MapError(err, "read imported rows")
	}
	for _, r := range rows {
		changes := d.tellable(r.Changes)
		if r.Undo != nil && r.Undo.IBAN != nil { // kept whole, as the history does not
			changes["iban"] = Delta{Before: r.Undo.IBAN[0], After: r.Undo.IBAN[1]}
		}
		if err := d.give(SectionImports, importItem{r.FileName, r.StartedAt, r.Line, r.DryRun, r.Verdict, r.Revert, changes}); err != nil {
			return err
		}
	}
	return nil
}

type batchItem struct {
	Action  BatchName  `json:"action"`
	At      time.Time  `json:"at"`
	DryRun  bool       `json:"dryRun,omitempty"`
	State   BatchState `json:"state"`
	Changes Changes    `json:"changes,omitempty"`
}

// batches gives the batch actions that the contact was meant by.
func (d disclosure) batches(ctx context.Context, q bun.IDB) error {
	var rows []struct {
		BatchItem `bun:",extend"`

		Action    BatchName
		CreatedAt time.Time
		DryRun    bool
	}
	err := q.NewRaw(`SELECT i.*, r.action, r.created_at, r.dry_run FROM batch_run r JOIN batch_item i ON i.site_id = r.site_id AND i.run_id = r.id
		WHERE r.site_id = ?0 AND i.`+family+` ORDER BY r.id`, d.of.ID, d.id).Scan(ctx, &rows)
	if err != nil {
		return db.MapError(err, "read batches")
	}
	for _, r := range rows {
		if d.own && (r.Action == BatchColor || r.Action == BatchLabel) {
			continue
		}
		if err := d.give(SectionBatches, batchItem{r.Action, r.CreatedAt, r.DryRun, r.State, d.tellable(r.Changes)}); err != nil {
			return err
		}
	}
	return nil
}
