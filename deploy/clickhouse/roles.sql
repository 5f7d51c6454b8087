-- Who may do what, applied by `tracel migrate --roles` in the database of the tables. Give them to users:
-- GRANT tracel_writer TO vector; GRANT tracel_reader TO grafana;
-- Unproven so far: the embedded engine, which the tests run, knows neither users nor roles.
CREATE ROLE IF NOT EXISTS tracel_writer;
GRANT INSERT ON logs TO tracel_writer;
GRANT INSERT ON quarantine TO tracel_writer;
CREATE ROLE IF NOT EXISTS tracel_reader;
-- The last one: a lookup by event_id is twice as fast when the indexes are asked before parts are opened (docs/storage.md).
ALTER ROLE tracel_reader SETTINGS readonly = 2, max_execution_time = 60, use_skip_indexes_on_data_read = 0;
GRANT SELECT ON logs TO tracel_reader;
GRANT SELECT ON quarantine TO tracel_reader;
GRANT SELECT ON otel_logs TO tracel_reader;
GRANT SELECT ON quarantine_open TO tracel_reader;
GRANT SELECT ON quarantine_replayed TO tracel_reader;
