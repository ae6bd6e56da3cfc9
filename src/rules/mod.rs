//! The rule language (design section 5): from typed text to proven rules, and which of them match a command.

mod problem;
mod raw;

pub use problem::{Code, Layer, Problem, SourceFile, Trust, nearest};
