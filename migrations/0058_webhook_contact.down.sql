DROP TRIGGER contact_gone_told ON contact;
DROP TRIGGER contact_history_told ON contact_history;
DROP FUNCTION contact_gone_told;
DROP FUNCTION contact_told;
DROP INDEX webhook_of_contacts;
UPDATE webhook SET events = ARRAY(SELECT e FROM unnest(events) AS e WHERE e NOT LIKE 'contact.%');
ALTER TABLE webhook DROP CONSTRAINT webhook_events_check,
    ADD CONSTRAINT webhook_events_check CHECK (events <@ ARRAY['segment.entered', 'segment.left', 'batch.finished',
        'order.recorded', 'order.returned', 'membership.created', 'membership.cancelled', 'event.published', 'event.cancelled']);
