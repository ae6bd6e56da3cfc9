//! What was typed: one struct per kind of entry, every field with its place in the file, nothing proven yet.
//!
//! Each entry is read on its own, so that one broken rule does not hide the problems of the next.

use serde::Deserialize;
use serde::de::{self, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// A word, or a list of words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Vec<Spanned<String>>);

/// Text with its place.
pub(crate) type Text = Spanned<String>;

/// A list of texts, each with its place.
pub(crate) type Texts = Vec<Spanned<String>>;

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
        deserializer.deserialize_any(OneOrMany)
    }
}

/// `[[tool]]`: how to read one program's argv.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawTool {
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) aliases: Texts,
    pub(crate) operation: Option<Spanned<u8>>,
    pub(crate) style: Option<Text>,
    pub(crate) globals: Option<Text>,
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
    pub(crate) ambient: Option<Text>,
    pub(crate) dialect: Option<Text>,
    #[serde(default)]
    pub(crate) subcommand: Vec<Spanned<RawSubcommand>>,
}

/// `[[tool.subcommand]]`: options that only some operations have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawSubcommand {
    pub(crate) name: Spanned<Words>,
    pub(crate) options_end: Option<Text>,
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawRule {
    pub(crate) id: Text,
    #[serde(rename = "match")]
    pub(crate) matches: Option<Spanned<Words>>,
    pub(crate) any: Option<Spanned<Words>>,
    #[serde(default, rename = "where")]
    pub(crate) conditions: BTreeMap<Spanned<String>, Spanned<Words>>,
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
}

/// `[[environment]]`: which places are which tier.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawEnvironment {
    pub(crate) name: Text,
    pub(crate) tier: Text,
    #[serde(rename = "match")]
    pub(crate) matches: Spanned<BTreeMap<Spanned<String>, Spanned<Words>>>,
}

/// `[[decide]]`: one row of the decision table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawDecide {
    pub(crate) effect: Spanned<Words>,
    pub(crate) scope: Option<Spanned<Words>>,
    pub(crate) tier: Option<Spanned<Words>>,
    pub(crate) rollback: Option<Spanned<Words>>,
    pub(crate) verdict: Text,
}

/// `[policy]`: what the system layer allows the others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RawPolicy {
    pub(crate) user_rules: Option<Text>,
}
