-- The look of a site's widgets: a list of {name, value, dark}, docs/widgets.md. What it holds is written into style sheets, so no character of it can
-- end a declaration or name an address.
ALTER TABLE site ADD COLUMN theme jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(theme) = 'array' AND octet_length(theme::text) <= 8000
        AND NOT jsonb_path_exists(theme, '$[*].* ? (!(@ like_regex "^[#a-zA-Z0-9 .,%-]*$"))'));

-- The site's own wordings of its widgets' texts: a list of {language, name, text}.
ALTER TABLE site ADD COLUMN widget_texts jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(widget_texts) = 'array' AND octet_length(widget_texts::text) <= 16000);

-- Secrets that the host's server redeems with. While it is given a new one, the old one goes on until its end.
CREATE TABLE site_secret (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    secret_hash bytea NOT NULL,                             -- SHA-256
    hint        text NOT NULL,                              -- its last four characters; empty when they are not known
    made_by     text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    used_at     timestamptz,                                -- to within a minute
    ends_at     timestamptz,                                -- NULL: the current one
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX site_secret_current ON site_secret (site_id) WHERE ends_at IS NULL;
INSERT INTO site_secret (site_id, id, secret_hash, hint, made_by, created_at) SELECT id, gen_random_uuid(), secret_hash, '', '', created_at FROM site;
ALTER TABLE site DROP COLUMN secret_hash;

-- A new signing key is published before it signs, so that hosts that keep the keys for a while know it by then.
ALTER TABLE signing_key ADD COLUMN signs_at timestamptz NOT NULL DEFAULT now();
UPDATE signing_key SET signs_at = created_at;
ALTER TABLE signing_key ALTER COLUMN signs_at DROP DEFAULT;

-- Tries are counted by site, and say in short of what, so that the site's owner can look at them and release one.
DROP TABLE rate_bucket;
CREATE TABLE rate_bucket (
    site_id      uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    key          text COLLATE "C" NOT NULL,                 -- what is limited, and a keyed hash of whom
    window_start timestamptz NOT NULL,
    window_end   timestamptz NOT NULL,
    count        int NOT NULL,
    most         int NOT NULL,
    shown        text NOT NULL,                             -- whom, cut short: a***@example.org, 192.0.2.0/24
    PRIMARY KEY (site_id, key, window_start)
);
CREATE INDEX rate_bucket_ends ON rate_bucket (window_end);

-- What the staff did about the keys and limits of the embed.
CREATE TABLE embed_event (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('secret_made', 'secret_revoked', 'signing_key_made', 'throttle_released')),
    what       text NOT NULL,
    actor_id   uuid NOT NULL,
    actor_name text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id)
);
