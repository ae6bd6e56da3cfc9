//! From facts to a verdict, by a table that is data (design section 7).
//!
//! In: [`Facts`] and how well the command is known. Out: a [`Verdict`]. Never: a cell without a verdict, or a worse
//! fact with a kinder one - [`Table::flaws`] enumerates every cell and refuses both.

mod table;

pub use table::{Cell, Flaw, Row, Subject, Table, built_in_rows, cells};

use crate::facts::Facts;
use std::fmt;

/// What may happen to an action, from kind to severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// At once.
    Run,
    /// When one human agrees.
    Confirm,
    /// When two different humans agree.
    TwoPerson,
    /// Not.
    Deny,
}

impl Verdict {
    /// Every verdict, from kind to severe.
    pub const ALL: [Verdict; 4] = [Verdict::Run, Verdict::Confirm, Verdict::TwoPerson, Verdict::Deny];

    /// The word used in rules, logs and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Run => "run",
            Verdict::Confirm => "confirm",
            Verdict::TwoPerson => "two-person",
            Verdict::Deny => "deny",
        }
    }

    /// The verdict that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What a verdict demands, from nothing to the impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demand {
    /// `run`: nobody has to be asked.
    Nothing,
    /// `confirm`: one human who is not the asking agent or job.
    OneHuman,
    /// `two-person`: two different humans.
    TwoHumans,
    /// `deny`: nobody can allow it.
    Refuse,
}

impl Demand {
    /// Every demand, from nothing to the impossible.
    pub const ALL: &'static [Demand] =
        &[Demand::Nothing, Demand::OneHuman, Demand::TwoHumans, Demand::Refuse];
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Demand::Nothing => "nobody has to agree",
            Demand::OneHuman => "one human must agree",
            Demand::TwoHumans => "two different humans must agree",
            Demand::Refuse => "nobody can allow it",
        })
    }
}

impl Verdict {
    /// What must be so before a command with this verdict may start.
    #[must_use]
    pub fn demand(self) -> Demand {
        match self {
            Verdict::Run => Demand::Nothing,
            Verdict::Confirm => Demand::OneHuman,
            Verdict::TwoPerson => Demand::TwoHumans,
            Verdict::Deny => Demand::Refuse,
        }
    }
}

/// How well a command is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A trusted rule accounts for every word.
    Known,
    /// No such rule.
    Unmatched,
    /// The commands inside cannot be told before they run.
    Opaque,
}

/// The verdict over one command's facts: the strictest over its effects, and never kinder than its standing allows.
#[must_use]
pub fn decide(table: &Table, standing: Standing, facts: &Facts) -> Verdict {
    let cell = |effect| Cell {
        subject: Subject::Effect(effect),
        scope: facts.scope().value,
        tier: facts.tier().value,
        rollback: facts.rollback().value,
    };
    let over_effects =
        facts.effects().map(|(effect, _)| table.verdict(cell(effect))).max().unwrap_or(Verdict::Deny);
    let floor = match standing {
        Standing::Known => Verdict::Run,
        Standing::Unmatched => table.floor(Subject::Unmatched),
        Standing::Opaque => table.floor(Subject::Opaque),
    };
    over_effects.max(floor)
}
