-- A submitted event that staff refuse, with what they say to its organizer.
ALTER TABLE event
    ADD COLUMN refusal text NOT NULL DEFAULT '' CHECK (length(refusal) <= 1000),
    DROP CONSTRAINT event_state_check,
    ADD CONSTRAINT event_state_check CHECK (state IN ('draft', 'submitted', 'refused', 'published', 'cancelled')),
    ADD CONSTRAINT event_refusal_of CHECK ((state = 'refused') = (refusal <> ''));

-- What became of events and products, and by whom. It outlives what it is about; who organizes an event is named by no row of it.
CREATE TABLE catalogue_entry (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    subject_id uuid NOT NULL,                               -- of the event or the product, which may be gone
    subject    text COLLATE "C" NOT NULL CHECK (subject IN ('event', 'product')),
    name       text NOT NULL,                               -- what it was called then
    action     text COLLATE "C" NOT NULL CHECK (action IN ('submitted', 'published', 'unpublished', 'refused', 'cancelled', 'archived', 'restored', 'deleted')),
    reason     text NOT NULL DEFAULT '',
    actor_kind text COLLATE "C" NOT NULL,
    actor_name text NOT NULL DEFAULT '',                    -- of staff and keys
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id)
);
CREATE INDEX catalogue_entry_of ON catalogue_entry (site_id, subject_id, id);
