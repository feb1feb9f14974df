ALTER PUBLICATION carnet DROP TABLE contact_reference;
DROP TABLE contact_reference, contact_note;
ALTER TABLE contact
    DROP COLUMN types, DROP COLUMN function_id, DROP COLUMN nature_id, DROP COLUMN valid_until, DROP COLUMN administrative_number,
    DROP COLUMN iban, DROP COLUMN ambassador, DROP COLUMN fax, DROP COLUMN other_emails, DROP COLUMN other_phones, DROP COLUMN reach,
    DROP COLUMN delivery_address, DROP COLUMN billing_address, DROP COLUMN seats;
DROP TABLE contact_option;
