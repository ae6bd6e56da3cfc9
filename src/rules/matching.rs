//! Which patterns match a reading, and what they capture.
//!
//! Two questions with opposite duties. [`closed`] may make a command known, so every word and option must be
//! accounted for. [`open`] can only raise, so where a reading is not whole it looks at every raw word.

use super::pattern::{Count, OperandPattern, OptionPattern, Pattern, Presence, Shape};
use crate::tools::{Given, Reading, Role, Whole};
use std::collections::BTreeMap;
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
        let named = pattern.options.iter().find(|option| option.name == given.spec.canonical());
        match named {
            Some(option) => value_fits(option, given, &mut captures).then_some(())?,
            None if given.spec.role == Role::Plain => return None,
            None => {}
        }
    }
    let missing =
        |option: &&OptionPattern| option.presence == Presence::Required && !is_given(option, reading);
    if pattern.options.iter().any(|option| missing(&option)) {
        return None;
    }
    let words: Vec<&OsStr> = reading.operands.iter().map(|operand| operand.text).collect();
    operands_fit(&pattern.operands, &words, &mut captures).then_some(captures)
}

fn is_given(option: &OptionPattern, reading: &Reading<'_>) -> bool {
    reading.options.iter().any(|given| given.spec.canonical() == option.name)
}

/// Whether one given option has a value that the pattern accepts. Of `--dry-run=client --dry-run=none` both must.
fn value_fits<'a>(option: &OptionPattern, given: &Given<'a>, captures: &mut Captures<'a>) -> bool {
    match (&option.value, given.value) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some(shape), Some(value)) => shape_fits(shape, value, captures),
    }
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

/// Fits operand patterns to words. At most one pattern takes several, so the work is the number of words times the
/// (small, fixed) number of patterns.
fn operands_fit<'a>(patterns: &[OperandPattern], words: &[&'a OsStr], captures: &mut Captures<'a>) -> bool {
    let Some((pattern, later)) = patterns.split_first() else { return words.is_empty() };
    let required = later.iter().filter(|operand| operand.presence == Presence::Required).count();
    let fewest = usize::from(pattern.presence == Presence::Required);
    let left = words.len().saturating_sub(required);
    let most = match pattern.count {
        Count::One => left.min(1),
        Count::Many => left,
    };
    // Behind a `...` part every later one takes at most one word, so only so many lengths can work.
    let shortest = match pattern.count {
        Count::One => fewest,
        Count::Many => words.len().saturating_sub(later.len()).max(fewest),
    };
    for taken in (shortest..=most).rev() {
        let Some((head, tail)) = words.split_at_checked(taken) else { continue };
        let mut attempt = captures.clone();
        if head.iter().all(|word| shape_fits(&pattern.shape, word, &mut attempt))
            && operands_fit(later, tail, &mut attempt)
        {
            *captures = attempt;
            return true;
        }
    }
    false
}

/// Matches a pattern whose words may stand anywhere.
#[must_use]
pub(super) fn open<'a>(pattern: &Pattern, reading: &Reading<'a>) -> Option<Captures<'a>> {
    if pattern.program != reading.tool.name {
        return None;
    }
    let mut captures = Captures::new();
    for option in &pattern.options {
        let found = option_anywhere(option, reading, &mut captures);
        (found || option.presence == Presence::Optional).then_some(())?;
    }
    operands_anywhere(pattern, reading, &mut captures).then_some(captures)
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
    reading.words.iter().skip(1).filter_map(|word| word.to_str()).any(|word| {
        let bare = word.split_once('=').map_or(word, |(name, _)| name);
        specs.iter().flat_map(|spec| &spec.names).any(|name| {
            let letter = name.strip_prefix('-').filter(|letter| letter.len() == 1);
            let bundled = letter.is_some_and(|letter| {
                !word.starts_with("--") && word.starts_with('-') && word.contains(letter)
            });
            bare == name || bundled
        })
    })
}

fn operands_anywhere<'a>(pattern: &Pattern, reading: &Reading<'a>, captures: &mut Captures<'a>) -> bool {
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
            (Shape::Capture(name, _), Count::One) => {
                if let Some((first, later)) = rest.split_first() {
                    captures.entry(name.clone()).or_default().push(first);
                    rest = later;
                } else if operand.presence == Presence::Required {
                    return false;
                }
            }
            (Shape::Capture(name, _), Count::Many) => {
                if rest.is_empty() && operand.presence == Presence::Required {
                    return false;
                }
                captures.entry(name.clone()).or_default().extend(rest);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::open;
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
            options: Vec::new(),
            subcommands: Vec::new(),
            ambient: None,
        };
        let matches = |text: &str, words: &[&str]| {
            let pattern = pattern::parse(text, &tool).unwrap();
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            open(&pattern, &Reading::new(&tool, &words)).is_some()
        };
        assert!(!matches("shred <path>...", &["shred"]));
        assert!(matches("shred <path>...", &["shred", "x"]));
        assert!(matches("shred <path>...", &["shred", "--no-such", "x"]));
        assert!(matches("shred [<path>...]", &["shred"]));
    }
}
