//! The rule language (design section 5): from typed text to proven rules, and which of them match a command.

mod matching;
mod pattern;
mod problem;
mod raw;
mod rule;

pub use problem::{Code, Layer, Problem, SourceFile, Trust, nearest};
