DROP INDEX contact_reference_code;
DROP TRIGGER contact_removed ON contact;
DROP TRIGGER contact_renamed ON contact;
DROP TRIGGER contact_inserted ON contact;
DROP FUNCTION contact_renamed(), contact_inserted(), contact_words(text, text, text, text);
DROP TABLE name_term, contact_word;
DROP FUNCTION email_word(text, text[]), name_words(text, text, text), later_name_words(text, text, text), name_spaced(text);
