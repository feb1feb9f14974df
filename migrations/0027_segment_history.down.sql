DROP TABLE segment_day;
