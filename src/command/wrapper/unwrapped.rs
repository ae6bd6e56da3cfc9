//! What is left when a wrapper is off.

use super::reader::Why;
use super::{EnvironmentEdit, Opaque, TakenOff, Words};
use crate::command::Given;
use crate::command::shell::Dialect;
use std::ffi::OsString;

/// What a wrapper adds to the facts of the command behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Added {
    /// It runs as another user, root unless told otherwise.
    OtherUser,
    /// It sees another root directory.
    OtherRoot,
    /// It starts in another directory of this host, so a relative path is not the caller's: `sudo -i`, `systemd-run`.
    /// [`Added::OtherHost`] and [`Added::Container`] say so by themselves.
    OtherDirectory,
    /// More operands come from standard input, so its reach is not known.
    StdinOperands,
    /// It may be started again or cut short.
    Interrupted,
    /// It runs on another host.
    OtherHost,
    /// It runs on every host that a query, a pattern or a list selects. Always with [`Added::OtherHost`].
    ManyHosts,
    /// It gets credentials of the profile that the wrapper names; another profile named in the environment of the
    /// command does not take them away (botocore: variables with keys count before `AWS_PROFILE`).
    Credentials,
    /// It gets variables that nobody has seen: from files, or from a store of secrets.
    OtherVariables,
    /// It runs in a container, pod, chroot-like namespace or virtual machine that exists already or is made for it.
    Container,
    /// It goes on after the wrapper has ended.
    Detached,
}

/// What one look at the first word gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The program is what it is.
    NotAWrapper,
    /// Something is inside that cannot be known.
    Opaque(Opaque),
    /// These commands are inside.
    Off(Box<Unwrapped>),
}

/// A wrapper taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped {
    /// What was taken off.
    pub taken: TakenOff,
    /// What it changes in the environment of the commands inside.
    pub environment: Vec<EnvironmentEdit>,
    /// Whether the program does something of its own.
    pub itself: Itself,
    /// What is left of standard input for the commands inside.
    pub stdin: HandedOn,
    /// The commands inside; never none.
    pub inside: Vec<Inside>,
}

/// Whether a program that starts others is also a command of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Itself {
    /// It only starts what is inside: `sudo`, `timeout`.
    Nothing,
    /// It does something besides, and its whole argv is judged as a command too: `find -delete -exec`, `tar -I`.
    Command,
}

/// What a wrapper leaves of standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedOn {
    /// All of it.
    Whole,
    /// Something else. `sudo -S sh` takes the first line as a password, so that the rest of a here-document may mean
    /// something else than the whole; `xargs` takes all.
    Changed,
}

/// One command inside a wrapper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Words that are started as they are.
    Argv(Words),
    /// Text that a shell reads.
    Text(OsString, Dialect),
    /// A shell that reads commands from standard input.
    Stdin(Dialect),
    /// Something that cannot be known. Not [`Step::Opaque`] where the program is judged besides: a rule that denies
    /// `git filter-branch` must still see it.
    Opaque(Opaque),
}

impl Unwrapped {
    /// A wrapper whose own words end before the place `to`.
    pub(super) fn new(name: &'static str, words: &Words, to: usize) -> Self {
        let words = words.between(0, to).to_vec();
        Self {
            taken: TakenOff { name, words, adds: Vec::new(), given: Given::Words, place: None },
            environment: Vec::new(),
            itself: Itself::Nothing,
            stdin: HandedOn::Whole,
            inside: Vec::new(),
        }
    }

    pub(super) fn adding(mut self, added: &[Added]) -> Self {
        for added in added {
            if !self.taken.adds.contains(added) {
                self.taken.adds.push(*added);
            }
        }
        self
    }

    pub(super) fn at(mut self, place: Option<String>) -> Self {
        self.taken.place = place;
        self
    }

    pub(super) fn changing(mut self, environment: Vec<EnvironmentEdit>) -> Self {
        self.environment.extend(environment);
        self
    }

    pub(super) fn itself(mut self, itself: Itself) -> Self {
        self.itself = itself;
        self
    }

    pub(super) fn stdin(mut self, stdin: HandedOn) -> Self {
        self.stdin = stdin;
        self
    }

    /// The commands inside; without any, the program is what it is.
    pub(super) fn holding(mut self, inside: impl IntoIterator<Item = Inside>) -> Step {
        self.inside = inside.into_iter().collect();
        if self.inside.is_empty() { Step::NotAWrapper } else { Step::Off(Box::new(self)) }
    }
}

/// Words that are started as they are, if there are any.
pub(super) fn argv(words: &Words, from: usize) -> Option<Inside> {
    (from < words.len()).then(|| Inside::Argv(words.from(from)))
}

impl Why {
    /// With the program that it is about.
    pub(super) fn about(self, name: &str) -> Opaque {
        Opaque { reason: format!("`{name}`: {}", self.reason), instead: self.instead, offset: None }
    }
}
