-- The address by which a calendar reads what an account's person attends: one an account, of which only the hash of its token is kept.
CREATE TABLE calendar_feed (
    site_id    uuid NOT NULL,
    account_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, account_id),
    UNIQUE (site_id, token_hash),
    FOREIGN KEY (site_id, account_id) REFERENCES account (site_id, id) ON DELETE CASCADE
);
