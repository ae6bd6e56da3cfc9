//! What is not as it was approved.

use crate::report::sanitize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// Fields that differ between two bindings of the same action, and say nothing of it.
const PASSING: [&str; 6] = ["id", "created", "expires", "nonce", "log", "uptime_ms"];

/// A longer value is cut where it is shown, in characters.
const SHOWN: usize = 60;

/// One field that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Its path, with blanks: `executable sha256`.
    pub field: String,
    /// What was approved.
    pub approved: String,
    /// What is.
    pub now: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Drift { field, approved, now } = self;
        write!(f, "{field}: approved {approved}, now {now}")
    }
}

/// Every field in which the binding of an action differs from the one that was approved.
#[must_use]
pub fn between(approved: &Map<String, Value>, now: &Map<String, Value>) -> Vec<Drift> {
    let passing = |name: &str| PASSING.contains(&name) || ["v", "type", "break_glass"].contains(&name);
    let mut found = Vec::new();
    for name in names(approved, now).filter(|name| !passing(name)) {
        compare(name, approved.get(name), now.get(name), &mut found);
    }
    found
}

fn names<'a>(one: &'a Map<String, Value>, other: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
    one.keys().chain(other.keys()).map(String::as_str).collect::<BTreeSet<_>>().into_iter()
}

fn compare(path: &str, approved: Option<&Value>, now: Option<&Value>, found: &mut Vec<Drift>) {
    match (approved, now) {
        (one, other) if one == other => {}
        // How a machine was recognised may change with the terminal it stands at; who it is may not.
        (_, _) if path == "requester evidence" => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            for name in names(one, other) {
                compare(&format!("{path} {name}"), one.get(name), other.get(name), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path} {}", label(at, one, other)), Some(one), Some(other), found);
            }
        }
        (one, other) => {
            found.push(Drift { field: path.to_owned(), approved: shown(one), now: shown(other) });
        }
    }
}

/// A list's entry by its own name where both have the same, else by its number.
fn label(at: usize, one: &Value, other: &Value) -> String {
    let name = |value: &Value| {
        ["path", "name", "id", "label"].iter().find_map(|key| Some(value.get(*key)?.as_str()?.to_owned()))
    };
    match (name(one), name(other)) {
        (Some(one), Some(other)) if one == other => sanitize::text(one),
        (_, _) => (at + 1).to_string(),
    }
}

fn shown(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let text = sanitize::text(text);
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("`{}...`", text.get(..cut).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn each_field_is_named_with_before_and_after() {
        let approved = map(json!({
            "id": "a", "nonce": "1", "cwd": { "path": "/srv", "ino": 7 }, "argv": ["rm", "x"], "uid": 0,
            "files": [{ "path": "a.sql", "sha256": "aa" }], "reason": null,
            "requester": { "kind": "agent", "evidence": ["one"] },
        }));
        let now = map(json!({
            "id": "b", "nonce": "2", "cwd": { "path": "/srv", "ino": 8 }, "argv": ["rm", "y", "z"], "uid": 0,
            "files": [{ "path": "a.sql", "sha256": "bb" }], "reason": "INC-1",
            "requester": { "kind": "agent", "evidence": ["two"] },
        }));
        let told: Vec<String> = between(&approved, &now).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                r#"argv: approved `["rm","x"]`, now `["rm","y","z"]`"#,
                "cwd ino: approved `7`, now `8`",
                "files a.sql sha256: approved `aa`, now `bb`",
                "reason: approved nothing, now `INC-1`",
            ]
        );
        assert_eq!(between(&approved, &approved), []);
    }

    #[test]
    fn values_cannot_draw_and_are_cut() {
        let now = map(json!({ "host": format!("\u{1b}[2J{}", "x".repeat(100)) }));
        let told = between(&Map::new(), &now);
        assert!(told[0].now.chars().all(|c| (' '..='~').contains(&c)), "{}", told[0].now);
        assert!(told[0].now.ends_with("...`"));
    }
}
