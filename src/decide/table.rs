//! The decision table: rows as written, cells as proven.

use super::Verdict;
use crate::facts::{Effect, Rollback, Scope, Tier};
use std::fmt;

/// What a row speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A command with this effect.
    Effect(Effect),
    /// A command that no trusted rule accounts for.
    Unmatched,
    /// Text whose commands cannot be told.
    Opaque,
}

impl Subject {
    /// Every subject.
    pub fn all() -> impl Iterator<Item = Subject> {
        Effect::ALL.iter().copied().map(Subject::Effect).chain([Subject::Unmatched, Subject::Opaque])
    }

    /// The subject that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "unmatched" => Some(Subject::Unmatched),
            "opaque" => Some(Subject::Opaque),
            effect => Effect::from_word(effect).map(Subject::Effect),
        }
    }

    /// The word used in rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Subject::Effect(effect) => effect.word(),
            Subject::Unmatched => "unmatched",
            Subject::Opaque => "opaque",
        }
    }
}

/// One combination of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What the row must speak about.
    pub subject: Subject,
    /// How far.
    pub scope: Scope,
    /// Where.
    pub tier: Tier,
    /// How to undo.
    pub rollback: Rollback,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cell { subject, scope, tier, rollback } = self;
        write!(f, "effect {}, scope {scope}, tier {tier}, rollback {rollback}", subject.word())
    }
}

/// One row. An empty list means every value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it speaks about.
    pub subjects: Vec<Subject>,
    /// For these scopes.
    pub scopes: Vec<Scope>,
    /// For these tiers.
    pub tiers: Vec<Tier>,
    /// For these rollbacks.
    pub rollbacks: Vec<Rollback>,
    /// The answer.
    pub verdict: Verdict,
}

impl Row {
    fn covers(&self, cell: Cell) -> bool {
        fn among<T: PartialEq>(values: &[T], value: &T) -> bool {
            values.is_empty() || values.contains(value)
        }
        self.subjects.contains(&cell.subject)
            && among(&self.scopes, &cell.scope)
            && among(&self.tiers, &cell.tier)
            && among(&self.rollbacks, &cell.rollback)
    }
}

/// Why a table may not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// No row covers the cell.
    NotTotal(Cell),
    /// `worse` differs from `cell` in one fact that is more severe, and has a kinder verdict.
    NotMonotone {
        /// The milder facts.
        cell: Cell,
        /// Their verdict.
        verdict: Verdict,
        /// The worse facts.
        worse: Cell,
        /// Their kinder verdict.
        kinder: Verdict,
    },
    /// What is not understood would be treated more kindly than the built-in table does.
    TooKind(Subject, Verdict),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::NotTotal(cell) => write!(f, "no row gives a verdict for {cell}"),
            Flaw::NotMonotone { cell, verdict, worse, kinder } => {
                write!(f, "{worse} gives `{kinder}`, kinder than `{verdict}` for {cell}")
            }
            Flaw::TooKind(subject, verdict) => {
                write!(f, "`{}` gives `{verdict}`; what is not understood never gets kinder", subject.word())
            }
        }
    }
}

/// A table: rows that replace the built-in ones effect by effect, and rows that may only raise.
///
/// Among rows for one effect the first that covers a cell counts, so they read from the special to the general.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    rows: Vec<Row>,
    raising: Vec<Row>,
}

impl Table {
    /// A table that was proven total and monotone when it was built into the binary or checked with its file.
    #[must_use]
    pub fn proven(rows: Vec<Row>) -> Self {
        Self { rows, raising: Vec::new() }
    }

    /// The table with `rows` in place of the present rows for the same subjects.
    #[must_use]
    pub fn replaced_by(&self, rows: Vec<Row>) -> Self {
        let taken: Vec<Subject> = rows.iter().flat_map(|row| row.subjects.iter().copied()).collect();
        let keep = |row: &Row| {
            let subjects: Vec<_> =
                row.subjects.iter().copied().filter(|subject| !taken.contains(subject)).collect();
            (!subjects.is_empty()).then(|| Row { subjects, ..row.clone() })
        };
        let kept = self.rows.iter().filter_map(keep);
        Self { rows: kept.chain(rows.iter().cloned()).collect(), raising: self.raising.clone() }
    }

    /// The table with `rows` that can only raise what it says now.
    #[must_use]
    pub fn raised_by(&self, rows: Vec<Row>) -> Self {
        let mut table = self.clone();
        table.raising.extend(rows);
        table
    }

    /// The verdict for one cell; `deny` where no row speaks, which a proven table does not have.
    #[must_use]
    pub fn verdict(&self, cell: Cell) -> Verdict {
        let said = self.rows.iter().find(|row| row.covers(cell)).map_or(Verdict::Deny, |row| row.verdict);
        let raised = self.raising.iter().filter(|row| row.covers(cell)).map(|row| row.verdict).max();
        raised.map_or(said, |raised| said.max(raised))
    }

    /// The verdict for what is not understood.
    #[must_use]
    pub fn floor(&self, subject: Subject) -> Verdict {
        let cell = Cell { subject, scope: Scope::Unknown, tier: Tier::Unknown, rollback: Rollback::None };
        self.verdict(cell)
    }

    /// The rows in force, in the order in which they are tried.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Rows that only raise.
    #[must_use]
    pub fn raising(&self) -> &[Row] {
        &self.raising
    }

    /// Enumerates every cell and names what is wrong; empty for a table that may be used.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        for cell in cells() {
            if !self.rows.iter().any(|row| row.covers(cell)) {
                flaws.push(Flaw::NotTotal(cell));
                continue;
            }
            for worse in worse_by_one(cell) {
                let (verdict, kinder) = (self.verdict(cell), self.verdict(worse));
                if kinder < verdict && self.rows.iter().any(|row| row.covers(worse)) {
                    flaws.push(Flaw::NotMonotone { cell, verdict, worse, kinder });
                }
            }
        }
        for (subject, least) in
            [(Subject::Unmatched, Verdict::Confirm), (Subject::Opaque, Verdict::TwoPerson)]
        {
            if self.floor(subject) < least {
                flaws.push(Flaw::TooKind(subject, self.floor(subject)));
            }
        }
        flaws
    }
}

/// The built-in table's rows, made from `table.toml` by `build.rs`.
#[must_use]
pub fn built_in_rows() -> Vec<Row> {
    include!(concat!(env!("OUT_DIR"), "/table.rs"))
}

/// Every combination of facts: 11 subjects, 5 scopes, 4 tiers, 5 rollbacks.
pub fn cells() -> impl Iterator<Item = Cell> {
    Subject::all().flat_map(|subject| {
        Scope::ALL.iter().flat_map(move |&scope| {
            Tier::ALL.iter().flat_map(move |&tier| {
                Rollback::ALL.iter().map(move |&rollback| Cell { subject, scope, tier, rollback })
            })
        })
    })
}

/// The cells that differ from `cell` by one step on one axis, towards the severe end.
fn worse_by_one(cell: Cell) -> impl Iterator<Item = Cell> {
    fn next<T: Copy + PartialEq>(all: &[T], value: T) -> Option<T> {
        let mut later = all.iter().skip_while(move |known| **known != value);
        later.nth(1).copied()
    }
    let from_none = (cell.subject == Subject::Effect(Effect::None)).then(|| {
        let worse = Subject::all().filter(|subject| *subject != Subject::Effect(Effect::None));
        worse.map(move |subject| Cell { subject, ..cell })
    });
    let scope = next(Scope::ALL, cell.scope).map(|scope| Cell { scope, ..cell });
    let tier = next(Tier::ALL, cell.tier).map(|tier| Cell { tier, ..cell });
    let rollback = next(Rollback::ALL, cell.rollback).map(|rollback| Cell { rollback, ..cell });
    scope.into_iter().chain(tier).chain(rollback).chain(from_none.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Book;

    #[test]
    fn the_built_in_table_has_no_flaw_and_is_what_its_file_says() {
        assert_eq!(Table::proven(built_in_rows()).flaws(), []);
        assert_eq!(Book::rows_in(include_str!("table.toml")).unwrap(), built_in_rows());
    }
}
