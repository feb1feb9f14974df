-- The contact record, whole: operational types, the site's own lists, validity, numbers, more ways to
-- reach a contact, an address book, preferred places, free notes and references of earlier systems.

-- The site's own lists (S-31, G-06): titles, functions and natures to choose from.
CREATE TABLE contact_option (
    site_id      uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id           uuid NOT NULL,
    list         text COLLATE "C" NOT NULL CHECK (list IN ('title', 'function', 'nature')),
    kind         text COLLATE "C" CHECK (kind IN ('person', 'organization')), -- the contacts it is for; null = both
    name         text NOT NULL CHECK (name <> '' AND length(name) <= 100),
    name_key     text COLLATE "C" NOT NULL,                  -- folded, so that no two differ by accents only
    translations jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(translations) = 'object'), -- {"fr": {"name": ...}}
    position     int NOT NULL,
    archived_at  timestamptz,                                -- not offered any more; contacts keep it
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX contact_option_name ON contact_option (site_id, list, name_key) WHERE archived_at IS NULL;

ALTER TABLE contact
    ADD COLUMN types                 text[] NOT NULL DEFAULT '{}'  -- S-08 to S-10
        CHECK (types <@ ARRAY['guide', 'supplier', 'partner', 'producer', 'support']),
    ADD COLUMN function_id           uuid,
    ADD COLUMN nature_id             uuid,
    ADD COLUMN valid_until           date,                         -- the last day it is valid (G-09); null = for good
    ADD COLUMN administrative_number text NOT NULL DEFAULT '' CHECK (length(administrative_number) <= 50),
    ADD COLUMN iban                  text COLLATE "C" NOT NULL DEFAULT '' CHECK (iban = '' OR iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    ADD COLUMN ambassador            boolean NOT NULL DEFAULT false, -- G-08
    ADD COLUMN fax                   text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN other_emails          jsonb NOT NULL DEFAULT '[]'   -- [{"label", "value"}]
        CHECK (jsonb_typeof(other_emails) = 'array' AND jsonb_array_length(other_emails) <= 10),
    ADD COLUMN other_phones          jsonb NOT NULL DEFAULT '[]'
        CHECK (jsonb_typeof(other_phones) = 'array' AND jsonb_array_length(other_phones) <= 10),
    ADD COLUMN reach                 text[] NOT NULL DEFAULT '{}', -- every e-mail address in small letters and every number as E.164
    ADD COLUMN delivery_address      jsonb CHECK (jsonb_typeof(delivery_address) = 'object'), -- {"lines", "postcode", "city", "country"}
    ADD COLUMN billing_address       jsonb CHECK (jsonb_typeof(billing_address) = 'object'),
    ADD COLUMN seats                 jsonb NOT NULL DEFAULT '[]'   -- [{"venue", "zone", "row", "seat", "note"}] (G-13)
        CHECK (jsonb_typeof(seats) = 'array' AND jsonb_array_length(seats) <= 20),
    ADD FOREIGN KEY (site_id, function_id) REFERENCES contact_option (site_id, id),
    ADD FOREIGN KEY (site_id, nature_id) REFERENCES contact_option (site_id, id);

UPDATE contact SET reach = array_remove(ARRAY[email_key, phone, mobile], '') WHERE email_key <> '' OR phone <> '' OR mobile <> '';

CREATE INDEX contact_reach    ON contact USING gin (site_id, reach);
CREATE INDEX contact_types    ON contact USING gin (site_id, types);
CREATE INDEX contact_function ON contact (site_id, function_id) WHERE function_id IS NOT NULL;
CREATE INDEX contact_nature   ON contact (site_id, nature_id) WHERE nature_id IS NOT NULL;
CREATE INDEX contact_adminno  ON contact (site_id, lower(administrative_number) COLLATE "C") WHERE administrative_number <> '';

-- Free notes (S-47).
CREATE TABLE contact_note (
    site_id       uuid NOT NULL,
    contact_id    uuid NOT NULL,
    id            uuid NOT NULL,
    text          text NOT NULL CHECK (text <> '' AND length(text) <= 10000),
    personal_data boolean NOT NULL DEFAULT true,             -- whether a request for access or erasure covers it
    author_kind   text NOT NULL CHECK (author_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    author_id     uuid,
    author_name   text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);

CREATE INDEX contact_note_of ON contact_note (site_id, contact_id, id);

-- The numbers of the record in earlier systems (G-10). No two living contacts share one; the trash does not count.
-- The contact is part of the key, so that the log tells whose reference is gone.
CREATE TABLE contact_reference (
    site_id     uuid NOT NULL,
    contact_id  uuid NOT NULL,
    source      text COLLATE "C" NOT NULL CHECK (source <> '' AND length(source) <= 100),
    external_id text COLLATE "C" NOT NULL CHECK (external_id <> '' AND length(external_id) <= 200),
    living      boolean NOT NULL DEFAULT true,               -- false while its contact is in the trash
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, contact_id, source, external_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX contact_reference_taken ON contact_reference (site_id, source, external_id) WHERE living;

-- Segments may ask for references; a note and the other columns change the contact's own row.
ALTER PUBLICATION carnet ADD TABLE contact_reference;
