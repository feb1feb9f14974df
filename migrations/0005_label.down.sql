ALTER PUBLICATION carnet DROP TABLE label_set, label, contact_label;
DROP TABLE contact_label;
DROP FUNCTION contact_label_kind();
DROP TABLE label;
DROP TABLE label_set;
