//! The rule language (design section 5): from typed text to proven rules, and which of them match a command.
//!
//! In: rule files as text, and the reading of a command. Out: a [`Book`] of proven entries, or every [`Problem`] at
//! once. Never: disk, clock, process or terminal; a file with one problem adds nothing.

mod book;
pub mod cases;
mod compact;
mod concerns;
mod entries;
mod form;
mod lines;
mod matching;
mod pattern;
mod policy;
mod problem;
mod proof;
mod proof_tool;
mod raw;
mod rule;
mod token;
mod words;

pub use book::{Advice, Book};
pub use compact::CallWords;
pub use concerns::Groups;
pub(crate) use lines::look_up;
pub use matching::Captures;
pub use pattern::{Content, Count, OperandPattern, OptionPattern, Pattern, Presence, Shape};
pub use policy::{ConfirmBy, Policy};
pub use problem::{Code, Examples, Layer, Problem, SourceFile, Trust, nearest};
pub use proof::PLACE_KEYS;
pub use rule::{
    Circumstances, Condition, Cover, Environment, Fit, Glob, Kind, Part, Place, Probe, Requirement, Rule,
    RuleId, Template, Undo, resolve,
};
