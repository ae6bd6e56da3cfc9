//! The compact form of a built-in pack: what `build.rs` writes and a call reads.
//!
//! In and out: bytes. Rules and tools are filed under the words that can concern them, so that a call decodes a few
//! of them and passes over the others; packs of other tools are not touched at all. Never: a pointer, which the
//! loader would have to set at the start of every call, whichever tool it is about.
//!
//! A pattern is filed once: under an option that it requires, else under its last literal operand (`a|b` under both),
//! else under nothing. A command without that option or word cannot match it, nor resemble it.

use serde::{Deserialize, Serialize};

/// One pack. Rules are named by the byte at which they begin.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Shelf<'a> {
    /// One [`Kept`] rule behind the other, in the order of the file, without examples.
    pub(crate) rules: &'a [u8],
    #[serde(borrow)]
    pub(crate) tools: Vec<Drawer<'a>>,
}

/// One rule.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Kept<'a, R> {
    /// Every option that it names anywhere, blanks between them.
    pub(crate) options: &'a str,
    pub(crate) rule: R,
}

/// One tool of a pack.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Drawer<'a> {
    /// Its name, then its aliases.
    pub(crate) names: &'a str,
    /// Its `RawTool` with nothing in its lists of options.
    pub(crate) entry: &'a [u8],
    /// Lines for `lines::look`: an option's bare name, and the bytes at which the groups begin that have it.
    pub(crate) options: &'a str,
    /// One [`Group`] behind the other.
    pub(crate) groups: &'a [u8],
    /// The groups that say where; conditions may name them without any option on the command line.
    pub(crate) targets: Vec<u32>,
    /// Lines for `lines::look`: a word, and the rules that want it.
    pub(crate) words: &'a str,
    /// Rules that want no particular word.
    pub(crate) always: Vec<u32>,
}

/// Options of one table that share a name, directly or by way of others, with those of the tool itself that a
/// subcommand's lists refer to: what its lists say of one is only understood with the others, so they are taken
/// together or not at all.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Group<'a> {
    /// Rules that want one of these options.
    pub(crate) rules: Vec<u32>,
    #[serde(borrow)]
    pub(crate) texts: Vec<Listed<'a>>,
}

/// One text of one list of options.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed<'a> {
    /// 0 is the tool itself, then its subcommands.
    pub(crate) table: u32,
    /// Which of `RawTool::option_lists`.
    pub(crate) list: u32,
    /// Its place in the list.
    pub(crate) at: u32,
    pub(crate) text: &'a str,
}

/// An option's name without dashes: `-f`, `--f` and `f` are filed alike.
pub(crate) fn bare(name: &str) -> &str {
    name.trim_start_matches('-')
}
