//! remgate: a gate in front of remediation commands.
#![forbid(unsafe_op_in_unsafe_fn)]

pub mod actor;
pub mod ambient;
pub mod approve;
pub mod case;
pub mod cli;
pub mod clock;
pub mod command;
pub mod decide;
pub mod doctor;
mod dossier;
pub mod facts;
pub mod gate;
pub mod house;
pub mod journal;
pub mod judge;
pub mod layers;
pub mod packs;
pub mod report;
pub mod rules;
pub mod run;
pub mod sight;
pub mod stop;
pub mod tools;
pub mod verbs;
