-- Providers of known kinds beside any OpenID Connect issuer. Issuers of known kinds stand in the program.

ALTER TABLE login_provider
    ADD COLUMN kind text NOT NULL DEFAULT 'oidc' CHECK (kind IN ('oidc', 'google', 'microsoft', 'apple', 'facebook', 'github', 'linkedin')),
    ADD COLUMN tenant text CHECK (tenant IN ('common', 'organizations', 'consumers')
        OR tenant ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'), -- Microsoft: whose accounts
    ADD COLUMN team_id text CHECK (team_id ~ '^[A-Z0-9]{10}$'),                        -- Apple: the developer team
    ADD COLUMN key_id text CHECK (key_id ~ '^[A-Z0-9]{10}$'),                          -- Apple: of the private key, which is the sealed secret
    ALTER COLUMN issuer DROP NOT NULL,
    ADD CHECK ((issuer IS NOT NULL) = (kind = 'oidc')),
    ADD CHECK ((tenant IS NOT NULL) = (kind = 'microsoft')),
    ADD CHECK ((team_id IS NOT NULL) = (kind = 'apple') AND (key_id IS NOT NULL) = (kind = 'apple'));
ALTER TABLE login_provider ALTER COLUMN kind DROP DEFAULT;

-- All that goth's session held was the address that the browser was sent to.
ALTER TABLE social_attempt DROP COLUMN session;
