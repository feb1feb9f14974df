-- A gateway tells what people answer to text messages at an address that only it is given (P-22).
ALTER TABLE sms_account ADD COLUMN replies_key uuid NOT NULL DEFAULT gen_random_uuid(), -- what the address is made of
    ADD COLUMN heard_at timestamptz;                         -- when an answer last came; null: none since the sender or the provider is another
