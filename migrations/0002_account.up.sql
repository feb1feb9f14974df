-- End users' logins: accounts, ways in, sessions, checkout tokens; and mail on its way out.
-- Tokens and codes are stored as SHA-256 only. Tokens that travel carry the site, so every look-up begins with site_id.

CREATE TABLE account (
    site_id       uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id            uuid NOT NULL,
    subject       text COLLATE "C" NOT NULL,                -- pairwise subject that hosts see
    email         text NOT NULL CHECK (length(email) <= 254),
    email_key     text COLLATE "C" NOT NULL,
    contact_id    uuid NOT NULL,                            -- there is no account before the mailbox is proven
    proven_at     timestamptz,                              -- when we proved the mailbox; null: only a provider vouches for it
    password_hash text NOT NULL DEFAULT '',                 -- empty: no password set
    language      text NOT NULL DEFAULT '',
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, subject),
    UNIQUE (site_id, email_key),
    UNIQUE (site_id, contact_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id)
);

-- A social identity is (issuer, subject); an equal e-mail never links by itself.
CREATE TABLE account_identity (
    site_id    uuid NOT NULL,
    issuer     text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL,
    provider   text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, issuer, subject),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE
);
CREATE INDEX account_identity_of ON account_identity (site_id, account_id);

-- Social providers are configured per site, each with credentials of its own.
CREATE TABLE login_provider (
    site_id       uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    name          text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z0-9-]{1,40}$'),
    label         text NOT NULL CHECK (label <> '' AND length(label) <= 100),
    issuer        text NOT NULL,
    client_id     text NOT NULL,
    client_secret bytea NOT NULL,                           -- sealed with the server's key
    position      int NOT NULL DEFAULT 0,
    PRIMARY KEY (site_id, name)
);

-- An e-mail on its way to being proven: a sign-up, a sign-in by code, or a social identity to link. The newest replaces older ones.
CREATE TABLE email_challenge (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    purpose     text NOT NULL CHECK (purpose IN ('sign_up', 'sign_in', 'link')),
    email       text NOT NULL,
    email_key   text COLLATE "C" NOT NULL,
    attempt     text COLLATE "C" NOT NULL,                  -- the widget's attempt id
    origin      text NOT NULL,
    challenge   text NOT NULL,                              -- S256 challenge of the widget
    jkt         text NOT NULL,                              -- thumbprint of the widget's key (RFC 7638)
    code_hash   bytea NOT NULL,                             -- of the eight digits
    link_hash   bytea NOT NULL,                             -- of the link's token
    pending     jsonb NOT NULL DEFAULT '{}',                -- sign-up data, kept until the mailbox is proven
    tries       int NOT NULL DEFAULT 0,
    confirmed_at timestamptz,                               -- the link's button was pressed on another device
    number      text NOT NULL DEFAULT '',                   -- two digits to type where one started
    created_at  timestamptz NOT NULL DEFAULT now(),
    language    text NOT NULL DEFAULT '',                   -- of the mail and of the link's page
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, purpose, email_key),
    UNIQUE (site_id, link_hash)
);

-- A browser on its way through a social provider, found again by the hash of `state`.
CREATE TABLE social_attempt (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    state_hash  bytea NOT NULL,                             -- the state carries the site
    provider    text NOT NULL,
    attempt     text NOT NULL,
    origin      text NOT NULL,
    landing_url text NOT NULL,
    challenge   text NOT NULL,
    jkt         text NOT NULL,
    mode        text NOT NULL CHECK (mode IN ('popup', 'redirect')),
    binding     bytea NOT NULL,                             -- hash of the binding cookie
    verifier    text NOT NULL,                              -- our PKCE verifier towards the provider
    nonce       text NOT NULL,
    session     text NOT NULL,                              -- goth's session, server side only
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (site_id, state_hash)
);

-- The code every way in ends with: 60 s, once, bound to site, origin, attempt, challenge, key, account.
CREATE TABLE auth_code (
    site_id    uuid NOT NULL,
    code_hash  bytea NOT NULL,
    account_id uuid NOT NULL,
    attempt    text NOT NULL,
    origin     text NOT NULL,
    challenge  text NOT NULL,
    jkt        text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, code_hash),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE
);

-- A session of an end user: one family of rotating refresh tokens, bound to one key and one origin.
CREATE TABLE account_session (
    site_id      uuid NOT NULL,
    id           uuid NOT NULL,
    account_id   uuid NOT NULL,
    origin       text NOT NULL,
    jkt          text NOT NULL,
    refresh_hash bytea NOT NULL,
    previous_hash bytea,
    previous_until timestamptz,                             -- a lost answer may be asked for again until then
    user_agent   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    used_at      timestamptz NOT NULL DEFAULT now(),
    idle_until   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE
);
CREATE INDEX account_session_of ON account_session (site_id, account_id);

CREATE TABLE access_token (
    site_id    uuid NOT NULL,
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, token_hash),
    FOREIGN KEY (site_id, session_id) REFERENCES account_session (site_id, id) ON DELETE CASCADE
);
CREATE INDEX access_token_of ON access_token (site_id, session_id);

-- Proofs already seen (RFC 9449 section 11.1). Not a tenant table: the proof is checked before the token.
CREATE TABLE dpop_proof (
    jkt        text COLLATE "C" NOT NULL,
    jti        text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (jkt, jti)
);
CREATE INDEX dpop_proof_expires ON dpop_proof (expires_at);

-- What a checkout token stands for; redeemed once by the host's server.
CREATE TABLE checkout (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    jti             text COLLATE "C" NOT NULL,
    account_id      uuid,                                   -- null: a guest
    contact_id      uuid,                                   -- a guest's is known when the token is redeemed
    guest           jsonb,                                  -- who buys, of a guest; nothing enters the book before the redeem
    order_ref       text NOT NULL,
    nonce           text NOT NULL,
    answers         jsonb NOT NULL,                         -- frozen as given (G-21)
    answers_sha256  text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    redeemed_at     timestamptz,
    idempotency_key text,
    redemption      text,                                   -- what the redeem answered, byte for byte, for the same key again
    PRIMARY KEY (site_id, jti),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id)
);

-- The server's signing keys for checkout tokens. Global: one issuer serves all sites.
CREATE TABLE signing_key (
    kid         text PRIMARY KEY,
    private_key bytea NOT NULL,                             -- sealed with the server's key
    public_jwk  jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz
);

-- Tries per bucket and window, shared by all processes.
CREATE TABLE rate_bucket (
    key    text COLLATE "C" NOT NULL,
    window_start timestamptz NOT NULL,
    count  int NOT NULL,
    PRIMARY KEY (key, window_start)
);

-- Mail on its way out. Written in the transaction that causes it, sent afterwards. Without an SMTP
-- server it stays here as the outbox that the admin shows.
CREATE TABLE mail (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    body_text  text NOT NULL,
    body_html  text NOT NULL DEFAULT '',
    sensitive  boolean NOT NULL DEFAULT false,              -- holds a code or a link to enter by; emptied when it has left
    status     text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sent', 'failed')),
    attempts   int NOT NULL DEFAULT 0,
    problem    text NOT NULL DEFAULT '',
    next_at    timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX mail_due ON mail (next_at) WHERE status = 'queued';

-- What the change feed reports. Credentials are among it: a subscription ends with the right to it.
CREATE PUBLICATION carnet FOR TABLE
    contact, contact_group, contact_group_member, custom_field, segment, site (id, settings_version),
    staff (site_id, id, role, session_epoch, disabled_at),
    api_key (site_id, id, role, expires_at, revoked_at),
    account (site_id, id, contact_id, disabled_at),
    account_session (site_id, id, account_id, revoked_at, expires_at),
    mail (site_id, id, status),
    import_run;
