ALTER PUBLICATION carnet DROP TABLE contact_sale, product;
DROP FUNCTION contact_sale_at;
DROP TABLE contact_sale, offer, ledger_entry, ledger_account, payment, booking, pass, membership, ticket, order_line, sale_order, slot, quota_use, quota,
    product_price, product, event_contact, event CASCADE;
DROP FUNCTION contact_sale_catalogue, contact_sale_organizer, contact_sale_touched, contact_sale_refresh, ledger_books, ledger_balances;
ALTER TABLE site DROP CONSTRAINT site_spend_check, DROP COLUMN assiduity_days, DROP COLUMN spend_large, DROP COLUMN spend_medium,
    DROP COLUMN organizers_cancel, DROP COLUMN organizers_edit, DROP COLUMN organizers_view, DROP COLUMN currency;
