-- What breaks the schema, with the reason and the bytes as they came: nothing is dropped, and `tracel quarantine replay`
-- sends it again once the schema is mended. Its numbers, where they can be read, tell `tracel audit` that it is not lost.
CREATE TABLE IF NOT EXISTS quarantine
(
    reason       LowCardinality(String)  COMMENT 'The rule that it breaks, in words that do not vary.',
    detail       String                  COMMENT 'What of it breaks the rule.' CODEC(ZSTD(1)),
    original     String                  COMMENT 'The bytes as they came; only secrets are taken out.' CODEC(ZSTD(3)),
    encoding     LowCardinality(String)  COMMENT 'base64, where the bytes are no text.',

    service_name LowCardinality(String)  COMMENT 'This and what follows: empty where it cannot be read.',
    schema       LowCardinality(String)  COMMENT 'name@version',
    uuid         String                  COMMENT 'The record''s, if it has one.',
    instance     LowCardinality(String)  DEFAULT JSONExtractString(original, 'instance'),
    lane         UInt32                  DEFAULT JSONExtractUInt(original, 'lane'),
    seq          UInt64                  DEFAULT JSONExtractUInt(original, 'seq'),

    topic        LowCardinality(String)  COMMENT 'Where in Kafka it lay; empty when it came by another way.',
    partition    Int32                   DEFAULT -1,
    offset       Int64                   DEFAULT -1,
    arrived      DateTime64(3, 'UTC')    DEFAULT now64(3) COMMENT 'When it came here.' CODEC(Delta, ZSTD(1)),
    kept_days    UInt16                  DEFAULT 90 COMMENT 'For how many days from then it is kept; 0 for ever.',
    id           UUID                    MATERIALIZED reinterpretAsUUID(sipHash128(original, topic, partition, offset))
                                         COMMENT 'The same for the same bytes from the same place, however often they came.'
)
ENGINE = MergeTree
PARTITION BY (kept_days, intDiv(toUInt32(toDate(arrived)), if(kept_days = 0, 30, greatest(1, intDiv(kept_days, 10)))))
ORDER BY (reason, arrived)
TTL if(kept_days = 0, toDateTime('2106-01-01 00:00:00', 'UTC'), toDateTime(arrived) + toIntervalDay(kept_days))
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1;

-- What `tracel quarantine replay` sent again, and when. What is refused once more comes later than that, and is open again.
CREATE TABLE IF NOT EXISTS quarantine_replayed
(
    id       UUID,
    replayed DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY id;

-- What nobody has replayed yet, each once.
CREATE VIEW IF NOT EXISTS quarantine_open AS
SELECT quarantine.*, id
FROM quarantine LEFT JOIN (SELECT id, max(replayed) AS at FROM quarantine_replayed GROUP BY id) AS done USING (id)
WHERE quarantine.arrived > done.at
ORDER BY arrived
LIMIT 1 BY id;
