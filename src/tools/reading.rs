//! Reads the words of one command by a tool entry.

use super::{Arity, Complete, Globals, Operations, OptionSpec, OptionsEnd, Role, Style, Subcommand, Tool};
use crate::command::{Count, Loose, Nature, Words};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// A word that is no option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand<'a> {
    /// Its place in the command's words.
    pub index: usize,
    /// The word.
    pub text: &'a OsStr,
}

/// One option as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<'a> {
    /// Its entry.
    pub spec: &'a OptionSpec,
    /// The value, where it takes one and one was given.
    pub value: Option<&'a OsStr>,
    /// The word that holds the option.
    pub index: usize,
    /// The word that holds the value, where it is another one.
    pub value_index: Option<usize>,
}

impl Given<'_> {
    /// The option in words of its own.
    fn spelled_out(&self) -> Vec<OsString> {
        let name = OsString::from(self.spec.canonical());
        match (self.spec.arity, self.value) {
            (Arity::Switch, _) | (Arity::Optional, None) => vec![name],
            (Arity::Value, value) => std::iter::once(name).chain(value.map(OsStr::to_owned)).collect(),
            (Arity::Optional, Some(value)) => {
                let mut joined = name;
                joined.push(if self.spec.canonical().starts_with("--") { "=" } else { "" });
                joined.push(value);
                vec![joined]
            }
        }
    }
}

/// A word that the tool entry does not explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its place in the command's words.
    pub index: usize,
    /// What is not known about it, in a few words.
    pub why: String,
}

/// Whether every word of a command was explained by the tool entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Every word.
    Yes,
    /// At least one was not: what looks like an operand may be a value, and the other way round.
    No,
}

/// A command as its tool would read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The entry it was read by.
    pub tool: &'a Tool,
    /// Every word, the program first.
    pub words: &'a [OsString],
    /// Words that are no options, in order, the operation's words included.
    pub operands: Vec<Operand<'a>>,
    /// Options in order.
    pub options: Vec<Given<'a>>,
    /// Operands and values that are known only when the command runs.
    pub loose: Vec<(&'a OsStr, Loose)>,
    /// What could not be read.
    pub unknown: Vec<Unknown>,
    /// Why the program itself refuses these words and does nothing, where that is sure: an option at the end without
    /// its value, an operation that it does not have.
    pub refused: Option<String>,
    /// How many leading operands name the operation, as far as subcommands are described.
    pub operation: usize,
}

impl<'a> Reading<'a> {
    /// Reads `words` (the program first), each exactly as the program will get it.
    #[must_use]
    pub fn new(tool: &'a Tool, words: &'a [OsString]) -> Self {
        Self::read(tool, words, None)
    }

    /// Reads words of which some may be known only when the command runs.
    #[must_use]
    pub fn of(tool: &'a Tool, words: &'a Words) -> Self {
        Self::read(tool, words, Some(words))
    }

    fn read(tool: &'a Tool, words: &'a [OsString], loose: Option<&'a Words>) -> Self {
        // First pass: find the operation, with every option of every subcommand. Second pass: that operation's own.
        let first = Pass { table: Table::any(tool), words, loose, tool, complete: Complete::No, ends: None };
        let found = first.read().subcommand();
        let ends =
            found.filter(|(_, sub)| sub.options_end == OptionsEnd::AtOperand).map(|(length, _)| length);
        let complete = found.map_or(tool.complete, |(_, sub)| sub.complete);
        let table = Table::of(tool, found.map(|(_, sub)| sub));
        let mut reading = Pass { table, words, loose, tool, complete, ends }.read();
        reading.operation = found.map_or(0, |(length, _)| length);
        if reading.subcommand().map(|(_, sub)| sub) != found.map(|(_, sub)| sub) {
            let why = "it cannot be told which word names the operation".to_owned();
            reading.unknown.push(Unknown { index: 0, why });
        }
        reading.refuse_operation();
        reading
    }

    /// Where the entry lists every operation, the program refuses any other.
    fn refuse_operation(&mut self) {
        let Some(word) = self.operands.first().map(|operand| operand.text) else { return };
        let sure = self.looseness(word).is_none() && !word.as_bytes().starts_with(b"-");
        let listed = word.to_str().is_some_and(|word| self.tool.lists_operation(word));
        if self.tool.operations == Operations::Listed && sure && !listed && self.refused.is_none() {
            let name = &self.tool.name;
            self.refused = Some(format!("`{name}` has no operation `{}`", word.to_string_lossy()));
        }
    }

    fn subcommand(&self) -> Option<(usize, &'a Subcommand)> {
        let leading: Vec<&str> =
            self.operands.iter().take(self.tool.operation).map_while(|o| o.text.to_str()).collect();
        self.tool.subcommand(&leading)
    }

    /// What is uncertain about an operand or value with this text.
    #[must_use]
    pub fn looseness(&self, text: &OsStr) -> Option<&Loose> {
        self.loose.iter().find(|(known, _)| *known == text).map(|(_, loose)| loose)
    }

    /// Whether every word was explained.
    #[must_use]
    pub fn whole(&self) -> Whole {
        if self.unknown.is_empty() { Whole::Yes } else { Whole::No }
    }

    /// The operation's words, as many as subcommands describe, else the first operand where the tool has operations.
    #[must_use]
    pub fn operation_words(&self) -> Vec<&str> {
        let count = if self.operation == 0 { self.tool.operation.min(1) } else { self.operation };
        self.operands.iter().take(count).filter_map(|operand| operand.text.to_str()).collect()
    }

    /// The options that say where, by key: `{"namespace": ["shop"]}`. Values that are not UTF-8 become U+FFFD, which
    /// no environment matches.
    #[must_use]
    pub fn targets(&self) -> BTreeMap<String, Vec<String>> {
        let mut targets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for given in self.options.iter().filter(|given| given.spec.role == super::Role::Target) {
            let value =
                given.value.map_or_else(|| "true".to_owned(), |value| value.to_string_lossy().into_owned());
            targets.entry(given.spec.key().to_owned()).or_default().push(value);
        }
        targets
    }

    /// The words of the options that say where, as typed: what a rollback carries along. `-fn shop` holds more than
    /// one option, and a rollback must not be forced because the command was: of it only `-n shop` is carried.
    #[must_use]
    pub fn target_words(&self) -> Vec<OsString> {
        let targets = self.options.iter().filter(|given| given.spec.role == super::Role::Target);
        let words = targets.map(|given| {
            let alone = self.options.iter().filter(|other| other.index == given.index).count() == 1;
            let typed = std::iter::once(given.index).chain(given.value_index);
            match alone {
                true => typed.filter_map(|index| self.words.get(index).cloned()).collect(),
                false => given.spelled_out(),
            }
        });
        words.flat_map(|words: Vec<OsString>| words).collect()
    }
}

/// Where an option stands.
#[derive(Clone, Copy)]
enum Side {
    BeforeOperands,
    BehindOperand,
}

/// The options that one pass knows.
struct Table<'a> {
    before: Vec<&'a OptionSpec>,
    after: Vec<&'a OptionSpec>,
}

impl<'a> Table<'a> {
    /// Every option of the tool. Where subcommands disagree, one with a value comes first: cobra, too, takes an
    /// option it does not know before the verb to have a value.
    fn any(tool: &'a Tool) -> Self {
        let mut all: Vec<&OptionSpec> = tool.subcommands.iter().flat_map(|sub| &sub.options).collect();
        all.sort_by_key(|spec| spec.arity != Arity::Value);
        Self::split(tool, all)
    }

    /// The options of one operation; its own shadow the tool's.
    fn of(tool: &'a Tool, subcommand: Option<&'a Subcommand>) -> Self {
        Self::split(tool, subcommand.map(|sub| sub.options.iter().collect()).unwrap_or_default())
    }

    fn split(tool: &'a Tool, own: Vec<&'a OptionSpec>) -> Self {
        match tool.globals {
            Globals::Before => Self { before: tool.options.iter().collect(), after: own },
            Globals::Anywhere => {
                let all: Vec<&OptionSpec> = own.into_iter().chain(&tool.options).collect();
                Self { before: all.clone(), after: all }
            }
        }
    }

    /// The option called `name`, exactly or, where the style has them, by a unique prefix.
    fn find(&self, style: Style, name: &str, side: Side) -> Option<&'a OptionSpec> {
        let specs = match side {
            Side::BeforeOperands => &self.before,
            Side::BehindOperand => &self.after,
        };
        let exact = specs.iter().find(|spec| spec.names.iter().any(|known| known == name));
        if exact.is_some() || !style.prefixes() || name.len() < 3 || !name.starts_with("--") {
            return exact.copied();
        }
        let mut candidates =
            specs.iter().filter(|spec| spec.names.iter().any(|known| known.starts_with(name)));
        let first = candidates.next()?;
        candidates.all(|other| other.names == first.names).then_some(*first)
    }
}

struct Pass<'a> {
    table: Table<'a>,
    words: &'a [OsString],
    loose: Option<&'a Words>,
    tool: &'a Tool,
    /// Whether the table holds every option that there is.
    complete: Complete,
    /// So many leading operands may be followed by options, whatever the style says.
    ends: Option<usize>,
}

/// Where a pass stands.
struct Cursor<'a> {
    reading: Reading<'a>,
    next: usize,
    options_end: bool,
}

impl<'a> Pass<'a> {
    fn read(&self) -> Reading<'a> {
        let reading = Reading {
            tool: self.tool,
            words: self.words,
            operands: Vec::new(),
            options: Vec::new(),
            loose: Vec::new(),
            unknown: Vec::new(),
            refused: None,
            operation: 0,
        };
        let mut cursor = Cursor { reading, next: 1, options_end: false };
        while let Some(word) = self.words.get(cursor.next) {
            let index = cursor.next;
            cursor.next = index.saturating_add(1);
            self.word(&mut cursor, index, word);
        }
        cursor.reading
    }

    fn word(&self, cursor: &mut Cursor<'a>, index: usize, word: &'a OsStr) {
        let bytes = word.as_bytes();
        let option = match self.tool.style {
            Style::Words => false,
            Style::Keys => bytes.contains(&b'='),
            Style::Gnu | Style::Posix | Style::Pflag | Style::Go => {
                bytes.len() > 1 && bytes.first() == Some(&b'-')
            }
        };
        let loose = self.loose.and_then(|words| words.loose(index));
        let is_operand = cursor.options_end || self.tool.style == Style::Words || !option;
        if let Some(loose) = loose
            && let Err(why) = may_stand(word, loose, cursor.options_end || self.tool.style == Style::Words)
            && !self.harmless_as_option(loose)
        {
            return unknown(cursor, index, why);
        }
        if is_operand {
            cursor.reading.loose.extend(loose.map(|loose| (word, *loose)));
            cursor.reading.operands.push(Operand { index, text: word });
            // Options of the tool itself end the way its style says; those of a subcommand start afresh behind it.
            let count = cursor.reading.operands.len();
            cursor.options_end |= self.tool.style.operand_ends_options() && count > self.tool.operation;
            cursor.options_end |= self.ends.is_some_and(|operation| count > operation);
            return;
        }
        if bytes == b"--" {
            cursor.options_end = true;
            return;
        }
        let Some(text) = word.to_str() else {
            return unknown(cursor, index, "the option is not UTF-8".to_owned());
        };
        match self.tool.style {
            Style::Keys | Style::Words => self.long(cursor, index, text),
            Style::Go => self.go(cursor, index, text),
            Style::Gnu | Style::Posix | Style::Pflag if text.starts_with("--") => {
                self.long(cursor, index, text)
            }
            Style::Gnu | Style::Posix | Style::Pflag => self.short(cursor, index, text),
        }
    }

    /// Whether it does not matter that a word may turn out to be an option: there is none that changes a fact. Digits
    /// with a minus are options only where the entry has one with a digit.
    fn harmless_as_option(&self, loose: &Loose) -> bool {
        let mut specs = self.table.before.iter().chain(&self.table.after);
        let digit = |name: &String| name == "-NUM" || name.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if loose.nature == Nature::Number
            && loose.count == Count::One
            && !specs.any(|spec| spec.names.iter().any(digit))
        {
            return true;
        }
        self.complete == Complete::Yes
            && [&self.table.before, &self.table.after].into_iter().all(|specs| all_neutral(specs))
    }

    fn find(&self, cursor: &Cursor<'a>, name: &str) -> Option<&'a OptionSpec> {
        let side =
            if cursor.reading.operands.is_empty() { Side::BeforeOperands } else { Side::BehindOperand };
        self.table.find(self.tool.style, name, side)
    }

    fn long(&self, cursor: &mut Cursor<'a>, index: usize, text: &'a str) {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        match self.find(cursor, name) {
            Some(spec) => self.given(cursor, index, spec, value),
            None => unknown(cursor, index, format!("the option `{name}` is not known")),
        }
    }

    /// `-name` and `--name` are one option, listed under either spelling.
    fn go(&self, cursor: &mut Cursor<'a>, index: usize, text: &'a str) {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let bare = name.trim_start_matches('-');
        let spec = self.find(cursor, &format!("-{bare}")).or_else(|| self.find(cursor, &format!("--{bare}")));
        match spec {
            Some(spec) => self.given(cursor, index, spec, value),
            None => unknown(cursor, index, format!("the option `{name}` is not known")),
        }
    }

    /// One word of short options: `-9`, `-abc`, `-nVALUE`, `-n=VALUE`.
    fn short(&self, cursor: &mut Cursor<'a>, index: usize, text: &'a str) {
        let whole = text.split_once('=').map_or(text, |(name, _)| name);
        if let Some(spec) = self.find(cursor, whole) {
            // `-KILL` and `-9` are names of their own; `-n=x` is getopt's -n with the value `=x`, and pflag's with `x`.
            let value = text.strip_prefix(whole).filter(|rest| !rest.is_empty());
            let value = value.map(|rest| {
                if self.tool.style == Style::Pflag { rest.strip_prefix('=').unwrap_or(rest) } else { rest }
            });
            return self.given(cursor, index, spec, value);
        }
        if let Some(spec) = self.number(cursor, text) {
            return self.given(cursor, index, spec, None);
        }
        if !self.tool.style.bundles() {
            return unknown(cursor, index, format!("the option `{text}` is not known"));
        }
        for (at, letter) in text.char_indices().skip(1) {
            let Some(spec) = self.find(cursor, &format!("-{letter}")) else {
                return unknown(cursor, index, format!("the option `-{letter}` in `{text}` is not known"));
            };
            let rest = text.get(at.saturating_add(letter.len_utf8())..).filter(|rest| !rest.is_empty());
            if self.bundles_on(spec, rest) {
                self.given(cursor, index, spec, None);
                continue;
            }
            if spec.arity != Arity::Switch {
                let stripped = rest.map(|rest| match self.tool.style {
                    Style::Pflag => rest.strip_prefix('=').unwrap_or(rest),
                    Style::Gnu | Style::Posix | Style::Go | Style::Keys | Style::Words => rest,
                });
                return self.given(cursor, index, spec, stripped);
            }
            self.given(cursor, index, spec, None);
        }
    }

    /// pflag reads `-wA` as -w -A where -w may have a value: only `-w=VALUE` gives it one. getopt would take `A` as it.
    fn bundles_on(&self, spec: &OptionSpec, rest: Option<&str>) -> bool {
        let joined = rest.is_none_or(|rest| rest.starts_with('='));
        self.tool.style == Style::Pflag && spec.arity == Arity::Optional && !joined
    }

    /// `-20` where the entry has `-NUM`.
    fn number(&self, cursor: &Cursor<'a>, text: &str) -> Option<&'a OptionSpec> {
        let digits = text.strip_prefix('-')?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| self.find(cursor, "-NUM")).flatten()
    }

    fn given(&self, cursor: &mut Cursor<'a>, index: usize, spec: &'a OptionSpec, joined: Option<&'a str>) {
        let given = |value, value_index| Given { spec, value, index, value_index };
        let loose = |at| self.loose.and_then(|words| words.loose(at)).copied();
        cursor.reading.loose.extend(joined.map(OsStr::new).zip(loose(index)));
        match (spec.arity, joined) {
            (Arity::Switch, None) | (Arity::Optional, None) => cursor.reading.options.push(given(None, None)),
            (Arity::Switch, Some("true")) if self.tool.style.switch_values() => {
                cursor.reading.options.push(given(None, None));
            }
            (Arity::Switch, Some(value)) => {
                // `--dry-run=false` must not count as --dry-run.
                unknown(
                    cursor,
                    index,
                    format!("`{}` with the value `{value}` is not known", spec.canonical()),
                );
            }
            (Arity::Value | Arity::Optional, Some(value)) => {
                cursor.reading.options.push(given(Some(OsStr::new(value)), None));
            }
            (Arity::Value, None) => match self.words.get(cursor.next) {
                Some(value) => {
                    let uncertain = loose(cursor.next);
                    if uncertain.is_some_and(|loose| loose.count != Count::One) {
                        // `-n $x get pods`: where x is empty, the namespace is `get`.
                        let why = format!("the value of `{}` may be several words or none", spec.canonical());
                        unknown(cursor, index, why);
                    }
                    cursor.reading.loose.extend(uncertain.map(|loose| (value.as_os_str(), loose)));
                    cursor.reading.options.push(given(Some(value), Some(cursor.next)));
                    cursor.next = cursor.next.saturating_add(1);
                }
                None => {
                    let why = format!("the option `{}` has no value", spec.canonical());
                    cursor.reading.refused = Some(why.clone());
                    unknown(cursor, index, why);
                }
            },
        }
    }
}

/// Whether each name means an option that changes no fact: of several with one name the first counts.
fn all_neutral(specs: &[&OptionSpec]) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    specs.iter().all(|spec| {
        let names = spec.names.iter().filter(|name| seen.insert(name.as_str())).count();
        names == 0 || spec.role == Role::Neutral
    })
}

/// Whether a word that is known only when the command runs can be read at its place.
fn may_stand(word: &OsStr, loose: &Loose, operands_only: bool) -> Result<(), String> {
    let shown = word.to_string_lossy();
    let dash = word.as_bytes().first() == Some(&b'-');
    match (loose.nature, loose.count) {
        _ if operands_only => Ok(()),
        // A file called `-rf` is the business of whoever can look.
        (Nature::Glob, _) if loose.certain == 0 || !dash => Ok(()),
        (Nature::Tilde, Count::One) if !dash => Ok(()),
        (_, Count::One) if loose.certain > 0 && !dash => Ok(()),
        (_, Count::One) if word.as_bytes().iter().take(loose.certain).any(|byte| *byte == b'=') => Ok(()),
        (_, Count::One) => Err(format!("`{shown}` may be an option")),
        (_, Count::Some | Count::Any) => Err(format!("`{shown}` may be several words, options among them")),
    }
}

fn unknown(cursor: &mut Cursor<'_>, index: usize, why: String) {
    cursor.reading.unknown.push(Unknown { index, why });
}
