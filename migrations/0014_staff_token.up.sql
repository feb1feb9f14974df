-- Staff may work from an admin application on a registered origin of another site (D-09). Its codes
-- and sessions are those of end users, held by a member of staff instead of an account.

ALTER TABLE site_origin ADD COLUMN staff boolean NOT NULL DEFAULT false; -- staff may sign in from its pages

ALTER TABLE auth_code
    ALTER COLUMN account_id DROP NOT NULL,
    ADD COLUMN staff_id    uuid,
    ADD COLUMN staff_epoch int,
    ADD CONSTRAINT auth_code_staff FOREIGN KEY (site_id, staff_id) REFERENCES staff (site_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT auth_code_holder CHECK ((account_id IS NULL) <> (staff_id IS NULL) AND (staff_id IS NULL) = (staff_epoch IS NULL));

ALTER TABLE account_session RENAME TO token_session;
ALTER TABLE token_session
    ALTER COLUMN account_id DROP NOT NULL,
    ADD COLUMN staff_id    uuid,
    ADD COLUMN staff_epoch int,                             -- staff.session_epoch at the sign-in; raising it ends the session
    ADD CONSTRAINT token_session_staff FOREIGN KEY (site_id, staff_id) REFERENCES staff (site_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT token_session_holder CHECK ((account_id IS NULL) <> (staff_id IS NULL) AND (staff_id IS NULL) = (staff_epoch IS NULL));
CREATE INDEX token_session_staff_of ON token_session (site_id, staff_id) WHERE staff_id IS NOT NULL;
