//! One command of `doctor --setup --apply`.
//!
//! In: a text that this program composed, and printed before. Out: that it ended well, or all that it said. Never: words
//! of the caller's environment, which must not decide what `groupadd` means to root.

use super::{describe, resolve_bash};
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

/// Where administrators' programs are, in the order of Debian's `/etc/login.defs`.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why a step was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// There is no bash to start it.
    #[error("cannot start bash: {0}")]
    NotStarted(String),
    /// It failed.
    #[error("it ended with {end}{}", said(.output))]
    Failed {
        /// An exit code or a signal.
        end: String,
        /// What it printed, to either output.
        output: String,
    },
}

fn said(output: &str) -> String {
    match output.trim() {
        "" => " and said nothing".to_owned(),
        output => format!(": {output}"),
    }
}

/// Runs a text in bash, with nothing to read and nothing of the caller's environment, and waits for its end.
///
/// # Errors
/// [`StepError`]: it was not started, or did not end well.
pub fn step(text: &str) -> Result<(), StepError> {
    let bash = resolve_bash(Some(OsStr::new(PATH)), Path::new("/"));
    let bash = bash.map_err(|error| StepError::NotStarted(error.to_string()))?;
    let not_started =
        |error: io::Error| StepError::NotStarted(describe(error.raw_os_error().unwrap_or(libc::EIO)));
    let output = start(bash.path(), text).map_err(not_started)?;
    let end = match (output.status.code(), output.status.signal()) {
        (Some(0), _) => return Ok(()),
        (Some(code), _) => format!("exit code {code}"),
        (None, signal) => format!("signal {}", signal.unwrap_or(libc::SIGKILL)),
    };
    Err(StepError::Failed { end, output: String::from_utf8_lossy(&output.stdout).into_owned() })
}

#[expect(clippy::disallowed_methods, reason = "this is the room that starts processes")]
fn start(bash: &Path, text: &str) -> io::Result<std::process::Output> {
    duct::cmd(bash, ["--noprofile", "--norc", "-c", text])
        .full_env([("PATH", PATH), ("LC_ALL", "C")])
        .dir("/")
        .stdin_null()
        .stderr_to_stdout()
        .stdout_capture()
        .unchecked()
        .run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_says_how_and_why() {
        assert_eq!(step("true"), Ok(()));
        let failed = step("echo one; echo two >&2; exit 3").unwrap_err().to_string();
        assert_eq!(failed, "it ended with exit code 3: one\ntwo");
        assert_eq!(step("kill -9 $$").unwrap_err().to_string(), "it ended with signal 9 and said nothing");
    }

    #[test]
    fn braces_are_expanded_and_nothing_is_read() {
        let text =
            "set -- {{0..2},x}{a,b}; read -r line; [[ \"$* $? $line\" == '0a 0b 1a 1b 2a 2b xa xb 1 ' ]]";
        assert_eq!(step(text), Ok(()));
    }

    #[test]
    fn the_callers_environment_stays_outside() {
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        // Three that bash makes by itself.
        assert_eq!(
            step("[[ \"$(env | sort | cut -d= -f1 | xargs)\" == 'LC_ALL PATH PWD SHLVL _' ]]"),
            Ok(())
        );
        assert_eq!(step(&format!("[[ $PATH == {PATH} && $PWD == / ]]")), Ok(()));
    }
}
