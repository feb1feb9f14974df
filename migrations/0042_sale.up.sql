-- Sales: what a site sells, what was ordered, and what follows from it (docs/sales.md). Money is an integer of minor units
-- in the site's one currency. What must never be exceeded (places, quotas, uses, credit) is a CHECK on a counter that the
-- sale raises in its own transaction: of two hundred who want the last ten places, ten get them.

ALTER TABLE site
    ADD COLUMN currency          text    NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
    ADD COLUMN organizers_view   boolean NOT NULL DEFAULT true,    -- T-07: organizers see their own events
    ADD COLUMN organizers_edit   boolean NOT NULL DEFAULT false,   -- T-08
    ADD COLUMN organizers_cancel boolean NOT NULL DEFAULT false,   -- T-09
    ADD COLUMN spend_medium      bigint  NOT NULL DEFAULT 10000,   -- from here on money spent is "medium" (G-11), in minor units
    ADD COLUMN spend_large       bigint  NOT NULL DEFAULT 50000,
    ADD COLUMN assiduity_days    int     NOT NULL DEFAULT 365 CHECK (assiduity_days BETWEEN 1 AND 3660), -- the period of G-12
    ADD CONSTRAINT site_spend_check CHECK (0 < spend_medium AND spend_medium < spend_large);

-- ---------------------------------------------------------------- catalogue

CREATE TABLE event (
    site_id      uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    description  text NOT NULL DEFAULT '' CHECK (length(description) <= 10000),
    place        text NOT NULL DEFAULT '' CHECK (length(place) <= 200),
    url          text NOT NULL DEFAULT '' CHECK (url = '' OR url ~ '^https?://' AND length(url) <= 2000), -- the page that shows it
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    state        text COLLATE "C" NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'published', 'cancelled')),
    capacity     int CHECK (capacity >= 0),                 -- null: no limit
    taken        int NOT NULL DEFAULT 0 CHECK (taken >= 0),
    organizer_id uuid,                                      -- the contact that submitted it, or for whom staff did
    reference    text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(reference) <= 200), -- the calendar's own id
    cancelled_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK (ends_at > starts_at),
    CONSTRAINT event_places CHECK (capacity IS NULL OR taken <= capacity),
    CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL)),
    FOREIGN KEY (site_id, organizer_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (organizer_id)
);
CREATE INDEX event_by_start     ON event (site_id, starts_at, id);
CREATE INDEX event_by_organizer ON event (site_id, organizer_id, starts_at) WHERE organizer_id IS NOT NULL;
CREATE UNIQUE INDEX event_reference ON event (site_id, reference) WHERE reference <> '';

-- Who else has to do with an event: contacts of the type that the role asks for (S-08 to S-11).
CREATE TABLE event_contact (
    site_id    uuid NOT NULL,
    event_id   uuid NOT NULL,
    role       text COLLATE "C" NOT NULL CHECK (role IN ('producer', 'guide', 'supplier', 'partner')),
    contact_id uuid NOT NULL,
    PRIMARY KEY (site_id, event_id, role, contact_id),
    FOREIGN KEY (site_id, event_id) REFERENCES event (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX event_contact_of ON event_contact (site_id, contact_id, role);

CREATE TABLE product (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('ticket', 'pass', 'membership', 'resource')),
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    event_id    uuid,                                       -- what a ticket is for
    price       bigint NOT NULL CHECK (price BETWEEN 0 AND 1000000000), -- for everybody
    capacity    int CHECK (capacity >= 0),                  -- how many are sold at most; null: no limit
    taken       int NOT NULL DEFAULT 0 CHECK (taken >= 0),
    reserved    boolean NOT NULL DEFAULT false,             -- for holders of a membership only (T-22)
    for_child   boolean NOT NULL DEFAULT false,             -- bought for children: the indicator "child product" (S-27)
    supplier_id uuid,                                       -- S-09
    uses        int CHECK (uses BETWEEN 1 AND 10000),       -- of a pass
    valid_days  int CHECK (valid_days BETWEEN 1 AND 36600), -- of a pass, from the day it is bought; null: for good
    months      int CHECK (months BETWEEN 1 AND 1200),      -- of a membership; null: until it is ended
    archived_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK ((kind = 'ticket') = (event_id IS NOT NULL)),
    CHECK ((kind = 'pass') = (uses IS NOT NULL)),
    CHECK (kind = 'pass' OR valid_days IS NULL),
    CHECK (kind = 'membership' OR months IS NULL),
    CONSTRAINT product_places CHECK (capacity IS NULL OR taken <= capacity),
    FOREIGN KEY (site_id, event_id) REFERENCES event (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, supplier_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (supplier_id)
);
CREATE INDEX product_by_kind  ON product (site_id, kind, name, id) WHERE archived_at IS NULL;
CREATE INDEX product_for_child ON product (site_id) WHERE for_child;
CREATE INDEX product_of_event ON product (site_id, event_id) WHERE event_id IS NOT NULL;

-- Another price for those of a group (P-25) or the holders of a membership (T-22). Who is several of these pays the least.
CREATE TABLE product_price (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    product_id uuid NOT NULL,
    group_id   uuid,
    plan_id    uuid,
    amount     bigint NOT NULL CHECK (amount BETWEEN 0 AND 1000000000),
    PRIMARY KEY (site_id, id),
    CHECK ((group_id IS NULL) <> (plan_id IS NULL)),
    UNIQUE NULLS NOT DISTINCT (site_id, product_id, group_id, plan_id),
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, group_id) REFERENCES contact_group (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, plan_id) REFERENCES product (site_id, id) ON DELETE CASCADE
);

-- How many of a product one contact may have in a period (P-26): those of a group, or everybody. All that apply must hold.
CREATE TABLE quota (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    product_id uuid NOT NULL,
    group_id   uuid,                                        -- null: everybody
    period     text COLLATE "C" NOT NULL CHECK (period IN ('day', 'week', 'month', 'year', 'ever')),
    most       int NOT NULL CHECK (most BETWEEN 0 AND 1000000),
    PRIMARY KEY (site_id, id),
    UNIQUE NULLS NOT DISTINCT (site_id, product_id, group_id, period),
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, group_id) REFERENCES contact_group (site_id, id) ON DELETE CASCADE
);

-- What a contact has used of a quota. most is the quota's as it was at the last use, so that the row holds itself.
CREATE TABLE quota_use (
    site_id    uuid NOT NULL,
    quota_id   uuid NOT NULL,
    contact_id uuid NOT NULL,
    period_on  date NOT NULL,                               -- the period's first day in the site's time zone
    used       int NOT NULL CHECK (used >= 0),
    most       int NOT NULL,
    PRIMARY KEY (site_id, quota_id, contact_id, period_on),
    CONSTRAINT quota_most CHECK (used <= most),
    FOREIGN KEY (site_id, quota_id) REFERENCES quota (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX quota_use_of ON quota_use (site_id, contact_id);

-- When a resource can be booked.
CREATE TABLE slot (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    product_id uuid NOT NULL,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    capacity   int NOT NULL DEFAULT 1 CHECK (capacity >= 0),
    taken      int NOT NULL DEFAULT 0 CHECK (taken >= 0),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, product_id, starts_at),
    CHECK (ends_at > starts_at),
    CONSTRAINT slot_places CHECK (taken <= capacity),
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) ON DELETE CASCADE
);

-- ---------------------------------------------------------------- orders

-- An order names up to three contacts: who buys, who pays, and on its lines who attends (S-61).
CREATE TABLE sale_order (
    site_id         uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id              uuid NOT NULL,
    number          bigint NOT NULL,                        -- what people see, counted per site
    reference       text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(reference) <= 200), -- the shop's own
    checkout_jti    text COLLATE "C",                       -- the redeemed checkout that tells who buys
    idempotency_key text COLLATE "C" NOT NULL CHECK (idempotency_key <> '' AND length(idempotency_key) <= 200),
    request_sha256  bytea NOT NULL,                         -- the same key with another request is refused
    buyer_id        uuid,                                   -- null once the contact was erased
    payer_id        uuid,
    channel         text COLLATE "C" NOT NULL CHECK (channel ~ '^[a-z][a-z0-9_]{0,39}$'), -- shop, counter, phone ... (S-27)
    state           text COLLATE "C" NOT NULL DEFAULT 'completed' CHECK (state IN ('completed', 'cancelled')),
    currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total           bigint NOT NULL CHECK (total BETWEEN 0 AND 2000000000), -- as ordered
    returned        bigint NOT NULL DEFAULT 0 CHECK (returned >= 0), -- of it, what was given back or let off
    paid            bigint NOT NULL DEFAULT 0,              -- payments less what was paid back; the ledger's sum
    answers         jsonb NOT NULL DEFAULT '[]',            -- frozen as given at the checkout (G-21)
    ordered_at      timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    actor_kind      text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id        uuid,
    actor_name      text NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, number),
    UNIQUE (site_id, idempotency_key),
    CHECK (returned <= total),
    FOREIGN KEY (site_id, buyer_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (buyer_id),
    FOREIGN KEY (site_id, payer_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (payer_id)
);
CREATE UNIQUE INDEX sale_order_reference ON sale_order (site_id, reference) WHERE reference <> '';
CREATE UNIQUE INDEX sale_order_checkout ON sale_order (site_id, checkout_jti) WHERE checkout_jti IS NOT NULL;
CREATE INDEX sale_order_by_time ON sale_order (site_id, ordered_at, id);
CREATE INDEX sale_order_buyer   ON sale_order (site_id, buyer_id, ordered_at, id);
CREATE INDEX sale_order_payer   ON sale_order (site_id, payer_id, ordered_at, id);

-- What is sold stays while something refers to it; that is asked at a transaction's end, so that a site can go as a whole.
CREATE TABLE order_line (
    site_id     uuid NOT NULL,
    id          uuid NOT NULL,
    order_id    uuid NOT NULL,
    position    int NOT NULL,
    product_id  uuid NOT NULL,
    slot_id     uuid,
    attendee_id uuid,                                       -- null once the contact was erased
    label       text NOT NULL CHECK (length(label) <= 500), -- what was sold, as it was called then
    quantity    int NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    returned    int NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND quantity),
    unit_price  bigint NOT NULL CHECK (unit_price >= 0),
    price_rule  text NOT NULL DEFAULT '',                   -- whose price it was: a group's or a plan's name; empty: everybody's
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, order_id, position),
    FOREIGN KEY (site_id, order_id) REFERENCES sale_order (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, slot_id) REFERENCES slot (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, attendee_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (attendee_id)
);
CREATE INDEX order_line_product  ON order_line (site_id, product_id);
CREATE INDEX order_line_attendee ON order_line (site_id, attendee_id);

-- What a contact holds by an order. line_id is null where staff gave it without a sale.

CREATE TABLE ticket (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    line_id    uuid NOT NULL,
    product_id uuid NOT NULL,
    event_id   uuid NOT NULL,
    contact_id uuid,
    code       text COLLATE "C" NOT NULL,                   -- what its QR code says: 128 random bits
    state      text COLLATE "C" NOT NULL DEFAULT 'valid' CHECK (state IN ('valid', 'used', 'cancelled')),
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, code),
    CHECK ((state = 'used') = (used_at IS NOT NULL)),
    FOREIGN KEY (site_id, line_id) REFERENCES order_line (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, event_id) REFERENCES event (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (contact_id)
);
CREATE INDEX ticket_of       ON ticket (site_id, contact_id, event_id);
CREATE INDEX ticket_of_event ON ticket (site_id, event_id, id);
CREATE INDEX ticket_of_line  ON ticket (site_id, line_id);

-- A running subscription to a plan. It is in force from its first day to its last, both included.
CREATE TABLE membership (
    site_id      uuid NOT NULL,
    id           uuid NOT NULL,
    contact_id   uuid NOT NULL,
    plan_id      uuid NOT NULL,
    line_id      uuid,
    starts_on    date NOT NULL,
    ends_on      date,                                      -- null: until it is ended
    renews       boolean NOT NULL DEFAULT false,
    cancelled_at timestamptz,                               -- it ends on ends_on all the same
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK (ends_on IS NULL OR ends_on >= starts_on - 1),    -- the day before: it never was in force
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, plan_id) REFERENCES product (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, line_id) REFERENCES order_line (site_id, id) ON DELETE CASCADE
);
CREATE INDEX membership_of     ON membership (site_id, contact_id, starts_on);
CREATE INDEX membership_starts ON membership (site_id, starts_on);
CREATE INDEX membership_ends   ON membership (site_id, ends_on);
CREATE INDEX membership_line   ON membership (site_id, line_id);

CREATE TABLE pass (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    contact_id uuid NOT NULL,
    product_id uuid NOT NULL,
    line_id    uuid,
    uses       int NOT NULL CHECK (uses > 0),
    used       int NOT NULL DEFAULT 0 CHECK (used >= 0),
    valid_on   date NOT NULL,                               -- its first day
    ends_on    date,                                        -- its last day; null: for good
    cancelled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CONSTRAINT pass_uses CHECK (used <= uses),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, line_id) REFERENCES order_line (site_id, id) ON DELETE CASCADE
);
CREATE INDEX pass_of      ON pass (site_id, contact_id, id);
CREATE INDEX pass_of_line ON pass (site_id, line_id);

CREATE TABLE booking (
    site_id    uuid NOT NULL,
    id         uuid NOT NULL,
    contact_id uuid NOT NULL,
    product_id uuid NOT NULL,
    slot_id    uuid NOT NULL,
    line_id    uuid,
    pass_id    uuid,                                        -- what paid for it, when a pass did
    state      text COLLATE "C" NOT NULL DEFAULT 'booked' CHECK (state IN ('booked', 'attended', 'cancelled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, slot_id) REFERENCES slot (site_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (site_id, line_id) REFERENCES order_line (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, pass_id) REFERENCES pass (site_id, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX booking_of      ON booking (site_id, contact_id, id);
CREATE INDEX booking_of_slot ON booking (site_id, slot_id);
CREATE INDEX booking_of_line ON booking (site_id, line_id);

-- ---------------------------------------------------------------- money

CREATE TABLE payment (
    site_id         uuid NOT NULL,
    id              uuid NOT NULL,
    order_id        uuid NOT NULL,
    payer_id        uuid,                                   -- null once the contact was erased
    direction       text COLLATE "C" NOT NULL CHECK (direction IN ('in', 'out')), -- out: a refund
    method          text COLLATE "C" NOT NULL CHECK (method IN ('cash', 'card', 'transfer', 'credit', 'other')),
    amount          bigint NOT NULL CHECK (amount > 0),
    reference       text COLLATE "C" NOT NULL DEFAULT '' CHECK (length(reference) <= 200), -- the provider's own
    reason          text NOT NULL DEFAULT '' CHECK (length(reason) <= 2000),
    idempotency_key text COLLATE "C" NOT NULL CHECK (idempotency_key <> '' AND length(idempotency_key) <= 200),
    request_sha256  bytea NOT NULL,
    at              timestamptz NOT NULL,
    actor_kind      text NOT NULL CHECK (actor_kind IN ('staff', 'api_key', 'account', 'visitor', 'system')),
    actor_id        uuid,
    actor_name      text NOT NULL DEFAULT '',
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, idempotency_key),
    FOREIGN KEY (site_id, order_id) REFERENCES sale_order (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, payer_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (payer_id)
);
CREATE INDEX payment_of_order ON payment (site_id, order_id, id);
CREATE INDEX payment_of       ON payment (site_id, payer_id, id);

-- The books: accounts whose entries, of each transaction and so in all, sum to zero. What a contact owes or is owed stands on
-- accounts of its own; a contact may have several of a kind after a merge.
CREATE TABLE ledger_account (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('revenue', 'money', 'receivable', 'credit', 'holding')),
    method     text COLLATE "C",                            -- of money: how it came
    contact_id uuid,                                        -- of receivable, credit and holding; null once erased
    balance    bigint NOT NULL DEFAULT 0,                   -- of a contact's accounts; the site's own would make all orders wait for each other
    PRIMARY KEY (site_id, id),
    CHECK ((kind = 'money') = (method IS NOT NULL)),
    CONSTRAINT credit_is_ours CHECK (kind NOT IN ('credit', 'holding') OR balance <= 0), -- what the site owes is below zero
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE SET NULL (contact_id)
);
CREATE INDEX ledger_account_of ON ledger_account (site_id, contact_id, kind);
CREATE UNIQUE INDEX ledger_account_site ON ledger_account (site_id, kind, method) NULLS NOT DISTINCT WHERE kind IN ('revenue', 'money');

CREATE TABLE ledger_entry (
    site_id        uuid NOT NULL,
    transaction_id uuid NOT NULL,
    account_id     uuid NOT NULL,
    amount         bigint NOT NULL CHECK (amount <> 0),
    kind           text COLLATE "C" NOT NULL CHECK (kind IN ('order', 'payment', 'return', 'refund', 'deposit', 'withdrawal')),
    order_id       uuid,
    payment_id     uuid,
    at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, transaction_id, account_id),
    FOREIGN KEY (site_id, account_id) REFERENCES ledger_account (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, order_id) REFERENCES sale_order (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, payment_id) REFERENCES payment (site_id, id) ON DELETE CASCADE
);
CREATE INDEX ledger_entry_of ON ledger_entry (site_id, account_id, at);

-- Entries are only added, and a transaction's sum is zero when it commits.
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off bigint;
BEGIN
    SELECT sum(amount) INTO off FROM ledger_entry WHERE site_id = new.site_id AND transaction_id = new.transaction_id;
    IF off <> 0 THEN
        RAISE EXCEPTION 'the ledger''s transaction % is off by %', new.transaction_id, off USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_sums_to_zero AFTER INSERT OR UPDATE ON ledger_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_balances();

CREATE FUNCTION ledger_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_account SET balance = balance + new.amount WHERE site_id = new.site_id AND id = new.account_id AND kind NOT IN ('revenue', 'money');
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_books AFTER INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_books();

-- ---------------------------------------------------------------- offers and indicators

-- What is reserved for a segment's or a group's contacts (S-42, S-43).
CREATE TABLE offer (
    site_id     uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id          uuid NOT NULL,
    type        text NOT NULL CHECK (type <> '' AND length(type) <= 100),
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    information text NOT NULL DEFAULT '' CHECK (length(information) <= 2000), -- for the ticket office
    segment_id  uuid,
    group_id    uuid,
    product_id  uuid,
    available   int CHECK (available >= 0),                 -- null: no limit
    starts_on   date,
    ends_on     date,
    archived_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id),
    CHECK ((segment_id IS NULL) <> (group_id IS NULL)),
    CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on),
    FOREIGN KEY (site_id, segment_id) REFERENCES segment (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, group_id) REFERENCES contact_group (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, product_id) REFERENCES product (site_id, id) ON DELETE SET NULL (product_id)
);

-- What follows from a contact's sales: statuses, counts, indicators (P-04, S-04, S-50). Nobody writes it but contact_sale_refresh,
-- which triggers call for whomever a sale touches, psql's and a merge's moves included; what the passing of days changes is
-- found by the program's sweep. The change feed reports it, so that segments move.
CREATE TABLE contact_sale (
    site_id          uuid NOT NULL,
    contact_id       uuid NOT NULL,
    customer         boolean NOT NULL DEFAULT false,        -- has an order that was not cancelled
    subscriber       boolean NOT NULL DEFAULT false,        -- has a membership in force
    attendee         boolean NOT NULL DEFAULT false,        -- has a ticket or a booking
    organizer        boolean NOT NULL DEFAULT false,        -- organizes an event
    child            boolean NOT NULL DEFAULT false,        -- has bought for a child
    plans            uuid[]  NOT NULL DEFAULT '{}',         -- of memberships in force, in order
    subscribed_until date,                                  -- the last day of the last of these; null: none, or no end
    first_on         date,                                  -- of the first and the last order, in the site's time zone
    last_on          date,
    orders           int     NOT NULL DEFAULT 0,
    spent            bigint  NOT NULL DEFAULT 0,            -- ordered less returned
    tickets          int     NOT NULL DEFAULT 0,
    passes           int     NOT NULL DEFAULT 0,
    bookings         int     NOT NULL DEFAULT 0,
    due              int     NOT NULL DEFAULT 0,            -- tickets and bookings of what has begun in the site's period, and was not cancelled
    attended         int     NOT NULL DEFAULT 0,            -- of these, used
    channel          text COLLATE "C" NOT NULL DEFAULT '',  -- of the last order
    PRIMARY KEY (site_id, contact_id),
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);

-- What a contact's sales come to at a moment: the row that contact_sale is to have.
CREATE FUNCTION contact_sale_at(of_site uuid, of_contacts uuid[], at timestamptz) RETURNS SETOF contact_sale LANGUAGE sql STABLE AS $$
    SELECT c.site_id, c.id, o.n > 0, m.n > 0, t.n + b.n > 0, e.n > 0, k.child, m.plans, CASE WHEN m.endless THEN NULL ELSE m.until END,
        o.first_on, o.last_on, o.n::int, o.spent::bigint, t.n::int, p.n::int, b.n::int, (t.due + b.due)::int, (t.attended + b.attended)::int,
        coalesce((SELECT r.channel FROM sale_order r WHERE r.site_id = c.site_id AND r.buyer_id = c.id AND r.state = 'completed' ORDER BY r.ordered_at DESC, r.id DESC LIMIT 1), '')
    FROM contact c
        JOIN (SELECT s.id, s.time_zone AS zone, (at AT TIME ZONE s.time_zone)::date AS today, at - make_interval(days => s.assiduity_days) AS since FROM site s) AS s ON s.id = c.site_id,
        LATERAL (SELECT count(*) AS n, coalesce(sum(r.total - r.returned), 0) AS spent,
                (min(r.ordered_at) AT TIME ZONE s.zone)::date AS first_on, (max(r.ordered_at) AT TIME ZONE s.zone)::date AS last_on
            FROM sale_order r WHERE r.site_id = c.site_id AND r.buyer_id = c.id AND r.state = 'completed') AS o,
        -- Most sites sell nothing for children; of those the lines need not be read, which at a counter that sells to one contact are many.
        LATERAL (SELECT CASE WHEN EXISTS (SELECT FROM product g WHERE g.site_id = c.site_id AND g.for_child) THEN EXISTS (
                SELECT FROM sale_order r JOIN order_line l ON l.site_id = r.site_id AND l.order_id = r.id AND l.returned < l.quantity
                    JOIN product g ON g.site_id = l.site_id AND g.id = l.product_id AND g.for_child
                WHERE r.site_id = c.site_id AND r.buyer_id = c.id AND r.state = 'completed') ELSE false END AS child) AS k,
        LATERAL (SELECT count(*) AS n, coalesce(array_agg(DISTINCT r.plan_id ORDER BY r.plan_id), '{}') AS plans, max(r.ends_on) AS until, bool_or(r.ends_on IS NULL) AS endless
            FROM membership r WHERE r.site_id = c.site_id AND r.contact_id = c.id AND r.starts_on <= s.today AND (r.ends_on IS NULL OR r.ends_on >= s.today)) AS m,
        LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE v.starts_at BETWEEN s.since AND at AND v.state <> 'cancelled') AS due,
                count(*) FILTER (WHERE v.starts_at BETWEEN s.since AND at AND v.state <> 'cancelled' AND r.state = 'used') AS attended
            FROM ticket r JOIN event v ON v.site_id = r.site_id AND v.id = r.event_id WHERE r.site_id = c.site_id AND r.contact_id = c.id AND r.state <> 'cancelled') AS t,
        LATERAL (SELECT count(*) AS n FROM pass r WHERE r.site_id = c.site_id AND r.contact_id = c.id AND r.cancelled_at IS NULL) AS p,
        LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE v.starts_at BETWEEN s.since AND at) AS due,
                count(*) FILTER (WHERE v.starts_at BETWEEN s.since AND at AND r.state = 'attended') AS attended
            FROM booking r JOIN slot v ON v.site_id = r.site_id AND v.id = r.slot_id WHERE r.site_id = c.site_id AND r.contact_id = c.id AND r.state <> 'cancelled') AS b,
        LATERAL (SELECT count(*) AS n FROM event r WHERE r.site_id = c.site_id AND r.organizer_id = c.id) AS e
    WHERE c.site_id = of_site AND c.id = ANY (of_contacts)
$$;

-- Locks first and counts in a statement of its own, which then sees what those who held the locks have committed.
-- Its plan is kept: made anew it takes longer than what it does.
CREATE FUNCTION contact_sale_refresh(of_site uuid, of_contacts uuid[], at timestamptz DEFAULT now()) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO contact_sale (site_id, contact_id) SELECT c.site_id, c.id FROM contact c
        WHERE c.site_id = of_site AND c.id = ANY (of_contacts) ORDER BY c.id ON CONFLICT DO NOTHING;
    PERFORM FROM contact_sale s WHERE s.site_id = of_site AND s.contact_id = ANY (of_contacts) ORDER BY s.contact_id FOR UPDATE;
    UPDATE contact_sale s SET
        customer = n.customer, subscriber = n.subscriber, attendee = n.attendee, organizer = n.organizer, child = n.child, plans = n.plans, subscribed_until = n.subscribed_until,
        first_on = n.first_on, last_on = n.last_on, orders = n.orders, spent = n.spent, tickets = n.tickets, passes = n.passes, bookings = n.bookings,
        due = n.due, attended = n.attended, channel = n.channel
    FROM contact_sale_at(of_site, of_contacts, at) n WHERE s.site_id = of_site AND s.contact_id = n.contact_id AND s IS DISTINCT FROM n;
END $$;

-- Calls the refresh for those whom a statement's rows name, before and after, in the column of the trigger's argument.
CREATE FUNCTION contact_sale_touched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of record;
    named text := format(CASE TG_OP WHEN 'INSERT' THEN 'SELECT site_id, %1$I AS id FROM come'
        WHEN 'DELETE' THEN 'SELECT site_id, %1$I AS id FROM gone'
        -- What was paid of an order changes nothing here.
        ELSE 'WITH moved AS (SELECT c.site_id, c.%1$I AS after, g.%1$I AS before FROM come c JOIN gone g USING (site_id, id) WHERE to_jsonb(c) - ''paid'' <> to_jsonb(g) - ''paid'')
            SELECT site_id, after AS id FROM moved UNION SELECT site_id, before FROM moved' END, TG_ARGV[0]);
BEGIN
    FOR of IN EXECUTE 'SELECT site_id, array_agg(DISTINCT id) AS ids FROM (' || named || ') AS n WHERE id IS NOT NULL GROUP BY site_id ORDER BY site_id' LOOP
        PERFORM contact_sale_refresh(of.site_id, of.ids);
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER sale_order_come AFTER INSERT ON sale_order REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('buyer_id');
CREATE TRIGGER sale_order_moved AFTER UPDATE ON sale_order REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('buyer_id');
CREATE TRIGGER sale_order_gone AFTER DELETE ON sale_order REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('buyer_id');
CREATE TRIGGER ticket_come AFTER INSERT ON ticket REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER ticket_moved AFTER UPDATE ON ticket REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER ticket_gone AFTER DELETE ON ticket REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER membership_come AFTER INSERT ON membership REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER membership_moved AFTER UPDATE ON membership REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER membership_gone AFTER DELETE ON membership REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER pass_come AFTER INSERT ON pass REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER pass_moved AFTER UPDATE ON pass REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER pass_gone AFTER DELETE ON pass REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER booking_come AFTER INSERT ON booking REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER booking_moved AFTER UPDATE ON booking REFERENCING NEW TABLE AS come OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER booking_gone AFTER DELETE ON booking REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('contact_id');
CREATE TRIGGER event_come AFTER INSERT ON event REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('organizer_id');
-- By rows: an event or a slot is updated with each sale, but hardly ever moved.
CREATE FUNCTION contact_sale_organizer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contact_sale_refresh(new.site_id, ARRAY[old.organizer_id, new.organizer_id]);
    RETURN NULL;
END $$;
CREATE TRIGGER event_moved AFTER UPDATE ON event FOR EACH ROW WHEN (old.organizer_id IS DISTINCT FROM new.organizer_id) EXECUTE FUNCTION contact_sale_organizer();
-- What is due of an event or a slot changes with its time, and when it is cancelled; who has bought for a child, with what is for children.
CREATE FUNCTION contact_sale_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    those uuid[];
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'event' THEN
        SELECT array_agg(DISTINCT contact_id) INTO those FROM ticket WHERE site_id = new.site_id AND event_id = new.id AND contact_id IS NOT NULL;
    WHEN 'slot' THEN
        SELECT array_agg(DISTINCT contact_id) INTO those FROM booking WHERE site_id = new.site_id AND slot_id = new.id;
    WHEN 'product' THEN
        SELECT array_agg(DISTINCT o.buyer_id) INTO those FROM order_line l JOIN sale_order o ON o.site_id = l.site_id AND o.id = l.order_id
            WHERE l.site_id = new.site_id AND l.product_id = new.id AND o.buyer_id IS NOT NULL;
    END CASE;
    IF those IS NOT NULL THEN
        PERFORM contact_sale_refresh(new.site_id, those);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_due AFTER UPDATE ON event FOR EACH ROW WHEN (old.starts_at <> new.starts_at OR (old.state = 'cancelled') <> (new.state = 'cancelled')) EXECUTE FUNCTION contact_sale_catalogue();
CREATE TRIGGER slot_due AFTER UPDATE ON slot FOR EACH ROW WHEN (old.starts_at <> new.starts_at) EXECUTE FUNCTION contact_sale_catalogue();
CREATE TRIGGER product_child AFTER UPDATE ON product FOR EACH ROW WHEN (old.for_child <> new.for_child) EXECUTE FUNCTION contact_sale_catalogue();
CREATE TRIGGER event_gone AFTER DELETE ON event REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION contact_sale_touched('organizer_id');

ALTER PUBLICATION carnet ADD TABLE contact_sale, product (site_id, id, kind, archived_at);
