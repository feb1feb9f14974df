DELETE FROM embed_event WHERE kind LIKE 'login\_domain\_%';
ALTER TABLE embed_event DROP CONSTRAINT embed_event_kind_check;
ALTER TABLE embed_event ADD CONSTRAINT embed_event_kind_check CHECK (kind IN ('secret_made', 'secret_revoked', 'signing_key_made', 'throttle_released',
    'third_party_saved', 'third_party_removed'));
ALTER TABLE site DROP COLUMN login_domain_verified_at, DROP COLUMN login_domain;
