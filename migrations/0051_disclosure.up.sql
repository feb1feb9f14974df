-- A person gets a list of the mails that were written to their mailbox: of what kind each was, found by the address.
ALTER TABLE mail
    ADD COLUMN kind          text COLLATE "C" NOT NULL DEFAULT '', -- the name of its text; empty of older ones
    ADD COLUMN recipient_key text COLLATE "C" NOT NULL DEFAULT ''; -- the address as compared: lower case
UPDATE mail SET recipient_key = lower(recipient);
CREATE INDEX mail_recipient ON mail (site_id, recipient_key, id);
