//! How a tool reads a command: the words that its program gets, and what it makes of them.
//!
//! In: a command, and the [`Reading`] of its words. Out: these words; a [`ToolRead`]. Never: fewer words than the program
//! may get.

use super::vanish;
use crate::command::{Added, Command, Count, Loose, Nature, Words};
use crate::tools::{Disclosure, Given, Reading, Role, Tool};
use std::ffi::{OsStr, OsString};

/// One option as the tool reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionRead {
    /// Its canonical name.
    pub name: String,
    /// Its value.
    pub value: Option<OsString>,
    /// What it means to rules.
    pub role: Role,
    /// Whether the value may be shown.
    pub disclosure: Disclosure,
    /// The words that hold it, as places in the command.
    pub places: Vec<usize>,
}

/// How the tool reads the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolRead {
    /// The tool's name.
    pub tool: String,
    /// The words that name the operation.
    pub operation: Vec<String>,
    /// Words that are no options, the operation's included.
    pub operands: Vec<OsString>,
    /// Options.
    pub options: Vec<OptionRead>,
    /// What could not be read, in words.
    pub unknown: Vec<String>,
    /// Whether the program itself refuses these words, and does nothing.
    pub refused: Refused,
}

/// Whether a program refuses its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It does, whatever they were meant to do.
    Surely,
    /// Nobody knows.
    Perhaps,
}

/// The words that the program gets: behind `xargs` as many more as standard input holds, each of them anything.
pub(super) fn with_fed(command: &Command) -> Words {
    let mut words = command.words.clone();
    if command.wrappers.iter().any(|taken| taken.adds.contains(&Added::StdinOperands)) {
        let anything = Loose { certain: 0, count: Count::Any, nature: Nature::Dynamic };
        words.push("(standard input)".into(), Some(anything));
    }
    words
}

/// The reading, for people.
pub(super) fn of(reading: &Reading<'_>) -> ToolRead {
    let option = |given: &Given<'_>| OptionRead {
        name: given.spec.canonical().to_owned(),
        value: given.value.map(OsStr::to_owned),
        role: given.spec.role,
        disclosure: given.spec.disclosure,
        places: std::iter::once(given.index).chain(given.value_index).collect(),
    };
    let tool: &Tool = reading.tool;
    ToolRead {
        tool: tool.name.clone(),
        operation: reading.operation_words().into_iter().map(str::to_owned).collect(),
        operands: reading.operands.iter().map(|operand| operand.text.to_owned()).collect(),
        options: reading.options.iter().map(option).collect(),
        unknown: reading.unknown.iter().map(|unknown| unknown.why.clone()).collect(),
        refused: if vanish::is_refused(reading) { Refused::Surely } else { Refused::Perhaps },
    }
}
