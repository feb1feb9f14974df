-- Further types of question.
ALTER TABLE custom_field DROP CONSTRAINT custom_field_type_check,
    ADD CONSTRAINT custom_field_type_check CHECK (type IN ('yes_no', 'text', 'checkbox', 'dropdown', 'number', 'date', 'phone', 'url', 'country', 'long_text'));
