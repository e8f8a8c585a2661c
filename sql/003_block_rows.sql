-- What a block brought to each table, so that rows can be counted by when they landed: the tables themselves keep no
-- landing time. Tables without a row are left out. Blocks that landed before this column was there have an empty map.
ALTER TABLE ${DATABASE}.blocks ${ON_CLUSTER}
    ADD COLUMN IF NOT EXISTS table_rows Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)) AFTER arrival_ts;

-- Blocks lie in the order of their sessions, so within a session by time: what landed lately is in few granules. Parts
-- that are older than the index get it with their next merge and are read until then.
ALTER TABLE ${DATABASE}.blocks ${ON_CLUSTER}
    ADD INDEX IF NOT EXISTS landed_at_range landed_at TYPE minmax GRANULARITY 1;
