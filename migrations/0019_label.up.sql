-- What batches tell of a contact goes with it when it is deleted for good.
CREATE INDEX batch_item_told ON batch_item (site_id, contact_id) WHERE changes IS NOT NULL OR message <> '';
