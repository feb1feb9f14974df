-- Widgets of others, each a page that runs in a sandboxed frame, and what the site lets it know (docs/third-party-widgets.md).
CREATE TABLE third_party_widget (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    tag        text COLLATE "C" NOT NULL CHECK (tag ~ '^x-[a-z0-9]+(-[a-z0-9]+)+$' AND length(tag) <= 60),
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    page       text NOT NULL CHECK (page ~ '^https?://[^/]+/' AND length(page) <= 2000),
    grants     text[] NOT NULL CHECK (grants <@ ARRAY ['signed_in', 'first_name', 'email', 'answers']),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, tag)
);

ALTER TABLE embed_event DROP CONSTRAINT embed_event_kind_check,
    ADD CONSTRAINT embed_event_kind_check CHECK (kind IN
        ('secret_made', 'secret_revoked', 'signing_key_made', 'throttle_released', 'third_party_saved', 'third_party_removed'));
