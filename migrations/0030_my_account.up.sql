-- "My account": an account's address is changed by proving the new one, and the old one can stop it.
ALTER TABLE email_challenge
    ADD COLUMN account_id  uuid,                            -- whose address changes, of purpose change
    ADD COLUMN cancel_hash bytea,                           -- of the token by which the old address stops the change
    DROP CONSTRAINT email_challenge_purpose_check,
    ADD CONSTRAINT email_challenge_purpose_check CHECK (purpose IN ('sign_up', 'sign_in', 'link', 'change')),
    ADD CONSTRAINT email_challenge_change_check CHECK ((purpose = 'change') = (account_id IS NOT NULL)),
    ADD FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE;
CREATE UNIQUE INDEX email_challenge_account ON email_challenge (site_id, account_id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX email_challenge_cancel ON email_challenge (site_id, cancel_hash) WHERE cancel_hash IS NOT NULL;

-- Whoever closes their account leaves what they bought.
ALTER TABLE checkout
    DROP CONSTRAINT checkout_site_id_account_id_fkey,
    ADD FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE SET NULL (account_id);
CREATE INDEX checkout_account ON checkout (site_id, account_id) WHERE account_id IS NOT NULL;
