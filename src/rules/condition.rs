//! Conditions: what `where` and `where-not` say of captures and of the place, and whether it holds for a command.
//!
//! In: a condition, what a pattern captured, where the command acts, and what stands in the texts that it is given. Out:
//! whether every value is accepted, or one could be. Never: a look at the disk - paths are resolved as if no part were a
//! link.

use super::matching::Captures;
use super::pattern::{self, Content, Pattern};
use crate::command::{Count, Loose, Nature};
use crate::content::{self, Contents, Depth, Wanted};
use crate::tools::{Reading, Whole};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;
use wildmatch::WildMatch;

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

/// How small letters and capitals are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letters {
    /// They are told apart.
    Exact,
    /// They are the same.
    AnyCase,
}

/// `*` and `?`. Prepared when it is first asked: of the thousands that the packs have, a call asks a few.
#[derive(Clone)]
pub struct Glob {
    text: String,
    letters: Letters,
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
        let prepared = self.prepared.get_or_init(|| match self.letters {
            Letters::Exact => WildMatch::new(&self.text),
            Letters::AnyCase => WildMatch::new_case_insensitive(&self.text),
        });
        prepared.matches(value)
    }

    /// Whether it matches words that begin so, however they go on: `https://*` matches `"https://$HOST/"`.
    fn matches_beginning(&self, begins: &str) -> Answer {
        let (text, begins) = match self.letters {
            Letters::Exact => (self.text.clone(), begins.to_owned()),
            Letters::AnyCase => (self.text.to_lowercase(), begins.to_lowercase()),
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
            || match self.letters {
                Letters::Exact => known == given,
                Letters::AnyCase => known.eq_ignore_ascii_case(&given),
            }
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?})", self.text, self.letters)
    }
}

impl Condition {
    /// A condition from its texts. What only raises ignores case: `kubectl delete SECRET x` deletes a secret too. What
    /// it does not accept is compared the other way round, so that in doubt it raises and in doubt nothing is known.
    pub(crate) fn new(key: String, globs: Vec<String>, but: Vec<String>, letters: Letters) -> Self {
        let each = |texts: Vec<String>, letters| {
            let glob = |text| Glob { text, letters, prepared: OnceLock::new() };
            texts.into_iter().map(glob).collect()
        };
        let other = match letters {
            Letters::Exact => Letters::AnyCase,
            Letters::AnyCase => Letters::Exact,
        };
        Self { key, globs: each(globs, letters), but: each(but, other) }
    }

    pub(super) fn accepts(&self, value: &str) -> bool {
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

/// What a condition says of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    /// It does not hold.
    No,
    /// It may hold: a value is known only when the command runs.
    Could,
    /// It holds for some value, or must be taken to hold.
    Yes,
}

/// What a condition is asked about.
pub(super) struct Asked<'q, 'w> {
    pub(super) pattern: &'q Pattern,
    pub(super) captures: &'q Captures<'w>,
    pub(super) reading: &'q Reading<'w>,
    pub(super) at: &'q Circumstances,
}

impl Asked<'_, '_> {
    /// Every value is accepted: what a `match` rule wants before it makes a command known.
    pub(super) fn surely(&self, condition: &Condition) -> bool {
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
    pub(super) fn perhaps(&self, condition: &Condition) -> Answer {
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
                    && pattern::captures(self.pattern).any(|name| name == condition.key);
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

/// The texts that one capture of a pattern stands for.
pub(super) fn wanted(
    pattern: &Pattern,
    key: &str,
    captures: &Captures<'_>,
    reading: &Reading<'_>,
) -> Vec<Wanted> {
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
                    |letters| Glob { text: text.clone(), letters, prepared: OnceLock::new() }.matches(&value);
                assert_eq!(matches(Letters::Exact), exact(&text).matches(&value), "{text:?} {value:?}");
                assert_eq!(matches(Letters::AnyCase), loose(&text).matches(&value), "{text:?} {value:?}");
            }
        }
    }
}
