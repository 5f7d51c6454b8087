//! A call that is stripped from the build is no instruction: a function is the same assembly with and without it.

use super::peer::cargo;
use crate::command::say;

/// Whether it is.
pub(crate) fn gate() -> Result<bool, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let assembly = |name: &str, more: &[&str]| -> Result<Vec<String>, String> {
        let path = folder.path().join(name);
        let emit = format!("--emit=asm={}", path.display());
        let before = ["rustc", "--quiet", "--release", "-p", "bench-stripped"];
        let after = ["--", &emit, "-Cdebuginfo=0", "-Ccodegen-units=1"];
        if !cargo(before.iter().chain(more).chain(&after).copied()).run()? {
            return Err("bench-stripped cannot be built".into());
        }
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        instructions(&text).ok_or_else(|| format!("there is no function `subject` in {text}"))
    };
    let with = assembly("with.s", &[])?;
    let without = assembly("without.s", &["--features", "bare"])?;
    // What shows that something would be seen: the same call, not stripped.
    let kept = assembly("kept.s", &["--features", "kept"])?;
    if kept == without {
        return Err(format!("a call that is kept is not seen in {kept:?}"));
    }
    let holds = with == without;
    say(&format!(
        "{} a function with a call that is stripped: {} instructions, without it {}, with one that is kept {}",
        if holds { "ok    " } else { "BROKEN" },
        with.len(),
        without.len(),
        kept.len(),
    ));
    Ok(holds)
}

/// Those of the function `subject`: neither labels nor directives.
fn instructions(assembly: &str) -> Option<Vec<String>> {
    let mut lines = assembly.lines().map(str::trim);
    lines.find(|line| line.contains("7subject") && line.ends_with(':'))?;
    let body = lines.take_while(|line| !line.starts_with(".cfi_endproc"));
    let found: Vec<String> = body
        .filter(|line| !line.is_empty() && !line.starts_with(['.', '#']) && !line.ends_with(':'))
        .map(str::to_owned)
        .collect();
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_function_is_its_instructions() {
        let text = "other:\n\tnop\n\t.cfi_endproc\n_ZN1a7subject17h0E:\n\t.cfi_startproc\n.LBB0_1:\n\tmovq %rdi, %rax\n\tretq\n\t.cfi_endproc\n\tnop\n";
        assert_eq!(super::instructions(text).unwrap(), ["movq %rdi, %rax", "retq"]);
        assert!(super::instructions("other:\n\tnop\n").is_none());
    }
}
