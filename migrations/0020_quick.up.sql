-- What the quick form asks for (S-109): each site decides which of its fields are mandatory (G-33).
ALTER TABLE site ADD COLUMN quick_required text[] NOT NULL
    DEFAULT '{title,last_name,first_name,country,postcode,city}'
    CHECK (quick_required <@ '{title,last_name,first_name,mobile,email,country,postcode,city}'::text[]);

-- The region or department of the main address, an ISO 3166-2 code.
ALTER TABLE contact ADD COLUMN subdivision text NOT NULL DEFAULT '' COLLATE "C"
    CHECK (subdivision ~ '^([A-Z]{2}-[A-Z0-9]{1,3})?$');
