CREATE OR REPLACE FUNCTION contact_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contact_word (site_id, word, n_last, n_first, contact_id)
    SELECT c.site_id, word, c.n_last, c.n_first, c.id
    FROM added AS c, contact_words(c.n_last, c.n_first, c.n_company, c.email_key) AS word
    ORDER BY 1, word COLLATE "C", 3, 4, 5;
    INSERT INTO name_term (site_id, term)
    SELECT DISTINCT c.site_id, left(word, 100) COLLATE "C" FROM added AS c, unnest(name_words(c.n_last, c.n_first, c.n_company)) AS word
    ORDER BY 1, 2 ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

DROP INDEX contact_values;
CREATE INDEX contact_reach   ON contact USING gin (site_id, reach) WITH (gin_pending_list_limit = 64);
CREATE INDEX contact_types   ON contact USING gin (site_id, types);
CREATE INDEX contact_answers ON contact USING gin (answers jsonb_path_ops);
