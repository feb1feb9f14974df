-- Writing contacts costs less.

-- One index for what most contacts have little of, instead of three that each take an entry for every contact that is
-- inserted or changed. Twins and a search for a number or an address ask for reach, segments for types and answers.
-- A look-up reads the list of what was added last from end to end: short, as it was for reach.
DROP INDEX contact_reach, contact_types, contact_answers;
CREATE INDEX contact_values ON contact USING gin (site_id, reach, types, answers jsonb_path_ops) WITH (gin_pending_list_limit = 64);

-- contact.search holds names and e-mail addresses only, since patterns are looked up in nothing else. Contacts written
-- before keep numbers and places in it until they change: they are found by the same patterns.

-- One pass over what was inserted for both tables, which takes each name apart once. contact_words says the same of one
-- contact, for updates. Any one order of the keys keeps two imports from waiting for each other in a circle; words
-- first, because they differ.
CREATE OR REPLACE FUNCTION contact_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH named AS MATERIALIZED (
        SELECT site_id, id, n_last, n_first, string_to_array(name_spaced(n_last), ' ') AS surname,
            string_to_array(name_spaced(n_first || ' ' || n_company), ' ') AS later,
            split_part(translate(split_part(email_key, '@', 1), '!"#$%&''()*+,-./_', '                '), ' ', 1) AS mailbox
        FROM added
    ), terms AS (
        INSERT INTO name_term (site_id, term)
        SELECT DISTINCT site_id, left(word, 100) COLLATE "C" FROM (SELECT site_id, unnest(surname || later) AS word FROM named) AS w
        WHERE word <> '' ORDER BY 2, 1 ON CONFLICT DO NOTHING
    )
    INSERT INTO contact_word (site_id, word, n_last, n_first, contact_id)
    SELECT DISTINCT site_id, left(word, 100) COLLATE "C", n_last, n_first, id FROM (
        SELECT site_id, id, n_last, n_first, unnest(surname[2:] || later
            || CASE WHEN mailbox = ANY (surname) OR mailbox = ANY (later) OR mailbox = '' THEN NULL ELSE mailbox || '@' END) AS word FROM named) AS w
    WHERE word <> '' ORDER BY 2, 3, 4, 5, 1;
    RETURN NULL;
END $$;
