ALTER PUBLICATION carnet DROP TABLE campaign;
DELETE FROM consent WHERE EXISTS (SELECT FROM consent_entry e WHERE e.site_id = consent.site_id AND e.id = consent.entry_id AND e.source = 'link');
ALTER TABLE consent_entry DISABLE TRIGGER consent_entry_keep;
DELETE FROM consent_entry WHERE source = 'link';
ALTER TABLE consent_entry ENABLE TRIGGER consent_entry_keep;
ALTER TABLE consent_entry DROP CONSTRAINT consent_entry_source_check,
    ADD CONSTRAINT consent_entry_source_check CHECK (source IN ('staff', 'api', 'import', 'registration', 'checkout', 'profile'));
DELETE FROM contact_history WHERE surface = 'message';
ALTER TABLE contact_history DROP CONSTRAINT contact_history_surface_check,
    ADD CONSTRAINT contact_history_surface_check CHECK (surface IN ('admin', 'api', 'import', 'registration', 'checkout', 'profile', 'seed', 'sign_in'));
DROP TABLE dead_address, campaign_recipient, campaign;
DROP TRIGGER contact_campaign_forget ON contact;
DROP FUNCTION campaign_forget;
