-- Search by the words of names (S-97, S-99 to S-104).

-- Typographic apostrophes and hyphens fold to those of ASCII since now.
UPDATE contact SET
    n_last = translate(n_last, '‘’ʼ‐‑‒–—―', '''''''------'), n_first = translate(n_first, '‘’ʼ‐‑‒–—―', '''''''------'),
    n_company = translate(n_company, '‘’ʼ‐‑‒–—―', '''''''------'), n_city = translate(n_city, '‘’ʼ‐‑‒–—―', '''''''------'),
    search = translate(search, '‘’ʼ‐‑‒–—―', '''''''------'), n_answers = translate(n_answers::text, '‘’ʼ‐‑‒–—―', '''''''------')::jsonb
WHERE search ~ '[‘’ʼ‐-―]' OR n_answers::text ~ '[‘’ʼ‐-―]';

-- Words are what stands between spaces and the signs of ASCII below the digits, all of which sort before every
-- letter and digit: so the first word of a surname is a range of n_last, and only the others need a place of their own.
CREATE FUNCTION name_spaced(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN translate(name, '!"#$%&''()*+,-./', '               ');
CREATE FUNCTION later_name_words(last text, first text, company text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove((string_to_array(name_spaced(last), ' '))[2:] || string_to_array(name_spaced(first) || ' ' || name_spaced(company), ' '), '');
CREATE FUNCTION name_words(last text, first text, company text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(array_prepend(split_part(name_spaced(last), ' ', 1), later_name_words(last, first, company)), '');
-- The beginning of an e-mail address, up to its first sign and marked with an @: "jdupont@". None when it is a name of
-- the contact, which is found by that.
CREATE FUNCTION email_word(email text, names text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN split_part(translate(email, '!"#$%&''()*+,-./@_', '                 '), ' ', 1) = ANY (array_append(names, '')) THEN NULL
        ELSE split_part(translate(email, '!"#$%&''()*+,-./@_', '                 '), ' ', 1) || '@' END;

-- Who has a word in the names, or an e-mail address that begins so; the first words of surnames are not here. The order
-- of names is part of the key, so that the first page of many is read without sorting the contacts themselves.
-- Triggers keep it, so no way of writing can forget it.
CREATE TABLE contact_word (
    site_id    uuid NOT NULL,
    word       text COLLATE "C" NOT NULL,
    n_last     text COLLATE "C" NOT NULL,
    n_first    text COLLATE "C" NOT NULL,
    contact_id uuid NOT NULL,
    PRIMARY KEY (site_id, word, n_last, n_first, contact_id)
);

-- Every word of the site's names, so that "*pont" finds words first and contacts by these. It may hold words that no
-- contact has any more; the program sweeps them.
CREATE TABLE name_term (
    site_id uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    term    text COLLATE "C" NOT NULL,
    PRIMARY KEY (site_id, term)
);
CREATE INDEX name_term_parts ON name_term USING gin (site_id, term gin_trgm_ops);

CREATE FUNCTION contact_words(last text, first text, company text, email text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT left(word, 100) FROM unnest(array_append(later_name_words(last, first, company), email_word(email, name_words(last, first, company)))) AS word
    WHERE word IS NOT NULL;
END;

-- In the order of the keys, so that two imports do not wait for each other in a circle.
CREATE FUNCTION contact_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION contact_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contact_word AS w USING contact_words(OLD.n_last, OLD.n_first, OLD.n_company, OLD.email_key) AS was
    WHERE w.site_id = OLD.site_id AND w.word = was AND w.n_last = OLD.n_last AND w.n_first = OLD.n_first AND w.contact_id = OLD.id;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO contact_word (site_id, word, n_last, n_first, contact_id)
        SELECT NEW.site_id, word, NEW.n_last, NEW.n_first, NEW.id FROM contact_words(NEW.n_last, NEW.n_first, NEW.n_company, NEW.email_key) AS word;
        INSERT INTO name_term (site_id, term)
        SELECT DISTINCT NEW.site_id, left(word, 100) COLLATE "C" FROM unnest(name_words(NEW.n_last, NEW.n_first, NEW.n_company)) AS word
        ORDER BY 1, 2 ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

-- One statement for all rows that are inserted at once; row by row when names change, which few updates do.
CREATE TRIGGER contact_inserted AFTER INSERT ON contact REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION contact_inserted();
CREATE TRIGGER contact_renamed AFTER UPDATE OF n_last, n_first, n_company, email_key ON contact FOR EACH ROW
    WHEN ((OLD.n_last, OLD.n_first, OLD.n_company, OLD.email_key) IS DISTINCT FROM (NEW.n_last, NEW.n_first, NEW.n_company, NEW.email_key))
    EXECUTE FUNCTION contact_renamed();
CREATE TRIGGER contact_removed AFTER DELETE ON contact FOR EACH ROW EXECUTE FUNCTION contact_renamed();

INSERT INTO contact_word (site_id, word, n_last, n_first, contact_id)
SELECT c.site_id, word, c.n_last, c.n_first, c.id FROM contact AS c, contact_words(c.n_last, c.n_first, c.n_company, c.email_key) AS word
ON CONFLICT DO NOTHING;
INSERT INTO name_term (site_id, term)
SELECT DISTINCT c.site_id, left(word, 100) COLLATE "C" FROM contact AS c, unnest(name_words(c.n_last, c.n_first, c.n_company)) AS word
ON CONFLICT DO NOTHING;
ANALYZE contact_word, name_term;

-- References are found as they are typed, whatever their source (G-01).
CREATE INDEX contact_reference_code ON contact_reference (site_id, lower(external_id) COLLATE "C", contact_id);
