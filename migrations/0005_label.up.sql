-- Label sets and labels: what staff classify contacts by (T-62 to T-66, S-53 to S-55, G-28).

CREATE TABLE label_set (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    name_key    text COLLATE "C" NOT NULL,                  -- folded, so that no two sets differ by accents only
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    kinds       text[] NOT NULL CHECK (kinds <@ ARRAY['person', 'organization'] AND cardinality(kinds) > 0), -- S-55
    audiences   text[] NOT NULL CHECK (audiences <@ ARRAY['buyer', 'member', 'organizer'] AND cardinality(audiences) > 0), -- "Used in" (T-63)
    exclusive   boolean NOT NULL DEFAULT false,             -- at most one label of the set a contact
    position    int NOT NULL,
    archived_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, name_key),
    UNIQUE (site_id, id, exclusive)                         -- contact_label repeats it
);

CREATE TABLE label (
    site_id     uuid NOT NULL,
    id          uuid NOT NULL,
    set_id      uuid NOT NULL,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    name_key    text COLLATE "C" NOT NULL,
    color       text NOT NULL CHECK (color ~ '^#[0-9a-f]{6}$'), -- T-64
    position    int NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, set_id, id),
    UNIQUE (site_id, set_id, name_key) DEFERRABLE,          -- judged at a statement's end: two labels may swap names
    FOREIGN KEY (site_id, set_id) REFERENCES label_set (site_id, id) ON DELETE CASCADE
);

-- Which contact has which label. A label in use cannot be deleted: it is archived.
CREATE TABLE contact_label (
    site_id    uuid NOT NULL,
    contact_id uuid NOT NULL,
    label_id   uuid NOT NULL,
    set_id     uuid NOT NULL,                               -- the label's, repeated for the keys below
    exclusive  boolean NOT NULL,                            -- the set's, which the foreign key keeps in step
    added_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, contact_id, label_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, set_id, label_id) REFERENCES label (site_id, set_id, id),
    FOREIGN KEY (site_id, set_id, exclusive) REFERENCES label_set (site_id, id, exclusive) ON UPDATE CASCADE
);
CREATE UNIQUE INDEX contact_label_exclusive ON contact_label (site_id, contact_id, set_id) WHERE exclusive;
CREATE INDEX contact_label_of ON contact_label (site_id, set_id, label_id, contact_id);

-- A label goes only to the kinds of contact that its set is for (S-55). One query a statement, whatever its rows.
CREATE FUNCTION contact_label_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added a
               JOIN label_set s ON s.site_id = a.site_id AND s.id = a.set_id
               JOIN contact c ON c.site_id = a.site_id AND c.id = a.contact_id
               WHERE c.kind <> ALL (s.kinds)) THEN
        RAISE EXCEPTION 'a label''s set is not for contacts of this kind' USING ERRCODE = 'check_violation', CONSTRAINT = 'contact_label_kind';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_label_kind AFTER INSERT ON contact_label
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION contact_label_kind();

ALTER PUBLICATION carnet ADD TABLE label_set, label, contact_label;
