DROP TABLE staff_sign_in_event, staff_recovery_code, staff_second_step;
ALTER TABLE site DROP COLUMN second_step_required;
