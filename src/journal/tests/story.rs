//! What the log looks like when nothing goes wrong.

use super::*;
use proptest::prelude::*;

#[test]
fn an_action_is_an_intent_and_an_outcome() {
    let place = Place::new();
    let journal = place.journal();
    let opened = open(&journal, intent("true")).unwrap();
    assert_eq!(place.kinds(), [Kind::Segment, Kind::Intent]);
    assert_eq!(place.verify().survey().running, 1, "a gate in flight is no orphan");
    let id = opened.id().to_owned();
    let closed = close(&journal, opened.finish(Grant::for_test(), exited(3))).unwrap();
    assert_eq!((closed.id(), closed.outcome()), (id.as_str(), &exited(3)));
    let records = all_records(&place.dir);
    assert_eq!(records[1].value["open"], json!([[1, id]]));
    assert_eq!(records[2].value["open"], json!([]));
    assert_eq!(
        (
            &records[2].value["intent"],
            &records[2].value["end"],
            &records[2].value["exit"],
            &records[2].value["took_ms"]
        ),
        (&json!(1), &json!("exited"), &json!(3), &json!(12))
    );
    assert_whole(&place.dir, 3);
}

#[test]
fn every_way_to_end_is_told_apart() {
    let place = Place::new();
    let journal = place.journal();
    let ends = [
        End::NotStarted { exit_code: 127, reason: "no such file".to_owned() },
        End::Exited { code: 255 },
        End::Signaled { signal: 9, core: false },
        End::TimedOut { limit: Duration::from_secs(3), descendants: 4, survivors: 0 },
    ];
    for end in ends.clone() {
        let opened = open(&journal, intent("x")).unwrap();
        let outcome = Outcome { end, took: Duration::MAX };
        close(&journal, opened.finish(Grant::for_test(), outcome)).unwrap();
    }
    let told: Vec<_> =
        all_records(&place.dir).into_iter().filter(|record| record.kind == Kind::Outcome).collect();
    assert_eq!(told.len(), ends.len());
    assert_eq!(
        (&told[0].value["end"], &told[0].value["exit"], &told[0].value["reason"]),
        (&json!("not-started"), &json!(127), &json!("no such file"))
    );
    assert_eq!((&told[1].value["end"], &told[1].value["exit"]), (&json!("exited"), &json!(255)));
    assert_eq!(
        (&told[2].value["end"], &told[2].value["signal"], &told[2].value["core"]),
        (&json!("signaled"), &json!(9), &json!(false))
    );
    assert_eq!(
        (&told[3].value["end"], &told[3].value["limit_ms"], &told[3].value["descendants"]),
        (&json!("timed-out"), &json!(3000), &json!(4))
    );
    assert_whole(&place.dir, 9);
}

#[test]
fn a_denial_is_one_record_and_closes_the_story() {
    let place = Place::new();
    let closed = deny(&place.journal(), "rm");
    assert_eq!(closed.outcome().end, End::NotStarted { exit_code: 77, reason: "not today".to_owned() });
    let records = all_records(&place.dir);
    assert_eq!(place.kinds(), [Kind::Segment, Kind::Denied]);
    assert_eq!(
        (&records[1].value["reason"], &records[1].value["by"], &records[1].value["exit"]),
        (&json!("not today"), &json!("rule x"), &json!(77))
    );
}

#[test]
fn a_reason_cannot_outgrow_the_space_set_aside() {
    let place = Place::new();
    let journal = place.journal();
    let opened = open(&journal, intent("x")).unwrap();
    let end = End::NotStarted { exit_code: 125, reason: "\u{1f600}".repeat(100_000) };
    close(&journal, opened.finish(Grant::for_test(), Outcome { end, took: Duration::ZERO })).unwrap();
    let last = all_records(&place.dir).pop().unwrap();
    assert!(last.json.len() < 8192, "{}", last.json.len());
}

#[test]
fn what_cannot_be_recorded_does_not_start_and_leaves_no_trace() {
    let place = Place::new();
    let journal = place.journal();
    act(&journal, "before");
    let before = fs::read(place.segment()).unwrap();
    let mut large = intent("x");
    large.body.insert("argv".to_owned(), json!("x".repeat(MAX_RECORD)));
    let error = open(&journal, large).unwrap_err();
    assert!(matches!(error.problem, Problem::TooLarge { .. }), "{error}");
    assert!(error.to_string().ends_with("; the command was not started"), "{error}");
    assert_eq!(fs::read(place.segment()).unwrap(), before);
    act(&journal, "after");
    assert_whole(&place.dir, 5);
}

#[test]
fn a_clock_that_steps_back_changes_nothing_but_the_times() {
    let place = Place::new();
    let journal = place.journal();
    for hours in [5, -5, 0] {
        let mut intent = intent("x");
        intent.at += chrono::TimeDelta::hours(hours);
        let opened = open(&journal, intent).unwrap();
        close(&journal, opened.finish(Grant::for_test(), exited(0))).unwrap();
    }
    assert_whole(&place.dir, 7);
    let found = entries(&place.dir, &Filter { since: Some(clock::now()), ..Filter::default() }).unwrap();
    assert_eq!(found.entries.len(), 1, "only the action of the fast clock");
}

#[test]
fn a_year_that_rfc_3339_cannot_write_is_refused() {
    let place = Place::new();
    let mut intent = intent("x");
    intent.at = DateTime::<Utc>::MAX_UTC;
    assert!(matches!(open(&place.journal(), intent).unwrap_err().problem, Problem::Clock(_)));
}

#[test]
fn the_python_verifier_agrees_on_honest_logs() {
    if !has("python3", "the_python_verifier_agrees_on_honest_logs") {
        return;
    }
    let place = Place::new();
    let journal = place.journal().with_segment_limit(2000);
    assert_eq!(python_says(&place.dir, None), 3, "empty");
    assert_eq!(python_says(&place.dir.join("missing"), None), 2);
    (0..10).for_each(|_| drop(act(&journal, "x")));
    let hash = |index: usize| {
        let text = fs::read_to_string(place.segment()).unwrap();
        text.lines().nth(index).unwrap().get(6..70).unwrap().to_owned()
    };
    assert_eq!(python_says(&place.dir, None), 3, "no anchor");
    assert_eq!(python_says(&place.dir, Some(&hash(2))), 0);
    assert_eq!(python_says(&place.dir, Some(&"0123".repeat(16))), 1, "not our log");
    let opened = open(&journal, intent("x")).unwrap();
    assert_eq!(python_says(&place.dir, Some(&hash(2))), 3, "in flight");
    close(&journal, opened.finish(Grant::for_test(), exited(0))).unwrap();
    assert_eq!(python_says(&place.dir, Some(&hash(2))), 0);
}

#[test]
fn filters_find_what_they_name() {
    let place = Place::new();
    let journal = place.journal();
    act(&journal, "one");
    let denied = deny(&journal, "two");
    let mut other = intent("three");
    other.body.extend([
        ("actor".to_owned(), json!("ci")),
        ("tool".to_owned(), json!(["git", "kubectl"])),
        ("verdict".to_owned(), json!("confirm")),
    ]);
    let opened = open(&journal, other).unwrap();
    let id = opened.id().to_owned();
    let commands = |filter: Filter| -> Vec<String> {
        let found = entries(&place.dir, &filter).unwrap().entries;
        found.iter().map(|entry| entry.begin.value["argv"][0].as_str().unwrap().to_owned()).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(commands(Filter::default()), ["one", "two", "three"]);
    assert_eq!(commands(Filter { actor: text("ci"), ..Filter::default() }), ["three"]);
    assert_eq!(commands(Filter { actor: text("human"), ..Filter::default() }), ["one", "two"]);
    assert_eq!(commands(Filter { actor: text("ada"), last: Some(1), ..Filter::default() }), ["two"]);
    assert_eq!(commands(Filter { tool: text("kubectl"), ..Filter::default() }), ["three"]);
    assert_eq!(commands(Filter { tool: text("kube"), ..Filter::default() }), [""; 0]);
    assert_eq!(commands(Filter { verdict: text("confirm"), ..Filter::default() }), ["three"]);
    assert_eq!(
        commands(Filter { id: denied.id().get(..6).map(str::to_owned), ..Filter::default() }),
        ["two"]
    );
    assert_eq!(commands(Filter { since: Some(clock::now()), ..Filter::default() }), [""; 0]);
    assert_eq!(commands(Filter { until: Some(clock::now()), ..Filter::default() }).len(), 3);
    let endings =
        || entries(&place.dir, &Filter { id: Some(id.clone()), ..Filter::default() }).unwrap().entries;
    assert_eq!(endings()[0].ending, Ending::Running);
    drop(opened);
    // Another test of this process may be between fork and exec, where the child still holds a copy of the lock.
    let patience = clock::monotonic() + std::time::Duration::from_secs(5);
    while endings()[0].ending == Ending::Running && clock::monotonic() < patience {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(endings()[0].ending, Ending::Orphaned);
    deny(&journal, "next");
    assert!(matches!(&endings()[0].ending, Ending::Abandoned(record) if record.id() == Some(&id)));
}

#[test]
fn following_survives_rotation_and_sees_every_record_once() {
    let place = Place::new();
    let journal = place.journal().with_segment_limit(1500);
    let mut follow = follow(&place.dir, &Filter::default());
    let mut seen = Vec::new();
    for _ in 0..12 {
        act(&journal, "x");
        seen.extend(follow.poll().unwrap().records.iter().map(|record| record.seq));
        assert!(follow.poll().unwrap().records.is_empty());
    }
    assert_eq!(seen, (0..all_records(&place.dir).len() as u64).collect::<Vec<_>>());
    assert!(follow.segment() > place.segment(), "it did rotate");
}

/// Any JSON that a gate could put into a body, but for numbers, which have tests of their own.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!({ "h": "\",\"r\":{\"v\":1,\"seq\":1,<torn>\n" })),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_body_round_trips_and_verifies(fields in prop::collection::btree_map("x[^\u{0}]{0,12}", any_value(), 0..6)) {
        let place = Place::new();
        let mut intent = intent("x");
        intent.body.extend(fields);
        let body = intent.body.clone();
        let opened = open(&place.journal(), intent).unwrap();
        let read = all_records(&place.dir).pop().unwrap();
        for (name, value) in body {
            prop_assert_eq!(&read.value[&name], &value);
        }
        close(&place.journal(), opened.finish(Grant::for_test(), exited(0))).unwrap();
        assert_whole(&place.dir, 3);
    }
}
