//! Codes of sizes, times, rates and networks (TL13xx).

super::codes! {
    SIZE = "TL1301", "a malformed size",
        "A size is a whole number and B, KiB or MiB (1 KiB is 1024 bytes).",
        wrong "[policy]\nmax_record = \"32 kilobytes\"\n",
        mended "[policy]\nmax_record = \"32KiB\"\n";
    MAX_RECORD = "TL1302", "a longest record out of range",
        "`max_record` is between 1KiB, or an envelope would not fit, and 48KiB, or a record would not fit the journal's chunks.",
        wrong "[policy]\nmax_record = \"1MiB\"\n",
        mended "[policy]\nmax_record = \"48KiB\"\n";
    RATE = "TL1303", "a malformed rate",
        "A rate is a whole number from 1, a slash, and s, m, h or d: so many records a second, minute, hour or day.",
        wrong "[policy]\nlimit = \"1000\"\n",
        mended "[policy]\nlimit = \"1000/s\"\n";
    DURATION = "TL1304", "a malformed duration",
        "A duration is a whole number from 1 and s, m, h, d or w (seconds to weeks), at most 36500d.",
        wrong "[policy]\nretention = \"30 days\"\n",
        mended "[policy]\nretention = \"30d\"\n";
    NETWORK = "TL1305", "a malformed network",
        "A network is in CIDR notation, its address the first of the network: 10.0.0.0/8, 2001:db8::/32.",
        wrong "[policy]\ntrust = [\"10.1.2.3/8\"]\n",
        mended "[policy]\ntrust = [\"10.0.0.0/8\"]\n";
}
