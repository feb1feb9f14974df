-- Webhooks are told of contacts too: who came, what changed, who went. Each change has its line in the history, whoever makes it, and each
-- statement that writes lines writes what is to be told of them: so an import, which copies a thousand lines at once, is told in tens
-- of deliveries, and where no webhook asks, a statement costs one look at an index.
ALTER TABLE webhook DROP CONSTRAINT webhook_events_check,
    ADD CONSTRAINT webhook_events_check CHECK (events <@ ARRAY['segment.entered', 'segment.left', 'batch.finished',
        'contact.created', 'contact.updated', 'contact.deleted', 'contact.restored', 'contact.merged',
        'order.recorded', 'order.returned', 'membership.created', 'membership.cancelled', 'event.published', 'event.cancelled']);
CREATE INDEX webhook_of_contacts ON webhook (site_id)
    WHERE disabled_at IS NULL AND events && ARRAY['contact.created', 'contact.updated', 'contact.deleted', 'contact.restored', 'contact.merged'];

-- Of what changed the names are told, as the history has them, and no values: who may read these asks for them with a credential whose rights
-- are known. At most 100 contacts a delivery, as of segments.
CREATE FUNCTION contact_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM webhook WHERE disabled_at IS NULL AND site_id IN (SELECT site_id FROM come)
            AND events && ARRAY['contact.created', 'contact.updated', 'contact.deleted', 'contact.restored', 'contact.merged']) THEN
        RETURN NULL;
    END IF;
    WITH told AS (
        SELECT come.site_id, come.id, come.contact_id, come.surface, come.changes,
            CASE
                WHEN come.action = 'created' THEN 'contact.created'
                WHEN come.action = 'deleted' THEN 'contact.deleted'
                WHEN come.action = 'restored' THEN 'contact.restored'
                WHEN come.action = 'merged' AND contact_merge.survivor_id <> come.contact_id THEN 'contact.merged'
                WHEN come.action = 'unmerged' AND contact_merge.survivor_id <> come.contact_id THEN 'contact.restored'
                WHEN come.action IN ('updated', 'reverted', 'merged', 'unmerged') THEN 'contact.updated'
            END AS event,
            contact_merge.survivor_id
        FROM come LEFT JOIN contact_merge ON contact_merge.site_id = come.site_id AND contact_merge.id = come.merge_id),
    parts AS (
        SELECT site_id, event, surface, part, min(id::text) AS first, array_agg(contact_id ORDER BY id) AS ids,
            jsonb_agg(CASE event
                WHEN 'contact.merged' THEN jsonb_build_object('contactId', contact_id, 'into', survivor_id)
                WHEN 'contact.deleted' THEN jsonb_build_object('contactId', contact_id, 'forGood', false)
                WHEN 'contact.restored' THEN jsonb_build_object('contactId', contact_id)
                ELSE jsonb_build_object('contactId', contact_id, 'fields', ARRAY(SELECT jsonb_object_keys(changes) ORDER BY 1))
            END ORDER BY id) AS changes
        FROM (SELECT *, (row_number() OVER (PARTITION BY site_id, event, surface ORDER BY id) - 1) / 100 AS part FROM told WHERE event IS NOT NULL) AS numbered
        GROUP BY site_id, event, surface, part)
    INSERT INTO webhook_delivery (site_id, id, webhook_id, event, data, contact_ids, next_at, created_at)
    SELECT parts.site_id, gen_random_uuid(), webhook.id, parts.event, jsonb_build_object('surface', parts.surface, 'changes', parts.changes), parts.ids, now(), now()
    FROM parts JOIN webhook ON webhook.site_id = parts.site_id AND webhook.disabled_at IS NULL AND parts.event = ANY (webhook.events)
    ORDER BY parts.first, webhook.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_history_told AFTER INSERT ON contact_history REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_told();

-- Who is deleted for good has no history any more. A site that goes tells nobody.
CREATE FUNCTION contact_gone_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_delivery (site_id, id, webhook_id, event, data, contact_ids, next_at, created_at)
    SELECT parts.site_id, gen_random_uuid(), webhook.id, 'contact.deleted', jsonb_build_object('changes', parts.changes), parts.ids, now(), now()
    FROM (SELECT site_id, part, array_agg(id ORDER BY id) AS ids, jsonb_agg(jsonb_build_object('contactId', id, 'forGood', true) ORDER BY id) AS changes
        FROM (SELECT site_id, id, (row_number() OVER (PARTITION BY site_id ORDER BY id) - 1) / 100 AS part FROM gone) AS numbered
        GROUP BY site_id, part) AS parts
    JOIN site ON site.id = parts.site_id
    JOIN webhook ON webhook.site_id = parts.site_id AND webhook.disabled_at IS NULL AND 'contact.deleted' = ANY (webhook.events)
    ORDER BY parts.part, webhook.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_gone_told AFTER DELETE ON contact REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_gone_told();
