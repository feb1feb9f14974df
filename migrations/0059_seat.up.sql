-- A ticket may be for a seat, which nobody else has at the same event (S-52). A ticket that is cancelled gives it free.
ALTER TABLE ticket ADD COLUMN seat text COLLATE "C" CHECK (seat <> '' AND length(seat) <= 200);
CREATE UNIQUE INDEX ticket_seat ON ticket (site_id, event_id, seat) WHERE seat IS NOT NULL AND state <> 'cancelled';
