//! A question out of a stored request, perhaps on another machine than the one that will run it.
//!
//! In: the request's document. Out: a [`Question`], in which every field that is missing or of another kind reads `not
//! said`. Never: trust in any of it - an agent may have written it by hand - and never a question without the whole
//! command: nobody can agree to what they cannot see.

use super::asking::Asking;
use super::facts::{effect_row, rollback_row, scope_row, tier_row};
use super::said::{NOT_SAID, list, number, object, optional, quoted, said};
use super::{
    Asked, DEFAULT_TIME_LIMIT, FactRows, Ground, Question, Row, RuleLine, WORDS_WARNED_OF, bound, foreign_in,
    foreign_row,
};
use crate::command::ShellText;
use crate::journal::{bytes, field};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// Every field of a request of version 1. A field that is not here would be signed unseen.
const KNOWN: [&str; 39] = [
    "argv",
    "because",
    "boot",
    "break_glass",
    "commands",
    "created",
    "cwd",
    "demand",
    "executable",
    "expires",
    "facts",
    "files",
    "host",
    "id",
    "log",
    "measured",
    "nonce",
    "places",
    "reason",
    "requester",
    "rule_files",
    "rules",
    "shell",
    "shell_options",
    "shell_parameters",
    "standing",
    "stdin",
    "ticket",
    "timeout_ms",
    "type",
    "uid",
    "unbound",
    "undo",
    "uptime_ms",
    "v",
    "values",
    "variables",
    "verdict",
    "version",
];

/// Why a document cannot be shown as a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRequest {
    /// Something else, or nothing of ours.
    #[error("its `type` is not `request`; it cannot be shown")]
    Type,
    /// Written by another remgate.
    #[error("it is not of version 1, the only one that this remgate reads; it cannot be shown")]
    Version,
    /// No command, two of them, or one with parts that are no words.
    #[error("it does not say in full which command it is for; it cannot be shown")]
    Command,
}

/// When a request came and when it lapses, where it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was written.
    pub created: Option<DateTime<Utc>>,
    /// When it lapses.
    pub expires: Option<DateTime<Utc>>,
}

impl Times {
    /// The times of a request.
    #[must_use]
    pub fn of(request: &Map<String, Value>) -> Self {
        let time = |name| DateTime::parse_from_rfc3339(request.get(name)?.as_str()?).ok();
        Self {
            created: time("created").map(|time| time.to_utc()),
            expires: time("expires").map(|time| time.to_utc()),
        }
    }

    /// How long it still holds; nothing where it has lapsed or does not say.
    #[must_use]
    pub fn left(self, now: DateTime<Utc>) -> Duration {
        self.expires.and_then(|expires| (expires - now).to_std().ok()).unwrap_or(Duration::ZERO)
    }
}

impl Question {
    /// The question that a stored request asks.
    ///
    /// # Errors
    /// [`NoRequest`] where the document is none, or does not hold its command whole.
    pub fn of_request(request: &Map<String, Value>, asking: Asking) -> Result<Self, NoRequest> {
        if request.get("type").and_then(Value::as_str) != Some("request") {
            return Err(NoRequest::Type);
        }
        if request.get("v").and_then(Value::as_u64) != Some(1) {
            return Err(NoRequest::Version);
        }
        let time_limit = match &asking {
            Asking::Approve { left, .. } => DEFAULT_TIME_LIMIT.min(*left),
            Asking::Confirm | Asking::Reject | Asking::BreakGlass { .. } | Asking::Review => {
                DEFAULT_TIME_LIMIT
            }
        };
        let asked = asked(request)?;
        let because = optional(request, "because");
        Ok(Self {
            id: said(request, "id"),
            verdict: said(request, field::VERDICT),
            asked,
            because: because
                .map(|text| Ground::told(text.strip_prefix("because of ").unwrap_or(&text).to_owned())),
            facts: facts(request),
            places: places(request),
            rules: list(request, "rules").iter().map(rule).collect(),
            undo: request.get("undo").and_then(words),
            requester: requester(request),
            bound: bound::of(request),
            warnings: warnings(request),
            time_limit,
            asking,
        })
    }
}

/// The command, whole or not at all: drawing the words that could be read would hide the others.
fn asked(request: &Map<String, Value>) -> Result<Asked, NoRequest> {
    match (request.get(field::ARGV), request.get(field::SHELL)) {
        (Some(argv), None) => words(argv).filter(|words| !words.is_empty()).map(Asked::Argv),
        (None, Some(shell)) => shell_text(request, shell).map(Asked::Shell),
        (None, None) | (Some(_), Some(_)) => None,
    }
    .ok_or(NoRequest::Command)
}

fn shell_text(request: &Map<String, Value>, shell: &Value) -> Option<ShellText> {
    let listed = |name| request.get(name).map_or(Some(Vec::new()), words);
    ShellText::from_parts(bytes(shell)?, &listed("shell_options")?, listed("shell_parameters")?)
}

/// A list of texts; nothing where any of them is none.
fn words(value: &Value) -> Option<Vec<OsString>> {
    value.as_array()?.iter().map(bytes).collect()
}

fn facts(request: &Map<String, Value>) -> FactRows {
    let facts = object(request.get("facts"));
    let effects = list(facts, "effects").iter().map(|one| fact(Some(one), effect_row)).collect::<Vec<_>>();
    FactRows {
        effects: if effects.is_empty() { vec![fact(None, effect_row)] } else { effects },
        reach: vec![fact(facts.get("scope"), scope_row), fact(facts.get("tier"), tier_row)],
        rollback: fact(facts.get("rollback"), rollback_row),
    }
}

fn fact(told: Option<&Value>, draw: fn(&str, &str) -> Row) -> Row {
    let told = object(told);
    let source = told.get("source").and_then(Value::as_str).unwrap_or_default();
    draw(&said(told, "value"), source.strip_prefix("rule ").unwrap_or(source))
}

/// Places and measurements. Labels are ours: a place labelled `undo` would speak for the rollback.
fn places(request: &Map<String, Value>) -> Vec<Row> {
    let mut rows: Vec<Row> = list(request, "places")
        .iter()
        .map(|place| {
            let place = object(Some(place));
            let label = if said(place, "label") == "measured" { "measured" } else { "place" };
            Row::new(label, &said(place, "value"), &said(place, "note"), &said(place, "source"))
        })
        .collect();
    // A set: a request of a megabyte can bring a hundred thousand of both.
    let told: BTreeSet<String> =
        rows.iter().filter(|row| row.label == "measured").map(|row| row.note.clone()).collect();
    let measured = list(request, "measured").iter().map(|found| found.as_str().unwrap_or(NOT_SAID));
    rows.extend(
        measured.filter(|found| !told.contains(*found)).map(|found| Row::new("measured", "", found, "")),
    );
    rows
}

fn rule(told: &Value) -> RuleLine {
    let told = object(Some(told));
    RuleLine { id: said(told, "id"), why: said(told, "why") }
}

/// Who asks, why, since when, and what the rules demand.
fn requester(request: &Map<String, Value>) -> Vec<Row> {
    let told = object(request.get("requester"));
    let evidence = list(told, "evidence").iter().map(|clause| clause.as_str().unwrap_or(NOT_SAID));
    let evidence: String = evidence.map(|clause| format!("; {clause}")).collect();
    let who = format!(
        "{} ({}) as {}, uid {}{evidence}",
        quoted(told, "name"),
        said(told, "kind"),
        quoted(told, "account"),
        number(request, "uid")
    );
    let reason = optional(request, "reason").unwrap_or_else(|| "none given".to_owned());
    let mut rows = vec![Row::new("asked by", "", &who, ""), Row::new("reason", "", &reason, "")];
    rows.extend(optional(request, "ticket").map(|ticket| Row::new("ticket", "", &ticket, "")));
    rows.extend(optional(request, "break_glass").map(|reason| Row::new("glass", "broken", &reason, "")));
    let Times { created, expires } = Times::of(request);
    let moment = |time: Option<DateTime<Utc>>| {
        time.map_or_else(|| NOT_SAID.to_owned(), |time| time.format("%F %T UTC").to_string())
    };
    rows.push(Row::new("asked at", "", &format!("{}, expires {}", moment(created), moment(expires)), ""));
    rows.push(Row::new("needs", "", &demand(request), ""));
    rows
}

/// `2 people, one of them from sre, one from dba`
fn demand(request: &Map<String, Value>) -> String {
    let demand = object(request.get("demand"));
    let groups = list(demand, "groups").iter().map(|group| group.as_str().unwrap_or(NOT_SAID));
    let groups: String = groups.map(|group| format!(", one of them from {group}")).collect();
    match demand.get("people").and_then(Value::as_u64) {
        Some(1) => format!("1 person{groups}"),
        Some(people) => format!("{people} people{groups}"),
        None => format!("{NOT_SAID}{groups}"),
    }
}

/// What would otherwise be signed unseen, or taken for something else.
fn warnings(request: &Map<String, Value>) -> Vec<Row> {
    let unknown: Vec<&str> =
        request.keys().map(String::as_str).filter(|name| !KNOWN.contains(name)).collect();
    let unknown = (!unknown.is_empty()).then(|| {
        let text = format!("this remgate does not know these fields: {}", unknown.join(", "));
        Row::new("look!", "unknown", &text, "")
    });
    let undo = request.get("undo").filter(|undo| !undo.is_null() && words(undo).is_none());
    let undo = undo.map(|_| Row::new("look!", "unclear", "the command that undoes it is none", ""));
    unknown.into_iter().chain(undo).chain(foreign_row(&foreign_names(request))).collect()
}

/// Foreign letters outside of the command: in names and paths, where people look for an account they know.
fn foreign_names(request: &Map<String, Value>) -> Vec<String> {
    let told = object(request.get("requester"));
    let executable = object(request.get("executable"));
    let cwd = object(request.get("cwd"));
    let fixed = [
        ("the asker", told.get("name")),
        ("the account", told.get("account")),
        ("the host", request.get("host")),
        ("the program's path", executable.get("path")),
        ("the directory", cwd.get("path")),
    ];
    let files = list(request, "files").iter().map(|file| ("a file's path", object(Some(file)).get("path")));
    let texts = fixed.into_iter().chain(files);
    let named = texts.filter_map(|(place, value)| foreign_in(place, bytes(value?)?.as_bytes()));
    named.take(WORDS_WARNED_OF + 1).collect()
}
