//! Codes of the compiled schema that the macros read (TL00xx).

crate::codes::codes! {
    NO_BUILD_SCRIPT = "TL0001", "a schema.toml without a build script",
        "The macros read what the build script made of schema.toml: a package with a schema has a build.rs of one line, and \
         `tracel-schema` among its build dependencies.",
        wrong "// build.rs is missing\n",
        mended "// build.rs\nfn main() { tracel_schema::build() }\n";
    UNREADABLE_COMPILED = "TL0002", "a compiled schema that cannot be read",
        "`$OUT_DIR/tracel.schema` is written by the build script, and `tracel` and `tracel-schema` are of one version.",
        wrong "",
        mended "";
    FOREIGN_COMPILED = "TL0003", "a compiled schema of another package",
        "A compiled schema names the package that it was made for, so that no crate takes another's by accident (an OUT_DIR \
         in the environment is enough for that). Who means it sets TRACEL_COMPILED_SCHEMA.",
        wrong "",
        mended "";
    OWN_FAULT = "TL0004", "a fault of TraceL's own",
        "A macro of TraceL failed at what it was given, or could not read it. Whatever was written there, this is TraceL's \
         fault: report it with the call or the item that the error marks, and the version that it names.",
        wrong "",
        mended "";
}
