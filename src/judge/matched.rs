//! The rules that speak of a command, and what each makes of its words: captures, files, the inverse command.
//!
//! In: the book, a reading, and what conditions are held against. Out: [`Matched`] rules. Never: a rollback that holds a
//! word which only the run knows.

use crate::command::{Command, Given, Loose};
use crate::rules::{Book, Captures, Circumstances, Content, Fit, Rule, Undo};
use crate::tools::Reading;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// One matching rule and what it contributed.
#[derive(Clone, Debug)]
pub struct Matched {
    /// The rule.
    pub rule: Rule,
    /// How well it fits.
    pub fit: Fit,
    /// What its pattern captured.
    pub captures: BTreeMap<String, Vec<OsString>>,
    /// Which of the captured words name files, and where they stand.
    pub files: Vec<FileWord>,
    /// Its rollback, filled in.
    pub rollback: Option<Vec<OsString>>,
}

impl Matched {
    /// The same rule, told of another command: its words are not the words of that one.
    pub(super) fn elsewhere(mut self) -> Self {
        self.files.iter_mut().for_each(|file| file.place = None);
        self
    }
}

/// A captured word that names a file whose content matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWord {
    /// The capture.
    pub capture: String,
    /// What the rule makes of the file.
    pub content: Content,
    /// The file's name as the program gets it, without the option in front: `x.yaml` of `-fx.yaml`.
    pub name: OsString,
    /// What is not certain about it.
    pub loose: Option<Loose>,
    /// Where it stands; `None` where the rule speaks of a command inside this one, or of a redirection.
    pub place: Option<WordPlace>,
}

/// The end of one word of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordPlace {
    /// Which word; the program is 0.
    pub word: usize,
    /// How many of its bytes stand before the name: 11 in `--filename=x.yaml`.
    pub prefix: usize,
}

/// Every rule that matches.
pub(super) fn of(book: &Book, reading: &Reading<'_>, at: &Circumstances, command: &Command) -> Vec<Matched> {
    let rules = book.rules_about(&reading.tool.name);
    let matching = rules.filter_map(|rule| Some((rule, rule.matches(reading, at)?)));
    matching
        .map(|(rule, (fit, captures))| Matched {
            rule: rule.clone(),
            fit,
            rollback: rollback(rule, &captures, reading, command),
            files: files(rule, &captures, reading),
            captures: owned(&captures),
        })
        .collect()
}

/// `match` rules that one word too many keeps from matching. They have no rollback: what it would undo is not known.
pub(super) fn resembling(
    book: &Book,
    reading: &Reading<'_>,
    at: &Circumstances,
    matched: &[Matched],
) -> Vec<Matched> {
    let others = book
        .rules_about(&reading.tool.name)
        .filter(|rule| matched.iter().all(|matched| matched.rule.id != rule.id));
    let found = others.filter_map(|rule| Some((rule, rule.resembles(reading, at)?)));
    found
        .map(|(rule, captures)| Matched {
            rule: rule.clone(),
            fit: Fit::Resembles,
            rollback: None,
            files: files(rule, &captures, reading),
            captures: owned(&captures),
        })
        .collect()
}

/// The captured words that name files. A capture is a slice of the word that holds it, so that word is the one whose end
/// it is in memory: of `-f x.yaml --save x.yaml` the rule may mean one.
fn files(rule: &Rule, captures: &Captures<'_>, reading: &Reading<'_>) -> Vec<FileWord> {
    let place = |name: &OsStr| {
        let ends_so = |word: &OsString| {
            let prefix = word.len().checked_sub(name.len()).filter(|_| !name.is_empty())?;
            let end = word.as_bytes().get(prefix..)?;
            std::ptr::eq(end, name.as_bytes()).then_some(prefix)
        };
        let mut words = reading.words.iter().enumerate();
        words.find_map(|(word, text)| Some(WordPlace { word, prefix: ends_so(text)? }))
    };
    let program = reading.tool.name.as_str();
    if captures.keys().all(|capture| rule.files(capture, program, None).is_empty()) {
        return Vec::new(); // most rules name no file, and nobody matches them twice
    }
    let accounting = rule.accounting(reading, &owned(captures)).map(|(pattern, _)| pattern);
    let mut files = Vec::new();
    for (capture, words) in captures {
        for content in rule.files(capture, program, accounting) {
            files.extend(words.iter().map(|name| FileWord {
                capture: capture.clone(),
                content,
                name: (*name).to_owned(),
                loose: reading.looseness(name).copied(),
                place: place(name),
            }));
        }
    }
    files
}

pub(super) fn owned(captures: &Captures<'_>) -> BTreeMap<String, Vec<OsString>> {
    let values = |words: &Vec<&OsStr>| words.iter().map(|word| (*word).to_owned()).collect();
    captures.iter().map(|(name, words)| (name.clone(), values(words))).collect()
}

/// The inverse command: wrappers kept, captures filled in, and the options that say where carried along.
fn rollback(
    rule: &Rule,
    captures: &Captures<'_>,
    reading: &Reading<'_>,
    command: &Command,
) -> Option<Vec<OsString>> {
    let Some(Undo::Command(template)) = &rule.undo else { return None };
    // What cannot be named now cannot be named in a rollback either.
    if captures.values().flatten().any(|word| reading.looseness(word).is_some()) {
        return None;
    }
    // `sh -c` in front of the inverse would be given its first word alone.
    if command.wrappers.iter().any(|taken| taken.given == Given::Text) {
        return None;
    }
    let filled = template.fill(captures)?;
    let (program, rest) = filled.split_first()?;
    let mut argv: Vec<OsString> = command.wrappers.iter().flat_map(|taken| taken.words.clone()).collect();
    argv.push(program.clone());
    if program.to_str().is_some_and(|name| reading.tool.answers_to(name)) {
        argv.extend(reading.target_words());
    }
    argv.extend(rest.iter().cloned());
    Some(argv)
}
