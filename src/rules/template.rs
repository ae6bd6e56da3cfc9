//! Commands that a rule names, with captures to fill in: what undoes a command, what has to succeed before it.
//!
//! In: the text in the rule file; later what was captured. Out: a [`Template`]; the words of a command. Never: a word that
//! becomes an option only because of what was captured.

use super::matching::Captures;
use super::words;
use std::ffi::{OsStr, OsString};

/// A command with captures to fill in: `kubectl rollout undo <workload>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Each word as its parts.
    pub words: Vec<Vec<Part>>,
}

/// A part of a template's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands.
    Text(String),
    /// What was captured under this name.
    Capture(String),
}

impl Template {
    /// What the name of a capture of SQL is followed by where the rows behind it are meant: `<sql.rows>`.
    pub const ROWS: &str = ".rows";

    /// Reads a template, words with blanks in quotes; `Err` names what is wrong.
    ///
    /// # Errors
    /// A `<` or quote that is never closed, or an empty text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Result<Vec<_>, _> = words::quoted(text)?.iter().map(|word| parts(word)).collect();
        let words = words?;
        if words.is_empty() { Err("the command is empty".to_owned()) } else { Ok(Self { words }) }
    }

    /// The names it needs.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        self.words.iter().flatten().filter_map(|part| match part {
            Part::Capture(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Fills the captures in. A word that is only a capture becomes as many words as were captured; `None` where a
    /// capture is missing, or stands inside a word and holds several, or would become an option: the gate starts
    /// probes itself, and `kubectl delete pod -- --context=empty` must not choose where they look.
    #[must_use]
    pub fn fill(&self, captures: &Captures<'_>) -> Option<Vec<OsString>> {
        let mut filled: Vec<OsString> = Vec::new();
        for word in &self.words {
            if let Some(Part::Capture(name)) = word.first() {
                let dashed = |value: &&OsStr| value.len() > 1 && value.as_encoded_bytes().starts_with(b"-");
                let options_end = filled.iter().any(|earlier| earlier == "--");
                if !options_end && captures.get(name)?.iter().any(dashed) {
                    return None;
                }
            }
            if let [Part::Capture(name)] = word.as_slice() {
                filled.extend(captures.get(name)?.iter().map(|value| (*value).to_owned()));
                continue;
            }
            let mut text = OsString::new();
            for part in word {
                match part {
                    Part::Text(part) => text.push(part),
                    Part::Capture(name) => match captures.get(name)?.as_slice() {
                        [one] => text.push(one),
                        _ => return None,
                    },
                }
            }
            filled.push(text);
        }
        Some(filled)
    }
}

fn parts(word: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('<') {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let (name, later) =
            after.split_once('>').ok_or_else(|| format!("`<` is never closed in `{word}`"))?;
        parts.push(Part::Capture(name.to_owned()));
        rest = later;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}
