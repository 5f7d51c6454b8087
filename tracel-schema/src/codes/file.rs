//! Codes of the file as a whole: its syntax, its keys, its words (TL10xx).

super::codes! {
    SYNTAX = "TL1001", "the file is not TOML",
        "schema.toml is TOML 1.1, https://toml.io. While its syntax is broken, what depends on other lines is not \
         checked: more errors may follow when it is mended.",
        wrong "[fields]\nuser_id = { type = \"u64\"\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\n";
    UNKNOWN_KEY = "TL1002", "an unknown key or table",
        "Each table of schema.toml has a fixed set of keys, so that a slip of the hand is never taken for silence.",
        wrong "[fields]\nuser_id = { typ = \"u64\" }\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\n";
    WRONG_VALUE = "TL1003", "a value of the wrong kind",
        "Each key takes one kind of TOML value: a string, a number, an array, a table.",
        wrong "[fields]\nuser_id = \"u64\"\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\n";
    MISSING_KEY = "TL1004", "a key is missing",
        "[schema] has a name and a version, a field has a type, an event has a category, a level and a message.",
        wrong "[fields]\nuser_id = { doc = \"Account that acted.\" }\n",
        mended "[fields]\nuser_id = { type = \"u64\", doc = \"Account that acted.\" }\n";
    UNKNOWN_WORD = "TL1005", "an unknown word",
        "Where the language has a fixed set of words (levels, classes, policies), no other is understood.",
        wrong "[policy]\nsensitive = \"hide\"\n",
        mended "[policy]\nsensitive = \"mask\"\n";
    EXTENDS = "TL1006", "a schema that extends what cannot be found",
        "`extends` names schemas that this one adds to: a crate that is a direct dependency of the package and publishes its \
         schema (Cargo tells nobody else of it), or a file, at a path from this one on.",
        wrong "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme_schema\"]\n",
        mended "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme-schema\"]\n";
    UNREADABLE = "TL1007", "the file cannot be read",
        "The schema is the file that TRACEL_SCHEMA names; else the one that `schema` under [package.metadata.tracel] \
         in Cargo.toml names; else the nearest schema.toml from the package's folder up to the workspace root. It is \
         a text in UTF-8.",
        wrong "TRACEL_SCHEMA=shema.toml cargo build\n",
        mended "TRACEL_SCHEMA=schema.toml cargo build\n";
    SCHEMA_NAME = "TL1008", "a name or a version that no record can carry",
        "A record says its schema as name@version: the name is made of letters, digits, `-`, `_` and `.`, the version is \
         a number from 1. The service's name is a text of one line.",
        wrong "[schema]\nname = \"acme payments\"\nversion = 1\n",
        mended "[schema]\nname = \"acme-payments\"\nversion = 1\n";
}
