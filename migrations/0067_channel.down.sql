DROP TABLE sms_account;
CREATE OR REPLACE FUNCTION campaign_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE campaign_recipient r SET address = '', address_key = '', problem = '' FROM gone WHERE r.site_id = gone.site_id AND r.contact_id = gone.id;
    RETURN NULL;
END $$;
DELETE FROM campaign WHERE channel <> 'email' OR single;
UPDATE campaign_recipient SET state = 'sent' WHERE state = 'delivered';
ALTER TABLE campaign_recipient DROP COLUMN provider_id, DROP CONSTRAINT campaign_recipient_state_check,
    ADD CONSTRAINT campaign_recipient_state_check CHECK (state IN ('pending', 'sending', 'sent', 'left_out', 'failed', 'uncertain'));
ALTER TABLE campaign DROP COLUMN delivered, DROP COLUMN single, DROP CONSTRAINT campaign_channel_check,
    ADD CONSTRAINT campaign_channel_check CHECK (channel IN ('email'));
