//! The ClickHouse sink against a small HTTP server of its own.
