//! Tests of the whole room: they need a grant, which only tests inside the crate can make.

mod attacks;
mod crashes;
mod crowd;
mod places;
mod secrets;
mod story;

use super::*;
use crate::approve::Grant;
use crate::clock;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A log directory that does not exist yet, in a temporary one.
struct Place {
    _temporary: tempfile::TempDir,
    dir: PathBuf,
}

impl Place {
    fn new() -> Place {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path().join("state/log");
        Place { _temporary: temporary, dir }
    }

    fn journal(&self) -> Journal {
        Journal::at(&self.dir).unwrap()
    }

    /// The only segment's path.
    fn segment(&self) -> PathBuf {
        self.dir.join(store::segment_name(0))
    }

    fn verify(&self) -> Integrity {
        verify(&self.dir, &[]).unwrap()
    }

    fn kinds(&self) -> Vec<Kind> {
        all_records(&self.dir).iter().map(|record| record.kind).collect()
    }
}

fn intent(command: &str) -> Intent {
    let body = json!({ "actor": { "kind": "human", "name": "ada" }, "tool": "true", "verdict": "run", "argv": [command] });
    let body = body.as_object().unwrap().clone();
    Intent { id: ActionId::random().unwrap(), at: clock::now(), body, secrets: Redactor::new() }
}

fn exited(code: u8) -> Outcome {
    Outcome { end: End::Exited { code }, took: Duration::from_millis(12) }
}

/// One whole action.
fn act(journal: &Journal, command: &str) -> Closed {
    let opened = open(journal, intent(command)).unwrap();
    close(journal, opened.finish(Grant::for_test(), exited(0))).unwrap()
}

fn deny(journal: &Journal, command: &str) -> Closed {
    let denial = Denial { reason: "not today".to_owned(), by: "rule x".to_owned(), exit_code: 77 };
    journal.deny(intent(command), denial).unwrap()
}

fn all_records(dir: &Path) -> Vec<Record> {
    let mut all = Vec::new();
    records(dir, &Filter::default(), |record| all.push(record.unwrap())).unwrap();
    all
}

/// The checkpoint over everything that is there now.
fn checkpoint(dir: &Path) -> Checkpoint {
    verify(dir, &[]).unwrap().survey().checkpoint.clone().unwrap()
}

/// Whole but for the anchor that nobody gave.
#[track_caller]
fn assert_whole(dir: &Path, count: u64) {
    match verify(dir, &[]).unwrap() {
        Integrity::Partial { survey, gaps } => {
            assert_eq!((gaps.as_slice(), survey.records), (&[Gap::Unanchored][..], count));
        }
        other @ (Integrity::Whole(_) | Integrity::Tampered { .. }) => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_tampered(dir: &Path, seq: u64) -> Fault {
    match verify(dir, &[]).unwrap() {
        Integrity::Tampered { fault, .. } => {
            assert_eq!(fault.seq, seq, "{fault:?}");
            fault
        }
        other @ (Integrity::Whole(_) | Integrity::Partial { .. }) => panic!("not tampered: {other:?}"),
    }
}

/// Whether a test that needs `program` can run; says so when not, and fails when nothing may be skipped.
fn has(program: &str, test: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    if !found {
        skip(test, &format!("{program} is not installed"));
    }
    found
}

/// Says which test is skipped and why.
fn skip(test: &str, why: &str) {
    assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "{test} may not be skipped: {why}");
    println!("SKIPPED {test}: {why}");
}

/// Starts another program.
#[expect(
    clippy::disallowed_methods,
    reason = "tests start the python verifier, and themselves as other gates"
)]
fn command(program: impl Into<OsString>) -> Command {
    Command::new(program.into())
}

/// This test binary again, running only the test `name` with `variable` set.
fn again(name: &str, variable: &str, value: impl Into<OsString>) -> Command {
    let mut command = command(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(variable, value.into());
    command
}

/// The stand-alone verifier.
fn python_verifier() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.py")
}

/// Its exit code.
fn python_says(dir: &Path, anchor: Option<&str>) -> i32 {
    let mut python = command("python3");
    python.arg(python_verifier()).arg(dir).args(anchor).stdout(std::process::Stdio::null());
    python.status().unwrap().code().unwrap()
}

/// Puts `bytes` where a log was.
fn replace(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}
