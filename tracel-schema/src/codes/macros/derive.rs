//! Codes of events and their derives (TL03xx).

crate::codes::codes! {
    WRONG_LEVEL = "TL0302", "a value that is no event of this level",
        "What a log macro takes beside a message is an event: a struct under `#[derive(tracel::UserLog)]`, `SysLog` or \
         `Log`. An event with a level, in schema.toml or in its attribute, is logged at this level alone; one without can be \
         logged at every level whose required fields it has.",
        wrong "log_warn!(PaymentCaptured { user_id, payment_id, amount: 1999, currency: Currency::Eur });\n",
        mended "log!(PaymentCaptured { user_id, payment_id, amount: 1999, currency: Currency::Eur });\n";
    NO_OWN_LEVEL = "TL0303", "a log! of an event without a level",
        "`log!` takes the event's own level, from schema.toml or from its attribute.",
        wrong "#[derive(tracel::UserLog)]\n#[log(event = \"refund_asked\", message = \"refund asked\")]\nstruct RefundAsked {\n    user_id: u64,\n}\n\
                log!(RefundAsked { user_id });\n",
        mended "#[derive(tracel::UserLog)]\n#[log(event = \"refund_asked\", message = \"refund asked\")]\nstruct RefundAsked {\n    user_id: u64,\n}\n\
                log_info!(RefundAsked { user_id });\n";
    WRONG_CATEGORY = "TL0304", "an event under the wrong category",
        "An event that schema.toml declares has the category that stands there: `UserLog` derives `user`, `SysLog` derives \
         `system`, `Log` any other.",
        wrong "#[derive(tracel::SysLog)]\n#[log(event = \"payment_captured\")]\n\
               struct Captured {\n    user_id: u64,\n    payment_id: tracel::Uuid,\n    amount: u64,\n    currency: Currency,\n}\n",
        mended "#[derive(tracel::UserLog)]\n#[log(event = \"payment_captured\")]\n\
               struct Captured {\n    user_id: u64,\n    payment_id: tracel::Uuid,\n    amount: u64,\n    currency: Currency,\n}\n";
    NOT_A_STRUCT = "TL0305", "an event that is no struct with named fields",
        "An event's fields are its keys.",
        wrong "#[derive(tracel::SysLog)]\n#[log(event = \"retried\", message = \"retried\")]\nstruct Retried(u32);\n",
        mended "#[derive(tracel::SysLog)]\n#[log(event = \"retried\", message = \"retried\")]\nstruct Retried { attempt: u32 }\n";
    ATTRIBUTE = "TL0306", "a malformed #[log(..)]",
        "`#[log(..)]` says an event's name, message and level, and, under `#[derive(tracel::Log)]`, its category.",
        wrong "#[derive(tracel::SysLog)]\n#[log(name = \"retried\", message = \"retried\")]\nstruct Retried {}\n",
        mended "#[derive(tracel::SysLog)]\n#[log(event = \"retried\", message = \"retried\")]\nstruct Retried {}\n";
    CONTRADICTION = "TL0307", "an attribute that contradicts schema.toml",
        "Of an event that schema.toml declares, message and level stand there.",
        wrong "#[derive(tracel::UserLog)]\n#[log(event = \"payment_captured\", level = \"warn\")]\n\
               struct Captured {\n    user_id: u64,\n    payment_id: tracel::Uuid,\n    amount: u64,\n    currency: Currency,\n}\n",
        mended "#[derive(tracel::UserLog)]\n#[log(event = \"payment_captured\")]\n\
               struct Captured {\n    user_id: u64,\n    payment_id: tracel::Uuid,\n    amount: u64,\n    currency: Currency,\n}\n";
    NOT_A_FIELD = "TL0308", "a field that the event does not list",
        "Of an event that schema.toml declares, all fields stand there, under `required` or `optional`.",
        wrong "#[derive(tracel::SysLog)]\n#[log(event = \"charge_refused\")]\nstruct Refused {\n    error: std::io::Error,\n    \
               tenant: String,\n}\n",
        mended "#[derive(tracel::SysLog)]\n#[log(event = \"charge_refused\")]\nstruct Refused {\n    error: std::io::Error,\n    \
                attempt: u32,\n}\n";
    NOT_A_NEWTYPE = "TL0309", "a tracel::Field that is no newtype",
        "`#[derive(tracel::Field)]` lets a struct of one field be logged as that field.",
        wrong "#[derive(tracel::Field)]\nenum Money { Cents(u64) }\n",
        mended "#[derive(tracel::Field)]\nstruct Cents(u64);\n";
}
