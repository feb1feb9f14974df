DROP INDEX ticket_seat;
ALTER TABLE ticket DROP COLUMN seat;
