//! `remgate rules test`: every example, every near-miss, and the cases that a team keeps beside its rules.

use super::many::Court;
use super::prove::{given, layers_in_force, prove_all, show_problems};
use super::{Form, Unshown};
use crate::judge::{Field, Judged, Judgement, Surroundings};
use crate::report::{Out, sanitize};
use crate::rules::cases::{self, Case, Expected};
use crate::rules::{Fit, Layer, Problem, SourceFile, Trust};
use crate::stop::BAD_RULES;
use anyhow::Context;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A case did not hold.
const FAILED: u8 = 1;

/// A case file, and what it holds.
struct Suite {
    file: SourceFile,
    cases: Vec<Case>,
}

/// A case that does not hold, and in what.
struct Failure {
    place: String,
    called: String,
    differs: Vec<String>,
}

pub(super) fn test(files: &[PathBuf], form: Form) -> Result<u8, Unshown> {
    let is_cases = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "cases");
    let (named, rules): (Vec<&PathBuf>, Vec<&PathBuf>) = files.iter().partition(is_cases);
    let rules: Vec<PathBuf> = rules.into_iter().cloned().collect();
    let sources = if rules.is_empty() { layers_in_force()? } else { given(&rules)? };
    let found = if files.is_empty() { beside(&sources) } else { named.into_iter().cloned().collect() };
    let proven = prove_all(sources.clone());
    let suites = found.iter().map(|path| suite(path)).collect::<Result<Vec<_>, _>>()?;
    let (suites, unread): (Vec<_>, Vec<_>) = suites.into_iter().partition(Result::is_ok);
    let unread: Vec<(SourceFile, Vec<Problem>)> = unread.into_iter().filter_map(Result::err).collect();
    let refused = proven.iter().chain(&unread).flat_map(|(_, problems)| problems);
    let refused = refused.filter(|problem| problem.code.refuses()).count();
    let mut out = Out::stdout();
    if refused > 0 {
        let all: Vec<_> = proven.into_iter().chain(unread).collect();
        show_problems(&all, form, &mut out)?;
        out.finish()?;
        return Ok(BAD_RULES);
    }
    let court = Court::with(&sources)?;
    let suites: Vec<Suite> = suites.into_iter().filter_map(Result::ok).collect();
    let failures: Vec<Failure> = suites.iter().flat_map(|suite| failures(suite, &court)).collect();
    let cases: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    match form {
        Form::Json => out.line(as_json(proven.len(), cases, &failures))?,
        Form::Text => as_text(proven.len(), cases, &failures, &mut out)?,
    }
    out.finish()?;
    Ok(if failures.is_empty() { 0 } else { FAILED })
}

/// The case files in the directories of rule files.
fn beside(sources: &[SourceFile]) -> Vec<PathBuf> {
    let directories: BTreeSet<&Path> = sources
        .iter()
        .filter(|file| file.layer != Layer::Project)
        .filter_map(|file| Path::new(&file.name).parent())
        .collect();
    let entries = directories.into_iter().filter_map(|directory| std::fs::read_dir(directory).ok());
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "cases"))
        .collect();
    found.sort();
    found
}

fn suite(path: &Path) -> Result<Result<Suite, (SourceFile, Vec<Problem>)>, Unshown> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(|error| Unshown::Other(error, BAD_RULES))?;
    let name = path.display().to_string();
    let file = SourceFile { name, text, layer: Layer::User, trust: Trust::TightenOnly };
    Ok(match cases::read(&file.text) {
        Ok(cases) => Ok(Suite { file, cases }),
        Err(problems) => Err((file, problems)),
    })
}

fn failures(suite: &Suite, court: &Court) -> Vec<Failure> {
    let failure = |case: &Case| {
        let seen = Surroundings {
            kind: "case".to_owned(),
            fields: case
                .place
                .iter()
                .map(|(key, values)| {
                    (key.clone(), Field { values: values.clone(), source: "the case".to_owned() })
                })
                .collect(),
            ..Surroundings::default()
        };
        let differs = differences(&case.expected, &court.judge_at(&case.action, &case.actor, &seen));
        let before = suite.file.text.get(..case.at.start).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let place = format!("{}:{line}", suite.file.name);
        (!differs.is_empty()).then(|| Failure { place, called: case.called.clone(), differs })
    };
    suite.cases.iter().filter_map(failure).collect()
}

/// Everything in which a judgement is not what was expected.
fn differences(expected: &Expected, judgement: &Judgement) -> Vec<String> {
    let mut differs = Vec::new();
    let facts = &judgement.facts;
    if !expected.verdicts.is_empty() && !expected.verdicts.contains(&judgement.verdict) {
        let wanted: Vec<&str> = expected.verdicts.iter().map(|verdict| verdict.word()).collect();
        differs.push(format!("verdict {}, expected {}", judgement.verdict, wanted.join(" or ")));
    }
    let effects: Vec<_> = facts.effects().map(|(effect, _)| effect).collect();
    for effect in expected.effects.iter().filter(|effect| !effects.contains(effect)) {
        let found: Vec<&str> = effects.iter().map(|effect| effect.word()).collect();
        differs.push(format!("effect {}, expected {effect} among them", found.join(" and ")));
    }
    let mut fact = |name: &str, found: String, expected: Option<String>| {
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            differs.push(format!("{name} {found}, expected {expected}"));
        }
    };
    fact("scope", facts.scope().value.to_string(), expected.scope.map(|scope| scope.to_string()));
    fact("tier", facts.tier().value.to_string(), expected.tier.map(|tier| tier.to_string()));
    let rollback = expected.rollback.map(|rollback| rollback.to_string());
    fact("rollback", facts.rollback().value.to_string(), rollback);
    for rule in expected.rules.iter().filter(|rule| !judgement.commands.iter().any(|c| matches(c, rule))) {
        differs.push(format!("the rule {rule} does not match"));
    }
    differs
}

fn matches(judged: &Judged, rule: &str) -> bool {
    judged.matched.iter().any(|matched| matched.fit == Fit::Whole && matched.rule.id.as_str() == rule)
}

fn as_json(files: usize, cases: usize, failures: &[Failure]) -> Value {
    let failures: Value = failures
        .iter()
        .map(
            |failure| json!({ "place": failure.place, "called": failure.called, "differs": failure.differs }),
        )
        .collect();
    json!({ "files": files, "cases": cases, "failures": failures })
}

fn as_text(files: usize, cases: usize, failures: &[Failure], out: &mut Out) -> Result<(), Unshown> {
    for failure in failures {
        out.line(format!("{}: {}", sanitize::text(&failure.place), sanitize::text(&failure.called)))?;
        for differs in &failure.differs {
            out.line(format!("    {differs}"))?;
        }
    }
    out.line(format!("{files} files proven with their examples and near-misses"))?;
    let held = cases.saturating_sub(failures.len());
    out.line(match (cases, failures.len()) {
        (0, _) => "no cases; a file NAME.cases beside the rules holds some".to_owned(),
        (_, 0) => format!("{held} cases hold"),
        (_, failed) => format!("{held} cases hold, {failed} do not"),
    })?;
    Ok(())
}
