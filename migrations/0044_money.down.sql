DROP INDEX sale_order_open, sale_order_by_total;
ALTER TABLE ledger_entry DROP COLUMN return_id, DROP COLUMN change_id;
DROP TABLE balance_change, order_return, order_line_quota;
