//! Proven rules: what a `[[rule]]` says, with nothing left to check, and whether it speaks of a command.
//!
//! In: the reading of a command, and where it acts. Out: how well the rule fits, and what it captured. Never: a `match`
//! rule that fits as a whole where one of its conditions could fail.

use super::condition::{Answer, Asked, Circumstances, Condition, Place, wanted};
use super::matching::{self, Breadth, Captures};
use super::pattern::{self, Content, Pattern};
use super::problem::{Layer, Trust};
use super::template::Template;
use crate::command::Stdin;
use crate::content::{self, Contents, Wanted};
use crate::facts::{Effect, Rollback, Scope, Tier};
use crate::tools::Reading;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// A rule's name: `kubernetes.rollout-restart`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(String);

impl RuleId {
    /// Small letters, digits, `-` and `.`; `None` for anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        (!text.is_empty() && text.chars().all(plain)).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether a rule can make a command known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `match`: accounts for every word.
    Match,
    /// `any`: looks for its words anywhere and only raises.
    Any,
}

/// What a rule says about undoing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// Nothing to undo; the rule's `why` says why.
    Unneeded,
    /// The inverse command.
    Command(Template),
    /// A written instruction.
    Instruction(String),
    /// Cannot be undone.
    Impossible,
}

impl Undo {
    /// The value on the rollback axis.
    #[must_use]
    pub fn rollback(&self) -> Rollback {
        match self {
            Undo::Unneeded => Rollback::Unneeded,
            Undo::Command(_) => Rollback::Declared,
            Undo::Instruction(_) => Rollback::Manual,
            Undo::Impossible => Rollback::None,
        }
    }
}

/// How a rule fits a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Its words are all there among others, or its conditions may hold: a `match` rule that would have spoken if
    /// one word were not there. What it would have asked for is still asked.
    Resembles,
    /// It accounts for every word, and its conditions hold for some of the values: enough to raise, not to know.
    Partly,
    /// As written.
    Whole,
}

/// What a rule requires of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// `--reason TEXT`.
    Reason,
    /// `--ticket ID`.
    Ticket,
}

/// A read-only command whose output lines are the affected objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The command.
    pub command: Template,
    /// How many objects at most.
    pub max: Option<u32>,
}

/// A proven `[[rule]]`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// Where it comes from.
    pub layer: Layer,
    /// Whether it may make a command known.
    pub trust: Trust,
    /// Whether it accounts for every word.
    pub kind: Kind,
    /// Its patterns; one is enough.
    pub patterns: Vec<Pattern>,
    /// Its patterns as written.
    pub written: Vec<String>,
    /// What an `any` rule does not speak of: `helm uninstall --dry-run`.
    pub exceptions: Vec<Pattern>,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// What the command changes; empty where the rule does not say.
    pub effects: Vec<Effect>,
    /// How far it reaches.
    pub scope: Option<Scope>,
    /// At least this tier.
    pub tier: Option<Tier>,
    /// How to undo it.
    pub undo: Option<Undo>,
    /// Why the facts are what they are.
    pub why: Option<String>,
    /// Rules that this one removes.
    pub replaces: Vec<RuleId>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Groups that must approve.
    pub approvers: Vec<String>,
    /// How many people must agree; at least two make the demand two-person.
    pub approvals: Option<u8>,
    /// What the caller must say.
    pub require: Vec<Requirement>,
    /// A read-only command that must succeed first: the stated symptom is really there.
    pub trigger: Option<Template>,
    /// Measures the reach.
    pub probe: Option<Probe>,
    /// Captures of files that the program reads just as well from `/dev/fd/N`.
    pub by_descriptor: Vec<String>,
}

impl Rule {
    /// Whether the rule matches, and what it captured. [`Fit::Resembles`] is left to [`Rule::resembles`].
    #[must_use]
    pub fn matches<'a>(
        &self,
        reading: &Reading<'a>,
        circumstances: &Circumstances,
    ) -> Option<(Fit, Captures<'a>)> {
        if self.kind == Kind::Any {
            if self.exceptions.iter().any(|pattern| matching::surely(pattern, reading)) {
                return None;
            }
            let found = self.open(reading, circumstances, Breadth::AsRead);
            return found.map(|(answer, captures)| match answer {
                Answer::Yes => (Fit::Whole, captures),
                Answer::Could | Answer::No => (Fit::Partly, captures),
            });
        }
        let closed = self.patterns.iter().filter_map(|pattern| {
            let captures = matching::closed(pattern, reading)?;
            let asked = Asked { pattern, captures: &captures, reading, at: circumstances };
            let fit = if self.conditions.iter().all(|condition| asked.surely(condition)) {
                Fit::Whole
            } else if self.conditions.iter().all(|condition| asked.perhaps(condition) > Answer::No) {
                Fit::Partly
            } else {
                return None;
            };
            Some((fit, captures))
        });
        closed.reduce(|kept, other| if other.0 > kept.0 { other } else { kept })
    }

    /// What the capture says of the file that its word names to `program`: what the pattern says that accounts for the
    /// command, and where none does, what any of the program's says. Nothing where the word is no name.
    #[must_use]
    pub fn files(&self, capture: &str, program: &str, accounting: Option<&Pattern>) -> Vec<Content> {
        let patterns = self.patterns.iter().filter(|pattern| pattern.program == program);
        let patterns = patterns.filter(|pattern| accounting.is_none_or(|one| one == *pattern));
        let mut found = Vec::new();
        for content in patterns.map(|pattern| pattern::content(pattern, capture)) {
            let is_file = match content {
                Content::Ignored | Content::Read(content::Kind::Sql) => false,
                Content::Matters | Content::Place | Content::Data => true,
                Content::Read(content::Kind::SqlFile) => true,
                Content::Read(content::Kind::Manifest | content::Kind::Kustomization) => true,
            };
            if is_file && !found.contains(&content) {
                found.push(content);
            }
        }
        found
    }

    /// The pattern that accounts for every word of the command, and what it captures, of several the one that captured
    /// this: only what such a pattern says of a command is all that there is to say.
    #[must_use]
    pub fn accounting<'a>(
        &self,
        reading: &Reading<'a>,
        captured: &BTreeMap<String, Vec<OsString>>,
    ) -> Option<(&Pattern, Captures<'a>)> {
        let same = |captures: &Captures<'a>| {
            captures.len() == captured.len()
                && captures
                    .iter()
                    .all(|(name, words)| captured.get(name).is_some_and(|known| known.iter().eq(words)))
        };
        let closed = |pattern| Some((pattern, matching::closed(pattern, reading)?));
        let mut found = self.patterns.iter().filter_map(closed);
        let first = found.next()?;
        let same = |(_, captures): &(&Pattern, Captures<'a>)| same(captures);
        Some(if same(&first) { first } else { found.find(same).unwrap_or(first) })
    }

    /// Whether a `match` rule would match if the command had fewer words or a condition were clearer. An option that
    /// nobody knows must not take away what `delete namespace prod` asks for without it.
    #[must_use]
    pub fn resembles<'a>(&self, reading: &Reading<'a>, at: &Circumstances) -> Option<Captures<'a>> {
        match self.kind {
            Kind::Match => self.open(reading, at, Breadth::Possible).map(|(_, captures)| captures),
            Kind::Any => None,
        }
    }

    fn open<'a>(
        &self,
        reading: &Reading<'a>,
        at: &Circumstances,
        breadth: Breadth,
    ) -> Option<(Answer, Captures<'a>)> {
        self.patterns.iter().find_map(|pattern| {
            let found = matching::open(pattern, reading, breadth)?;
            let asked = Asked { pattern, captures: &found.possible, reading, at };
            // The least answer counts, and below `No` there is none.
            let answer = self.conditions.iter().try_fold(Answer::Yes, |least, condition| {
                let answer = asked.perhaps(condition);
                (answer > Answer::No).then_some(least.min(answer))
            });
            Some((answer?, found.captures))
        })
    }

    /// The texts that its conditions ask about, as far as its patterns fit. Only these are read.
    #[must_use]
    pub fn wanted(&self, reading: &Reading<'_>) -> Vec<Wanted> {
        let read = |condition: &&Condition, pattern: &Pattern| {
            matches!(pattern::content(pattern, &condition.key), Content::Read(_))
        };
        let each = self.patterns.iter().flat_map(|pattern| {
            let keys: Vec<&Condition> =
                self.conditions.iter().filter(|condition| read(condition, pattern)).collect();
            if keys.is_empty() {
                return Vec::new();
            }
            let closed = matching::closed(pattern, reading);
            let open = matching::open(pattern, reading, Breadth::Possible).map(|found| found.possible);
            let found: Vec<Captures<'_>> = closed.into_iter().chain(open).collect();
            let of = |condition: &&Condition| {
                let each =
                    found.iter().flat_map(|captures| wanted(pattern, &condition.key, captures, reading));
                each.collect::<Vec<_>>()
            };
            keys.iter().flat_map(of).collect()
        });
        each.collect()
    }

    /// Whether the words alone match, conditions on place and actor aside: what examples are held against. Of what
    /// stands in files an example says nothing either.
    #[must_use]
    pub fn matches_words<'a>(&self, reading: &Reading<'a>, stdin: &Stdin) -> Option<Captures<'a>> {
        let targets = reading.targets();
        let contents: BTreeMap<Wanted, Contents> = self
            .wanted(reading)
            .into_iter()
            .filter_map(|wanted| {
                let contents = wanted.without_looking(stdin)?;
                Some((wanted, contents))
            })
            .collect();
        let asks = self.wanted(reading);
        let unseen = |condition: &Condition| {
            let read = |pattern: &Pattern| match pattern::content(pattern, &condition.key) {
                Content::Read(kind) => {
                    asks.iter().any(|wanted| wanted.kind == kind && !contents.contains_key(wanted))
                }
                Content::Ignored | Content::Place | Content::Data | Content::Matters => false,
            };
            self.patterns.iter().any(read)
        };
        let known = |condition: &&Condition| {
            targets.contains_key(&condition.key)
                || (self.patterns.iter().flat_map(pattern::captures).any(|name| name == condition.key)
                    && !unseen(condition))
        };
        let conditions = self.conditions.iter().filter(known).cloned().collect();
        let places = targets.into_iter().map(|(key, values)| (key, Place::Known(values))).collect();
        let words = Self { conditions, ..self.clone() };
        let at = Circumstances { places, contents, cwd: PathBuf::from("/"), ..Circumstances::default() };
        words.matches(reading, &at).filter(|(fit, _)| *fit == Fit::Whole).map(|(_, captures)| captures)
    }
}
