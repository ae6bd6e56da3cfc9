//! What one line of the table says, and how a wrapper that needs no more than such a line comes off.

use super::reader::{End, Order, Read, Syntax, Value, Why, behind, one, read, unsure, why};
use super::unwrapped::{Added, Inside, Itself, Step, Unwrapped, argv};
use super::{EnvironmentEdit, Words};
use crate::command::assignment::{Influence, influence, split};
use crate::command::word::{Count, Loose};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// A wrapper that starts the words behind its own.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) syntax: Syntax<'static>,
    /// Options that mean more to the gate than their arity; names divided by spaces.
    pub(super) marks: &'static [(&'static str, Mark)],
    pub(super) between: Between,
    pub(super) bare: Bare,
    pub(super) adds: &'static [Added],
}

/// What an option means to the gate.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// Nothing is started: the program prints something, or acts on processes that run already.
    Lookup,
    /// It adds to the facts.
    Adds(Added),
    /// It writes a file of the caller's choice, so the wrapper is a command of its own.
    Writes,
    /// It says where.
    Place,
    /// It starts the command with an empty environment.
    Clears,
    /// Its value is that of this variable.
    Sets(&'static str),
}

/// What stands between a wrapper's options and the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Nothing,
    /// So many words that belong to the wrapper (a duration, a mask).
    Positionals(usize),
    /// A number. Where newer versions may leave it out, nothing else is a number.
    Number,
    /// The place where the command runs.
    Place,
    /// The value of this variable.
    Sets(&'static str),
    /// Any number of words, up to a `--` that must be there.
    Dashes,
}

/// What the program does without a command behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// Something of its own: prints its usage or what it would change.
    Itself,
    /// It starts a shell.
    Shell,
}

/// What every entry may leave out.
pub(super) const PLAIN: Entry = Entry {
    name: "",
    syntax: Syntax::first("", "help version"),
    marks: HELP,
    between: Between::Nothing,
    bare: Bare::Itself,
    adds: &[],
};

/// Options of most programs behind which nothing is started.
pub(super) const HELP: &[(&str, Mark)] = &[("--help --version", Mark::Lookup)];

impl Entry {
    /// Takes this wrapper off.
    pub(super) fn take_off(&self, words: &Words) -> Result<Step, Why> {
        match self.off(words, 1)? {
            None => Ok(Step::NotAWrapper),
            Some((off, next)) => Ok(off.holding(argv(words, next))),
        }
    }

    /// This wrapper, whose options stand from the place `from` on, and the place of its command. `None`: nothing is started.
    pub(super) fn off(&self, words: &Words, from: usize) -> Result<Option<(Unwrapped, usize)>, Why> {
        let given = read(words, from, &self.syntax)?;
        if self.marked(&given).any(|(mark, _)| matches!(mark, Mark::Lookup)) {
            return Ok(None);
        }
        let (next, operand) = self.between(words, &given)?;
        if next >= words.len() {
            return self.bare();
        }
        let mut off = Unwrapped::new(self.name, words, next).adding(self.adds);
        for (mark, value) in self.marked(&given) {
            off = match mark {
                Mark::Lookup => off,
                Mark::Adds(added) => off.adding(&[added]),
                Mark::Writes => off.itself(Itself::Command),
                Mark::Place => off.at(value.map(Value::shown)),
                Mark::Clears => off.changing(vec![EnvironmentEdit::Clear]),
                Mark::Sets(name) => off.changing(value.map(|value| value.of(name)).into_iter().collect()),
            };
        }
        Ok(Some((operand.on(off), next)))
    }

    fn marked<'e>(&'e self, given: &'e Read) -> impl Iterator<Item = (Mark, Option<&'e Value>)> {
        given.options.iter().filter_map(|option| {
            let named = |names: &str| names.split(' ').any(|name| name == option.name);
            let (_, mark) = self.marks.iter().find(|(names, _)| named(names))?;
            Some((*mark, option.value.as_ref()))
        })
    }

    /// Where the command begins, and what the words in front of it say.
    fn between(&self, words: &Words, given: &Read) -> Result<(usize, Operand), Why> {
        let (count, first) = match (self.between, self.syntax.order) {
            (Between::Dashes, _) => return Ok((dashes(words, given)?, Operand::Nothing)),
            (Between::Number, _) => return number(words, given.next).map(|next| (next, Operand::Nothing)),
            (Between::Nothing, Order::First) => (0, given.next),
            (Between::Positionals(count), Order::First) => (count, given.next),
            (Between::Place | Between::Sets(_), Order::First) => (1, given.next),
            (between, Order::Anywhere) => {
                let count = match between {
                    Between::Nothing | Between::Number | Between::Dashes => 0,
                    Between::Positionals(count) => count,
                    Between::Place | Between::Sets(_) => 1,
                };
                // Nothing is behind: a program that is asked for its help, or that does something by itself.
                if given.operands.len() < count && given.next >= words.len() {
                    return Ok((words.len(), Operand::Nothing));
                }
                let begin = behind(given, words, count)?;
                let operand = given.operands.first().copied().filter(|_| count > 0);
                return Ok((begin, self.said(operand.map(|at| one(words, at)).transpose()?.flatten())));
            }
        };
        let end = first.saturating_add(count);
        let mut operand = None;
        for at in first..end {
            operand = one(words, at)?;
        }
        Ok((end, self.said(operand)))
    }

    fn said(&self, operand: Option<Value>) -> Operand {
        match (self.between, operand) {
            (Between::Place, Some(value)) => Operand::Place(value.shown()),
            (Between::Sets(name), Some(value)) => Operand::Edit(value.of(name)),
            (Between::Nothing | Between::Positionals(_) | Between::Number | Between::Dashes, _)
            | (_, None) => Operand::Nothing,
        }
    }

    fn bare(&self) -> Result<Option<(Unwrapped, usize)>, Why> {
        match self.bare {
            Bare::Itself => Ok(None),
            Bare::Shell => Err(shell()),
        }
    }
}

/// What the words between options and command say.
enum Operand {
    Nothing,
    Place(String),
    Edit(EnvironmentEdit),
}

impl Operand {
    fn on(self, off: Unwrapped) -> Unwrapped {
        match self {
            Operand::Nothing => off,
            Operand::Place(place) => off.at(Some(place)),
            Operand::Edit(edit) => off.changing(vec![edit]),
        }
    }
}

impl Value {
    /// The change that giving a variable this value is.
    fn of(&self, name: &str) -> EnvironmentEdit {
        match self.certain {
            true => EnvironmentEdit::Set(name.into(), self.text.clone()),
            false => EnvironmentEdit::Unsure(name.into()),
        }
    }
}

/// The place behind `--`, which the program demands.
fn dashes(words: &Words, given: &Read) -> Result<usize, Why> {
    match given.end {
        End::Dashes => Ok(given.next),
        End::Operand if given.operands.is_empty() && given.next >= words.len() => Ok(words.len()),
        End::Operand => Err(why("no `--` stands in front of the command")),
    }
}

/// The place behind a number.
fn number(words: &Words, at: usize) -> Result<usize, Why> {
    let number = one(words, at)?.filter(|value| value.certain);
    let digits = |text: &OsStr| text.as_bytes().iter().all(u8::is_ascii_digit);
    match number {
        Some(value) if digits(&value.text) => Ok(at.saturating_add(1)),
        Some(_) | None => Err(why("its first operand is not a number")),
    }
}

/// An interactive shell: what is typed there goes past the gate.
pub(super) fn shell() -> Why {
    Why {
        reason: "starts a shell, and what is typed there goes past the gate".to_owned(),
        instead: "name the command to run",
    }
}

/// The assignments from a place on, up to the first word that is none, and that word's place.
pub(super) fn assignments(words: &Words, from: usize) -> Result<(Vec<EnvironmentEdit>, usize), Why> {
    let mut edits = Vec::new();
    let mut next = from;
    while let Some(edit) = assignment(words, next)? {
        edits.push(edit);
        next = next.saturating_add(1);
    }
    Ok((edits, next))
}

fn assignment(words: &Words, at: usize) -> Result<Option<EnvironmentEdit>, Why> {
    let Some(word) = words.get(at) else { return Ok(None) };
    let loose = words.loose(at);
    let known = loose.map_or(word.len(), |loose| loose.certain);
    let equals = word.as_bytes().iter().position(|byte| *byte == b'=').filter(|equals| *equals < known);
    match (equals, loose) {
        (None, None) => Ok(None),
        (Some(_), None | Some(Loose { count: Count::One, .. })) => {
            // env(1) takes every word with `=`; a name we cannot read must not pass as the program.
            let (name, value) = split(word).ok_or_else(|| why("an assignment's name cannot be read"))?;
            judged(name, value, loose).map(Some)
        }
        // `env ./$x rm y`: with a `=` in `$x` it is rm that runs.
        (None | Some(_), Some(_)) => Err(unsure(word, "may turn out to be an assignment")),
    }
}

fn judged(name: OsString, value: OsString, loose: Option<&Loose>) -> Result<EnvironmentEdit, Why> {
    match (influence(&name), loose) {
        // `env LD_PRELOAD=./x.so ls` runs x.so, whatever ls does.
        (Influence::Code, _) => Err(why(format!("`{}` changes what the program runs", name.display()))),
        // The value is read as the place where the command acts, so it must be the real one.
        (Influence::Place, Some(_)) => Err(why(format!(
            "`{}` says where the command acts, and is known only when it runs",
            name.display()
        ))),
        (Influence::Place, None) | (Influence::Display | Influence::Unknown, _) => {
            Ok(EnvironmentEdit::Set(name, value))
        }
    }
}

/// A variable that an option sets: `-E NAME=VALUE`.
pub(super) fn set(value: &Value) -> Result<EnvironmentEdit, Why> {
    let (name, set) = split(value.known()?).ok_or_else(|| why("an assignment's name cannot be read"))?;
    judged(name, set, None)
}

/// Text for a shell: words joined by spaces, which is all that `ssh`, `watch` and `eval` do with them.
pub(super) fn joined(words: &Words, from: usize) -> Result<Option<OsString>, Why> {
    let mut text = OsString::new();
    for at in from..words.len() {
        let word = super::reader::certain(words, at)?.unwrap_or_default();
        if at > from {
            text.push(" ");
        }
        text.push(word);
    }
    Ok((from < words.len()).then_some(text))
}

/// The command behind: text where the wrapper joins its words.
pub(super) fn text(
    words: &Words,
    from: usize,
    dialect: crate::command::shell::Dialect,
) -> Result<Option<Inside>, Why> {
    Ok(joined(words, from)?.map(|text| Inside::Text(text, dialect)))
}
