//! The gate around nothing but the run room.

use crate::run::{Limit, Plan, end_like, resolve, run};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;
use std::time::Duration;

/// `[--limit MS] [--grace MS] [--outcome FILE] [--between SCRIPT] [--remove NAME] [--set NAME=VALUE] -- PROGRAM [ARG]...`
///
/// `--between` runs a shell script after the program was found and before it is started.
pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let mut words = words.iter();
    let (mut limit, mut grace, mut outcome_file, mut between) = (None, Limit::GRACE, None, None);
    let (mut env_remove, mut env_set) = (Vec::new(), Vec::new());
    let milliseconds = |word: &OsStr| Duration::from_millis(word.to_str().unwrap().parse().unwrap());
    loop {
        let option = words.next().unwrap().to_str().unwrap();
        if option == "--" {
            break;
        }
        let value = words.next().unwrap();
        match option {
            "--limit" => limit = Some(milliseconds(value)),
            "--grace" => grace = milliseconds(value),
            "--outcome" => outcome_file = Some(value),
            "--between" => between = Some(value),
            "--remove" => env_remove.push(value.clone()),
            "--set" => env_set.push(assignment(value)),
            other => panic!("no option {other}"),
        }
    }
    let arg0 = words.next().unwrap().clone();
    let args = words.cloned().collect();
    let cwd = std::env::current_dir().unwrap();
    let executable = match resolve(&arg0, std::env::var_os("PATH").as_deref(), &cwd) {
        Ok(executable) => executable,
        Err(error) => {
            eprintln!("gate: {error}");
            return ExitCode::from(error.exit_code());
        }
    };
    if let Some(script) = between {
        let status = std::process::Command::new("/bin/sh").arg("-c").arg(script).status().unwrap();
        assert!(status.success());
    }
    let limit = limit.map(|after| Limit { after, grace });
    let plan = Plan { executable, arg0, args, env_remove, env_set, limit, stdin: None };
    let finished = run(crate::journal::Opened, crate::approve::Grant, &plan);
    if let Some(file) = outcome_file {
        std::fs::write(file, format!("{:?}", finished.outcome.end)).unwrap();
    }
    if let crate::journal::End::NotStarted { reason, .. } = &finished.outcome.end {
        eprintln!("gate: {reason}");
    }
    end_like(&finished.outcome)
}

fn assignment(word: &OsStr) -> (OsString, OsString) {
    let bytes = word.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=').unwrap();
    (OsStr::from_bytes(&bytes[..at]).into(), OsStr::from_bytes(&bytes[at + 1..]).into())
}
