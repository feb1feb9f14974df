-- Who belongs to a segment by hand, or does not, whatever its rule says.
CREATE TABLE segment_member (
    site_id    uuid NOT NULL,
    segment_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    excluded   boolean NOT NULL,                            -- false: added
    said_at    timestamptz NOT NULL DEFAULT now(),
    said_by    text NOT NULL DEFAULT '',                    -- the name of who said so
    PRIMARY KEY (site_id, segment_id, contact_id),
    FOREIGN KEY (site_id, segment_id) REFERENCES segment (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, contact_id) REFERENCES contact (site_id, id) ON DELETE CASCADE
);
CREATE INDEX segment_member_way ON segment_member (site_id, segment_id, excluded, said_at, contact_id);
CREATE INDEX segment_member_of ON segment_member (site_id, contact_id);

-- Live segments follow; and one that names an option is broken when the option goes.
ALTER PUBLICATION carnet ADD TABLE segment_member (site_id, segment_id, contact_id, excluded), contact_option (site_id, id);
