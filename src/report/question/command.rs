//! The command on a screen.
//!
//! In: raw words or shell text. Out: lines behind a gutter. Never: a line that could pass for one of ours, or a command
//! cut in the middle without a word about it.

use super::asking::full_text;
use super::{Asked, MARGIN, Question, Screen};
use crate::command::ShellText;
use crate::report::{sanitize, wrap};
use std::os::unix::ffi::OsStrExt;

/// The command behind its gutter: `|` starts a line of whole words, `+` goes on inside a word, `=` is what a shell text
/// is given besides. At most `budget` lines of it.
pub(super) fn command(question: &Question, screen: &Screen, budget: usize) -> Vec<String> {
    let width = screen.inner() - 2;
    let lines = match &question.asked {
        Asked::Argv(words) => word_lines(words.iter().map(sanitize::quote_word), width),
        Asked::Shell(shell) => shell_lines(shell, width),
    };
    let total = lines.len();
    let mut shown: Vec<String> = Vec::new();
    let draw = |line: &CommandLine| format!("{MARGIN}{}", screen.look.strong(&line.behind_gutter()));
    if total <= budget {
        shown.extend(lines.iter().map(draw));
    } else {
        let whole = full_text(question);
        // Sized by the largest number it can hold, before the real one is known.
        let notice = |count: usize| {
            let text = format!("... {count} of {total} lines not shown; full text: {whole}");
            wrap::prose(&text, screen.inner())
        };
        let kept = budget.saturating_sub(notice(total).len()).max(2);
        // The tail is where `&& rm -rf` hides, so it gets as much room as the head.
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        shown.extend(lines.iter().take(head).map(draw));
        let cut = notice(total - head - tail);
        shown.extend(cut.iter().map(|line| format!("{MARGIN}{}", screen.look.bad(line))));
        shown.extend(lines.iter().skip(total - tail).map(draw));
    }
    if total > 1 {
        shown.push(format!("{MARGIN}{}", screen.look.faint(&size_of(&question.asked))));
    }
    shown
}

pub(super) enum CommandLine {
    Starts(String),
    GoesOn(String),
    Given(String),
}

impl CommandLine {
    pub(super) fn behind_gutter(&self) -> String {
        match self {
            CommandLine::Starts(text) => format!("| {text}"),
            CommandLine::GoesOn(text) => format!("+ {text}"),
            CommandLine::Given(text) => format!("= {text}"),
        }
    }
}

pub(super) fn word_lines(words: impl Iterator<Item = String>, width: usize) -> Vec<CommandLine> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words {
        let space = usize::from(!line.is_empty());
        if !line.is_empty() && wrap::columns(&line) + space + wrap::columns(&word) > width {
            lines.push(CommandLine::Starts(std::mem::take(&mut line)));
        }
        if wrap::columns(&word) > width {
            lines.extend(broken(&word, width));
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(CommandLine::Starts(line));
    }
    lines
}

/// Shell text keeps its own line ends; every other control in it is escaped. `"$1"` is as much of what runs as the text
/// that holds it, so parameters stand below.
fn shell_lines(shell: &ShellText, width: usize) -> Vec<CommandLine> {
    let lines = shell.text.as_bytes().split(|byte| *byte == b'\n');
    let text = lines.flat_map(|line| broken(&sanitize::text(line), width));
    let options: Vec<&str> = shell.options.iter().map(|option| option.word()).collect();
    let options = (!options.is_empty()).then(|| format!("options {}", options.join(" ")));
    let given = shell.given().map(|(name, word)| format!("{name} {}", sanitize::quote_word(word)));
    let given = options.into_iter().chain(given).flat_map(|line| begun(CommandLine::Given, &line, width));
    text.chain(given).collect()
}

fn broken(text: &str, width: usize) -> Vec<CommandLine> {
    begun(CommandLine::Starts, text, width)
}

fn begun(first: impl Fn(String) -> CommandLine, text: &str, width: usize) -> Vec<CommandLine> {
    let mut pieces = wrap::chop(text, width).into_iter();
    let begin = pieces.next().map(first);
    begin.into_iter().chain(pieces.map(CommandLine::GoesOn)).collect()
}

fn size_of(asked: &Asked) -> String {
    match asked {
        Asked::Argv(words) => {
            let bytes: usize = words.iter().map(|word| word.as_bytes().len()).sum();
            format!("{} words, {bytes} bytes", words.len())
        }
        Asked::Shell(shell) => format!("shell text, {} bytes", shell.text.len()),
    }
}
