//! The parser: from shell text to the simple commands that bash would run, or the first place that cannot be followed.

use super::{EnvironmentEdit, Redirection, Stdin, Waiting, Words};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;

/// Which shell reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// bash, as the gate itself starts it.
    Bash,
    /// `sh`, or a login shell somewhere else: what bash and a POSIX shell read differently is refused.
    Posix,
}

/// Variables whose value is known before the text runs.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The environment of the shell.
    pub variables: &'k BTreeMap<OsString, OsString>,
}

/// One simple command as the shell would run it; no wrapper is taken off yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    /// Its words after quotes; empty for assignments or redirections alone.
    pub words: Words,
    /// Assignments in front of it, and exported ones before it.
    pub environment: Vec<EnvironmentEdit>,
    /// Its redirections, and those of the groups around it.
    pub redirections: Vec<Redirection>,
    /// What it reads.
    pub stdin: Stdin,
    /// Whether the shell waits for it.
    pub waiting: Waiting,
    /// Its place in the text, in bytes.
    pub span: Range<usize>,
}

/// Where and why a text could not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The reason, in one line: lower case, no full stop.
    pub reason: &'static str,
    /// How to write it instead.
    pub instead: &'static str,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

/// Reads a shell text into every simple command that running it could start, in the order of the text.
///
/// # Errors
/// [`Refused`]: the first construct that could start something that is not in such a list.
pub fn parse(text: &[u8], dialect: Dialect, known: Known<'_>) -> Result<Vec<Simple>, Refused> {
    let _ = (text, dialect, known);
    Err(Refused { reason: "shell text is not read yet", instead: "give the command's own words", offset: 0 })
}
