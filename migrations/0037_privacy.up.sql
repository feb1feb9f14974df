-- What a person asks of the site about their own data (GDPR art. 12 to 22). Whoever asks does it signed in, staff answer.
CREATE TABLE privacy_request (
    site_id      uuid NOT NULL,
    id           uuid NOT NULL,
    contact_id   uuid,                                      -- NULL once the contact was deleted for good
    account_id   uuid NOT NULL,                             -- that asked; it may be gone
    kind         text NOT NULL CHECK (kind IN ('erasure')),
    message      text NOT NULL DEFAULT '' CHECK (length(message) <= 2000),
    email        text,                                      -- where the answer goes; emptied when it has gone out
    language     text NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'withdrawn', 'done', 'refused')),
    asked_at     timestamptz NOT NULL,
    due_at       timestamptz NOT NULL CHECK (due_at > asked_at),
    done_by      uuid,                                      -- the member of staff, or the key
    done_by_name text NOT NULL DEFAULT '',
    done_at      timestamptz,
    reason       text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id) REFERENCES site (id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (contact_id),
    CHECK ((state = 'open') = (email IS NOT NULL)),
    CHECK ((state = 'open') = (done_at IS NULL)),
    CHECK ((state IN ('done', 'refused')) = (done_by_name <> ''))
);
-- One that is open an account and kind.
CREATE UNIQUE INDEX privacy_request_open ON privacy_request (site_id, account_id, kind) WHERE state = 'open';
CREATE INDEX privacy_request_contact ON privacy_request (site_id, contact_id);
CREATE INDEX privacy_request_due ON privacy_request (site_id, due_at, id) WHERE state = 'open';

ALTER TABLE contact_history
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored', 'reverted', 'merged', 'unmerged')
        OR account_id IS NOT NULL AND action IN ('account_created', 'account_invited', 'account_proven', 'account_password', 'account_password_generated', 'account_email',
            'account_linked', 'account_unlinked', 'account_disabled', 'account_enabled', 'account_signed_out', 'account_closed', 'account_reset_mail', 'account_support',
            'account_passkey_added', 'account_passkey_removed', 'account_passkey_copied', 'account_data_exported', 'account_erasure_asked', 'account_erasure_withdrawn',
            'account_erasure_done', 'account_erasure_refused'));
