-- Further types of question, and questions that are asked only if others are answered so.
ALTER TABLE custom_field DROP CONSTRAINT custom_field_type_check,
    ADD CONSTRAINT custom_field_type_check CHECK (type IN ('yes_no', 'text', 'checkbox', 'dropdown', 'number', 'date', 'phone', 'url', 'country', 'long_text'));
ALTER TABLE custom_field ADD COLUMN show_if jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(show_if) = 'array'); -- [{"field", "op", "values"}], all must hold
