//! The facts of an action, as rows with their meaning.
//!
//! In: [`Facts`] of a case, or the words of a stored request. Out: [`FactRows`]. Never: a meaning for a word that is
//! not one of ours.

use super::Row;
use crate::facts::{Effect, Facts, Rollback, Scope, Source, Tier};

/// The facts, each with its meaning and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRows {
    /// What it changes, from kind to severe.
    pub effects: Vec<Row>,
    /// How far it reaches, and where.
    pub reach: Vec<Row>,
    /// How it can be undone.
    pub rollback: Row,
}

impl FactRows {
    /// The facts of a case.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let effects = facts.effects().map(|(effect, source)| effect_row(effect.word(), &brief(source)));
        let (scope, tier, rollback) = (facts.scope(), facts.tier(), facts.rollback());
        Self {
            effects: effects.collect(),
            reach: vec![
                scope_row(scope.value.word(), &brief(&scope.source)),
                tier_row(tier.value.word(), &brief(&tier.source)),
            ],
            rollback: rollback_row(rollback.value.word(), &brief(&rollback.source)),
        }
    }
}

/// Said of a value that no version of the gate known here writes.
const NO_WORD_OF_OURS: &str = "this remgate does not know the word";

pub(super) fn effect_row(word: &str, source: &str) -> Row {
    Row::new("changes", word, Effect::from_word(word).map_or(NO_WORD_OF_OURS, meaning_of_effect), source)
}

pub(super) fn scope_row(word: &str, source: &str) -> Row {
    Row::new("reaches", word, Scope::from_word(word).map_or(NO_WORD_OF_OURS, meaning_of_scope), source)
}

pub(super) fn tier_row(word: &str, source: &str) -> Row {
    Row::new("tier", word, Tier::from_word(word).map_or(NO_WORD_OF_OURS, meaning_of_tier), source)
}

pub(super) fn rollback_row(word: &str, source: &str) -> Row {
    Row::new("undo", word, Rollback::from_word(word).map_or(NO_WORD_OF_OURS, meaning_of_rollback), source)
}

/// A rule's id speaks for itself and is the most frequent source, so it stands without the word.
fn brief(source: &Source) -> String {
    match source {
        Source::Rule(id) => id.clone(),
        Source::Unsaid(_) => String::new(),
        Source::Environment(_) | Source::Wrapper(_) | Source::Ambient(_) | Source::Shape(_) => {
            source.to_string()
        }
    }
}

fn meaning_of_effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "only reads",
        Effect::Isolated => "one thing that nobody shares",
        Effect::Disclosure => "reads secrets or customer data",
        Effect::Availability => "takes shared capacity away",
        Effect::Routing => "where traffic goes",
        Effect::Data => "destroys, restores or migrates data",
        Effect::Secrets => "creates, rotates or deletes secrets",
        Effect::Permissions => "who may do what",
        Effect::Audit => "logs and audit trails",
    }
}

fn meaning_of_scope(scope: Scope) -> &'static str {
    match scope {
        Scope::One => "one named thing",
        Scope::Service => "one service, or a handful of things",
        Scope::Environment => "a namespace, account, host or workspace",
        Scope::Fleet => "several environments",
        Scope::Unknown => "cannot be told before the run",
    }
}

fn meaning_of_tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Development => "its developers would notice",
        Tier::Staging => "other engineers would notice",
        Tier::Production => "customers would notice",
        Tier::Unknown => "no environment entry says",
    }
}

fn meaning_of_rollback(rollback: Rollback) -> &'static str {
    match rollback {
        Rollback::Unneeded => "leaves nothing to undo",
        Rollback::Proven => "undone by this rule before",
        Rollback::Declared => "the rule says how",
        Rollback::Manual => "by hand, after an instruction",
        Rollback::None => "cannot be undone, or nobody said how",
    }
}
