//! The words of one command, and what is not certain about them before it runs.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Deref;

/// What makes a word uncertain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    /// A parameter, substitution or arithmetic whose value only the run knows: `$x`, `$(date)`.
    Dynamic,
    /// A pattern that becomes the names of files: `*.log`.
    Glob,
    /// Braces that become several words and were not written out: `{1..$n}`.
    Brace,
    /// The home directory of an account: `~root/x`.
    Tilde,
    /// Digits, perhaps with a minus, or nothing: `$?`, `$((x + 1))`, a variable that is only ever set to numbers.
    Number,
}

/// How many words it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// Exactly one: `"$x"`.
    One,
    /// At least one: a pattern that matches nothing stays as it is.
    Some,
    /// None, one or more, each of them anything: `$x`, `"$@"`.
    Any,
}

/// What is not certain about one word. Its text is then as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loose {
    /// So many leading bytes of the text are certain to begin the (first) word that comes of it.
    pub certain: usize,
    /// How many words come of it.
    pub count: Count,
    /// What makes it uncertain; where several things do, the one that makes it least certain.
    pub nature: Nature,
}

/// The words of one command, the program first. Those that are not loose are exactly what the program will get.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Words {
    texts: Vec<OsString>,
    /// By place; empty for an argv.
    loose: BTreeMap<usize, Loose>,
}

impl Words {
    /// Adds a word.
    pub fn push(&mut self, text: OsString, loose: Option<Loose>) {
        if let Some(loose) = loose {
            self.loose.insert(self.texts.len(), loose);
        }
        self.texts.push(text);
    }

    /// What is uncertain about the word at this place.
    #[must_use]
    pub fn loose(&self, at: usize) -> Option<&Loose> {
        self.loose.get(&at)
    }

    /// Every loose word: place, text, what is uncertain.
    pub fn all_loose(&self) -> impl Iterator<Item = (usize, &OsStr, &Loose)> {
        self.loose.iter().filter_map(|(at, loose)| Some((*at, self.texts.get(*at)?.as_os_str(), loose)))
    }

    /// Whether every word is exactly what the program will get.
    #[must_use]
    pub fn are_certain(&self) -> Certainty {
        if self.loose.is_empty() { Certainty::Exact } else { Certainty::Loose }
    }

    /// The words from this place on.
    #[must_use]
    pub fn from(&self, at: usize) -> Self {
        self.between(at, self.texts.len())
    }

    /// The words from one place up to another; places past the end are none.
    #[must_use]
    pub fn between(&self, from: usize, to: usize) -> Self {
        let to = to.min(self.texts.len());
        let from = from.min(to);
        let texts = self.texts.get(from..to).unwrap_or_default().to_vec();
        let loose = self.loose.range(from..to).map(|(at, loose)| (at.saturating_sub(from), *loose)).collect();
        Self { texts, loose }
    }

    /// Each word as it becomes; those that become nothing are left out.
    #[must_use]
    pub fn changed(
        &self,
        mut becomes: impl FnMut(usize, &OsStr, Option<Loose>) -> Option<(OsString, Option<Loose>)>,
    ) -> Self {
        let mut changed = Self::default();
        for (at, word) in self.texts.iter().enumerate() {
            if let Some((word, loose)) = becomes(at, word, self.loose(at).copied()) {
                changed.push(word, loose);
            }
        }
        changed
    }

    /// The texts alone.
    #[must_use]
    pub fn texts(&self) -> &[OsString] {
        &self.texts
    }
}

/// Whether words are exactly what a program will get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// They are.
    Exact,
    /// At least one is not.
    Loose,
}

impl From<Vec<OsString>> for Words {
    fn from(texts: Vec<OsString>) -> Self {
        Self { texts, loose: BTreeMap::new() }
    }
}

impl Deref for Words {
    type Target = [OsString];

    fn deref(&self) -> &[OsString] {
        &self.texts
    }
}
