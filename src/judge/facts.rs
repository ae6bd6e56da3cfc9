//! The facts of one command: what its rules say, and what its place, its wrappers and doubt add.
//!
//! In: the command, the matching rules, its standing and its tier. Out: [`Facts`], each with its source. Never: a fact
//! lowered - whoever speaks of one can only raise it.

use super::{Matched, Surroundings};
use crate::command::{Added, Command};
use crate::decide::Standing;
use crate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use crate::rules::{Fit, Kind, Undo};
use crate::tools::Reading;

/// What the rules that speak say, and what the place adds.
pub(super) fn of(
    command: &Command,
    seen: &Surroundings,
    matched: &[Matched],
    standing: Standing,
    tier: &Sourced<Tier>,
) -> Facts {
    let mut facts = Facts::nothing("no rule says more");
    facts.raise_tier(tier.clone());
    // What a `match` rule would ask of a command that it does not make known is asked by `floor::of`, with the rule's own
    // scope and rollback: joined with those of the unknown, it would be denied for what nobody said.
    // What only could match is asked for by `floor::perhaps`: `rm "$x"` is not refused for good because x could be the log.
    let speaks = |matched: &&Matched| match matched.rule.kind {
        Kind::Any => matched.fit == Fit::Whole,
        Kind::Match => standing == Standing::Known,
    };
    for matched in matched.iter().filter(speaks) {
        claim(&mut facts, matched);
    }
    raise_by_place(&mut facts, command, seen);
    facts
}

/// What is not understood, and what only the run knows, may reach anything.
pub(super) fn raise_by_doubt(facts: &mut Facts, standing: Standing, reading: Option<&Reading<'_>>) {
    if standing != Standing::Known {
        let unsaid = Source::Unsaid("not understood");
        facts.raise_scope(Sourced::new(Scope::Unknown, unsaid.clone()));
        facts.raise_rollback(Sourced::new(Rollback::None, unsaid));
    }
    raise_by_looseness(facts, reading);
}

/// Words whose value only the run knows may name anything.
pub(super) fn raise_by_looseness(facts: &mut Facts, reading: Option<&Reading<'_>>) {
    let Some((word, _)) = reading.and_then(|reading| reading.loose.first()) else { return };
    let why = format!("`{}` is known only when it runs", word.to_string_lossy());
    facts.raise_scope(Sourced::new(Scope::Unknown, Source::Shape(why)));
}

/// What the place and the wrappers add, whatever rules say.
pub(super) fn raise_by_place(facts: &mut Facts, command: &Command, seen: &Surroundings) {
    if seen.unreadable.is_some() {
        facts.raise_scope(Sourced::new(Scope::Unknown, Source::Ambient(seen.kind.clone())));
        facts.raise_tier(Sourced::new(Tier::Unknown, Source::Ambient(seen.kind.clone())));
    }
    let stdin = command.wrappers.iter().find(|taken| taken.adds.contains(&Added::StdinOperands));
    if let Some(taken) = stdin {
        // Several, and nobody knows how many; where a rule knows the command, its words are loose besides.
        facts.raise_scope(Sourced::new(Scope::Service, Source::Wrapper(taken.name.to_owned())));
    }
    let many = command.wrappers.iter().find(|taken| taken.adds.contains(&Added::ManyHosts));
    let changes = facts.effects().any(|(effect, _)| effect != Effect::None);
    if let Some(taken) = many.filter(|_| changes) {
        // A rule's scope is what the command does to one host; `knife ssh 'name:*' 'systemctl stop web'` does it to all.
        facts.raise_scope(Sourced::new(Scope::Environment, Source::Wrapper(taken.name.to_owned())));
    }
}

/// What a command that is not known would probably change: something, and what the rules say that it resembles. For
/// people: the verdict has it already, in the standing and the floor.
pub(super) fn presume(facts: &mut Facts, matched: &[Matched]) {
    facts.raise_effect(Sourced::new(Effect::Isolated, Source::Unsaid("not understood")));
    for Matched { rule, .. } in matched.iter().filter(|matched| matched.rule.kind == Kind::Match) {
        for effect in &rule.effects {
            facts.raise_effect(Sourced::new(*effect, Source::Rule(rule.id.to_string())));
        }
    }
}

/// What one matching rule adds.
pub(super) fn claim(facts: &mut Facts, matched: &Matched) {
    let rule = &matched.rule;
    let source = || Source::Rule(rule.id.to_string());
    let changes = rule.effects.iter().any(|effect| *effect != Effect::None);
    for effect in &rule.effects {
        facts.raise_effect(Sourced::new(*effect, source()));
    }
    if let Some(scope) = rule.scope {
        facts.raise_scope(Sourced::new(scope, source()));
    }
    if let Some(tier) = rule.tier {
        facts.raise_tier(Sourced::new(tier, source()));
    }
    let several = matched.captures.values().map(Vec::len).max().unwrap_or(0);
    if rule.kind == Kind::Match && changes && several > 1 {
        // `scope = "one"` is about one object; a rule cannot know how many were named.
        facts.raise_scope(Sourced::new(Scope::Service, Source::Shape(format!("{several} named targets"))));
    }
    match (&rule.undo, rule.kind) {
        (Some(Undo::Command(_)), _) if matched.rollback.is_none() => {
            let why = Source::Shape("the rollback cannot be filled in".to_owned());
            facts.raise_rollback(Sourced::new(Rollback::None, why));
        }
        (Some(undo), _) => facts.raise_rollback(Sourced::new(undo.rollback(), source())),
        (None, Kind::Match) if changes => {
            facts.raise_rollback(Sourced::new(Rollback::None, Source::Unsaid("the rule names no rollback")));
        }
        (None, Kind::Match | Kind::Any) => {}
    }
}
