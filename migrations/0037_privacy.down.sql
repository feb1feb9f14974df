DROP TABLE privacy_request;
DELETE FROM contact_history WHERE action IN ('account_data_exported', 'account_erasure_asked', 'account_erasure_withdrawn', 'account_erasure_done', 'account_erasure_refused');
ALTER TABLE contact_history
    DROP CONSTRAINT contact_history_action_check,
    ADD CONSTRAINT contact_history_action_check CHECK (action IN ('created', 'updated', 'deleted', 'restored', 'reverted', 'merged', 'unmerged')
        OR account_id IS NOT NULL AND action IN ('account_created', 'account_invited', 'account_proven', 'account_password', 'account_password_generated', 'account_email',
            'account_linked', 'account_unlinked', 'account_disabled', 'account_enabled', 'account_signed_out', 'account_closed', 'account_reset_mail', 'account_support',
            'account_passkey_added', 'account_passkey_removed', 'account_passkey_copied'));
