//! From what the caller typed to simple commands: wrappers off, assignments out, the rest opaque.
//!
//! In: one argv, or one shell text. Out: [`Command`]s, each with the words of one program, or an [`Opaque`] with
//! the reason. Never: a guess - an option that a wrapper's table does not have makes the command opaque.

mod assignment;
mod wrapper;

pub use assignment::{EnvironmentEdit, Influence, influence};
pub use wrapper::Added;

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// What one call of the gate is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// One argv; the first word names the program. Never empty.
    Argv(Vec<OsString>),
    /// One shell text, as given with `-c`.
    Shell(OsString),
}

/// A wrapper that was taken off in front of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOff {
    /// The wrapper's program name.
    pub name: &'static str,
    /// Its own words, as typed.
    pub words: Vec<OsString>,
    /// What it adds to the facts of the command behind it.
    pub adds: &'static [Added],
}

/// Why the commands behind a stretch of words cannot all be known before they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// The reason, in one line: lower case, no full stop.
    pub reason: String,
    /// How to write it so that the gate can see it.
    pub instead: &'static str,
}

/// One simple command, after wrappers are taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What was taken off, outermost first.
    pub wrappers: Vec<TakenOff>,
    /// What the wrappers change in the environment, in order.
    pub environment: Vec<EnvironmentEdit>,
    /// The words of the program itself; the first one names it. For opaque commands: as far as it could be read.
    pub words: Vec<OsString>,
    /// Set where the commands inside cannot be known.
    pub opaque: Option<Opaque>,
}

/// How a program word is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program<'a> {
    /// The name a tool entry may describe; `None` where nothing can be read from the word.
    pub name: Option<&'a str>,
    /// Why the file may not be that tool: then rules may only raise, never make it known.
    pub foreign: Option<String>,
}

/// The directories a program given by path may come from and still count as the tool of its name.
#[derive(Clone, Debug)]
pub struct SearchPath {
    directories: Vec<PathBuf>,
}

/// Where programs live on any Unix; `sudo` and login shells search these whatever PATH says.
const SYSTEM_DIRECTORIES: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

impl SearchPath {
    /// The absolute directories of `path` (the value of PATH) and the system's own.
    #[must_use]
    pub fn new(path: Option<&OsStr>) -> Self {
        let given = path.map(std::env::split_paths).into_iter().flatten();
        let directories = given
            .filter(|dir| dir.is_absolute())
            .chain(SYSTEM_DIRECTORIES.iter().map(PathBuf::from))
            .collect();
        Self { directories }
    }

    /// Reads a program word: `kubectl` and `/usr/bin/kubectl` name a tool, `./kubectl` and `/tmp/kubectl` may not be it.
    #[must_use]
    pub fn program<'a>(&self, word: &'a OsStr) -> Program<'a> {
        let foreign = |name, why: &str| Program { name, foreign: Some(why.to_owned()) };
        let Some(text) = word.to_str() else { return foreign(None, "the program's name is not UTF-8") };
        if !text.is_ascii() || text.chars().any(|c| c.is_ascii_control() || c == ' ') {
            // `kubect\u{4cf}` reads like kubectl on every screen.
            return foreign(None, "the program's name has characters that look like others");
        }
        let path = Path::new(text);
        let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
            return foreign(None, "the program's name is not a file name");
        };
        if !text.contains('/') {
            return Program { name: Some(name), foreign: None };
        }
        // Anybody who can write `/tmp/ls` would otherwise have a program that every rule trusts.
        let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
        if plain && self.directories.iter().any(|dir| dir == parent) {
            return Program { name: Some(name), foreign: None };
        }
        foreign(Some(name), &format!("`{}` is not one of the directories of PATH", parent.display()))
    }
}

/// How many wrappers may stand before one command. People use three; more is an attack on the reader.
const WRAPPER_DEPTH: usize = 24;

/// Reads an action into its commands.
#[must_use]
pub fn read(action: &Action, search: &SearchPath) -> Vec<Command> {
    match action {
        Action::Argv(argv) => vec![read_argv(argv, search)],
        Action::Shell(text) => vec![Command {
            wrappers: Vec::new(),
            environment: Vec::new(),
            words: vec![text.clone()],
            opaque: Some(Opaque {
                reason: "shell text is not read yet".to_owned(),
                instead: "give the command's own words: remgate -- PROGRAM ARGUMENTS",
            }),
        }],
    }
}

/// Takes wrappers off one argv until a program stands first.
fn read_argv(argv: &[OsString], search: &SearchPath) -> Command {
    let mut command =
        Command { wrappers: Vec::new(), environment: Vec::new(), words: argv.to_vec(), opaque: None };
    for _ in 0..WRAPPER_DEPTH {
        let Some(program) = command.words.first() else {
            command.opaque = Some(Opaque {
                reason: "the wrappers leave no command".to_owned(),
                instead: "name the command to run",
            });
            return command;
        };
        let program = search.program(program);
        let Some(name) = program.name else { return command };
        if program.foreign.is_some() {
            // `./env rm x` must not be kinder than `env rm x`: what looks like a wrapper and may be anything is opaque.
            command.opaque = wrapper::looks_like(name);
            return command;
        }
        match wrapper::take_off(name, &command.words) {
            wrapper::Step::NotAWrapper => return command,
            wrapper::Step::Opaque(opaque) => {
                command.opaque = Some(opaque);
                return command;
            }
            wrapper::Step::Off { taken, environment, rest } => {
                command.wrappers.push(taken);
                command.environment.extend(environment);
                command.words = rest;
            }
        }
    }
    command.opaque = Some(Opaque {
        reason: format!("more than {WRAPPER_DEPTH} wrappers stand before the command"),
        instead: "drop the wrappers that do nothing",
    });
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_by_path_counts_only_from_a_search_directory() {
        let search = SearchPath::new(Some(OsStr::new("/home/a/bin:relative::/opt/x")));
        for (word, named) in [
            ("kubectl", true),
            ("/usr/bin/kubectl", true),
            ("/home/a/bin/kubectl", true),
            ("./kubectl", false),
            ("bin/kubectl", false),
            ("relative/kubectl", false),
            ("/tmp/kubectl", false),
            ("/usr/bin/../../tmp/kubectl", false),
            ("/usr/bin/", false),
            ("kubect\u{4cf}", false),
            ("kube ctl", false),
            ("", false),
            ("..", false),
        ] {
            let read = search.program(OsStr::new(word));
            assert_eq!(read.foreign.is_none(), named, "{word:?} -> {read:?}");
        }
    }
}
