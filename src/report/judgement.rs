//! A judgement as JSON: one shape for `explain --json`, the intent record and status lines.
//!
//! In: a [`Judgement`]. Out: a JSON object; text that is not UTF-8 becomes `{"b64": ...}`. Never: redaction, which is
//! the journal's work, nor floats, which the log does not hold.

use crate::command::{
    Access, Action, Added, Command, Count, EnvironmentEdit, Nature, Redirection, Stdin, Waiting, Words,
};
use crate::content::{Contents, Kind as Content, Place, Wanted};
use crate::decide::Standing;
use crate::facts::{Facts, Sourced};
use crate::journal::text;
use crate::judge::{Follow, Judged, Judgement, Lower, Matched, Need, Query, Surroundings, ToolRead};
use crate::rules::{Fit, Kind, Requirement, Undo};
use serde_json::{Map, Value, json};
use std::ffi::OsString;

/// The word for how well a command is known.
#[must_use]
pub fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Known => "known",
        Standing::Unmatched => "unmatched",
        Standing::Opaque => "opaque",
    }
}

/// The whole judgement.
#[must_use]
pub fn to_json(judgement: &Judgement) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("verdict".to_owned(), judgement.verdict.word().into());
    object.insert("demand".to_owned(), judgement.verdict.demand().to_string().into());
    object.insert("standing".to_owned(), standing_word(judgement.standing).into());
    object.insert("facts".to_owned(), facts(&judgement.facts));
    object.insert("commands".to_owned(), judgement.commands.iter().map(command).collect());
    object
}

/// A shell text, and what its shell is given with it; nothing for an argv, which its command holds already.
#[must_use]
pub fn action_json(action: &Action) -> Map<String, Value> {
    let mut object = Map::new();
    match action {
        Action::Argv(_) => {}
        Action::Shell(shell) => {
            object.insert("text".to_owned(), text(&shell.text));
            object.insert("shell_options".to_owned(), shell.option_words().into());
            let given = shell.given().map(|(_, word)| text(word));
            object.insert("shell_parameters".to_owned(), given.collect());
        }
    }
    object
}

fn words(words: &[OsString]) -> Value {
    words.iter().map(|word| text(word)).collect()
}

/// Facts, each with who said it.
pub(crate) fn facts(facts: &Facts) -> Value {
    fn sourced<T: ToString>(fact: &Sourced<T>) -> Value {
        json!({ "value": fact.value.to_string(), "source": fact.source.to_string() })
    }
    let effects = facts.effects();
    let effects =
        effects.map(|(effect, source)| json!({ "value": effect.word(), "source": source.to_string() }));
    json!({
        "effects": effects.collect::<Value>(),
        "scope": sourced(facts.scope()),
        "tier": sourced(facts.tier()),
        "rollback": sourced(facts.rollback()),
    })
}

fn command(judged: &Judged) -> Value {
    json!({
        "argv": words(&judged.command.words),
        "loose": loose(&judged.command.words),
        "span": judged.command.span.as_ref().map(|span| [span.start, span.end]),
        "wrappers": wrappers(&judged.command),
        "environment": judged.command.environment.iter().map(environment_edit).collect::<Value>(),
        "redirections": judged.command.redirections.iter().map(redirection).collect::<Value>(),
        "stdin": stdin(&judged.command.stdin),
        "background": judged.command.waiting == Waiting::Background,
        "reading": judged.read.as_ref().map(reading),
        "target": target(&judged.surroundings),
        "contents": contents(&judged.surroundings),
        "environments": judged.environments,
        "rules": judged.matched.iter().map(rule).collect::<Value>(),
        "standing": standing_word(judged.standing.0),
        "because": judged.standing.1,
        "instead": judged.command.opaque.as_ref().map(|opaque| opaque.instead),
        "offset": judged.command.opaque.as_ref().map(|opaque| opaque.offset),
        "facts": facts(&judged.facts),
        "needs": judged.needs.iter().map(|(need, id)| need_json(need, id)).collect::<Value>(),
        "verdict": judged.verdict.word(),
        "lower": judged.lower.iter().map(lower).collect::<Value>(),
    })
}

/// The words that are not certain, by their places in `argv`.
fn loose(words: &Words) -> Value {
    let word = |(at, _, loose): (usize, _, &crate::command::Loose)| {
        let nature = match loose.nature {
            Nature::Dynamic => "dynamic",
            Nature::Number => "number",
            Nature::Glob => "glob",
            Nature::Brace => "brace",
            Nature::Tilde => "tilde",
        };
        let count = match loose.count {
            Count::One => "one",
            Count::Some => "some",
            Count::Any => "any",
        };
        json!({ "at": at, "nature": nature, "count": count, "certain": loose.certain })
    };
    words.all_loose().map(word).collect()
}

fn redirection(redirection: &Redirection) -> Value {
    let access = match redirection.access {
        Access::Read => "read",
        Access::Append => "append",
        Access::Write => "write",
        Access::Network => "network",
    };
    let target = redirection.target.first().map(|word| text(word));
    json!({ "access": access, "target": target, "loose": loose(&redirection.target) })
}

/// Where a command reads. A here-document itself stands in the action's text, once.
fn stdin(stdin: &Stdin) -> Value {
    match stdin {
        Stdin::Inherited => json!({ "from": "inherited" }),
        Stdin::Elsewhere => json!({ "from": "elsewhere" }),
        Stdin::File(file) => json!({ "from": "file", "file": file.first().map(|word| text(word)) }),
        Stdin::Text(text) => json!({ "from": "text", "bytes": text.len() }),
    }
}

/// The word for what a wrapper adds.
#[must_use]
pub fn added_word(added: Added) -> &'static str {
    match added {
        Added::OtherUser => "other user",
        Added::OtherRoot => "other root directory",
        Added::OtherDirectory => "other working directory",
        Added::StdinOperands => "operands from standard input",
        Added::Interrupted => "may be cut short",
        Added::OtherHost => "other host",
        Added::ManyHosts => "every host of a query or list",
        Added::Credentials => "credentials of a profile",
        Added::OtherVariables => "variables that were not seen",
        Added::Container => "inside a container or machine",
        Added::Detached => "goes on by itself",
    }
}

fn wrappers(command: &Command) -> Value {
    let wrapper = |taken: &crate::command::TakenOff| {
        let adds: Value = taken.adds.iter().map(|added| added_word(*added)).collect();
        json!({ "name": taken.name, "argv": words(&taken.words), "adds": adds })
    };
    command.wrappers.iter().map(wrapper).collect()
}

pub(crate) fn environment_edit(edit: &EnvironmentEdit) -> Value {
    match edit {
        EnvironmentEdit::Set(name, value) => json!({ "set": text(name), "value": text(value) }),
        EnvironmentEdit::Unset(name) => json!({ "unset": text(name) }),
        EnvironmentEdit::Unsure(name) => json!({ "unsure": text(name) }),
        EnvironmentEdit::Clear => json!({ "clear": true }),
    }
}

fn reading(read: &ToolRead) -> Value {
    let options = read.options.iter();
    let options =
        options.map(|option| json!({ "name": option.name, "value": option.value.as_deref().map(text) }));
    json!({
        "tool": read.tool,
        "operation": read.operation.join(" "),
        "operands": words(&read.operands),
        "options": options.collect::<Value>(),
        "unknown": read.unknown,
    })
}

/// Where a command acts.
pub(crate) fn target(seen: &Surroundings) -> Value {
    let fields = seen.fields.iter();
    let fields: Map<String, Value> = fields
        .map(|(key, field)| {
            (key.clone(), json!({ "value": field.values.join(", "), "source": field.source }))
        })
        .collect();
    json!({ "kind": seen.kind, "fields": fields, "unreadable": seen.unreadable })
}

/// What stands in the texts that rules ask about. SQL among the words is not said again: it may hold secrets, which the
/// log takes out of the words.
fn contents(seen: &Surroundings) -> Value {
    let entry = |(wanted, contents): (&Wanted, &Contents)| {
        let file = match (&wanted.place, wanted.kind) {
            (Place::Stdin, _) | (Place::Word(_), Content::Sql) => None,
            (Place::Word(word), Content::SqlFile | Content::Manifest | Content::Kustomization) => {
                Some(text(word))
            }
        };
        json!({ "as": wanted.kind.word(), "file": file, "classes": contents.classes, "why": contents.why })
    };
    seen.contents.iter().map(entry).collect()
}

fn rule(matched: &Matched) -> Value {
    let rule = &matched.rule;
    let captures = matched.captures.iter();
    let captures: Map<String, Value> = captures.map(|(name, values)| (name.clone(), words(values))).collect();
    let instruction = match &rule.undo {
        Some(Undo::Instruction(instruction)) => Some(instruction),
        Some(Undo::Unneeded | Undo::Command(_) | Undo::Impossible) | None => None,
    };
    json!({
        "id": rule.id.as_str(),
        "layer": rule.layer.to_string(),
        "fit": match matched.fit {
            Fit::Whole => "whole",
            Fit::Partly => "partly",
            Fit::Resembles => "resembles",
        },
        "kind": match rule.kind { Kind::Match => "match", Kind::Any => "any" },
        "effect": rule.effects.iter().map(|effect| effect.word()).collect::<Value>(),
        "scope": rule.scope.map(crate::facts::Scope::word),
        "captures": captures,
        "rollback": matched.rollback.as_deref().map(words),
        "instruction": instruction,
        "why": rule.why,
        "owner": rule.owner,
    })
}

fn need_json(need: &Need, id: &str) -> Value {
    match need {
        Need::Said(Requirement::Reason) => json!({ "rule": id, "reason": true }),
        Need::Said(Requirement::Ticket) => json!({ "rule": id, "ticket": true }),
        Need::Approvers(groups) => json!({ "rule": id, "approvers": groups }),
        Need::Trigger(query) => {
            json!({ "rule": id, "trigger": asked(query), "environment": variables(query), "why": query.as_ref().err() })
        }
        Need::Probe(query, max) => json!({
            "rule": id,
            "probe": asked(query),
            "max": max,
            "environment": variables(query),
            "why": query.as_ref().err(),
        }),
    }
}

/// What would be asked; null where nobody can.
fn asked(query: &Query) -> Option<Value> {
    query.as_ref().ok().map(|inquiry| words(&inquiry.argv))
}

/// The variables that go along.
fn variables(query: &Query) -> Option<Value> {
    query.as_ref().ok().map(|inquiry| inquiry.environment.iter().map(environment_edit).collect())
}

fn lower(lower: &Lower) -> Value {
    let (call, rules) = match &lower.follow {
        Follow::Words(call) => (Some(words(call)), None),
        Follow::Rules(entry) => (None, Some(entry)),
        Follow::Around | Follow::Text => (None, None),
    };
    json!({ "change": lower.change, "verdict": lower.verdict.word(), "call": call, "rules": rules })
}
