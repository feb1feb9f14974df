ALTER PUBLICATION carnet DROP TABLE consent, consent_purpose;
DROP TRIGGER site_consent ON site;
DROP FUNCTION consent_begin_site, consent_begin;
DROP TABLE consent, consent_entry, consent_wording, consent_purpose;
DROP FUNCTION consent_keep, carnet_uuidv7;
