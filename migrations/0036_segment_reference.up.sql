-- Which segments a rule refers to: who saves one asks who refers to it, and a site may have thousands of rules.
CREATE INDEX segment_refers_to ON segment USING gin (jsonb_path_query_array(rule, '$.**.segment') jsonb_path_ops);
