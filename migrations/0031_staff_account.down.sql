DROP TABLE support_code;
DELETE FROM auth_code WHERE account_id IS NOT NULL AND staff_id IS NOT NULL;
DELETE FROM token_session WHERE account_id IS NOT NULL AND staff_id IS NOT NULL;
ALTER TABLE auth_code
    DROP CONSTRAINT auth_code_holder,
    ADD CONSTRAINT auth_code_holder CHECK ((account_id IS NULL) <> (staff_id IS NULL) AND (staff_id IS NULL) = (staff_epoch IS NULL));
ALTER TABLE token_session
    DROP CONSTRAINT token_session_holder,
    ADD CONSTRAINT token_session_holder CHECK ((account_id IS NULL) <> (staff_id IS NULL) AND (staff_id IS NULL) = (staff_epoch IS NULL));
DELETE FROM contact_history WHERE account_id IS NOT NULL;
ALTER TABLE contact_history
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored', 'reverted', 'merged', 'unmerged')),
    DROP CONSTRAINT contact_history_surface_check,
    ADD CONSTRAINT contact_history_surface_check CHECK (surface IN ('admin', 'api', 'import', 'registration', 'checkout', 'profile', 'seed')),
    DROP COLUMN account_id,
    DROP COLUMN on_behalf;
