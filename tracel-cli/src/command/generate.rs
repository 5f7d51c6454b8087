//! `tracel generate`.

use super::{tell, written};
use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};
use tracel_cli::generate::{difference, files, read, write};

pub(crate) fn run(schemas: &[PathBuf], out: &Path, check: bool) -> Result<ExitCode, String> {
    for path in schemas {
        File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let schemas = match read(schemas) {
        Ok(schemas) => schemas,
        Err(faults) => {
            faults.iter().for_each(|fault| tell(fault));
            return Ok(ExitCode::FAILURE);
        }
    };
    let files = files(&schemas);
    let mut stale = 0_usize;
    for file in &files {
        let Some(difference) = difference(out, file)? else {
            continue;
        };
        stale += 1;
        if check {
            written(writeln!(io::stdout(), "{difference}"))?;
        } else {
            write(out, file)?;
            let path = out.join(&file.path);
            written(writeln!(io::stdout(), "{} is written", path.display()))?;
        }
    }
    match (check, stale) {
        (true, 1..) => {
            tell(&format!(
                "{stale} of {} files are stale; run `tracel generate` and check them in",
                files.len()
            ));
            Ok(ExitCode::FAILURE)
        }
        (_, 0) => {
            written(writeln!(io::stdout(), "{} files, none stale", files.len()))?;
            Ok(ExitCode::SUCCESS)
        }
        (false, _) => Ok(ExitCode::SUCCESS),
    }
}
