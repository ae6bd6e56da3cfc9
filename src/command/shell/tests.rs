//! What the parser makes of texts, row by row, and the same texts given to real shells.
//!
//! In: texts. Out: every command as one line of [`show`], so that a row reads like what it is about. Never: a row that only
//! says that a text parses - each says to what, or why not and where.

use super::super::{Access, Count, EnvironmentEdit, Loose, Nature, Stdin, Waiting};
use super::{Dialect, Known, Others, Refused, Simple, parse};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

mod attacks;
mod limits;
mod posix;
mod properties;
#[cfg(target_os = "linux")]
mod real;
mod refused;
mod state;
mod words;

/// The environment that rows are read in.
fn environment() -> BTreeMap<OsString, OsString> {
    let variables = [
        ("A", "plain"),
        ("E", ""),
        ("G", "a*"),
        ("HOME", "/home/u"),
        ("KUBECONFIG", "/k"),
        ("N", "3"),
        ("W", "two words"),
    ];
    variables.map(|(name, value)| (name.into(), value.into())).into()
}

/// Parses as the gate's own bash would read it.
fn bash(text: &str) -> Result<Vec<Simple>, Refused> {
    let variables = environment();
    parse(text.as_bytes(), Dialect::Bash, Known { variables: &variables, others: Others::Unset })
}

/// Parses as a shell would that nobody has seen.
fn unseen(text: &str, dialect: Dialect) -> Result<Vec<Simple>, Refused> {
    parse(text.as_bytes(), dialect, Known { variables: &BTreeMap::new(), others: Others::Unseen })
}

/// Every command of a text, ` ; ` between them. Where a command has them, one stands behind the other: directories in
/// braces, environment in brackets, words, redirections, what it reads, `&`, and behind `!` why it is opaque. A loose word
/// stands in `<>` as typed, then how many words it becomes (`1`, `+` at least one, `*` any number), what makes it loose and
/// how many bytes of it are certain.
fn show(parsed: &Result<Vec<Simple>, Refused>) -> String {
    match parsed {
        Ok(commands) => commands.iter().map(show_one).collect::<Vec<_>>().join(" ; "),
        Err(refused) => format!("refused at {}: {}", refused.offset, refused.reason),
    }
}

fn show_one(simple: &Simple) -> String {
    let mut shown = Vec::new();
    let directories: Vec<String> = simple
        .directories
        .iter()
        .map(|directory| match directory {
            Some(path) if path.as_os_str().is_empty() => ".".to_owned(),
            Some(path) => path.display().to_string(),
            None => "?".to_owned(),
        })
        .collect();
    if directories != ["."] {
        shown.push(format!("{{{}}}", directories.join(" ")));
    }
    if !simple.environment.is_empty() {
        let edits: Vec<String> = simple.environment.iter().map(show_edit).collect();
        shown.push(format!("[{}]", edits.join(" ")));
    }
    let words = simple.words.iter().enumerate();
    shown.extend(words.map(|(at, word)| show_word(word, simple.words.loose(at))));
    for redirection in &simple.redirections {
        let sign = match redirection.access {
            Access::Read => "<",
            Access::Append => ">>",
            Access::Write => ">",
            Access::Network => "net:",
        };
        let target = redirection.target.first().unwrap();
        shown.push(format!("{sign}{}", show_word(target, redirection.target.loose(0))));
    }
    match &simple.stdin {
        Stdin::Inherited => {}
        Stdin::Elsewhere | Stdin::File(_) => shown.push("|".to_owned()),
        Stdin::Text(text) => shown.push(format!("<<{:?}", OsStr::new(std::str::from_utf8(text).unwrap()))),
    }
    if simple.waiting == Waiting::Background {
        shown.push("&".to_owned());
    }
    if let Some(refused) = &simple.opaque {
        shown.push(format!("!{} at {}", refused.reason, refused.offset));
    }
    shown.join(" ")
}

fn show_edit(edit: &EnvironmentEdit) -> String {
    match edit {
        EnvironmentEdit::Set(name, value) => format!("{}={}", name.display(), show_word(value, None)),
        EnvironmentEdit::Unset(name) => format!("-{}", name.display()),
        EnvironmentEdit::Unsure(name) => format!("?{}", name.display()),
        EnvironmentEdit::Clear => "-".to_owned(),
    }
}

fn show_word(word: &OsStr, loose: Option<&Loose>) -> String {
    let text = word.to_str().unwrap();
    let plain = |c: char| c.is_alphanumeric() || "_./:=@%+,-".contains(c);
    match loose {
        None if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        None => format!("'{}'", text.escape_debug()),
        Some(Loose { certain, count, nature }) => {
            let count = match count {
                Count::One => '1',
                Count::Some => '+',
                Count::Any => '*',
            };
            let nature = match nature {
                Nature::Dynamic => "dynamic",
                Nature::Glob => "glob",
                Nature::Brace => "brace",
                Nature::Tilde => "tilde",
                Nature::Number => "number",
            };
            let certain = if *certain == 0 { String::new() } else { certain.to_string() };
            format!("<{}>{count}{nature}{certain}", text.escape_debug())
        }
    }
}

/// Fails with every row that is not as it should be.
fn check(rows: &[(&str, &str)], read: impl Fn(&str) -> Result<Vec<Simple>, Refused>) {
    let differing: Vec<String> = rows
        .iter()
        .map(|(text, expected)| (text, expected, show(&read(text))))
        .filter(|(_, expected, shown)| shown != *expected)
        .map(|(text, expected, shown)| format!("{text:?}\n  is       {shown}\n  expected {expected}"))
        .collect();
    assert!(differing.is_empty(), "{} of {} rows\n{}", differing.len(), rows.len(), differing.join("\n"));
}
