-- What staff and keys do: who, what, when, about whom. Rows hold ids and words, no values: nothing in them tells of a person who is erased.
CREATE TABLE audit_entry (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,                                -- version 7: in the order of time
    at         timestamptz NOT NULL,
    actor_kind text COLLATE "C" NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id   uuid,                                         -- null: nobody known, as of a sign-in that failed
    actor_name text NOT NULL DEFAULT '',
    action     text COLLATE "C" NOT NULL CHECK (action <> '' AND length(action) <= 100), -- the mutation's name, or signIn, signInFailed, download ...
    done       boolean NOT NULL,                             -- false: it was refused, or failed
    targets    uuid[] NOT NULL DEFAULT '{}',                 -- what it was about, at most 100
    PRIMARY KEY (site_id, id)
);
CREATE INDEX audit_entry_actor  ON audit_entry (site_id, actor_id, id);
CREATE INDEX audit_entry_action ON audit_entry (site_id, action, id);
CREATE INDEX audit_entry_target ON audit_entry USING gin (site_id, targets);

-- It only grows. What is older than the site keeps goes by retention, which names the site in its transaction.
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.site_id::text = current_setting('carnet.audit_retention', true) AND OLD.at < now() - interval '12 months' THEN
            RETURN OLD;
        ELSIF NOT EXISTS (SELECT FROM site WHERE id = OLD.site_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_entry_keep BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_entry_keep_all BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();
