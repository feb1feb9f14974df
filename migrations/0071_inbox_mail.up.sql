-- Who has not read what waits in their inbox gets a mail that says so, one until they look again (P-22). A site may do without.
ALTER TABLE inbox_thread ADD COLUMN tell_at timestamptz,     -- when a mail falls due about what the person has not read, nor been told of
    ADD COLUMN told_at timestamptz;                          -- the person was told, and has not looked since
CREATE INDEX inbox_thread_tell ON inbox_thread (tell_at) WHERE tell_at IS NOT NULL;

ALTER TABLE site ADD COLUMN inbox_mail boolean NOT NULL DEFAULT true;
