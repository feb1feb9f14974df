ALTER PUBLICATION carnet DROP TABLE segment_member, contact_option;
DROP TABLE segment_member;
