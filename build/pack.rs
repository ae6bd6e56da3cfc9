//! One pack in its compact form, see `src/rules/form.rs`.

use crate::form::{Drawer, Group, Kept, Listed, Shelf, bare};
use crate::raw::{RawRule, RawTool};
use crate::token::{Presence, Token, programs, tokens};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use toml::{Table, Value};

/// What a pack may hold. Environments, table rows and policy are the business of whoever runs the gate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(default)]
    tool: Vec<RawTool>,
    #[serde(default)]
    rule: Vec<RawRule>,
    /// The options that each rule names.
    #[serde(skip)]
    options: Vec<BTreeSet<String>>,
}

impl File {
    pub(crate) fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let document: Table = text.parse()?;
        let rules = document.get("rule").and_then(Value::as_array).into_iter().flatten();
        let options = rules.map(|rule| {
            let fields =
                rule.as_table().into_iter().flatten().filter(|(key, _)| !PROSE.contains(&key.as_str()));
            let mut options = BTreeSet::new();
            fields.for_each(|(_, value)| named_options(value, &mut options));
            options
        });
        let options = options.collect();
        Ok(Self { options, ..toml::from_str(text)? })
    }

    /// Every name that the pack's entries claim.
    pub(crate) fn programs(&self) -> Vec<String> {
        self.tool.iter().flat_map(names).map(str::to_owned).collect()
    }
}

fn names(tool: &RawTool) -> impl Iterator<Item = &str> {
    std::iter::once(&tool.name).chain(&tool.aliases).map(|name| name.get_ref().as_str())
}

/// Fields of a rule that say nothing to the rule language, or not at run time.
const PROSE: [&str; 3] = ["why", "examples", "near-misses"];

/// Whatever looks like an option in any field, so that a field that is new to the language is not forgotten: a rule is
/// proven against the options that it names, and a call has to take these.
fn named_options(value: &Value, options: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let words = text.split_ascii_whitespace().map(|word| word.trim_matches(['[', ']']));
            let named = words.filter(|word| word.starts_with('-') || word.contains('='));
            options.extend(named.map(|word| word.split_once('=').map_or(word, |(name, _)| name).to_owned()));
        }
        Value::Array(values) => values.iter().for_each(|value| named_options(value, options)),
        Value::Table(table) => table.values().for_each(|value| named_options(value, options)),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// A rule, and the byte at which it begins.
struct Placed {
    rule: RawRule,
    at: u32,
}

/// The bytes of a pack. Its examples stay out: the tests hold every one against its rule.
pub(crate) fn compact(file: File) -> Result<Vec<u8>, Box<dyn Error>> {
    let described: BTreeSet<&str> = file.tool.iter().map(|tool| tool.name.get_ref().as_str()).collect();
    let (mut bytes, mut rules) = (Vec::new(), Vec::new());
    for (mut rule, options) in file.rule.into_iter().zip(file.options) {
        rule.examples.clear();
        rule.near_misses.clear();
        if let Some(other) = rule.patterns().flat_map(programs).find(|program| !described.contains(program)) {
            // It would be in force only where another tool of this pack is called too.
            return Err(format!("a rule speaks of `{other}`, which this pack does not describe").into());
        }
        let at = u32::try_from(bytes.len())?;
        let options = options.into_iter().collect::<Vec<_>>().join(" ");
        bytes.extend(postcard::to_allocvec(&Kept { options: &options, rule: &rule })?);
        rules.push(Placed { rule, at });
    }
    let tools =
        file.tool.iter().map(|tool| Filed::of(tool.clone(), &rules)).collect::<Result<Vec<_>, _>>()?;
    let drawers = tools.iter().map(Filed::drawer).collect();
    Ok(postcard::to_allocvec(&Shelf { rules: &bytes, tools: drawers })?)
}

/// What a [`Drawer`] borrows from.
struct Filed {
    names: String,
    entry: Vec<u8>,
    groups: Written,
    words: String,
    always: Vec<u32>,
}

impl Filed {
    fn of(mut tool: RawTool, rules: &[Placed]) -> Result<Self, Box<dyn Error>> {
        let name = tool.name.get_ref().clone();
        let targets = targets(&tool);
        let seen_below = tool.globals.as_ref().is_none_or(|place| place.get_ref() != "before");
        let texts = take_options(&mut tool);
        let mut groups = Groups::of(texts.iter().map(|(place, text)| Listed { text, ..*place }), seen_below);
        let (mut words, mut always) = (BTreeMap::<&str, BTreeSet<u32>>::new(), BTreeSet::new());
        for Placed { rule, at } in rules {
            for pattern in rule.patterns().filter(|text| programs(text).any(|program| program == name)) {
                let tokens = tokens(pattern).map_err(|flaw| format!("`{pattern}`: {}", flaw.text))?;
                match key(&tokens) {
                    Key::Option(option) => groups.rule_wants(option, *at)?,
                    Key::Words(text) => {
                        for word in text.split('|') {
                            words.entry(word).or_default().insert(*at);
                        }
                    }
                    Key::Nothing => {
                        always.insert(*at);
                    }
                }
            }
        }
        Ok(Self {
            names: names(&tool).collect::<Vec<_>>().join(" "),
            entry: postcard::to_allocvec(&tool)?,
            groups: groups.written(&targets)?,
            words: lines(words),
            always: always.into_iter().collect(),
        })
    }

    fn drawer(&self) -> Drawer<'_> {
        Drawer {
            names: &self.names,
            entry: &self.entry,
            options: &self.groups.names,
            groups: &self.groups.bytes,
            targets: self.groups.targets.clone(),
            words: &self.words,
            always: self.always.clone(),
        }
    }
}

/// The options that say where, of the tool and of every subcommand.
fn targets(tool: &RawTool) -> Vec<String> {
    let theirs = tool.subcommand.iter().flat_map(|sub| &sub.get_ref().target);
    let texts = tool.target.iter().chain(theirs).map(|text| text.get_ref());
    texts.flat_map(|text| text.split_ascii_whitespace()).map(str::to_owned).collect()
}

/// Empties a tool's lists of options. The places come without the text, which they are to borrow.
fn take_options(tool: &mut RawTool) -> Vec<(Listed<'static>, String)> {
    let mut taken = Vec::new();
    for (table, lists) in (0..).zip(tool.option_lists()) {
        for (list, texts) in (0..).zip(lists) {
            for (at, text) in (0..).zip(std::mem::take(texts)) {
                taken.push((Listed { table, list, at, text: "" }, text.get_ref().clone()));
            }
        }
    }
    taken
}

/// The groups of a tool's options.
#[derive(Default)]
struct Groups<'a> {
    all: Vec<Group<'a>>,
    /// The names in each.
    names: Vec<BTreeSet<&'a str>>,
    /// The groups that have a name: `-p` is one option to one subcommand and another one to the next.
    having: BTreeMap<&'a str, BTreeSet<usize>>,
}

impl<'a> Groups<'a> {
    /// Groups the texts. Those of the tool itself come first; the lists of a subcommand see them, or do not.
    fn of(texts: impl Iterator<Item = Listed<'a>>, seen_below: bool) -> Self {
        let mut of: BTreeMap<(u32, &str), usize> = BTreeMap::new();
        let mut all: Vec<Group<'a>> = Vec::new();
        for listed in texts {
            let own = listed.text.split_ascii_whitespace().map(|name| (listed.table, bare(name)));
            let own: BTreeSet<(u32, &str)> = own.collect();
            let above = own.iter().map(|(_, name)| (0, *name)).filter(|_| seen_below);
            let known: BTreeSet<usize> =
                own.iter().copied().chain(above).filter_map(|key| of.get(&key).copied()).collect();
            let mut texts = vec![listed];
            for at in &known {
                all.get_mut(*at).into_iter().for_each(|group| texts.append(&mut group.texts));
            }
            let one = all.len();
            all.push(Group { rules: Vec::new(), texts });
            of.values_mut().filter(|at| known.contains(at)).for_each(|at| *at = one);
            of.extend(own.into_iter().map(|key| (key, one)));
        }
        all.retain(|group| !group.texts.is_empty());
        let mut groups = Self::default();
        for (number, group) in all.iter_mut().enumerate() {
            group.texts.sort_unstable();
            let names = group.texts.iter().flat_map(|listed| listed.text.split_ascii_whitespace());
            let names: BTreeSet<&str> = names.map(bare).collect();
            for name in &names {
                groups.having.entry(name).or_default().insert(number);
            }
            groups.names.push(names);
        }
        Self { all, ..groups }
    }

    /// Files a rule under an option. What the pattern calls `-f` another subcommand may know by its long name alone.
    fn rule_wants(&mut self, option: &str, rule: u32) -> Result<(), String> {
        let groups = self.having.get(bare(option));
        let groups =
            groups.ok_or_else(|| format!("no list of options has `{option}`, which a pattern wants"))?;
        let names = groups.iter().filter_map(|at| self.names.get(*at)).flatten();
        let alike: BTreeSet<usize> =
            names.filter_map(|name| self.having.get(name)).flatten().copied().collect();
        for at in alike {
            let group = self.all.get_mut(at).filter(|group| group.rules.last() != Some(&rule));
            group.into_iter().for_each(|group| group.rules.push(rule));
        }
        Ok(())
    }

    fn written(self, targets: &[String]) -> Result<Written, Box<dyn Error>> {
        let (mut bytes, mut begins) = (Vec::new(), Vec::new());
        for group in &self.all {
            begins.push(u32::try_from(bytes.len())?);
            bytes.extend(postcard::to_allocvec(group)?);
        }
        let places = |groups: &BTreeSet<usize>| -> BTreeSet<u32> {
            groups.iter().filter_map(|number| begins.get(*number).copied()).collect()
        };
        let targets = targets.iter().filter_map(|name| self.having.get(bare(name))).flat_map(&places);
        let targets: BTreeSet<u32> = targets.collect();
        Ok(Written {
            targets: targets.into_iter().collect(),
            names: lines(self.having.iter().map(|(name, groups)| (*name, places(groups)))),
            bytes,
        })
    }
}

/// The groups as a [`Drawer`] has them.
struct Written {
    names: String,
    bytes: Vec<u8>,
    targets: Vec<u32>,
}

/// Lines for `lines::look`.
fn lines<'a>(sorted: impl IntoIterator<Item = (&'a str, BTreeSet<u32>)>) -> String {
    let line = |(key, values): (&str, BTreeSet<u32>)| {
        let values: Vec<String> = values.iter().map(u32::to_string).collect();
        format!("{key} {}\n", values.join(" "))
    };
    sorted.into_iter().map(line).collect()
}

/// What a command must have so that a pattern can match it.
enum Key<'a> {
    /// This option.
    Option(&'a str),
    /// One of these words, `a|b`.
    Words(&'a str),
    Nothing,
}

/// Without the tool it cannot be told whether `--output json` is an option with its value or a switch and an operand,
/// nor whether `if=x` is an option. Such tokens are passed over: a pattern is then filed under less, never wrongly.
fn key<'a>(tokens: &[Token<'a>]) -> Key<'a> {
    let (mut option, mut words, mut value_follows) = (None, None, false);
    for token in tokens.iter().skip(1) {
        let required = token.presence == Presence::Required;
        if token.text.len() > 1 && token.text.starts_with('-') {
            let (name, value) = token.text.split_once('=').map_or((token.text, None), |(n, v)| (n, Some(v)));
            option = option.or(required.then_some(name));
            value_follows = value.is_none();
            continue;
        }
        let literal = !value_follows && !token.text.starts_with('<') && !token.text.contains('=');
        words = (required && literal).then_some(token.text).or(words);
        value_follows = false;
    }
    match (option, words) {
        (Some(option), _) => Key::Option(option),
        (None, Some(words)) => Key::Words(words),
        (None, None) => Key::Nothing,
    }
}
