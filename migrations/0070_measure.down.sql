ALTER TABLE campaign_recipient DROP COLUMN opened_at, DROP COLUMN clicked_at;
ALTER TABLE campaign DROP COLUMN opened, DROP COLUMN clicked;
ALTER TABLE consent_purpose DROP COLUMN measures;
