-- The table of the records. A record is one JSON object, and its keys are the columns (JSONEachRow).
--
-- * LowCardinality and no Enum: an unknown word must not make ClickHouse refuse a batch.
-- * Partitions and retention go by the time of arrival: a journal that is recovered may be a week late, and a clock
--   that is wrong must not spread one batch over a hundred partitions.
-- * kept_days: records that are kept equally long lie together, in about ten partitions a class, so that retention drops
--   whole parts and rewrites none. What the schema says of retention becomes its DEFAULT (`tracel migrate --schema`).
-- * begun_max, begun_min: a UUIDv7 holds its time. ClickHouse computes both of the event_id that is asked for, and skips
--   the parts and granules of other times. An id without a time (nil, or from others) counts as the earliest in one and
--   the latest in the other, so that it widens no granule's span for those that have one, and is itself still found.
-- * event_id: ClickHouse sorts a UUID by its second half, so no sorting key finds one. In what is left the bloom filter
--   does, and where that is a million rows and more, as for an id without a time, the projection (unless
--   min_table_rows_to_use_projection_index is 0). docs/storage.md compares them with others.
-- * metadata: the schema's fields become typed paths of it (`tracel migrate --schema`).
-- * index_granularity, compress blocks: a request's records lie in a few granules, and what is read and unpacked for them
--   in each of a hundred streams is a block, which is 64 KiB and more by default. string_serialization_version: one stream
--   for a text and not two.
-- * non_replicated_deduplication_window: a batch that is sent again as it was is not stored twice.
CREATE TABLE IF NOT EXISTS logs
(
    timestamp      DateTime64(9, 'UTC')    COMMENT 'When it was logged.' CODEC(Delta, ZSTD(1)),
    level          LowCardinality(String)  COMMENT 'TRACE, DEBUG, INFO, WARN or ERROR.',
    event_id       UUID                    COMMENT 'The request, in every service; nil outside any.' CODEC(ZSTD(1)),
    uuid           UUID                    COMMENT 'The record.' CODEC(ZSTD(1)),
    service_name   LowCardinality(String),
    module_name    LowCardinality(String),
    message        String                  CODEC(ZSTD(1)),
    metadata       JSON                    COMMENT 'What the schema declares.' CODEC(ZSTD(1)),

    log_type       LowCardinality(String)  COMMENT 'The category: user, system, or the schema''s own.',
    event_name     LowCardinality(String)  COMMENT 'The declared event; empty when it is none.',
    span_id        String                  CODEC(ZSTD(1)),
    parent_span_id String                  CODEC(ZSTD(1)),
    span_name      LowCardinality(String),
    thread         LowCardinality(String),
    task           UInt64                  COMMENT 'The async task; 0 outside any.' CODEC(T64, ZSTD(1)),
    source         LowCardinality(String)  COMMENT 'file:line',
    target         LowCardinality(String)  COMMENT 'Where in another crate it was logged.',
    extra          Map(LowCardinality(String), String) COMMENT 'What the schema does not declare, as text.' CODEC(ZSTD(1)),
    instance       LowCardinality(String)  COMMENT 'One process''s life.',
    lane           UInt32                  COMMENT 'One writer in it.' CODEC(ZSTD(1)),
    seq            UInt64                  COMMENT 'Counts the records of a lane from 0: a gap is a loss.' CODEC(Delta, ZSTD(1)),
    schema         LowCardinality(String)  COMMENT 'name@version',

    topic          LowCardinality(String)  COMMENT 'Where in Kafka it lay; empty when it came straight from its service.',
    partition      Int32                   DEFAULT -1 CODEC(ZSTD(1)),
    offset         Int64                   DEFAULT -1 CODEC(Delta, ZSTD(1)),
    arrived        DateTime64(3, 'UTC')    DEFAULT now64(3) COMMENT 'When it came here.' CODEC(Delta, ZSTD(1)),
    kept_days      UInt16                  DEFAULT 30 COMMENT 'For how many days from then it is kept; 0 for ever.' CODEC(ZSTD(1)),

    INDEX begun_max UUIDv7ToDateTime(event_id, 'UTC') TYPE minmax GRANULARITY 16,
    INDEX begun_min if(UUIDv7ToDateTime(event_id, 'UTC') = toDateTime64(0, 3, 'UTC'), toDateTime64('2106-01-01 00:00:00', 3, 'UTC'), UUIDv7ToDateTime(event_id, 'UTC')) TYPE minmax GRANULARITY 16,
    INDEX bloom event_id TYPE bloom_filter(0.0003) GRANULARITY 1,
    PROJECTION by_event_id INDEX event_id TYPE basic
)
ENGINE = MergeTree
PARTITION BY (kept_days, intDiv(toUInt32(toDate(arrived)), if(kept_days = 0, 30, greatest(1, intDiv(kept_days, 10)))))
ORDER BY (service_name, timestamp)
TTL if(kept_days = 0, toDateTime('2106-01-01 00:00:00', 'UTC'), toDateTime(arrived) + toIntervalDay(kept_days))
SETTINGS index_granularity = 2048, min_compress_block_size = 4096, max_compress_block_size = 65536, string_serialization_version = 'single_stream', non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;
