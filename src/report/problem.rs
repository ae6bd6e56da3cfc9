//! Draws the problems of a rule file, for people and as JSON.
//!
//! In: a rule file and its problems. Out: text that is safe to print. Never: prints, or lets a byte of the file reach
//! the terminal as anything but a visible character: a rule file of a cloned repository is a stranger's text.

use crate::rules::{Problem, SourceFile};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::ops::Range;

/// Problems drawn at most. A stranger's file of 4 MiB can have a hundred thousand; `problems_json` gives all.
const DRAWN: usize = 100;

/// Columns of a drawing; longer lines are cut around the carets. Two of them stand beside each other on no screen.
const WIDTH: usize = 100;

/// Lines kept before the first and after the last place of a problem. The drawing shows two.
const AROUND: usize = 3;

/// Whether a drawing may use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Text alone.
    Plain,
    /// ANSI colours that read on dark and light terminals.
    Ansi,
}

/// A place in a text.
#[derive(Clone, Copy)]
struct Place {
    /// From 1.
    line: usize,
    /// From 1, in Unicode scalar values: a tab or an `ä` is one, as editors count them.
    column: usize,
}

/// A text and where its lines start, found once: a stranger's file can have a hundred thousand problems.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let starts = [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The place of a byte that [`within`] gave.
    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Place { line, column: 1 + before.chars().count() }
    }

    /// The first byte of the line that lies `AROUND` lines before a byte.
    fn before(&self, offset: usize) -> usize {
        let line = self.starts.partition_point(|start| *start <= offset);
        self.starts.get(line.saturating_sub(1 + AROUND)).copied().unwrap_or_default()
    }

    /// The first byte after the line that lies `AROUND` lines after a byte.
    fn after(&self, offset: usize) -> usize {
        let line = self.starts.partition_point(|start| *start <= offset);
        self.starts.get(line + AROUND).copied().unwrap_or(self.text.len())
    }

    /// A range on character boundaries within the text; the renderer panics at any other. The end of the text, where
    /// a parser finds that something is missing, is moved before the last line's end: there is no line behind it.
    fn within(&self, at: &Range<usize>) -> Range<usize> {
        let body = self.text.strip_suffix('\n').unwrap_or(self.text).len();
        let start = self.before_crlf(self.text.floor_char_boundary(at.start).min(body));
        let end = self.before_crlf(self.text.ceil_char_boundary(at.end).min(body));
        start..end.max(start)
    }

    /// A CRLF is shown as one newline, so that no place lies between its halves.
    fn before_crlf(&self, at: usize) -> usize {
        let halves = self.text.get(..at).zip(self.text.get(at..));
        at - usize::from(halves.is_some_and(|(head, tail)| head.ends_with('\r') && tail.starts_with('\n')))
    }
}

/// Draws all problems of a file, sorted by place, and counts them in the last line.
#[must_use]
pub fn draw(file: &SourceFile, problems: &[Problem], colour: Colour) -> String {
    let renderer = match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Ansi => Renderer::styled(),
    };
    let renderer = renderer.term_width(WIDTH).decor_style(DecorStyle::Ascii);
    let lines = Lines::of(&file.text);
    let mut text = String::new();
    for problem in sorted(problems).into_iter().take(DRAWN) {
        text.push_str(&draw_one(file, &lines, problem, &renderer));
        text.push_str("\n\n");
    }
    text.push_str(&count(file, problems));
    text.push('\n');
    text
}

/// The same as JSON: an array in the order of the drawing.
#[must_use]
pub fn problems_json(file: &SourceFile, problems: &[Problem]) -> Value {
    let lines = Lines::of(&file.text);
    let span = |at: &Range<usize>| {
        let at = lines.within(at);
        let end = lines.place(at.end);
        (lines.place(at.start), json!({ "line": end.line, "column": end.column }))
    };
    let one = |problem: &Problem| {
        let (start, end) = span(&problem.at.0);
        let also = problem.also.as_ref().map(|(at, label)| {
            let (start, end) = span(at);
            json!({ "line": start.line, "column": start.column, "end": end, "label": label })
        });
        json!({
            "code": problem.code.id(),
            "refuses": problem.code.refuses(),
            "text": problem.text,
            "file": file.name,
            "line": start.line,
            "column": start.column,
            "end": end,
            "label": problem.at.1,
            "also": also,
            "help": problem.help,
        })
    };
    sorted(problems).into_iter().map(one).collect()
}

fn sorted(problems: &[Problem]) -> Vec<&Problem> {
    let mut sorted = problems.iter().collect::<Vec<_>>();
    sorted.sort_by_key(|problem| (problem.at.0.start, problem.at.0.end, problem.code));
    sorted
}

fn draw_one(file: &SourceFile, lines: &Lines<'_>, problem: &Problem, renderer: &Renderer) -> String {
    let level = if problem.code.refuses() { Level::ERROR } else { Level::WARNING };
    let view = View::around(lines, problem);
    let primary = AnnotationKind::Primary.span(view.primary).label(visible(&problem.at.1));
    let also = view.also.zip(problem.also.as_ref());
    let also = also.map(|(span, (_, label))| AnnotationKind::Context.span(span).label(visible(label)));
    let snippet = Snippet::source(view.text)
        .line_start(view.first_line)
        .path(visible(&file.name))
        .annotation(primary)
        .annotations(also);
    let mut group =
        Group::with_title(level.primary_title(visible(&problem.text)).id(problem.code.id())).element(snippet);
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    renderer.render(&[group])
}

/// The last line. Advice alone stops nothing, so it must not claim that it did.
fn count(file: &SourceFile, problems: &[Problem]) -> String {
    let refusing = problems.iter().filter(|problem| problem.code.refuses()).count();
    let advice = problems.len() - refusing;
    let of =
        |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let name = visible(&file.name);
    let what = match (refusing, advice) {
        (refusing, 0) => of(refusing, "problem", "problems"),
        (0, advice) => of(advice, "warning", "warnings"),
        (refusing, advice) => {
            format!("{} and {}", of(refusing, "problem", "problems"), of(advice, "warning", "warnings"))
        }
    };
    let more = match problems.len().saturating_sub(DRAWN) {
        0 => String::new(),
        _ => format!(", the first {DRAWN} drawn"),
    };
    let end = if refusing == 0 { "" } else { "; nothing was run" };
    format!("{what} in `{name}`{more}{end}")
}

/// The lines around the places of one problem, made visible. Drawing the whole file for each problem would cost the
/// file's length times the number of its problems.
struct View {
    text: String,
    first_line: usize,
    primary: Range<usize>,
    also: Option<Range<usize>>,
}

impl View {
    fn around(lines: &Lines<'_>, problem: &Problem) -> Self {
        let primary = lines.within(&problem.at.0);
        let also = problem.also.as_ref().map(|(at, _)| lines.within(at));
        let first = also.as_ref().map_or(primary.start, |also| also.start.min(primary.start));
        let last = also.as_ref().map_or(primary.end, |also| also.end.max(primary.end));
        let start = lines.before(first);
        let text = |end: usize| shown(lines.text.get(start..end).unwrap_or_default());
        let span = |at: Range<usize>| text(at.start).len()..text(at.end).len();
        Self {
            text: text(lines.after(last)),
            first_line: lines.place(start).line,
            primary: span(primary),
            also: also.map(span),
        }
    }
}

/// Lines of the file as they may be shown: CRLF becomes a newline, what is not visible one replacement character, so
/// that columns stay true. Tabs stay, the renderer widens them.
fn shown(lines: &str) -> String {
    let mut shown = String::with_capacity(lines.len());
    let mut rest = lines.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\t' => shown.push(one),
            _ if is_visible(one) => shown.push(one),
            _ => shown.push(char::REPLACEMENT_CHARACTER),
        }
    }
    shown
}

/// Whether a character shows itself: no control, no bidirectional or zero-width character. `escape_debug` knows
/// those, and spells combining marks too, which could pile up over the lines above.
fn is_visible(one: char) -> bool {
    !one.is_control() && one.escape_debug().nth(1) != Some('u')
}

/// Words from the file inside messages, with what is not visible spelled out.
fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_visible) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len());
    for one in text.chars() {
        if is_visible(one) {
            spelled.push(one);
        } else {
            spelled.extend(one.escape_debug());
        }
    }
    Cow::Owned(spelled)
}

#[cfg(test)]
mod tests;
