ALTER TABLE campaign_recipient DROP COLUMN ref, DROP COLUMN soft_bounces, DROP COLUMN complained_at;
DROP TABLE consent_pending, consent_request;
DELETE FROM consent WHERE EXISTS (SELECT FROM consent_entry e WHERE e.site_id = consent.site_id AND e.id = consent.entry_id AND e.source IN ('preferences', 'complaint'));
ALTER TABLE consent_entry DISABLE TRIGGER consent_entry_keep;
DELETE FROM consent_entry WHERE state = 'pending' OR source IN ('preferences', 'complaint');
ALTER TABLE consent_entry ENABLE TRIGGER consent_entry_keep;
ALTER TABLE consent_entry DROP COLUMN asked_at,
    DROP CONSTRAINT consent_entry_state_check, ADD CONSTRAINT consent_entry_state_check CHECK (state IN ('given', 'withdrawn')),
    DROP CONSTRAINT consent_entry_source_check,
    ADD CONSTRAINT consent_entry_source_check CHECK (source IN ('staff', 'api', 'import', 'registration', 'checkout', 'profile', 'link'));
ALTER TABLE consent_purpose DROP COLUMN double_opt_in;
