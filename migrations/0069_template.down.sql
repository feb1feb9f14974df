ALTER TABLE contact DROP COLUMN preferred_means, DROP COLUMN only_preferred_means, DROP COLUMN do_not_contact;
ALTER TABLE campaign DROP COLUMN offer_id;
DROP TABLE campaign_pick, campaign_template;
