-- Whether messages are opened and their links followed is measured only of those who agreed to a purpose that says so (issue 7).
ALTER TABLE consent_purpose ADD COLUMN measures boolean NOT NULL DEFAULT false;
ALTER TABLE campaign ADD COLUMN opened int NOT NULL DEFAULT 0,   -- by how many, of those who are measured
    ADD COLUMN clicked int NOT NULL DEFAULT 0;
ALTER TABLE campaign_recipient ADD COLUMN opened_at timestamptz, -- for the first time
    ADD COLUMN clicked_at timestamptz;
