//! Takes the entries that concern one call out of a pack's compact form.
//!
//! In: the bytes that `build.rs` wrote, and the words of a call. Out: raw entries, those that can make a difference to
//! these words, each as it stands in the file and in the order of the file. Never: an entry left out that could match
//! or resemble a command of these words, or that is needed to read one. The properties compare whole judgements.

use super::form::{Drawer, Group, Kept, Listed, Shelf, bare};
use super::lines::{look, look_up};
use super::raw::{RawRule, RawTool, Spanned};
use super::token::programs;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ffi::OsStr;

/// Calls of more words take packs whole: looking up so many would cost more than it saves.
const MOST_WORDS: usize = 1_000;

/// The words of a call, prepared for looking up.
#[derive(Clone, Debug, Default)]
pub struct CallWords {
    /// Each as it stands.
    whole: BTreeSet<String>,
    options: Options,
    extent: Extent,
}

/// How many options of a tool are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Extent {
    /// Those that the words may mean.
    #[default]
    Meant,
    /// Every one.
    All,
}

/// What words may mean as options: bare names.
#[derive(Clone, Debug, Default)]
struct Options {
    /// `--filename=x` and `-f` mean just these.
    exact: BTreeSet<String>,
    /// `--file` may stand for every name that begins so.
    prefixes: BTreeSet<String>,
}

impl Options {
    /// Whatever `tools::Reading` and `matching` could take the word for, in any style and at any place. Letters of a
    /// bundle count one by one, its digits as `-NUM`.
    fn add(&mut self, word: &str) {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        self.exact.insert(bare(name).to_owned());
        if name.len() > 2 && name.starts_with("--") {
            self.prefixes.insert(bare(name).to_owned());
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
            return;
        };
        self.exact.extend(letters.chars().map(String::from));
        if letters.contains(|letter: char| letter.is_ascii_digit()) {
            self.exact.insert("NUM".to_owned());
        }
    }

    /// The groups that hold one of these options.
    fn groups(&self, drawer: &Drawer<'_>) -> BTreeSet<u32> {
        let exact = self.exact.iter().filter_map(|name| look_up(drawer.options, name));
        let prefixes = self.prefixes.iter().flat_map(|prefix| {
            let begins = look(drawer.options, prefix).take_while(move |(name, _)| name.starts_with(prefix));
            begins.map(|(_, group)| group)
        });
        exact.chain(prefixes).flat_map(numbers).collect()
    }
}

impl CallWords {
    /// Prepares the words of every command of a call, programs included.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> Self {
        let mut prepared = Self::default();
        for word in words {
            // Where a reading is not whole, `matching` looks at words in this form too.
            let word = word.to_string_lossy();
            if !prepared.whole.contains(&*word) {
                prepared.options.add(&word);
                prepared.whole.insert(word.into_owned());
            }
        }
        prepared
    }

    /// The same for a call of which a word is known only when it runs: what such a word may turn out to be is asked of
    /// all options of a tool together.
    #[must_use]
    pub fn loose(self) -> Self {
        Self { extent: Extent::All, ..self }
    }

    /// These options as well, whether they are given or not: what advice may name.
    #[must_use]
    pub fn and_options(mut self, names: &[&str]) -> Self {
        names.iter().for_each(|name| self.options.add(name));
        self
    }

    /// Whether there are so many that packs are better taken whole.
    pub(crate) fn are_many(&self) -> bool {
        self.whole.len() > MOST_WORDS
    }

    fn call(&self, drawer: &Drawer<'_>) -> bool {
        drawer.names.split(' ').any(|name| self.whole.contains(name))
    }

    /// Where the rules begin that a command of these words can match.
    fn rules(&self, drawer: &Drawer<'_>) -> Result<BTreeSet<u32>, postcard::Error> {
        let mut rules: BTreeSet<u32> = drawer.always.iter().copied().collect();
        rules.extend(self.whole.iter().filter_map(|word| look_up(drawer.words, word)).flat_map(numbers));
        for at in self.options.groups(drawer) {
            rules.extend(one::<Group<'_>>(drawer.groups, at)?.rules);
        }
        Ok(rules)
    }

    /// The options of a tool that this call takes, besides those that its rules name.
    fn groups<'a>(
        &self,
        drawer: &Drawer<'a>,
        named: &BTreeSet<&str>,
    ) -> Result<Vec<Group<'a>>, postcard::Error> {
        if self.extent == Extent::All {
            return all(drawer.groups);
        }
        let mut groups = self.options.groups(drawer);
        groups.extend(&drawer.targets);
        groups.extend(named.iter().filter_map(|name| look_up(drawer.options, name)).flat_map(numbers));
        groups.into_iter().map(|at| one(drawer.groups, at)).collect()
    }
}

/// The tools and rules of a pack: all, or those that the words of a call can concern.
pub(crate) fn entries(
    pack: &[u8],
    words: Option<&CallWords>,
) -> Result<(Vec<RawTool>, Vec<RawRule>), postcard::Error> {
    let shelf: Shelf<'_> = postcard::from_bytes(pack)?;
    let Some(words) = words else {
        let tools = shelf.tools.iter().map(|drawer| tool(drawer, all::<Group<'_>>(drawer.groups)?));
        let rules = all::<Kept<'_, RawRule>>(shelf.rules)?.into_iter().map(|kept| kept.rule);
        return Ok((tools.collect::<Result<_, _>>()?, rules.collect()));
    };
    let mut begins = BTreeSet::new();
    for drawer in shelf.tools.iter().filter(|drawer| words.call(drawer)) {
        begins.extend(words.rules(drawer)?);
    }
    let kept = begins.into_iter().map(|at| one::<Kept<'_, RawRule>>(shelf.rules, at));
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    // A rule is proven against every tool and every option that it names.
    let named: BTreeSet<&str> =
        kept.iter().flat_map(|kept| kept.rule.patterns()).flat_map(programs).collect();
    let options: BTreeSet<&str> = kept.iter().flat_map(|kept| kept.options.split(' ')).map(bare).collect();
    let mut tools = Vec::new();
    for drawer in &shelf.tools {
        if words.call(drawer) || drawer.names.split(' ').next().is_some_and(|name| named.contains(name)) {
            tools.push(tool(drawer, words.groups(drawer, &options)?)?);
        }
    }
    Ok((tools, kept.into_iter().map(|kept| kept.rule).collect()))
}

/// A tool with these of its options.
fn tool(drawer: &Drawer<'_>, groups: Vec<Group<'_>>) -> Result<RawTool, postcard::Error> {
    let mut tool: RawTool = postcard::from_bytes(drawer.entry)?;
    let mut texts: Vec<Listed<'_>> = groups.into_iter().flat_map(|group| group.texts).collect();
    texts.sort_unstable();
    let mut tables = tool.option_lists();
    for Listed { table, list, text, .. } in texts {
        let lists = usize::try_from(table).ok().and_then(|table| tables.get_mut(table));
        let list = lists.and_then(|lists| lists.get_mut(usize::try_from(list).ok()?));
        let list = list.ok_or(postcard::Error::DeserializeBadEncoding)?;
        list.push(Spanned::new(0..0, text.to_owned()));
    }
    Ok(tool)
}

fn numbers(value: &str) -> impl Iterator<Item = u32> {
    value.split(' ').filter_map(|number| number.parse().ok())
}

/// The value that begins at this byte.
fn one<'a, T: Deserialize<'a>>(bytes: &'a [u8], at: u32) -> Result<T, postcard::Error> {
    let at = usize::try_from(at).map_err(|_| postcard::Error::DeserializeUnexpectedEnd)?;
    postcard::from_bytes(bytes.get(at..).ok_or(postcard::Error::DeserializeUnexpectedEnd)?)
}

/// Every value, one behind the other.
fn all<'a, T: Deserialize<'a>>(mut bytes: &'a [u8]) -> Result<Vec<T>, postcard::Error> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (value, rest) = postcard::take_from_bytes(bytes)?;
        values.push(value);
        bytes = rest;
    }
    Ok(values)
}
