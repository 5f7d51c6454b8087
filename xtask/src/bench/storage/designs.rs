//! The tables that are compared: the shipped one (`deploy/clickhouse/0001_logs.sql`), each time with another index, key or
//! form of metadata.

const SHIPPED: &str = include_str!("../../../../deploy/clickhouse/0001_logs.sql");

/// The fields of the traffic, as `tracel migrate --schema` types them.
const FIELDS: &str = "user_id Nullable(UInt64), payment_id Nullable(UUID), amount Nullable(UInt64), \
     currency LowCardinality(Nullable(String)), attempt Nullable(UInt64), entry_id Nullable(UInt64), balance Nullable(UInt64), \
     code Nullable(String), waited Nullable(UInt64), address Nullable(String), error Nullable(String), \
     http_method LowCardinality(Nullable(String)), http_route LowCardinality(Nullable(String)), http_status Nullable(UInt64), \
     http_duration Nullable(UInt64), tracel_records Nullable(UInt64)";

const BLOOM: &str = "INDEX bloom event_id TYPE bloom_filter(0.001) GRANULARITY 1";
const PROJECTION: &str = "PROJECTION by_event_id INDEX event_id TYPE basic";

/// What ships.
const BOTH: &str = "INDEX bloom event_id TYPE bloom_filter(0.001) GRANULARITY 1, PROJECTION by_event_id INDEX event_id TYPE basic";

/// One of them.
pub(super) struct Design {
    pub(super) name: &'static str,
    /// How metadata is stored.
    metadata: Metadata,
    /// What stands behind the columns.
    index: &'static str,
    key: &'static str,
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

const fn design(name: &'static str, metadata: Metadata, index: &'static str) -> Design {
    Design {
        name,
        metadata,
        index,
        key: "(service_name, timestamp)",
        condition: "event_id = ",
    }
}

/// All of them; what ships is the first.
pub(super) const DESIGNS: [Design; 10] = [
    design(
        "shipped: bloom filter and projection without data",
        Metadata::Typed,
        BOTH,
    ),
    design("no index", Metadata::Typed, ""),
    design("bloom filter", Metadata::Typed, BLOOM),
    design("projection without data", Metadata::Typed, PROJECTION),
    design(
        "projection with data",
        Metadata::Typed,
        "PROJECTION by_event_id (SELECT * ORDER BY event_id)",
    ),
    Design {
        condition: "event_text = ",
        ..design(
            "text index",
            Metadata::Typed,
            "event_text String MATERIALIZED toString(event_id), INDEX by_text event_text TYPE text(tokenizer = 'array')",
        )
    },
    Design {
        key: "(event_id, timestamp)",
        ..design("sorted by event_id", Metadata::Typed, "")
    },
    design("shipped, metadata as JSON without types", Metadata::Untyped, BOTH),
    design("shipped, metadata as a Map", Metadata::Map, BOTH),
    design("shipped, metadata as columns (a Tuple)", Metadata::Tuple, BOTH),
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
        format!(
            "{columns}{comma}{}\n) ENGINE = MergeTree PARTITION BY {} ORDER BY {} SETTINGS {}",
            self.index,
            after("PARTITION BY ").unwrap_or("tuple()"),
            self.key,
            after("SETTINGS ").unwrap_or("index_granularity = 8192"),
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
    use super::{BLOOM, DESIGNS, PROJECTION, SHIPPED};

    #[test]
    fn what_is_called_shipped_is_what_ships() {
        let shipped = DESIGNS[0].create("t");
        for index in [BLOOM, PROJECTION] {
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
