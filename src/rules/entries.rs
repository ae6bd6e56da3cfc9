//! From the text of a file to its raw entries: every problem that can be seen without other entries, all at once.

use super::problem::{Code, Problem, nearest};
use super::raw::{RawDecide, RawEnvironment, RawPolicy, RawRule, RawTool};
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A raw entry with the place of its header.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) raw: T,
    pub(crate) at: Range<usize>,
}

/// Everything in one file.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) tools: Vec<Entry<RawTool>>,
    pub(crate) rules: Vec<Entry<RawRule>>,
    pub(crate) environments: Vec<Entry<RawEnvironment>>,
    pub(crate) decides: Vec<Entry<RawDecide>>,
    pub(crate) policy: Option<Entry<RawPolicy>>,
    pub(crate) problems: Vec<Problem>,
}

const TABLES: [&str; 5] = ["tool", "rule", "environment", "decide", "policy"];
const OPTION_FIELDS: [&str; 6] = ["value", "switch", "optional", "neutral", "target", "secret"];
const TOOL_FIELDS: [&str; 11] = [
    "variables",
    "name",
    "aliases",
    "operation",
    "operations",
    "style",
    "globals",
    "complete",
    "ambient",
    "dialect",
    "subcommand",
];
const SUBCOMMAND_FIELDS: [&str; 3] = ["name", "options-end", "complete"];
const RULE_FIELDS: [&str; 22] = [
    "id",
    "match",
    "any",
    "unless",
    "where",
    "where-not",
    "effect",
    "scope",
    "tier",
    "rollback",
    "why",
    "examples",
    "near-misses",
    "replaces",
    "owner",
    "approvers",
    "approvals",
    "require",
    "trigger",
    "probe",
    "max",
    "by-descriptor",
];
const ENVIRONMENT_FIELDS: [&str; 3] = ["name", "tier", "match"];
const DECIDE_FIELDS: [&str; 5] = ["effect", "scope", "tier", "rollback", "verdict"];
const POLICY_FIELDS: [&str; 3] = ["user-rules", "confirm", "break-glass"];

/// Reads a file's entries.
pub(crate) fn read(text: &str) -> Entries {
    let mut entries = Entries::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        entries.problems.push(Problem::new(Code::Syntax, error.message(), at, "not TOML"));
    }
    if !entries.problems.is_empty() {
        return entries; // what a recovering parser guesses is not what the author meant
    }
    for (key, value) in document.into_inner() {
        entries.table(key.get_ref(), key.span(), value);
    }
    entries
}

impl Entries {
    fn table(&mut self, key: &str, at: Range<usize>, value: Spanned<DeValue<'_>>) {
        match key {
            "tool" => {
                let problems = &mut self.problems;
                self.tools = many(key, value, problems, |table, problems| {
                    unknown_fields(table, "tool", TOOL_FIELDS.iter().chain(&OPTION_FIELDS), problems);
                    let subcommands = table.get_mut("subcommand").map(Spanned::get_mut).map(tables);
                    for subcommand in subcommands.into_iter().flatten() {
                        let fields = SUBCOMMAND_FIELDS.iter().chain(&OPTION_FIELDS);
                        unknown_fields(subcommand, "tool.subcommand", fields, problems);
                    }
                });
            }
            "rule" => {
                self.rules = many(key, value, &mut self.problems, |table, problems| {
                    unknown_fields(table, "rule", RULE_FIELDS.iter(), problems);
                });
            }
            "environment" => {
                self.environments = many(key, value, &mut self.problems, |table, problems| {
                    unknown_fields(table, "environment", ENVIRONMENT_FIELDS.iter(), problems);
                });
            }
            "decide" => {
                self.decides = many(key, value, &mut self.problems, |table, problems| {
                    unknown_fields(table, "decide", DECIDE_FIELDS.iter(), problems);
                });
            }
            "policy" => {
                self.policy = one(key, value, &mut self.problems, |table, problems| {
                    unknown_fields(table, "policy", POLICY_FIELDS.iter(), problems);
                });
            }
            other => {
                let problem = Problem::new(
                    Code::UnknownField,
                    format!("unknown table `{other}`"),
                    at,
                    "not in the language",
                );
                self.problems.push(suggest(problem, other, TABLES));
            }
        }
    }
}

fn suggest<'a>(problem: Problem, typed: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Problem {
    match nearest(typed, known.clone()) {
        Some(word) => problem.help(format!("did you mean `{word}`?")),
        None => problem.help(format!("one of: {}", known.into_iter().collect::<Vec<_>>().join(", "))),
    }
}

/// The entries of an array of tables, each read on its own.
fn many<T: for<'de> Deserialize<'de>>(
    key: &str,
    value: Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
    check: impl Fn(&mut DeTable<'_>, &mut Vec<Problem>),
) -> Vec<Entry<T>> {
    let at = value.span();
    let DeValue::Array(elements) = value.into_inner() else {
        let text = format!("`{key}` is not a list of tables");
        problems
            .push(Problem::new(Code::Shape, text, at, "").help(format!("begin each entry with `[[{key}]]`")));
        return Vec::new();
    };
    elements.into_iter().filter_map(|element| one(key, element, problems, &check)).collect()
}

fn one<T: for<'de> Deserialize<'de>>(
    key: &str,
    mut value: Spanned<DeValue<'_>>,
    problems: &mut Vec<Problem>,
    check: impl Fn(&mut DeTable<'_>, &mut Vec<Problem>),
) -> Option<Entry<T>> {
    let at = value.span();
    let DeValue::Table(table) = value.get_mut() else {
        problems.push(Problem::new(Code::Shape, format!("`{key}` is not a table"), at, ""));
        return None;
    };
    check(table, problems);
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(raw) => Some(Entry { raw, at }),
        Err(error) => {
            let place = error.span().filter(|span| !span.is_empty()).unwrap_or(at);
            problems.push(Problem::new(Code::Shape, error.message(), place, format!("in this `{key}`")));
            None
        }
    }
}

/// Reports every field that the entry does not have, and takes it out so that the rest is still read.
fn unknown_fields<'a>(
    table: &mut DeTable<'_>,
    entry: &str,
    known: impl Iterator<Item = &'a &'static str>,
    problems: &mut Vec<Problem>,
) {
    let known: Vec<&str> = known.copied().collect();
    let strange: Vec<_> =
        table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())).cloned().collect();
    for key in strange {
        table.remove(&key);
        let name = key.get_ref().as_ref();
        let text = format!("`{entry}` has no field `{name}`");
        let problem = Problem::new(Code::UnknownField, text, key.span(), "unknown field");
        problems.push(suggest(problem, name, known.iter().copied()));
    }
}

/// The tables below a value, whether it is one or a list of them.
fn tables<'t, 'i>(value: &'t mut DeValue<'i>) -> Vec<&'t mut DeTable<'i>> {
    match value {
        DeValue::Table(table) => vec![table],
        DeValue::Array(array) => array.iter_mut().flat_map(|element| tables(element.get_mut())).collect(),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_a_file_is_reported_at_once() {
        let text = "[[rule]]\nid = 3\nmatchh = 'x'\n[[rules]]\n[[rule]]\nid = 'a'\nmax = 'x'\n[[tool]]\nname='t'\n[[tool.subcommand]]\nnam='x'\n";
        let problems = read(text).problems;
        let told: Vec<_> = problems.iter().map(|p| (p.code, text.get(p.at.0.clone()).unwrap())).collect();
        assert!(told.contains(&(Code::UnknownField, "matchh")), "{problems:#?}");
        assert!(told.contains(&(Code::UnknownField, "rules")), "{problems:#?}");
        assert!(told.contains(&(Code::UnknownField, "nam")), "{problems:#?}");
        assert!(told.contains(&(Code::Shape, "3")), "{problems:#?}");
        assert!(told.contains(&(Code::Shape, "'x'")), "{problems:#?}");
    }

    /// The field lists stand beside the structs; serde's own message keeps them honest.
    #[test]
    fn the_field_lists_are_those_of_the_structs() {
        fn fields<T: for<'de> Deserialize<'de> + std::fmt::Debug>() -> Vec<String> {
            let error = toml::from_str::<T>("no-such-field = 1").unwrap_err();
            let message = error.message().to_owned();
            let (_, list) = message.split_once("expected ").unwrap();
            let mut names: Vec<_> = list.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            names.sort();
            names
        }
        fn sorted<'a>(names: impl Iterator<Item = &'a &'static str>) -> Vec<String> {
            let mut names: Vec<_> = names.map(|name| (*name).to_owned()).collect();
            names.sort();
            names
        }
        assert_eq!(fields::<RawTool>(), sorted(TOOL_FIELDS.iter().chain(&OPTION_FIELDS)));
        assert_eq!(
            fields::<crate::rules::raw::RawSubcommand>(),
            sorted(SUBCOMMAND_FIELDS.iter().chain(&OPTION_FIELDS))
        );
        assert_eq!(fields::<RawRule>(), sorted(RULE_FIELDS.iter()));
        assert_eq!(fields::<RawEnvironment>(), sorted(ENVIRONMENT_FIELDS.iter()));
        assert_eq!(fields::<RawDecide>(), sorted(DECIDE_FIELDS.iter()));
        assert_eq!(fields::<RawPolicy>(), sorted(POLICY_FIELDS.iter()));
    }
}
