-- A test of a webhook overtakes what waits; this finds it at once.
CREATE INDEX webhook_delivery_test ON webhook_delivery (site_id, webhook_id, number) WHERE status = 'queued' AND event = 'webhook.test';
