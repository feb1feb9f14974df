-- Sign-ins that are under way begin again; providers of known kinds go, accounts keep their identities.
DELETE FROM social_attempt;
ALTER TABLE social_attempt ADD COLUMN session text NOT NULL;
DELETE FROM login_provider WHERE kind <> 'oidc';
ALTER TABLE login_provider DROP COLUMN kind, DROP COLUMN tenant, DROP COLUMN team_id, DROP COLUMN key_id, ALTER COLUMN issuer SET NOT NULL;
