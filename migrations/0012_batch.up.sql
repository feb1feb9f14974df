-- Batch actions: one thing done to many contacts (P-15 to P-20). Who is in a batch is decided once,
-- when it starts; a job works through the items in the order of their contacts.

CREATE TABLE batch_run (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id              uuid NOT NULL,
    action          text NOT NULL,                              -- a name of contact.BatchActions
    input           jsonb NOT NULL,                             -- what the action was asked to do
    target          jsonb NOT NULL,                             -- who was meant; the items are who is
    dry_run         boolean NOT NULL,
    status          text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    total           int NOT NULL DEFAULT 0,
    changed         int NOT NULL DEFAULT 0,
    unchanged       int NOT NULL DEFAULT 0,
    failed          int NOT NULL DEFAULT 0,
    reached         uuid,                                       -- the last contact worked on
    problem         text NOT NULL DEFAULT '',                   -- why it failed
    actor_kind      text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'system')),
    actor_id        uuid,
    actor_name      text NOT NULL,
    access          smallint NOT NULL,                          -- the actor's at the start, for the record; what counts is asked again
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    created_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    PRIMARY KEY (site_id, id),
    CHECK ((finished_at IS NULL) = (status IN ('queued', 'running'))),
    CHECK (changed + unchanged + failed <= total)
);
CREATE UNIQUE INDEX batch_run_idempotency ON batch_run (site_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX batch_run_open ON batch_run (id) WHERE status IN ('queued', 'running');

-- A contact of a batch. It names the contact without a key: the record of the batch outlives it.
CREATE TABLE batch_item (
    site_id    uuid NOT NULL,
    run_id     uuid NOT NULL,
    contact_id uuid NOT NULL,
    state      text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'changed', 'unchanged', 'failed')),
    reason     text NOT NULL DEFAULT '',                        -- the stable word of what went wrong
    message    text NOT NULL DEFAULT '',
    changes    jsonb,                                           -- of a dry run's first changes: before and after
    PRIMARY KEY (site_id, run_id, contact_id),
    FOREIGN KEY (site_id, run_id) REFERENCES batch_run (site_id, id) ON DELETE CASCADE
);
CREATE INDEX batch_item_failed ON batch_item (site_id, run_id, contact_id) WHERE state = 'failed';

ALTER PUBLICATION carnet ADD TABLE batch_run (site_id, id, status);
