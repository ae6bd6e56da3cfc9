//! What a human is shown before they agree, as data, and its layout on a screen.
//!
//! In: a [`Question`] with raw words, of a case or of a stored request; the size of the screen. Out: lines that fit it,
//! every untrusted byte escaped. Never: a line of the command that could pass for one of ours (all of them stand behind
//! a gutter), and never a command so long that verdict or code leave the screen.

mod asking;
mod bound;
mod command;
mod facts;
mod request;
mod rows;
mod said;

pub use asking::{Asking, clock};
pub use facts::FactRows;
pub use request::{NoRequest, Times};

use super::because::Because;
use super::style::Look;
use super::{sanitize, wrap};
use crate::actor::Actor;
use crate::command::ShellText;
use rows::{Amount, Drawer};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
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

impl Row {
    fn new(label: &str, value: &str, note: &str, source: &str) -> Row {
        Row {
            label: label.to_owned(),
            value: value.to_owned(),
            note: note.to_owned(),
            source: source.to_owned(),
        }
    }
}

/// A rule that took part, and why it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    /// Its id.
    pub id: String,
    /// Its `why`.
    pub why: String,
}

/// Which command of several is the reason for the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    place: String,
    /// Quoted already.
    words: Vec<String>,
}

impl Ground {
    /// The reason of a case.
    #[must_use]
    pub fn of(because: &Because) -> Self {
        let words = match because {
            Because::Command { words, .. } => sanitize::quote_each(words).collect(),
            Because::Together { .. } => Vec::new(),
        };
        Self { place: because.place(), words }
    }

    fn told(place: String) -> Self {
        Self { place, words: Vec::new() }
    }
}

/// Everything that is shown. Nothing in it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What a typed code would mean.
    pub asking: Asking,
    /// The action's id, as the log will show it.
    pub id: String,
    /// The verdict's word.
    pub verdict: String,
    /// The command.
    pub asked: Asked,
    /// Which of its commands is the reason, where it has several.
    pub because: Option<Ground>,
    /// The facts of the whole action.
    pub facts: FactRows,
    /// Where it acts: ambient target, environment, other user, other host.
    pub places: Vec<Row>,
    /// The rules that took part.
    pub rules: Vec<RuleLine>,
    /// The command that undoes it, where a rule declares one.
    pub undo: Option<Vec<OsString>>,
    /// Who asks, from where and why: [`requester`].
    pub requester: Vec<Row>,
    /// What an approval holds for; nothing where it runs at once.
    pub bound: Bound,
    /// What of a stored request cannot be shown, or is not understood.
    pub warnings: Vec<Row>,
    /// How long the prompt waits.
    pub time_limit: Duration,
}

/// What an approval holds for, and only for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// Program, directory, standard input, variables, rules.
    pub rows: Vec<Row>,
    /// Every file.
    pub files: Vec<Row>,
}

/// Who asks, from where and why.
#[must_use]
pub fn requester(actor: &Actor, host: &str, directory: &Path, reason: Option<&str>) -> Vec<Row> {
    let place = format!("{actor} on {host}, in {}", directory.display());
    let mut rows = vec![Row::new("asked by", "", &place, "")];
    rows.extend(reason.map(|reason| Row::new("reason", "", reason, "")));
    rows
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
/// So many words with foreign letters are named.
const WORDS_WARNED_OF: usize = 3;
/// So many letters of each.
const LETTERS_NAMED: usize = 3;
/// A command is never cut shorter than this many lines, however low the screen.
const COMMAND_LINES_MIN: usize = 4;
/// Nor shown in more than this many.
const COMMAND_LINES_MAX: usize = 20;
/// One blank line each before the header, around the command, before the instruction; one for the typing.
const BLANK_LINES: usize = 5;

/// The whole question without the line on which the code is typed, ending in a newline.
#[must_use]
pub fn lay_out(question: &Question, code: &str, screen: &Screen) -> String {
    let head = header(question, &question.asking.headline(), screen);
    let instruction = instruction(question, code, screen);
    let outside = head.len() + instruction.len() + BLANK_LINES;
    // What is agreed to matters more than what stands around it.
    let wanted = command::command(question, screen, COMMAND_LINES_MAX).len();
    let mut tail = Vec::new();
    for amount in amounts(&question.asking) {
        tail = context(question, screen, *amount);
        if outside + tail.len() + wanted <= screen.rows {
            break;
        }
    }
    let budget = screen.rows.saturating_sub(outside + tail.len());
    let budget = budget.clamp(COMMAND_LINES_MIN, COMMAND_LINES_MAX);
    join([head, command::command(question, screen, budget), [tail, instruction].concat()])
}

/// The same for reading at leisure: uncut, under another headline, with closing lines in place of an instruction.
#[must_use]
pub fn lay_out_whole(question: &Question, headline: &str, closing: &[Row], screen: &Screen) -> String {
    let head = header(question, headline, screen);
    let command = command::command(question, screen, usize::MAX);
    let drawer = Drawer::new(screen, Amount::ALL, String::new());
    join([head, command, [context(question, screen, Amount::ALL), drawer.rows(closing)].concat()])
}

/// A case can be read in full elsewhere and is on its asker's own screen; a request brings rows that somebody else made
/// many, so that the verdict would scroll away.
fn amounts(asking: &Asking) -> &'static [Amount] {
    match asking {
        Asking::Confirm => Amount::PROMPT.split_at(1).0,
        Asking::Approve { .. } | Asking::Reject | Asking::BreakGlass { .. } | Asking::Review => {
            &Amount::PROMPT
        }
    }
}

/// Blocks with a blank line before each.
fn join(blocks: [Vec<String>; 3]) -> String {
    let lines = blocks.iter().flat_map(|block| std::iter::once("").chain(block.iter().map(String::as_str)));
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `CONFIRM  one human must agree          id 7f3k2m`
fn header(question: &Question, sentence: &str, screen: &Screen) -> Vec<String> {
    let verdict = wrap::cut(&sanitize::text(question.verdict.to_uppercase()), asking::ID_COLUMNS);
    let badge = screen.look.badge(&verdict);
    let id = format!("id {}", wrap::cut(&sanitize::text(&question.id), asking::ID_COLUMNS));
    let used = wrap::columns(&verdict) + 2 + 2 + sentence.len();
    let first = format!("{MARGIN}{badge}  {}", screen.look.strong(sentence));
    if let Some(gap) = screen.inner().checked_sub(used + 2 + wrap::columns(&id)) {
        return vec![format!("{first}{}{}", " ".repeat(gap + 2), screen.look.faint(&id))];
    }
    let faint = screen.look.faint(&id);
    let mut lines = if wrap::columns(&verdict) + 4 + wrap::columns(&id) <= screen.inner() {
        vec![format!("{MARGIN}{badge}  {faint}")]
    } else {
        vec![format!("{MARGIN}{badge}"), format!("{MARGIN}{faint}")]
    };
    let sentence = wrap::prose(sentence, screen.inner());
    lines.extend(sentence.iter().map(|line| format!("{MARGIN}{}", screen.look.strong(line))));
    lines
}

/// Warnings, facts, places, undo, rules, who asks, what is bound; each as labelled rows.
fn context(question: &Question, screen: &Screen, amount: Amount) -> Vec<String> {
    let drawer = Drawer::new(screen, amount, asking::full_text(question));
    let rules: Vec<Row> =
        question.rules.iter().map(|rule| Row::new("why", "", &rule.why, &rule.id)).collect();
    let Bound { rows: bound, files } = &question.bound;
    [
        drawer.rows(&foreign_letters(&question.asked)),
        drawer.always(&question.warnings),
        question.because.iter().flat_map(|ground| ground_lines(ground, &drawer)).collect(),
        drawer.rows(&question.facts.effects),
        drawer.always(&question.facts.reach),
        drawer.rows(&question.places),
        drawer.rows(std::slice::from_ref(&question.facts.rollback)),
        question
            .undo
            .iter()
            .flat_map(|words| drawer.command(words.iter().map(sanitize::quote_word)))
            .collect(),
        drawer.rows(&rules),
        drawer.of_ours(&question.requester),
        drawer.of_ours(bound),
        drawer.rows(files),
        drawer.always(&question.asking.rows()),
        drawer.hidden(),
        vec![String::new()],
    ]
    .concat()
}

/// Letters that may not be what they look like. Targets of remediation are ASCII nearly always.
fn foreign_letters(asked: &Asked) -> Vec<Row> {
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
    foreign_row(&named).into_iter().collect()
}

/// One row for the places that have foreign letters.
fn foreign_row(named: &[String]) -> Option<Row> {
    let more = if named.len() > WORDS_WARNED_OF { "; and in more words" } else { "" };
    let listed: Vec<&str> = named.iter().take(WORDS_WARNED_OF).map(String::as_str).collect();
    (!named.is_empty()).then(|| Row::new("look!", "not ASCII", &format!("{}{more}", listed.join("; ")), ""))
}

/// `word 1 has X U+2113`
fn foreign_in(place: &str, bytes: &[u8]) -> Option<String> {
    let letters: BTreeSet<char> = sanitize::foreign_letters(bytes).collect();
    // From the far end: what people write on purpose in a comment stands near ASCII, and must not crowd out what does not.
    let named = letters.iter().rev().take(LETTERS_NAMED);
    let named: Vec<String> = named.map(|letter| format!("{letter} U+{:04X}", u32::from(*letter))).collect();
    let more = match letters.len().saturating_sub(LETTERS_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!named.is_empty()).then(|| format!("{place} has {}{more}", named.join(", ")))
}

/// The command that is the reason, quoted as one behind its own gutter.
fn ground_lines(ground: &Ground, drawer: &Drawer<'_>) -> Vec<String> {
    let mut lines = drawer.rows(&[Row::new("because", "", &ground.place, "")]);
    lines.extend(drawer.command(ground.words.iter().cloned()));
    lines
}

fn instruction(question: &Question, code: &str, screen: &Screen) -> Vec<String> {
    // With or without colour a badge takes two columns more than its text.
    let framed = format!("[{code}]");
    let lines = wrap::prose(&question.asking.instruction(&framed), screen.inner());
    let painted = lines.iter().map(|line| line.replacen(&framed, &screen.look.badge(code), 1));
    painted.map(|line| format!("{MARGIN}{line}")).collect()
}

/// The line on which the code is typed: `  code: K7_    4:59 left`. At most 30 columns, so that it never wraps.
#[must_use]
pub fn typing_line(prompt: &str, typed: &str, left: Duration, look: Look) -> String {
    let clock = format!("{} left", clock(left));
    let rest = " ".repeat(9_usize.saturating_sub(wrap::columns(typed)));
    format!("{prompt}{}{rest}{}", look.strong(typed), look.faint(&clock))
}
