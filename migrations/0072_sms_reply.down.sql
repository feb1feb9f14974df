ALTER TABLE sms_account DROP COLUMN replies_key, DROP COLUMN heard_at;
