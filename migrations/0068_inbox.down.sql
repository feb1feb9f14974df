ALTER PUBLICATION carnet DROP TABLE inbox_thread;
DROP TABLE inbox_message, inbox_thread;
