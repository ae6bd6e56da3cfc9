//! git, in as far as it starts other programs.
//!
//! What git does itself is for its pack to say; here is only whether something else may be started. Sources: git 2.47
//! (git(1), git-config(1), git.c, and the man pages of the verbs).

use super::Words;
use super::entry::text;
use super::hosts::may_be_option;
use super::reader::{Why, certain, one, unsure, why};
use super::unwrapped::{Inside, Itself, Step, Unwrapped, argv};
use crate::command::shell::Dialect;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Sections of the configuration in which no key names a program.
const HARMLESS: [&str; 24] = [
    "advice.",
    "author.",
    "blame.",
    "branch.autosetup",
    "color.",
    "column.",
    "commit.gpgsign",
    "committer.",
    "core.abbrev",
    "core.autocrlf",
    "core.filemode",
    "core.longpaths",
    "core.quotepath",
    "diff.renames",
    "fetch.prune",
    "gc.auto",
    "http.",
    "init.defaultbranch",
    "log.",
    "merge.ff",
    "pack.",
    "protocol.version",
    "pull.",
    "user.",
];

/// git(1).
pub(super) fn git(words: &Words) -> Result<Step, Why> {
    let Some(at) = verb(words)? else { return Ok(Step::NotAWrapper) };
    let next = at.saturating_add(1);
    let verb = certain(words, at)?.and_then(OsStr::to_str).unwrap_or_default();
    // `git clone 'ext::sh -c id'`: such an address is a command.
    if words.iter().any(|word| word.as_bytes().starts_with(b"ext::")) {
        return Err(why("`ext::` runs a command"));
    }
    match verb {
        "bisect" => bisect(words, next),
        "rebase" => rebase(words, next),
        "submodule" => submodule(words, next),
        "grep" => refuse(words, next, "ABCmef", "O", &["open-files-in-pager"]),
        "clone" => clone(words, next),
        "fetch" | "pull" | "ls-remote" | "fetch-pack" => {
            refuse(words, next, "jos", "", &["upload-pack", "exec"])
        }
        "push" | "send-pack" => refuse(words, next, "o", "", &["receive-pack", "exec"]),
        "archive" => refuse(words, next, "o", "", &["exec"]),
        "filter-repo" => match words.iter().any(|word| word.to_string_lossy().contains("callback")) {
            true => Err(why("a callback is code")),
            false => Ok(Step::NotAWrapper),
        },
        "filter-branch" | "difftool" | "mergetool" | "gui" | "citool" | "gitk" | "instaweb"
        | "web--browse" | "remote-ext" | "shell" | "hook" | "send-email" | "daemon" | "http-backend"
        | "upload-pack" | "receive-pack" => Err(why(format!("`{verb}` starts other programs"))),
        _ => Ok(Step::NotAWrapper),
    }
}

/// The place of the verb, behind options that start nothing.
fn verb(words: &Words) -> Result<Option<usize>, Why> {
    let mut at = 1;
    while let Some(word) = certain(words, at)? {
        at = at.saturating_add(1);
        match word.as_bytes() {
            b"-c" => {
                let setting = certain(words, at)?.ok_or_else(|| why("`-c` has no value"))?;
                configuration(setting)?;
                at = at.saturating_add(1);
            }
            b"-C" | b"--git-dir" | b"--work-tree" | b"--namespace" => {
                one(words, at)?;
                at = at.saturating_add(1);
            }
            b"-p"
            | b"--paginate"
            | b"-P"
            | b"--no-pager"
            | b"--bare"
            | b"--no-replace-objects"
            | b"--no-lazy-fetch"
            | b"--no-optional-locks"
            | b"--no-advice"
            | b"--literal-pathspecs"
            | b"--glob-pathspecs"
            | b"--noglob-pathspecs"
            | b"--icase-pathspecs" => {}
            b"-v" | b"--version" | b"-h" | b"--help" | b"--html-path" | b"--man-path" | b"--info-path"
            | b"--exec-path" => {
                return Ok(None);
            }
            long if [&b"--git-dir="[..], b"--work-tree=", b"--namespace="]
                .iter()
                .any(|name| long.starts_with(name)) => {}
            [b'-', ..] => return Err(why(format!("the option `{}` is not in its table", word.display()))),
            _ => return Ok(Some(at.saturating_sub(1))),
        }
    }
    Ok(None)
}

/// One `KEY=VALUE`. Keys are case-insensitive; `core.pager`, `core.sshCommand`, `alias.x` and dozens more start programs.
fn configuration(setting: &OsStr) -> Result<(), Why> {
    let text = setting.to_string_lossy();
    let (key, value) = text.split_once('=').unwrap_or((&text, ""));
    let key = key.to_ascii_lowercase();
    let pager = key == "core.pager" && ["", "cat"].contains(&value);
    let harmless = HARMLESS.iter().any(|known| match known.strip_suffix('.') {
        Some(section) => key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.')),
        None => key.starts_with(known),
    });
    match pager || harmless {
        true => Ok(()),
        false => Err(why(format!("the setting `{key}` may start programs"))),
    }
}

fn bisect(words: &Words, at: usize) -> Result<Step, Why> {
    match certain(words, at)? {
        Some(verb) if verb == "run" => {
            let next = at.saturating_add(1);
            Ok(around(words, next).holding(argv(words, next)))
        }
        Some(_) | None => Ok(Step::NotAWrapper),
    }
}

fn around(words: &Words, to: usize) -> Unwrapped {
    Unwrapped::new("git", words, to).itself(Itself::Command)
}

/// `git submodule foreach`: one word is text for a shell, several are started as they are (git-submodule.sh).
fn submodule(words: &Words, at: usize) -> Result<Step, Why> {
    let mut next = at;
    let mut verb = false;
    while let Some(word) = certain(words, next)? {
        match word.as_bytes() {
            b"foreach" if !verb => verb = true,
            b"--quiet" | b"-q" | b"--cached" | b"--recursive" => {}
            [b'-', ..] if verb => return Err(why("an option of `submodule foreach` is not in its table")),
            _ => break,
        }
        next = next.saturating_add(1);
    }
    if !verb {
        return Ok(Step::NotAWrapper);
    }
    let off = around(words, next);
    match words.len().saturating_sub(next) {
        0 | 1 => Ok(off.holding(text(words, next, Dialect::Posix)?)),
        _ => Ok(off.holding(argv(words, next))),
    }
}

/// `git rebase -x TEXT`, as often as wanted.
fn rebase(words: &Words, from: usize) -> Result<Step, Why> {
    let mut inside = Vec::new();
    let mut at = from;
    while at < words.len() {
        let Some(word) = option(words, at)? else {
            at = at.saturating_add(1);
            continue;
        };
        at = at.saturating_add(1);
        let text = match word.as_bytes() {
            b"--" => break,
            b"--exec" => Text::Next,
            [b'-', b'-', b'e', b'x', b'e', b'c', b'=', joined @ ..] => Text::Joined(joined),
            [b'-', b'-', name @ ..] if abbreviates(name, "exec") => {
                return Err(why(format!("`{}` is an abbreviation", word.display())));
            }
            [b'-', b'-', ..] => Text::None,
            [_, letters @ ..] => joined(letters),
            [] => Text::None,
        };
        match text {
            Text::None => {}
            Text::Skip => at = at.saturating_add(1),
            Text::Joined(joined) => {
                inside.push(Inside::Text(OsStr::from_bytes(joined).to_owned(), Dialect::Posix))
            }
            Text::Next => {
                let text = certain(words, at)?.ok_or_else(|| why("`--exec` has no text"))?;
                inside.push(Inside::Text(text.to_owned(), Dialect::Posix));
                at = at.saturating_add(1);
            }
        }
    }
    Ok(around(words, words.len()).holding(inside))
}

/// Whether what stands behind `--` may mean this option; git takes every beginning that is one option's alone.
fn abbreviates(given: &[u8], long: &str) -> bool {
    let name = given.split(|byte| *byte == b'=').next().unwrap_or_default();
    !name.is_empty() && long.as_bytes().starts_with(name)
}

enum Text<'w> {
    None,
    Next,
    /// The value of another option is the next word.
    Skip,
    Joined(&'w [u8]),
}

/// `-ix TEXT`, `-xTEXT`; `-s`, `-X` and `-C` take what is behind them as their value.
fn joined(letters: &[u8]) -> Text<'_> {
    let Some(place) = letters.iter().position(|letter| b"xsXCS".contains(letter)) else { return Text::None };
    let rest = letters.get(place.saturating_add(1)..).unwrap_or_default();
    match (letters.get(place), rest) {
        (Some(b'x'), []) => Text::Next,
        (Some(b'x'), rest) => Text::Joined(rest),
        (Some(b's' | b'X' | b'C'), []) => Text::Skip,
        _ => Text::None,
    }
}

/// The word at a place if it is an option.
fn option(words: &Words, at: usize) -> Result<Option<&OsStr>, Why> {
    let word = words.get(at).map(AsRef::as_ref);
    match (may_be_option(words, at), words.loose(at)) {
        (false, _) => Ok(None),
        (true, None) => Ok(word),
        (true, Some(_)) => {
            Err(unsure(word.unwrap_or_default(), "may turn out to be an option that starts a program"))
        }
    }
}

/// `git clone`: besides `-u`, settings.
fn clone(words: &Words, from: usize) -> Result<Step, Why> {
    for at in from..words.len() {
        let Some(word) = option(words, at)? else { continue };
        let value = match word.as_bytes() {
            b"-c" | b"--config" => certain(words, at.saturating_add(1))?,
            [b'-', b'c', joined @ ..] => Some(OsStr::from_bytes(joined)),
            long => long.strip_prefix(b"--config=").map(OsStr::from_bytes),
        };
        value.map_or(Ok(()), configuration)?;
    }
    refuse(words, from, "objbc", "u", &["upload-pack", "template"])
}

/// Nothing where none of these options is given: short letters, of which `values` take a value, and long names, of which
/// git takes every beginning.
fn refuse(words: &Words, from: usize, values: &str, short: &str, long: &[&str]) -> Result<Step, Why> {
    let mut at = from;
    while at < words.len() {
        let Some(word) = option(words, at)? else {
            at = at.saturating_add(1);
            continue;
        };
        at = at.saturating_add(1);
        let refused = match word.as_bytes() {
            b"--" => break,
            [b'-', b'-', name @ ..] => long.iter().any(|long| abbreviates(name, long)),
            [_, letters @ ..] => {
                let end = letters.iter().position(|letter| values.as_bytes().contains(letter));
                if end.is_some_and(|end| end.saturating_add(1) == letters.len()) {
                    at = at.saturating_add(1); // its value
                }
                let switches = letters.get(..end.unwrap_or(letters.len())).unwrap_or_default();
                switches.iter().any(|letter| short.as_bytes().contains(letter))
            }
            [] => false,
        };
        if refused {
            return Err(why(format!("`{}` starts a program", word.display())));
        }
    }
    Ok(Step::NotAWrapper)
}
