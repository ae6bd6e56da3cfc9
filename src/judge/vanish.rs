//! `kubectl -n $NS get pods`: a variable that holds a number or nothing, and what is left where it holds nothing.
//!
//! In: a command. Out: every way its words may turn out. Never: one way that stands for another - `kubectl -n $NS get
//! drain web` drains where `$NS` is empty, so each way is judged and the strictest counts.

use crate::command::{Command, Count, Loose, Nature, Words};
use crate::tools::Reading;

/// How a command's words may turn out.
pub(super) struct Ways {
    /// Each word is there.
    pub(super) present: Command,
    /// At least one is gone.
    pub(super) vanished: Vec<Command>,
}

/// With more such words there are more ways than anybody wants to look at: 2 to the power of this.
const MOST: usize = 3;

/// Every way in which words that are a number or nothing may turn out. The command as it is, where there is no such
/// word, or too many.
pub(super) fn ways(command: Command) -> Ways {
    let open: Vec<usize> = command
        .words
        .all_loose()
        .filter(|(_, _, loose)| loose.nature == Nature::Number && loose.count == Count::Any)
        .map(|(at, _, _)| at)
        .collect();
    if open.is_empty() || open.len() > MOST {
        return Ways { present: command, vanished: Vec::new() };
    }
    let gone = |mask: usize| {
        let marked = open.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1);
        marked.map(|(_, at)| *at).collect::<Vec<usize>>()
    };
    let way = |mask| Command { words: without(&command.words, &open, &gone(mask)), ..command.clone() };
    Ways { vanished: (1..1_usize << open.len()).map(way).collect(), present: way(0) }
}

/// The words but for those that are `gone`; each `open` one that is left is exactly one.
fn without(words: &Words, open: &[usize], gone: &[usize]) -> Words {
    let one = |loose: Loose| Loose { count: Count::One, ..loose };
    words.changed(|at, word, loose| {
        let loose = if open.contains(&at) { loose.map(one) } else { loose };
        (!gone.contains(&at)).then(|| (word.to_owned(), loose))
    })
}

/// Whether the program itself refuses the words, and so does nothing at all. Not where any other word is unclear:
/// behind an option that nobody knows, `-n` may be a value.
pub(super) fn is_refused(reading: &Reading<'_>) -> bool {
    reading.refused.is_some()
        && reading.unknown.iter().all(|unknown| Some(&unknown.why) == reading.refused.as_ref())
}
