ALTER PUBLICATION carnet DROP TABLE batch_run;
DROP TABLE batch_item, batch_run;
