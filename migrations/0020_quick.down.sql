ALTER TABLE contact DROP COLUMN subdivision;
ALTER TABLE site DROP COLUMN quick_required;
