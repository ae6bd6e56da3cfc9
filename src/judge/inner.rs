//! Commands that stand in sight inside an opaque one: `sudo --no-such-option rm -rf /`, `ssh host rm -rf /`.
//!
//! In: a command whose wrapper could not be taken off. Out: the commands that its later words would be, to be judged
//! for a least verdict. Never: a reason to call anything known.

use super::{Bench, Judged, Matched};
use crate::command::{Caller, Command};
use crate::rules::Fit;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// How many words are looked at in all, so that 100,000 program names do not make 100,000 readings of as many words.
const WORDS: usize = 64_000;
/// How many words may be names of programs whose rules are loaded.
const NAMES: usize = 256;
/// How many places may begin a command.
const PLACES: usize = 16;

/// The words of an opaque command, its own program first; a text that could not be followed is cut where any shell would
/// cut it, which is enough to see `kubectl delete namespace` in it.
fn words(command: &Command) -> Vec<OsString> {
    match (&command.opaque, &command.words[..]) {
        (None, _) => Vec::new(),
        (Some(_), [text]) => {
            let cut = |byte: &u8| byte.is_ascii_whitespace() || b";|&()<>`$'\"{}".contains(byte);
            let pieces = text.as_bytes().split(cut).filter(|piece| !piece.is_empty());
            let pieces = pieces.map(|piece| OsStr::from_bytes(piece).to_owned());
            std::iter::once(OsString::new()).chain(pieces).collect()
        }
        (Some(_), words) => words.to_vec(),
    }
}

/// Every name among the first words of an opaque command: what has to be loaded before anybody can tell a program.
pub(super) fn names(command: &Command, caller: &Caller<'_>) -> Vec<String> {
    let words = words(command);
    let behind = words.iter().skip(1).take(NAMES).filter_map(|word| caller.search.program(word).name);
    behind.filter(|name| !name.starts_with('-')).map(str::to_owned).collect()
}

/// Every word that [`commands`] may look at, and the program that each would be.
pub(super) fn words_of(command: &Command, caller: &Caller<'_>) -> Vec<OsString> {
    let words = words(command);
    let named = words.iter().filter_map(|word| caller.search.program(word).name.map(OsString::from));
    let named: Vec<OsString> = named.collect();
    words.into_iter().chain(named).collect()
}

/// The inner commands, each as if nothing stood before it: the words behind an opaque command's own program that name a
/// described program, each with everything behind it.
pub(super) fn commands(command: &Command, bench: &Bench<'_>) -> Vec<Command> {
    let words = words(command);
    let places = (WORDS / words.len().max(1)).clamp(1, PLACES);
    let named = (1..words.len()).filter_map(|at| {
        let inside = words.get(at..)?;
        let name = bench.caller.search.program(inside.first()?).name?;
        bench.book.tool(name).map(|_| Command::plain(inside.to_vec().into()))
    });
    named.take(places).collect()
}

/// The rules that the inner commands match, each once; none of them speaks for the whole.
pub(super) fn rules(inner: Vec<Judged>) -> Vec<Matched> {
    let mut found: Vec<Matched> = Vec::new();
    for matched in inner.into_iter().flat_map(|judged| judged.matched) {
        if found.iter().all(|known| known.rule.id != matched.rule.id) {
            found.push(Matched { fit: Fit::Resembles, rollback: None, ..matched.elsewhere() });
        }
    }
    found
}
