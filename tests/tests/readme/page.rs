//! A page of Markdown: its blocks of code, and the commands in them. What is done with them is the test's.

/// A block of code between fences.
pub(crate) struct Block {
    /// What stands behind the first fence.
    pub(crate) info: String,
    pub(crate) text: String,
}

/// The blocks under this heading, up to the next of its rank.
pub(crate) fn blocks(page: &str, heading: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut here, mut is_open) = (false, false);
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(info) => {
                is_open = true;
                if here {
                    let (info, text) = (info.to_owned(), String::new());
                    blocks.push(Block { info, text });
                }
            }
            None if !is_open && line.starts_with("## ") => here = line == heading,
            None if is_open && here => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            None => {}
        }
    }
    blocks
}

/// The commands of a `console` block, each with the lines that it shows. A command goes on after a `\`.
pub(crate) fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
            (None, Some((command, shown))) if shown.is_empty() && command.ends_with('\\') => {
                command.push('\n');
                command.push_str(line);
            }
            (None, Some((_, shown))) => shown.push(line.to_owned()),
            (None, None) => panic!("`{line}` stands before any command"),
        }
    }
    commands
}
