-- From which role upwards staff read what is sensitive of a contact; what is not named here has its own default.
ALTER TABLE site ADD COLUMN readers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(readers) = 'object');
