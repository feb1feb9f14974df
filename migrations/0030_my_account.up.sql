-- "My account": an account's address is changed by proving the new one, and the old one can stop it.
ALTER TABLE email_challenge
    ADD COLUMN account_id uuid,                             -- whose address changes, of purpose change
    DROP CONSTRAINT email_challenge_purpose_check,
    ADD CONSTRAINT email_challenge_purpose_check CHECK (purpose IN ('sign_up', 'sign_in', 'link', 'change')),
    ADD CONSTRAINT email_challenge_change_check CHECK ((purpose = 'change') = (account_id IS NOT NULL)),
    ADD FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE;
CREATE UNIQUE INDEX email_challenge_account ON email_challenge (site_id, account_id) WHERE account_id IS NOT NULL;

-- By the link in the mail to the old address its owner takes the account back, also after the change.
CREATE TABLE account_recovery (
    site_id    uuid NOT NULL,
    token_hash bytea NOT NULL,
    account_id uuid NOT NULL,
    email      text NOT NULL,                               -- the old address
    new_email  text NOT NULL,
    language   text NOT NULL DEFAULT '',
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, token_hash),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE
);
CREATE INDEX account_recovery_of ON account_recovery (site_id, account_id);
CREATE INDEX account_recovery_expires ON account_recovery (expires_at);

-- Whoever closes their account leaves what they bought.
ALTER TABLE checkout
    DROP CONSTRAINT checkout_site_id_account_id_fkey,
    ADD FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE SET NULL (account_id);
CREATE INDEX checkout_account ON checkout (site_id, account_id) WHERE account_id IS NOT NULL;
