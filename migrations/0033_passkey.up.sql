-- End users may sign in by a passkey (Web Authentication Level 3).

-- One relying party a site: a passkey is good on every page below its domain, and nowhere else.
ALTER TABLE site
    ADD COLUMN passkeys       boolean NOT NULL DEFAULT false,
    ADD COLUMN passkey_domain text NOT NULL DEFAULT '',     -- the RP ID
    ADD CONSTRAINT site_passkey_domain CHECK (NOT passkeys OR passkey_domain <> '');

CREATE TABLE passkey (
    site_id         uuid NOT NULL,
    credential_id   bytea NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
    id              uuid NOT NULL,                          -- ours, to name it by
    account_id      uuid NOT NULL,
    domain          text NOT NULL,                          -- the RP ID it was made for
    public_key      bytea NOT NULL,                         -- COSE
    sign_count      bigint NOT NULL,                        -- 0: its authenticator does not count
    transports      text[] NOT NULL DEFAULT '{}',
    backup_eligible boolean NOT NULL,                       -- never changes
    backed_up       boolean NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    created_at      timestamptz NOT NULL,
    used_at         timestamptz,
    PRIMARY KEY (site_id, credential_id),
    UNIQUE (site_id, id),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE
);
CREATE INDEX passkey_account ON passkey (site_id, account_id);

-- A challenge that a browser is answering. It is deleted by the first answer, good or bad.
CREATE TABLE passkey_ceremony (
    site_id        uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    challenge      text NOT NULL,                           -- of the authenticator, base64url
    origin         text NOT NULL,
    attempt        text NOT NULL,                           -- of a sign-in what the code will be bound to, else the session that asked
    code_challenge text NOT NULL DEFAULT '',
    jkt            text NOT NULL DEFAULT '',
    account_id     uuid,                                    -- who makes one, or proves once more who they are; NULL: whoever comes
    making         boolean NOT NULL,
    session        jsonb NOT NULL,                          -- what the library checks the answer against
    expires_at     timestamptz NOT NULL,
    PRIMARY KEY (site_id, challenge),
    CHECK (NOT making OR account_id IS NOT NULL),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE
);
CREATE INDEX passkey_ceremony_account ON passkey_ceremony (site_id, account_id) WHERE account_id IS NOT NULL;
CREATE INDEX passkey_ceremony_expires ON passkey_ceremony (expires_at);

ALTER TABLE contact_history
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored', 'reverted', 'merged', 'unmerged')
        OR account_id IS NOT NULL AND action IN ('account_created', 'account_invited', 'account_proven', 'account_password', 'account_password_generated', 'account_email',
            'account_linked', 'account_unlinked', 'account_disabled', 'account_enabled', 'account_signed_out', 'account_closed', 'account_reset_mail', 'account_support',
            'account_passkey_added', 'account_passkey_removed', 'account_passkey_copied'));
