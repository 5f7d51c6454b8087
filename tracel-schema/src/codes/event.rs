//! Codes of categories, levels and events: what they ask for and say (TL12xx).

super::codes! {
    UNKNOWN_FIELD = "TL1201", "a field that the dictionary lacks",
        "What is required or optional is a field of the dictionary: one name, one type, in every service.",
        wrong "[category.user]\nrequired = [\"user_id\"]\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\n[category.user]\nrequired = [\"user_id\"]\n";
    REQUIRED_AND_OPTIONAL = "TL1202", "a field both required and optional",
        "What the event, its category or its level requires cannot be left out.",
        wrong "[fields]\nuser_id = { type = \"u64\" }\n[category.user]\nrequired = [\"user_id\"]\n\
               [event.signed_in]\ncategory = \"user\"\nlevel = \"info\"\nmessage = \"signed in\"\noptional = [\"user_id\"]\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\n[category.user]\nrequired = [\"user_id\"]\n\
                [event.signed_in]\ncategory = \"user\"\nlevel = \"info\"\nmessage = \"signed in\"\n";
    SECRET = "TL1203", "a secret field in a log",
        "A field of class secret can never be logged: the dictionary names it so that every attempt is refused. So nothing can \
         require or offer it.",
        wrong "[fields]\npassword = { type = \"string\", class = \"secret\" }\n[category.user]\nrequired = [\"password\"]\n",
        mended "[fields]\npassword = { type = \"string\", class = \"secret\" }\n[category.user]\nrequired = []\n";
    LISTED_TWICE = "TL1204", "a field listed twice",
        "Each field stands once in a list.",
        wrong "[fields]\nuser_id = { type = \"u64\" }\n[category.user]\nrequired = [\"user_id\", \"user_id\"]\n",
        mended "[fields]\nuser_id = { type = \"u64\" }\n[category.user]\nrequired = [\"user_id\"]\n";
    UNKNOWN_CATEGORY = "TL1205", "an unknown category",
        "An event belongs to `user`, `system`, or a category that the schema declares.",
        wrong "[event.signed_in]\ncategory = \"usr\"\nlevel = \"info\"\nmessage = \"signed in\"\n",
        mended "[event.signed_in]\ncategory = \"user\"\nlevel = \"info\"\nmessage = \"signed in\"\n";
    INTERPOLATION = "TL1206", "a message with an interpolation",
        "A message is a fixed text, so that records of one kind can be counted and found by it; what varies is a field.",
        wrong "[event.paid]\ncategory = \"system\"\nlevel = \"info\"\nmessage = \"paid {amount}\"\n",
        mended "[fields]\namount = { type = \"u64\" }\n\
                [event.paid]\ncategory = \"system\"\nlevel = \"info\"\nmessage = \"paid\"\nrequired = [\"amount\"]\n";
    MESSAGE = "TL1207", "a message that says nothing, or spans lines",
        "A message is a text of one line that a person reads.",
        wrong "[event.paid]\ncategory = \"system\"\nlevel = \"info\"\nmessage = \"\"\n",
        mended "[event.paid]\ncategory = \"system\"\nlevel = \"info\"\nmessage = \"payment captured\"\n";
}
