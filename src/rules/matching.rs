//! Which patterns match a reading, and what they capture.
//!
//! Two questions with opposite duties. [`closed`] may make a command known, so every word and option must be
//! accounted for. [`open`] can only raise, so where a reading is not whole it looks at every raw word.

use super::pattern::{Count, OperandPattern, OptionPattern, Pattern, Presence, Shape};
use crate::tools::{Given, Reading, Role, Whole};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

/// What a pattern captured, by name.
pub type Captures<'a> = BTreeMap<String, Vec<&'a OsStr>>;

/// Matches a pattern that must account for every word.
#[must_use]
pub(super) fn closed<'a>(pattern: &Pattern, reading: &Reading<'a>) -> Option<Captures<'a>> {
    if reading.whole() == Whole::No || pattern.program != reading.tool.name {
        return None;
    }
    let mut captures = Captures::new();
    for given in &reading.options {
        let named = pattern.options.iter().filter(|option| option.name == given.spec.canonical());
        let mut named = named.peekable();
        if named.peek().is_none() && given.spec.role == Role::Plain {
            return None;
        }
        named.all(|option| value_fits(option, given, reading, &mut captures)).then_some(())?;
    }
    let missing =
        |option: &&OptionPattern| option.presence == Presence::Required && !is_given(option, reading);
    if pattern.options.iter().any(|option| missing(&option)) {
        return None;
    }
    let words: Vec<&OsStr> = reading.operands.iter().map(|operand| operand.text).collect();
    operands_fit(&pattern.operands, &words, reading, &mut captures).then_some(captures)
}

fn is_given(option: &OptionPattern, reading: &Reading<'_>) -> bool {
    reading.options.iter().any(|given| given.spec.canonical() == option.name)
}

/// Whether one given option has a value that the pattern accepts. Of `--dry-run=client --dry-run=none` both must.
fn value_fits<'a>(
    option: &OptionPattern,
    given: &Given<'a>,
    reading: &Reading<'_>,
    captures: &mut Captures<'a>,
) -> bool {
    match (&option.value, given.value) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some(shape), Some(value)) => closed_shape_fits(shape, value, reading, captures),
    }
}

/// A value that is known only when the command runs is none of any known words.
fn closed_shape_fits<'a>(
    shape: &Shape,
    word: &'a OsStr,
    reading: &Reading<'_>,
    captures: &mut Captures<'a>,
) -> bool {
    let literal = match shape {
        Shape::Words(_) => true,
        Shape::Capture(..) => false,
    };
    !(literal && reading.looseness(word).is_some()) && shape_fits(shape, word, captures)
}

fn shape_fits<'a>(shape: &Shape, word: &'a OsStr, captures: &mut Captures<'a>) -> bool {
    match shape {
        Shape::Words(words) => words.iter().any(|known| OsStr::new(known) == word),
        Shape::Capture(name, _) => {
            captures.entry(name.clone()).or_default().push(word);
            true
        }
    }
}

/// Fits operand patterns to words, each part taking as many as it can from the left.
///
/// Which words are left for the parts behind a part is worked out from the end, so that no number of `[<optional>]`
/// parts makes the work grow faster than parts times words.
///
/// A word that is known only when the command runs is no literal word, and where it may become several, only a part
/// for many takes it: `cp *.log /backup` must not pass for `cp <file> <directory>`.
fn operands_fit<'a>(
    patterns: &[OperandPattern],
    words: &[&'a OsStr],
    reading: &Reading<'_>,
    captures: &mut Captures<'a>,
) -> bool {
    let certain = |pattern: &OperandPattern, word: &OsStr| match (&pattern.shape, reading.looseness(word)) {
        (_, None) => true,
        (Shape::Words(_), Some(_)) => false,
        (Shape::Capture(..), Some(loose)) => loose.count == crate::command::Count::One,
    };
    let fits = |pattern: &OperandPattern, word: &OsStr| match &pattern.shape {
        _ if !certain(pattern, word) => false,
        Shape::Words(known) => known.iter().any(|known| OsStr::new(known) == word),
        Shape::Capture(..) => true,
    };
    // `starts` of a part: where in the words it may begin so that it and all later parts use up every word.
    let mut starts = BTreeSet::from([words.len()]);
    let mut ends_of_parts = Vec::new();
    for (part, pattern) in patterns.iter().enumerate().rev() {
        let ends = starts;
        starts = match pattern.presence {
            Presence::Optional => ends.clone(),
            Presence::Required => BTreeSet::new(),
        };
        for before in ends.iter().filter_map(|end| end.checked_sub(1)) {
            match pattern.count {
                Count::One => {
                    starts.extend(words.get(before).filter(|word| fits(pattern, word)).map(|_| before))
                }
                // Only one part takes many words, so those before it take at most one each; `...` only follows captures.
                Count::Many => starts.extend(0..=before.min(part)),
            }
        }
        ends_of_parts.push(ends);
    }
    if !starts.contains(&0) {
        return false;
    }
    let mut at = 0_usize;
    for (pattern, ends) in patterns.iter().zip(ends_of_parts.iter().rev()) {
        let end = match pattern.count {
            Count::One => {
                let next = at.saturating_add(1);
                let takes = ends.contains(&next) && words.get(at).is_some_and(|word| fits(pattern, word));
                if takes { next } else { at }
            }
            Count::Many => ends.last().copied().unwrap_or(at).max(at),
        };
        for word in words.get(at..end).unwrap_or_default() {
            shape_fits(&pattern.shape, word, captures);
        }
        at = end;
    }
    true
}

/// Whether every word of a command is understood and everything that the pattern names is surely given: what makes an
/// exception. Of `--dry-run=client --dry-run=none` both values would have to be accepted.
#[must_use]
pub(super) fn surely(pattern: &Pattern, reading: &Reading<'_>) -> bool {
    if reading.whole() == Whole::No || pattern.program != reading.tool.name {
        return false;
    }
    let given = |option: &OptionPattern| {
        let mut all = reading.options.iter().filter(|given| given.spec.canonical() == option.name).peekable();
        all.peek().is_some() && all.all(|given| value_fits(option, given, reading, &mut Captures::new()))
    };
    let mut required = pattern.options.iter().filter(|option| option.presence == Presence::Required);
    required.all(given) && open(pattern, reading, Breadth::AsRead).is_some()
}

/// What a pattern found when its words may stand anywhere.
pub(super) struct Found<'a> {
    /// One reading of its captures: what a rollback or probe is filled with.
    pub(super) captures: Captures<'a>,
    /// What conditions are held against: the same, or every word that a capture could be.
    pub(super) possible: Captures<'a>,
}

/// How many words one capture may stand for when conditions are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breadth {
    /// The word at its place, as long as every word of the command was understood.
    AsRead,
    /// Every word behind: `delete <ns>` with the condition `ns = "prod"` shall see `delete shop prod` too.
    Possible,
}

/// Matches a pattern whose words may stand anywhere.
#[must_use]
pub(super) fn open<'a>(pattern: &Pattern, reading: &Reading<'a>, breadth: Breadth) -> Option<Found<'a>> {
    if pattern.program != reading.tool.name {
        return None;
    }
    let mut captures = Captures::new();
    for option in &pattern.options {
        let found = option_anywhere(option, reading, &mut captures);
        (found || option.presence == Presence::Optional).then_some(())?;
    }
    let mut found = Found { possible: captures.clone(), captures };
    let breadth = if reading.whole() == Whole::No { Breadth::Possible } else { breadth };
    operands_anywhere(pattern, reading, breadth, &mut found).then_some(found)
}

fn option_anywhere<'a>(option: &OptionPattern, reading: &Reading<'a>, captures: &mut Captures<'a>) -> bool {
    let mut found = false;
    for given in reading.options.iter().filter(|given| given.spec.canonical() == option.name) {
        found |= match (&option.value, given.value) {
            (None, _) => true,
            (Some(shape), Some(value)) => shape_fits(shape, value, captures),
            (Some(_), None) => false,
        };
    }
    found || (reading.whole() == Whole::No && raw_option(option, reading))
}

/// Where a word could not be read, an option counts as given as soon as any word could be it.
fn raw_option(option: &OptionPattern, reading: &Reading<'_>) -> bool {
    let tables = reading.tool.subcommands.iter().map(|sub| &sub.options).chain([&reading.tool.options]);
    let specs: Vec<_> = tables.flatten().filter(|spec| spec.canonical() == option.name).collect();
    // `--all-namespaces=\xff` is not UTF-8 and still that option.
    reading.words.iter().skip(1).map(|word| word.to_string_lossy()).any(|word| {
        let bare = word.split_once('=').map_or(&*word, |(name, _)| name);
        specs.iter().flat_map(|spec| &spec.names).any(|name| {
            let letter = name.strip_prefix('-').filter(|letter| letter.len() == 1);
            let bundled = letter.is_some_and(|letter| {
                !word.starts_with("--") && word.starts_with('-') && word.contains(letter)
            });
            // `--na` may be short for `--name` or `--namespace`: here it is both.
            let short_for = bare.len() > 2 && bare.starts_with("--") && name.starts_with(bare);
            let same = bare.trim_start_matches('-') == name.trim_start_matches('-') && bare.starts_with('-');
            bare == name || same || bundled || short_for
        })
    })
}

fn operands_anywhere<'a>(
    pattern: &Pattern,
    reading: &Reading<'a>,
    breadth: Breadth,
    found: &mut Found<'a>,
) -> bool {
    let read = reading.operands.iter().map(|operand| operand.text);
    let raw = reading.words.iter().skip(1).map(|word| word.as_os_str());
    let words: Vec<&OsStr> = match reading.whole() {
        Whole::Yes => read.collect(),
        Whole::No => raw.collect(),
    };
    let mut rest = words.as_slice();
    for operand in &pattern.operands {
        match (&operand.shape, operand.count) {
            (Shape::Words(known), _) => {
                let at = rest.iter().position(|word| known.iter().any(|known| OsStr::new(known) == *word));
                match (at, operand.presence) {
                    (Some(at), _) => rest = rest.get(at.saturating_add(1)..).unwrap_or_default(),
                    (None, Presence::Optional) => {}
                    (None, Presence::Required) => return false,
                }
            }
            (Shape::Capture(name, _), count) => {
                let (taken, left) = match count {
                    Count::One => rest.split_at_checked(1).unwrap_or((&[], rest)),
                    Count::Many => (rest, rest),
                };
                if taken.is_empty() && operand.presence == Presence::Required {
                    return false;
                }
                found.captures.entry(name.clone()).or_default().extend(taken);
                let possible = if breadth == Breadth::Possible { rest } else { taken };
                found.possible.entry(name.clone()).or_default().extend(possible);
                rest = left;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Breadth, open};
    use crate::rules::pattern;
    use crate::tools::{Globals, Reading, Style, Tool};
    use std::ffi::OsString;

    /// `any = "shred <path>..."` means one path or more; `shred --help` has none and must not be raised.
    #[test]
    fn a_required_part_for_many_words_wants_at_least_one() {
        let tool = Tool {
            name: "shred".to_owned(),
            aliases: Vec::new(),
            operation: 0,
            style: Style::Gnu,
            globals: Globals::Anywhere,
            operations: crate::tools::Operations::Open,
            options: Vec::new(),
            complete: crate::tools::Complete::No,
            subcommands: Vec::new(),
            variables: Vec::new(),
            ambient: None,
            dialect: None,
        };
        let matches = |text: &str, words: &[&str]| {
            let pattern = pattern::parse(text, &tool).unwrap();
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            open(&pattern, &Reading::new(&tool, &words), Breadth::AsRead).is_some()
        };
        assert!(!matches("shred <path>...", &["shred"]));
        assert!(matches("shred <path>...", &["shred", "x"]));
        assert!(matches("shred <path>...", &["shred", "--no-such", "x"]));
        assert!(matches("shred [<path>...]", &["shred"]));
    }
}
