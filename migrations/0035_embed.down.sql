DROP TABLE embed_event;
DROP TABLE rate_bucket;
CREATE TABLE rate_bucket (
    key          text COLLATE "C" NOT NULL,
    window_start timestamptz NOT NULL,
    count        int NOT NULL,
    PRIMARY KEY (key, window_start)
);
ALTER TABLE signing_key DROP COLUMN signs_at;
ALTER TABLE site ADD COLUMN secret_hash bytea;
UPDATE site SET secret_hash = (SELECT secret_hash FROM site_secret WHERE site_id = site.id AND ends_at IS NULL);
ALTER TABLE site ALTER COLUMN secret_hash SET NOT NULL;
DROP TABLE site_secret;
ALTER TABLE site DROP COLUMN widget_texts, DROP COLUMN theme;
