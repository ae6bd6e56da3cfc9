//! Which commands a rule is about, short enough for a cell.
//!
//! In: a rule's patterns. Out: their leading literal words and the options without which they do not match, patterns
//! that differ in one word joined: `kubectl get|describe`. Never: a command left out without being counted.

use super::markdown::code;
use crate::rules::{OptionPattern, Pattern, Presence, Rule, Shape};
use std::collections::BTreeMap;

/// What one looks at in a table: so many operations of a rule, so many words at a place; and no more operations or
/// words begin behind so many characters.
const MOST_OPERATIONS: usize = 3;
const MOST_WORDS: usize = 6;
const WIDE_CELL: usize = 56;
const WIDE_PLACE: usize = 36;

/// One or several commands: at each place one of these words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Operation {
    words: Vec<Vec<String>>,
    /// Options that must be given, as they are typed.
    options: Vec<Vec<String>>,
}

impl Operation {
    fn of(pattern: &Pattern) -> Self {
        let program = std::iter::once(vec![pattern.program.clone()]);
        let literal = pattern.operands.iter().map_while(|operand| match (&operand.shape, operand.presence) {
            (Shape::Words(words), Presence::Required) => Some(words.clone()),
            (Shape::Words(words), Presence::Optional) => {
                Some(words.iter().map(|word| format!("[{word}]")).collect())
            }
            (Shape::Capture(..), _) => None,
        });
        let required = pattern.options.iter().filter(|option| option.presence == Presence::Required);
        let options = required.map(|option| vec![typed(option)]).collect();
        Self { words: program.chain(literal).collect(), options }
    }

    fn places(&self) -> impl Iterator<Item = &Vec<String>> {
        self.words.iter().chain(&self.options)
    }

    fn place_mut(&mut self, place: usize) -> Option<&mut Vec<String>> {
        self.words.iter_mut().chain(&mut self.options).nth(place)
    }

    /// How many commands it stands for, and how many of them its text names.
    fn counts(&self) -> (usize, usize) {
        let product =
            |count: fn(&Vec<String>) -> usize| self.places().map(count).fold(1, usize::saturating_mul);
        (product(Vec::len), product(|words| shown(words).count()))
    }

    fn text(&self) -> String {
        let place = |words: &Vec<String>| {
            let more = (shown(words).count() < words.len()).then_some("...");
            shown(words).chain(more).collect::<Vec<_>>().join("|")
        };
        self.places().map(place).collect::<Vec<_>>().join(" ")
    }
}

/// The words of one place that are shown.
fn shown(words: &[String]) -> impl Iterator<Item = &str> {
    let mut behind = 0_usize;
    let words = words.iter().take(MOST_WORDS).map(String::as_str);
    words.take_while(move |word| {
        let begins = behind;
        behind = behind.saturating_add(word.len());
        begins == 0 || behind <= WIDE_PLACE
    })
}

fn typed(option: &OptionPattern) -> String {
    match &option.value {
        Some(Shape::Words(words)) => {
            let more = (shown(words).count() < words.len()).then_some("...");
            format!("{}={}", option.name, shown(words).chain(more).collect::<Vec<_>>().join("|"))
        }
        Some(Shape::Capture(..)) | None => option.name.clone(),
    }
}

/// The operations of a rule as a cell.
pub(super) fn cell(rule: &Rule) -> String {
    let all = joined(rule.patterns.iter().map(Operation::of).collect());
    let mut cell = String::new();
    let mut more = 0_usize;
    for (at, operation) in all.iter().enumerate() {
        let (commands, told) = operation.counts();
        let is_shown = at == 0 || at < MOST_OPERATIONS && cell.len() < WIDE_CELL;
        more = more.saturating_add(commands).saturating_sub(if is_shown { told } else { 0 });
        if is_shown {
            cell.push_str(if at == 0 { "" } else { ", " });
            cell.push_str(&code(&operation.text()));
        }
    }
    if more > 0 { format!("{cell} and {more} more") } else { cell }
}

/// Operations that differ in one place are one operation.
fn joined(mut all: Vec<Operation>) -> Vec<Operation> {
    let longest = all.iter().map(|operation| operation.places().count()).max().unwrap_or_default();
    for place in (0..longest).rev() {
        let mut kept: Vec<Operation> = Vec::new();
        let mut alike: BTreeMap<Operation, usize> = BTreeMap::new();
        for mut operation in all {
            // Of `--dry-run=client|server` and `--force` nobody could tell where one ends.
            let joins = |words: &&mut Vec<String>| !words.iter().any(|word| word.contains('|'));
            let words = operation.place_mut(place).filter(joins).map(std::mem::take).unwrap_or_default();
            let at = *alike.entry(operation.clone()).or_insert(kept.len());
            if at == kept.len() {
                kept.push(operation);
            }
            if let Some(known) = kept.get_mut(at).and_then(|operation| operation.place_mut(place)) {
                let new: Vec<String> = words.into_iter().filter(|word| !known.contains(word)).collect();
                known.extend(new);
            }
        }
        all = kept;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Book, Examples, Layer, SourceFile, Trust};

    /// The cell of a rule with these patterns of a made-up tool.
    fn cell_of(patterns: &str) -> String {
        let text = format!(
            "[[tool]]\nname = 't'\noperation = 2\nswitch = ['-f --force']\nvalue = ['-n --name', '--dry']\n\
             [[tool]]\nname = 'u'\noperation = 2\n[[rule]]\nid = 'x'\nany = [{patterns}]\neffect = 'data'\n"
        );
        let file = SourceFile { name: "x".to_owned(), text, layer: Layer::User, trust: Trust::Full };
        let mut book = Book::new();
        book.add(&file, Examples::Check).unwrap();
        cell(&book.rules()[0])
    }

    #[test]
    fn patterns_that_differ_in_one_word_are_one_operation() {
        assert_eq!(
            cell_of("'t get', 't describe <x>', 't|u top <x>...'"),
            "`t get\\|describe\\|top`, `u top`"
        );
        assert_eq!(cell_of("'t a x', 't a y', 't b x', 't b y'"), "`t a\\|b x\\|y`");
        assert_eq!(cell_of("'t a', 't a <b>', 't a <b> [c]'"), "`t a`");
        assert_eq!(cell_of("'t [it] stop', 't [it] start'"), "`t [it] stop\\|start`");
        assert_eq!(cell_of("'t a', 't a b', 'u a'"), "`t\\|u a`, `t a b`");
    }

    #[test]
    fn options_are_named_where_the_rule_asks_for_one() {
        assert_eq!(cell_of("'t a --force [--name=<x>]'"), "`t a --force`");
        assert_eq!(cell_of("'t a --dry=one|two', 't b --dry=<x>'"), "`t a --dry=one\\|two`, `t b --dry`");
        assert_eq!(cell_of("'t a -f -n <x>', 't a -f --dry <x>'"), "`t a --force --name\\|--dry`");
        assert_eq!(cell_of("'t a', 't a -f', 't a b'"), "`t a`, `t a --force`, `t a b`");
        assert_eq!(cell_of("'t <x> -n <y> -f'"), "`t --name --force`");
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let long: Vec<String> = (0..20).map(|n| format!("'t w{n}'")).collect();
        assert_eq!(cell_of(&long.join(", ")), "`t w0\\|w1\\|w2\\|w3\\|w4\\|w5\\|...` and 14 more");
        let wide: Vec<String> = (0..3).map(|n| format!("'t {}{n}'", "w".repeat(17))).collect();
        assert!(cell_of(&wide.join(", ")).ends_with("w1\\|...` and 1 more"), "{}", cell_of(&wide.join(", ")));
        let many: Vec<String> = (0..9).map(|n| format!("'t a{n} {}'", vec!["b"; n + 1].join(" "))).collect();
        assert!(
            cell_of(&many.join(", ")).ends_with("`, `t a2 b b b` and 6 more"),
            "{}",
            cell_of(&many.join(", "))
        );
    }
}
