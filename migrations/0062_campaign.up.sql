-- Messages to many (P-21): what is written once and goes to each of a segment, a selection or an organization's people.
CREATE TABLE campaign (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),       -- for staff; nobody else sees it
    channel     text COLLATE "C" NOT NULL CHECK (channel IN ('email')),
    purpose_id  uuid,                                        -- what people agreed to; null: what a contract needs, which asks for no consent
    texts       jsonb NOT NULL CHECK (jsonb_typeof(texts) = 'object'),          -- {"en": {"subject": ..., "body": ...}}
    target      jsonb NOT NULL CHECK (jsonb_typeof(target) = 'object'),         -- who is meant; who that was stands in campaign_recipient
    status      text COLLATE "C" NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'queued', 'sending', 'paused', 'done', 'cancelled')),
    problem     text NOT NULL DEFAULT '',                    -- why it paused by itself, or what it waits for
    send_at     timestamptz,                                 -- of one that is not a draft: not before
    total       int NOT NULL DEFAULT 0,                      -- everybody meant, also who was left out
    left_out    int NOT NULL DEFAULT 0,
    sent        int NOT NULL DEFAULT 0,
    failed      int NOT NULL DEFAULT 0,
    uncertain   int NOT NULL DEFAULT 0,
    actor_kind  text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'system')),  -- who had it sent; of a draft: who made it
    actor_id    uuid,
    actor_name  text NOT NULL,
    access      smallint NOT NULL,
    version     int NOT NULL DEFAULT 1,                      -- of the draft, so that two people do not write over each other
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (site_id, id),
    CHECK ((status = 'draft') = (send_at IS NULL)),
    FOREIGN KEY (site_id, purpose_id) REFERENCES consent_purpose (site_id, id) DEFERRABLE INITIALLY DEFERRED
);

-- Whom a campaign is for, as it was when the sending began. One being sent when its process dies is uncertain: only a person sends it again.
CREATE TABLE campaign_recipient (
    site_id     uuid NOT NULL,
    campaign_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    state       text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'left_out', 'failed', 'uncertain')),
    reason      text COLLATE "C" NOT NULL DEFAULT '',        -- why it was left out or failed, a stable word
    problem     text NOT NULL DEFAULT '',                    -- what the other side said
    address     text NOT NULL DEFAULT '',                    -- emptied with the contact
    address_key text COLLATE "C" NOT NULL DEFAULT '',
    attempts    int NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL DEFAULT now(),          -- of a pending one: not before
    taken_at    timestamptz,                                 -- when the last try began
    settled_at  timestamptz,
    PRIMARY KEY (site_id, campaign_id, contact_id),
    FOREIGN KEY (site_id, campaign_id) REFERENCES campaign (site_id, id) ON DELETE CASCADE
);
-- No address is written to twice, whatever becomes of the program.
CREATE UNIQUE INDEX campaign_recipient_once ON campaign_recipient (site_id, campaign_id, address_key) WHERE state <> 'left_out' AND address_key <> '';
CREATE INDEX campaign_recipient_by_state ON campaign_recipient (site_id, campaign_id, state, contact_id);
CREATE INDEX campaign_recipient_of ON campaign_recipient (site_id, contact_id, campaign_id);

-- Who is erased leaves a number behind, not an address.
CREATE FUNCTION campaign_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE campaign_recipient r SET address = '', address_key = '', problem = '' FROM gone WHERE r.site_id = gone.site_id AND r.contact_id = gone.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_campaign_forget AFTER DELETE ON contact REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION campaign_forget();

-- Addresses that a mail server has refused for good.
CREATE TABLE dead_address (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    address_key text COLLATE "C" NOT NULL,
    problem     text NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, address_key)
);

-- People also say yes and no by the link in a message.
ALTER TABLE consent_entry DROP CONSTRAINT consent_entry_source_check,
    ADD CONSTRAINT consent_entry_source_check CHECK (source IN ('staff', 'api', 'import', 'registration', 'checkout', 'profile', 'link'));

ALTER TABLE contact_history DROP CONSTRAINT contact_history_surface_check,
    ADD CONSTRAINT contact_history_surface_check CHECK (surface IN ('admin', 'api', 'import', 'registration', 'checkout', 'profile', 'seed', 'sign_in', 'message'));

ALTER PUBLICATION carnet ADD TABLE campaign (site_id, id, status);
