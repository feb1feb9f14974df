UPDATE webhook SET events = ARRAY(SELECT e FROM unnest(events) AS e WHERE e IN ('segment.entered', 'segment.left', 'batch.finished'));
ALTER TABLE webhook DROP CONSTRAINT webhook_events_check,
    ADD CONSTRAINT webhook_events_check CHECK (events <@ ARRAY['segment.entered', 'segment.left', 'batch.finished']);
