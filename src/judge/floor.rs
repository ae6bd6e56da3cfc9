//! The least verdict of a command, whatever its facts give.
//!
//! In: the rules that it matches, resembles or could match. Out: a [`Verdict`]. Never: one that an option which
//! nobody knows makes kinder than it would be without the option.

use super::{Matched, facts, need};
use crate::decide::{Standing, Verdict, decide};
use crate::facts::{Facts, Sourced, Tier};
use crate::rules::{Book, Fit, Kind};

/// The least verdict besides what the facts give: two people where a rule wants two, and for a command that is not
/// known whatever the rules that it matches or resembles would ask for if it were. Otherwise
/// `kubectl delete namespace prod --no-such-option` would be kinder than without the option.
pub(super) fn of(
    scene: &need::Scene<'_>,
    matched: &[Matched],
    standing: Standing,
    tier: Sourced<Tier>,
) -> Verdict {
    let table = scene.bench.book.table();
    let two = matched.iter().any(|matched| matched.rule.approvals.is_some_and(|count| count >= 2));
    let floor = if two { Verdict::TwoPerson } else { Verdict::Run };
    if standing != Standing::Unmatched || matched.iter().all(|matched| matched.rule.kind == Kind::Any) {
        return floor;
    }
    let mut facts = Facts::nothing("no rule says more");
    facts.raise_tier(tier);
    for matched in matched {
        facts::claim(&mut facts, matched);
    }
    facts::raise_by_place(&mut facts, scene.command, scene.seen);
    let said = decide(table, Standing::Known, &facts);
    // `kubectl delete pod -Z "$x"` reaches as far as `kubectl delete pod "$x"`; and what nobody understands denies nothing.
    facts::raise_by_looseness(&mut facts, scene.reading);
    let loose = decide(table, Standing::Known, &facts).min(Verdict::TwoPerson);
    said.max(loose).max(floor)
}

/// What is asked for because a word that only the run knows could be what an `any` rule speaks of: two people at most.
pub(super) fn perhaps(book: &Book, matched: &[Matched], tier: &Sourced<Tier>) -> Verdict {
    let mut facts = Facts::nothing("no rule says more");
    facts.raise_tier(tier.clone());
    for matched in
        matched.iter().filter(|matched| matched.rule.kind == Kind::Any && matched.fit == Fit::Partly)
    {
        facts::claim(&mut facts, matched);
    }
    decide(book.table(), Standing::Known, &facts).min(Verdict::TwoPerson)
}
