-- Payment providers: who collects and pays back for a site, and what was asked of them.

-- A site's account at a provider. Secrets are sealed; nobody reads them back.
CREATE TABLE payment_provider (
    site_id        uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    name           text COLLATE "C" NOT NULL CHECK (name IN ('stripe')),
    secret_key     bytea NOT NULL,
    webhook_secret bytea NOT NULL,
    key_hint       text NOT NULL,                           -- the key's last four characters
    live           boolean NOT NULL,                        -- whether real money moves
    changed_by     text NOT NULL DEFAULT '',
    changed_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, name)
);

-- Who moved a payment's money: nobody here, who writes down what moved elsewhere, or a provider.
ALTER TABLE payment ADD COLUMN provider text COLLATE "C" NOT NULL DEFAULT 'manual' CHECK (provider IN ('manual', 'stripe'));

-- What a provider was asked to collect or to pay back, and what became of it. It is written before the provider is asked. What
-- moved stands in payment and in the books; this says how it came about, and what did not.
CREATE TABLE provider_payment (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id              uuid NOT NULL,                          -- what the provider knows it by
    provider        text COLLATE "C" NOT NULL CHECK (provider IN ('stripe')),
    order_id        uuid,                                   -- null: the provider told of money that nothing here asked for
    direction       text COLLATE "C" NOT NULL CHECK (direction IN ('in', 'out')),
    state           text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'done', 'held', 'failed')),
    amount          bigint NOT NULL CHECK (amount >= 0),    -- asked for; of money that nothing asked for, what came
    booked          bigint NOT NULL DEFAULT 0 CHECK (booked >= 0), -- of it, what stands in the order's books
    currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reference       text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(reference) <= 200), -- the provider's own number
    charge          text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(charge) <= 200),    -- what it pays back by
    url             text NOT NULL DEFAULT '' CHECK (length(url) <= 4000),                  -- where one pays
    reason          text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    problem         text COLLATE "C" NOT NULL DEFAULT '',   -- a word: why it is held, failed, or takes so long
    detail          text NOT NULL DEFAULT '' CHECK (length(detail) <= 1000), -- the provider's own words for it
    of_id           uuid,                                   -- what is paid back
    payment_id      uuid,                                   -- as booked to the order
    change_id       uuid,                                   -- as held for whoever paid
    idempotency_key text COLLATE "C" NOT NULL CHECK (idempotency_key <> '' AND length(idempotency_key) <= 200),
    request_sha256  bytea NOT NULL,
    at              timestamptz NOT NULL,
    actor_kind      text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id        uuid,
    actor_name      text NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, idempotency_key),
    CHECK (booked <= amount),
    CHECK ((direction = 'out') = (of_id IS NOT NULL)),
    FOREIGN KEY (site_id, order_id) REFERENCES sale_order (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, of_id) REFERENCES provider_payment (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, payment_id) REFERENCES payment (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, change_id) REFERENCES balance_change (site_id, id) ON DELETE CASCADE
);
-- What the provider tells of twice is one thing.
CREATE UNIQUE INDEX provider_payment_once ON provider_payment (site_id, provider, reference) WHERE reference <> '';
CREATE INDEX provider_payment_of_order ON provider_payment (site_id, order_id, id);
CREATE INDEX provider_payment_of ON provider_payment (site_id, of_id) WHERE of_id IS NOT NULL;
CREATE INDEX provider_payment_booked ON provider_payment (site_id, payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX provider_payment_held ON provider_payment (site_id, id) WHERE state = 'held';
