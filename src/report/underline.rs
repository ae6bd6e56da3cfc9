//! Draws a shell text with each of its commands underlined.
//!
//! In: the text's bytes and [`Mark`]s on ranges of them. Out: lines that fit the screen, every byte of the text escaped
//! and behind a gutter. Never: a mark that an escape, a tab or a wide character moves, or a line of the text that could
//! pass for a mark.
//!
//! `annotate-snippets`, which draws the problems of rule files, was tried first: it wraps nothing, so that two marks at
//! the ends of a line of 300 columns draw 300 columns; it does not tell a command from the substitution inside it; and
//! eight commands in one line become eight rows of labels.
//!
//! ```text
//! 1 | kubectl -n shop get pods &&
//!     1-----------------------
//!     run
//! 2 |   rm -rf "$(cat list)"
//!       2^^^^^^^^^^^^^^^^^^^
//!                3-------
//!       two-person
//!                run
//! ```

use super::Look;
use super::sanitize;
use super::wrap::columns;
use crate::decide::Verdict;
use std::cmp::Reverse;
use std::ops::Range;

/// Texts of more rows than this are shown only around the places where a mark begins.
const ROWS_WHOLE: usize = 60;
/// So many rows before and after such a place, and at the beginning.
const AROUND: usize = 2;

/// One underlined stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The bytes of the text; one caret where there are none.
    pub(super) span: Range<usize>,
    /// What the underline begins with: the numbers of commands. May be empty.
    pub(super) number: String,
    /// What stands below its beginning. May be empty.
    pub(super) label: String,
    /// How it looks: what runs alone is underlined with `-`, what does not with `^`.
    pub(super) verdict: Verdict,
}

/// The drawing, at most `width` columns wide; a line for a number, an escape or a label takes at least its own.
pub(super) fn draw(text: &[u8], marks: &[Mark], look: Look, width: usize) -> Vec<String> {
    let gutter = Gutter::of(text);
    let width = width.saturating_sub(gutter.columns());
    // One column stays free for the end of a line, where something may be missing.
    let rows = rows(text, width.saturating_sub(1));
    let mut marks: Vec<&Mark> = marks.iter().collect();
    // The outer one first, so that what is inside it stands below it.
    marks.sort_by_key(|mark| (mark.span.start, Reverse(mark.span.end)));
    let drawn: Vec<Drawn> = rows.iter().map(|row| row.draw(&marks, width, look)).collect();
    let mut lines = Vec::new();
    let mut left_out = 0_usize;
    for (at, (row, below)) in rows.iter().zip(&drawn).enumerate() {
        if !is_shown(at, &drawn) {
            left_out = left_out.saturating_add(1);
            continue;
        }
        lines.extend(gap(std::mem::take(&mut left_out), look));
        lines.push(format!("{}{}", look.faint(&gutter.before(row)), row.shown));
        lines.extend(below.lines.iter().map(|line| format!("{}{line}", gutter.blank())));
    }
    lines.extend(gap(left_out, look));
    lines
}

/// What is left out is said, and where it can be seen.
fn gap(rows: usize, look: Look) -> Option<String> {
    (rows > 0).then(|| look.bad(&format!("... {rows} rows not shown: explain --json")))
}

fn is_shown(at: usize, drawn: &[Drawn]) -> bool {
    let (from, to) = (at.saturating_sub(AROUND), at.saturating_add(AROUND));
    let mut near = drawn.iter().take(to.saturating_add(1)).skip(from);
    drawn.len() <= ROWS_WHOLE || at < AROUND || near.any(|near| near.begins == Begins::Here)
}

/// Text in the colour of a verdict; its words say the same.
pub(super) fn paint(text: &str, verdict: Verdict, look: Look) -> String {
    match verdict {
        Verdict::Run => look.good(text),
        Verdict::Confirm | Verdict::TwoPerson => look.strong(text),
        Verdict::Deny => look.bad(text),
    }
}

/// What stands before each row: the line's number where there are several, `|` where it begins, `+` where it goes on.
struct Gutter {
    digits: Option<usize>,
}

impl Gutter {
    fn of(text: &[u8]) -> Self {
        let lines = memchr::memchr_iter(b'\n', text).count().saturating_add(1);
        Self { digits: (lines > 1).then(|| lines.to_string().len()) }
    }

    fn columns(&self) -> usize {
        self.digits.map_or(2, |digits| digits.saturating_add(3))
    }

    fn before(&self, row: &Row) -> String {
        match (self.digits, row.begins) {
            (None, Begins::Here) => "| ".to_owned(),
            (None, Begins::Before) => "+ ".to_owned(),
            (Some(digits), Begins::Here) => format!("{:>digits$} | ", row.line),
            (Some(digits), Begins::Before) => format!("{:digits$} + ", ""),
        }
    }

    fn blank(&self) -> String {
        " ".repeat(self.columns())
    }
}

/// Where a line of the text, or a mark, begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// In this row.
    Here,
    /// In one above, or nowhere.
    Before,
}

/// One piece of a row: a character, or the escape of one. The end of a line, and that of the text, is a piece that
/// shows nothing and takes one column, so that every offset has its place.
struct Cell {
    bytes: Range<usize>,
    columns: Range<usize>,
    look: CellLook,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CellLook {
    Visible,
    /// A blank, or an end.
    Blank,
}

/// One line of the screen: a piece of one line of the text.
struct Row {
    /// The line of the text, from 1.
    line: usize,
    begins: Begins,
    shown: String,
    cells: Vec<Cell>,
}

impl Row {
    fn new(line: usize, begins: Begins) -> Self {
        Self { line, begins, shown: String::new(), cells: Vec::new() }
    }

    fn columns(&self) -> usize {
        self.cells.last().map_or(0, |cell| cell.columns.end)
    }

    fn push(&mut self, bytes: Range<usize>, shown: &str) {
        let from = self.columns();
        let (wide, look) = match shown {
            "" => (1, CellLook::Blank),
            " " | "\\t" => (columns(shown), CellLook::Blank),
            _ => (columns(shown), CellLook::Visible),
        };
        self.cells.push(Cell { bytes, columns: from..from.saturating_add(wide), look });
        self.shown.push_str(shown);
    }

    /// The underlines of this row, and below them the labels of those that begin here.
    fn draw(&self, marks: &[&Mark], width: usize, look: Look) -> Drawn {
        let mut begins = Begins::Before;
        let (mut underlines, mut labels) = (Tracks::default(), Tracks::default());
        for mark in marks {
            let Some((at, begun)) = self.stretch(&mark.span) else { continue };
            let sign = if mark.verdict == Verdict::Run { "-" } else { "^" };
            let line = format!("{}{}", mark.number, sign.repeat(at.len().saturating_sub(mark.number.len())));
            // At the right edge a long number or label moves to the left, and still stands below the beginning.
            let from = |shown: &str| at.start.min(width.saturating_sub(shown.len()));
            underlines.place(from(&line), &line, &paint(&line, mark.verdict, look));
            if begun == Begins::Here {
                begins = begun;
                if mark.label.is_empty() {
                    continue;
                }
                labels.place(from(&mark.label), &mark.label, &paint(&mark.label, mark.verdict, look));
            }
        }
        let lines = underlines.0.into_iter().chain(labels.0).map(|track| track.painted).collect();
        Drawn { lines, begins }
    }

    /// The columns of a span in this row, and whether it begins here. What is blank at either end is not underlined.
    fn stretch(&self, span: &Range<usize>) -> Option<(Range<usize>, Begins)> {
        // At least the byte where it begins.
        let end = span.end.max(span.start.saturating_add(1));
        let touches = |bytes: &Range<usize>| bytes.start < end && span.start < bytes.end;
        let row = self.cells.first()?.bytes.start..self.cells.last()?.bytes.end;
        let mut inside = self.cells.iter().filter(|cell| touches(&row) && touches(&cell.bytes));
        let visible = |cell: &&Cell| cell.look == CellLook::Visible;
        let first = inside.next()?;
        let begins = if first.bytes.contains(&span.start) { Begins::Here } else { Begins::Before };
        let first = match begins {
            Begins::Here => first,
            Begins::Before => [first].into_iter().chain(inside.by_ref()).find(visible)?,
        };
        let last = inside.rfind(visible).unwrap_or(first);
        Some((first.columns.start..last.columns.end, begins))
    }
}

/// The text in rows of at most `width` columns. Never none.
fn rows(text: &[u8], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut at = 0_usize;
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let cells: Vec<(usize, String)> = sanitize::cells(line).collect();
        let mut row = Row::new(number, Begins::Here);
        for word in words(&cells) {
            let wide: usize = word.iter().map(|(_, shown)| columns(shown)).sum();
            // A word that fits no row is broken where the row ends.
            let fits = row.columns().saturating_add(wide) <= width;
            if !fits && wide <= width && !row.cells.is_empty() {
                rows.push(std::mem::replace(&mut row, Row::new(number, Begins::Before)));
            }
            for (length, shown) in word {
                if row.columns().saturating_add(columns(shown)) > width && !row.cells.is_empty() {
                    rows.push(std::mem::replace(&mut row, Row::new(number, Begins::Before)));
                }
                let end = at.saturating_add(*length);
                row.push(at..end, shown);
                at = end;
            }
        }
        row.push(at..at.saturating_add(1), "");
        at = at.saturating_add(1);
        rows.push(row);
    }
    rows
}

/// Pieces up to and with the blank behind them.
fn words(cells: &[(usize, String)]) -> impl Iterator<Item = &[(usize, String)]> {
    cells.split_inclusive(|(_, shown)| shown == " ")
}

/// What stands below a row.
struct Drawn {
    lines: Vec<String>,
    begins: Begins,
}

/// Lines of marks, as few as hold them without one touching another.
#[derive(Default)]
struct Tracks(Vec<Track>);

#[derive(Default)]
struct Track {
    columns: usize,
    painted: String,
}

impl Tracks {
    fn place(&mut self, from: usize, mark: &str, painted: &str) {
        let free = self.0.iter().position(|track| track.columns < from);
        let at = free.unwrap_or_else(|| {
            self.0.push(Track::default());
            self.0.len().saturating_sub(1)
        });
        if let Some(track) = self.0.get_mut(at) {
            track.painted.push_str(&" ".repeat(from.saturating_sub(track.columns)));
            track.painted.push_str(painted);
            track.columns = from.saturating_add(mark.len());
        }
    }
}

#[cfg(test)]
mod tests;
