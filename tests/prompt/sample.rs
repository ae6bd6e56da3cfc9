//! One question, as the gate would put it.

use remgate::actor::{Actor, ActorKind};
use remgate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use remgate::report::question::{
    Asked, Asking, Bound, DEFAULT_TIME_LIMIT, FactRows, Question, Row, RuleLine, requester,
};
use std::ffi::OsString;
use std::path::Path;

pub(crate) fn words(text: &str) -> Vec<OsString> {
    text.split(' ').map(OsString::from).collect()
}

pub(crate) fn question() -> Question {
    let rule = || Source::Rule("kubernetes.delete-pod".to_owned());
    Question {
        asking: Asking::Confirm,
        id: "7f3k2m".to_owned(),
        verdict: "confirm".to_owned(),
        asked: Asked::Argv(words("kubectl delete pod web-0 -n shop")),
        because: None,
        facts: FactRows::of(&Facts::new(
            Sourced::new(Effect::Isolated, rule()),
            Sourced::new(Scope::One, rule()),
            Sourced::new(Tier::Production, Source::Environment("production".to_owned())),
            Sourced::new(Rollback::None, Source::Unsaid("no rule says")),
        )),
        places: vec![Row {
            label: "place".to_owned(),
            value: "context prod-eu".to_owned(),
            note: "https://10.0.0.1:6443".to_owned(),
            source: "kube-context".to_owned(),
        }],
        rules: vec![RuleLine {
            id: "kubernetes.delete-pod".to_owned(),
            why: "its controller starts another one at once".to_owned(),
        }],
        undo: None,
        requester: requester(&human(), "db1", Path::new("/srv/app"), None),
        bound: Bound::default(),
        warnings: Vec::new(),
        time_limit: DEFAULT_TIME_LIMIT,
    }
}

pub(crate) fn human() -> Actor {
    Actor {
        kind: ActorKind::Human,
        name: "alice".to_owned(),
        account: "alice".to_owned(),
        evidence: vec!["there is a terminal and no agent or CI marker".to_owned()],
    }
}

/// A stored request as the gate writes it.
pub(crate) fn request() -> serde_json::Map<String, serde_json::Value> {
    let digest = "0123456789abcdef".repeat(4);
    let serde_json::Value::Object(request) = serde_json::json!({
        "v": 1, "type": "request", "id": "7f3k2m9qv0ab",
        "created": "2026-11-21T18:00:00.000Z", "expires": "2026-11-21T18:30:00.000Z", "nonce": "0".repeat(32),
        "demand": { "people": 2, "groups": ["sre", "dba"] }, "break_glass": null,
        "requester": {
            "kind": "agent", "name": "claude-code", "account": "anna", "evidence": ["CLAUDECODE is set"]
        },
        "uid": 1000, "reason": "INC-4711: replica lags", "ticket": null, "timeout_ms": null,
        "host": "db-1", "boot": "c0ffee", "uptime_ms": 123_456, "version": "0.1.0",
        "log": { "seq": 7, "head": digest, "segment": 0, "offset": 4711 },
        "argv": ["psql", "-d", "shop", "-f", "./cut.sql"],
        "cwd": { "path": "/srv/app", "dev": 1, "ino": 2 },
        "executable": {
            "path": "/usr/bin/psql", "dev": 1, "ino": 3, "size": 9, "sha256": digest, "found": "search",
            "custody": "root"
        },
        "variables": { "PGHOST": "db-1", "PGPASSWORD": "<secret:1:00>" },
        "stdin": { "from": "null" },
        "files": [{
            "path": "./cut.sql", "real": "/srv/app/cut.sql", "sha256": digest, "bytes": 120, "how": "sealed"
        }],
        "rule_files": [{ "name": "/etc/remgate/rules.toml", "layer": "system", "sha256": digest }],
        "verdict": "two-person", "standing": "known",
        "facts": {
            "effects": [{ "value": "data", "source": "rule postgres.delete" }],
            "scope": { "value": "service", "source": "rule postgres.delete" },
            "tier": { "value": "production", "source": "environment production" },
            "rollback": { "value": "none", "source": "no rule says" }
        },
        "because": null,
        "places": [{ "label": "place", "value": "host", "note": "db-1", "source": "PGHOST" }],
        "rules": [{ "id": "postgres.delete", "why": "rows are gone once the statement commits" }],
        "undo": null, "measured": ["1,204 rows match"], "commands": []
    }) else {
        unreachable!("an object was written")
    };
    request
}
