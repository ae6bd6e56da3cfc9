//! What was typed: one struct per kind of entry, every field with its place in the file, nothing proven yet.
//!
//! Each entry is read on its own, so that one broken rule does not hide the problems of the next. These structs are
//! the compact form of the built-in packs too, which `build.rs` writes with the very text of this file: a field added
//! here needs no other place. That form names no fields, so none may be skipped when it is written.

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// A value with its place in the text. One that was compacted has none: its place is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spanned<T> {
    at: Range<usize>,
    value: T,
}

impl<T> Spanned<T> {
    pub(crate) fn new(at: Range<usize>, value: T) -> Self {
        Self { at, value }
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.at.clone()
    }

    pub(crate) fn get_ref(&self) -> &T {
        &self.value
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

// Two values are the same wherever they stand.
impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return T::deserialize(deserializer).map(|value| Self::new(0..0, value));
        }
        let typed = toml::Spanned::deserialize(deserializer)?;
        Ok(Self::new(typed.span(), typed.into_inner()))
    }
}

/// A word, or a list of words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Words(pub(crate) Vec<Spanned<String>>);

/// Text with its place.
pub(crate) type Text = Spanned<String>;

/// A list of texts, each with its place.
pub(crate) type Texts = Vec<Spanned<String>>;

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Words;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Words, E> {
                Ok(Words(vec![Spanned::new(0..0, word.to_owned())]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_any(OneOrMany),
            false => Vec::deserialize(deserializer).map(Words),
        }
    }
}

/// `[[tool]]`: how to read one program's argv.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawTool {
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) aliases: Texts,
    pub(crate) operation: Option<Spanned<u8>>,
    pub(crate) style: Option<Text>,
    pub(crate) globals: Option<Text>,
    pub(crate) operations: Option<Text>,
    #[serde(default)]
    pub(crate) complete: bool,
    #[serde(default)]
    pub(crate) value: Texts,
    #[serde(default)]
    pub(crate) switch: Texts,
    #[serde(default)]
    pub(crate) optional: Texts,
    #[serde(default)]
    pub(crate) neutral: Texts,
    #[serde(default)]
    pub(crate) target: Texts,
    #[serde(default)]
    pub(crate) secret: Texts,
    #[serde(default)]
    pub(crate) variables: Texts,
    pub(crate) ambient: Option<Text>,
    pub(crate) dialect: Option<Text>,
    #[serde(default)]
    pub(crate) subcommand: Vec<Spanned<RawSubcommand>>,
}

impl RawTool {
    /// The lists of options of the tool itself and of each subcommand, each text with whatever names its option has
    /// there. A call takes from them only what its words may mean; a list that is not named here it takes whole.
    pub(crate) fn option_lists(&mut self) -> Vec<[&mut Texts; 6]> {
        let own = [
            &mut self.switch,
            &mut self.optional,
            &mut self.value,
            &mut self.neutral,
            &mut self.target,
            &mut self.secret,
        ];
        let subs = self.subcommand.iter_mut().map(Spanned::get_mut);
        let theirs = subs.map(|sub| {
            [
                &mut sub.switch,
                &mut sub.optional,
                &mut sub.value,
                &mut sub.neutral,
                &mut sub.target,
                &mut sub.secret,
            ]
        });
        std::iter::once(own).chain(theirs).collect()
    }
}

/// `[[tool.subcommand]]`: options that only some operations have.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawSubcommand {
    pub(crate) name: Spanned<Words>,
    pub(crate) options_end: Option<Text>,
    #[serde(default)]
    pub(crate) complete: bool,
    #[serde(default)]
    pub(crate) value: Texts,
    #[serde(default)]
    pub(crate) switch: Texts,
    #[serde(default)]
    pub(crate) optional: Texts,
    #[serde(default)]
    pub(crate) neutral: Texts,
    #[serde(default)]
    pub(crate) target: Texts,
    #[serde(default)]
    pub(crate) secret: Texts,
}

/// `[[rule]]`: what a command does.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawRule {
    pub(crate) id: Text,
    #[serde(rename = "match")]
    pub(crate) matches: Option<Spanned<Words>>,
    pub(crate) any: Option<Spanned<Words>>,
    pub(crate) unless: Option<Spanned<Words>>,
    #[serde(default, rename = "where")]
    pub(crate) conditions: BTreeMap<Spanned<String>, Spanned<Words>>,
    #[serde(default)]
    pub(crate) where_not: BTreeMap<Spanned<String>, Spanned<Words>>,
    pub(crate) effect: Option<Spanned<Words>>,
    pub(crate) scope: Option<Text>,
    pub(crate) tier: Option<Text>,
    pub(crate) rollback: Option<Text>,
    pub(crate) why: Option<Text>,
    #[serde(default)]
    pub(crate) examples: Texts,
    #[serde(default)]
    pub(crate) near_misses: Texts,
    #[serde(default)]
    pub(crate) replaces: Texts,
    pub(crate) owner: Option<Text>,
    #[serde(default)]
    pub(crate) approvers: Texts,
    pub(crate) approvals: Option<Spanned<u8>>,
    #[serde(default)]
    pub(crate) require: Texts,
    pub(crate) trigger: Option<Text>,
    pub(crate) probe: Option<Text>,
    pub(crate) max: Option<Spanned<u32>>,
    #[serde(default)]
    pub(crate) by_descriptor: Texts,
}

impl RawRule {
    /// Every pattern of the rule.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        let lists = self.matches.iter().chain(&self.any);
        lists.flat_map(|words| &words.get_ref().0).map(|word| word.get_ref().as_str())
    }
}

/// `[[environment]]`: which places are which tier.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawEnvironment {
    pub(crate) name: Text,
    pub(crate) tier: Text,
    #[serde(rename = "match")]
    pub(crate) matches: Spanned<BTreeMap<Spanned<String>, Spanned<Words>>>,
}

/// `[[decide]]`: one row of the decision table.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawDecide {
    pub(crate) effect: Spanned<Words>,
    pub(crate) scope: Option<Spanned<Words>>,
    pub(crate) tier: Option<Spanned<Words>>,
    pub(crate) rollback: Option<Spanned<Words>>,
    pub(crate) verdict: Text,
}

/// `[policy]`: what the system layer allows the others.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawPolicy {
    pub(crate) user_rules: Option<Text>,
    pub(crate) confirm: Option<Text>,
    pub(crate) break_glass: Option<Spanned<u8>>,
}
