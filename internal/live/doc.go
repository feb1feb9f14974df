// Package live tells the rest of the program what has been committed in PostgreSQL, whoever wrote
// it: one Feed per process follows the write-ahead log, and Topics distribute typed events to
// subscribers.
//
// # The feed
//
// A Feed is a logical replication client (plugin pgoutput, protocol version 1) on a temporary slot.
// Creating the slot exports a snapshot; every Handler loads its state in it and only then does the
// stream begin. The snapshot holds exactly the transactions that committed before the slot's
// starting point and the stream exactly those after it, so nothing is missed and nothing is seen
// twice.
//
// Ordering: Load and Apply of all handlers are called from one goroutine, in the order in which
// the handlers were given; Apply is called once for each committed transaction, in commit order,
// which is the same in every process on the database. Tx.LSN rises strictly and serves as a version.
//
// Visibility: the log tells a commit a moment before other sessions see it. Apply is called only once
// every new snapshot shows the transaction, so a handler may query what changed.
//
// Back-pressure: a slow handler slows the feed, not the writers. At most two transactions are in
// memory, one being applied and one received; the rest waits in PostgreSQL. The feed reports its
// position all the while, so that the server neither drops the connection nor keeps more log than
// needed. A transaction beyond Config.MaxChanges or MaxBytes arrives with Tx.Overflow set and the
// names of the tables it touched instead of its changes.
//
// Failure: when the connection breaks, a message cannot be decoded or a handler fails, the session
// ends and a new one begins, after an exponential back-off with jitter: new slot, new snapshot, Load
// again. A server that cannot be reached is tried every second at least. A handler must therefore treat Load as "forget what you knew". Between the two Ready is
// false and handlers keep the state of Applied. Nothing of the feed survives on the server when the
// process ends, since the slot is temporary.
//
// Creating a slot waits for every writing transaction that is running, on any table, to end.
//
// # Topics
//
// A Topic sends events of one type to its subscribers, a Hub does so by key. All subscribers see
// the events in the order of Publish. Each has a queue of a fixed length. Publish never blocks:
// when a queue is full it is emptied, and the event that found it full is delivered with Lost set,
// which tells its subscriber to read the state anew. Others do not notice.
package live
