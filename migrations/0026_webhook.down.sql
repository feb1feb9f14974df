ALTER PUBLICATION carnet DROP TABLE webhook_follow;
DROP TABLE webhook_delivery, webhook_told, webhook_follow, webhook_segment, webhook;
