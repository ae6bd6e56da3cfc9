//! Which command of several is the reason for a verdict.
//!
//! In: a [`Judgement`]. Out: a [`Because`], for the prompt and for refusals. Never: a guess - where no command alone
//! gives the verdict, that is said.

use super::sanitize::quote_words;
use super::wrap::chop;
use crate::command::Words;
use crate::decide::Verdict;
use crate::judge::{Judged, Judgement};
use std::ffi::OsString;
use std::fmt;

/// Columns of a command in one line of a message.
const COLUMNS: usize = 72;

/// Why an action of several commands got its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// One command asks for it.
    Command {
        /// Its words.
        words: Words,
        /// Its program and operation, which hold no secret: a message ends up in the log of some CI.
        short: String,
        /// Its place among all, from 1.
        number: usize,
        /// How many there are in all.
        total: usize,
        /// How many later ones ask for the same.
        more: usize,
    },
    /// None does alone; what they do together does.
    Together {
        /// How many there are.
        total: usize,
    },
}

/// The program and the words that name its operation.
fn short(judged: &Judged) -> String {
    let words = &judged.command.words;
    let named = judged.read.as_ref().map_or(0, |read| read.operation.len());
    let operation = judged.read.iter().flat_map(|read| read.operation.iter().map(OsString::from));
    let shown: Vec<OsString> = words.first().cloned().into_iter().chain(operation).collect();
    let mut pieces = chop(&quote_words(&shown), COLUMNS).into_iter();
    let command = pieces.next().unwrap_or_default();
    let more = pieces.next().is_some() || words.len() > named.saturating_add(1);
    format!("{command}{}", if more { " ..." } else { "" })
}

impl Because {
    /// The reason for `verdict`; none for a single command, for what simply runs, or where something besides the
    /// commands, such as a probe, raised the verdict.
    #[must_use]
    pub fn of(judgement: &Judgement, verdict: Verdict) -> Option<Self> {
        let total = judgement.commands.len();
        if total < 2 || verdict == Verdict::Run || verdict != judgement.verdict {
            return None;
        }
        let mut strictest = (1..).zip(&judgement.commands).filter(|(_, judged)| judged.verdict == verdict);
        Some(match strictest.next() {
            Some((number, judged)) => {
                let words = judged.command.words.clone();
                Self::Command { short: short(judged), words, number, total, more: strictest.count() }
            }
            None => Self::Together { total },
        })
    }

    /// Which one it is: `command 2 of 3, and 1 more`.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Command { number, total, more: 0, .. } => format!("command {number} of {total}"),
            Self::Command { number, total, more, .. } => {
                format!("command {number} of {total}, and {more} more")
            }
            Self::Together { total } => format!("what {total} commands do together"),
        }
    }
}

/// One line, safe to print: ``because of `systemctl restart ...` (command 2 of 3)``.
impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { short, .. } if !short.is_empty() => {
                write!(f, "because of `{short}` ({})", self.place())
            }
            // `X=1 > file` has no words of its own.
            Self::Command { .. } | Self::Together { .. } => write!(f, "because of {}", self.place()),
        }
    }
}
