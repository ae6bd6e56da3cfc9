//! Commands that stand in sight inside an opaque one: `sudo --no-such-option rm -rf /`, `ssh host rm -rf /`.
//!
//! In: a command whose wrapper could not be taken off. Out: the commands that its later words would be, to be judged
//! for a least verdict. Never: a reason to call anything known, or a look into text that a shell would split first.

use super::{Bench, Judged, Matched};
use crate::command::{Caller, Command};
use crate::rules::Fit;
use std::ffi::OsString;

/// How many words are looked at in all, so that 100,000 program names do not make 100,000 readings of as many words.
const WORDS: usize = 64_000;
/// How many words may be names of programs whose rules are loaded.
const NAMES: usize = 256;
/// How many places may begin a command.
const PLACES: usize = 16;

/// Every name among the first words of an opaque command: what has to be loaded before anybody can tell a program.
pub(super) fn names<'c>(command: &'c Command, caller: &Caller<'_>) -> Vec<&'c str> {
    let words = if command.opaque.is_some() { &command.words[..] } else { &[] };
    let behind = words.iter().skip(1).take(NAMES).filter_map(|word| caller.search.program(word).name);
    behind.filter(|name| !name.starts_with('-')).collect()
}

/// The words behind an opaque command's own program that name a described program, each with everything behind it.
fn places<'c>(command: &'c Command, bench: &Bench<'_>) -> impl Iterator<Item = &'c [OsString]> {
    let words = if command.opaque.is_some() { &command.words[..] } else { &[] };
    let places = (WORDS / words.len().max(1)).clamp(1, PLACES);
    let named = (1..words.len()).filter_map(|at| {
        let inside = words.get(at..)?;
        let name = bench.caller.search.program(inside.first()?).name?;
        bench.book.tool(name).map(|_| inside)
    });
    named.take(places)
}

/// The inner commands, each as if nothing stood before it.
pub(super) fn commands(command: &Command, bench: &Bench<'_>) -> Vec<Command> {
    places(command, bench).map(|words| Command::plain(words.to_vec().into())).collect()
}

/// The rules that the inner commands match, each once; none of them speaks for the whole.
pub(super) fn rules(inner: Vec<Judged>) -> Vec<Matched> {
    let mut found: Vec<Matched> = Vec::new();
    for matched in inner.into_iter().flat_map(|judged| judged.matched) {
        if found.iter().all(|known| known.rule.id != matched.rule.id) {
            found.push(Matched { fit: Fit::Resembles, rollback: None, ..matched });
        }
    }
    found
}
