-- The contact book: sites, staff, contacts, groups, custom fields, segments, imports.
-- Rule of the house: every tenant table's primary, unique and foreign keys begin with site_id.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- ---------------------------------------------------------------- sites

CREATE TABLE site (
    id                 uuid PRIMARY KEY,
    public_id          text COLLATE "C" NOT NULL UNIQUE CHECK (public_id ~ '^[a-z0-9-]{3,40}$'),
    name               text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    time_zone          text NOT NULL DEFAULT 'UTC',
    language           text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr', 'nb')),
    country            text NOT NULL DEFAULT 'NO' CHECK (country ~ '^[A-Z]{2}$'),
    secret_hash        bytea NOT NULL,                       -- SHA-256 of the secret the host's server redeems with
    contact_management boolean NOT NULL DEFAULT false,       -- T-13, T-14
    login_required     boolean NOT NULL DEFAULT false,       -- T-19
    consent_policy     text NOT NULL DEFAULT 'interaction' CHECK (consent_policy IN ('interaction', 'consent')),
    accent_color       text NOT NULL DEFAULT '#3b5bdb' CHECK (accent_color ~ '^#[0-9a-f]{6}$'),
    settings_version   int NOT NULL DEFAULT 1,            -- raised by every change; the feed reports it
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now()
);

-- Exact origins whose pages may embed this site's widgets, each with the page that a redirect returns to.
CREATE TABLE site_origin (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    origin      text COLLATE "C" NOT NULL CHECK (origin ~ '^https?://[^/]+$'),
    landing_url text NOT NULL,
    PRIMARY KEY (site_id, origin),
    CHECK (landing_url = origin || '/' OR starts_with(landing_url, origin || '/'))
);
CREATE INDEX site_origin_origin ON site_origin (origin);

-- Numbers that people see, counted per site (contact numbers).
CREATE TABLE site_counter (
    site_id uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    name    text NOT NULL,
    value   bigint NOT NULL,
    PRIMARY KEY (site_id, name)
);

CREATE TABLE staff (
    site_id       uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id            uuid NOT NULL,
    email         text NOT NULL CHECK (length(email) <= 254),
    email_key     text COLLATE "C" NOT NULL,               -- the address as compared: lower case
    name          text NOT NULL CHECK (length(name) <= 200),
    role          text NOT NULL CHECK (role IN ('owner', 'manager', 'operator', 'support', 'viewer')),
    password_hash text NOT NULL,
    language      text NOT NULL DEFAULT 'en',
    session_epoch int NOT NULL DEFAULT 1,                   -- raised to end all of this person's sessions
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, email_key)
);
CREATE INDEX staff_email ON staff (email_key);

CREATE TABLE staff_invitation (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    email       text NOT NULL CHECK (length(email) <= 254),
    role        text NOT NULL CHECK (role IN ('owner', 'manager', 'operator', 'support', 'viewer')),
    token_hash  bytea NOT NULL,
    invited_by  uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz,
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, invited_by) REFERENCES staff (site_id, id)
);

CREATE TABLE api_key (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    key_hash   bytea NOT NULL,                              -- SHA-256 of the whole key
    role       text NOT NULL CHECK (role IN ('manager', 'operator', 'viewer')),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, key_hash),
    FOREIGN KEY (site_id, created_by) REFERENCES staff (site_id, id)
);

-- Staff browser sessions, as the session library stores them. Not a tenant table: the cookie comes first.
CREATE TABLE http_session (
    token_hash bytea PRIMARY KEY,
    data       bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX http_session_expires ON http_session (expires_at);

-- ---------------------------------------------------------------- the book

CREATE TABLE contact (
    site_id           uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id                uuid NOT NULL,
    number            bigint NOT NULL,                      -- S-28: what people see, counted per site
    kind              text COLLATE "C" NOT NULL CHECK (kind IN ('person', 'organization')),
    -- person
    title             text NOT NULL DEFAULT '' CHECK (length(title) <= 50),
    first_name        text NOT NULL DEFAULT '' CHECK (length(first_name) <= 200),
    last_name         text NOT NULL DEFAULT '' CHECK (length(last_name) <= 200),
    birth_date        date,
    company           text NOT NULL DEFAULT '' CHECK (length(company) <= 200),
    -- organization
    name              text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    organization_kind text CHECK (organization_kind IN ('school', 'association', 'public_service', 'club', 'company')),
    recognised        boolean,                              -- clubs only (P-10)
    -- both
    email             text NOT NULL DEFAULT '' CHECK (length(email) <= 254),
    email_key         text COLLATE "C" NOT NULL DEFAULT '', -- lower case, as compared and searched
    phone             text COLLATE "C" NOT NULL DEFAULT '' CHECK (phone = '' OR phone ~ '^\+[1-9][0-9]{1,14}$'),
    mobile            text COLLATE "C" NOT NULL DEFAULT '' CHECK (mobile = '' OR mobile ~ '^\+[1-9][0-9]{1,14}$'),
    language          text NOT NULL DEFAULT '' CHECK (length(language) <= 35),
    address_lines     text NOT NULL DEFAULT '' CHECK (length(address_lines) <= 600), -- up to three lines
    postcode          text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(postcode) <= 20),
    city              text NOT NULL DEFAULT '' CHECK (length(city) <= 200),
    country           text COLLATE "C" NOT NULL DEFAULT '' CHECK (country = '' OR country ~ '^[A-Z]{2}$'),
    color             text NOT NULL DEFAULT '' CHECK (color = '' OR color ~ '^#[0-9a-f]{6}$'),
    note              text NOT NULL DEFAULT '' CHECK (length(note) <= 10000),
    answers           jsonb NOT NULL DEFAULT '{}',          -- custom field id -> answer
    listed            boolean NOT NULL DEFAULT true,        -- in the default view of the book (P-03, G-25)
    source            text NOT NULL DEFAULT 'staff' CHECK (source IN ('staff', 'api', 'import', 'registration', 'checkout', 'seed')),
    -- folded by contact.Fold, for search and sorting
    n_last            text COLLATE "C" NOT NULL DEFAULT '', -- surname, or the organization's name
    n_first           text COLLATE "C" NOT NULL DEFAULT '',
    n_city            text COLLATE "C" NOT NULL DEFAULT '',
    n_company         text COLLATE "C" NOT NULL DEFAULT '',
    n_answers         jsonb NOT NULL DEFAULT '{}',          -- the text answers, folded
    search            text COLLATE "C" NOT NULL DEFAULT '', -- all of the above and below that the search box reads
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    deleted_at        timestamptz,
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, number),
    CHECK (kind = 'person' OR name <> ''),
    CHECK (kind = 'organization' OR last_name <> '' OR first_name <> '' OR email <> ''),
    CHECK (recognised IS NULL OR organization_kind = 'club'),
    CHECK (jsonb_typeof(answers) = 'object')
);
CREATE INDEX contact_by_name    ON contact (site_id, n_last, n_first, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_by_first   ON contact (site_id, n_first, n_last, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_by_email   ON contact (site_id, email_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_by_phone   ON contact (site_id, phone) WHERE deleted_at IS NULL AND phone <> '';
CREATE INDEX contact_by_mobile  ON contact (site_id, mobile) WHERE deleted_at IS NULL AND mobile <> '';
CREATE INDEX contact_by_created ON contact (site_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_by_updated ON contact (site_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_by_city    ON contact (site_id, n_city, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_search     ON contact USING gin (site_id, search gin_trgm_ops);
CREATE INDEX contact_answers    ON contact USING gin (answers jsonb_path_ops);
CREATE INDEX contact_trash      ON contact (site_id, deleted_at, id) WHERE deleted_at IS NOT NULL;

-- Every change to a contact: who, when, from which surface, before and after.
CREATE TABLE contact_history (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    contact_id uuid NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    actor_kind text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id   uuid,
    actor_name text NOT NULL DEFAULT '',
    surface    text NOT NULL CHECK (surface IN ('admin', 'api', 'import', 'registration', 'checkout', 'profile', 'seed')),
    action     text NOT NULL CHECK (action IN ('created', 'updated', 'deleted', 'restored')),
    changes    jsonb NOT NULL,                              -- {"attribute": {"before": ..., "after": ...}}
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_history_of ON contact_history (site_id, contact_id, id);

CREATE TABLE contact_group (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    name_key    text COLLATE "C" NOT NULL,                  -- folded, so that no two groups differ by accents only
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    color       text NOT NULL DEFAULT '' CHECK (color = '' OR color ~ '^#[0-9a-f]{6}$'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, name_key)
);

CREATE TABLE contact_group_member (
    site_id    uuid NOT NULL,
    group_id   uuid NOT NULL,
    contact_id uuid NOT NULL,
    added_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, contact_id, group_id),
    FOREIGN KEY (site_id, group_id) REFERENCES contact_group (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_group_member_of ON contact_group_member (site_id, group_id, contact_id);

-- ---------------------------------------------------------------- custom fields

CREATE TABLE custom_field (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id              uuid NOT NULL,
    type            text NOT NULL CHECK (type IN ('yes_no', 'text', 'checkbox', 'dropdown')), -- T-39
    label           text NOT NULL CHECK (label <> '' AND length(label) <= 500),
    label_key       text COLLATE "C" NOT NULL,              -- folded; two fields of a site never share a label
    help            text NOT NULL DEFAULT '' CHECK (length(help) <= 2000),
    translations    jsonb NOT NULL DEFAULT '{}',            -- {"fr": {"label": ..., "help": ...}}
    required        boolean NOT NULL DEFAULT false,
    on_registration boolean NOT NULL DEFAULT false,
    on_checkout     boolean NOT NULL DEFAULT false,
    on_profile      boolean NOT NULL DEFAULT false,         -- none of the three: internal (T-60)
    choices         jsonb NOT NULL DEFAULT '[]',            -- [{"id", "label", "translations"}], at most 20 (T-48)
    multiple        text CHECK (multiple IN ('unlimited', 'exact', 'range')), -- T-49 to T-52; null = one answer
    min_choices     int,
    max_choices     int,
    position        int NOT NULL,
    archived_at     timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK (jsonb_typeof(choices) = 'array' AND jsonb_array_length(choices) <= 20),
    CHECK ((type = 'dropdown') = (jsonb_array_length(choices) > 0)),
    CHECK (multiple IS NULL OR type = 'dropdown'),
    CHECK ((multiple = 'exact' AND min_choices = max_choices AND min_choices >= 1 AND max_choices <= jsonb_array_length(choices))
        OR (multiple = 'range' AND min_choices >= 0 AND max_choices >= greatest(min_choices, 1) AND max_choices <= jsonb_array_length(choices))
        OR ((multiple IS NULL OR multiple = 'unlimited') AND min_choices IS NULL AND max_choices IS NULL))
);
CREATE UNIQUE INDEX custom_field_label ON custom_field (site_id, label_key) WHERE archived_at IS NULL;

-- ---------------------------------------------------------------- segments

CREATE TABLE segment (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    name_key    text COLLATE "C" NOT NULL,
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    color       text NOT NULL DEFAULT '' CHECK (color = '' OR color ~ '^#[0-9a-f]{6}$'),
    rule        jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, name_key)
);

-- ---------------------------------------------------------------- uploads and imports

-- Files live in the database, in pieces, so that any process can read what another received.
CREATE TABLE upload (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) <= 255),
    size       bigint,                                      -- null until all of it has arrived
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id)
);

CREATE TABLE upload_chunk (
    site_id   uuid NOT NULL,
    upload_id uuid NOT NULL,
    n         int NOT NULL,
    bytes     bytea NOT NULL,
    PRIMARY KEY (site_id, upload_id, n),
    FOREIGN KEY (site_id, upload_id) REFERENCES upload (site_id, id) ON DELETE CASCADE
);
ALTER TABLE upload_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL; -- read once: not worth compressing

CREATE TABLE import_run (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    file_name   text NOT NULL,
    format      text NOT NULL CHECK (format IN ('google', 'outlook', 'plain')),
    status      text NOT NULL CHECK (status IN ('running', 'done', 'failed')),
    total       int NOT NULL DEFAULT 0,
    created     int NOT NULL DEFAULT 0,
    updated     int NOT NULL DEFAULT 0,
    unchanged   int NOT NULL DEFAULT 0,
    refused     int NOT NULL DEFAULT 0,
    problem     text NOT NULL DEFAULT '',
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    started_by  text NOT NULL,
    PRIMARY KEY (site_id, id)
);

CREATE TABLE import_row (
    site_id    uuid NOT NULL,
    run_id     uuid NOT NULL,
    line       int NOT NULL,                                -- the line of the file where the row begins, 1 = header
    verdict    text NOT NULL CHECK (verdict IN ('created', 'updated', 'unchanged', 'refused')),
    contact_id uuid,
    message    text NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, run_id, line),
    FOREIGN KEY (site_id, run_id) REFERENCES import_run (site_id, id) ON DELETE CASCADE
);
