ALTER PUBLICATION carnet DROP TABLE http_session;
DELETE FROM http_session;
