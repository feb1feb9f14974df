DELETE FROM contact_history WHERE action IN ('account_passkey_added', 'account_passkey_removed', 'account_passkey_copied');
ALTER TABLE contact_history
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored', 'reverted', 'merged', 'unmerged')
        OR account_id IS NOT NULL AND action IN ('account_created', 'account_invited', 'account_proven', 'account_password', 'account_password_generated', 'account_email',
            'account_linked', 'account_unlinked', 'account_disabled', 'account_enabled', 'account_signed_out', 'account_closed', 'account_reset_mail', 'account_support'));
DROP TABLE passkey_ceremony, passkey;
ALTER TABLE site DROP COLUMN passkey_domain, DROP COLUMN passkeys;
