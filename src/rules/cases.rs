//! Case files: commands, and what is expected of them. What a team agreed on, kept as a test of its rules.
//!
//! In: the text of a `.cases` file. Out: [`Case`]s, or every [`Problem`]. Never: a case that expects nothing.

use super::problem::{Code, Examples, Layer, Problem, Trust};
use super::proof::{Findings, Origin, PLACE_KEYS, each};
use super::raw::Spanned;
use super::raw::{Text, Texts, Words};
use crate::command::Action;
use crate::decide::Verdict;
use crate::facts::{Effect, Rollback, Scope, Tier};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;

/// One command, where it is called, and what is expected.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its place in the file's text.
    pub at: Range<usize>,
    /// What is called, as it is written in the file.
    pub called: String,
    /// What is judged.
    pub action: Action,
    /// `human`, `agent` or `ci`.
    pub actor: String,
    /// What the ambient target would say: `context`, `namespace`, `host`, ...
    pub place: BTreeMap<String, Vec<String>>,
    /// What is expected.
    pub expected: Expected,
}

/// What a case expects; what is absent or empty is not looked at.
#[derive(Clone, Debug)]
pub struct Expected {
    /// One of these verdicts.
    pub verdicts: Vec<Verdict>,
    /// Each of these effects, perhaps among others.
    pub effects: Vec<Effect>,
    /// This scope.
    pub scope: Option<Scope>,
    /// This tier.
    pub tier: Option<Tier>,
    /// This rollback.
    pub rollback: Option<Rollback>,
    /// Rules that match, perhaps among others.
    pub rules: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    case: Vec<Spanned<RawCase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    command: Option<Text>,
    argv: Option<Spanned<Texts>>,
    actor: Option<Text>,
    #[serde(default)]
    place: BTreeMap<Spanned<String>, Spanned<Words>>,
    verdict: Option<Spanned<Words>>,
    effect: Option<Spanned<Words>>,
    scope: Option<Text>,
    tier: Option<Text>,
    rollback: Option<Text>,
    #[serde(default)]
    rules: Texts,
    /// For people.
    #[serde(rename = "why")]
    _why: Option<Text>,
}

/// Reads a case file.
///
/// # Errors
/// Every problem of the file.
pub fn read(text: &str) -> Result<Vec<Case>, Vec<Problem>> {
    let raw: RawFile = toml::from_str(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        vec![Problem::new(Code::Syntax, error.message(), at, "here")]
    })?;
    let origin = Origin { text, layer: Layer::User, trust: Trust::TightenOnly, examples: Examples::Checked };
    let mut findings = Findings { origin, problems: Vec::new() };
    let cases: Vec<Case> = raw.case.iter().filter_map(|raw| case(raw, &mut findings)).collect();
    if findings.problems.is_empty() { Ok(cases) } else { Err(findings.problems) }
}

fn case(raw: &Spanned<RawCase>, findings: &mut Findings<'_>) -> Option<Case> {
    let at = raw.span();
    let raw = raw.get_ref();
    let expected = expected(raw, findings);
    let nothing = expected.verdicts.is_empty() && expected.effects.is_empty() && expected.rules.is_empty();
    if nothing && expected.scope.is_none() && expected.tier.is_none() && expected.rollback.is_none() {
        let help = "verdict = \"confirm\", or `effect`, `scope`, `tier`, `rollback`, `rules`";
        findings.push(Problem::new(Code::Shape, "the case expects nothing", at.clone(), "").help(help));
    }
    let actors = ["human", "agent", "ci"];
    let read = |word: &str| actors.contains(&word).then(|| word.to_owned());
    let actor = match &raw.actor {
        Some(word) => findings.word(word.get_ref(), word.span(), "actor", read, &actors)?,
        // Whoever is trusted least.
        None => "agent".to_owned(),
    };
    let mut place = BTreeMap::new();
    for (key, values) in &raw.place {
        let read = |word: &str| PLACE_KEYS.contains(&word).then(|| word.to_owned());
        if let Some(key) = findings.word(key.get_ref(), key.span(), "place", read, &PLACE_KEYS) {
            place.insert(key, each(values).into_iter().map(|(word, _)| word.to_owned()).collect());
        }
    }
    let (called, action) = action(raw, &at, findings)?;
    Some(Case { at, called, action, actor, place, expected })
}

fn action(raw: &RawCase, at: &Range<usize>, findings: &mut Findings<'_>) -> Option<(String, Action)> {
    match (&raw.command, &raw.argv) {
        (Some(text), None) => {
            let action = Action::Shell(OsString::from(text.get_ref()).into());
            Some((text.get_ref().clone(), action))
        }
        (None, Some(words)) if !words.get_ref().is_empty() => {
            let words: Vec<&String> = words.get_ref().iter().map(Spanned::get_ref).collect();
            let argv = words.iter().map(OsString::from).collect();
            let called = words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ");
            Some((called, Action::Argv(argv)))
        }
        (None, _) | (Some(_), Some(_)) => {
            let text = "a case needs `command` (a shell text) or `argv` (a list of words), not both";
            findings.push(Problem::new(Code::Shape, text, at.clone(), "in this case"));
            None
        }
    }
}

fn expected(raw: &RawCase, findings: &mut Findings<'_>) -> Expected {
    let one = |word: &Option<Text>| word.as_ref().map(|word| (word.get_ref().clone(), word.span()));
    let verdicts: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.word()).collect();
    Expected {
        verdicts: (raw.verdict.iter().flat_map(each))
            .filter_map(|(word, at)| findings.word(word, at, "verdict", Verdict::from_word, &verdicts))
            .collect(),
        effects: (raw.effect.iter().flat_map(each))
            .filter_map(|(word, at)| {
                let known: Vec<&str> = Effect::ALL.iter().map(|effect| effect.word()).collect();
                findings.word(word, at, "effect", Effect::from_word, &known)
            })
            .collect(),
        scope: one(&raw.scope).and_then(|(word, at)| {
            let known: Vec<&'static str> = Scope::ALL.iter().map(|scope| scope.word()).collect();
            findings.word(&word, at, "scope", Scope::from_word, &known)
        }),
        tier: one(&raw.tier).and_then(|(word, at)| {
            let known: Vec<&'static str> = Tier::ALL.iter().map(|tier| tier.word()).collect();
            findings.word(&word, at, "tier", Tier::from_word, &known)
        }),
        rollback: one(&raw.rollback).and_then(|(word, at)| {
            let known: Vec<&'static str> = Rollback::ALL.iter().map(|rollback| rollback.word()).collect();
            findings.word(&word, at, "rollback", Rollback::from_word, &known)
        }),
        rules: raw.rules.iter().map(|rule| rule.get_ref().clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_case_says_what_is_called_and_what_is_expected() {
        let text = "[[case]]\ncommand = 'ls'\nverdict = ['run', 'confirm']\nplace = { context = 'prod' }\nwhy = 'x'\n\
                    [[case]]\nargv = ['rm', 'a b']\neffect = 'data'\nactor = 'human'\n";
        let cases = read(text).unwrap();
        assert_eq!(cases.len(), 2);
        assert_eq!(
            (cases[0].actor.as_str(), cases[0].place["context"].as_slice()),
            ("agent", &["prod".to_owned()][..])
        );
        assert_eq!(cases[0].expected.verdicts.len(), 2);
        assert_eq!((cases[1].actor.as_str(), cases[1].called.as_str()), ("human", "rm a b"));
    }

    #[test]
    fn a_case_that_could_not_fail_is_refused() {
        for (text, says) in [
            ("[[case]]\ncommand = 'ls'\n", "expects nothing"),
            ("[[case]]\nverdict = 'run'\n", "needs `command`"),
            ("[[case]]\ncommand = 'ls'\nargv = ['ls']\nverdict = 'run'\n", "not both"),
            ("[[case]]\nargv = []\nverdict = 'run'\n", "needs `command`"),
            ("[[case]]\ncommand = 'ls'\nverdict = 'runs'\n", "`runs` is no verdict"),
            ("[[case]]\ncommand = 'ls'\nverdict = 'run'\nplace = { contxt = 'a' }\n", "`contxt` is no place"),
            ("[[case]]\ncommand = 'ls'\nverdikt = 'run'\n", "unknown field `verdikt`"),
            ("[[case]\n", ""),
        ] {
            let problems = read(text).unwrap_err();
            assert!(problems.iter().any(|problem| problem.text.contains(says)), "{text}: {problems:?}");
        }
    }
}
