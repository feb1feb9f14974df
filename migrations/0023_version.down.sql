DROP TRIGGER site_changed ON contact_group;
DROP TRIGGER site_changed_all ON custom_field;
DROP TRIGGER site_changed ON custom_field;
DROP FUNCTION site_part_changed();
DROP TRIGGER site_changed ON site;
DROP FUNCTION site_changed();
ALTER TABLE site DROP COLUMN version;
