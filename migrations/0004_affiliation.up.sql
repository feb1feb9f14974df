-- Links between contacts: their types, the links, and persons who use an organization's address.

-- A kind of link, read "FROM name TO" and "TO reverse_name FROM". Each site has the four built-in kinds
-- (S-18 to S-20, S-22) from its first moment on; custom ones are its own (G-07). The kinds of contact at
-- the ends never change, as a contact's own kind never does, so a link once checked stays fit.
CREATE TABLE link_type (
    site_id       uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id            uuid NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('parent', 'relay', 'member', 'subsidiary', 'custom')),
    name          text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    reverse_name  text NOT NULL CHECK (reverse_name <> '' AND length(reverse_name) <= 200),
    name_key      text COLLATE "C" NOT NULL,                -- folded; two living types of a site never share a name
    from_kind     text CHECK (from_kind IN ('person', 'organization')), -- null = either
    to_kind       text CHECK (to_kind IN ('person', 'organization')),
    translations  jsonb NOT NULL DEFAULT '{}',              -- {"fr": {"name": ..., "reverseName": ...}}
    position      int NOT NULL,
    archived_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK (kind <> 'parent' OR (from_kind = 'person' AND to_kind = 'person')),
    CHECK (kind NOT IN ('relay', 'member') OR (from_kind = 'person' AND to_kind = 'organization')),
    CHECK (kind <> 'subsidiary' OR (from_kind = 'organization' AND to_kind = 'organization')),
    CHECK (kind = 'custom' OR archived_at IS NULL),
    CHECK (jsonb_typeof(translations) = 'object')
);
CREATE UNIQUE INDEX link_type_name ON link_type (site_id, name_key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX link_type_builtin ON link_type (site_id, kind) WHERE kind <> 'custom';

-- A UUIDv7 (RFC 9562), which PostgreSQL makes by itself from version 18 on only.
CREATE FUNCTION new_uuid7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

CREATE FUNCTION add_link_types(of_site uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO link_type (site_id, id, kind, name, reverse_name, name_key, from_kind, to_kind, translations, position) VALUES
        (of_site, new_uuid7(), 'relay', 'Relay of', 'Has the relay', 'relay of', 'person', 'organization',
         '{"fr": {"name": "Relais de", "reverseName": "A pour relais"}, "nb": {"name": "Kontaktperson for", "reverseName": "Har kontaktperson"}}', 0),
        (of_site, new_uuid7(), 'member', 'Member of', 'Has the member', 'member of', 'person', 'organization',
         '{"fr": {"name": "Membre de", "reverseName": "A pour membre"}, "nb": {"name": "Medlem av", "reverseName": "Har medlem"}}', 1),
        (of_site, new_uuid7(), 'parent', 'Child of', 'Parent of', 'child of', 'person', 'person',
         '{"fr": {"name": "Enfant de", "reverseName": "Parent de"}, "nb": {"name": "Barn av", "reverseName": "Forelder til"}}', 2),
        (of_site, new_uuid7(), 'subsidiary', 'Subsidiary of', 'Parent organization of', 'subsidiary of', 'organization', 'organization',
         '{"fr": {"name": "Filiale de", "reverseName": "Maison mère de"}, "nb": {"name": "Datterorganisasjon av", "reverseName": "Moderorganisasjon for"}}', 3)
$$;
SELECT add_link_types(id) FROM site;

-- Whoever makes a site, its built-in kinds are there with it.
CREATE FUNCTION site_link_types() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_link_types(NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER site_link_types AFTER INSERT ON site FOR EACH ROW EXECUTE FUNCTION site_link_types();

-- A link between two contacts of a site, with what is said of it (P-11, P-12).
CREATE TABLE affiliation (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    type_id    uuid NOT NULL,
    from_id    uuid NOT NULL,
    to_id      uuid NOT NULL,
    role       text NOT NULL DEFAULT '' CHECK (length(role) <= 200), -- for example treasurer
    n_role     text COLLATE "C" NOT NULL DEFAULT '',                 -- the same, folded
    since      date,                                                 -- first day; null = unknown or always
    until      date,                                                 -- last day; null = goes on
    work_email text NOT NULL DEFAULT '' CHECK (length(work_email) <= 254),
    work_phone text COLLATE "C" NOT NULL DEFAULT '' CHECK (work_phone = '' OR work_phone ~ '^\+[1-9][0-9]{1,14}$'),
    note       text NOT NULL DEFAULT '' CHECK (length(note) <= 2000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, type_id) REFERENCES link_type (site_id, id),
    FOREIGN KEY (site_id, from_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, to_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    CHECK (from_id <> to_id),
    CHECK (until IS NULL OR since IS NULL OR until >= since)
);
-- One that goes on of a type between two contacts; ended ones are kept beside it.
CREATE UNIQUE INDEX affiliation_going_on ON affiliation (site_id, type_id, from_id, to_id) WHERE until IS NULL;
-- Both directions. The first is also what the change feed tells of a link that is gone: whose it was.
CREATE UNIQUE INDEX affiliation_from ON affiliation (site_id, from_id, to_id, id);
CREATE INDEX affiliation_to ON affiliation (site_id, to_id, from_id, id);
CREATE INDEX affiliation_type ON affiliation (site_id, type_id);
ALTER TABLE affiliation REPLICA IDENTITY USING INDEX affiliation_from;

-- The organization whose main address a person uses (S-112). The person's own columns hold a copy, so
-- that search and rules read it like any other.
ALTER TABLE contact ADD COLUMN address_of uuid,
    ADD CHECK (address_of IS NULL OR kind = 'person'),
    ADD FOREIGN KEY (site_id, address_of) REFERENCES contact (site_id, id) ON DELETE SET NULL (address_of);
CREATE INDEX contact_address_of ON contact (site_id, address_of) WHERE address_of IS NOT NULL;

ALTER PUBLICATION carnet ADD TABLE affiliation (site_id, id, from_id, to_id), link_type (site_id, id);
