-- The records under the columns of OpenTelemetry's ClickHouse exporter, for tools that expect its table: HyperDX, Grafana's
-- plugin. A record that came twice stands here twice: leaving it out would keep conditions on the time from reaching
-- the table. Count `uniq(LogAttributes['uuid'])` where that matters, or ask `logs`.
CREATE VIEW IF NOT EXISTS otel_logs AS
SELECT
    timestamp                                                AS Timestamp,
    toDateTime(timestamp)                                    AS TimestampTime,
    if(event_id = toUUID('00000000-0000-0000-0000-000000000000'), '', replaceAll(toString(event_id), '-', '')) AS TraceId,
    span_id                                                  AS SpanId,
    toUInt8(event_id != toUUID('00000000-0000-0000-0000-000000000000')) AS TraceFlags,
    level                                                    AS SeverityText,
    CAST(transform(level, ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'], [1, 5, 9, 13, 17], 0), 'UInt8') AS SeverityNumber,
    service_name                                             AS ServiceName,
    message                                                  AS Body,
    toLowCardinality('')                                     AS ResourceSchemaUrl,
    CAST(map('service.name', toString(service_name), 'service.instance.id', toString(instance)), 'Map(LowCardinality(String), String)') AS ResourceAttributes,
    toLowCardinality('')                                     AS ScopeSchemaUrl,
    CAST(module_name, 'String')                                  AS ScopeName,
    schema                                                   AS ScopeVersion,
    CAST(map(), 'Map(LowCardinality(String), String)')       AS ScopeAttributes,
    CAST(mapFilter((key, value) -> value != '', mapConcat(
        map('log_type', toString(log_type), 'span_name', toString(span_name), 'parent_span_id', parent_span_id,
            'thread.name', toString(thread), 'code.location', toString(source), 'target', toString(target), 'uuid', toString(uuid)),
        CAST(extra, 'Map(String, String)'),
        JSONExtract(toJSONString(metadata), 'Map(String, String)'))), 'Map(LowCardinality(String), String)') AS LogAttributes,
    CAST(event_name, 'String')                                   AS EventName
FROM logs;
