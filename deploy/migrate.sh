#!/usr/bin/env bash
# Tables, roles and users for compose.yaml, by ClickHouse's own client, which takes CLICKHOUSE_HOST, CLICKHOUSE_USER and
# CLICKHOUSE_PASSWORD from the environment. Everything here can be run again, and a password that changed is set anew.
# Takes the folder of the files (/sql unless said).
set -euo pipefail

sql=${1:-/sql}
for file in "$sql"/0*.sql "$sql"/schema.sql "$sql"/roles.sql; do
    echo "$file"
    clickhouse-client --queries-file "$file"
done

# user NAME ROLE PASSWORD; by stdin, since arguments are seen by everybody.
user() {
    clickhouse-client <<SQL
CREATE USER IF NOT EXISTS $1 IDENTIFIED WITH sha256_password BY '$3';
ALTER USER $1 IDENTIFIED WITH sha256_password BY '$3';
GRANT $2 TO $1;
SQL
}
user vector tracel_writer "$WRITER_PASSWORD"
user grafana tracel_reader "$READER_PASSWORD"
