//! What is not as it was approved.

use crate::report::sanitize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Fields that differ between two bindings of the same action, and say nothing of it.
const PASSING: [&str; 6] = ["id", "created", "expires", "nonce", "log", "uptime_ms"];

/// Fields for people, made of the others.
const TOLD_AGAIN: [&str; 4] = ["because", "places", "rules", "undo"];

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
    // One switched context changes a dozen lines that approvers are shown; it is named once.
    match found.iter().any(|drift| !repeats(drift)) {
        true => found.into_iter().filter(|drift| !repeats(drift)).collect(),
        false => found,
    }
}

/// Whether a field only says again, or says whence, what other fields say.
fn repeats(drift: &Drift) -> bool {
    let first = drift.field.split(' ').next().unwrap_or_default();
    TOLD_AGAIN.contains(&first) || drift.field.ends_with(" source")
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
        (Some(Value::Array(one)), Some(Value::Array(other))) => lists(path, one, other, found),
        (one, other) => {
            found.push(Drift { field: path.to_owned(), approved: shown(one), now: shown(other) });
        }
    }
}

/// Entry by entry: by their names where each has one of its own, else by their numbers where there are as many.
fn lists(path: &str, approved: &[Value], now: &[Value], found: &mut Vec<Drift>) {
    let before = found.len();
    if let (Some(one), Some(other)) = (by_name(approved), by_name(now)) {
        for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            let path = format!("{path} {}", sanitize::text(name));
            compare(&path, one.get(name).copied(), other.get(name).copied(), found);
        }
    } else if approved.len() == now.len() {
        for (at, (one, other)) in approved.iter().zip(now).enumerate() {
            compare(&format!("{path} {}", at + 1), Some(one), Some(other), found);
        }
    }
    // More, fewer, or in another order.
    if found.len() == before {
        let [approved, now] = [approved, now].map(|list| shown(Some(&list.into())));
        found.push(Drift { field: path.to_owned(), approved, now });
    }
}

/// The entries of a list by what they call themselves.
fn by_name(list: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    let named: BTreeMap<&str, &Value> = list.iter().filter_map(|entry| Some((name(entry)?, entry))).collect();
    (named.len() == list.len()).then_some(named)
}

fn name(entry: &Value) -> Option<&str> {
    ["path", "name", "id", "label", "program"].iter().find_map(|key| entry.get(*key)?.as_str())
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
    fn entries_of_a_list_are_told_apart_by_their_names() {
        let file = |path: &str, sha256: &str| json!({ "path": path, "sha256": sha256 });
        let list = |files: &[&Value]| map(json!({ "files": files }));
        let (one, two, other) = (file("a", "aa"), file("b", "bb"), file("b", "cc"));
        let told = |approved: &[&Value], now: &[&Value]| -> Vec<String> {
            between(&list(approved), &list(now)).into_iter().map(|drift| drift.field).collect()
        };
        assert_eq!(told(&[&one], &[&one, &two]), ["files b"]);
        assert_eq!(told(&[&one, &two], &[&two]), ["files a"]);
        assert_eq!(told(&[&one, &two], &[&two, &one]), ["files"]);
        assert_eq!(told(&[&one, &two], &[&one, &other]), ["files b sha256"]);
        // Two of a name, or none: by number, and by number only where there are as many.
        assert_eq!(told(&[&two, &two], &[&two, &other]), ["files 2 sha256"]);
        assert_eq!(told(&[&two, &two], &[&two]), ["files"]);
        assert_eq!(told(&[&json!("a")], &[&json!("b")]), ["files 1"]);
        assert_eq!(told(&[], &[&json!("b")]), ["files"]);
    }

    #[test]
    fn what_other_fields_say_is_not_said_again() {
        let field = |value: &str, source: &str| json!({ "value": value, "source": source });
        let place = |context: Value, note: &str| {
            map(json!({
                "commands": [{ "program": "kubectl", "target": { "context": context } }],
                "places": [{ "label": "kube", "note": note }],
            }))
        };
        let told = |one: &Map<String, Value>, other: &Map<String, Value>| -> Vec<String> {
            between(one, other).into_iter().map(|drift| drift.field).collect()
        };
        let staging = place(field("staging", "a"), "staging");
        assert_eq!(
            told(&staging, &place(field("production", "b"), "production")),
            ["commands kubectl target context value"]
        );
        // Alone they are still a difference.
        assert_eq!(
            told(&staging, &place(field("staging", "b"), "other")),
            ["commands kubectl target context source", "places kube note"]
        );
    }

    #[test]
    fn values_cannot_draw_and_are_cut() {
        let now = map(json!({ "host": format!("\u{1b}[2J{}", "x".repeat(100)) }));
        let told = between(&Map::new(), &now);
        assert!(told[0].now.chars().all(|c| (' '..='~').contains(&c)), "{}", told[0].now);
        assert!(told[0].now.ends_with("...`"));
    }
}
