-- Generated from the schema shop@1, tracel@1; what is edited here is lost. `tracel migrate --schema` applies it.

ALTER TABLE logs MODIFY COLUMN metadata JSON(
    user_id Nullable(UInt64),
    payment_id Nullable(UUID),
    amount Nullable(UInt64),
    currency LowCardinality(Nullable(String)),
    card Nullable(String),
    attempt Nullable(UInt64),
    entry_id Nullable(UInt64),
    balance Nullable(UInt64),
    code Nullable(String),
    status Nullable(UInt64),
    waited Nullable(UInt64),
    address Nullable(String),
    error Nullable(String)
);

ALTER TABLE logs MODIFY COLUMN kept_days UInt16 DEFAULT 0;
