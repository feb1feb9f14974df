DROP TABLE account_recovery;
DROP INDEX checkout_account;
ALTER TABLE checkout
    DROP CONSTRAINT checkout_site_id_account_id_fkey,
    ADD FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id);
DELETE FROM email_challenge WHERE purpose = 'change';
ALTER TABLE email_challenge
    DROP COLUMN account_id,
    DROP CONSTRAINT email_challenge_purpose_check,
    ADD CONSTRAINT email_challenge_purpose_check CHECK (purpose IN ('sign_up', 'sign_in', 'link'));
