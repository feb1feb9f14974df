DROP INDEX segment_refers_to;
