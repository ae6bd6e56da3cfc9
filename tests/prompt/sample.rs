//! One question, as the gate would put it.

use remgate::actor::{Actor, ActorKind};
use remgate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use remgate::report::question::{Asked, DEFAULT_TIME_LIMIT, Question, Row, RuleLine};
use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) fn words(text: &str) -> Vec<OsString> {
    text.split(' ').map(OsString::from).collect()
}

pub(crate) fn question() -> Question {
    let rule = || Source::Rule("kubernetes.delete-pod".to_owned());
    Question {
        id: "7f3k2m".to_owned(),
        verdict: "confirm".to_owned(),
        asked: Asked::Argv(words("kubectl delete pod web-0 -n shop")),
        because: None,
        facts: Facts::new(
            Sourced::new(Effect::Isolated, rule()),
            Sourced::new(Scope::One, rule()),
            Sourced::new(Tier::Production, Source::Environment("production".to_owned())),
            Sourced::new(Rollback::None, Source::Unsaid("no rule says")),
        ),
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
        requester: human(),
        host: "db1".to_owned(),
        directory: PathBuf::from("/srv/app"),
        reason: None,
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
