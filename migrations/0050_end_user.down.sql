ALTER TABLE site DROP COLUMN legal_links;
ALTER TABLE account_identity DROP COLUMN provider_name;
ALTER TABLE checkout DROP COLUMN answers_before;
