//! From what the caller typed to simple commands: shell text parsed, wrappers off, assignments out, the rest opaque.
//!
//! In: one argv, or one shell text. Out: [`Command`]s, each with the words of one program, or an [`Opaque`] with
//! the reason. Never: a guess - an option that a wrapper's table does not have makes the command opaque, and so does
//! whatever part of a shell text cannot be followed.
//!
//! | file | what it holds |
//! |---|---|
//! | `shell/` | the parser: text to simple commands, or the place where it could not be followed |
//! | `shell_text.rs` | a text with the options and parameters that its shell is given |
//! | `wrapper/` | the table of programs that start other programs |
//! | `unwrap.rs` | the two together: what is inside what |
//! | `word.rs` | words, and what is uncertain about them |
//! | `assignment.rs` | variables and what they do to programs |
//! | `program.rs` | program words and the tools they name |

mod assignment;
mod program;
pub mod shell;
mod shell_text;
mod unwrap;
mod word;
mod wrapper;

pub use assignment::{EnvironmentEdit, Influence, binds, influence};
pub use program::{Program, SearchPath};
pub use shell_text::{ShellOption, ShellText};
pub use unwrap::{Caller, read};
pub use word::{Certainty, Count, Loose, Nature, Words};
pub use wrapper::{Added, Feed, HandedOn, Inside, Itself, Step, Unwrapped, names as wrapper_names, take_off};

use std::ffi::OsString;
use std::ops::Range;
use std::path::PathBuf;

/// What one call of the gate is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// One argv; the first word names the program. Never empty.
    Argv(Vec<OsString>),
    /// One shell text, as given with `-c`.
    Shell(ShellText),
}

/// A wrapper that was taken off in front of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOff {
    /// The wrapper's program name, by its table.
    pub name: &'static str,
    /// Its own words, as typed.
    pub words: Vec<OsString>,
    /// What it adds to the facts of the command behind it.
    pub adds: Vec<Added>,
    /// How it is given the command.
    pub given: Given,
    /// The host, container, pod or machine that the command runs on instead of this one, as typed.
    pub place: Option<String>,
}

/// How a wrapper is given the command that it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// As words behind its own: another command can stand there instead.
    Words,
    /// As text, or in some form that only suits this command: `ssh host 'a; b'`, `find -exec`.
    Text,
}

/// Why the commands behind a stretch of words cannot all be known before they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// The reason, in one line: lower case, no full stop.
    pub reason: String,
    /// How to write it so that the gate can see it.
    pub instead: &'static str,
    /// Where in the action's shell text, in bytes from its start; `None` in an argv.
    pub offset: Option<usize>,
}

/// A redirection of one command: `2>&1` is none, since it names no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// What it does to the target.
    pub access: Access,
    /// The target: one word, a path or (with [`Access::Network`]) `/dev/tcp/HOST/PORT`.
    pub target: Words,
}

/// What a redirection does to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// `<`
    Read,
    /// `>>`
    Append,
    /// `>`, `>|`, `&>`, `<>`
    Write,
    /// bash opens `/dev/tcp/HOST/PORT` and `/dev/udp/HOST/PORT` as connections.
    Network,
}

/// What a command reads, where it is not what the gate itself was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stdin {
    /// The gate's own.
    Inherited,
    /// What the command before it in a pipeline prints, or what nobody can name.
    Elsewhere,
    /// This file, one word.
    File(Words),
    /// A here-document or here-string whose text is known.
    Text(Vec<u8>),
}

/// Whether the shell waits for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// It does.
    Foreground,
    /// `cmd &`: it may still run when the outcome is on record.
    Background,
}

/// One simple command, after wrappers are taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What was taken off, outermost first.
    pub wrappers: Vec<TakenOff>,
    /// What assignments and wrappers change in its environment, in order.
    pub environment: Vec<EnvironmentEdit>,
    /// The words of the program itself; the first one names it. For opaque commands: as far as it could be read.
    pub words: Words,
    /// Files and connections it is given.
    pub redirections: Vec<Redirection>,
    /// What it reads.
    pub stdin: Stdin,
    /// Whether the shell waits for it.
    pub waiting: Waiting,
    /// The directories it may start in, relative to the caller's; `None` stands for one that only the run knows.
    pub directories: Vec<Option<PathBuf>>,
    /// Its place in the action's shell text, in bytes; for a command inside quoted text that whole word. `None` in an
    /// argv.
    pub span: Option<Range<usize>>,
    /// Set where the commands inside cannot be known.
    pub opaque: Option<Opaque>,
}

impl Command {
    /// These words and nothing around them.
    #[must_use]
    pub fn plain(words: Words) -> Self {
        Self {
            wrappers: Vec::new(),
            environment: Vec::new(),
            words,
            redirections: Vec::new(),
            stdin: Stdin::Inherited,
            waiting: Waiting::Foreground,
            directories: vec![Some(PathBuf::new())],
            span: None,
            opaque: None,
        }
    }
}
