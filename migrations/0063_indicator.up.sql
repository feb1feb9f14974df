-- Indicators of a site's own (S-26, S-50, S-51): what a site wants counted of each contact's sales. Nobody writes the values but
-- contact_indicator_refresh, which triggers call for whomever a sale touches; what the passing of days changes is found by the program's sweep.

CREATE TABLE indicator (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 100),
    name_key    text COLLATE "C" NOT NULL,
    icon        text COLLATE "C" NOT NULL CHECK (icon ~ '^[a-z]{1,40}$'),
    measure     text COLLATE "C" NOT NULL CHECK (measure IN ('orders', 'tickets', 'spent', 'visits', 'last_purchase')), -- never changes
    product_ids uuid[] NOT NULL DEFAULT '{}',               -- of these only; empty: of all. DeleteProduct and DeleteEvent ask for them
    event_ids   uuid[] NOT NULL DEFAULT '{}',
    kinds       text[] NOT NULL DEFAULT '{}' CHECK (kinds <@ '{ticket,pass,membership,resource}'),
    channels    text[] NOT NULL DEFAULT '{}',
    period      text COLLATE "C" NOT NULL CHECK (period IN ('ever', 'days', 'year')),
    days        int CHECK (days BETWEEN 1 AND 3660),        -- today is the last of them
    start_month int CHECK (start_month BETWEEN 1 AND 12),   -- where a year, or a season, begins
    start_day   int CHECK (start_day BETWEEN 1 AND 31),
    bands       jsonb NOT NULL DEFAULT '[]',                -- id, label, from; upwards
    position    int  NOT NULL,
    archived_at timestamptz,                                -- it is counted no more
    deleted_at  timestamptz,                                -- nobody sees it; it goes when its values are gone
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK ((period = 'days') = (days IS NOT NULL)),
    CHECK ((period = 'year') = (start_month IS NOT NULL AND start_day IS NOT NULL)),
    CHECK ((start_month IS NULL) = (start_day IS NULL) AND (start_month IS NULL OR make_date(2001, start_month, start_day) IS NOT NULL))
);
CREATE UNIQUE INDEX indicator_name ON indicator (site_id, name_key) WHERE deleted_at IS NULL;
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON indicator FOR EACH ROW EXECUTE FUNCTION site_part_changed();

-- A count of everybody anew, in the background, because what is counted has changed.
CREATE TABLE indicator_recount (
    site_id      uuid NOT NULL,
    indicator_id uuid NOT NULL,
    since_xid    xid8,                                      -- transactions up to it may count what was counted before; null: the job has not begun
    through_id   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- contacts up to here are done
    done         bigint NOT NULL DEFAULT 0,
    total        bigint NOT NULL,
    PRIMARY KEY (site_id, indicator_id),
    FOREIGN KEY (site_id, indicator_id) REFERENCES indicator (site_id, id) ON DELETE CASCADE
);

-- Who has nothing has no row. Of the last purchase the value is its day, counted from 1970-01-01: how long ago it was changes every day.
CREATE TABLE contact_indicator (
    site_id      uuid NOT NULL,
    contact_id   uuid NOT NULL,
    indicator_id uuid NOT NULL,
    value        bigint NOT NULL CHECK (value > 0),
    PRIMARY KEY (site_id, contact_id, indicator_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, indicator_id) REFERENCES indicator (site_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_indicator_by_value ON contact_indicator (site_id, indicator_id, value, contact_id);

-- The first day of an indicator's period on a day of the site's.
CREATE FUNCTION indicator_since(i indicator, today date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE i.period
        WHEN 'days' THEN today - i.days + 1
        WHEN 'year' THEN make_date(date_part('year', today)::int - (make_date(date_part('year', today)::int, i.start_month, i.start_day) > today)::int, i.start_month, i.start_day)
        ELSE '-infinity' END
$$;

-- What a contact's sales come to at a moment: of the indicators that are counted, or of one, and of some measures. Orders, money and the
-- last purchase are the buyer's, by the day of the order; what went back is not among them. Tickets are the attendee's, by the day they
-- were ordered. Visits are the attendee's too, by the day of what was visited: used tickets of events that were not cancelled, and bookings.
CREATE FUNCTION contact_indicator_at(of_site uuid, of_contact uuid, at timestamptz, measures text[], of_one uuid) RETURNS TABLE (indicator_id uuid, value bigint) LANGUAGE sql STABLE AS $$
    WITH s AS (SELECT time_zone AS zone, (at AT TIME ZONE time_zone)::date AS today FROM site WHERE id = of_site),
    counted AS MATERIALIZED (
        SELECT i.*, CASE i.measure WHEN 'tickets' THEN 'had' WHEN 'visits' THEN 'visited' ELSE 'bought' END AS what, indicator_since(i, s.today) AS since
        FROM indicator i, s WHERE i.site_id = of_site AND i.archived_at IS NULL AND i.deleted_at IS NULL AND i.measure = ANY (measures) AND (of_one IS NULL OR i.id = of_one)),
    -- From row to row by their keys, whatever the planner thinks of how many there are: OFFSET 0 keeps the joins apart.
    fact AS (
        SELECT 'bought' AS what, o.id AS order_id, (o.ordered_at AT TIME ZONE s.zone)::date AS day, o.channel, p.id AS product_id, p.kind, p.event_id,
            (l.quantity - l.returned) * l.unit_price AS amount
        FROM sale_order o CROSS JOIN s,
            LATERAL (SELECT * FROM order_line l WHERE l.site_id = o.site_id AND l.order_id = o.id AND l.returned < l.quantity OFFSET 0) l,
            LATERAL (SELECT p.id, p.kind, p.event_id FROM product p WHERE p.site_id = l.site_id AND p.id = l.product_id OFFSET 0) p
        WHERE o.site_id = of_site AND o.buyer_id = of_contact AND o.state = 'completed' AND EXISTS (SELECT FROM counted c WHERE c.what = 'bought')
        UNION ALL
        SELECT 'had', NULL, (o.ordered_at AT TIME ZONE s.zone)::date, o.channel, t.product_id, 'ticket', t.event_id, 0
        FROM ticket t CROSS JOIN s, LATERAL (SELECT o.* FROM order_line l JOIN sale_order o ON o.site_id = l.site_id AND o.id = l.order_id WHERE l.site_id = t.site_id AND l.id = t.line_id OFFSET 0) o
        WHERE t.site_id = of_site AND t.contact_id = of_contact AND t.state <> 'cancelled' AND EXISTS (SELECT FROM counted c WHERE c.what = 'had')
        UNION ALL
        SELECT 'visited', NULL, (v.starts_at AT TIME ZONE s.zone)::date, o.channel, t.product_id, 'ticket', t.event_id, 0
        FROM ticket t CROSS JOIN s, LATERAL (SELECT v.starts_at FROM event v WHERE v.site_id = t.site_id AND v.id = t.event_id AND v.state <> 'cancelled' OFFSET 0) v,
            LATERAL (SELECT o.channel FROM order_line l JOIN sale_order o ON o.site_id = l.site_id AND o.id = l.order_id WHERE l.site_id = t.site_id AND l.id = t.line_id OFFSET 0) o
        WHERE t.site_id = of_site AND t.contact_id = of_contact AND t.state = 'used' AND EXISTS (SELECT FROM counted c WHERE c.what = 'visited')
        UNION ALL
        SELECT 'visited', NULL, (v.starts_at AT TIME ZONE s.zone)::date,
            (SELECT o.channel FROM order_line l JOIN sale_order o ON o.site_id = l.site_id AND o.id = l.order_id WHERE l.site_id = b.site_id AND l.id = b.line_id), b.product_id, 'resource', NULL, 0
        FROM booking b CROSS JOIN s, LATERAL (SELECT v.starts_at FROM slot v WHERE v.site_id = b.site_id AND v.id = b.slot_id OFFSET 0) v
        WHERE b.site_id = of_site AND b.contact_id = of_contact AND b.state = 'attended' AND EXISTS (SELECT FROM counted c WHERE c.what = 'visited'))
    SELECT c.id, CASE c.measure WHEN 'orders' THEN count(DISTINCT f.order_id) WHEN 'spent' THEN sum(f.amount)::bigint
        WHEN 'last_purchase' THEN (max(f.day) - DATE '1970-01-01')::bigint ELSE count(*) END
    FROM fact f JOIN counted c ON c.what = f.what AND f.day >= c.since
        AND (c.product_ids = '{}' OR f.product_id = ANY (c.product_ids)) AND (c.event_ids = '{}' OR f.event_id = ANY (c.event_ids))
        AND (c.kinds = '{}' OR f.kind = ANY (c.kinds)) AND (c.channels = '{}' OR f.channel = ANY (c.channels))
    GROUP BY c.id, c.measure
$$;

-- Locks first, what contact_sale_refresh locks, and counts in a statement of its own, which then sees what those who held the locks have committed.
-- Contact by contact: what is read and compared of one is little, whatever the planner thinks of it. Its plans are kept: made anew they take longer than what they do.
CREATE FUNCTION contact_indicator_refresh(of_site uuid, of_contacts uuid[], at timestamptz DEFAULT now(),
    measures text[] DEFAULT '{orders,tickets,spent,visits,last_purchase}', of_one uuid DEFAULT NULL) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    who uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM indicator i WHERE i.site_id = of_site AND i.archived_at IS NULL AND i.deleted_at IS NULL AND i.measure = ANY (measures)) THEN
        RETURN;
    END IF;
    INSERT INTO contact_sale (site_id, contact_id) SELECT c.site_id, c.id FROM contact c
        WHERE c.site_id = of_site AND c.id = ANY (of_contacts) ORDER BY c.id ON CONFLICT DO NOTHING;
    FOR who IN SELECT s.contact_id FROM contact_sale s WHERE s.site_id = of_site AND s.contact_id = ANY (of_contacts) ORDER BY s.contact_id FOR UPDATE LOOP
        WITH n AS MATERIALIZED (SELECT * FROM contact_indicator_at(of_site, who, at, measures, of_one) v WHERE v.value > 0),
        gone AS (
            DELETE FROM contact_indicator h USING indicator i
            WHERE h.site_id = of_site AND h.contact_id = who AND i.site_id = of_site AND i.id = h.indicator_id AND i.measure = ANY (measures)
                AND (of_one IS NULL OR h.indicator_id = of_one) AND NOT EXISTS (SELECT FROM n WHERE n.indicator_id = h.indicator_id))
        INSERT INTO contact_indicator AS h (site_id, contact_id, indicator_id, value) SELECT of_site, who, n.indicator_id, n.value FROM n
            WHERE NOT EXISTS (SELECT FROM contact_indicator k WHERE k.site_id = of_site AND k.contact_id = who AND k.indicator_id = n.indicator_id AND k.value = n.value) -- which would be locked
            ON CONFLICT (site_id, contact_id, indicator_id) DO UPDATE SET value = EXCLUDED.value;
    END LOOP;
END $$;

-- Of these contacts, those of whom a value is not what it should be. It locks nobody.
CREATE FUNCTION contact_indicator_stale(of_site uuid, of_contacts uuid[], at timestamptz, of_one uuid) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    who uuid;
BEGIN
    FOREACH who IN ARRAY of_contacts LOOP
        IF EXISTS (
            SELECT FROM (SELECT * FROM contact_indicator_at(of_site, who, at, '{orders,tickets,spent,visits,last_purchase}', of_one) v WHERE v.value > 0) AS n
                FULL JOIN (SELECT k.indicator_id, k.value FROM contact_indicator k JOIN indicator i ON i.site_id = of_site AND i.id = k.indicator_id AND i.archived_at IS NULL AND i.deleted_at IS NULL
                    WHERE k.site_id = of_site AND k.contact_id = who AND (of_one IS NULL OR k.indicator_id = of_one)) AS h USING (indicator_id)
            WHERE n.value IS DISTINCT FROM h.value) THEN
            RETURN NEXT who;
        END IF;
    END LOOP;
END $$;

-- ---------------------------------------------------------------- who is touched

-- An order's lines come after it, and say what was bought.
CREATE FUNCTION contact_indicator_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of record;
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        FOR of IN SELECT o.site_id, array_agg(DISTINCT o.buyer_id) AS ids FROM come n JOIN sale_order o ON o.site_id = n.site_id AND o.id = n.order_id WHERE o.buyer_id IS NOT NULL GROUP BY o.site_id LOOP
            PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{orders,spent,last_purchase}');
        END LOOP;
    WHEN 'DELETE' THEN
        FOR of IN SELECT o.site_id, array_agg(DISTINCT o.buyer_id) AS ids FROM gone n JOIN sale_order o ON o.site_id = n.site_id AND o.id = n.order_id WHERE o.buyer_id IS NOT NULL GROUP BY o.site_id LOOP
            PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{orders,spent,last_purchase}');
        END LOOP;
    ELSE
        FOR of IN SELECT o.site_id, array_agg(DISTINCT o.buyer_id) AS ids FROM (SELECT c.site_id, c.order_id FROM come c UNION SELECT g.site_id, g.order_id FROM gone g) n
            JOIN sale_order o ON o.site_id = n.site_id AND o.id = n.order_id WHERE o.buyer_id IS NOT NULL GROUP BY o.site_id LOOP
            PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{orders,spent,last_purchase}');
        END LOOP;
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER order_line_indicator_come AFTER INSERT ON order_line REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_line();
CREATE TRIGGER order_line_indicator_moved AFTER UPDATE ON order_line REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_line();
CREATE TRIGGER order_line_indicator_gone AFTER DELETE ON order_line REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_line();

-- Whose an order is, whether it stands, and its day and channel, which are those of its tickets and bookings too. What was paid changes nothing.
CREATE FUNCTION contact_indicator_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        FOR of IN SELECT site_id, array_agg(DISTINCT buyer_id) AS ids FROM gone WHERE buyer_id IS NOT NULL GROUP BY site_id LOOP
            PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{orders,spent,last_purchase}');
        END LOOP;
        RETURN NULL;
    END IF;
    FOR of IN SELECT m.site_id, array_agg(DISTINCT m.id) AS ids FROM (
            SELECT c.site_id, unnest(ARRAY[c.buyer_id, g.buyer_id]) AS id FROM come c JOIN gone g USING (site_id, id)
            WHERE (c.buyer_id, c.state, c.channel, c.ordered_at) IS DISTINCT FROM (g.buyer_id, g.state, g.channel, g.ordered_at)) m WHERE m.id IS NOT NULL GROUP BY m.site_id LOOP
        PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{orders,spent,last_purchase}');
    END LOOP;
    FOR of IN SELECT h.site_id, array_agg(DISTINCT h.contact_id) AS ids FROM (
            SELECT c.site_id, c.id FROM come c JOIN gone g USING (site_id, id) WHERE (c.channel, c.ordered_at) IS DISTINCT FROM (g.channel, g.ordered_at)) m
            JOIN order_line l ON l.site_id = m.site_id AND l.order_id = m.id,
            LATERAL (SELECT t.site_id, t.contact_id FROM ticket t WHERE t.site_id = l.site_id AND t.line_id = l.id AND t.contact_id IS NOT NULL
                UNION SELECT b.site_id, b.contact_id FROM booking b WHERE b.site_id = l.site_id AND b.line_id = l.id) h GROUP BY h.site_id LOOP
        PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{tickets,visits}');
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER sale_order_indicator_moved AFTER UPDATE ON sale_order REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_order();
CREATE TRIGGER sale_order_indicator_gone AFTER DELETE ON sale_order REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_order();

-- Tickets and bookings, which name who has them.
CREATE FUNCTION contact_indicator_held() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of record;
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        FOR of IN SELECT site_id, array_agg(DISTINCT contact_id) AS ids FROM come WHERE contact_id IS NOT NULL GROUP BY site_id LOOP
            PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{tickets,visits}');
        END LOOP;
    WHEN 'DELETE' THEN
        FOR of IN SELECT site_id, array_agg(DISTINCT contact_id) AS ids FROM gone WHERE contact_id IS NOT NULL GROUP BY site_id LOOP
            PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{tickets,visits}');
        END LOOP;
    ELSE
        FOR of IN SELECT n.site_id, array_agg(DISTINCT n.contact_id) AS ids FROM (SELECT c.site_id, c.contact_id FROM come c UNION SELECT g.site_id, g.contact_id FROM gone g) n
            WHERE n.contact_id IS NOT NULL GROUP BY n.site_id LOOP
            PERFORM contact_indicator_refresh(of.site_id, of.ids, now(), '{tickets,visits}');
        END LOOP;
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_indicator_come AFTER INSERT ON ticket REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_held();
CREATE TRIGGER ticket_indicator_moved AFTER UPDATE ON ticket REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_held();
CREATE TRIGGER ticket_indicator_gone AFTER DELETE ON ticket REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_held();
CREATE TRIGGER booking_indicator_come AFTER INSERT ON booking REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_held();
CREATE TRIGGER booking_indicator_moved AFTER UPDATE ON booking REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_held();
CREATE TRIGGER booking_indicator_gone AFTER DELETE ON booking REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_indicator_held();

-- A visit is of the day on which an event or a slot begins, and of nothing that was cancelled. By rows: each sale updates them, hardly any moves them.
CREATE FUNCTION contact_indicator_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    those uuid[];
BEGIN
    IF TG_TABLE_NAME = 'event' THEN
        SELECT array_agg(DISTINCT contact_id) INTO those FROM ticket WHERE site_id = new.site_id AND event_id = new.id AND contact_id IS NOT NULL AND state = 'used';
    ELSE
        SELECT array_agg(DISTINCT contact_id) INTO those FROM booking WHERE site_id = new.site_id AND slot_id = new.id AND state = 'attended';
    END IF;
    IF those IS NOT NULL THEN
        PERFORM contact_indicator_refresh(new.site_id, those, now(), '{visits}');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_indicator AFTER UPDATE ON event FOR EACH ROW WHEN (old.starts_at <> new.starts_at OR (old.state = 'cancelled') <> (new.state = 'cancelled')) EXECUTE FUNCTION contact_indicator_catalogue();
CREATE TRIGGER slot_indicator AFTER UPDATE ON slot FOR EACH ROW WHEN (old.starts_at <> new.starts_at) EXECUTE FUNCTION contact_indicator_catalogue();

-- Which segments name an indicator: it is asked before one goes.
CREATE INDEX segment_names_indicator ON segment USING gin (jsonb_path_query_array(rule, '$.**.indicator.id') jsonb_path_ops);

ALTER PUBLICATION carnet ADD TABLE contact_indicator;
