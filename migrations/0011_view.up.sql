-- Lists as people arrange them: what narrows a list, its order and its columns.
CREATE TABLE saved_view (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    owner_id   uuid NOT NULL,
    shared     boolean NOT NULL DEFAULT false,           -- seen by all staff; else by its owner only
    name       text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    name_key   text COLLATE "C" NOT NULL,
    kind       text CHECK (kind IN ('person', 'organization')), -- null: both
    search     text NOT NULL DEFAULT '' CHECK (length(search) <= 500),
    filter     jsonb,                                    -- a rule, as a segment has
    unlisted   boolean NOT NULL DEFAULT false,
    order_by   text NOT NULL DEFAULT 'name',
    descending boolean NOT NULL DEFAULT false,
    columns    text[] NOT NULL DEFAULT '{}' CHECK (cardinality(columns) <= 30), -- empty: the list's own
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, owner_id) REFERENCES staff (site_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX saved_view_shared_name ON saved_view (site_id, name_key) WHERE shared;
CREATE UNIQUE INDEX saved_view_private_name ON saved_view (site_id, owner_id, name_key) WHERE NOT shared;
