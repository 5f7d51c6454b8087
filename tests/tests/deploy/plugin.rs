//! What Grafana and its ClickHouse plugin make of a query before they send it: variables, then `$__` macros, as in the
//! plugin's `pkg/macros` and `CHDatasource.ts`. What it does not know stays, and ClickHouse refuses it.

/// A dashboard as somebody looks at it.
pub(crate) struct View {
    /// Seconds since 1970.
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// The width of a bar, in seconds.
    pub(crate) interval: u64,
    /// The services that are chosen; none: all.
    pub(crate) services: Vec<String>,
    pub(crate) event_id: String,
}

impl View {
    pub(crate) fn expand(&self, sql: &str) -> String {
        let sql = replace(sql, "$__conditionalAll(", |arguments| {
            let (phrase, variable) = arguments.rsplit_once(',').expect("two arguments");
            assert_eq!(variable.trim(), "$service");
            match self.services.is_empty() {
                true => "1=1".to_owned(),
                false => phrase.to_owned(),
            }
        });
        let services: Vec<String> = self.services.iter().map(|service| quoted(service)).collect();
        let sql = sql
            .replace("${service:sqlstring}", &services.join(","))
            .replace("${event_id:sqlstring}", &quoted(&self.event_id));
        let sql = replace(&sql, "$__timeFilter(", |column| {
            format!(
                "{column} >= toDateTime({}) AND {column} <= toDateTime({})",
                self.from, self.to
            )
        });
        let sql = replace(&sql, "$__timeInterval(", |column| {
            format!(
                "toStartOfInterval(toDateTime({column}), INTERVAL {} second)",
                self.interval
            )
        });
        sql.replace("$__interval_s", &self.interval.to_string())
    }
}

/// Grafana's format `sqlstring`.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Each `name` with what stands up to its closing parenthesis, replaced.
fn replace(sql: &str, name: &str, by: impl Fn(&str) -> String) -> String {
    let Some((before, rest)) = sql.split_once(name) else {
        return sql.to_owned();
    };
    let mut depth = 1;
    let end = rest.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    let (arguments, after) = rest.split_at(end.expect("a closing parenthesis"));
    format!("{before}{}{}", by(arguments), replace(&after[1..], name, by))
}

#[test]
fn a_query_becomes_what_the_plugin_sends() {
    let mut view = View {
        from: 1,
        to: 9,
        interval: 5,
        services: vec![],
        event_id: "it's".into(),
    };
    let sql = "$__timeInterval(t) $__timeFilter(a.t) $__conditionalAll(s IN (${service:sqlstring}), $service) ${event_id:sqlstring} $__interval_s";
    let filled =
        "toStartOfInterval(toDateTime(t), INTERVAL 5 second) a.t >= toDateTime(1) AND a.t <= toDateTime(9)";
    assert_eq!(view.expand(sql), format!("{filled} 1=1 'it''s' 5"));
    view.services = vec!["a".into(), "b".into()];
    assert_eq!(view.expand(sql), format!("{filled} s IN ('a','b') 'it''s' 5"));
}
