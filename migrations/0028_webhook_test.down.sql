DROP INDEX webhook_delivery_test;
