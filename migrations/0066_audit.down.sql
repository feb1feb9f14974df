DROP TABLE audit_entry;
DROP FUNCTION audit_keep();
