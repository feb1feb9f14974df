DELETE FROM http_session;
