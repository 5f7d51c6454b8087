//! What is set aside, how it reads, and that the file does not grow for ever.

use super::*;
use std::time::Duration;

/// Refuses lines with `bad` in them, at once or when they settle.
struct Picky {
    late: bool,
    pending: Vec<(u64, bool)>,
}

impl Sink for Picky {
    fn name(&self) -> String {
        "picky://host".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Result<Sent, SendError> {
        let bad = String::from_utf8_lossy(batch.bytes).contains("bad");
        match (self.late, bad) {
            (true, bad) => {
                self.pending.push((batch.id, bad));
                Ok(Sent::Pending)
            }
            (false, true) => Err(SendError::refused("it says \"bad\"")),
            (false, false) => Ok(Sent::Acknowledged),
        }
    }

    fn settle(&mut self, _: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        for (id, bad) in self.pending.drain(..) {
            report(
                id,
                if bad {
                    Err(SendError::refused("it says \"bad\""))
                } else {
                    Ok(())
                },
            );
        }
    }
}

fn picky(late: bool, folder: &Path) -> SetAside {
    let pending = Vec::new();
    SetAside::new(Box::new(Picky { late, pending }), folder)
}

fn kept(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_refused_line_is_kept_with_the_reason() {
    for late in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = picky(late, folder.path());
        let mut told = Vec::new();
        let many = b"{\"n\":1}\n{\"n\":\"bad\"}\n".as_slice();
        for (id, bytes) in [
            many,
            b"{\"n\":1}\n",
            b"{\"n\":\"bad\",\"amount\":18446744073709551615}\n",
            b"bad, no JSON\n",
        ]
        .into_iter()
        .enumerate()
        {
            told.extend(sink.send(&Batch::new(id as u64, bytes)).err());
        }
        sink.settle(Instant::now() + Duration::from_secs(1), &mut |_, result| {
            told.extend(result.err());
        });
        let path = folder.path().join(NAME);
        // The first was cut, not set aside.
        assert_eq!(told.len(), 3, "{late}");
        assert!(!told[0].to_string().contains(NAME));
        for kept in &told[1..] {
            assert!(kept.to_string().contains(&path.display().to_string()), "{kept}");
        }
        let kept = kept(&path);
        assert_eq!(kept.len(), 2);
        assert_eq!(kept[0]["record"]["amount"], u64::MAX);
        assert_eq!(
            (&kept[0]["why"], &kept[0]["sink"]),
            (&"it says \"bad\"".into(), &"picky://host".into())
        );
        assert!(kept[0]["refused_at"].as_u64().unwrap() > 1_700_000_000);
        assert_eq!(kept[1]["record"], "bad, no JSON");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn the_files_are_bounded_and_keep_the_latest() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = picky(false, folder.path());
    sink.full = 2000;
    for n in 0..100 {
        let line = format!("{{\"n\":{n},\"text\":\"bad\"}}\n");
        assert!(sink.send(&Batch::new(n, line.as_bytes())).is_err());
    }
    let numbers: Vec<u64> = [BEFORE, NAME]
        .iter()
        .map(|name| folder.path().join(name))
        .flat_map(|path| {
            assert!(fs::metadata(&path).unwrap().len() <= 2000);
            kept(&path)
        })
        .map(|kept| kept["record"]["n"].as_u64().unwrap())
        .collect();
    assert!(numbers.len() > 15, "{numbers:?}");
    assert!(
        numbers.iter().copied().eq(100 - numbers.len() as u64..100),
        "{numbers:?}"
    );
}

#[test]
fn a_folder_that_is_gone_costs_only_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let error = picky(false, &gone)
        .send(&Batch::new(1, b"{\"n\":\"bad\"}\n"))
        .unwrap_err();
    assert!(matches!(&error, SendError::Refused { why } if why.contains("could not be kept")));
}
