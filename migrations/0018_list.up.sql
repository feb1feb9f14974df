-- The contact list as each member of staff likes it, and views that show invalid contacts too.
ALTER TABLE saved_view ADD COLUMN invalid boolean NOT NULL DEFAULT false; -- those past their last valid day too

CREATE TABLE contact_list (
    site_id  uuid NOT NULL REFERENCES site ON DELETE CASCADE,
    staff_id uuid NOT NULL,
    list     text NOT NULL CHECK (list IN ('contacts', 'organizations')),
    built_in text NOT NULL DEFAULT 'book' CHECK (built_in IN ('book', 'everyone', 'contactable')), -- the view it opens with, unless
    view_id  uuid,                                                                                -- a saved one takes its place
    columns  text[] NOT NULL DEFAULT '{}' CHECK (cardinality(columns) <= 30), -- of the built-in views; empty: the list's own
    PRIMARY KEY (site_id, staff_id, list),
    FOREIGN KEY (site_id, staff_id) REFERENCES staff (site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (site_id, view_id) REFERENCES saved_view (site_id, id) ON DELETE SET NULL (view_id)
);
CREATE INDEX contact_list_view ON contact_list (site_id, view_id) WHERE view_id IS NOT NULL;
