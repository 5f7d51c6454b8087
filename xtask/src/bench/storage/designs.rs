//! The tables that are compared: the shipped one (`deploy/clickhouse/0001_logs.sql`), each time with another index, key or
//! form of metadata.

const SHIPPED: &str = include_str!("../../../../deploy/clickhouse/0001_logs.sql");

/// The fields of the traffic, as `tracel migrate --schema` types them.
const FIELDS: &str = "user_id Nullable(UInt64), payment_id Nullable(UUID), amount Nullable(UInt64), \
     currency LowCardinality(Nullable(String)), attempt Nullable(UInt64), entry_id Nullable(UInt64), balance Nullable(UInt64), \
     code Nullable(String), waited Nullable(UInt64), address Nullable(String), error Nullable(String), \
     http_method LowCardinality(Nullable(String)), http_route LowCardinality(Nullable(String)), http_status Nullable(UInt64), \
     http_duration Nullable(UInt64), tracel_records Nullable(UInt64)";

const BEGUN_MAX: &str = "INDEX begun_max UUIDv7ToDateTime(event_id, 'UTC') TYPE minmax GRANULARITY 16";
const BEGUN_MIN: &str = "INDEX begun_min if(UUIDv7ToDateTime(event_id, 'UTC') = toDateTime64(0, 3, 'UTC'), \
     toDateTime64('2106-01-01 00:00:00', 3, 'UTC'), UUIDv7ToDateTime(event_id, 'UTC')) TYPE minmax GRANULARITY 16";
const BLOOM: &str = "INDEX bloom event_id TYPE bloom_filter(0.0003) GRANULARITY 1";
const PROJECTION: &str = "PROJECTION by_event_id INDEX event_id TYPE basic";

/// What ships.
const ALL: &[&str] = &[BEGUN_MAX, BEGUN_MIN, BLOOM, PROJECTION];

/// One of them.
pub(super) struct Design {
    pub(super) name: &'static str,
    /// How metadata is stored.
    metadata: Metadata,
    /// What stands behind the columns.
    index: &'static [&'static str],
    key: &'static str,
    /// What follows SETTINGS; the shipped ones when it is empty.
    settings: &'static str,
    /// The condition of a lookup, up to the id.
    pub(super) condition: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Metadata {
    Typed,
    Untyped,
    Map,
    Tuple,
}

const fn design(name: &'static str, metadata: Metadata, index: &'static [&'static str]) -> Design {
    Design {
        name,
        metadata,
        index,
        key: "(service_name, timestamp)",
        settings: "",
        condition: "event_id = ",
    }
}

/// All of them; what ships is the first.
pub(super) const DESIGNS: [Design; 13] = [
    design(
        "shipped: the id's time, bloom filter and projection without data",
        Metadata::Typed,
        ALL,
    ),
    Design {
        settings: "index_granularity = 2048",
        ..design(
            "shipped, in blocks of ClickHouse's own size",
            Metadata::Typed,
            ALL,
        )
    },
    design("no index", Metadata::Typed, &[]),
    design("bloom filter", Metadata::Typed, &[BLOOM]),
    design("projection without data", Metadata::Typed, &[PROJECTION]),
    design(
        "bloom filter and projection without data",
        Metadata::Typed,
        &[BLOOM, PROJECTION],
    ),
    design(
        "projection with data",
        Metadata::Typed,
        &["PROJECTION by_event_id (SELECT * ORDER BY event_id)"],
    ),
    Design {
        condition: "event_text = ",
        ..design(
            "text index",
            Metadata::Typed,
            &[
                "event_text String MATERIALIZED toString(event_id), INDEX by_text event_text TYPE text(tokenizer = 'array')",
            ],
        )
    },
    Design {
        key: "(event_id, timestamp)",
        ..design("sorted by event_id", Metadata::Typed, &[])
    },
    design("shipped, metadata as JSON without types", Metadata::Untyped, ALL),
    design("shipped, metadata as a Map", Metadata::Map, ALL),
    design("shipped, metadata as columns (a Tuple)", Metadata::Tuple, ALL),
    Design {
        settings: "index_granularity = 2048, min_bytes_for_wide_part = 1000000000000, min_rows_for_wide_part = 1000000000000",
        ..design("shipped, one file for all columns", Metadata::Typed, ALL)
    },
];

impl Design {
    /// The statement that makes the table `name`. Retention is left out: the traffic is of another month.
    pub(super) fn create(&self, name: &str) -> String {
        let metadata = match self.metadata {
            Metadata::Typed => format!("JSON({FIELDS})"),
            Metadata::Untyped => "JSON".to_owned(),
            Metadata::Map => "Map(LowCardinality(String), String)".to_owned(),
            Metadata::Tuple => format!("Tuple({FIELDS})"),
        };
        let columns = SHIPPED.split("\n    INDEX ").next().unwrap_or_default();
        let columns = columns.split("\n    PROJECTION ").next().unwrap_or_default();
        let columns = columns.replacen("IF NOT EXISTS logs", name, 1).replacen(
            "metadata       JSON ",
            &format!("metadata {metadata} "),
            1,
        );
        let columns = columns.trim_end().trim_end_matches(',');
        let comma = if self.index.is_empty() { "" } else { ",\n" };
        let after = |word: &str| {
            let rest = SHIPPED.split(word).nth(1);
            rest.and_then(|rest| rest.split(['\n', ';']).next())
        };
        let settings = match self.settings {
            "" => after("SETTINGS ").unwrap_or("index_granularity = 8192"),
            settings => settings,
        };
        format!(
            "{columns}{comma}{}\n) ENGINE = MergeTree PARTITION BY {} ORDER BY {} SETTINGS {}",
            self.index.join(",\n"),
            after("PARTITION BY ").unwrap_or("tuple()"),
            self.key,
            settings,
        )
    }

    /// The expression that makes the column metadata of the text in the traffic.
    pub(super) fn metadata(&self) -> String {
        match self.metadata {
            Metadata::Typed | Metadata::Untyped => "metadata".to_owned(),
            Metadata::Map => "JSONExtract(metadata, 'Map(LowCardinality(String), String)')".to_owned(),
            Metadata::Tuple => format!("JSONExtract(metadata, 'Tuple({FIELDS})')"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, DESIGNS, SHIPPED};

    #[test]
    fn what_is_called_shipped_is_what_ships() {
        let shipped = DESIGNS[0].create("t");
        for index in ALL {
            assert!(
                shipped.contains(index) && SHIPPED.contains(index),
                "{index}: {shipped}"
            );
        }
        assert!(
            SHIPPED.contains(DESIGNS[0].key) && shipped.contains("JSON(user_id"),
            "{shipped}"
        );
    }
}
