DELETE FROM token_session WHERE staff_id IS NOT NULL;
DELETE FROM auth_code WHERE staff_id IS NOT NULL;
DROP INDEX token_session_staff_of;
ALTER TABLE token_session DROP COLUMN staff_id, DROP COLUMN staff_epoch, ALTER COLUMN account_id SET NOT NULL;
ALTER TABLE token_session RENAME TO account_session;
ALTER TABLE auth_code DROP COLUMN staff_id, DROP COLUMN staff_epoch, ALTER COLUMN account_id SET NOT NULL;
ALTER TABLE site_origin DROP COLUMN staff;
