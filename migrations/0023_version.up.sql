-- What hardly ever changes of a site and is needed with every request (the site itself, its custom fields and
-- groups) is kept in memory under the site's version, which whoever checks a credential reads anyway. Whatever
-- changes one of them, psql too, gives the site a new version. Versions never come again, not even after a
-- rollback, so what is kept under one is never of another time.
ALTER TABLE site ADD COLUMN version uuid NOT NULL DEFAULT gen_random_uuid();

CREATE FUNCTION site_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := gen_random_uuid();
    RETURN NEW;
END $$;
CREATE TRIGGER site_changed BEFORE UPDATE ON site FOR EACH ROW EXECUTE FUNCTION site_changed();

CREATE FUNCTION site_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN UPDATE site SET version = DEFAULT WHERE id = NEW.site_id;
    WHEN 'UPDATE' THEN UPDATE site SET version = DEFAULT WHERE id IN (OLD.site_id, NEW.site_id);
    WHEN 'DELETE' THEN UPDATE site SET version = DEFAULT WHERE id = OLD.site_id;
    ELSE UPDATE site SET version = DEFAULT;
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON custom_field FOR EACH ROW EXECUTE FUNCTION site_part_changed();
-- Answers outlive their fields, memberships do not outlive groups.
CREATE TRIGGER site_changed_all AFTER TRUNCATE ON custom_field FOR EACH STATEMENT EXECUTE FUNCTION site_part_changed();
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON contact_group FOR EACH ROW EXECUTE FUNCTION site_part_changed();
