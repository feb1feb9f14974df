-- Fields of the further types go, and the answers to them: the program before does not know how to read them.
UPDATE contact c SET answers = c.answers - gone.ids, n_answers = c.n_answers - gone.ids
FROM (SELECT site_id, array_agg(id::text) AS ids FROM custom_field WHERE type NOT IN ('yes_no', 'text', 'checkbox', 'dropdown') GROUP BY site_id) gone
WHERE c.site_id = gone.site_id AND jsonb_exists_any(c.answers, gone.ids);
DELETE FROM custom_field WHERE type NOT IN ('yes_no', 'text', 'checkbox', 'dropdown');
ALTER TABLE custom_field DROP CONSTRAINT custom_field_type_check,
    ADD CONSTRAINT custom_field_type_check CHECK (type IN ('yes_no', 'text', 'checkbox', 'dropdown'));
ALTER TABLE custom_field DROP COLUMN show_if;
