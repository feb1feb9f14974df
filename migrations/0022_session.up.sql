-- Sessions of staff are kept as JSON from here on; whoever is signed in signs in again.
DELETE FROM http_session;

-- Connections end with the session that opened them.
ALTER PUBLICATION carnet ADD TABLE http_session (token_hash);
