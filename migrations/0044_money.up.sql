-- What happens to orders and money after a sale: returns, and what a contact leaves with the site or takes back (S-46).

-- Which quotas a line used, so that its return gives back those and no others.
CREATE TABLE order_line_quota (
    site_id   uuid NOT NULL,
    line_id   uuid NOT NULL,
    quota_id  uuid NOT NULL,
    period_on date NOT NULL,
    PRIMARY KEY (site_id, line_id, quota_id),
    FOREIGN KEY (site_id, line_id) REFERENCES order_line (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, quota_id) REFERENCES quota (site_id, id) ON DELETE CASCADE
);
CREATE INDEX order_line_quota_of ON order_line_quota (site_id, quota_id);

-- Each time that something of an order went back.
CREATE TABLE order_return (
    site_id         uuid NOT NULL,
    id              uuid NOT NULL,
    order_id        uuid NOT NULL,
    amount          bigint NOT NULL CHECK (amount >= 0),
    reason          text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    idempotency_key text COLLATE "C" NOT NULL CHECK (idempotency_key <> '' AND length(idempotency_key) <= 200),
    request_sha256  bytea NOT NULL,
    at              timestamptz NOT NULL,
    actor_kind      text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id        uuid,
    actor_name      text NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, idempotency_key),
    FOREIGN KEY (site_id, order_id) REFERENCES sale_order (site_id, id) ON DELETE CASCADE
);
CREATE INDEX order_return_of ON order_return (site_id, order_id, id);

-- What a contact left with the site, or took back, without an order: on the credit balance or on the holding account.
CREATE TABLE balance_change (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id              uuid NOT NULL,
    contact_id      uuid,                                   -- null once the contact was erased
    account         text COLLATE "C" NOT NULL CHECK (account IN ('credit', 'holding')),
    amount          bigint NOT NULL CHECK (amount <> 0),    -- above zero: more for the contact
    method          text COLLATE "C" CHECK (method IN ('cash', 'card', 'transfer', 'credit', 'other')), -- null: the site gave it, or took it
    reason          text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    idempotency_key text COLLATE "C" NOT NULL CHECK (idempotency_key <> '' AND length(idempotency_key) <= 200),
    request_sha256  bytea NOT NULL,
    at              timestamptz NOT NULL,
    actor_kind      text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id        uuid,
    actor_name      text NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, idempotency_key),
    CHECK (method IS NOT NULL OR account = 'credit'),       -- what is held for a contact is the contact's own
    CHECK (method IS DISTINCT FROM 'credit' OR account = 'holding'),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (contact_id)
);
CREATE INDEX balance_change_of ON balance_change (site_id, contact_id, id);

ALTER TABLE ledger_entry
    ADD COLUMN return_id uuid,
    ADD COLUMN change_id uuid,
    ADD FOREIGN KEY (site_id, return_id) REFERENCES order_return (site_id, id) ON DELETE CASCADE,
    ADD FOREIGN KEY (site_id, change_id) REFERENCES balance_change (site_id, id) ON DELETE CASCADE;

-- The list of orders: by what they cost, and what is still to be paid or to be paid back.
CREATE INDEX sale_order_by_total ON sale_order (site_id, total, id);
CREATE INDEX sale_order_open ON sale_order (site_id, ordered_at, id) WHERE total - returned > paid;
