//! Shells: text given with `-c` is read, a script file is not, and a shell without either reads standard input.
//!
//! Sources: bash(1) 5.2 and shell.c, dash(1) 0.5.12, zshoptions(1) 5.9, ksh(1) 93u+m, busybox 1.35 (ash).

use super::Words;
use super::reader::{Why, certain, unsure, why};
use super::unwrapped::{Inside, Step, Unwrapped};
use crate::command::shell::Dialect;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// What is known of one shell's own words.
struct Shell {
    name: &'static str,
    dialect: Dialect,
    /// Letters that may stand in `-abc`, besides `c`, `o` and `s`: options of `set`, `-l`, `-i`.
    letters: &'static str,
    /// Long options without a value. `--rcfile` and `--init-file` name a file that is run.
    long: &'static [&'static str],
}

/// Options of `set` that do not change which commands are in a text. Left out: `-k` (assignments anywhere), `-H` (history
/// expansion), `-O` (`extglob`, `expand_aliases`), which change how it is read, and `-i`, behind which ~/.bashrc may define
/// aliases.
const BASH: Shell = Shell {
    name: "bash",
    dialect: Dialect::Bash,
    letters: "abefhlmprtuvxBCEPT",
    long: &["--login", "--noediting", "--noprofile", "--norc", "--posix", "--restricted", "--verbose"],
};

const fn posix(name: &'static str) -> Shell {
    Shell { name, dialect: Dialect::Posix, letters: "abefhlmuvxC", long: &[] }
}

/// Whether `+x` may be given: `+B` would leave braces as they are. The names of `+o` are looked at where they stand.
fn off_is_harmless(word: &OsStr) -> bool {
    word.as_bytes().iter().skip(1).all(|letter| b"efmuvxo".contains(letter))
}

/// `set -o` names that do not change which commands are in a text.
const NAMED: [&str; 17] = [
    "allexport",
    "braceexpand",
    "emacs",
    "errexit",
    "errtrace",
    "functrace",
    "hashall",
    "monitor",
    "noclobber",
    "noglob",
    "notify",
    "nounset",
    "pipefail",
    "posix",
    "privileged",
    "verbose",
    "xtrace",
];

/// Reads the words of the shell `name`.
pub(super) fn shell(name: &str, words: &Words) -> Result<Step, Why> {
    let shell = match name {
        "bash" | "rbash" => BASH,
        "sh" => posix("sh"),
        "dash" => posix("dash"),
        "ash" => posix("ash"),
        "zsh" => Shell { letters: "efluvx", ..posix("zsh") },
        "ksh" | "mksh" => posix("ksh"),
        _ => return Err(why("is a shell whose language is not read")),
    };
    shell.read(words)
}

/// Where the text comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Operand,
    Stdin,
    File,
}

impl Shell {
    fn read(&self, words: &Words) -> Result<Step, Why> {
        let mut next = 1;
        let mut from = From::File;
        while let Some(word) = option(words, next)? {
            next = next.saturating_add(1);
            match word.as_bytes() {
                b"-" | b"--" => break,
                [b'+', ..] if !off_is_harmless(word) => {
                    return Err(why(format!("the option `{}` is not in its table", word.display())));
                }
                b"--help" | b"--version" => return Ok(Step::NotAWrapper),
                long if long.starts_with(b"--") => self.long(word)?,
                [_, letters @ ..] => {
                    for letter in letters {
                        match letter {
                            b'c' if word.as_bytes().starts_with(b"-") => from = From::Operand,
                            b's' if from == From::Operand => {}
                            b's' => from = From::Stdin,
                            b'o' => next = named(words, next, word)?,
                            letter if self.letters.as_bytes().contains(letter) => {}
                            letter => {
                                let name = char::from(*letter);
                                return Err(why(format!("the option `{name}` is not in its table")));
                            }
                        }
                    }
                }
                [] => break,
            }
        }
        self.text(words, next, from)
    }

    fn text(&self, words: &Words, next: usize, from: From) -> Result<Step, Why> {
        match from {
            From::Operand => {
                let text = certain(words, next)?.ok_or_else(|| why("`-c` has no text"))?;
                let inside = Inside::Text(text.to_owned(), self.dialect);
                Ok(Unwrapped::new(self.name, words, words.len()).holding([inside]))
            }
            From::File if next < words.len() => Err(Why {
                reason: "runs a script file that is not read".to_owned(),
                instead: "run the script's commands one by one, or add a rule for a reviewed script",
            }),
            From::File | From::Stdin => {
                Ok(Unwrapped::new(self.name, words, words.len()).holding([Inside::Stdin(self.dialect)]))
            }
        }
    }

    fn long(&self, word: &OsStr) -> Result<(), Why> {
        let known = word.to_str().is_some_and(|word| self.long.contains(&word));
        if known { Ok(()) } else { Err(why(format!("the option `{}` is not in its table", word.display()))) }
    }
}

/// `-o NAME`: its value is the next word, even in `-eo pipefail`.
fn named(words: &Words, at: usize, option: &OsStr) -> Result<usize, Why> {
    let name = certain(words, at)?.and_then(OsStr::to_str);
    let off = option.as_bytes().starts_with(b"+");
    match name {
        // Without brace expansion or outside POSIX mode a text is another text.
        Some("braceexpand" | "posix") if off => Err(why("`+o` changes how its text is read")),
        Some(name) if NAMED.contains(&name) => Ok(at.saturating_add(1)),
        Some(name) => Err(why(format!("`-o {name}` is not in its table"))),
        None => Err(why("`-o` alone only lists options")),
    }
}

/// The word at a place if it is an option: `-x` or `+x`.
fn option(words: &Words, at: usize) -> Result<Option<&OsStr>, Why> {
    let Some(word) = words.get(at) else { return Ok(None) };
    let begins = |bytes: &[u8]| matches!(bytes.first(), Some(b'-' | b'+'));
    match words.loose(at) {
        None => Ok(begins(word.as_bytes()).then_some(word)),
        Some(loose) if loose.certain > 0 && !begins(word.as_bytes()) => Ok(None),
        Some(_) => Err(unsure(word, "may turn out to be an option")),
    }
}
