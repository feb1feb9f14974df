DROP TABLE catalogue_entry;
ALTER TABLE event DROP CONSTRAINT event_refusal_of;
UPDATE event SET state = 'draft' WHERE state = 'refused';
ALTER TABLE event
    DROP COLUMN refusal,
    DROP CONSTRAINT event_state_check,
    ADD CONSTRAINT event_state_check CHECK (state IN ('draft', 'submitted', 'published', 'cancelled'));
