//! remgate: a gate in front of remediation commands. This file is the map.
//!
//! A call goes down the left column and back; imports only ever go downward.
//!
//! | room | what it does |
//! |---|---|
//! | [`verbs`] | one file a verb: from options to rooms, to an exit code |
//! | [`gate`] | **the story**: judge, ask, record, run, record - on one screen |
//! | [`notice`] | what the gate itself says around a run |
//! | [`case`] | one action before the gate, and what goes on record about it |
//! | [`house`] | environment, directories, the rules that concern a call |
//! | [`sight`] | the judge's eyes: ambient targets, texts that rules ask about, doubtful program files |
//! | [`run`] | starts the command and feels as if the gate were not there; the only `unsafe` |
//! | [`bind`] | what an approval holds fast: standard input, operand files, directory, uptime; sealed copies |
//! | [`approve`] | who may say yes; the prompt; the [`approve::Grant`] |
//! | [`inbox`] | where requests wait for votes |
//! | [`request`] | pure: the document that people sign; what is not as it was approved |
//! | [`report`] | the only room that prints: screens, JSON, the page of packs |
//! | [`quorum`] | who approved a request, whether it counts, what is missing |
//! | [`layers`] | rule files on disk: whom to believe, what to load |
//! | [`judge`] | pure: readings, rules, facts, verdict, what would lower it |
//! | [`rules`] | pure: the rule language, from text to proven rules |
//! | [`journal`] | the hash-chained record; the types that keep its order |
//! | [`decide`] | pure: the table from facts to verdicts |
//! | [`tools`] | pure: how a program reads its argv |
//! | [`content`] | pure: what stands in SQL and manifests that a command is given |
//! | [`command`] | pure: from shell text and argv to simple commands; what cannot be followed is opaque |
//! | [`facts`] | pure: the lattice |
//! | [`actor`], [`ambient`], [`clock`], [`doctor`], [`packs`], [`cli`], [`stop`] | who asks; what tools would act on; the clock; the installation; built-in rules; the command line; ways to fail |
#![forbid(unsafe_op_in_unsafe_fn)]

pub mod actor;
pub mod ambient;
pub mod approve;
pub mod bind;
pub mod case;
pub mod cli;
pub mod clock;
pub mod command;
pub mod content;
pub mod decide;
pub mod doctor;
pub mod facts;
pub mod gate;
pub mod house;
pub mod inbox;
pub mod journal;
pub mod judge;
pub mod layers;
pub mod notice;
pub mod packs;
pub mod quorum;
pub mod report;
pub mod request;
pub mod rules;
pub mod run;
pub mod sight;
pub mod stop;
pub mod tools;
pub mod verbs;
