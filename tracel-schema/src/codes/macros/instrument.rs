//! Codes of `#[tracel::instrument]` (TL04xx).

crate::codes::codes! {
    NOT_AN_ID = "TL0401", "an event_id that is none",
        "An `event_id` is a `tracel::EventId`, a `tracel::Uuid`, the text of one, or an `Option` of these.",
        wrong "#[tracel::instrument(fields(event_id = 7))]\nfn capture() {}\n",
        mended "#[tracel::instrument(fields(event_id = %generate_event_id()))]\nfn capture() {}\n";
    ARGUMENT = "TL0402", "a malformed argument of instrument",
        "`#[tracel::instrument]` takes `fields(..)`, `err`, `root`, `name`, `level`, `skip(..)` and `skip_all`.",
        wrong "#[tracel::instrument(feilds(user_id))]\nfn capture(user_id: u64) {}\n",
        mended "#[tracel::instrument(fields(user_id))]\nfn capture(user_id: u64) {}\n";
    NOT_AN_ARGUMENT = "TL0403", "a name that is no argument of the function",
        "A key alone in `fields(..)`, and a name in `skip(..)`, is an argument's.",
        wrong "#[tracel::instrument(fields(user_id))]\nfn capture(order: Order) {}\n",
        mended "#[tracel::instrument(fields(user_id = order.user_id))]\nfn capture(order: Order) {}\n";
    NOT_A_FUNCTION = "TL0404", "an instrument on what cannot be instrumented",
        "A function with a body is instrumented; a `const fn` cannot open a span.",
        wrong "#[tracel::instrument]\nconst fn answer() -> u64 { 42 }\n",
        mended "#[tracel::instrument]\nfn answer() -> u64 { 42 }\n";
    NO_ERROR_FIELD = "TL0405", "an err without a field error",
        "`err` records what the function returned as `Err` under the field `error`, which schema.toml declares with the type \
         error.",
        wrong "[fields]\nuser_id = { type = \"u64\" }\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\nerror = { type = \"error\" }\n";
    NO_RESULT = "TL0406", "an err on a function that returns no Result",
        "`err` logs what the function returned as `Err`.",
        wrong "#[tracel::instrument(err)]\nfn answer() -> u64 { 42 }\n",
        mended "#[tracel::instrument]\nfn answer() -> u64 { 42 }\n";
}
