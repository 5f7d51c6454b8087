//! ClickHouse's HTTP interface, asked in every way that issue and clients know.
#![allow(clippy::disallowed_methods, reason = "no request is here to be lost")]

use std::{
    io::{Read, Write},
    net::TcpStream,
};
use tracel_dev::testing::{ClickHouse, clickhouse};
use ureq::{SendBody, http::Response};

/// An answer, read whole.
#[derive(Debug)]
struct Answer {
    status: u16,
    code: Option<u32>,
    headers: ureq::http::HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    fn of(response: Response<ureq::Body>) -> Answer {
        let (head, mut body) = response.into_parts();
        let code = head
            .headers
            .get("x-clickhouse-exception-code")
            .map(|code| code.to_str().expect("ascii").parse().expect("a number"));
        let bytes = body
            .with_config()
            .limit(1 << 30)
            .read_to_vec()
            .expect("a whole answer");
        Answer {
            status: head.status.as_u16(),
            code,
            headers: head.headers,
            bytes,
        }
    }

    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        String::from_utf8(self.bytes).expect("text")
    }

    fn fault(&self) -> (u16, Option<u32>) {
        (self.status, self.code)
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

fn address(server: &ClickHouse, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(format!("{}/?", server.url()));
    query.extend_pairs(parameters);
    query.finish().replace("?&", "?")
}

fn get(server: &ClickHouse, parameters: &[(&str, &str)]) -> Answer {
    Answer::of(
        agent()
            .get(address(server, parameters))
            .call()
            .expect("an answer"),
    )
}

fn post(server: &ClickHouse, parameters: &[(&str, &str)], body: impl ureq::AsSendBody) -> Answer {
    post_with(server, parameters, &[], body)
}

fn post_with(
    server: &ClickHouse,
    parameters: &[(&str, &str)],
    headers: &[(&str, &str)],
    body: impl ureq::AsSendBody,
) -> Answer {
    let mut request = agent().post(address(server, parameters));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.send(body).expect("an answer"))
}

/// A table of its own for each test, since they share the server.
fn table(server: &ClickHouse, name: &str, columns: &str) {
    post(server, &[], format!("DROP TABLE IF EXISTS {name}")).ok();
    post(
        server,
        &[],
        format!("CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY tuple()"),
    )
    .ok();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// ClickHouse's own block, built here anew so that a fault of the server's code cannot hide.
fn block(bytes: &[u8]) -> Vec<u8> {
    let content = lz4_flex::block::compress(bytes);
    let mut block = vec![0x82];
    block.extend((content.len() as u32 + 9).to_le_bytes());
    block.extend((bytes.len() as u32).to_le_bytes());
    block.extend(content);
    let sum = cityhash_rs::cityhash_102_128(&block)
        .rotate_left(64)
        .to_le_bytes();
    [&sum[..], &block].concat()
}

#[test]
fn it_says_that_it_is_there() {
    let Some(server) = clickhouse() else { return };
    for path in ["/ping", "/"] {
        let response = agent()
            .get(format!("{}{path}", server.url()))
            .call()
            .expect("an answer");
        assert_eq!(Answer::of(response).ok(), "Ok.\n");
    }
    let response = agent()
        .get(format!("{}/nowhere", server.url()))
        .call()
        .expect("an answer");
    assert_eq!(Answer::of(response).status, 404);
}

#[test]
fn queries_by_get_and_post() {
    let Some(server) = clickhouse() else { return };
    assert_eq!(get(&server, &[("query", "SELECT 1 + 1")]).ok(), "2\n");
    assert_eq!(post(&server, &[], "SELECT 1 + 1").ok(), "2\n");
    assert_eq!(post(&server, &[("query", "SELECT 1 +")], " 1").ok(), "2\n");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(post_with(&server, &[], &form, "SELECT '%41'").ok(), "%41\n");
}

#[test]
fn format_database_settings_and_parameters_come_from_the_address() {
    let Some(server) = clickhouse() else { return };
    let json = [("default_format", "JSONEachRow"), ("query", "SELECT 1 AS a")];
    assert_eq!(get(&server, &json).ok(), "{\"a\":1}\n");
    let named = get(
        &server,
        &[
            ("default_format", "JSONEachRow"),
            ("query", "SELECT 1 AS a FORMAT CSV"),
        ],
    );
    assert_eq!(named.headers["x-clickhouse-format"], "CSV");
    assert_eq!(named.ok(), "1\n");
    let header = post_with(
        &server,
        &[],
        &[("x-clickhouse-format", "JSONEachRow")],
        "SELECT 1 AS a",
    );
    assert_eq!(header.ok(), "{\"a\":1}\n");

    post(&server, &[], "CREATE DATABASE IF NOT EXISTS `other one`").ok();
    let other = [("database", "other one"), ("query", "SELECT currentDatabase()")];
    assert_eq!(get(&server, &other).ok(), "other one\n");

    let set = [
        ("query", "SELECT getSetting('max_block_size')"),
        ("max_block_size", "1234"),
    ];
    assert_eq!(get(&server, &set).ok(), "1234\n");
    let unset = get(&server, &[("query", "SELECT getSetting('max_block_size')")]);
    assert_ne!(unset.ok(), "1234\n", "a setting must not outlive its request");

    let hostile = "a'b\\\\c\\td"; // the values of parameters are escaped as in TabSeparated
    let parameters = [
        ("query", "SELECT length({x:String}), {n:UInt8}"),
        ("param_x", hostile),
        ("param_n", "7"),
    ];
    let answer = get(&server, &parameters).ok();
    assert!(answer == "7\t7\n", "{answer}");
    let id = get(&server, &[("query", "SELECT 1"), ("query_id", "mine")]);
    assert_eq!(id.headers["x-clickhouse-query-id"], "mine");
}

#[test]
fn inserts_by_get_and_post() {
    let Some(server) = clickhouse() else { return };
    table(&server, "ways", "a Int64, b String");
    get(&server, &[("query", "INSERT INTO ways VALUES (1, 'get')")]).ok();
    post(&server, &[], "INSERT INTO ways (b, a) VALUES ('values', 2)").ok();
    post(
        &server,
        &[("query", "INSERT INTO ways FORMAT JSONEachRow")],
        "{\"a\":3,\"b\":\"each\"}",
    )
    .ok();
    post(&server, &[], "INSERT INTO ways FORMAT CSV\n4,body\n").ok();
    post(&server, &[("query", "INSERT INTO ways")], "VALUES (5, 'split')").ok();
    let vector = [
        (
            "query",
            "INSERT INTO {database:Identifier}.{table:Identifier} FORMAT JSONEachRow",
        ),
        ("param_database", "default"),
        ("param_table", "ways"),
        ("input_format_skip_unknown_fields", "1"),
    ];
    let answer = post_with(
        &server,
        &vector,
        &[("content-encoding", "gzip")],
        &gzip(b"{\"a\":6,\"b\":\"vector\",\"c\":0}\n")[..],
    );
    assert!(
        answer.headers["x-clickhouse-summary"]
            .to_str()
            .expect("ascii")
            .contains("\"written_rows\":\"1\"")
    );
    answer.ok();
    post(&server, &[], "INSERT INTO ways SELECT 7, 'select'").ok();
    let rows = get(&server, &[("query", "SELECT * FROM ways ORDER BY a FORMAT CSV")]).ok();
    let expected =
        "1,\"get\"\n2,\"values\"\n3,\"each\"\n4,\"body\"\n5,\"split\"\n6,\"vector\"\n7,\"select\"\n";
    assert_eq!(rows, expected);
}

#[test]
fn bodies_in_every_encoding() {
    let Some(server) = clickhouse() else { return };
    table(&server, "encodings", "a Int64, b String");
    let rows = |a: i64| format!("{{\"a\":{a},\"b\":\"{}\"}}\n", "text ".repeat(1000)).into_bytes();
    let insert = [("query", "INSERT INTO encodings FORMAT JSONEachRow")];
    let encoded =
        |name: &str, body: &[u8]| post_with(&server, &insert, &[("content-encoding", name)], body).ok();
    post(&server, &insert, &rows(1)[..]).ok();
    encoded("gzip", &gzip(&rows(2)));
    // What zstd 1.5 makes of rows(3).
    encoded("zstd", b"(\xb5/\xfdd\x97\x12\xe5\x00\x00\xa0{\x22a\x22:3,\x22b\x22:\x22text \x22}\x0a\x01\x00\x01\x07}Y\x02:T\xe7O");
    encoded("lz4", &lz4(&rows(4)));
    let native = [insert[0], ("decompress", "1")];
    post(&server, &native, &[block(&rows(5)), block(&rows(6))].concat()[..]).ok();
    // Of unknown length: chunked.
    post(
        &server,
        &insert,
        SendBody::from_owned_reader(std::io::Cursor::new(rows(7))),
    )
    .ok();
    let counted = "SELECT groupArray(a), uniq(b) FROM (SELECT * FROM encodings ORDER BY a)";
    assert_eq!(get(&server, &[("query", counted)]).ok(), "[1,2,3,4,5,6,7]\t1\n");

    let broken = post_with(&server, &insert, &[("content-encoding", "gzip")], "no gzip");
    assert!(broken.status >= 400 && broken.code == Some(271), "{broken:?}");
    assert_eq!(post(&server, &native, "no block").fault(), (500, Some(33)));
}

#[test]
fn multipart_forms() {
    let Some(server) = clickhouse() else { return };
    let kind = [("content-type", "multipart/form-data; boundary=xyz")];
    let body = "--xyz\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {a:Int64} * 2\r\n\
                --xyz\r\nContent-Disposition: form-data; name=\"param_a\"\r\n\r\n21\r\n--xyz--\r\n";
    assert_eq!(post_with(&server, &[], &kind, body).ok(), "42\n");
}

#[test]
fn answers_are_compressed_as_asked() {
    let Some(server) = clickhouse() else { return };
    let query = [("query", "SELECT number FROM numbers(100000)")];
    let plain = get(&server, &query).ok().into_bytes();
    for name in ["gzip", "lz4"] {
        let answer = post_with(&server, &query, &[("accept-encoding", name)], "");
        assert_eq!(answer.headers["content-encoding"], name);
        let mut back = Vec::new();
        match name {
            "gzip" => drop(flate2::read::GzDecoder::new(&answer.bytes[..]).read_to_end(&mut back)),
            _ => drop(lz4_flex::frame::FrameDecoder::new(&answer.bytes[..]).read_to_end(&mut back)),
        }
        assert!(back == plain, "{name}");
    }
    let native = get(&server, &[query[0], ("compress", "1")]);
    assert_eq!(native.bytes[16], 0x82);
    assert!(native.bytes.len() < plain.len());
    let off = [query[0], ("enable_http_compression", "0")];
    assert!(
        !post_with(&server, &off, &[("accept-encoding", "gzip")], "")
            .headers
            .contains_key("content-encoding")
    );
}

#[test]
fn row_binary_with_names_and_types_goes_in_and_comes_out() {
    let Some(server) = clickhouse() else { return };
    table(&server, "binary", "a UInt32, b String");
    let mut rows = vec![2, 1, b'a', 1, b'b', 6];
    rows.extend(b"UInt32");
    rows.push(6);
    rows.extend(b"String");
    rows.extend(7u32.to_le_bytes());
    rows.extend([3, 0, b'\n', 0xff]);
    post(
        &server,
        &[("query", "INSERT INTO binary FORMAT RowBinaryWithNamesAndTypes")],
        &rows[..],
    )
    .ok();
    let query = [
        ("query", "SELECT * FROM binary"),
        ("default_format", "RowBinaryWithNamesAndTypes"),
    ];
    assert_eq!(get(&server, &query).bytes, rows);
}

#[test]
fn faults_have_clickhouses_codes_and_statuses() {
    let Some(server) = clickhouse() else { return };
    table(&server, "faults", "a UInt64, t DateTime64(9)");
    let strict = [
        ("query", "INSERT INTO faults FORMAT JSONEachRow"),
        ("input_format_skip_unknown_fields", "0"),
    ];
    let each = [("query", "INSERT INTO faults FORMAT JSONEachRow")];
    for (answer, expected) in [
        (post(&server, &[], "SELECT * FROM nowhere"), (404, Some(60))),
        (post(&server, &[], "SELEC 1"), (400, Some(62))),
        (post(&server, &[], " "), (400, Some(62))),
        (post(&server, &[], "SELECT 1; SELECT 2"), (400, Some(62))),
        (
            post(&server, &[("no_such_setting", "1")], "SELECT 1"),
            (404, Some(115)),
        ),
        (post(&server, &[("a=1, b", "1")], "SELECT 1"), (404, Some(115))),
        (
            post(&server, &[("database", "nowhere")], "SELECT 1"),
            (404, Some(81)),
        ),
        (post(&server, &[("session_id", "s")], "SELECT 1"), (501, Some(48))),
        (
            post(
                &server,
                &[("query", "INSERT INTO nowhere FORMAT JSONEachRow")],
                "{}",
            ),
            (404, Some(60)),
        ),
        (
            post(&server, &each, "{\"a\":1.8446744073709552e19}"),
            (400, Some(27)),
        ),
        (post(&server, &strict, "{\"zz\":1}"), (400, Some(117))),
        (get(&server, &[("query", "DROP TABLE faults")]), (500, Some(164))),
        (
            post(&server, &[("readonly", "1")], "DROP TABLE faults"),
            (500, Some(164)),
        ),
    ] {
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(answer.fault(), expected, "{text}");
        assert!(
            text.contains(&format!("Code: {}.", answer.code.unwrap_or_default())),
            "{text}"
        );
    }
    assert_eq!(
        get(&server, &[("query", "SELECT count() FROM faults")]).ok(),
        "0\n",
        "a failed insert leaves no row"
    );
}

#[test]
fn what_a_client_may_send_has_a_limit() {
    let Some(server) = clickhouse() else { return };
    if std::env::var_os(tracel_dev::testing::ENV).is_some() {
        return; // a server's own limits are its own
    }
    let host = server.url().trim_start_matches("http://").to_string();
    let mut stream = TcpStream::connect(&host).expect("connects");
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 300000000\r\n\r\n"
    )
    .expect("writes");
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).expect("an answer before the body");
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("exception-code: 229"),
        "{answer}"
    );

    let bomb = gzip(&vec![b' '; 257 << 20]);
    let answer = post_with(&server, &[], &[("content-encoding", "gzip")], &bomb[..]);
    assert_eq!(answer.fault(), (413, Some(229)));
    assert!(String::from_utf8_lossy(&answer.bytes).contains("send smaller batches"));
}

#[test]
fn clients_at_once_do_not_mix() {
    let Some(server) = clickhouse() else { return };
    table(&server, "crowd", "client UInt32, n UInt32");
    std::thread::scope(|scope| {
        for client in 0..6u32 {
            let server = &server;
            scope.spawn(move || {
                for n in 0..10u32 {
                    let row = format!("{{\"client\":{client},\"n\":{n}}}\n");
                    post(server, &[("query", "INSERT INTO crowd FORMAT JSONEachRow")], row).ok();
                    let mine = [
                        ("query", "SELECT count(), getSetting('max_block_size') FROM crowd WHERE client = {c:UInt32}"),
                        ("param_c", &client.to_string()),
                        ("max_block_size", &(1000 + client).to_string()),
                    ];
                    assert_eq!(get(server, &mine).ok(), format!("{}\t{}\n", n + 1, 1000 + client));
                }
            });
        }
    });
    assert_eq!(
        get(&server, &[("query", "SELECT count() FROM crowd")]).ok(),
        "60\n"
    );
}
