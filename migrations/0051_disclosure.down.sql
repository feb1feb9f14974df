DROP INDEX mail_recipient;
ALTER TABLE mail DROP COLUMN recipient_key, DROP COLUMN kind;
