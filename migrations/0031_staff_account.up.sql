-- The history of a contact tells what becomes of its account, and who did it (S-36 to S-40).
ALTER TABLE contact_history
    ADD COLUMN account_id uuid,                             -- the account that changed; it may be gone
    ADD COLUMN on_behalf  boolean NOT NULL DEFAULT false,   -- staff in the customer's account (S-15)
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored', 'reverted', 'merged', 'unmerged')
        OR account_id IS NOT NULL AND action IN ('account_created', 'account_invited', 'account_proven', 'account_password', 'account_password_generated', 'account_email',
            'account_linked', 'account_unlinked', 'account_disabled', 'account_enabled', 'account_signed_out', 'account_closed', 'account_reset_mail', 'account_support')),
    DROP CONSTRAINT contact_history_surface_check,
    ADD CONSTRAINT contact_history_surface_check CHECK (surface IN ('admin', 'api', 'import', 'registration', 'checkout', 'profile', 'seed', 'sign_in'));
CREATE INDEX contact_history_account ON contact_history (site_id, account_id, id) WHERE account_id IS NOT NULL;

-- A support session is a customer's, held by the member of staff who entered (S-14, G-30): both columns are set.
ALTER TABLE auth_code
    DROP CONSTRAINT auth_code_holder,
    ADD CONSTRAINT auth_code_holder CHECK ((account_id IS NOT NULL OR staff_id IS NOT NULL) AND (staff_id IS NULL) = (staff_epoch IS NULL));
ALTER TABLE token_session
    DROP CONSTRAINT token_session_holder,
    ADD CONSTRAINT token_session_holder CHECK ((account_id IS NOT NULL OR staff_id IS NOT NULL) AND (staff_id IS NULL) = (staff_epoch IS NULL));

-- The one-time code by which a member of staff enters a customer's account from a page of the site.
CREATE TABLE support_code (
    site_id     uuid NOT NULL,
    code_hash   bytea NOT NULL,
    account_id  uuid NOT NULL,
    staff_id    uuid NOT NULL,
    staff_epoch int NOT NULL,
    origin      text NOT NULL,                              -- the page it opens
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (site_id, code_hash),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, staff_id) REFERENCES staff (site_id, id) ON DELETE CASCADE
);
CREATE INDEX support_code_account ON support_code (site_id, account_id);
