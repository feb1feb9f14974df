DROP INDEX contact_by_created;
CREATE INDEX contact_by_created ON contact (site_id, created_at, id) WHERE deleted_at IS NULL;
DROP INDEX sale_order_by_time;
CREATE INDEX sale_order_by_time ON sale_order (site_id, ordered_at, id);
DROP INDEX ticket_of_event;
CREATE INDEX ticket_of_event ON ticket (site_id, event_id, id);
DROP INDEX booking_of_slot;
CREATE INDEX booking_of_slot ON booking (site_id, slot_id);
