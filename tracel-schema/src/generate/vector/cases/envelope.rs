//! Cases for the record's own keys, for times that no table holds, and for lines that are no record at all.

use super::{CAME, Case, Outcome, Record};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        raw("no JSON", "{\"message\":", "not_json"),
        raw("an empty line", "", "not_json"),
        raw("a blank line", " \t\r", "not_json"),
        raw("two records in one line", "{}{}", "not_json"),
        raw("a number that is none", "{\"a\":NaN}", "not_json"),
        raw("a number that no double holds", "{\"a\":1e400}", "not_json"),
        raw("half a pair of surrogates", "{\"a\":\"\\ud800\"}", "not_json"),
        raw("JSON deeper than any", &"[".repeat(200), "not_json"),
        raw("a text", "\"text\"", "no_object"),
        raw("a list", "[{}]", "no_object"),
        raw("an empty object", "{}", "level"),
        Record::foreign().becomes(
            "a right record of another language",
            &[
                ".level == \"INFO\" && .service_name == \"Payment\" && .message == \"captured\"",
                ".event_id == \"0197248c-0000-7000-8000-000000000001\"",
                ".uuid == \"0197248c-0000-7000-8000-000000000002\"",
                ".timestamp == \"2025-06-01T11:59:58.123456789Z\"",
                ".topic == \"logs\" && .partition == 3 && .offset == 7",
                ".metadata == {} && .extra == {} && .schema == \"\" && .seq == \"0\"",
                "!exists(.headers) && !exists(.source_type)",
            ],
        ),
    ];
    levels(&mut cases);
    keys(&mut cases);
    times(&mut cases);
    unknown(&mut cases);
    cases
}

fn raw(name: &str, line: &str, reason: &'static str) -> Case {
    Case {
        name: name.to_owned(),
        line: line.to_owned(),
        padding: 0,
        outcome: Outcome::Refused(reason),
    }
}

fn levels(cases: &mut Vec<Case>) {
    for (said, level) in [
        ("info", "INFO"),
        (" Warning ", "WARN"),
        ("fatal", "ERROR"),
        ("notice", "INFO"),
        ("verbose", "DEBUG"),
        ("finest", "TRACE"),
    ] {
        let record = Record::foreign().with("level", &super::json(said));
        let check = format!(".level == \"{level}\"");
        cases.push(record.becomes(format!("the level {said:?}"), &[&check]));
    }
    for said in ["\"LOUD\"", "\"\"", "30", "null"] {
        let record = Record::foreign().with("level", said);
        cases.push(record.refused(format!("the level {said}"), "level"));
    }
}

fn keys(cases: &mut Vec<Case>) {
    let foreign = Record::foreign;
    cases.push(
        foreign()
            .with("event_id", "\"4bf92f3577b34da6a3ce929d0e0e4736\"")
            .becomes(
                "a trace-id as W3C writes it",
                &[".event_id == \"4bf92f35-77b3-4da6-a3ce-929d0e0e4736\""],
            ),
    );
    cases.push(foreign().without("event_id").without("uuid").becomes(
        "no ids: of no request, and the line names the record",
        &[
            ".event_id == \"00000000-0000-0000-0000-000000000000\"",
            "match(string!(.uuid), r'^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$')",
        ],
    ));
    cases.push(
        foreign()
            .with("seq", "\"18446744073709551615\"")
            .with("lane", "4294967295")
            .with("task", "9223372036854775807")
            .with("thread", "7")
            .becomes(
                "the greatest numbers",
                &[
                    ".seq == \"18446744073709551615\" && .lane == \"4294967295\"",
                    ".task == \"9223372036854775807\" && .thread == \"7\"",
                ],
            ),
    );
    for (key, value) in [
        ("seq", "-1"),
        ("seq", "18446744073709551616"),
        ("seq", "1.5"),
        ("lane", "4294967296"),
        ("task", "\"a\""),
        ("uuid", "\"7\""),
        ("event_id", "[]"),
        ("message", "7"),
        ("message", "null"),
        ("service_name", "\"\""),
        ("service_name", "{}"),
        ("thread", "[1]"),
        ("metadata", "[]"),
        ("metadata", "\"text\""),
        ("extra", "7"),
        ("timestamp", "1700000000"),
        ("timestamp", "\"noon\""),
    ] {
        let record = foreign().with(key, value);
        cases.push(record.refused(format!("{key}: {value}"), "envelope"));
    }
    for key in ["message", "service_name", "timestamp"] {
        cases.push(foreign().without(key).refused(format!("no {key}"), "envelope"));
    }
    // What the kafka source calls its own keys, a record may use.
    let mut taken = foreign();
    let sources = [
        "message_key",
        "topic",
        "partition",
        "offset",
        "headers",
        "source_type",
        "arrived",
    ];
    for key in sources {
        taken = taken.with(key, "\"the record's\"");
    }
    let checks: Vec<String> = sources
        .iter()
        .map(|key| format!(".extra.\"{key}\" == \"the record's\""))
        .chain([".topic == \"logs\" && .partition == 3 && .offset == 7".to_owned()])
        .collect();
    let checks: Vec<&str> = checks.iter().map(String::as_str).collect();
    cases.push(taken.becomes("keys that are Vector's too", &checks));
}

fn times(cases: &mut Vec<Case>) {
    let came = CAME.replace('Z', ".000000000Z");
    for said in [
        "1600-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "2362-04-12T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z",
        "2025-06-02T12:00:01Z",
    ] {
        let record = Record::foreign().with("timestamp", &super::json(said));
        let check = format!(".timestamp == \"{came}\" && .extra.timestamp == \"{said}\"");
        cases.push(record.becomes(format!("a time that cannot be: {said}"), &[&check]));
    }
    let null = Record::foreign().with("timestamp", "null");
    let check = format!(".timestamp == \"{came}\" && .extra.timestamp == \"null\"");
    cases.push(null.becomes("a clock beyond the year 9999", &[&check]));
    for (said, is) in [
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00.000000000Z"),
        ("2025-06-02T12:00:00Z", "2025-06-02T12:00:00.000000000Z"),
        ("2025-06-01T14:00:00.5+02:00", "2025-06-01T12:00:00.500000000Z"),
        ("2025-05-20T00:00:00Z", "2025-05-20T00:00:00.000000000Z"),
        // A leap second: ClickHouse takes it as the one after.
        ("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:60.500000000Z"),
    ] {
        let record = Record::foreign().with("timestamp", &super::json(said));
        let check = format!(".timestamp == \"{is}\" && !exists(.extra.timestamp)");
        cases.push(record.becomes(format!("a time that can be: {said}"), &[&check]));
    }
}

fn unknown(cases: &mut Vec<Case>) {
    let foreign = Record::foreign;
    let apart = ".metadata == {}";
    cases.push(foreign().meta("nobody_s", "[1,{\"a\":null}]").becomes(
        "a key of metadata that no schema declares",
        &[apart, ".extra.nobody_s == \"[1,\\{\\\"a\\\":null\\}]\""],
    ));
    cases.push(
        foreign()
            .meta("a.b", "1")
            .meta("a", "{\"b\":2}")
            .meta("", "true")
            .becomes(
                "keys that are one path to ClickHouse",
                &[
                    apart,
                    ".extra.\"a.b\" == \"1\" && .extra.a == \"\\{\\\"b\\\":2\\}\" && get!(.extra, [\"\"]) == \"true\"",
                ],
            ),
    );
    cases.push(foreign().with("logger", "\"root\"").with("pid", "7").becomes(
        "keys beside the envelope",
        &[".extra.logger == \"root\" && .extra.pid == \"7\" && !exists(.pid)"],
    ));
    cases.push(
        foreign()
            .with("same", "1")
            .meta("same", "2")
            .extra("same", "\"3\"")
            .becomes(
                "one key in three places",
                &[".extra.same == \"3\" && .extra.\"metadata.same\" == \"2\" && .extra.\"record.same\" == \"1\""],
            ),
    );
    cases.push(
        foreign()
            .with("same", "1")
            .meta("same", "2")
            .extra("same", "\"3\"")
            .extra("metadata.same", "\"4\"")
            .becomes(
                "one key in three places, and what it would become",
                &[
                    ".extra.\"record.same\" == \"1\" && .extra.\"metadata.same\" == \"2\"",
                    ".extra.\"extra.same\" == \"3\" && .extra.\"extra.metadata.same\" == \"4\"",
                ],
            ),
    );
    let mut twice = foreign().becomes(
        "a key that stands twice: the last one counts",
        &[".level == \"WARN\" && .message == \"captured\""],
    );
    twice.line = twice.line.replace('}', ",\"level\":\"WARN\"}\r");
    cases.push(twice);
    let mut deep = foreign();
    deep = deep.meta("deep", &format!("{}1{}", "[".repeat(120), "]".repeat(120)));
    cases.push(deep.becomes("JSON 120 deep", &["is_string(.extra.deep)"]));
    cases.push(
        foreign()
            .meta("http_status", "200")
            .meta("tracel_lost", "\"18446744073709551615\"")
            .becomes(
                "TraceL's own fields",
                &[".metadata.http_status == 200 && .metadata.tracel_lost == \"18446744073709551615\""],
            ),
    );
    cases.push(
        foreign()
            .meta("http_status", "\"OK\"")
            .refused("one of TraceL's own fields of another type", "type"),
    );
}
