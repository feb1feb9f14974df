DROP TABLE import_row, import_run, upload_chunk, upload;
DROP TABLE segment, custom_field;
DROP TABLE contact_group_member, contact_group, contact_history, contact;
DROP TABLE http_session, api_key, staff_invitation, staff, site_counter, site_origin, site;
