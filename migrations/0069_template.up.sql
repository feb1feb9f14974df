-- Texts that are kept by name, to begin a campaign with: it copies them.
CREATE TABLE campaign_template (
    site_id    uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    texts      jsonb NOT NULL CHECK (jsonb_typeof(texts) = 'object'),  -- as a campaign's
    actor_name text NOT NULL,                               -- who wrote it last
    version    int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id)
);
CREATE UNIQUE INDEX campaign_template_name ON campaign_template (site_id, lower(name));

-- Whom a campaign is for that was made from all that a search found, as they were then.
CREATE TABLE campaign_pick (
    site_id     uuid NOT NULL,
    campaign_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    PRIMARY KEY (site_id, campaign_id, contact_id),
    FOREIGN KEY (site_id, campaign_id) REFERENCES campaign (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX campaign_pick_of ON campaign_pick (site_id, contact_id);

-- The offer that a campaign tells of; whoever may not have it is left out.
ALTER TABLE campaign ADD COLUMN offer_id uuid,
    ADD FOREIGN KEY (site_id, offer_id) REFERENCES offer (site_id, id) DEFERRABLE INITIALLY DEFERRED;

-- By which means one speaks to a contact (S-45), beside what it agreed to.
ALTER TABLE contact
    ADD COLUMN preferred_means text COLLATE "C" CHECK (preferred_means IN ('email', 'sms', 'phone', 'post', 'internal')),
    ADD COLUMN only_preferred_means  boolean NOT NULL DEFAULT false,  -- and by no other
    ADD COLUMN do_not_contact  boolean NOT NULL DEFAULT false,
    ADD CHECK (NOT only_preferred_means OR preferred_means IS NOT NULL);
