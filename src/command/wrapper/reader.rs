//! Options as getopt(3) reads them, from one table line.
//!
//! In: the words of a command and the [`Syntax`] of its program. Out: the options, and where they end. Never: a guess -
//! an option that the syntax does not have is an error, and so is a word that may turn out to be an option when it runs.
//! Abbreviated long options (`--us=root`) are not followed: which one they mean depends on the program's version.

use super::Words;
use crate::command::word::{Count, Loose};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The options of a program, in the notation of its own source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syntax<'s> {
    /// Short options as in getopt(3): `a` is a switch, `a:` takes a value, `a::` one that is only ever joined.
    pub(super) short: &'s str,
    /// Long options, divided by spaces: `name`, `name=` with a value, `name?` with one that is only ever joined.
    pub(super) long: &'s str,
    /// Where options may stand.
    pub(super) order: Order,
}

impl<'s> Syntax<'s> {
    /// Options up to the first word that is none: what getopt(3) does with `+`.
    pub(super) const fn first(short: &'s str, long: &'s str) -> Self {
        Self { short, long, order: Order::First }
    }

    /// Options among the operands, up to `--`.
    pub(super) const fn anywhere(short: &'s str, long: &'s str) -> Self {
        Self { short, long, order: Order::Anywhere }
    }
}

/// Where options may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Before the first operand.
    First,
    /// Anywhere before `--`.
    Anywhere,
}

/// Why a wrapper cannot be taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    /// In one line, without the program's name.
    pub(super) reason: String,
    /// How to write it instead.
    pub(super) instead: &'static str,
}

pub(super) const WRITE_OUT: &str = "give the command's own words: remgate -- PROGRAM ARGUMENTS";
pub(super) const QUOTE: &str = "write the word out; in double quotes it is at least one word";

/// A [`Why`] for which there is no better advice than to leave the wrapper out.
pub(super) fn why(reason: impl Into<String>) -> Why {
    Why { reason: reason.into(), instead: WRITE_OUT }
}

/// A [`Why`] for a word whose value only the run knows.
pub(super) fn unsure(word: &OsStr, what: &str) -> Why {
    Why { reason: format!("`{}` {what}", word.display()), instead: QUOTE }
}

/// One option as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// `-x` or `--name`.
    pub(super) name: String,
    /// Its value.
    pub(super) value: Option<Value>,
}

/// The value of an option, or an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// As typed.
    pub(super) text: OsString,
    /// Whether that is what the program gets.
    pub(super) certain: bool,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// The options, in order.
    pub(super) options: Vec<Given>,
    /// With [`Order::Anywhere`]: the places of operands before `--`.
    pub(super) operands: Vec<usize>,
    /// The first word behind the options; with [`Order::Anywhere`] the one behind `--`.
    pub(super) next: usize,
    /// Whether the options ended with `--`.
    pub(super) end: End,
}

/// How options ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With `--`.
    Dashes,
    /// With an operand, or with the last word.
    Operand,
}

impl Read {
    /// Whether one of these options was given.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|given| names.contains(&given.name.as_str()))
    }

    /// The values of these options, in order.
    pub(super) fn values<'r>(&'r self, names: &'r [&str]) -> impl Iterator<Item = &'r Value> {
        let these = self.options.iter().filter(move |given| names.contains(&given.name.as_str()));
        these.filter_map(|given| given.value.as_ref())
    }

    /// The value of an option that may be given once. Which of several counts differs from program to program.
    pub(super) fn once<'r>(&'r self, names: &'r [&str]) -> Result<Option<&'r Value>, Why> {
        let mut values = self.values(names);
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(why(format!("`{}` is given twice", names.first().unwrap_or(&"")))),
        }
    }
}

/// Reads the options of `words` from the place `from` on.
pub(super) fn read(words: &Words, from: usize, syntax: &Syntax<'_>) -> Result<Read, Why> {
    let read = Read { options: Vec::new(), operands: Vec::new(), next: from, end: End::Operand };
    let mut cursor = Cursor { words, syntax, read };
    while cursor.step()? == Step::Further {}
    Ok(cursor.read)
}

#[derive(PartialEq, Eq)]
enum Step {
    Further,
    Done,
}

struct Cursor<'a> {
    words: &'a Words,
    syntax: &'a Syntax<'a>,
    read: Read,
}

impl Cursor<'_> {
    fn step(&mut self) -> Result<Step, Why> {
        let at = self.read.next;
        let Some(word) = self.words.get(at) else { return Ok(Step::Done) };
        let loose = self.words.loose(at);
        let known = match loose {
            // `$x` in front of an operand may be `-u root`, `-i`, or nothing at all.
            Some(Loose { certain: 0, .. }) => return Err(unsure(word, "may turn out to be an option")),
            Some(loose) => word.as_bytes().get(..loose.certain).unwrap_or_default(),
            None => word.as_bytes(),
        };
        let operand = known.first() != Some(&b'-') || word == "-";
        if operand && self.syntax.order == Order::First {
            return Ok(Step::Done);
        }
        if loose.is_some_and(|loose| loose.count != Count::One) {
            return Err(unsure(word, "may turn out to be several words, options among them"));
        }
        self.read.next = at.saturating_add(1);
        if operand {
            self.read.operands.push(at);
        } else if word == "--" {
            self.read.end = End::Dashes;
            return Ok(Step::Done);
        } else if known.starts_with(b"--") {
            self.long(word, known)?;
        } else {
            self.short(word, known)?;
        }
        Ok(Step::Further)
    }

    fn long(&mut self, word: &OsStr, known: &[u8]) -> Result<(), Why> {
        let (name, joined) = match known.iter().position(|byte| *byte == b'=') {
            Some(equals) => (known.get(..equals), word.as_bytes().get(equals.saturating_add(1)..)),
            None if known.len() < word.len() => {
                return Err(unsure(word, "may turn out to be another option"));
            }
            None => (Some(known), None),
        };
        let name = name.and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let joined = joined.map(|text| Value {
            text: OsStr::from_bytes(text).to_owned(),
            certain: known.len() == word.len(),
        });
        let bare = name.strip_prefix("--").unwrap_or(name);
        let listed = self.syntax.long.split(' ').find_map(|entry| match entry.strip_prefix(bare) {
            Some("") if !bare.is_empty() => Some(Takes::Nothing),
            Some("=") => Some(Takes::Value),
            Some("?") => Some(Takes::Joined),
            Some(_) | None => None,
        });
        let value = match (listed, joined) {
            (Some(Takes::Nothing | Takes::Joined), None) => None,
            (Some(Takes::Value | Takes::Joined), Some(value)) => Some(value),
            (Some(Takes::Value), None) => Some(self.value(name)?),
            (Some(Takes::Nothing), Some(_)) | (None, _) => {
                return Err(why(format!("the option `{name}` is not in its table")));
            }
        };
        self.read.options.push(Given { name: name.to_owned(), value });
        Ok(())
    }

    /// Joined short options: `-nu root`, `-nuroot`.
    fn short(&mut self, word: &OsStr, known: &[u8]) -> Result<(), Why> {
        let bytes = word.as_bytes();
        for at in 1..bytes.len() {
            let Some(letter) = known.get(at).copied() else {
                return Err(unsure(word, "may turn out to be other options"));
            };
            let name = format!("-{}", char::from(letter));
            let joined = bytes.get(at.saturating_add(1)..).filter(|rest| !rest.is_empty());
            let value = match self.takes(letter) {
                None => return Err(why(format!("the option `{name}` is not in its table"))),
                Some(Takes::Nothing) => {
                    self.read.options.push(Given { name, value: None });
                    continue;
                }
                Some(Takes::Joined) => joined.map(OsStr::from_bytes).map(OsStr::to_owned),
                // `-u$x` takes the next word as well where `$x` is empty.
                Some(Takes::Value) if joined.is_some() && known.len() == at.saturating_add(1) => {
                    return Err(unsure(word, "may leave its value to the next word"));
                }
                Some(Takes::Value) => match joined {
                    Some(joined) => Some(OsStr::from_bytes(joined).to_owned()),
                    None => {
                        let value = self.value(&name)?;
                        self.read.options.push(Given { name, value: Some(value) });
                        return Ok(());
                    }
                },
            };
            let certain = known.len() == bytes.len();
            self.read.options.push(Given { name, value: value.map(|text| Value { text, certain }) });
            return Ok(());
        }
        Ok(())
    }

    fn takes(&self, letter: u8) -> Option<Takes> {
        let short = self.syntax.short.as_bytes();
        let at = short.iter().position(|byte| *byte == letter && letter != b':')?;
        match short.get(at.saturating_add(1)..).unwrap_or_default() {
            [b':', b':', ..] => Some(Takes::Joined),
            [b':', ..] => Some(Takes::Value),
            _ => Some(Takes::Nothing),
        }
    }

    /// The value of an option that is the next word.
    fn value(&mut self, name: &str) -> Result<Value, Why> {
        let at = self.read.next;
        let value = one(self.words, at)?.ok_or_else(|| why(format!("the option `{name}` has no value")))?;
        self.read.next = at.saturating_add(1);
        Ok(value)
    }
}

enum Takes {
    Nothing,
    Value,
    Joined,
}

/// The word at a place where its program counts on exactly one.
pub(super) fn one(words: &Words, at: usize) -> Result<Option<Value>, Why> {
    let Some(text) = words.get(at) else { return Ok(None) };
    match words.loose(at) {
        Some(loose) if loose.count != Count::One => {
            Err(unsure(text, "may turn out to be several words or none"))
        }
        loose => Ok(Some(Value { text: text.clone(), certain: loose.is_none() })),
    }
}

/// The text at a place that must be known, such as a command's.
pub(super) fn certain(words: &Words, at: usize) -> Result<Option<&OsStr>, Why> {
    match (words.get(at), words.loose(at)) {
        (Some(text), None) => Ok(Some(text)),
        (Some(text), Some(_)) => Err(unsure(text, "is a text that is known only when it runs")),
        (None, _) => Ok(None),
    }
}

impl Value {
    /// The text where it is what the program gets.
    pub(super) fn known(&self) -> Result<&OsStr, Why> {
        match self.certain {
            true => Ok(&self.text),
            false => Err(unsure(&self.text, "is a text that is known only when it runs")),
        }
    }

    /// As somebody would say it.
    pub(super) fn shown(&self) -> String {
        self.text.to_string_lossy().into_owned()
    }
}

/// Where the command begins behind `count` operands, of a program whose options may stand anywhere before `--`. Without
/// `--` it reads options from among the command's own words: `runuser -u a ls -g x` runs a mere `ls`.
pub(super) fn behind(given: &Read, words: &Words, count: usize) -> Result<usize, Why> {
    let begin = given.operands.get(count).copied();
    match (begin, given.end) {
        (None, _) if given.operands.len() < count => Err(why("an operand is missing")),
        (None, _) => Ok(given.next),
        (Some(begin), End::Operand)
            if begin.saturating_add(given.operands.len().saturating_sub(count)) == words.len() =>
        {
            Ok(begin)
        }
        (Some(_), End::Operand | End::Dashes) => {
            Err(why("options stand among the words of the command; put `--` in front of it"))
        }
    }
}
