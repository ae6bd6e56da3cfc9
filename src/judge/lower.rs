//! What would lower a verdict: single changes, each tried against the table, none guessed.

use crate::command::Opaque;
use crate::decide::{Standing, Table, Verdict, decide};
use crate::facts::{Facts, Rollback, Scope, Tier};

/// One change and the verdict it would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lower {
    /// What to change, in words.
    pub change: String,
    /// What the verdict would be then.
    pub verdict: Verdict,
}

/// The changes of one fact that lower the verdict, mildest change first.
pub(super) fn suggestions(
    table: &Table,
    standing: &(Standing, Option<String>),
    facts: &Facts,
    floor: Verdict,
    opaque: Option<&Opaque>,
) -> Vec<Lower> {
    let now = decide(table, standing.0, facts).max(floor);
    if now == Verdict::Run {
        return Vec::new();
    }
    let try_out = |standing, facts: &Facts, change: String| {
        let verdict = decide(table, standing, facts).max(floor);
        (verdict < now).then_some(Lower { change, verdict })
    };
    if let Some(opaque) = opaque {
        return try_out(Standing::Unmatched, facts, opaque.instead.to_owned()).into_iter().collect();
    }
    if standing.0 == Standing::Unmatched {
        let change = match &standing.1 {
            Some(why) => format!(
                "make it known ({why}): leave that out, or add a rule whose `match` accounts for every word"
            ),
            None => "make it known: add a rule whose `match` accounts for every word".to_owned(),
        };
        return try_out(
            Standing::Known,
            &facts.with_scope(Scope::One).with_rollback(Rollback::Declared),
            change,
        )
        .into_iter()
        .collect();
    }
    let rollback = (facts.rollback().value > Rollback::Declared).then(|| {
        let change = "a rule that declares the inverse command as `rollback`".to_owned();
        try_out(standing.0, &facts.with_rollback(Rollback::Declared), change)
    });
    let scopes = Scope::ALL.iter().rev().filter(|scope| **scope < facts.scope().value);
    let scope = scopes.filter_map(|scope| {
        let change = match scope {
            Scope::One => "name one target".to_owned(),
            Scope::Service | Scope::Environment | Scope::Fleet | Scope::Unknown => {
                format!("narrow it to one {scope}")
            }
        };
        try_out(standing.0, &facts.with_scope(*scope), change)
    });
    let tiers = Tier::ALL.iter().rev().filter(|tier| **tier < facts.tier().value);
    let tier = tiers.filter_map(|tier| {
        let change = format!("act where an `[[environment]]` entry says `tier = \"{tier}\"`");
        try_out(standing.0, &facts.with_tier(*tier), change)
    });
    let mut found: Vec<Lower> =
        rollback.flatten().into_iter().chain(scope.take(1)).chain(tier.take(1)).collect();
    found.sort_by_key(|lower| lower.verdict);
    found
}
