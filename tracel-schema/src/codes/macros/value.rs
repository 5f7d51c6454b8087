//! Codes of keys and values (TL01xx).

crate::codes::codes! {
    UNKNOWN_KEY = "TL0101", "a field that [fields] does not declare",
        "What is logged is in the dictionary of schema.toml: one name, one type, in every service. Where `policy.metadata` \
         is open for the level, any key may be logged.",
        wrong "log_info!(SysLog(\"retrying\", atempt = 2));\n",
        mended "log_info!(SysLog(\"retrying\", attempt = 2));\n";
    MISSING_FIELD = "TL0102", "a required field is missing",
        "A category, a level or an event of schema.toml may require fields: each of its logs carries them, and none as an \
         `Option`.",
        wrong "log_error!(SysLog(\"charge refused\"));\n",
        mended "log_error!(SysLog(\"charge refused\", error = &err));\n";
    DUPLICATE_KEY = "TL0103", "a key given twice",
        "A record has each key once.",
        wrong "log_info!(SysLog(\"retrying\", attempt = 1, attempt = 2));\n",
        mended "log_info!(SysLog(\"retrying\", attempt = 2));\n";
    RESERVED_KEY = "TL0104", "a key of the record itself",
        "timestamp, level, event_id, message and so on stand in every record beside its fields, and the prefixes `http_` and \
         `tracel_` are TraceL's own. The context's keys are set once, on the span.",
        wrong "log_info!(SysLog(\"retrying\", event_id = id));\n",
        mended "#[tracel::instrument(fields(event_id = id))]\nfn retry(id: tracel::EventId) {}\n";
    WRONG_TYPE = "TL0105", "a value of the wrong type",
        "A field has the type that schema.toml gives it. Integers widen, references and smart pointers are seen through, \
         a newtype derives `tracel::Field`, and what has only a text goes into a string field by `tracel::display(&value)`.",
        wrong "log_info!(SysLog(\"retrying\", attempt = \"two\"));\n",
        mended "log_info!(SysLog(\"retrying\", attempt = 2));\n";
    NOT_LOGGABLE = "TL0106", "a value that no log can write",
        "A value under an open key is of any type that TraceL knows, or is logged as its text.",
        wrong "log_debug!(SysLog(\"retrying\", socket = socket));\n",
        mended "log_debug!(SysLog(\"retrying\", socket = tracel::debug(&socket)));\n";
    SECRET_KEY = "TL0107", "a key of class secret",
        "A field of class secret is never logged: it is in the dictionary so that every attempt is refused.",
        wrong "log_info!(SysLog(\"signed in\", password = input));\n",
        mended "log_info!(SysLog(\"signed in\"));\n";
    SECRET_VALUE = "TL0108", "a tracel::Secret in a log",
        "A `tracel::Secret` is never logged, under any key.",
        wrong "log_info!(SysLog(\"signed in\", tenant = tracel::Secret::new(\"acme\")));\n",
        mended "log_info!(SysLog(\"signed in\", tenant = \"acme\"));\n";
    SIGIL = "TL0109", "% or ? before a value",
        "How a value is written, schema.toml says, so that a field looks the same in every record. `%` and `?` stay in \
         `#[instrument(fields(..))]` for the context's keys and for string fields.",
        wrong "log_info!(SysLog(\"retrying\", tenant = %name));\n",
        mended "log_info!(SysLog(\"retrying\", tenant = tracel::display(&name)));\n";
    AWAIT = "TL0110", "an .await inside a log",
        "A log is built and sent in one go: an await inside would hold its values over it, and the future would not be Send.",
        wrong "log_info!(SysLog(\"charging\", tenant = tenant().await));\n",
        mended "let tenant = tenant().await;\nlog_info!(SysLog(\"charging\", tenant));\n";
    NO_KEY = "TL0111", "a value without a key",
        "One value may stand by place, the first field that the category requires, before the message. All others have a \
         key; a variable of the key's name stands for both.",
        wrong "log_info!(SysLog(\"retrying\", self.attempt));\n",
        mended "log_info!(SysLog(\"retrying\", attempt = self.attempt));\n";
    MALFORMED = "TL0112", "a value that is no expression",
        "A value is any Rust expression.",
        wrong "log_info!(SysLog(\"retrying\", attempt = 2 3));\n",
        mended "log_info!(SysLog(\"retrying\", attempt = 2));\n";
}
