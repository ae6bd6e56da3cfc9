//! What an action names: its programs and words, before anything is loaded that could judge it.
//!
//! In: the action. Out: the programs whose packs are needed, and every word that a rule could speak of. Never: a word left
//! out that judging looks at, what the shell does to files and what stands inside opaque commands included.

use super::{inner, lower, shell};
use crate::command::{self, Action, Added, Caller, Certainty};
use crate::rules::CallWords;
use std::collections::BTreeSet;
use std::ffi::OsString;

/// What an action names: all that the rules must be looked through for before it can be judged.
#[derive(Clone, Debug)]
pub struct Named {
    /// The programs whose packs judging the action needs.
    pub programs: Vec<String>,
    /// Every word of every command.
    pub words: CallWords,
}

/// The programs whose packs judging the action needs.
#[must_use]
pub fn programs(action: &Action, caller: &Caller<'_>) -> Vec<String> {
    named(action, caller).programs
}

/// The programs and words that judging the action needs to know the rules of.
#[must_use]
pub fn named(action: &Action, caller: &Caller<'_>) -> Named {
    let commands = command::read(action, caller);
    let own = commands.iter().filter_map(|command| command.words.first());
    let own = own.filter_map(|word| caller.search.program(word).name.map(str::to_owned));
    // What the shell does to files is judged as `tee` and `cat` would be.
    let redirects = commands.iter().any(|command| !command.redirections.is_empty());
    let files: &[&str] = if redirects { &["tee", "cat"] } else { &[] };
    let inside = commands
        .iter()
        .flat_map(|command| inner::names(command, caller))
        .chain(files.iter().map(|name| (*name).to_owned()));
    let mut programs: Vec<String> = Vec::new();
    for name in own.chain(inside) {
        if !programs.contains(&name) {
            programs.push(name);
        }
    }
    let given = commands.iter().flat_map(|command| command.redirections.iter().flat_map(shell::words_of));
    let inside = commands.iter().flat_map(|command| inner::words_of(command, caller));
    let words = commands.iter().flat_map(|command| command.words.iter().cloned()).chain(given).chain(inside);
    let words: BTreeSet<OsString> = words.chain(programs.iter().map(OsString::from)).collect();
    let words = CallWords::new(words.iter().map(OsString::as_os_str)).and_options(&lower::DRY_RUNS);
    let targets = commands.iter().flat_map(|command| &command.redirections).map(|given| &given.target);
    let mut all = commands.iter().map(|command| &command.words).chain(targets);
    // `xargs rm`: the words that standard input adds are anything.
    let mut taken_off = commands.iter().flat_map(|command| &command.wrappers);
    let certain = all.all(|words| words.are_certain() == Certainty::Exact)
        && !taken_off.any(|taken| taken.adds.contains(&Added::StdinOperands));
    Named { programs, words: if certain { words } else { words.loose() } }
}
