-- What the contact had answered to the same questions when a buyer gave the checkout's answers: what is said afterwards is newer. Null: of a guest, and
-- once it is redeemed.
ALTER TABLE checkout ADD COLUMN answers_before jsonb;

-- Which of the site's providers a login is of; provider holds what that was called at the time, and is shown when the site has it no more.
ALTER TABLE account_identity ADD COLUMN provider_name text COLLATE "C";
UPDATE account_identity AS i SET provider_name = p.name
FROM (SELECT site_id, label, min(name) AS name FROM login_provider GROUP BY site_id, label HAVING count(*) = 1) AS p
WHERE p.site_id = i.site_id AND p.label = i.provider;

-- What the registration links to, beside the consent: label and https address in each language.
ALTER TABLE site ADD COLUMN legal_links jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(legal_links) = 'array' AND octet_length(legal_links::text) <= 12000
        AND NOT jsonb_path_exists(legal_links, '$[*].url ? (!(@ starts with "https://"))'));
