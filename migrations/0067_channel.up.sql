-- Campaigns go by e-mail, by text message and into people's inboxes (P-22).
ALTER TABLE campaign DROP CONSTRAINT campaign_channel_check,
    ADD CONSTRAINT campaign_channel_check CHECK (channel IN ('email', 'sms', 'internal')),
    ADD COLUMN delivered int NOT NULL DEFAULT 0,             -- of those sent: the person's device has it, as the provider says
    ADD COLUMN single boolean NOT NULL DEFAULT false;        -- written to one contact from its record; not among the campaigns

-- A provider tells later what became of a message: a sent one was delivered, or failed.
ALTER TABLE campaign_recipient DROP CONSTRAINT campaign_recipient_state_check,
    ADD CONSTRAINT campaign_recipient_state_check CHECK (state IN ('pending', 'sending', 'sent', 'delivered', 'left_out', 'failed', 'uncertain')),
    ADD COLUMN provider_id text NOT NULL DEFAULT '';         -- the message's, at who carries it

-- Who is erased takes along what was written to them alone.
CREATE OR REPLACE FUNCTION campaign_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM campaign c USING campaign_recipient r, gone WHERE c.single AND r.site_id = c.site_id AND r.campaign_id = c.id AND r.site_id = gone.site_id AND r.contact_id = gone.id;
    UPDATE campaign_recipient r SET address = '', address_key = '', problem = '' FROM gone WHERE r.site_id = gone.site_id AND r.contact_id = gone.id;
    RETURN NULL;
END $$;

-- How a site sends text messages: by its account at Twilio, or by a gateway that takes HTTP requests. Secrets are sealed; nobody reads them back.
CREATE TABLE sms_account (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    provider    text COLLATE "C" NOT NULL CHECK (provider IN ('twilio', 'gateway')),
    sender      text NOT NULL,                               -- a number, a name, or a messaging service at Twilio
    secret      bytea,                                       -- Twilio's auth token; a gateway's key, if it has one
    secret_hint text NOT NULL DEFAULT '',                    -- the secret's last four characters
    account     text NOT NULL DEFAULT '',                    -- Twilio's account SID
    url         text NOT NULL DEFAULT '',                    -- a gateway's request, with {to}, {text}, {from}, {callback} and {secret}
    method      text COLLATE "C" NOT NULL DEFAULT '' CHECK (method IN ('', 'GET', 'POST', 'PUT')),
    headers     jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(headers) = 'array'),
    body        text NOT NULL DEFAULT '',
    taken       text NOT NULL DEFAULT '',                    -- what an answer holds when a gateway has taken the message; empty: any 2xx
    changed_by  text NOT NULL DEFAULT '',
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id),
    CHECK (CASE provider WHEN 'twilio' THEN secret IS NOT NULL AND account <> '' ELSE url <> '' AND method <> '' END)
);
