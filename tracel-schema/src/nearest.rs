//! The nearest name to one that does not exist, for diagnostics. It knows no schema.

/// The candidate that `name` was most likely meant to be; `None` when none comes near.
///
/// Nearness is the optimal string alignment distance, in which swapped neighbours are half a fault and what is
/// inserted, removed or replaced is a whole one; at most a third of the name's length and one more. The earlier
/// candidate wins a tie. Where none is so near, it is the only one that has the name as a word of its own: `user_id` for `user`.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = 2 * (name.chars().count() / 3 + 1);
    let (mut best, mut with_word) = (None, Vec::new());
    for candidate in candidates {
        let distance = distance(&name.to_lowercase(), &candidate.to_lowercase());
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
        if name.len() > 2 && candidate.split('_').any(|word| word == name) {
            with_word.push(candidate);
        }
    }
    match (best, with_word.as_slice()) {
        (None, [only]) => Some(only),
        (best, _) => best.map(|(_, candidate)| candidate),
    }
}

/// [`nearest`] as a question: `` did you mean `user_id`? ``; without one, `otherwise`.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(name, candidates) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => otherwise.to_owned(),
    }
}

/// The distance in half faults.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).map(|j| 2 * j).collect();
    for i in 1..=a.len() {
        let mut row = vec![2 * i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + if a[i - 1] == b[j - 1] { 0 } else { 2 };
            row[j] = replaced.min(last[j] + 2).min(row[j - 1] + 2);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, nearest};

    #[test]
    fn finds_slips_of_the_hand_and_nothing_else() {
        let fields = ["user_id", "payment_id", "amount", "currency"];
        for (typed, meant) in [
            ("usr_id", Some("user_id")),
            ("userid", Some("user_id")),
            ("UserId", Some("user_id")),
            ("amuont", Some("amount")),
            ("paymnet_id", Some("payment_id")),
            ("cur", None),
            ("user", Some("user_id")),
            ("payment", Some("payment_id")),
            ("id", None),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, fields), meant, "{typed:?}");
        }
        assert_eq!(nearest("id", []), None);
        assert_eq!(nearest("u46", ["u16", "u64"]), Some("u64"), "a swap is nearer");
        assert_eq!(nearest("b", ["a", "c"]), Some("a"), "the earlier one wins a tie");
    }

    #[test]
    fn asks_or_says_otherwise() {
        assert_eq!(did_you_mean("amont", ["amount"], "x"), "did you mean `amount`?");
        assert_eq!(did_you_mean("tenant", ["amount"], "declare it"), "declare it");
    }
}
