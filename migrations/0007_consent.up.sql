-- Consent: what people agree to be contacted for, the wording they were shown, and a ledger of what they said.

-- A UUIDv7 for rows that SQL makes by itself; everything else gets its ids from the program.
CREATE FUNCTION carnet_uuidv7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$;

-- What consent is asked for. "contact", to be contacted by the site at all, is there from a site's start and stays.
CREATE TABLE consent_purpose (
    site_id      uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id           uuid NOT NULL,
    code         text COLLATE "C" NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,39}$'),
    name         text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    description  text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    translations jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(translations) = 'object'), -- {"fr": {"name": ..., "description": ...}}
    position     int NOT NULL DEFAULT 0,
    archived_at  timestamptz CHECK (code <> 'contact' OR archived_at IS NULL),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, code)
);

-- The sentences people agree to. A version is one set of texts, a row a language; a change of a text is a new version.
CREATE TABLE consent_wording (
    site_id    uuid NOT NULL,
    purpose_id uuid NOT NULL,
    version    int NOT NULL CHECK (version >= 1),
    language   text COLLATE "C" NOT NULL CHECK (language IN ('en', 'fr', 'nb')),
    text       text NOT NULL CHECK (text <> '' AND length(text) <= 2000),   -- {site} stands for the site's name
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, purpose_id, version, language),
    FOREIGN KEY (site_id, purpose_id) REFERENCES consent_purpose (site_id, id) ON DELETE CASCADE
);

-- The ledger: who said what, when, on what wording. Rows go only with their contact.
CREATE TABLE consent_entry (
    site_id          uuid NOT NULL,
    id               uuid NOT NULL,
    contact_id       uuid NOT NULL,
    purpose_id       uuid NOT NULL,
    channel          text COLLATE "C" NOT NULL CHECK (channel IN ('any', 'email', 'sms', 'post', 'phone')),
    state            text COLLATE "C" NOT NULL CHECK (state IN ('given', 'withdrawn')),
    wording_version  int,                                   -- null: nothing of ours was shown
    wording_language text COLLATE "C",
    at               timestamptz NOT NULL,                  -- when they said so, which may be before it was written down
    recorded_at      timestamptz NOT NULL DEFAULT now(),
    source           text NOT NULL CHECK (source IN ('staff', 'api', 'import', 'registration', 'checkout', 'profile')),
    actor_kind       text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id         uuid,
    actor_name       text NOT NULL DEFAULT '',
    note             text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
    PRIMARY KEY (site_id, id),
    CHECK ((wording_version IS NULL) = (wording_language IS NULL)),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, purpose_id) REFERENCES consent_purpose (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, purpose_id, wording_version, wording_language) REFERENCES consent_wording (site_id, purpose_id, version, language) ON DELETE CASCADE
);
CREATE INDEX consent_entry_of ON consent_entry (site_id, contact_id, id);

-- What holds now, by channel: what the ledger's newest entry of that channel, or of any channel, says.
CREATE TABLE consent (
    site_id    uuid NOT NULL,
    contact_id uuid NOT NULL,
    purpose_id uuid NOT NULL,
    channel    text COLLATE "C" NOT NULL CHECK (channel IN ('email', 'sms', 'post', 'phone')),
    state      text COLLATE "C" NOT NULL CHECK (state IN ('given', 'withdrawn')),
    entry_id   uuid NOT NULL,
    since      timestamptz NOT NULL,
    PRIMARY KEY (site_id, contact_id, purpose_id, channel),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, purpose_id) REFERENCES consent_purpose (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, entry_id) REFERENCES consent_entry (site_id, id) ON DELETE CASCADE
);
CREATE INDEX consent_by_state ON consent (site_id, purpose_id, state, channel, contact_id);

-- The wordings and the ledger only grow. A row goes when what it belongs to has gone before it.
CREATE FUNCTION consent_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM site WHERE id = OLD.site_id) THEN
            RETURN OLD;
        ELSIF TG_TABLE_NAME = 'consent_entry' AND NOT EXISTS (SELECT 1 FROM contact WHERE site_id = OLD.site_id AND id = (to_jsonb(OLD) ->> 'contact_id')::uuid) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: record a new entry instead', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER consent_wording_keep BEFORE UPDATE OR DELETE ON consent_wording FOR EACH ROW EXECUTE FUNCTION consent_keep();
CREATE TRIGGER consent_entry_keep BEFORE UPDATE OR DELETE ON consent_entry FOR EACH ROW EXECUTE FUNCTION consent_keep();
CREATE TRIGGER consent_wording_keep_all BEFORE TRUNCATE ON consent_wording FOR EACH STATEMENT EXECUTE FUNCTION consent_keep();
CREATE TRIGGER consent_entry_keep_all BEFORE TRUNCATE ON consent_entry FOR EACH STATEMENT EXECUTE FUNCTION consent_keep();

-- A site has the purpose "contact" from its first moment, however it comes about.
CREATE FUNCTION consent_begin(of_site uuid) RETURNS void LANGUAGE sql AS $$
    WITH made AS (
        INSERT INTO consent_purpose (site_id, id, code, name, description, translations)
        VALUES (of_site, carnet_uuidv7(), 'contact', 'Contact', 'May be contacted with news and offers.',
            '{"fr": {"name": "Contact", "description": "Peut être contacté avec des nouvelles et des offres."},
              "nb": {"name": "Kontakt", "description": "Kan kontaktes med nyheter og tilbud."}}')
        RETURNING id)
    INSERT INTO consent_wording (site_id, purpose_id, version, language, text)
    SELECT of_site, made.id, 1, t.language, t.text FROM made, (VALUES
        ('en', '{site} may contact me with news and offers.'),
        ('fr', '{site} peut me contacter avec des nouvelles et des offres.'),
        ('nb', '{site} kan kontakte meg med nyheter og tilbud.')) AS t (language, text)
$$;
CREATE FUNCTION consent_begin_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM consent_begin(NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER site_consent AFTER INSERT ON site FOR EACH ROW EXECUTE FUNCTION consent_begin_site();
SELECT consent_begin(id) FROM site;

-- Segments and contactChanged hear of it; a purpose's change makes rules be read again.
ALTER PUBLICATION carnet ADD TABLE consent, consent_purpose (site_id, id, archived_at);
