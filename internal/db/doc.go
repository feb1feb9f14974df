// Package db owns Carnet's connection to PostgreSQL: the embedded server, the pools, transactions,
// migrations, the check that a server is fit, and the mapping of database errors to faults.
//
// Ordering. Open starts the embedded server (when no address is given), checks the server and opens
// the pools; it does not migrate. Close closes the pools and then stops the embedded server, so
// whatever reads the change feed must have stopped before: PostgreSQL waits for its replication
// clients when it shuts down.
//
// Failure. Errors of Open, Migrate and StartPostgres are for the person who runs the program: they
// name what is wrong and the command that mends it. Errors of queries go through MapError, which
// turns what a caller can mend into a fault and hides the rest behind fault.Internal.
//
// A private server that dies is started again, after pauses that grow when it keeps dying soon after its start. When five starts
// in a row have failed, Postgres.Done and Err tell, and the program ends with that message.
//
// The embedded server never deletes data: a cluster is made in a directory of its own and renamed
// when it is whole, and an existing one is only ever opened by the major version that wrote it.
package db
