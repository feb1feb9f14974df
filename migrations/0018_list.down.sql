DROP TABLE contact_list;
ALTER TABLE saved_view DROP COLUMN invalid;
