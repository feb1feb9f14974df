-- What an import tells of its rows by codes, in whatever language one reads. The texts beside are those of older rows and runs.
-- [{"code", "column", "value", "names", "numbers", "count", "text", "about"}]; null: nothing is wrong.
ALTER TABLE import_row ADD COLUMN problems jsonb, ADD COLUMN revert_problems jsonb;
ALTER TABLE import_run ADD COLUMN problems jsonb;
