//! Labelled rows: context of a question, one or a few lines each.
//!
//! In: rows with raw text. Out: lines that fit. Never: a line of somebody else's text that begins as a command, a note
//! of ours about what was cut, or another row would.

use super::command::word_lines;
use super::{MARGIN, Row, Screen};
use crate::report::style::Look;
use crate::report::{sanitize, wrap};
use std::cell::Cell;

/// Columns of a row's label with the space after it.
pub(super) const LABEL: usize = 10;
/// A word of a row's value is followed by its meaning from this column on.
const VALUE: usize = 13;
/// A backslash escape of one byte takes so many columns more than the byte.
const ESCAPE_ADDS: usize = 3;

/// How much of the context is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// Rows of one kind.
    pub(super) rows: usize,
    /// Lines of one row.
    pub(super) lines: usize,
    /// Lines of who says so.
    pub(super) source: usize,
    /// Rows of a kind whose number is ours to choose.
    pub(super) ours: usize,
    /// Where it is said that rows were left out.
    pub(super) notice: Notice,
}

/// Where it is said that rows were left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Below the rows of each kind.
    Each,
    /// Once, below all: a notice must not take the line of the row it stands for.
    Once,
}

impl Amount {
    /// Whatever there is.
    pub(super) const ALL: Self = Self {
        rows: usize::MAX,
        lines: usize::MAX,
        source: usize::MAX,
        ours: usize::MAX,
        notice: Notice::Each,
    };
    /// From roomy to tight: the full list is for `remgate explain` and `remgate pending ID`.
    pub(super) const PROMPT: [Self; 4] = [
        Self { rows: 5, lines: 4, source: 2, ours: usize::MAX, notice: Notice::Each },
        Self { rows: 3, lines: 2, source: 2, ours: usize::MAX, notice: Notice::Once },
        Self { rows: 1, lines: 1, source: 1, ours: usize::MAX, notice: Notice::Once },
        Self { rows: 1, lines: 1, source: 1, ours: 2, notice: Notice::Once },
    ];
}

/// Draws rows; knows the room there is and where the rest can be read.
pub(super) struct Drawer<'a> {
    screen: &'a Screen,
    amount: Amount,
    full_text: String,
    /// Rows left out without a notice so far.
    hidden: Cell<usize>,
}

impl Drawer<'_> {
    pub(super) fn new(screen: &Screen, amount: Amount, full_text: String) -> Drawer<'_> {
        Drawer { screen, amount, full_text, hidden: Cell::new(0) }
    }

    /// Rows of one kind, of which a request may bring any number.
    pub(super) fn rows(&self, rows: &[Row]) -> Vec<String> {
        self.at_most(self.amount.rows, rows)
    }

    /// Rows of our own making: their number is no one else's to choose, so that few give way.
    pub(super) fn of_ours(&self, rows: &[Row]) -> Vec<String> {
        self.at_most(self.amount.ours, rows)
    }

    /// Rows without which nobody can judge.
    pub(super) fn always(&self, rows: &[Row]) -> Vec<String> {
        self.at_most(usize::MAX, rows)
    }

    fn at_most(&self, most: usize, rows: &[Row]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut before = "";
        for row in rows.iter().take(most) {
            let label = if row.label == before { "" } else { &row.label };
            before = &row.label;
            lines.extend(self.row(row, label));
        }
        match (rows.len().saturating_sub(most), self.amount.notice) {
            (0, _) => {}
            (more, Notice::Each) => lines.extend(self.notice(more)),
            (more, Notice::Once) => self.hidden.set(self.hidden.get() + more),
        }
        lines
    }

    /// What is said once about all that was left out.
    pub(super) fn hidden(&self) -> Vec<String> {
        match self.hidden.get() {
            0 => Vec::new(),
            more => self.notice(more),
        }
    }

    fn notice(&self, more: usize) -> Vec<String> {
        let cut = format!("... {more} more; all of them: {}", self.full_text);
        let indented = wrap::prose(&cut, self.screen.inner() - LABEL).into_iter();
        indented.map(|line| format!("{MARGIN}{:LABEL$}{}", "", self.screen.look.bad(&line))).collect()
    }

    /// A command in the column of values; its words are quoted already.
    pub(super) fn command(&self, words: impl Iterator<Item = String>) -> Vec<String> {
        let lines = word_lines(words, self.screen.inner() - LABEL - 2).into_iter();
        let drawn = lines.map(|line| format!("{MARGIN}{:LABEL$}{}", "", line.behind_gutter()));
        cut_to(self.amount.lines, drawn.collect())
    }

    /// Value and meaning on the left, who says so on the right of the last line where there is room, else below.
    fn row(&self, row: &Row, label: &str) -> Vec<String> {
        let (width, look) = (self.screen.inner() - LABEL, self.screen.look);
        let (value, source) = (sanitize::text(&row.value), sanitize::text(&row.source));
        let mut lines = cut_to(self.amount.lines, body(&value, &sanitize::text(&row.note), width));
        let used = lines.last().map_or(0, |last| wrap::columns(last));
        if let Some(first) = lines.first_mut() {
            *first = paint_value(first, &value, look);
        }
        match (width.checked_sub(used + 2 + wrap::columns(&source)), lines.last_mut()) {
            _ if source.is_empty() => {}
            (Some(gap), Some(last)) => {
                last.push_str(&format!("{}{}", " ".repeat(gap + 2), look.faint(&source)));
            }
            (Some(_) | None, _) => {
                let below = cut_to(self.amount.source, theirs(&source, width));
                lines.extend(below.iter().map(|line| {
                    let gap = width.saturating_sub(wrap::columns(line));
                    format!("{}{}", " ".repeat(gap), look.faint(line))
                }));
            }
        }
        let label = pad(&sanitize::text(label), LABEL);
        let margins = std::iter::once(look.faint(&label)).chain(std::iter::repeat(" ".repeat(LABEL)));
        lines.iter().zip(margins).map(|(line, margin)| format!("{MARGIN}{margin}{line}")).collect()
    }
}

/// Value and meaning in two columns where they fit on one line, else as a sentence.
fn body(value: &str, note: &str, width: usize) -> Vec<String> {
    if value.is_empty() || note.is_empty() {
        return theirs(&format!("{value}{note}"), width);
    }
    let columns = format!("{} {note}", pad(value, VALUE - 1));
    if wrap::columns(&columns) <= width && !looks_like_ours(&columns) {
        vec![columns]
    } else {
        theirs(&format!("{value}: {note}"), width)
    }
}

/// Somebody else's text in lines. One that would begin like a line of ours begins with an escape instead: after
/// `undo`, a reason that wraps to `| kubectl ...` would read as the inverse command.
fn theirs(text: &str, width: usize) -> Vec<String> {
    let lines = wrap::prose(text, width);
    if !lines.iter().any(|line| looks_like_ours(line)) {
        return lines;
    }
    let escape = |line: String| match line.bytes().next() {
        Some(first) if looks_like_ours(&line) => {
            format!("\\x{first:02x}{}", line.chars().skip(1).collect::<String>())
        }
        Some(_) | None => line,
    };
    wrap::prose(text, width - ESCAPE_ADDS).into_iter().map(escape).collect()
}

/// The gutters of commands, and the dots of what was cut.
fn looks_like_ours(line: &str) -> bool {
    ["| ", "+ ", "= ", "..."].iter().any(|start| line.starts_with(start)) || ["|", "+", "="].contains(&line)
}

fn paint_value(line: &str, value: &str, look: Look) -> String {
    match line.strip_prefix(value) {
        Some(rest) => format!("{}{rest}", look.strong(value)),
        None => line.to_owned(),
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(wrap::columns(text))))
}

fn cut_to(limit: usize, mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > limit {
        lines.truncate(limit);
        if let Some(last) = lines.last_mut() {
            let kept: String = last.chars().take(last.chars().count().saturating_sub(4)).collect();
            *last = format!("{kept} ...");
        }
    }
    lines
}
