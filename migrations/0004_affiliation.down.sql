ALTER PUBLICATION carnet DROP TABLE affiliation, link_type;
ALTER TABLE contact DROP COLUMN address_of;
DROP TABLE affiliation;
DROP TRIGGER site_link_types ON site;
DROP FUNCTION site_link_types();
DROP TABLE link_type;
DROP FUNCTION add_link_types(uuid);
DROP FUNCTION new_uuid7();
