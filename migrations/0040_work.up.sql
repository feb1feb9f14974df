-- When visitors' browsers do a little work before a password is checked or a mail is written.
ALTER TABLE site ADD COLUMN proof_of_work text NOT NULL DEFAULT 'automatic' CHECK (proof_of_work IN ('off', 'automatic', 'always'));

-- Solutions that were taken. Each is good once.
CREATE TABLE used_work (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    hash       bytea NOT NULL,                              -- SHA-256 of the challenge
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (site_id, hash)
);
CREATE INDEX used_work_ends ON used_work (expires_at);
