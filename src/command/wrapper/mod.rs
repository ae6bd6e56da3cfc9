//! The wrapper table: programs that start other programs.
//!
//! In: the words of one command. Out: the commands inside, what the wrapper adds to their facts, or why they cannot be
//! known. Never: guesswork - an option that is not in a program's table makes the command opaque, because a wrong arity
//! would hide the program (`sudo -C 3 rm` against `sudo -n rm`); so does a word that may turn out to be an option when it
//! runs. A program that is `NotAWrapper` here is for a rule to know.
//!
//! | file | what it holds |
//! |---|---|
//! | `index.rs` | every name and how it is read |
//! | `reader.rs` | options, as getopt(3) reads them |
//! | `entry.rs` | what a line of the table says, and how it is taken off |
//! | `verb.rs` | the words that name an operation |
//! | `unwrapped.rs` | what is left |
//! | `process.rs` `privilege.rs` `hosts.rs` `containers.rs` | the table by family, with its sources |
//! | `runners.rs` `fleet.rs` `clusters.rs` | what prepares an environment; many hosts; clusters and schedulers |
//! | `shells.rs` `feed.rs` `find.rs` | shells; xargs and parallel; find and fd |
//! | `git.rs` `tools.rs` `awk.rs` `sed.rs` | tools with options or programs that start others |
//! | `code.rs` | interpreters, and programs with a prompt |

mod awk;
mod clusters;
mod code;
mod containers;
mod databases;
mod entry;
mod feed;
mod find;
mod fleet;
mod git;
mod hosts;
mod index;
mod privilege;
mod process;
mod reader;
mod runners;
mod sed;
mod shells;
#[cfg(test)]
mod tests;
mod tools;
mod unwrapped;
mod verb;

pub use unwrapped::{Added, HandedOn, Inside, Itself, Step, Unwrapped};

use super::assignment::EnvironmentEdit;
use super::word::{Certainty, Nature};
use super::{Opaque, Stdin, TakenOff, Words};
use index::{Handler, Role};
use std::ffi::OsString;

/// What a program finds on its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed<'f> {
    /// Nobody knows.
    Unknown,
    /// A file that is named.
    File,
    /// This text, and no other.
    Text(&'f [u8]),
}

impl<'f> Feed<'f> {
    /// What is fed to a command.
    #[must_use]
    pub fn of(stdin: &'f Stdin) -> Self {
        match stdin {
            Stdin::Inherited | Stdin::Elsewhere => Feed::Unknown,
            Stdin::File(file) if file.are_certain() == Certainty::Exact => Feed::File,
            Stdin::File(_) => Feed::Unknown,
            Stdin::Text(text) => Feed::Text(text),
        }
    }
}

/// Takes the wrapper `name` apart; `words` are its whole argv, the wrapper itself first.
#[must_use]
pub fn take_off(name: &str, words: &Words, feed: Feed<'_>) -> Step {
    let Some((known, role, handler)) = index::look_up(name) else { return Step::NotAWrapper };
    if is_tool_whatever_numbers_are(name, words, feed) {
        return Step::NotAWrapper;
    }
    let step = match handler {
        Handler::Table(entry) => entry.take_off(words),
        Handler::Own(read) => read(words),
        Handler::Client(read) => read(words, feed),
        Handler::Shell => shells::shell(known, words),
    };
    match (step, role) {
        (Ok(step), _) => step,
        (Err(why), Role::Starter) => Step::Opaque(why.about(name)),
        (Err(why), Role::Tool) => alone(known, words, why.about(name)),
    }
}

/// Whether nothing starts another program, whether words that hold a number or nothing are there or not:
/// `kubectl -n $NS get pods` where NS is not set.
fn is_tool_whatever_numbers_are(name: &str, words: &Words, feed: Feed<'_>) -> bool {
    let number = |at| words.loose(at).is_some_and(|loose| loose.nature == Nature::Number);
    if !words.all_loose().any(|(at, _, _)| number(at)) {
        return false;
    }
    let (mut without, mut with) = (Words::default(), Words::default());
    for (at, word) in words.iter().enumerate() {
        match number(at) {
            true => with.push(OsString::from("0"), None),
            false => {
                without.push(word.clone(), words.loose(at).copied());
                with.push(word.clone(), words.loose(at).copied());
            }
        }
    }
    [without, with].iter().all(|words| take_off(name, words, feed) == Step::NotAWrapper)
}

/// Every name that the table knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    index::INDEX.iter().map(|(name, _, _)| *name)
}

/// What a program that is not the system's own, but has a name of the table, is: opaque, for `./env rm x` must not be
/// kinder than `env rm x`. Rules for a tool still see it, since `./docker volume rm x` must not be kinder either.
#[must_use]
pub(super) fn looks_like(name: &str, words: &Words) -> Step {
    let Some((known, role, _)) = index::look_up(name) else { return Step::NotAWrapper };
    let opaque = Opaque {
        reason: format!("a program named `{name}` from outside PATH may run anything"),
        instead: "call the program by its name alone",
        offset: None,
    };
    match role {
        Role::Starter => Step::Opaque(opaque),
        Role::Tool => alone(known, words, opaque),
    }
}

/// A tool of which only its rules know something.
fn alone(name: &'static str, words: &Words, opaque: Opaque) -> Step {
    Unwrapped::new(name, words, words.len()).itself(Itself::Command).holding([Inside::Opaque(opaque)])
}
