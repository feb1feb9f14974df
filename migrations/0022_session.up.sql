-- Sessions of staff are kept as JSON from here on; whoever is signed in signs in again.
DELETE FROM http_session;
