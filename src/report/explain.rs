//! `explain` for people: how each command was read, what is known about it, and what would lower the verdict.
//!
//! In: an [`Action`] and its [`Judgement`]. Out: text for a screen of any width, every untrusted byte escaped. Never: printing.

use super::because::Because;
use super::judgement::{added_word, standing_word};
use super::sanitize::{quote_command, quote_word, quote_words, text};
use super::underline::{self, Mark};
use super::{Look, wrap};
use crate::command::{
    Access, Action, Command, Count, EnvironmentEdit, Loose, Nature, ShellText, Stdin, Waiting, Words,
};
use crate::content::{Contents, Kind, Place, Wanted};
use crate::decide::Verdict;
use crate::facts::{Facts, Rollback};
use crate::judge::{Follow, Inquiry, Judged, Judgement, Matched, Need, ToolRead};
use crate::rules::{Fit, Requirement, Undo};
use crate::tools::Role;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// Columns of a label.
const LABEL: usize = 11;

/// Draws a judgement for a screen of `columns`.
#[must_use]
pub fn draw(action: &Action, judgement: &Judgement, look: Look, columns: usize) -> String {
    let mut page = Page { look, columns: columns.clamp(40, 120), lines: Vec::new() };
    page.verdict(judgement);
    match action {
        Action::Argv(_) => {}
        Action::Shell(shell) => page.shell(shell, judgement),
    }
    for (at, judged) in judgement.commands.iter().enumerate() {
        if judgement.commands.len() > 1 {
            page.line(&format!("command {} of {}", at.saturating_add(1), judgement.commands.len()));
        }
        page.command(judged);
    }
    page.lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

struct Page {
    look: Look,
    columns: usize,
    lines: Vec<String>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    /// A labelled row; what does not fit goes on below its beginning. `value` must be safe already.
    fn row(&mut self, label: &str, value: &str) {
        let width = self.columns.saturating_sub(LABEL);
        for (at, piece) in wrap::prose(value, width).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.lines.push(format!("{}{piece}", self.look.faint(&format!("{label:<LABEL$}"))));
        }
    }

    fn verdict(&mut self, judgement: &Judgement) {
        let painted = underline::paint(judgement.verdict.word(), judgement.verdict, self.look);
        let demand = judgement.verdict.demand();
        self.lines.push(format!("{}{painted}: {demand}", self.look.faint(&format!("{:<LABEL$}", "verdict"))));
    }

    /// The text with every command underlined, and what the shell is given with it.
    fn shell(&mut self, shell: &ShellText, judgement: &Judgement) {
        self.lines.extend(underline::draw(shell.text.as_bytes(), &marks(judgement), self.look, self.columns));
        let options: Vec<&str> = shell.options.iter().map(|option| option.word()).collect();
        if !options.is_empty() {
            self.row("options", &options.join(" "));
        }
        if let Some(because) = Because::of(judgement, judgement.verdict) {
            self.row("because", &because.place());
        }
        for (name, word) in shell.given() {
            self.row("given", &format!("{name} {}", quote_word(word)));
        }
    }

    fn command(&mut self, judged: &Judged) {
        let opaque = judged.command.opaque.as_ref();
        // A text that cannot be followed stands above as a whole, with a caret where it ends to make sense.
        let whole = opaque.is_some_and(|opaque| opaque.offset.is_some()) && judged.command.span.is_none();
        if !whole {
            self.row("command", &command_text(&judged.command.words));
        }
        self.around(&judged.command);
        if let Some(read) = &judged.read {
            self.reading(read, &judged.command.words);
        }
        self.place(judged);
        self.standing(judged);
        for matched in &judged.matched {
            self.rule(matched);
        }
        self.facts(&judged.facts);
        self.rollback(judged);
        for (need, id) in &judged.needs {
            self.row("needs", &format!("{} (rule {id})", need_text(need)));
        }
        let mut changes = judged.lower.iter().map(|lower| lower.change.as_str());
        if let Some(opaque) = opaque.filter(|opaque| !changes.any(|change| change == opaque.instead)) {
            self.row("instead", opaque.instead);
        }
        if judged.verdict > Verdict::Run && judged.lower.is_empty() && opaque.is_none() {
            self.row("lower", "no single change; what it does asks for this wherever it is done");
        }
        for lower in &judged.lower {
            let change = text(&lower.change);
            self.row("lower", &format!("{} -> {}", change, lower.verdict));
            match &lower.follow {
                Follow::Words(words) => self.row("", &format!("call: {}", quote_words(words))),
                // As it is to be copied: not filled.
                Follow::Rules(entry) => {
                    self.lines.extend(entry.lines().map(|line| format!("{:LABEL$}{}", "", text(line))));
                }
                Follow::Around | Follow::Text => {}
            }
        }
    }

    /// What stands around a command's own words, and which of these are not certain.
    fn around(&mut self, command: &Command) {
        for (at, shown, loose) in command.words.all_loose() {
            let (number, shown) = (at.saturating_add(1), text(shown.as_bytes()));
            self.row("uncertain", &format!("word {number} `{shown}`: {}", loose_text(loose)));
        }
        for taken in &command.wrappers {
            let adds: Vec<&str> = taken.adds.iter().map(|added| added_word(*added)).collect();
            let adds = if adds.is_empty() { String::new() } else { format!(" ({})", adds.join(", ")) };
            self.row("taken off", &format!("{}{adds}", quote_words(&taken.words)));
        }
        for redirection in &command.redirections {
            let target = quote_command(&redirection.target);
            self.row("redirect", &format!("{} {target}", access_text(redirection.access)));
        }
        match &command.stdin {
            Stdin::Inherited => {}
            Stdin::Elsewhere => self.row("stdin", "a file, or what the command before it prints"),
            Stdin::File(file) => self.row("stdin", &format!("the file {}", quote_command(file))),
            Stdin::Text(text) => self.row("stdin", &format!("{} bytes that stand in the text", text.len())),
        }
        match command.waiting {
            Waiting::Foreground => {}
            Waiting::Background => self.row("background", "nobody waits for it"),
        }
    }

    fn reading(&mut self, read: &ToolRead, words: &Words) {
        let operation = read.operation.join(" ");
        self.row("tool", &text(format!("{} {operation}", read.tool).trim()));
        let count = read.operation.len();
        let operands: &[OsString] = read.operands.get(count..).unwrap_or_default();
        if !operands.is_empty() {
            // A word that is not certain stands as it was typed, as in the command.
            let loose = |operand: &OsString| words.all_loose().any(|(_, typed, _)| typed == operand);
            let shown = |operand| if loose(operand) { text(operand.as_bytes()) } else { quote_word(operand) };
            self.row("operands", &operands.iter().map(shown).collect::<Vec<_>>().join(" "));
        }
        if !read.options.is_empty() {
            let options: Vec<String> = read.options.iter().map(option_text).collect();
            self.row("options", &options.join(", "));
        }
        for unknown in &read.unknown {
            self.row("unknown", &text(unknown));
        }
    }

    fn place(&mut self, judged: &Judged) {
        let seen = &judged.surroundings;
        for (key, field) in &seen.fields {
            self.row(
                "place",
                &format!("{} {} ({})", text(key), text(field.values.join(", ")), text(&field.source)),
            );
        }
        if let Some(why) = &seen.unreadable {
            self.row("place", &format!("{} cannot be read: {}", text(&seen.kind), text(why)));
        }
        for (wanted, contents) in &seen.contents {
            self.row("contents", &contents_text(wanted, contents));
        }
        if !judged.environments.is_empty() {
            self.row("place", &format!("environment {}", text(judged.environments.join(", "))));
        }
    }

    fn standing(&mut self, judged: &Judged) {
        let word = standing_word(judged.standing.0);
        match &judged.standing.1 {
            Some(why) => self.row("standing", &format!("{word}: {}", text(why))),
            None => self.row("standing", &format!("{word}: a rule accounts for every word")),
        }
    }

    fn rule(&mut self, matched: &Matched) {
        let rule = &matched.rule;
        let why = rule.why.as_deref().map(|why| format!(": {}", text(why))).unwrap_or_default();
        let owner = rule.owner.as_deref().map(|owner| format!(", owner {}", text(owner))).unwrap_or_default();
        let fit = match matched.fit {
            Fit::Whole => "",
            Fit::Partly => ", for some of the values",
            Fit::Resembles => ", would match with fewer words",
        };
        self.row("rule", &format!("{} ({}{owner}{fit}){why}", rule.id, rule.layer));
    }

    fn facts(&mut self, facts: &Facts) {
        for (effect, source) in facts.effects() {
            self.row("effect", &format!("{effect} ({})", text(source.to_string())));
        }
        let scope = facts.scope();
        self.row("scope", &format!("{} ({})", scope.value, text(scope.source.to_string())));
        let tier = facts.tier();
        self.row("tier", &format!("{} ({})", tier.value, text(tier.source.to_string())));
        let rollback = facts.rollback();
        self.row("rollback", &format!("{} ({})", rollback.value, text(rollback.source.to_string())));
    }

    fn rollback(&mut self, judged: &Judged) {
        for matched in &judged.matched {
            match (&matched.rule.undo, &matched.rollback) {
                (_, Some(argv)) => self.row("undo", &quote_words(argv)),
                (Some(Undo::Instruction(instruction)), None) => self.row("undo", &text(instruction)),
                (Some(Undo::Unneeded | Undo::Impossible | Undo::Command(_)) | None, None) => {}
            }
        }
        if judged.facts.rollback().value == Rollback::None
            && judged.matched.iter().any(|m| m.rollback.is_some())
        {
            self.row("", "(not the whole way back: another rule says so)");
        }
    }
}

/// `deploy.yaml: deployment, service`; of SQL among the words only the classes, as the text stands above.
fn contents_text(wanted: &Wanted, contents: &Contents) -> String {
    let place = match (&wanted.place, wanted.kind) {
        (Place::Stdin, _) => "standard input".to_owned(),
        (Place::Word(_), Kind::Sql) => "SQL".to_owned(),
        (Place::Word(word), Kind::SqlFile | Kind::Manifest | Kind::Kustomization) => quote_word(word),
    };
    let classes: Vec<&str> = contents.classes.iter().map(String::as_str).collect();
    let why = contents.why.as_ref().map(|why| format!(" ({})", text(why))).unwrap_or_default();
    format!("{place}: {}{why}", text(classes.join(", ")))
}

/// One mark for each place that holds commands, and a caret where one of them could not be followed.
fn marks(judgement: &Judgement) -> Vec<Mark> {
    let mut places: BTreeMap<(usize, usize), (Vec<usize>, Verdict)> = BTreeMap::new();
    let mut marks = Vec::new();
    for (number, judged) in (1..).zip(&judgement.commands) {
        let span = judged.command.span.as_ref();
        if let Some(span) = span {
            let place = places.entry((span.start, span.end)).or_insert((Vec::new(), judged.verdict));
            place.0.push(number);
            place.1 = place.1.max(judged.verdict);
        }
        let offset = judged.command.opaque.as_ref().and_then(|opaque| opaque.offset);
        // At the beginning of an underlined command it would say nothing more.
        if let Some(at) = offset.filter(|at| span.is_none_or(|span| span.start != *at)) {
            let label = if span.is_none() { "cannot be followed" } else { "" };
            let (number, label) = (String::new(), label.to_owned());
            marks.push(Mark { span: at..at, number, label, verdict: judged.verdict });
        }
    }
    let alone = judgement.commands.len() == 1;
    marks.extend(places.into_iter().map(|((start, end), (numbers, verdict))| Mark {
        span: start..end,
        number: if alone { String::new() } else { numbers_text(&numbers) },
        label: verdict.word().to_owned(),
        verdict,
    }));
    marks
}

/// `2`, `2-4`, or for the rounds of a loop with several commands `2,5,..`
fn numbers_text(numbers: &[usize]) -> String {
    match numbers {
        [first, .., last] if last.saturating_sub(*first) < numbers.len() => format!("{first}-{last}"),
        [first, second, _, ..] => format!("{first},{second},.."),
        numbers => numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(","),
    }
}

fn command_text(words: &Words) -> String {
    if words.is_empty() { "none: redirections of a group".to_owned() } else { quote_command(words) }
}

fn loose_text(loose: &Loose) -> String {
    let nature = match loose.nature {
        Nature::Dynamic => "known only when it runs",
        Nature::Number => "a number or nothing, known only when it runs",
        Nature::Glob => "a pattern for names of files",
        Nature::Brace => "braces for several words",
        Nature::Tilde => "a home directory",
    };
    let count = match loose.count {
        Count::One => "one word",
        Count::Some => "one word or more",
        Count::Any => "any number of words",
    };
    format!("{nature} ({count})")
}

fn access_text(access: Access) -> &'static str {
    match access {
        Access::Read => "reads",
        Access::Append => "appends to",
        Access::Write => "writes",
        Access::Network => "connects to",
    }
}

fn option_text(option: &crate::judge::OptionRead) -> String {
    let role = match option.role {
        Role::Plain => "",
        Role::Neutral => " (neutral)",
        Role::Target => " (where)",
    };
    match &option.value {
        Some(value) => format!("{}={}{role}", option.name, quote_words(std::slice::from_ref(value))),
        None => format!("{}{role}", option.name),
    }
}

fn need_text(need: &Need) -> String {
    match need {
        Need::Said(Requirement::Reason) => "--reason TEXT".to_owned(),
        Need::Said(Requirement::Ticket) => "--ticket ID".to_owned(),
        Need::Approvers(groups) => format!("approval by {}", text(groups.join(" and "))),
        Need::Trigger(Ok(inquiry)) => format!("{} to succeed first", inquiry_text(inquiry)),
        Need::Trigger(Err(why)) => format!("a symptom, and nobody can look for it: {}", text(why)),
        Need::Probe(Ok(inquiry), Some(max)) => {
            format!("{} to list at most {max} objects", inquiry_text(inquiry))
        }
        Need::Probe(Ok(inquiry), None) => format!("{} to list what is affected", inquiry_text(inquiry)),
        Need::Probe(Err(why), _) => format!("two people: the reach is not known, {}", text(why)),
    }
}

/// What would be run, as a shell would take it.
fn inquiry_text(inquiry: &Inquiry) -> String {
    let edits = inquiry.environment.iter().filter_map(|edit| match edit {
        EnvironmentEdit::Set(name, value) => {
            Some(format!("{}={} ", text(name.as_bytes()), quote_word(value)))
        }
        EnvironmentEdit::Unset(name) => Some(format!("env -u {} ", quote_word(name))),
        EnvironmentEdit::Unsure(_) | EnvironmentEdit::Clear => None,
    });
    let edits: String = edits.collect();
    format!("`{edits}{}`", quote_words(&inquiry.argv))
}
