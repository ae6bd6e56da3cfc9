//! Cuts a rule file into its entries, so that a call parses only those that concern it.
//!
//! In: the text of a file. Out: where each entry stands, or that the file cannot be cut. Never: guesses.
//!
//! The TOML parser says where the headers are, so a `[[rule]]` inside a multi-line string is no header. That alone
//! is no proof that a piece means by itself what it means in the whole: `[[rule]]`, `[[tool]]`, `[[rule.x]]` would
//! move `x` to nowhere. So every piece is parsed alone, and the pieces put together must give the very table that
//! the whole file gives. A file that fails is used whole: slower, never different.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// What a piece of a rule file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// One `[[tool]]` with its subcommands.
    Tool,
    /// One `[[rule]]`.
    Rule,
    /// One `[[environment]]`.
    Environment,
    /// One `[[decide]]`.
    Decide,
    /// `[policy]`.
    Policy,
    /// A whole file that cannot be cut.
    Whole,
}

impl Kind {
    fn of(key: &str) -> Option<Self> {
        match key {
            "tool" => Some(Kind::Tool),
            "rule" => Some(Kind::Rule),
            "environment" => Some(Kind::Environment),
            "decide" => Some(Kind::Decide),
            "policy" => Some(Kind::Policy),
            _ => None,
        }
    }
}

/// One entry: what it is, the how-maniest of its kind in the file, and its bytes up to the next header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) kind: Kind,
    pub(super) nth: usize,
    pub(super) range: Range<usize>,
}

impl Cut {
    /// A file that cannot be cut.
    pub(super) fn whole(text: &str) -> Self {
        Self { kind: Kind::Whole, nth: 0, range: 0..text.len() }
    }
}

/// The entries of a file in the order of its text, or `None` when it must be used whole.
pub(super) fn cut(text: &str) -> Option<Vec<Cut>> {
    let mut cuts = headers(text)?;
    let ends = cuts.iter().skip(1).map(|cut| cut.range.start).chain([text.len()]).collect::<Vec<_>>();
    for (cut, end) in cuts.iter_mut().zip(ends) {
        cut.range.end = end;
    }
    proves(text, &cuts).then_some(cuts)
}

/// Where the top-level headers are.
fn headers(text: &str) -> Option<Vec<Cut>> {
    let whole = DeTable::parse(text).ok()?;
    let mut cuts = Vec::new();
    for (key, value) in whole.get_ref() {
        let kind = Kind::of(key.get_ref())?;
        match value.get_ref() {
            DeValue::Array(entries) => cuts.extend(entries.iter().enumerate().map(|(nth, entry)| Cut {
                kind,
                nth,
                range: entry.span(),
            })),
            DeValue::Table(_) => cuts.push(Cut { kind, nth: 0, range: value.span() }),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => return None,
        }
    }
    cuts.sort_by_key(|cut| cut.range.start);
    Some(cuts)
}

/// Whether the pieces, each parsed alone, make up the whole and nothing else. What stands before the first header is
/// in no piece, so a file that says something there is not made up by them.
fn proves(text: &str, cuts: &[Cut]) -> bool {
    let Ok(whole) = toml::from_str::<Table>(text) else { return false };
    let mut joined = Table::new();
    cuts.iter().all(|cut| join(&mut joined, text, cut).is_some()) && joined == whole
}

/// Parses one piece alone and puts its one entry behind the others of its kind.
fn join(joined: &mut Table, text: &str, cut: &Cut) -> Option<()> {
    let piece = toml::from_str::<Table>(text.get(cut.range.clone())?).ok()?;
    let mut entries = piece.into_iter();
    let (key, value) = entries.next()?;
    if entries.next().is_some() || Kind::of(&key)? != cut.kind {
        return None;
    }
    match (value, joined.get_mut(&key)) {
        (Value::Array(one), None) if one.len() == 1 && cut.nth == 0 => {
            joined.insert(key, Value::Array(one));
        }
        (Value::Array(one), Some(Value::Array(all))) if one.len() == 1 && cut.nth == all.len() => {
            all.extend(one);
        }
        (Value::Table(one), None) => {
            joined.insert(key, Value::Table(one));
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(text: &str) -> Option<Vec<(Kind, usize, &str)>> {
        Some(
            cut(text)?
                .into_iter()
                .map(|cut| (cut.kind, cut.nth, text.get(cut.range).expect("boundaries")))
                .collect(),
        )
    }

    #[test]
    fn entries_are_cut_at_their_headers() {
        let text = "# site rules\r\n[[tool]]\r\nname = 'k'\r\n[[tool.subcommand]]\r\nname = 'x'\r\n  [[rule]]\nid='ä'\n[policy]\nuser-rules='no'\n[[rule]] # two\nid='b'";
        let expected = [
            (Kind::Tool, 0, "[[tool]]\r\nname = 'k'\r\n[[tool.subcommand]]\r\nname = 'x'\r\n  "),
            (Kind::Rule, 0, "[[rule]]\nid='ä'\n"),
            (Kind::Policy, 0, "[policy]\nuser-rules='no'\n"),
            (Kind::Rule, 1, "[[rule]] # two\nid='b'"),
        ];
        assert_eq!(pieces(text).as_deref(), Some(expected.as_slice()));
    }

    #[test]
    fn a_header_inside_a_string_or_a_comment_is_no_header() {
        let text = "[[rule]]\nwhy = '''\n[[rule]]\nid = \"b\"\n'''\n# [[rule]]\n[[rule]]\nid = 'c'\n";
        let cuts = pieces(text).expect("can be cut");
        assert_eq!(cuts.len(), 2, "{cuts:?}");
        assert_eq!(cuts[1].2, "[[rule]]\nid = 'c'\n");
    }

    #[test]
    fn empty_files_have_no_entries() {
        for text in ["", "\n", "# only a comment\n"] {
            assert_eq!(pieces(text), Some(Vec::new()), "{text:?}");
        }
    }

    /// Each would change its meaning, or the meaning of another, if it were cut by its headers alone.
    #[test]
    fn what_cannot_be_cut_is_used_whole() {
        for text in [
            "rule = [{ id = 'a' }, { id = 'b' }]\n",
            "rule = []\n",
            "policy.user-rules = 'no'\n",
            "policy = { user-rules = 'no' }\n",
            "version = 1\n[[rule]]\nid = 'a'\n",
            "[[tool]]\nname='a'\n[[rule]]\nid='b'\n[[tool.subcommand]]\nname='c'\n",
            "[policy]\na = 1\n[[rule]]\nid='b'\n[policy.more]\nc = 1\n",
            "[policy.more]\nc = 1\n[[rule]]\nid='b'\n[policy]\na = 1\n",
            "[[unheard]]\nof = 1\n",
            "[[rule]]\nid = nan\n",
            "[[rule]\n",
        ] {
            let cuts = pieces(text);
            let harmless = cuts.as_ref().is_some_and(|cuts| {
                let joined = cuts.iter().map(|cut| cut.2).collect::<String>();
                toml::from_str::<Table>(&joined).ok() == toml::from_str::<Table>(text).ok()
            });
            assert!(cuts.is_none() || harmless, "{text:?} was cut into {cuts:?}");
        }
        assert_eq!(pieces("rule = [{ id = 'a' }]\n"), None);
        assert_eq!(pieces("[[tool]]\nname='a'\n[[rule]]\nid='b'\n[[tool.subcommand]]\nname='c'\n"), None);
        assert_eq!(pieces("[[rule]]\nid = nan\n"), None, "what is not equal to itself proves nothing");
    }

    fn entry() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "[[tool]]",
            "[[rule]]",
            "[[environment]]",
            "[[decide]]",
            "[tool.x]",
            "[[rule.y]]",
            "[policy]",
        ]);
        let line = prop::sample::select(vec![
            "a = 1",
            "b = '[[rule]]'",
            "c = '''\n[[rule]]\n'''",
            "d = [\n  'x',\n  '[tool]',\n]",
            "# [[tool]]",
            "e.f = 2",
            "  g = { h = [1, 2] }",
            "'i j' = 1979-05-27",
            "",
        ]);
        (key, prop::collection::vec(line, 0..4), prop::sample::select(vec!["\n", "\r\n"]))
            .prop_map(|(key, lines, end)| format!("{key}{end}{}{end}", lines.join(end)))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Any selection of pieces, put one behind the other, is what the whole file says about just these entries.
        #[test]
        fn a_selection_means_what_the_whole_means(
            entries in prop::collection::vec(entry(), 0..8),
            keep in prop::collection::vec(any::<bool>(), 8),
        ) {
            let text = entries.concat();
            let Some(cuts) = cut(&text) else { return Ok(()) };
            let whole = toml::from_str::<Table>(&text).expect("cut only what parses");
            let mut expected = Table::new();
            let mut selection = String::new();
            for (cut, _) in cuts.iter().zip(&keep).filter(|(_, keep)| **keep) {
                let piece = text.get(cut.range.clone()).expect("boundaries");
                selection.push_str(piece);
                selection.push('\n');
                let key = toml::from_str::<Table>(piece).expect("parses alone").keys().next().expect("one").clone();
                if let Value::Array(all) = &whole[&key] {
                    let slot = expected.entry(key).or_insert_with(|| Value::Array(Vec::new()));
                    slot.as_array_mut().expect("array").push(all[cut.nth].clone());
                } else {
                    expected.insert(key.clone(), whole[&key].clone());
                }
            }
            prop_assert_eq!(toml::from_str::<Table>(&selection).expect("parses"), expected);
        }
    }
}
