//! Proven rules: what a `[[rule]]` and an `[[environment]]` say, with nothing left to check.

use super::matching::{self, Breadth, Captures};
use super::pattern::{self, Content, Pattern};
use super::problem::{Layer, Trust};
use crate::command::{Count, Loose, Nature, Stdin};
use crate::content::{self, Contents, Depth, Wanted};
use crate::facts::{Effect, Rollback, Scope, Tier};
use crate::tools::{Reading, Whole};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;
use wildmatch::WildMatch;

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
        let words: Result<Vec<_>, _> = super::words::quoted(text)?.iter().map(|word| parts(word)).collect();
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

/// `where = { key = ["glob"] }` and `where-not`: one key and what it must look like.
#[derive(Clone, Debug)]
pub struct Condition {
    /// A capture, an option that says where, `environment`, `actor` or a field of the ambient target.
    pub key: String,
    /// The accepted values.
    pub globs: Vec<Glob>,
    /// Of these, the values that are not accepted after all.
    pub but: Vec<Glob>,
}

/// `*` and `?`. Prepared when it is first asked: of the thousands that the packs have, a call asks a few.
#[derive(Clone)]
pub struct Glob {
    text: String,
    kind: Kind,
    prepared: OnceLock<WildMatch>,
}

impl Glob {
    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn matches(&self, value: &str) -> bool {
        if !self.may_begin(value) {
            return false;
        }
        let prepared = self.prepared.get_or_init(|| match self.kind {
            Kind::Match => WildMatch::new(&self.text),
            Kind::Any => WildMatch::new_case_insensitive(&self.text),
        });
        prepared.matches(value)
    }

    /// Whether it matches words that begin so, however they go on: `https://*` matches `"https://$HOST/"`.
    fn matches_beginning(&self, begins: &str) -> Answer {
        let (text, begins) = match self.kind {
            Kind::Match => (self.text.clone(), begins.to_owned()),
            Kind::Any => (self.text.to_lowercase(), begins.to_lowercase()),
        };
        let literal = text.find(['*', '?']).unwrap_or(text.len());
        let (fixed, rest) = text.split_at_checked(literal).unwrap_or((&text, ""));
        match (begins.starts_with(fixed), fixed.starts_with(&begins)) {
            (true, _) if rest == "*" => Answer::Yes,
            (true, _) if rest.is_empty() && begins.len() > fixed.len() => Answer::No,
            (true, _) | (_, true) => Answer::Could,
            (false, false) => Answer::No,
        }
    }
}

impl Glob {
    /// Most globs differ from most words in the first letter, which is told without preparing anything.
    fn may_begin(&self, value: &str) -> bool {
        let (Some(known), Some(given)) = (self.text.bytes().next(), value.bytes().next()) else {
            return true;
        };
        let letters = known.is_ascii() && given.is_ascii() && !b"*?".contains(&known);
        !letters
            || match self.kind {
                Kind::Match => known == given,
                Kind::Any => known.eq_ignore_ascii_case(&given),
            }
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?})", self.text, self.kind)
    }
}

impl Condition {
    /// A condition from its texts. What only raises ignores case: `kubectl delete SECRET x` deletes a secret too. What
    /// it does not accept is compared the other way round, so that in doubt it raises and in doubt nothing is known.
    #[must_use]
    pub fn new(key: String, globs: Vec<String>, but: Vec<String>, kind: Kind) -> Self {
        let each = |texts: Vec<String>, kind| {
            let glob = |text| Glob { text, kind, prepared: OnceLock::new() };
            texts.into_iter().map(glob).collect()
        };
        let other = match kind {
            Kind::Match => Kind::Any,
            Kind::Any => Kind::Match,
        };
        Self { key, globs: each(globs, kind), but: each(but, other) }
    }

    fn accepts(&self, value: &str) -> bool {
        let any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(value));
        any(&self.globs) && !any(&self.but)
    }

    /// Whether it accepts words that begin so, however they go on.
    fn accepts_beginning(&self, begins: &str) -> Answer {
        let most = |globs: &[Glob]| globs.iter().map(|glob| glob.matches_beginning(begins)).max();
        let accepted = most(&self.globs).unwrap_or(Answer::No);
        match most(&self.but).unwrap_or(Answer::No) {
            Answer::Yes => Answer::No,
            Answer::Could => accepted.min(Answer::Could),
            Answer::No => accepted,
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

/// What is known about one place key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// These values, all of them in force.
    Known(Vec<String>),
    /// It could not be read; any value is possible.
    #[default]
    Unreadable,
}

/// Where a command acts and who asks: what conditions are held against besides captures.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// `namespace`, `context`, `host`, `directory`, ..., `actor`, `environment`.
    pub places: BTreeMap<String, Place>,
    /// The environments that trusted files name and that cover the whole place. A project file can call any place
    /// `sandbox`, so only these count where a `match` rule would make a command known.
    pub trusted_environments: Place,
    /// The working directory, for paths among captures.
    pub cwd: PathBuf,
    /// What patterns among the words find now, as absolute paths: `*.log` -> `/srv/a.log`.
    pub found: BTreeMap<String, Vec<String>>,
    /// What stands in the texts that rules ask about; one that is not here is unknown.
    pub contents: BTreeMap<Wanted, Contents>,
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
                || (self.patterns.iter().flat_map(super::pattern::captures).any(|name| name == condition.key)
                    && !unseen(condition))
        };
        let conditions = self.conditions.iter().filter(known).cloned().collect();
        let places = targets.into_iter().map(|(key, values)| (key, Place::Known(values))).collect();
        let words = Self { conditions, ..self.clone() };
        let at = Circumstances { places, contents, cwd: PathBuf::from("/"), ..Circumstances::default() };
        words.matches(reading, &at).filter(|(fit, _)| *fit == Fit::Whole).map(|(_, captures)| captures)
    }
}

/// The texts that one capture of a pattern stands for.
fn wanted(pattern: &Pattern, key: &str, captures: &Captures<'_>, reading: &Reading<'_>) -> Vec<Wanted> {
    let Content::Read(kind) = pattern::content(pattern, key) else { return Vec::new() };
    let dialect = reading.tool.dialect.unwrap_or(content::sql::Dialect::Generic);
    let below = reading.options.iter().any(|given| given.spec.canonical() == "--recursive");
    let depth = if below { Depth::Recursive } else { Depth::Flat };
    let wanted = |place| Wanted { kind, place, dialect, depth };
    let stdin = pattern.stdin.iter().filter(|(name, _)| name == key).map(|_| content::Place::Stdin);
    let words = captures.get(key).into_iter().flatten();
    let words = words.map(|word| content::Place::Word((*word).to_owned()));
    stdin.chain(words).map(wanted).collect()
}

/// What a condition says of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    /// It does not hold.
    No,
    /// It may hold: a value is known only when the command runs.
    Could,
    /// It holds for some value, or must be taken to hold.
    Yes,
}

/// What a condition is asked about.
struct Asked<'q, 'w> {
    pattern: &'q Pattern,
    captures: &'q Captures<'w>,
    reading: &'q Reading<'w>,
    at: &'q Circumstances,
}

impl Asked<'_, '_> {
    /// Every value is accepted: what a `match` rule wants before it makes a command known.
    fn surely(&self, condition: &Condition) -> bool {
        let place = match condition.key.as_str() {
            "environment" => Some(&self.at.trusted_environments),
            key => self.at.places.get(key),
        };
        let values = match (self.captured(&condition.key), place) {
            (Some(values), _) => values,
            (None, Some(Place::Known(values))) => values.clone(),
            (None, Some(Place::Unreadable) | None) => return false,
        };
        if self.classes(&condition.key).is_some() {
            return self.content(condition, &values);
        }
        let words: Vec<&OsStr> = self.captured_words(&condition.key).collect();
        if words.iter().all(|word| self.reading.looseness(word).is_none()) {
            return !values.is_empty() && values.iter().all(|value| condition.accepts(value));
        }
        words.iter().zip(&values).all(|(word, value)| match self.reading.looseness(word) {
            None => condition.accepts(value),
            Some(loose) => self.beginning(condition, word, loose) == Answer::Yes,
        })
    }

    /// What stands in a text is accepted: every class but those that mean nothing beside others. Of a word that only the
    /// run knows the class is `unknown`, and a rule may speak of that.
    fn content(&self, condition: &Condition, values: &[String]) -> bool {
        let idle = match pattern::content(self.pattern, &condition.key) {
            Content::Read(kind) => kind.idle(),
            Content::Ignored | Content::Place | Content::Data | Content::Matters => &[],
        };
        let busy: Vec<&String> = values.iter().filter(|value| !idle.contains(&value.as_str())).collect();
        let values = if busy.is_empty() { values.iter().collect() } else { busy };
        !values.is_empty() && values.iter().all(|value| condition.accepts(value))
    }

    /// What a condition says of a word of which only the beginning is certain.
    fn beginning(&self, condition: &Condition, word: &OsStr, loose: &Loose) -> Answer {
        // A path is resolved before it is compared, and `/srv/$x` may resolve to anything.
        let path = match pattern::content(self.pattern, &condition.key) {
            Content::Place | Content::Matters | Content::Read(_) => true,
            Content::Ignored | Content::Data => false,
        };
        let begins = word.as_bytes().get(..loose.certain).and_then(|begins| std::str::from_utf8(begins).ok());
        match begins {
            Some(begins) if !path && loose.count == Count::One && !begins.is_empty() => {
                condition.accepts_beginning(begins)
            }
            Some(_) | None => Answer::Could,
        }
    }

    /// Whether some value is accepted, or could be: enough to raise.
    fn perhaps(&self, condition: &Condition) -> Answer {
        let some = |values: &[String]| match values.iter().any(|value| condition.accepts(value)) {
            true => Answer::Yes,
            false => Answer::No,
        };
        match (self.captured(&condition.key), self.at.places.get(&condition.key)) {
            (Some(values), _) => {
                let words = self.captured_words(&condition.key);
                let could = words.map(|word| self.could(condition, word)).max().unwrap_or(Answer::No);
                some(&values).max(could)
            }
            (None, Some(Place::Known(values))) => some(values),
            (None, Some(Place::Unreadable)) => Answer::Yes,
            // An option counts as given where a word could not be read, and its value is anybody's guess.
            (None, None) => {
                let guess = self.reading.whole() == Whole::No
                    && super::pattern::captures(self.pattern).any(|name| name == condition.key);
                if guess { Answer::Yes } else { Answer::No }
            }
        }
    }

    /// Whether a word that only the run knows could be accepted.
    fn could(&self, condition: &Condition, word: &OsStr) -> Answer {
        let Some(loose) = self.reading.looseness(word) else { return Answer::No };
        if matches!(pattern::content(self.pattern, &condition.key), Content::Read(_)) {
            return Answer::No; // `unknown`, and nothing else
        }
        if let Some(names) = self.at.found.get(&*word.to_string_lossy()) {
            // Whoever looked saw what the pattern finds.
            let accepted = names.iter().any(|name| condition.accepts(name));
            return if accepted { Answer::Yes } else { Answer::No };
        }
        match loose.nature {
            // Where words could not be told apart, every one of them could be anything; then the command is not known.
            _ if self.reading.whole() == Whole::No => Answer::No,
            Nature::Number => Answer::No,
            Nature::Dynamic | Nature::Glob | Nature::Brace | Nature::Tilde => {
                self.beginning(condition, word, loose)
            }
        }
    }

    /// The values of a capture as conditions see them: files as absolute paths.
    fn captured(&self, key: &str) -> Option<Vec<String>> {
        if let Some(classes) = self.classes(key) {
            return Some(classes);
        }
        let words = self.captures.get(key)?;
        Some(words.iter().map(|word| self.value(key, word)).collect())
    }

    fn value(&self, key: &str, word: &OsStr) -> String {
        match pattern::content(self.pattern, key) {
            Content::Place | Content::Matters => resolve(&self.at.cwd, word),
            Content::Ignored | Content::Data | Content::Read(_) => word.to_string_lossy().into_owned(),
        }
    }

    /// The classes of what a capture stands for; `None` where it is the word itself that counts.
    fn classes(&self, key: &str) -> Option<Vec<String>> {
        let Content::Read(_) = pattern::content(self.pattern, key) else { return None };
        let wanted = wanted(self.pattern, key, self.captures, self.reading);
        let classes = wanted.iter().flat_map(|wanted| match self.at.contents.get(wanted) {
            Some(contents) => contents.classes.iter().cloned().collect(),
            None => vec![content::UNKNOWN.to_owned()],
        });
        Some(classes.collect::<Vec<_>>()).filter(|classes| !classes.is_empty())
    }

    fn captured_words(&self, key: &str) -> impl Iterator<Item = &OsStr> {
        self.captures.get(key).into_iter().flatten().copied()
    }
}

/// The absolute path that `word` names from `cwd`, without looking at the disk: `../x`, `//x` and `./x` all become
/// what they would be if no part were a link.
#[must_use]
pub fn resolve(cwd: &Path, word: &OsStr) -> String {
    let mut resolved = PathBuf::from("/");
    for part in cwd.join(word).components() {
        match part {
            Component::Normal(name) => resolved.push(name),
            Component::ParentDir => {
                resolved.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    resolved.to_string_lossy().into_owned()
}

/// A proven `[[environment]]`.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub layer: Layer,
    /// Whether it may make an unknown tier known.
    pub trust: Trust,
    /// What matters there.
    pub tier: Tier,
    /// All must hold.
    pub conditions: Vec<Condition>,
}

/// How far an environment covers a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Every value of every key.
    Whole,
    /// Some value of every key, or a key that could not be read: enough to raise, not enough to know.
    Partly,
    /// Not at all.
    Not,
}

impl Environment {
    /// How far this entry covers the place.
    #[must_use]
    pub fn covers(&self, places: &BTreeMap<String, Place>) -> Cover {
        let mut cover = Cover::Whole;
        for condition in &self.conditions {
            match places.get(&condition.key) {
                Some(Place::Known(values)) if !values.is_empty() => {
                    let fits = values.iter().filter(|value| condition.accepts(value)).count();
                    if fits == 0 {
                        return Cover::Not;
                    }
                    if fits < values.len() {
                        cover = Cover::Partly;
                    }
                }
                Some(Place::Unreadable) => cover = Cover::Partly,
                Some(Place::Known(_)) | None => return Cover::Not,
            }
        }
        cover
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first letter is a short cut, never another answer.
    #[test]
    fn a_glob_answers_as_when_it_is_prepared_at_once() {
        let letters = ["", "a", "A", "b", "k", "\u{212a}", "\u{e9}", "\u{c9}", "*", "?", "-"];
        let texts = || letters.iter().flat_map(|one| letters.iter().map(move |two| format!("{one}{two}")));
        let (exact, loose) = (WildMatch::new, WildMatch::new_case_insensitive);
        for text in texts() {
            for value in texts() {
                let matches =
                    |kind| Glob { text: text.clone(), kind, prepared: OnceLock::new() }.matches(&value);
                assert_eq!(matches(Kind::Match), exact(&text).matches(&value), "{text:?} {value:?}");
                assert_eq!(matches(Kind::Any), loose(&text).matches(&value), "{text:?} {value:?}");
            }
        }
    }
}
