//! Codes of the dictionary, and of names and types made from it (TL11xx).

super::codes! {
    MALFORMED_NAME = "TL1101", "a malformed name",
        "Names of fields, categories and events are [a-z][a-z0-9_]*: they become Rust identifiers, JSON keys and columns, \
         the same in all three.",
        wrong "[fields]\nuserId = { type = \"u64\" }\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\n";
    KEYWORD = "TL1102", "a name that is a Rust keyword",
        "Fields, categories and events are written as identifiers in log macros; a raw identifier (r#type) would be \
         another name there than in the record.",
        wrong "[fields]\ntype = { type = \"string\" }\n",
        mended "[fields]\nkind = { type = \"string\" }\n";
    RESERVED_PREFIX = "TL1103", "a name with a reserved prefix",
        "`http_` and `tracel_` are TraceL's own, built-in fields.",
        wrong "[fields]\nhttp_status = { type = \"u16\" }\n",
        mended "[fields]\nupstream_status = { type = \"u16\" }\n";
    ENVELOPE_KEY = "TL1104", "a field with the name of a key of the record",
        "Every record has timestamp, level, event_id, message and so on beside its metadata: a field of the same name \
         would be taken for it.",
        wrong "[fields]\nevent_id = { type = \"uuid\" }\n",
        mended "[fields]\nticket_id = { type = \"uuid\" }\n";
    UNKNOWN_TYPE = "TL1105", "an unknown type",
        "A field is a bool, string, enum, i8 to i64, u8 to u64, f64, uuid, ip, timestamp, duration, bytes, json, error, or a \
         list of one of these.",
        wrong "[fields]\namount = { type = \"int\" }\n",
        mended "[fields]\namount = { type = \"i64\" }\n";
    ENUM_VALUES = "TL1106", "an enum without values",
        "An enum lists its words; a text that is not one of them cannot be logged under it.",
        wrong "[fields]\ncurrency = { type = \"enum\", values = [] }\n",
        mended "[fields]\ncurrency = { type = \"enum\", values = [\"EUR\", \"USD\"] }\n";
    ENUM_VARIANT = "TL1107", "enum values that make no variants",
        "Each value becomes a variant in CamelCase (`in-flight`: InFlight): it is ASCII, begins with a letter, and no two \
         values make the same variant.",
        wrong "[fields]\nstate = { type = \"enum\", values = [\"in-flight\", \"in_flight\"] }\n",
        mended "[fields]\nstate = { type = \"enum\", values = [\"in-flight\", \"landed\"] }\n";
    TYPE_COLLISION = "TL1108", "two generated types of one name",
        "Enum fields and events become types in CamelCase in one module, beside UserLog, SysLog, SystemLog, Log and SCHEMA.",
        wrong "[fields]\nuser_log = { type = \"enum\", values = [\"on\", \"off\"] }\n",
        mended "[fields]\nuser_log_state = { type = \"enum\", values = [\"on\", \"off\"] }\n";
    FOREIGN_KEY = "TL1109", "a key that belongs to another type",
        "`values` belongs to an enum, `of` to a list.",
        wrong "[fields]\ncurrency = { type = \"string\", values = [\"EUR\", \"USD\"] }\n",
        mended "[fields]\ncurrency = { type = \"enum\", values = [\"EUR\", \"USD\"] }\n";
    LIST_OF = "TL1110", "a list of what cannot be listed",
        "A list has a scalar type in `of`: no list, no enum, no error, no json (which may be an array itself).",
        wrong "[fields]\ntags = { type = \"list\", of = \"list\" }\n",
        mended "[fields]\ntags = { type = \"list\", of = \"string\" }\n";
    PROPAGATE = "TL1111", "a field that cannot travel",
        "A field with `propagate` is sent to other services as text in the baggage header: a secret must not be, and bytes, \
         json, errors and lists cannot.",
        wrong "[fields]\ntoken = { type = \"string\", class = \"secret\", propagate = true }\n",
        mended "[fields]\ntoken = { type = \"string\", class = \"secret\" }\n";
}
