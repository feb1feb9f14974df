ALTER PUBLICATION carnet DROP TABLE contact_indicator;
DROP INDEX segment_names_indicator;
DROP TRIGGER slot_indicator ON slot;
DROP TRIGGER event_indicator ON event;
DROP TRIGGER booking_indicator_come ON booking;
DROP TRIGGER booking_indicator_moved ON booking;
DROP TRIGGER booking_indicator_gone ON booking;
DROP TRIGGER ticket_indicator_come ON ticket;
DROP TRIGGER ticket_indicator_moved ON ticket;
DROP TRIGGER ticket_indicator_gone ON ticket;
DROP TRIGGER sale_order_indicator_moved ON sale_order;
DROP TRIGGER sale_order_indicator_gone ON sale_order;
DROP TRIGGER order_line_indicator_come ON order_line;
DROP TRIGGER order_line_indicator_moved ON order_line;
DROP TRIGGER order_line_indicator_gone ON order_line;
DROP FUNCTION contact_indicator_catalogue, contact_indicator_held, contact_indicator_order, contact_indicator_line, contact_indicator_stale, contact_indicator_refresh,
    contact_indicator_at, indicator_since;
DROP TABLE contact_indicator, indicator_recount, indicator;
