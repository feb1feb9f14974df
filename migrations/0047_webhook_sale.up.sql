-- Webhooks are told of sales too.
ALTER TABLE webhook DROP CONSTRAINT webhook_events_check,
    ADD CONSTRAINT webhook_events_check CHECK (events <@ ARRAY['segment.entered', 'segment.left', 'batch.finished',
        'order.recorded', 'order.returned', 'membership.created', 'membership.cancelled', 'event.published', 'event.cancelled']);
