// Package migrations holds the database schema as SQL, forward and back, embedded in the program.
// The files are the only truth about the schema: there is no other copy of it.
package migrations

import "embed"

// Files are named NNNN_what.up.sql and NNNN_what.down.sql and run in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS
