DROP TABLE provider_payment, payment_provider;
ALTER TABLE payment DROP COLUMN provider;
