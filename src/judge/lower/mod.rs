//! What would lower a verdict: single changes, each tried, none guessed.
//!
//! In: a command and its judgement. Out: [`Lower`]s, the mildest verdict first, each with the way to follow it: other
//! words, or an entry for a rule file. Never: a change that was not judged as the change itself would be.

mod changes;
mod entries;

use changes::Change;
pub(super) use changes::DRY_RUNS;

use super::{Bench, Judged, facts, floor, need, shell};
use crate::command::{self, Action, Command};
use crate::decide::{Standing, Verdict, decide};
use crate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use crate::rules::{Fit, Kind};
use crate::tools::Reading;
use std::ffi::OsString;

/// One change and the verdict it would give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lower {
    /// What to change, in words.
    pub change: String,
    /// What the verdict would be then.
    pub verdict: Verdict,
    /// How to do it.
    pub follow: Follow,
}

/// How to follow an advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Call this instead.
    Words(Vec<OsString>),
    /// Change what stands around the words: a redirection, a variable, a pipe.
    Around,
    /// Add this to a rule file that may loosen; where it says `FILL IN`, only people know.
    Rules(String),
    /// Write the shell text otherwise.
    Text,
}

/// More than this nobody reads.
const MOST: usize = 6;

/// The changes that would lower the verdict of one command.
pub(super) fn of(command: &Command, judged: &Judged, bench: &Bench<'_>) -> Vec<Lower> {
    if judged.verdict == Verdict::Run {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Some(opaque) = &command.opaque {
        // What is written otherwise is judged when it is; no more than that it is not opaque is certain.
        let verdict = decide(bench.book.table(), Standing::Unmatched, &Facts::nothing("not opaque"));
        let change = opaque.instead.to_owned();
        found.extend((verdict < judged.verdict).then_some(Lower { change, verdict, follow: Follow::Text }));
    }
    let program = command.words.first().and_then(|word| bench.caller.search.program(word).name);
    let tool = program.and_then(|program| bench.book.tool(program));
    let reading = tool.map(|tool| Reading::of(tool, &command.words));
    for change in changes::of(command, reading.as_ref(), bench) {
        let verdict = verdict(&change, bench);
        if verdict < judged.verdict {
            found.push(Lower { change: change.text, verdict, follow: change.follow });
        }
    }
    found.extend(environment(command, reading.as_ref(), judged, bench));
    found.extend(reading.and_then(|reading| rule(command, &reading, judged, bench)));
    found.sort_by_key(|lower| lower.verdict);
    found.truncate(MOST);
    found
}

/// What a changed command would get. It is read anew: `crontab -r` without `-r` reads a file of commands.
fn verdict(change: &Change, bench: &Bench<'_>) -> Verdict {
    let words = match &change.follow {
        Follow::Words(words) => words.clone(),
        Follow::Around | Follow::Rules(_) | Follow::Text => change.command.words.to_vec(),
    };
    let read = command::read(&Action::Argv(words), &bench.caller);
    let as_changed = read
        .iter()
        .all(|command| command.opaque.is_none() && command.words.iter().eq(change.command.words.iter()));
    match &change.follow {
        Follow::Words(_) => read.into_iter().map(|command| shell::judge(command, bench).verdict).max(),
        Follow::Around | Follow::Rules(_) | Follow::Text => {
            as_changed.then(|| shell::judge(change.command.clone(), bench).verdict)
        }
    }
    .unwrap_or(Verdict::Deny)
}

/// An environment entry that says the place is harmless.
fn environment(
    command: &Command,
    reading: Option<&Reading<'_>>,
    judged: &Judged,
    bench: &Bench<'_>,
) -> Option<Lower> {
    let targets = reading.map(Reading::targets).unwrap_or_default();
    let (key, value) = entries::place(&judged.surroundings, &targets)?;
    let assumed =
        Bench { assumed: Some(Tier::Development), caller: bench.caller, cwd: bench.cwd.clone(), ..*bench };
    let verdict = shell::judge(command.clone(), &assumed).verdict;
    let change = format!(
        "if it is so: an `[[environment]]` entry with `tier = \"development\"` for the {key} `{value}`"
    );
    let follow = Follow::Rules(entries::environment(key, &value));
    (verdict < judged.verdict).then_some(Lower { change, verdict, follow })
}

/// A rule of one's own: one that accounts for every word, or one that says how to undo it.
fn rule(command: &Command, reading: &Reading<'_>, judged: &Judged, bench: &Bench<'_>) -> Option<Lower> {
    // What only raises stays whatever is added, and so does a rule that speaks of some of the values.
    let raising = judged.matched.iter().filter(|m| match (m.rule.kind, m.fit) {
        (Kind::Any, fit) => fit == Fit::Whole,
        (Kind::Match, fit) => fit == Fit::Partly,
    });
    let mut facts = Facts::nothing("a rule of your own");
    facts.raise_tier(judged.facts.tier().clone());
    raising.for_each(|matched| facts::claim(&mut facts, matched));
    let own: Vec<_> =
        judged.matched.iter().filter(|m| m.rule.kind == Kind::Match && m.fit == Fit::Whole).collect();
    let source = || Source::Unsaid("a rule of your own");
    let (effects, scope, change) = match judged.standing.0 {
        Standing::Opaque => return None,
        Standing::Unmatched => {
            if !entries::can_be_known(&judged.standing, reading) {
                return None;
            }
            let change = "a rule that accounts for every word, and says how to undo it".to_owned();
            (vec![Effect::Isolated], Scope::One, change)
        }
        Standing::Known => {
            if judged.facts.rollback().value <= Rollback::Declared {
                return None;
            }
            let effects = own.iter().flat_map(|matched| matched.rule.effects.iter().copied());
            let change = "a rule that declares the inverse command as `rollback`".to_owned();
            (effects.collect(), judged.facts.scope().value, change)
        }
    };
    for effect in &effects {
        facts.raise_effect(Sourced::new(*effect, source()));
    }
    facts.raise_scope(Sourced::new(scope, source()));
    facts.raise_rollback(Sourced::new(Rollback::Declared, source()));
    facts::raise_by_place(&mut facts, command, &judged.surroundings);
    facts::raise_by_looseness(&mut facts, Some(reading));
    let two = judged.matched.iter().any(|matched| matched.rule.approvals.is_some_and(|count| count >= 2));
    let could = floor::perhaps(bench.book, &judged.matched, judged.facts.tier());
    let verdict = decide(bench.book.table(), Standing::Known, &facts).max(could);
    let replaced: Vec<&str> = own.iter().map(|matched| matched.rule.id.as_str()).collect();
    let text = entries::rule(reading, &effects, scope, &replaced)?;
    // No rule of one's own takes away that a reach cannot be known.
    let measured = need::floor(&judged.needs) == Verdict::Run;
    let plain = command.redirections.is_empty() && !two && measured;
    (verdict < judged.verdict && plain).then_some(Lower { change, verdict, follow: Follow::Rules(text) })
}
