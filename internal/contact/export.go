package contact

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/field"
	"carnet/internal/secret"
	"carnet/internal/site"
)

// ExportFormat is the kind of file that an export is.
type ExportFormat string

// The formats.
const (
	ExportCSV   ExportFormat = "csv"
	ExportXLSX  ExportFormat = "xlsx"
	ExportVCard ExportFormat = "vcard"
)

const (
	// MaxExportIDs is how many contacts can be chosen one by one. More are exported by what they match.
	MaxExportIDs = 3000
	// ExportLife is how long the link to a file can be fetched.
	ExportLife = 5 * time.Minute
)

// ExportRequest says which contacts leave, and how. With ContactIDs these alone, listed or not; else
// what the other fields match.
type ExportRequest struct {
	Format     ExportFormat    `json:"format"`
	ContactIDs []uuid.UUID     `json:"contactIds,omitempty"`
	Search     string          `json:"search,omitempty"`
	Filter     json.RawMessage `json:"filter,omitempty"` // a segment's rule
	SegmentID  *uuid.UUID      `json:"segmentId,omitempty"`
	Kind       Kind            `json:"kind,omitempty"`
	Unlisted   bool            `json:"includeUnlisted,omitempty"`
	Invalid    bool            `json:"includeInvalid,omitempty"`
	Trash      bool            `json:"trash,omitempty"`
	Columns    []string        `json:"columns,omitempty"`  // none: all of them
	Language   string          `json:"language,omitempty"` // of headers and words
	Plain      bool            `json:"plain,omitempty"`    // CSV without a byte order mark
}

// Export is a note of what left the book, written before the file is.
type Export struct {
	bun.BaseModel `bun:"table:export_log"`

	SiteID     uuid.UUID `bun:",pk"`
	ID         uuid.UUID `bun:",pk"`
	Format     ExportFormat
	Request    ExportRequest `bun:"type:jsonb"`
	ActorKind  site.Kind
	ActorID    uuid.UUID
	ActorEpoch int
	ActorName  string
	Matched    int  // contacts when it was asked for
	Written    *int // contacts in the file; nil until one was fetched whole
	Bytes      *int64
	CreatedAt  time.Time `bun:",nullzero"`
	FinishedAt *time.Time
}

// Actor gives who asked for the export; the caller asks whether that credential still stands.
func (e *Export) Actor() site.Actor {
	return site.Actor{Kind: e.ActorKind, ID: e.ActorID, Epoch: e.ActorEpoch, Name: e.ActorName, SiteID: e.SiteID}
}

// Rules compiles what exports are narrowed by: the rules of package segment, which is above this one.
type Rules interface {
	Conditions(ctx context.Context, rule json.RawMessage, segmentID *uuid.UUID) ([]Condition, error)
}

// BindExports gives the service what exports need: the rules, and the key that signs links.
func (s *Service) BindExports(rules Rules, links *secret.Signer) { s.rules, s.links = rules, links }

// CreateExport notes an export and gives it with the token by which its file can be fetched for five
// minutes. Needs an operator. UNKNOWN for columns and contacts that the site does not have.
func (s *Service) CreateExport(ctx context.Context, req ExportRequest) (e *Export, token string, err error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, "", err
	}
	of, err := readSite(ctx, s.db.Bun, a.SiteID)
	if err != nil {
		return nil, "", err
	}
	req.Language = exportLanguage(req.Language, a, of)
	if _, err := s.columnsOf(ctx, a.SiteID, req.Columns); err != nil {
		return nil, "", err
	}
	query, err := s.exportQuery(ctx, req)
	if err != nil {
		return nil, "", err
	}
	e = &Export{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Format: req.Format, Request: req, ActorKind: a.Kind, ActorID: a.ID, ActorEpoch: a.Epoch, ActorName: a.Name}
	if e.Matched, err = s.Count(ctx, query); err != nil {
		return nil, "", err
	}
	switch {
	case len(req.ContactIDs) > 0 && e.Matched == 0:
		return nil, "", fault.Invalid(fault.Unknown, []string{"contactIds"}, "the site has none of these contacts")
	case req.Format == ExportXLSX && e.Matched > maxXLSXRows:
		return nil, "", fault.Invalid(fault.TooLong, []string{"format"}, "a workbook holds at most %d rows and there are %d contacts; export them as CSV", maxXLSXRows, e.Matched)
	}
	if _, err := s.db.Bun.NewInsert().Model(e).Returning("created_at").Exec(ctx); err != nil {
		return nil, "", db.MapError(err, "note export")
	}
	if s.links != nil {
		token = s.exportToken(e)
	}
	return e, token, nil
}

// exportToken signs which export may be fetched until when. Who asked and for what stands in its note.
func (s *Service) exportToken(e *Export) string {
	payload := append(append(make([]byte, 0, 40), e.SiteID[:]...), e.ID[:]...)
	return s.links.Sign(binary.BigEndian.AppendUint64(payload, uint64(e.CreatedAt.Add(ExportLife).Unix())))
}

// ExportByToken gives the export that a link is for. NotFound for a link that is not ours or too old.
func (s *Service) ExportByToken(ctx context.Context, token string) (*Export, error) {
	gone := fault.New(fault.NotFound, "this link is not valid, or older than five minutes; export again")
	payload, ok := s.links.Open(token)
	if !ok || len(payload) != 40 || s.now().Unix() >= int64(binary.BigEndian.Uint64(payload[32:])) {
		return nil, gone
	}
	e := new(Export)
	err := s.db.Bun.NewSelect().Model(e).Where("site_id = ? AND id = ?", uuid.UUID(payload[:16]), uuid.UUID(payload[16:32])).Scan(ctx)
	if db.NoRows(err) {
		return nil, gone
	}
	return e, db.MapError(err, "read export")
}

// Exports gives the last 100 exports, newest first. Needs a manager.
func (s *Service) Exports(ctx context.Context) ([]*Export, error) {
	a, err := site.RequireBook(ctx, site.AccessManager)
	if err != nil {
		return nil, err
	}
	rows := []*Export{}
	err = s.db.Bun.NewSelect().Model(&rows).Where("site_id = ?", a.SiteID).Order("id DESC").Limit(100).Scan(ctx)
	return rows, db.MapError(err, "read exports")
}

// ExportColumns gives the columns that a table can have, in the order of the file. Needs an operator.
func (s *Service) ExportColumns(ctx context.Context, language string) ([]*ExportColumn, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	of, err := readSite(ctx, s.db.Bun, a.SiteID)
	if err != nil {
		return nil, err
	}
	all, err := s.siteColumns(ctx, a.SiteID)
	if err != nil {
		return nil, err
	}
	language = exportLanguage(language, a, of)
	out := make([]*ExportColumn, len(all))
	for i, c := range all {
		out[i] = &ExportColumn{Name: c.name, Label: c.labelIn(language)}
		if id, is := strings.CutPrefix(c.name, answerPrefix); is {
			out[i].FieldID = ptr(uuid.MustParse(id)) // the program wrote it
		}
	}
	return out, nil
}

func (s *Service) columnsOf(ctx context.Context, siteID uuid.UUID, names []string) ([]exportColumn, error) {
	all, err := s.siteColumns(ctx, siteID)
	if err != nil {
		return nil, err
	}
	return pickColumns(all, names)
}

// siteColumns gives every column of a site.
func (s *Service) siteColumns(ctx context.Context, siteID uuid.UUID) ([]exportColumn, error) {
	defs, err := field.All(ctx, s.db.Bun, siteID, false)
	if err != nil {
		return nil, err
	}
	purposes, err := PurposesOf(ctx, s.db.Bun, siteID)
	if err != nil {
		return nil, err
	}
	var sets []*LabelSet
	err = s.db.Bun.NewSelect().Model(&sets).Where("site_id = ? AND archived_at IS NULL", siteID).Order("position", "id").Scan(ctx)
	return allColumns(defs, sets, slices.DeleteFunc(purposes, func(p *ConsentPurpose) bool { return p.ArchivedAt != nil })), db.MapError(err, "read label sets")
}

// exportQuery gives the contacts that are asked for.
func (s *Service) exportQuery(ctx context.Context, req ExportRequest) (Query, error) {
	q := Query{Search: req.Search, Kind: req.Kind, Among: Among{Unlisted: req.Unlisted, Invalid: req.Invalid}, Trash: req.Trash}
	if req.ContactIDs != nil && len(req.ContactIDs) == 0 {
		return q, fault.Invalid(fault.Required, []string{"contactIds"}, "choose at least one contact, or leave contactIds out to export all that match")
	}
	if len(req.ContactIDs) > 0 {
		if len(req.ContactIDs) > MaxExportIDs {
			return q, fault.Invalid(fault.TooLong, []string{"contactIds"}, "at most %d contacts can be chosen one by one; export what a filter matches instead", MaxExportIDs)
		}
		q.Search, q.Unlisted, q.Invalid = "", true, true
		q.Where = []Condition{{SQL: "contact.id IN (?)", Args: []any{bun.List(req.ContactIDs)}}}
		return q, nil
	}
	if req.Filter == nil && req.SegmentID == nil {
		return q, nil
	}
	if s.rules == nil {
		return q, fault.New(fault.BadInput, "segments and filters are not at hand here")
	}
	where, err := s.rules.Conditions(ctx, req.Filter, req.SegmentID)
	q.Where = where
	return q, err
}

// FileName is what a browser calls the file.
func (e *Export) FileName() string {
	extension := string(e.Format)
	if e.Format == ExportVCard {
		extension = "vcf"
	}
	return "contacts-" + e.CreatedAt.UTC().Format(time.DateOnly) + "." + extension
}

// ContentType is the media type of the file.
func (e *Export) ContentType() string {
	switch e.Format {
	case ExportXLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ExportVCard:
		return "text/vcard; charset=utf-8"
	}
	return "text/csv; charset=utf-8; header=present"
}

// Selected tells how many contacts were chosen one by one; 0 when all that match were asked for.
func (e *Export) Selected() int { return len(e.Request.ContactIDs) }
