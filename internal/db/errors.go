package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"carnet/internal/fault"
)

// SQLSTATE codes that we act on (PostgreSQL documentation, appendix A).
const (
	codeUniqueViolation      = "23505"
	codeExclusionViolation   = "23P01"
	codeForeignKeyViolation  = "23503"
	codeRestrictViolation    = "23001"
	codeNotNullViolation     = "23502"
	codeCheckViolation       = "23514"
	codeStringTooLong        = "22001"
	codeOutOfRange           = "22003"
	codeInvalidDate          = "22007"
	codeDateOutOfRange       = "22008"
	codeTimeZoneOutOfRange   = "22009" // what PostgreSQL calls a year before the first
	codeInvalidText          = "22P02" // a malformed uuid, number, JSON ...
	codeInvalidByteSequence  = "22021"
	codeUntranslatable       = "22P05" // \u0000 in jsonb
	codeSerializationFailure = "40001"
	codeDeadlock             = "40P01"
	codeLockNotAvailable     = "55P03"
	codeQueryCanceled        = "57014"
)

// MapError turns an error of the database into a fault; op says what was being done and stays in
// the log. Nil stays nil and a fault stays what it is. The message never holds the cause:
//
//   - unique or exclusion: Conflict, reason TAKEN; ConstraintName tells which
//   - foreign key: BadInput, reason UNKNOWN_REFERENCE
//   - check: BadInput, reason INVALID; not null: REQUIRED; too long: TOO_LONG; out of range:
//     OUT_OF_RANGE; malformed: INVALID; bytes that are no text: INVALID_TEXT
//   - no row: NotFound (prefer Missing, which names the kind)
//   - serialization failure, deadlock or lock timeout: Conflict without reason
//   - statement timeout: TooComplex
//   - anything else, cancellation included: Internal
func MapError(err error, op string) error {
	if err == nil {
		return nil
	}
	if fault.Known(err) {
		return fault.Wrap(err, op)
	}
	mapped := describe(err)
	mapped.Err = fmt.Errorf("%s: %w", op, err)
	return mapped
}

// Missing is MapError for a query of one row: no row becomes the NotFound fault of the kind.
func Missing(err error, kind, op string) error {
	if NoRows(err) && !fault.Known(err) {
		return fault.Missing(kind)
	}
	return MapError(err, op)
}

// NoRows tells whether err says that a query of one row found none, of bun's pool or of pgx's.
func NoRows(err error) bool {
	return errors.Is(err, sql.ErrNoRows) // pgx.ErrNoRows matches it too
}

// ConstraintName gives the constraint or unique index that err is about, "" when it is about none.
func ConstraintName(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.ConstraintName
	}
	return ""
}

// describe gives the fault of an error without its cause.
func describe(err error) *fault.Error {
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg):
		return describeCode(pg.Code, err)
	case NoRows(err):
		return fault.New(fault.NotFound, "no such thing in this site")
	case errors.Is(err, errNUL):
		return fault.Invalid("INVALID_TEXT", nil, "text may not contain the character NUL")
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Internal, "this took too long; try again later")
	case errors.Is(err, context.Canceled):
		return fault.New(fault.Internal, "the request was cancelled")
	case unreachable(err):
		return fault.New(fault.Internal, "the database cannot be reached just now; try again shortly")
	}
	return fault.New(fault.Internal, "something went wrong on our side")
}

func describeCode(code string, err error) *fault.Error {
	switch code {
	case codeUniqueViolation, codeExclusionViolation:
		return &fault.Error{Code: fault.Conflict, Reason: "TAKEN", Message: "this value is already taken"}
	case codeForeignKeyViolation, codeRestrictViolation:
		return fault.Invalid("UNKNOWN_REFERENCE", nil, "this refers to something that does not exist, or is referred to by something that does")
	case codeNotNullViolation:
		return fault.Invalid("REQUIRED", nil, "a required value is missing")
	case codeStringTooLong:
		return fault.Invalid("TOO_LONG", nil, "this text is too long")
	case codeOutOfRange, codeDateOutOfRange, codeTimeZoneOutOfRange:
		return fault.Invalid("OUT_OF_RANGE", nil, "this value is out of range")
	case codeCheckViolation, codeInvalidText, codeInvalidDate:
		return fault.Invalid("INVALID", nil, "this value is not valid")
	case codeInvalidByteSequence, codeUntranslatable:
		return fault.Invalid("INVALID_TEXT", nil, "this is not valid text")
	case codeSerializationFailure, codeDeadlock, codeLockNotAvailable:
		return fault.New(fault.Conflict, "other changes were made at the same moment; try again")
	case codeQueryCanceled:
		if errors.Is(err, context.Canceled) {
			return fault.New(fault.Internal, "the request was cancelled")
		}
		return fault.New(fault.TooComplex, "this took too long; ask for less")
	}
	if strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "53") {
		return fault.New(fault.Internal, "the database cannot be reached just now; try again shortly")
	}
	return fault.New(fault.Internal, "something went wrong on our side")
}

// unreachable tells whether err is of the connection, not of a query.
func unreachable(err error) bool {
	var connect *pgconn.ConnectError
	var broken *net.OpError // in the middle of a connection
	return errors.As(err, &connect) || errors.As(err, &broken)
}

// retryable tells whether a transaction that failed so may succeed when it is run again.
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == codeSerializationFailure || pg.Code == codeDeadlock)
}
