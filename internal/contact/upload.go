package contact

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"carnet/internal/db"
	"carnet/internal/fault"
	"carnet/internal/site"
)

const (
	// MaxUpload is how large a file may be, in bytes.
	MaxUpload = 100 << 20
	// uploadLife is how long a file stays.
	uploadLife = 7 * 24 * time.Hour
	chunkSize  = 256 << 10
)

// Upload is a file that was sent to be imported.
type Upload struct {
	bun.BaseModel `bun:"table:upload"`

	SiteID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Name      string
	Size      *int64 // bytes; nil until all of it has arrived
	CreatedBy string
	CreatedAt time.Time `bun:",nullzero"`
}

// SaveUpload stores a file in pieces, in constant memory, and removes files older than seven days.
// TOO_LONG beyond MaxUpload. Needs an operator.
//
// Each piece is a transaction of its own: one that lasted as long as a slow client would keep the
// change feed from starting. Half a file is removed, and until then nobody can open it.
func (s *Service) SaveUpload(ctx context.Context, name string, r io.Reader) (*Upload, error) {
	a, err := site.RequireBook(ctx, site.AccessOperator)
	if err != nil {
		return nil, err
	}
	_, err = s.db.Bun.NewDelete().Model((*Upload)(nil)).Where("site_id = ? AND created_at < ?", a.SiteID, s.now().Add(-uploadLife)).Exec(ctx)
	if err != nil {
		return nil, db.MapError(err, "remove old uploads")
	}
	row := &Upload{SiteID: a.SiteID, ID: uuid.Must(uuid.NewV7()), Name: fileName(name), CreatedBy: a.Name}
	if _, err := s.db.Bun.NewInsert().Model(row).Returning("created_at").Exec(ctx); err != nil {
		return nil, db.MapError(err, "insert upload")
	}
	size, err := s.saveChunks(ctx, row, r)
	if err != nil {
		return nil, errors.Join(err, s.dropUpload(ctx, row))
	}
	row.Size = &size
	_, err = s.db.Bun.NewUpdate().Model(row).Column("size").WherePK().Exec(ctx)
	return row, db.MapError(err, "complete upload")
}

func (s *Service) saveChunks(ctx context.Context, row *Upload, r io.Reader) (size int64, err error) {
	buf := make([]byte, chunkSize)
	for n := 0; ; n++ {
		length, err := io.ReadFull(r, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return 0, fault.Wrap(err, "receive upload")
		}
		size += int64(length)
		if size > s.uploadLimit {
			return 0, fault.Invalid(fault.TooLong, []string{"file"}, "a file has at most %d MB; split it and import the parts one after the other", s.uploadLimit>>20)
		}
		if length > 0 {
			// The native pool sends bytes as they are; bun would write them in hexadecimal.
			_, err = s.db.Pool.Exec(ctx, "INSERT INTO upload_chunk (site_id, upload_id, n, bytes) VALUES ($1, $2, $3, $4)", row.SiteID, row.ID, n, buf[:length])
			if err != nil {
				return 0, db.MapError(err, "insert upload chunk")
			}
		}
		if last {
			return size, nil
		}
	}
}

func (s *Service) dropUpload(ctx context.Context, row *Upload) error {
	_, err := s.db.Bun.NewDelete().Model(row).WherePK().Exec(context.WithoutCancel(ctx))
	return db.MapError(err, "remove upload")
}

// fileName makes a name fit to be kept: the last part of the path, at most 255 characters.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "")
	for utf8.RuneCountInString(name) > 255 {
		name = name[:len(name)-1]
		name = strings.ToValidUTF8(name, "")
	}
	return name
}

// uploadByID gives a file that has arrived. NotFound when the site has none of this id.
func (s *Service) uploadByID(ctx context.Context, siteID, id uuid.UUID) (*Upload, error) {
	row := new(Upload)
	err := s.db.Bun.NewSelect().Model(row).Where("site_id = ? AND id = ? AND size IS NOT NULL", siteID, id).Scan(ctx)
	return row, db.Missing(err, "upload", "read upload")
}

// openUpload reads a file from its beginning, a piece at a time. ctx is asked before each piece.
func (s *Service) openUpload(ctx context.Context, row *Upload) io.Reader {
	return &uploadReader{ctx: ctx, s: s, row: row}
}

type uploadReader struct {
	ctx   context.Context //nolint:containedctx // io.Reader has none
	s     *Service
	row   *Upload
	n     int
	chunk []byte // what is left of the last one
	read  int64
}

// Read gives the next bytes.
func (u *uploadReader) Read(p []byte) (int, error) {
	if len(u.chunk) == 0 {
		if u.read == *u.row.Size {
			return 0, io.EOF
		}
		err := u.s.db.Pool.QueryRow(u.ctx, "SELECT bytes FROM upload_chunk WHERE site_id = $1 AND upload_id = $2 AND n = $3", u.row.SiteID, u.row.ID, u.n).Scan(&u.chunk)
		if err != nil {
			return 0, db.Missing(err, "upload", "read upload chunk")
		}
		u.n++
		u.read += int64(len(u.chunk))
	}
	n := copy(p, u.chunk)
	u.chunk = u.chunk[n:]
	return n, nil
}
