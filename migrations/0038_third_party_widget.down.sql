DELETE FROM embed_event WHERE kind IN ('third_party_saved', 'third_party_removed');
ALTER TABLE embed_event DROP CONSTRAINT embed_event_kind_check,
    ADD CONSTRAINT embed_event_kind_check CHECK (kind IN ('secret_made', 'secret_revoked', 'signing_key_made', 'throttle_released'));
DROP TABLE third_party_widget;
