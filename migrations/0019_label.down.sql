DROP INDEX batch_item_told;
