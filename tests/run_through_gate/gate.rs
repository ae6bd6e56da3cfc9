//! The gate around nothing but the run room.

use crate::bind::{BoundFile, Handed, Patience, Stdin};
use crate::run::{Limit, Plan, end_like, resolve, run};
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// `[--limit MS] [--grace MS] [--outcome FILE] [--between SCRIPT] [--remove NAME] [--set NAME=VALUE] [--stdin read]
/// [--recheck FILE] [--hand PLACE=PREFIX] -- PROGRAM [ARG]...`
///
/// `--stdin` reads standard input as for an approval, `--recheck` binds a file, and `--hand` hands over a copy of the file
/// that the word at this place names behind the prefix.
///
/// `--between` runs a shell script after the program was found and before it is started.
pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let mut words = words.iter();
    let (mut limit, mut grace, mut outcome_file, mut between) = (None, Limit::GRACE, None, None);
    let (mut env_remove, mut env_set) = (Vec::new(), Vec::new());
    let (mut stdin, mut recheck, mut hand) = (None, Vec::new(), Vec::new());
    let cwd = std::env::current_dir().unwrap();
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
            "--stdin" => stdin = Some(captured()),
            "--recheck" => recheck.push(BoundFile::named(value, &cwd).unwrap()),
            "--hand" => hand.push(assignment(value)),
            other => panic!("no option {other}"),
        }
    }
    let arg0 = words.next().unwrap().clone();
    let args: Vec<OsString> = words.cloned().collect();
    let handed = hand.iter().map(|(place, prefix)| handed(place, prefix, &args, &cwd)).collect();
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
    let plan = Plan { executable, arg0, args, env_remove, env_set, limit, stdin, handed, recheck };
    let finished = run(crate::journal::Opened, crate::approve::Grant, &plan);
    if let Some(file) = outcome_file {
        std::fs::write(file, format!("{:?}", finished.outcome.end)).unwrap();
    }
    if let crate::journal::End::NotStarted { reason, .. } = &finished.outcome.end {
        eprintln!("gate: {reason}");
    }
    end_like(&finished.outcome)
}

/// Standard input, read to its end.
fn captured() -> OwnedFd {
    let go_on = |_| std::ops::ControlFlow::Continue(());
    Stdin::capture(Patience::Endless, go_on).unwrap().descriptor().unwrap()
}

/// A copy of the file that a word names; the program is word 0.
fn handed(place: &OsStr, prefix: &OsStr, args: &[OsString], cwd: &Path) -> Handed {
    let place: usize = place.to_str().unwrap().parse().unwrap();
    let name = args[place - 1].as_bytes().strip_prefix(prefix.as_bytes()).unwrap();
    let file = BoundFile::named(OsStr::from_bytes(name), cwd).unwrap();
    Handed::new(place, prefix.to_owned(), &file.sealed().unwrap()).unwrap()
}

fn assignment(word: &OsStr) -> (OsString, OsString) {
    let bytes = word.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=').unwrap();
    (OsStr::from_bytes(&bytes[..at]).into(), OsStr::from_bytes(&bytes[at + 1..]).into())
}
