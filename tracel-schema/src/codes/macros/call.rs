//! Codes of a log macro's call as a whole: its form, its message, its category (TL02xx).

crate::codes::codes! {
    MESSAGE_LITERAL = "TL0201", "a message that is not a literal",
        "A message is a fixed text, so that records of one kind can be counted and found by it; what varies is a field.",
        wrong "log_info!(SysLog(text));\n",
        mended "log_info!(SysLog(\"charge refused\", reason = text));\n";
    INTERPOLATED = "TL0202", "a message with an interpolation",
        "A message is a fixed text, so that records of one kind can be counted and found by it; what varies is a field.",
        wrong "log_info!(SysLog(\"attempt {attempt}\"));\n",
        mended "log_info!(SysLog(\"retrying\", attempt));\n";
    NOT_A_LOG = "TL0203", "a log macro without a log",
        "A log macro takes one event, `PaymentCaptured { .. }`, or one message under its category: `UserLog(user_id, \"..\")`, \
         `SysLog(\"..\")`, `Log::audit(\"..\")`.",
        wrong "log_info!(\"charging card\");\n",
        mended "log_info!(SysLog(\"charging card\"));\n";
    UNKNOWN_CATEGORY = "TL0204", "an unknown category",
        "A category is `user`, `system`, or one that schema.toml declares.",
        wrong "log_info!(Log::audti(\"ops\", \"role granted\", reason = \"asked\"));\n",
        mended "log_info!(Log::audit(\"ops\", \"role granted\", reason = \"asked\"));\n";
    NO_LEVEL = "TL0205", "a log! of a message",
        "`log!` takes an event's own level; a message has none.",
        wrong "log!(SysLog(\"charging card\"));\n",
        mended "log_info!(SysLog(\"charging card\"));\n";
    ORPHAN = "TL0206", "a user log where no request is known",
        "Under `orphans = \"deny\"` a log of the category user stands in a function under `#[tracel::instrument]`, or names the \
         context of its request.",
        wrong "fn capture(user_id: u64) {\n    log_info!(UserLog(user_id, \"capture requested\"));\n}\n",
        mended "#[tracel::instrument]\nfn capture(user_id: u64) {\n    log_info!(UserLog(user_id, \"capture requested\"));\n}\n";
    ASSERTION = "TL0207", "an assertion without a log",
        "An assertion takes the captured logs, and then a log as a log macro does: its level before it, or none, and an event's \
         fields up to a `..` when others may be anything.",
        wrong "assert_logged!(logs, eror SysLog(\"charge refused\"));\n",
        mended "assert_logged!(logs, error SysLog(\"charge refused\"));\n";
    MESSAGE_TEXT = "TL0208", "a message that says nothing, or spans lines",
        "A message is a text of one line that a person reads.",
        wrong "log_info!(SysLog(\"\", attempt = 2));\n",
        mended "log_info!(SysLog(\"retrying\", attempt = 2));\n";
}
