CREATE OR REPLACE FUNCTION consent_keep() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP TABLE retention;
DROP TABLE erasure;
