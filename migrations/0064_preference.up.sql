-- What people set of the messages they get: a preference page by a signed link, consents that wait for a click in a mail, and what
-- mail servers and mailboxes send back.

-- Whether what people say of a purpose by themselves counts only once a link in a mail is used.
ALTER TABLE consent_purpose ADD COLUMN double_opt_in boolean NOT NULL DEFAULT false;

-- The ledger tells of both: 'pending' when it was said, 'given' when it was confirmed. What holds now (consent) knows no pending.
ALTER TABLE consent_entry ADD COLUMN asked_at timestamptz, -- of a confirmed one: when it was said
    DROP CONSTRAINT consent_entry_state_check, ADD CONSTRAINT consent_entry_state_check CHECK (state IN ('pending', 'given', 'withdrawn')),
    DROP CONSTRAINT consent_entry_source_check,
    ADD CONSTRAINT consent_entry_source_check CHECK (source IN ('staff', 'api', 'import', 'registration', 'checkout', 'profile', 'link', 'preferences', 'complaint'));

-- A mail that asks a contact to confirm, and what its link still can do. Swept a while after its end.
CREATE TABLE consent_request (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    contact_id  uuid NOT NULL,
    address_key text COLLATE "C" NOT NULL,                   -- whom it asks; the link ends when the contact has another address
    mails       int NOT NULL DEFAULT 0,
    mailed_at   timestamptz,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX consent_request_of ON consent_request (site_id, contact_id);
CREATE INDEX consent_request_to ON consent_request (site_id, address_key, mailed_at);

-- What waits to be confirmed, by channel.
CREATE TABLE consent_pending (
    site_id    uuid NOT NULL,
    contact_id uuid NOT NULL,
    purpose_id uuid NOT NULL,
    channel    text COLLATE "C" NOT NULL CHECK (channel IN ('email', 'sms', 'post', 'phone')),
    entry_id   uuid NOT NULL,
    request_id uuid NOT NULL,
    since      timestamptz NOT NULL,
    PRIMARY KEY (site_id, contact_id, purpose_id, channel),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, purpose_id) REFERENCES consent_purpose (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, entry_id) REFERENCES consent_entry (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, request_id) REFERENCES consent_request (site_id, id) ON DELETE CASCADE
);
CREATE INDEX consent_pending_in ON consent_pending (site_id, request_id);

-- What came back of a message by mail. ref is what the message's return path names, signed.
ALTER TABLE campaign_recipient ADD COLUMN ref bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN soft_bounces int NOT NULL DEFAULT 0,          -- reports that it could not be delivered for now, or not to this message
    ADD COLUMN complained_at timestamptz;                    -- the mailbox told that the person takes it for spam
CREATE UNIQUE INDEX campaign_recipient_ref ON campaign_recipient (site_id, ref);
