//! Processes of the run: each writes into a log of its own, and ends with its handle.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How often it is looked whether something has come about.
const LOOK: Duration = Duration::from_millis(100);
/// How long anything may take that takes seconds on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A process that runs.
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it. What it writes is added to the log of its name. Its stdin stays open as long as this lives.
    pub(crate) fn start(name: &str, command: &mut Command, folder: &Path) -> Result<Process, String> {
        let fault = |error: io::Error| format!("{name} does not start: {error}");
        let log = folder.join(name).with_extension("log");
        let file = File::options()
            .append(true)
            .create(true)
            .open(&log)
            .map_err(fault)?;
        let child = command
            .stdin(Stdio::piped())
            .stdout(file.try_clone().map_err(fault)?)
            .stderr(file)
            .spawn()
            .map_err(fault)?;
        let name = name.to_owned();
        Ok(Process { name, child, log })
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) -> Result<(), String> {
        if let Some(status) = self.ended()? {
            return Err(self.fault(&format!("ended by itself, {status}")));
        }
        self.child
            .kill()
            .map_err(|error| self.fault(&error.to_string()))?;
        self.wait().map(drop)
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        let status = self.child.try_wait();
        status.map_err(|error| self.fault(&error.to_string()))
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus, String> {
        until(&format!("{} ends", self.name), || Ok(self.ended()?.is_some()))?;
        let status = self.child.wait();
        status.map_err(|error| self.fault(&error.to_string()))
    }

    /// What it has written.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What went wrong with it, and the end of what it wrote.
    pub(crate) fn fault(&self, what: &str) -> String {
        let log = self.log();
        let last: Vec<&str> = log.lines().rev().take(20).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        format!("{} {what}; its log ends:\n{}", self.name, last.join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is as well.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> Result<bool, String>) -> Result<(), String> {
    let start = Instant::now();
    while !is_so()? {
        if start.elapsed() > PATIENCE {
            return Err(format!("waited {PATIENCE:?} in vain until {what}"));
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Runs a command to its end, and gives its exit code and its stdout. Tells the command, not what it says.
pub(crate) fn run(command: &mut Command) -> Result<(Option<i32>, String), String> {
    let shown = shown(command);
    say(&format!("  $ {shown}"));
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !said.trim().is_empty() {
        say(&format!("    {}", said.trim().replace('\n', "\n    ")));
    }
    Ok((
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ))
}

/// As one would type it, with the program's name alone.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    let mut text = program.to_string_lossy().into_owned();
    arguments.for_each(|argument| {
        text.push(' ');
        text.push_str(&argument);
    });
    text
}

/// A line on stdout. When nobody reads it, the run goes on.
pub(crate) fn say(text: &str) {
    _ = writeln!(io::stdout(), "{text}");
}
