ALTER TABLE site DROP COLUMN inbox_mail;
ALTER TABLE inbox_thread DROP COLUMN tell_at, DROP COLUMN told_at;
