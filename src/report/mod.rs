//! The one room that prints.

pub mod problem;
