//! The file sink on a real folder: rotation, whole lines, and what others do to the file meanwhile.

use super::*;
use std::{collections::BTreeSet, fs::FileTimes};
use tempfile::TempDir;

fn sink(options: &Options) -> File {
    File::open(options.clone()).unwrap()
}

fn send(sink: &mut File, id: u64, text: &str) {
    assert_eq!(
        sink.send(&Batch::new(id, text.as_bytes())),
        Ok(Sent::Acknowledged)
    );
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// The folder's files in order of their names, the one that is written last.
fn files(folder: &TempDir) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<PathBuf> = names.collect();
    names.sort_by_key(|path| (path.file_name().unwrap() == "x.ndjson", path.clone()));
    names.iter().map(|path| read(path)).collect()
}

fn options(folder: &TempDir) -> Options {
    Options::new(folder.path().join("x.ndjson"))
}

#[test]
fn it_appends_and_makes_the_folder() {
    let folder = TempDir::new().unwrap();
    let options = Options::new(folder.path().join("a/b/x.ndjson"));
    send(&mut sink(&options), 1, "one\n");
    send(&mut sink(&options), 1, "two\nthree\n");
    assert_eq!(read(&options.path), "one\ntwo\nthree\n");
}

#[test]
fn what_cannot_be_opened_is_told_at_the_start() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for path in [folder.path().to_owned(), folder.path().join("file/x.ndjson")] {
        let error = File::open(Options::new(&path)).unwrap_err().to_string();
        assert!(
            error.contains(&*path.to_string_lossy()) && error.contains("may write"),
            "{error}"
        );
    }
}

#[test]
fn rotation_by_size_splits_no_line_and_keeps_as_many_as_told() {
    let folder = TempDir::new().unwrap();
    let mut options = options(&folder);
    options.rotate = Some(100);
    let mut sink = sink(&options);
    let line = |n: usize| format!("{n:029}\n");
    // In batches that are smaller and larger than a file.
    let all: String = (0..20).map(line).collect();
    send(&mut sink, 1, &all[..30]);
    send(&mut sink, 2, &all[30..]);
    let pieces = files(&folder);
    assert_eq!(pieces.concat(), all, "each line once, and in order");
    assert!(
        pieces
            .iter()
            .all(|piece| piece.len() <= 120 && piece.ends_with('\n')),
        "{pieces:?}"
    );
    assert!(pieces.len() >= 5);
    // A line that is longer than a file has one of its own.
    let long = format!("{}\n", "x".repeat(300));
    send(&mut sink, 3, &long);
    assert!(files(&folder).concat().ends_with(&long));

    fs::write(folder.path().join("x.mine.ndjson"), "not yours\n").unwrap();
    sink.options.keep = Some(2);
    send(&mut sink, 4, &all);
    let pieces = files(&folder);
    assert_eq!(pieces.len(), 4, "{pieces:?}");
    assert!(pieces.contains(&"not yours\n".to_owned()));
    let kept: String = pieces
        .into_iter()
        .filter(|piece| piece != "not yours\n")
        .collect();
    assert!(all.ends_with(&kept), "the newest are kept: {kept}");
}

#[test]
fn rotation_by_time() {
    let folder = TempDir::new().unwrap();
    let mut options = options(&folder);
    options.every = Some(Duration::from_secs(3600));
    // Written yesterday, as its time of change says.
    fs::write(&options.path, "yesterday\n").unwrap();
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    let file = fs::File::options().write(true).open(&options.path).unwrap();
    file.set_times(FileTimes::new().set_modified(yesterday)).unwrap();
    let mut sink = sink(&options);
    send(&mut sink, 1, "today\n");
    assert_eq!(files(&folder), ["yesterday\n", "today\n"]);
    // A file that is open for longer than its step.
    sink.open.as_mut().unwrap().step -= 1;
    send(&mut sink, 2, "later\n");
    assert_eq!(files(&folder), ["yesterday\n", "today\n", "later\n"]);
}

#[test]
fn a_file_or_folder_that_is_moved_or_removed_is_made_again() {
    let folder = TempDir::new().unwrap();
    let options = Options::new(folder.path().join("logs/x.ndjson"));
    let mut sink = sink(&options);
    send(&mut sink, 1, "one\n");
    fs::rename(&options.path, folder.path().join("moved")).unwrap();
    send(&mut sink, 2, "two\n");
    assert_eq!(read(&folder.path().join("moved")), "one\n");
    assert_eq!(read(&options.path), "two\n");
    fs::remove_file(&options.path).unwrap();
    send(&mut sink, 3, "three\n");
    assert_eq!(read(&options.path), "three\n");
    fs::remove_dir_all(folder.path().join("logs")).unwrap();
    send(&mut sink, 4, "four\n");
    assert_eq!(read(&options.path), "four\n");
    // While it cannot be made the batch is kept; then it goes on.
    fs::remove_dir_all(folder.path().join("logs")).unwrap();
    fs::write(folder.path().join("logs"), "in the way").unwrap();
    let batch = Batch::new(5, b"five\n");
    assert!(matches!(sink.send(&batch), Err(SendError::Retry { .. })));
    fs::remove_file(folder.path().join("logs")).unwrap();
    assert_eq!(sink.send(&batch), Ok(Sent::Acknowledged));
    assert_eq!(read(&options.path), "five\n");
}

#[test]
fn a_torn_line_swallows_no_other() {
    let folder = TempDir::new().unwrap();
    let options = options(&folder);
    fs::write(&options.path, "whole\n{\"torn\":").unwrap();
    send(&mut sink(&options), 1, "next\n");
    assert_eq!(read(&options.path), "whole\n{\"torn\":\nnext\n");
}

/// As if the disk had been full after some bytes of the batch.
fn interrupt(sink: &mut File, batch: &Batch<'_>, done: usize) {
    let (file, _) = sink.ready().unwrap();
    file.write_all(&batch.bytes[..done]).unwrap();
    let len = file.metadata().unwrap().len();
    let lines = batch.bytes[..done]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    sink.torn = Some(Torn {
        batch: batch.id,
        lines,
        beyond: done - lines,
        len,
    });
}

#[test]
fn an_interrupted_write_goes_on_where_it_was() {
    let folder = TempDir::new().unwrap();
    let options = options(&folder);
    let mut sink = sink(&options);
    let batch = Batch::new(1, b"first\nsecond\nthird\n");
    interrupt(&mut sink, &batch, 9);
    assert_eq!(sink.send(&batch), Ok(Sent::Acknowledged));
    assert_eq!(read(&options.path), "first\nsecond\nthird\n");
    // Someone else has written meanwhile: the line is written again, whole.
    let batch = Batch::new(2, b"fourth\nfifth\n");
    interrupt(&mut sink, &batch, 9);
    fs::OpenOptions::new()
        .append(true)
        .open(&options.path)
        .unwrap()
        .write_all(b"other\n")
        .unwrap();
    assert_eq!(sink.send(&batch), Ok(Sent::Acknowledged));
    assert!(read(&options.path).ends_with("fourth\nfiother\nfifth\n"));
    // Another batch than the interrupted one: the torn line is ended first.
    interrupt(&mut sink, &Batch::new(3, b"sixth\n"), 3);
    send(&mut sink, 4, "seventh\n");
    assert!(
        read(&options.path).ends_with("six\nseventh\n"),
        "{}",
        read(&options.path)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_put_aside_is_told_at_the_start() {
    // Nobody makes files there, not even root.
    let mut options = Options::new("/proc/self/comm");
    File::open(options.clone()).unwrap();
    options.rotate = Some(1 << 20);
    let error = File::open(options).unwrap_err().to_string();
    assert!(error.contains("put aside"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_batch() {
    let mut sink = sink(&Options::new("/dev/full"));
    let result = sink.send(&Batch::new(1, b"line\n"));
    assert!(
        matches!(&result, Err(SendError::Retry { why, .. }) if why.contains("space")),
        "{result:?}"
    );
}

#[test]
fn several_writers_on_one_rotating_file_tear_nothing() {
    let folder = TempDir::new().unwrap();
    let mut options = options(&folder);
    options.rotate = Some(20_000);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let mut sink = sink(&options);
            scope.spawn(move || {
                for batch in 0..50 {
                    let lines = (0..20).map(|n| format!("{writer}/{batch}/{n} {}\n", "x".repeat(n * 7)));
                    send(&mut sink, batch + 1, &lines.collect::<String>());
                }
            });
        }
    });
    let all = files(&folder).concat();
    let whole = |line: &str| {
        let (id, fill) = line.split_once(' ')?;
        let n: usize = id.rsplit('/').next()?.parse().ok()?;
        (fill.len() == n * 7 && fill.bytes().all(|byte| byte == b'x')).then(|| id.to_owned())
    };
    let ids: Vec<String> = all
        .lines()
        .map(|line| whole(line).unwrap_or_else(|| panic!("torn: {line}")))
        .collect();
    assert_eq!(ids.len(), 4000);
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), 4000);
}
