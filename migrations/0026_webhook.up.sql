-- Webhooks: addresses of a site's own that are told when contacts enter and leave segments, and when a
-- batch is over.
CREATE TABLE webhook (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id              uuid NOT NULL,
    name            text NOT NULL,
    url             text NOT NULL,
    secret          bytea NOT NULL,                             -- sealed
    old_secret      bytea,                                      -- sealed; signs too until old_until
    old_until       timestamptz,
    events          text[] NOT NULL,
    failures        int NOT NULL DEFAULT 0,                     -- tries since the last success
    failing_since   timestamptz,                                -- the first of them
    busy_until      timestamptz,                                -- leased by who delivers, or resting after a failure
    disabled_at     timestamptz,
    disabled_reason text CHECK (disabled_reason IN ('staff', 'gone', 'failing')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
    CHECK ((failures = 0) = (failing_since IS NULL)),
    CHECK (events <@ ARRAY['segment.entered', 'segment.left', 'batch.finished'])
);

CREATE TABLE webhook_segment (
    site_id    uuid NOT NULL,
    webhook_id uuid NOT NULL,
    segment_id uuid NOT NULL,
    PRIMARY KEY (site_id, webhook_id, segment_id),
    FOREIGN KEY (site_id, webhook_id) REFERENCES webhook (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, segment_id) REFERENCES segment (site_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_segment_of ON webhook_segment (site_id, segment_id);

-- The segments that enabled webhooks name. Whoever compares one with what was told holds its row.
CREATE TABLE webhook_follow (
    site_id    uuid NOT NULL,
    segment_id uuid NOT NULL,
    sequence   bigint NOT NULL DEFAULT 0,                       -- of the last event
    filled     boolean NOT NULL DEFAULT false,                  -- webhook_told holds the members to begin with
    PRIMARY KEY (site_id, segment_id),
    FOREIGN KEY (site_id, segment_id) REFERENCES segment (site_id, id) ON DELETE CASCADE
);

-- Who was in the segment as far as was told. It names contacts without a key: who is erased has left.
CREATE TABLE webhook_told (
    site_id    uuid NOT NULL,
    segment_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (site_id, segment_id, contact_id),
    FOREIGN KEY (site_id, segment_id) REFERENCES webhook_follow (site_id, segment_id) ON DELETE CASCADE
);

-- What is to be told, and what became of it. Contacts are ids: their names are read when it is sent, so
-- that none outlive them here.
CREATE TABLE webhook_delivery (
    site_id         uuid NOT NULL,
    id              uuid NOT NULL,
    webhook_id      uuid NOT NULL,
    number          bigint GENERATED ALWAYS AS IDENTITY,        -- the order in which they are told
    event           text NOT NULL,
    data            jsonb NOT NULL,
    contact_ids     uuid[] NOT NULL DEFAULT '{}',
    status          text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'delivered', 'failed')),
    attempts        int NOT NULL DEFAULT 0,
    next_at         timestamptz NOT NULL DEFAULT now(),
    response_status int,                                        -- of the last try; none when nobody answered
    problem         text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    delivered_at    timestamptz,
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, webhook_id) REFERENCES webhook (site_id, id) ON DELETE CASCADE,
    CHECK ((delivered_at IS NULL) = (status <> 'delivered'))
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (site_id, webhook_id, number) INCLUDE (next_at) WHERE status = 'queued';
CREATE INDEX webhook_delivery_of ON webhook_delivery (site_id, webhook_id, number);
CREATE INDEX webhook_delivery_old ON webhook_delivery (created_at);

-- Every process hears which segments are to be followed.
ALTER PUBLICATION carnet ADD TABLE webhook_follow (site_id, segment_id);
