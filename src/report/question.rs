//! What a human is shown before they agree, as data, and its layout on a screen.
//!
//! In: a [`Question`] with raw words, the size of the screen. Out: lines that fit it, every untrusted byte escaped.
//! Never: a line of the command that could pass for one of ours (all of them stand behind a gutter), and never a
//! command so long that verdict or code leave the screen.

use super::because::Because;
use super::style::Look;
use super::{sanitize, wrap};
use crate::actor::Actor;
use crate::command::ShellText;
use crate::facts::{Effect, Facts, Rollback, Scope, Source, Tier};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

/// How long a prompt waits unless told otherwise.
pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(5 * 60);

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// One command, as raw words.
    Argv(Vec<OsString>),
    /// Text for a shell, with the options and parameters that it is given.
    Shell(ShellText),
}

/// One line of context: `place  production  context prod-eu (https://...)   environment production`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// One or two words.
    pub label: String,
    /// What matters.
    pub value: String,
    /// What it means; may be empty.
    pub note: String,
    /// Who says so; may be empty.
    pub source: String,
}

/// A rule that took part, and why it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    /// Its id.
    pub id: String,
    /// Its `why`.
    pub why: String,
}

/// Everything the prompt shows. Nothing in it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The action's id, as the log will show it.
    pub id: String,
    /// The verdict's word.
    pub verdict: String,
    /// The command.
    pub asked: Asked,
    /// Which of its commands is the reason, where it has several.
    pub because: Option<Because>,
    /// The facts of the whole action.
    pub facts: Facts,
    /// Where it acts: ambient target, environment, other user, other host.
    pub places: Vec<Row>,
    /// The rules that took part.
    pub rules: Vec<RuleLine>,
    /// The command that undoes it, where a rule declares one.
    pub undo: Option<Vec<OsString>>,
    /// Who asks.
    pub requester: Actor,
    /// The host.
    pub host: String,
    /// The working directory.
    pub directory: PathBuf,
    /// The reason that was given, if any.
    pub reason: Option<String>,
    /// How long the prompt waits.
    pub time_limit: Duration,
}

/// The room there is for drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Columns, at least [`Screen::NARROWEST`].
    columns: usize,
    rows: usize,
    look: Look,
}

impl Screen {
    /// Below this many columns, lines are laid out for this many and the terminal breaks them.
    const NARROWEST: usize = 30;
    /// Longer lines are hard to read, however wide the terminal.
    const WIDEST: usize = 100;

    /// A screen of that size; 0 stands for a size that the terminal does not tell.
    #[must_use]
    pub fn new(columns: u16, rows: u16, look: Look) -> Self {
        let told = |size: u16, otherwise: usize| if size == 0 { otherwise } else { usize::from(size) };
        // The last column stays free: some terminals break a line that fills it, some do not.
        let columns = told(columns, 80).saturating_sub(1).clamp(Self::NARROWEST, Self::WIDEST);
        Self { columns, rows: told(rows, 24), look }
    }

    /// How things look here.
    #[must_use]
    pub fn look(&self) -> Look {
        self.look
    }

    fn inner(&self) -> usize {
        self.columns - MARGIN.len()
    }
}

const MARGIN: &str = "  ";
/// Columns of a row's label with the space after it.
const LABEL: usize = 10;
/// A word of a row's value is followed by its meaning from this column on.
const VALUE: usize = 13;
/// No row but the command is longer than this many lines.
const ROW_LINES: usize = 4;
/// No more rows than this of one kind; the full list is for `remgate explain`.
const ROWS_OF_A_KIND: usize = 5;
/// So many words with foreign letters are named.
const WORDS_WARNED_OF: usize = 3;
/// A command is never cut shorter than this many lines, however low the screen.
const COMMAND_LINES_MIN: usize = 4;
/// Nor shown in more than this many.
const COMMAND_LINES_MAX: usize = 20;

/// The whole question without the line on which the code is typed, ending in a newline.
#[must_use]
pub fn lay_out(question: &Question, code: &str, screen: &Screen) -> String {
    let head = header(question, screen);
    let tail = [context(question, screen), instruction(code, screen)].concat();
    // One blank line each before the header, around the command, before the instruction; one for the typing.
    let taken = head.len() + tail.len() + 5;
    let budget = screen.rows.saturating_sub(taken).clamp(COMMAND_LINES_MIN, COMMAND_LINES_MAX);
    let mut lines = vec![String::new()];
    lines.extend(head);
    lines.push(String::new());
    lines.extend(command(question, screen, budget));
    lines.push(String::new());
    lines.extend(tail);
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `CONFIRM  one human must agree          id 7f3k2m`
fn header(question: &Question, screen: &Screen) -> Vec<String> {
    let verdict = sanitize::text(question.verdict.to_uppercase());
    let (badge, sentence) = (screen.look.badge(&verdict), "remgate asks: one human must agree");
    let id = format!("id {}", sanitize::text(&question.id));
    let used = wrap::columns(&verdict) + 2 + 2 + sentence.len();
    let first = format!("{MARGIN}{badge}  {}", screen.look.strong(sentence));
    match screen.inner().checked_sub(used + 2 + wrap::columns(&id)) {
        Some(gap) => vec![format!("{first}{}{}", " ".repeat(gap + 2), screen.look.faint(&id))],
        None => vec![
            format!("{MARGIN}{badge}  {}", screen.look.faint(&id)),
            format!("{MARGIN}{}", screen.look.strong(sentence)),
        ],
    }
}

/// The command behind its gutter: `|` starts a line of whole words, `+` goes on inside a word, `=` is what a shell text
/// is given besides.
fn command(question: &Question, screen: &Screen, budget: usize) -> Vec<String> {
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
        // Sized by the largest number it can hold, before the real one is known.
        let notice = |count: usize| {
            let text = format!("... {count} of {total} lines not shown; full text: remgate explain ...");
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

enum CommandLine {
    Starts(String),
    GoesOn(String),
    Given(String),
}

impl CommandLine {
    fn behind_gutter(&self) -> String {
        match self {
            CommandLine::Starts(text) => format!("| {text}"),
            CommandLine::GoesOn(text) => format!("+ {text}"),
            CommandLine::Given(text) => format!("= {text}"),
        }
    }
}

fn word_lines(words: impl Iterator<Item = String>, width: usize) -> Vec<CommandLine> {
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

/// Facts, places, rules, undo, who asks; each as labelled rows.
fn context(question: &Question, screen: &Screen) -> Vec<String> {
    let rules: Vec<Row> = question.rules.iter().map(|rule| row("why", "", &rule.why, &rule.id)).collect();
    [
        draw_rows(&warnings(&question.asked), screen),
        question.because.iter().flat_map(|because| because_lines(because, screen)).collect(),
        draw_rows(&effect_rows(&question.facts), screen),
        draw_rows(&[scope_row(&question.facts), tier_row(&question.facts)], screen),
        draw_rows(&question.places, screen),
        undo_lines(question, screen),
        draw_rows(&rules, screen),
        draw_rows(&requester_rows(question), screen),
        vec![String::new()],
    ]
    .concat()
}

fn row(label: &str, value: &str, note: &str, source: &str) -> Row {
    Row { label: label.to_owned(), value: value.to_owned(), note: note.to_owned(), source: source.to_owned() }
}

/// Letters that may not be what they look like. Targets of remediation are ASCII nearly always.
fn warnings(asked: &Asked) -> Vec<Row> {
    let named: Vec<String> = match asked {
        Asked::Argv(words) => {
            let numbered = (1..).zip(words);
            let named =
                numbered.filter_map(|(number, word)| foreign_in(&format!("word {number}"), word.as_bytes()));
            named.take(WORDS_WARNED_OF + 1).collect()
        }
        Asked::Shell(shell) => {
            let given = shell.given().filter_map(|(name, word)| foreign_in(&name, word.as_bytes()));
            let text = foreign_in("the text", shell.text.as_bytes());
            text.into_iter().chain(given).take(WORDS_WARNED_OF + 1).collect()
        }
    };
    if named.is_empty() {
        return Vec::new();
    }
    let more = if named.len() > WORDS_WARNED_OF { "; and in more words" } else { "" };
    let listed: Vec<&str> = named.iter().take(WORDS_WARNED_OF).map(String::as_str).collect();
    vec![row("look!", "not ASCII", &format!("{}{more}", listed.join("; ")), "")]
}

/// `word 1 has X U+2113`
fn foreign_in(place: &str, bytes: &[u8]) -> Option<String> {
    let letters: BTreeSet<char> = sanitize::foreign_letters(bytes).collect();
    let named: Vec<String> =
        letters.iter().take(3).map(|letter| format!("{letter} U+{:04X}", u32::from(*letter))).collect();
    (!named.is_empty()).then(|| format!("{place} has {}", named.join(", ")))
}

fn effect_rows(facts: &Facts) -> Vec<Row> {
    facts
        .effects()
        .map(|(effect, source)| row("changes", effect.word(), meaning_of_effect(effect), &brief(source)))
        .collect()
}

fn scope_row(facts: &Facts) -> Row {
    let scope = facts.scope();
    row("reaches", scope.value.word(), meaning_of_scope(scope.value), &brief(&scope.source))
}

fn tier_row(facts: &Facts) -> Row {
    let tier = facts.tier();
    row("tier", tier.value.word(), meaning_of_tier(tier.value), &brief(&tier.source))
}

/// The command that is the reason, quoted as one behind its own gutter.
fn because_lines(because: &Because, screen: &Screen) -> Vec<String> {
    let mut lines = draw_rows(&[row("because", "", &because.place(), "")], screen);
    match because {
        Because::Command { words, .. } => lines.extend(quoted_lines(sanitize::quote_each(words), screen)),
        Because::Together { .. } => {}
    }
    lines
}

/// A command in the column of values.
fn quoted_lines(words: impl Iterator<Item = String>, screen: &Screen) -> Vec<String> {
    let lines = word_lines(words, screen.inner() - LABEL - 2).into_iter();
    let drawn = lines.map(|line| format!("{MARGIN}{:LABEL$}{}", "", line.behind_gutter()));
    cut_to(ROW_LINES, drawn.collect())
}

/// The inverse stands behind its own gutter: it is a command, and quoted as one.
fn undo_lines(question: &Question, screen: &Screen) -> Vec<String> {
    let rollback = question.facts.rollback();
    let meaning = meaning_of_rollback(rollback.value);
    let mut lines =
        draw_rows(&[row("undo", rollback.value.word(), meaning, &brief(&rollback.source))], screen);
    let inverse = question.undo.iter();
    lines.extend(inverse.flat_map(|words| quoted_lines(words.iter().map(sanitize::quote_word), screen)));
    lines
}

fn requester_rows(question: &Question) -> Vec<Row> {
    let place = format!("{} on {}, in {}", question.requester, question.host, question.directory.display());
    let mut rows = vec![row("asked by", "", &place, "")];
    rows.extend(question.reason.iter().map(|reason| row("reason", "", reason, "")));
    rows
}

/// A rule's id speaks for itself and is the most frequent source, so it stands without the word.
fn brief(source: &Source) -> String {
    match source {
        Source::Rule(id) => id.clone(),
        Source::Unsaid(_) => String::new(),
        Source::Environment(_) | Source::Wrapper(_) | Source::Ambient(_) | Source::Shape(_) => {
            source.to_string()
        }
    }
}

fn meaning_of_effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "only reads",
        Effect::Isolated => "one thing that nobody shares",
        Effect::Disclosure => "reads secrets or customer data",
        Effect::Availability => "takes shared capacity away",
        Effect::Routing => "where traffic goes",
        Effect::Data => "destroys, restores or migrates data",
        Effect::Secrets => "creates, rotates or deletes secrets",
        Effect::Permissions => "who may do what",
        Effect::Audit => "logs and audit trails",
    }
}

fn meaning_of_scope(scope: Scope) -> &'static str {
    match scope {
        Scope::One => "one named thing",
        Scope::Service => "one service, or a handful of things",
        Scope::Environment => "a namespace, account, host or workspace",
        Scope::Fleet => "several environments",
        Scope::Unknown => "cannot be told before the run",
    }
}

fn meaning_of_tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Development => "its developers would notice",
        Tier::Staging => "other engineers would notice",
        Tier::Production => "customers would notice",
        Tier::Unknown => "no environment entry says",
    }
}

fn meaning_of_rollback(rollback: Rollback) -> &'static str {
    match rollback {
        Rollback::Unneeded => "leaves nothing to undo",
        Rollback::Proven => "undone by this rule before",
        Rollback::Declared => "the rule says how",
        Rollback::Manual => "by hand, after an instruction",
        Rollback::None => "cannot be undone, or nobody said how",
    }
}

fn draw_rows(rows: &[Row], screen: &Screen) -> Vec<String> {
    let mut lines = Vec::new();
    let mut before = "";
    for row in rows.iter().take(ROWS_OF_A_KIND) {
        let label = if row.label == before { "" } else { &row.label };
        before = &row.label;
        lines.extend(draw_row(row, label, screen));
    }
    if let Some(more) = rows.len().checked_sub(ROWS_OF_A_KIND).filter(|more| *more > 0) {
        let cut = format!("... {more} more; all of them: remgate explain ...");
        let indented = wrap::prose(&cut, screen.inner() - LABEL);
        lines.extend(indented.iter().map(|line| format!("{MARGIN}{:LABEL$}{}", "", screen.look.bad(line))));
    }
    lines
}

/// Value and meaning on the left, who says so on the right of the last line where there is room, else below.
fn draw_row(row: &Row, label: &str, screen: &Screen) -> Vec<String> {
    let (width, look) = (screen.inner() - LABEL, screen.look);
    let (value, source) = (sanitize::text(&row.value), sanitize::text(&row.source));
    let mut lines = cut_to(ROW_LINES, body(&value, &sanitize::text(&row.note), width));
    let used = lines.last().map_or(0, |last| wrap::columns(last));
    if let Some(first) = lines.first_mut() {
        *first = paint_value(first, &value, look);
    }
    match (width.checked_sub(used + 2 + wrap::columns(&source)), lines.last_mut()) {
        _ if source.is_empty() => {}
        (Some(gap), Some(last)) => last.push_str(&format!("{}{}", " ".repeat(gap + 2), look.faint(&source))),
        (Some(_) | None, _) => {
            let below = cut_to(2, wrap::prose(&source, width));
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

/// Value and meaning in two columns where they fit on one line, else as a sentence.
fn body(value: &str, note: &str, width: usize) -> Vec<String> {
    if value.is_empty() || note.is_empty() {
        return wrap::prose(&format!("{value}{note}"), width);
    }
    let columns = format!("{} {note}", pad(value, VALUE - 1));
    if wrap::columns(&columns) <= width {
        vec![columns]
    } else {
        wrap::prose(&format!("{value}: {note}"), width)
    }
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

fn instruction(code: &str, screen: &Screen) -> Vec<String> {
    // With or without colour a badge takes two columns more than its text.
    let framed = format!("[{code}]");
    let sentence = format!("Type {framed} and Enter to run it once; Esc or Ctrl-C refuses.");
    let lines = wrap::prose(&sentence, screen.inner());
    let painted = lines.iter().map(|line| line.replacen(&framed, &screen.look.badge(code), 1));
    painted.map(|line| format!("{MARGIN}{line}")).collect()
}

/// The line on which the code is typed: `  code: K7_    4:59 left`. At most 30 columns, so that it never wraps.
#[must_use]
pub fn typing_line(prompt: &str, typed: &str, left: Duration, look: Look) -> String {
    let seconds = left.as_secs();
    let clock = format!("{}:{:02} left", seconds / 60, seconds % 60);
    let rest = " ".repeat(9_usize.saturating_sub(wrap::columns(typed)));
    format!("{prompt}{}{rest}{}", look.strong(typed), look.faint(&clock))
}
