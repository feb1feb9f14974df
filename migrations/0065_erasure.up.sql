-- Who was erased: the proof for the person, and what a restored backup is erased again by. No personal data: ids of what is anonymous or gone
-- by now, and keyed hashes of addresses.
CREATE TABLE erasure (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    contact_id  uuid NOT NULL,                               -- stays in the book without a name, for the books and the counts
    number      bigint NOT NULL,
    ground      text COLLATE "C" NOT NULL CHECK (ground IN ('request', 'withdrawn', 'needless', 'unlawful', 'retention')), -- GDPR art. 17(1); retention: the site's own rule
    request_id  uuid,                                        -- that asked for it
    at          timestamptz NOT NULL,
    actor_kind  text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'system')),
    actor_id    uuid,
    actor_name  text NOT NULL DEFAULT '',
    contact_ids uuid[] NOT NULL,                             -- the contact, and what had become part of it
    account_ids uuid[] NOT NULL,
    hashes      bytea[] NOT NULL,                            -- HMAC-SHA256 of each e-mail address in small letters
    deeds       jsonb NOT NULL CHECK (jsonb_typeof(deeds) = 'array'), -- [{"table", "deleted", "emptied"}]
    PRIMARY KEY (site_id, id)
);
CREATE INDEX erasure_of ON erasure (site_id, contact_id, id);
CREATE INDEX erasure_hash ON erasure USING gin (site_id, hashes);

-- How long a site keeps what nobody uses. null: for good.
CREATE TABLE retention (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    enabled         boolean NOT NULL DEFAULT false,
    contact_months  int CHECK (contact_months BETWEEN 6 AND 600),   -- persons without any sign of life for so long are made anonymous
    history_months  int CHECK (history_months BETWEEN 6 AND 600),   -- what changed is forgotten
    message_months  int CHECK (message_months BETWEEN 1 AND 600),   -- and what was sent
    audit_months    int CHECK (audit_months BETWEEN 12 AND 600),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    updated_by_name text NOT NULL DEFAULT '',
    ran_at          timestamptz,                                    -- when the last whole run ended
    PRIMARY KEY (site_id)
);

-- The ledger of consent goes with its person: with the contact, or when that is made anonymous, which says so in its transaction.
CREATE OR REPLACE FUNCTION consent_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM site WHERE id = OLD.site_id) THEN
            RETURN OLD;
        ELSIF TG_TABLE_NAME = 'consent_entry' AND (to_jsonb(OLD) ->> 'contact_id' = ANY (string_to_array(current_setting('carnet.erasing', true), ','))
            OR NOT EXISTS (SELECT 1 FROM contact WHERE site_id = OLD.site_id AND id = (to_jsonb(OLD) ->> 'contact_id')::uuid)) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: record a new entry instead', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
