-- What follows from sales also changes because time passes: memberships begin and end at the site's midnight, what was bought for an
-- event becomes due when it begins. A sweep looks for it, from where the last one has come to.

CREATE TABLE sale_sweep (
    site_id        uuid PRIMARY KEY REFERENCES site ON DELETE CASCADE,
    swept_at       timestamptz NOT NULL,
    time_zone      text NOT NULL,                           -- as they were then: with others everybody is looked at
    assiduity_days int  NOT NULL
);

CREATE INDEX slot_by_start ON slot (site_id, starts_at);

-- The orders of lists by sales. Who has nothing there comes after.
CREATE INDEX contact_sale_by_spent ON contact_sale (site_id, spent, contact_id) WHERE spent > 0;
CREATE INDEX contact_sale_by_last  ON contact_sale (site_id, last_on, contact_id) WHERE last_on IS NOT NULL;

-- The views of who buys what stand beside those of the book (T-27, T-28, C-24).
ALTER TABLE contact_list DROP CONSTRAINT contact_list_built_in_check,
    ADD CONSTRAINT contact_list_built_in_check CHECK (built_in IN ('book', 'everyone', 'contactable', 'members', 'buyers', 'organizers', 'non_members'));
