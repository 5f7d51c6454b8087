//! Codes of the compiled schema that the macros read (TL00xx).

crate::codes::codes! {
    NO_BUILD_SCRIPT = "TL0001", "a schema.toml without a build script",
        "The macros read what the build script made of schema.toml: a package with a schema has a build.rs of one line, and \
         `tracel-schema` among its build dependencies.",
        wrong "# Cargo.toml, with a schema.toml beside it\n[dependencies]\ntracel = \"0.1\"\n",
        mended "// build.rs, and under [build-dependencies] of Cargo.toml: tracel-schema = \"0.1\"\nfn main() {\n    \
                tracel_schema::build();\n}\n";
    UNREADABLE_COMPILED = "TL0002", "a compiled schema that cannot be read",
        "`$OUT_DIR/tracel.schema` is written by the build script, and `tracel` and `tracel-schema` are of one version.",
        wrong "# Cargo.toml\n[dependencies]\ntracel = \"0.2\"\n\n[build-dependencies]\ntracel-schema = \"0.1\"\n",
        mended "# Cargo.toml\n[dependencies]\ntracel = \"0.2\"\n\n[build-dependencies]\ntracel-schema = \"0.2\"\n";
    FOREIGN_COMPILED = "TL0003", "a compiled schema of another package",
        "A compiled schema names the package that it was made for, so that no crate takes another's by accident (an OUT_DIR \
         in the environment is enough for that). Who means it sets TRACEL_COMPILED_SCHEMA.",
        wrong "$ OUT_DIR=../another/out cargo check    # of a package without a build script\n",
        mended "$ cargo check\n";
    OWN_FAULT = "TL0004", "a fault of TraceL's own",
        "A macro of TraceL failed at what it was given, or could not read it. Whatever was written there, this is TraceL's \
         fault: report it with the call or the item that the error marks, and the version that it names.",
        wrong "",
        mended "";
}
