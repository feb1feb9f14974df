-- A site's own address for its widgets, where the refresh token is a cookie: docs/embedding.md. A port is for loopback. It counts once it is verified, and
-- then for one site; a claim that nobody has proven keeps nobody else out.
ALTER TABLE site
    ADD COLUMN login_domain text COLLATE "C" NOT NULL DEFAULT ''
        CHECK (login_domain = '' OR octet_length(login_domain) <= 253 AND login_domain ~ '^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$' OR login_domain ~ '^localhost(:[1-9][0-9]{0,4})?$'),
    ADD COLUMN login_domain_verified_at timestamptz,
    ADD CONSTRAINT site_login_domain_verified CHECK (login_domain <> '' OR login_domain_verified_at IS NULL);
CREATE UNIQUE INDEX site_login_domain ON site (login_domain) WHERE login_domain_verified_at IS NOT NULL;

ALTER TABLE embed_event DROP CONSTRAINT embed_event_kind_check;
ALTER TABLE embed_event ADD CONSTRAINT embed_event_kind_check CHECK (kind IN ('secret_made', 'secret_revoked', 'signing_key_made', 'throttle_released',
    'third_party_saved', 'third_party_removed', 'login_domain_set', 'login_domain_verified', 'login_domain_lost', 'login_domain_removed'));
