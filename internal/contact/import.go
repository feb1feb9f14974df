package contact

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/fault"
)

// Format is how a file of contacts reads.
type Format string

// The formats.
const (
	FormatAuto    Format = "auto" // find out by the header
	FormatGoogle  Format = "google"
	FormatOutlook Format = "outlook"
	FormatPlain   Format = "plain" // a header of our own names
	FormatVCard   Format = "vcard" // no header: cards; never asked for, found by the content
)

// ImportStatus is how far an import is.
type ImportStatus string

// The statuses.
const (
	ImportRunning ImportStatus = "running"
	ImportDone    ImportStatus = "done"
	ImportFailed  ImportStatus = "failed"

	ImportChecked   ImportStatus = "checked"   // tried; nothing was written
	ImportReverting ImportStatus = "reverting" // is being taken back
	ImportReverted  ImportStatus = "reverted"  // was taken back, but for the rows that tell why not
)

// Verdict is what became of a row.
type Verdict string

// The verdicts.
const (
	VerdictCreated   Verdict = "created"
	VerdictUpdated   Verdict = "updated"
	VerdictUnchanged Verdict = "unchanged"
	VerdictSkipped   Verdict = "skipped" // the contact is there and was left alone
	VerdictRefused   Verdict = "refused"
)

// ImportRun is an import of one file. Its counts are of committed rows, in every status.
type ImportRun struct {
	bun.BaseModel `bun:"table:import_run"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	FileName   string
	Format     Format   // the one found out
	FileType   FileType `bun:",nullzero"`
	Status     ImportStatus
	Total      int
	Created    int
	Updated    int
	Unchanged  int
	Skipped    int
	Refused    int
	UploadID   *uuid.UUID // the file, which may be gone
	GroupID    *uuid.UUID
	Policy     Policy         `bun:",nullzero"`
	MatchBy    []Match        `bun:"type:text[],array,nullzero"`
	Columns    []MappedColumn `bun:"type:jsonb,nullzero"` // what each column was taken for
	Values     []ValueMapping `bun:"type:jsonb,nullzero"`
	DryRun     bool
	RowsInFile *int           // nil: not known before the end
	Undone     int            // rows that a revert took back
	Kept       int            // rows that it could not, or not wholly
	UndoOf     int            // rows that the revert has to look at
	Problems   ImportProblems `bun:"type:jsonb,nullzero"` // why it failed, or was not taken back
	Problem    string         // the same in English; kept of runs alone that are older than Problems
	StartedAt  time.Time      `bun:",nullzero"`
	FinishedAt *time.Time
	StartedBy  string
}

// tell says in English why the run failed.
func (r *ImportRun) tell() {
	if len(r.Problems) > 0 {
		r.Problem = r.Problems.message()
	}
}

// end notes how a run ended: with a problem, or without one.
func (r *ImportRun) end(status ImportStatus, at time.Time, why ...ImportProblem) {
	r.Status, r.FinishedAt, r.Problems, r.Problem = status, &at, why, ""
	r.tell()
}

// Over tells whether nothing more will happen by itself.
func (r *ImportRun) Over() bool { return r.Status != ImportRunning && r.Status != ImportReverting }

// MappedColumn is a column of the file and what it was taken for, by the API's name; "" when it is not read.
type MappedColumn struct {
	Header string `json:"header"`
	Target string `json:"target"`
}

// ImportOrder says how a file is to be imported.
type ImportOrder struct {
	Format  Format     // FormatAuto: find out
	GroupID *uuid.UUID // every contact joins it too
	Mapping *Mapping   // nil: what the columns' names say
	Policy  Policy     // "": update
	MatchBy []Match    // nil: by id, reference, e-mail and name
	DryRun  bool       // only tell what would happen
}

func (o *ImportOrder) check() error {
	v := checker{}
	if o.Policy == "" {
		o.Policy = PolicyUpdate
	}
	if !slices.Contains([]Policy{PolicyUpdate, PolicySkip, PolicyFill, PolicyCreate}, o.Policy) {
		v.add(fault.InvalidValue, []string{"policy"}, "the policies are UPDATE, SKIP, FILL and CREATE")
	}
	if o.MatchBy == nil {
		o.MatchBy = defaultMatches
	}
	if len(o.MatchBy) == 0 && o.Policy != PolicyCreate {
		v.add(fault.Required, []string{"matchBy"}, "say what contacts are known by, or create one for each row")
	}
	return v.list.Err()
}
