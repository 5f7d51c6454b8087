//! The README's tutorial, run as a new user would: its files and commands are taken from the page, in a crate outside the
//! workspace, and what they print is held to what the page shows.
//!
//! - a block with a path after its language (`rust src/main.rs`) is that file;
//! - a `diff` with a path changes that file until the next commands have run, and those must fail;
//! - a `console` holds commands after `$ `; each other line must be printed by the command above it, in this order, but
//!   for what differs from run to run (see `compare`).

mod readme {
    pub(crate) mod compare;
    pub(crate) mod page;
    pub(crate) mod user;
}

use readme::{page, user::User};
use std::{fs, path::Path};

#[test]
fn the_tutorial_does_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace");
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let blocks = page::blocks(&readme, "## Tutorial");
    let has = |kind: &str| {
        blocks
            .iter()
            .any(|block| block.info.starts_with(kind) && !block.text.is_empty())
    };
    assert!(
        ["console", "toml ", "rust ", "diff "].into_iter().all(has),
        "README.md has no tutorial any more that this test can read"
    );

    let mut user = User::new(root);
    for block in &blocks {
        match block.info.split_once(' ') {
            None if block.info == "console" => {
                for (command, shown) in page::commands(&block.text) {
                    user.run(&command, &shown);
                }
                user.mend();
            }
            Some(("diff", path)) => user.change(path, &block.text),
            Some((_, path)) => user.write(path, &block.text),
            None => panic!("README.md: what is to be done with a block `{}`?", block.info),
        }
    }
}

#[test]
fn the_parts_of_a_page_are_told_apart() {
    let page = "# A\n```sh\nno\n```\n## Tutorial\ntext\n```rust src/x.rs\nfn x() {}\n\n```\n```console\n$ one \\\n  two\na\n$ three\n```\n## B\n```x\n```\n";
    let blocks = page::blocks(page, "## Tutorial");
    let infos: Vec<&str> = blocks.iter().map(|block| block.info.as_str()).collect();
    assert_eq!(infos, ["rust src/x.rs", "console"]);
    assert_eq!(blocks[0].text, "fn x() {}\n\n");
    assert_eq!(
        page::commands(&blocks[1].text),
        [
            ("one \\\n  two".to_owned(), vec!["a".to_owned()]),
            ("three".to_owned(), vec![])
        ]
    );
}
