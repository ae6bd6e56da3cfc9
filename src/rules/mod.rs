//! The rule language (design section 5): from typed text to proven rules, and which of them match a command.
//!
//! In: rule files as text, and the reading of a command. Out: a [`Book`] of proven entries, or every [`Problem`] at
//! once. Never: disk, clock, process or terminal; a file with one problem adds nothing.
//!
//! | file | what it does |
//! |---|---|
//! | `entries.rs`, `raw.rs` | from the text of a file to what was typed |
//! | `token.rs`, `pattern.rs`, `words.rs` | the pattern language; the words of examples |
//! | `proof.rs`, `proof_tool.rs` | every check, from what was typed to what is proven |
//! | `rule.rs` | a proven rule, and whether it speaks of a command |
//! | `matching.rs` | which patterns match a reading, and what they capture |
//! | `condition.rs` | `where` and `where-not`: whether a condition holds |
//! | `template.rs` | commands that a rule names, with captures to fill in |
//! | `environment.rs` | a proven environment, and how far it covers a place |
//! | `policy.rs` | what `[policy]` says |
//! | `book.rs` | everything in force for one call |
//! | `concerns.rs` | which entries a call needs |
//! | `form.rs`, `compact.rs`, `lines.rs` | the compact form of the built-in packs, and how a call searches it |
//! | `cases.rs` | case files |
//! | `problem.rs` | what is wrong with a file, as data |

mod book;
pub mod cases;
mod compact;
mod concerns;
mod condition;
mod entries;
mod environment;
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
mod template;
mod token;
mod words;

pub use book::{Advice, Book};
pub use compact::CallWords;
pub use concerns::Groups;
pub use condition::{Circumstances, Condition, Glob, Place, resolve};
pub use environment::{Cover, Environment};
pub(crate) use lines::look_up;
pub use matching::Captures;
pub use pattern::{Content, Count, OperandPattern, OptionPattern, Pattern, Presence, Shape};
pub use policy::{ConfirmBy, Policy};
pub use problem::{Code, Examples, Layer, Problem, SourceFile, Trust, nearest};
pub use proof::PLACE_KEYS;
pub use rule::{Fit, Kind, Probe, Requirement, Rule, RuleId, Undo};
pub use template::{Part, Template};
