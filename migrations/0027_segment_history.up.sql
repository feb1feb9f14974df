-- How many contacts a segment held when one of the site's days began, or when the segment was made.
CREATE TABLE segment_day (
    site_id    uuid NOT NULL,
    segment_id uuid NOT NULL,
    day        date NOT NULL,
    count      int NOT NULL CHECK (count >= 0),
    PRIMARY KEY (site_id, segment_id, day),
    FOREIGN KEY (site_id, segment_id) REFERENCES segment (site_id, id) ON DELETE CASCADE
);
