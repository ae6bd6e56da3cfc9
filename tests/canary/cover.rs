//! Whether what ran is among what was read.

use crate::ground::{Executed, Ran};
use remgate::command::{Access, Added, Command, Count, EnvironmentEdit, Loose, Words};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;

/// One thing that a text did and that was not read in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It ran, and no command has these words.
    Command(Executed),
    /// A command was said to be understood whose program only the run knows.
    LooseProgram(Vec<OsString>),
    /// A command has the words, but none of those says that this variable is not the gate's own.
    Variable(Executed, OsString),
    /// A file was made, and no redirection writes to it.
    File(OsString),
}

impl fmt::Display for Lost {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(ran) => write!(to, "{:?} ran as {:?}, and was not read", ran.program, ran.argv),
            Self::LooseProgram(words) => write!(to, "{words:?} has a program that only the run knows"),
            Self::Variable(ran, name) => {
                let value = ran.environment.get(name);
                write!(to, "{:?} ran with {name:?} set to {value:?}, and that was not read", ran.argv)
            }
            Self::File(name) => write!(to, "the file {name:?} was made, and no redirection to it was read"),
        }
    }
}

/// Variables that bash sets itself, whatever the environment says: bash(1), "Shell Variables".
const OF_BASH: [&str; 14] = [
    "_",
    "BASH",
    "BASH_ARGV0",
    "BASH_VERSION",
    "EUID",
    "LINENO",
    "OLDPWD",
    "OPTIND",
    "PPID",
    "PWD",
    "RANDOM",
    "SECONDS",
    "SHLVL",
    "UID",
];

/// The first thing that `ran` and is not in `commands`, which were read for a shell with these variables.
pub(crate) fn lost(ran: &Ran, commands: &[Command], given: &BTreeMap<OsString, OsString>) -> Option<Lost> {
    let loose = commands.iter().find(|command| command.words.loose(0).is_some());
    if let Some(command) = loose {
        return Some(Lost::LooseProgram(command.words.to_vec()));
    }
    let not_read = |executed| lost_command(executed, commands, given);
    ran.executed.iter().find_map(not_read).or_else(|| {
        let unread = ran.files.iter().find(|name| !commands.iter().any(|command| writes(command, name)));
        unread.cloned().map(Lost::File)
    })
}

fn lost_command(ran: &Executed, commands: &[Command], given: &BTreeMap<OsString, OsString>) -> Option<Lost> {
    let argv: Vec<&OsStr> =
        std::iter::once(&ran.program).chain(ran.argv.iter().skip(1)).map(|w| &**w).collect();
    let with_its_words: Vec<_> = commands.iter().filter(|command| covers(command, &argv)).collect();
    if with_its_words.is_empty() {
        return Some(Lost::Command(ran.clone()));
    }
    let names = ran.environment.keys().chain(given.keys());
    let mut changed = names.filter(|name| ran.environment.get(*name) != given.get(*name));
    let unread = changed.find(|name| {
        !OF_BASH.iter().any(|of_bash| *name == of_bash)
            && !with_its_words.iter().any(|command| says(command, name))
    });
    unread.map(|name| Lost::Variable(ran.clone(), name.clone()))
}

/// Whether a command tells of a change to this variable.
fn says(command: &Command, name: &OsStr) -> bool {
    command.environment.iter().any(|edit| match edit {
        EnvironmentEdit::Set(set, _) => set == name,
        EnvironmentEdit::Unset(other) | EnvironmentEdit::Unsure(other) => other == name,
        EnvironmentEdit::Clear => true,
    })
}

fn writes(command: &Command, name: &OsStr) -> bool {
    command.redirections.iter().any(|redirection| match redirection.access {
        Access::Read | Access::Network => false,
        Access::Append | Access::Write => {
            let target = redirection.target.first().map(|target| std::path::Path::new(target).file_name());
            redirection.target.loose(0).is_some() || target == Some(Some(name))
        }
    })
}

/// Whether these words could become that argv. `xargs` adds operands that nobody can read.
fn covers(command: &Command, argv: &[&OsStr]) -> bool {
    let fed = command.wrappers.iter().any(|wrapper| wrapper.adds.contains(&Added::StdinOperands));
    let lengths = if fed { 1..=argv.len() } else { argv.len()..=argv.len() };
    lengths.into_iter().any(|length| become_argv(&command.words, 0, &argv[..length]))
}

/// The words from `at` on against the rest of an argv.
pub(crate) fn become_argv(words: &Words, at: usize, argv: &[&OsStr]) -> bool {
    let Some(word) = words.get(at) else { return argv.is_empty() };
    let first = argv.first();
    match words.loose(at) {
        None => {
            // The program may be given by path; what ran is known by name.
            let is_program = at == 0;
            let named = |ran: &OsStr| {
                word == ran || is_program && std::path::Path::new(word).file_name() == Some(ran)
            };
            first.is_some_and(|ran| named(ran)) && become_argv(words, at + 1, &argv[1..])
        }
        Some(Loose { certain, count, .. }) => {
            let begins = first.is_some_and(|ran| ran.as_bytes().starts_with(&word.as_bytes()[..*certain]));
            let most = if begins { argv.len() } else { 0 };
            let counts = match count {
                Count::One => 1..=most.min(1),
                Count::Some => 1..=most,
                Count::Any => 0..=most,
            };
            counts.into_iter().any(|count| become_argv(words, at + 1, &argv[count..]))
        }
    }
}
