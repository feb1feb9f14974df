DROP INDEX contact_organizations;
