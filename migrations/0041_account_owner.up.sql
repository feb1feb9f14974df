-- The change feed tells of an account that is gone, or that moved to another contact, whose it was, as it does of links.
CREATE UNIQUE INDEX account_owner ON account (site_id, id, contact_id);
ALTER TABLE account REPLICA IDENTITY USING INDEX account_owner;
