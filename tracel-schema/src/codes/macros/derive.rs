//! Codes of events and their derives (TL03xx).

crate::codes::codes! {
    NOT_AN_EVENT = "TL0301", "a value that is no event",
        "What a log macro takes beside a message is an event: a struct under `#[derive(tracel::UserLog)]`, `SysLog` or `Log`.",
        wrong "struct Started;\nlog_info!(Started);\n",
        mended "#[derive(tracel::SysLog)]\n#[log(event = \"started\", message = \"started\")]\nstruct Started;\nlog_info!(Started);\n";
    WRONG_LEVEL = "TL0302", "an event at another level than its own",
        "An event with a level, in schema.toml or in its attribute, is logged at this level alone; one without can be logged at \
         every level whose required fields it has.",
        wrong "log_warn!(PaymentCaptured { .. });\n",
        mended "log!(PaymentCaptured { .. });\n";
    NO_OWN_LEVEL = "TL0303", "a log! of an event without a level",
        "`log!` takes the event's own level, from schema.toml or from its attribute.",
        wrong "log!(RefundAsked { .. });\n",
        mended "log_info!(RefundAsked { .. });\n";
    WRONG_CATEGORY = "TL0304", "an event under the wrong category",
        "An event that schema.toml declares has the category that stands there: `UserLog` derives `user`, `SysLog` derives \
         `system`, `Log` any other.",
        wrong "#[derive(tracel::SysLog)]\n#[log(event = \"payment_captured\")]\nstruct Captured {}\n",
        mended "#[derive(tracel::UserLog)]\n#[log(event = \"payment_captured\")]\nstruct Captured {}\n";
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
        wrong "#[derive(tracel::UserLog)]\n#[log(event = \"payment_captured\", level = \"warn\")]\nstruct Captured {}\n",
        mended "#[derive(tracel::UserLog)]\n#[log(event = \"payment_captured\")]\nstruct Captured {}\n";
    NOT_A_FIELD = "TL0308", "a field that the event does not list",
        "Of an event that schema.toml declares, all fields stand there, under `required` or `optional`.",
        wrong "log!(PaymentCaptured { user_id, attempt: 2, .. });\n",
        mended "[event.payment_captured]\noptional = [\"attempt\"]\n";
    NOT_A_NEWTYPE = "TL0309", "a tracel::Field that is no newtype",
        "`#[derive(tracel::Field)]` lets a struct of one field be logged as that field.",
        wrong "#[derive(tracel::Field)]\nenum Money { Cents(u64) }\n",
        mended "#[derive(tracel::Field)]\nstruct Cents(u64);\n";
}
