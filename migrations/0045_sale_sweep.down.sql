UPDATE saved_view SET order_by = 'name', columns = '{}' WHERE order_by IN ('spent', 'last_purchase');
UPDATE contact_list SET built_in = 'book' WHERE built_in NOT IN ('book', 'everyone', 'contactable');
ALTER TABLE contact_list DROP CONSTRAINT contact_list_built_in_check,
    ADD CONSTRAINT contact_list_built_in_check CHECK (built_in IN ('book', 'everyone', 'contactable'));

DROP INDEX contact_sale_by_spent, contact_sale_by_last, slot_by_start;
DROP TABLE sale_sweep;
