//! Codes of a schema that extends others (TL14xx).

super::codes! {
    EXTENDS_CYCLE = "TL1401", "schemas that extend each other",
        "A schema extends what does not need it: otherwise none of them holds first.",
        wrong "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"./schema.toml\"]\n",
        mended "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme-schema\"]\n";
    REDEFINED = "TL1402", "what another schema says, said anew",
        "One name has one meaning in every service: a schema may add fields and events to those that it extends, and never \
         change a type, a unit, or what an event is. In the example the schema of the crate `acme-schema` declares \
         amount = { type = \"u64\" }.",
        wrong "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme-schema\"]\n\
               [fields]\namount = { type = \"f64\" }\n",
        mended "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme-schema\"]\n\
                [fields]\nweight = { type = \"f64\" }\n";
    LOOSENED = "TL1403", "a rule of another schema, loosened",
        "A schema may tighten what it extends: require more, hide more, keep less, lower a limit; never the other way, so that \
         what an organisation rules holds in every service. In the example the schema of the crate `acme-schema` says \
         card = { type = \"string\", class = \"sensitive\" }.",
        wrong "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme-schema\"]\n\
               [fields]\ncard = { class = \"safe\" }\n",
        mended "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme-schema\"]\n\
                [fields]\ncard = { class = \"secret\" }\n";
}
