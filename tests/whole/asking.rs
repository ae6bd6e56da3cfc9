//! A human at a terminal, end to end.

use crate::house::{House, Seen, installed, see};
use crate::terminal::Session;
use serde_json::Value;

/// Needs one human: shared capacity, one node.
const DRAIN: &[&str] = &["--", "kubectl", "drain", "node-1"];

fn house() -> Option<House> {
    if !installed("asking", "setsid") {
        return None;
    }
    let house = House::new();
    house.fake("kubectl");
    context(&house, "staging");
    Some(house)
}

/// Makes `name` the current context.
fn context(house: &House, name: &str) {
    let cluster =
        |name: &str| format!("- name: {name}\n  cluster:\n    server: https://{name}.example.com\n");
    let context = |name: &str| format!("- name: {name}\n  context:\n    cluster: {name}\n    user: me\n");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {name}\nclusters:\n{}{}contexts:\n{}{}users:\n- name: me\n  user: {{}}\n",
        cluster("staging"),
        cluster("production"),
        context("staging"),
        context("production"),
    );
    house.write("home/.kube/config", text);
}

fn denied(house: &House) -> Value {
    let records = house.records_of("denied");
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(house.records_of("intent").len(), 0);
    assert!(!house.anything_ran());
    assert_eq!(house.verify(), 3);
    records[0].clone()
}

fn account() -> String {
    nix::unistd::User::from_uid(nix::unistd::getuid()).unwrap().unwrap().name
}

/// Starts, waits for the question, lets `meanwhile` happen, and types the right code.
fn agreed_to(house: &House, words: &[&str], meanwhile: impl Fn()) -> Seen {
    let session = Session::start(house, words);
    let code = session.code();
    meanwhile();
    session.send(&format!("{code}\r"));
    session.end()
}

#[test]
fn the_code_typed_lets_it_run_and_the_log_says_who_agreed() {
    let Some(house) = house() else { return };
    let seen = agreed_to(&house, DRAIN, || ());
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["drain node-1"]);
    let intent = &house.records_of("intent")[0];
    assert_eq!((&intent["verdict"], &intent["mode"]), (&"confirm".into(), &"interactive".into()));
    assert_eq!(intent["grant"], serde_json::json!({ "how": "confirmed", "by": account() }));
    assert_eq!(intent["actor"]["kind"], "human");
    for shown in ["drain", "staging", "availability"] {
        assert!(seen.stdout.contains(shown), "{shown} is not on the screen: {seen:?}");
    }
    assert_eq!(house.verify(), 3);
}

#[test]
fn the_commands_code_comes_through_a_question_too() {
    let Some(house) = house() else { return };
    house.program("bin/kubectl", house.fake_text("kubectl", 42));
    assert_eq!(agreed_to(&house, DRAIN, || ()).code, 42);
}

#[test]
fn esc_denies_and_that_is_on_record() {
    let Some(house) = house() else { return };
    let session = Session::start(&house, DRAIN);
    session.code();
    session.send("\u{1b}");
    let seen = session.end();
    assert_eq!(seen.code, 77, "{seen:?}");
    let record = denied(&house);
    assert_eq!((&record["exit"], &record["by"]), (&77.into(), &account().into()));
    assert!(record["reason"].as_str().unwrap().contains("Esc"), "{record}");
}

#[test]
fn ctrl_c_denies() {
    let Some(house) = house() else { return };
    let session = Session::start(&house, DRAIN);
    session.code();
    session.send("\u{3}");
    assert_eq!(session.end().code, 77);
    assert!(denied(&house)["reason"].as_str().unwrap().contains("Ctrl-C"));
}

#[test]
fn the_wrong_code_twice_denies() {
    let Some(house) = house() else { return };
    let session = Session::start(&house, DRAIN);
    session.code();
    session.send("yes!\r");
    std::thread::sleep(std::time::Duration::from_millis(300));
    session.send("yes!\r");
    assert_eq!(session.end().code, 77);
    denied(&house);
}

#[test]
fn what_is_typed_before_the_question_counts_for_nothing() {
    let Some(house) = house() else { return };
    let session = Session::start(&house, DRAIN);
    session.send("y\ryes\r\r");
    session.code();
    session.send("\u{1b}");
    assert_eq!(session.end().code, 77);
    denied(&house);
}

#[test]
fn a_lost_connection_denies() {
    let Some(house) = house() else { return };
    let mut session = Session::start(&house, DRAIN);
    session.code();
    session.hang_up();
    let seen = session.end();
    assert!(seen.code == 77 || seen.code == 128 + 1, "{seen:?}");
    denied(&house);
}

#[test]
fn nobody_answers_in_time() {
    let Some(house) = house() else { return };
    let words = [&["--ask-timeout", "1s"], DRAIN].concat();
    assert_eq!(Session::start(&house, &words).end().code, 75);
    assert_eq!(denied(&house)["exit"], 75);
}

#[test]
fn a_context_switched_while_the_question_stands_is_refused_by_name() {
    let Some(house) = house() else { return };
    let seen = agreed_to(&house, DRAIN, || context(&house, "production"));
    assert_eq!(seen.code, 77, "{seen:?}");
    let reason = denied(&house)["reason"].as_str().unwrap().to_owned();
    let told = "commands kubectl target fields context value: approved `staging`, now `production`";
    assert!(reason.contains(told), "the field is named: {reason}");
}

#[test]
fn a_program_exchanged_while_the_question_stands_is_refused() {
    let Some(house) = house() else { return };
    let exchange = || {
        house.program("bin/other", house.fake_text("kubectl", 1));
        std::fs::rename(house.at("bin/other"), house.at("bin/kubectl")).unwrap();
    };
    let seen = agreed_to(&house, DRAIN, exchange);
    assert_eq!(seen.code, 77, "{seen:?}");
    let reason = denied(&house)["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("executable sha256: approved"), "{reason}");
}

#[test]
fn another_program_put_before_it_while_the_question_stands_is_refused() {
    let Some(house) = house() else { return };
    house.directory("first");
    let path = format!("{}:{}", house.at("first").display(), house.path_variable());
    let session = Session::start_with(&house, &[("PATH", &path)], DRAIN);
    let code = session.code();
    // The same content in another place: only the place tells.
    house.program("first/kubectl", std::fs::read(house.at("bin/kubectl")).unwrap());
    session.send(&format!("{code}\r"));
    let seen = session.end();
    let runs = house.ran("kubectl").len();
    // What was found before the question is what is started, or nothing.
    assert!((seen.code == 0 && runs == 1) || (seen.code == 77 && runs == 0), "{seen:?}");
    let records = house.records();
    let asked =
        records.iter().find(|record| record["type"] == "intent" || record["type"] == "denied").unwrap();
    assert!(!asked["executable"]["path"].as_str().unwrap().contains("/first/"), "{asked}");
}

#[test]
fn rules_changed_while_the_question_stands_are_refused() {
    let Some(house) = house() else { return };
    house.rules("# one\n");
    let seen = agreed_to(&house, DRAIN, || house.rules("# two\n"));
    assert_eq!(seen.code, 77, "{seen:?}");
    let reason = denied(&house)["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("rule_files") && reason.contains("rules.toml sha256: approved"), "{reason}");
}

/// The same name, another directory: `rm -rf ./build` would go there.
#[test]
fn a_directory_replaced_while_the_question_stands_is_refused() {
    let Some(house) = house() else { return };
    let replace = || {
        std::fs::rename(house.at("work"), house.at("old")).unwrap();
        house.directory("work");
    };
    let seen = agreed_to(&house, DRAIN, replace);
    assert_eq!(seen.code, 77, "{seen:?}");
    let reason = denied(&house)["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("directory"), "{reason}");
}

#[test]
fn two_people_are_not_found_at_one_terminal() {
    let Some(house) = house() else { return };
    let seen = Session::start(&house, &["--", "kubectl", "delete", "namespace", "prod"]).end();
    assert_eq!(seen.code, 75, "{seen:?}");
    assert!(seen.stdout.contains("two different humans must agree"), "{seen:?}");
    denied(&house);
}

#[test]
fn an_agent_with_a_terminal_of_its_own_is_no_human() {
    let Some(house) = house() else { return };
    for variable in [("CLAUDECODE", "1"), ("AI_AGENT", "x"), ("REMGATE_ACTOR", "agent")] {
        let seen = Session::start_with(&house, &[variable], DRAIN).end();
        assert_eq!(seen.code, 75, "{variable:?}: {seen:?}");
        assert!(!seen.stdout.contains("Enter to run it once"), "nobody is asked: {seen:?}");
    }
    let seen = Session::start_with(&house, &[("CI", "true")], DRAIN).end();
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(!house.anything_ran());
    if installed("an_agent_with_a_terminal_of_its_own", "script") {
        let call = format!("{} -- kubectl drain node-1", env!("CARGO_BIN_EXE_remgate"));
        let mut script = house.clean("script");
        let seen = see(script.env("CLAUDECODE", "1").args(["-qec", &call, "/dev/null"]));
        assert_eq!(seen.code, 75, "{seen:?}");
        assert!(!house.anything_ran());
    }
}

#[test]
fn a_human_may_choose_to_be_strict() {
    let Some(house) = house() else { return };
    let words = [&["--mode", "deny"], DRAIN].concat();
    let seen = Session::start(&house, &words).end();
    assert_eq!(seen.code, 77, "{seen:?}");
    assert_eq!(denied(&house)["actor"]["kind"], "human");
}

#[test]
fn what_needs_nobody_asks_nobody() {
    let Some(house) = house() else { return };
    let seen = Session::start(&house, &["--", "kubectl", "get", "pods"]).end();
    assert_eq!((seen.code, seen.stdout.as_str()), (0, ""));
    assert_eq!(house.ran("kubectl"), ["get pods"]);
}

#[test]
fn escape_sequences_in_words_do_not_reach_the_screen() {
    let Some(house) = house() else { return };
    let words = ["--", "kubectl", "drain", "\u{1b}[2J\u{1b}[Hnode\u{202e}1"];
    let session = Session::start_with(&house, &[("TERM", "dumb")], &words);
    let code = session.code();
    let screen = session.screen();
    assert!(!screen.contains("\u{1b}[2J") && !screen.contains('\u{202e}'), "{screen:?}");
    session.send(&format!("{code}\r"));
    assert_eq!(session.end().code, 0);
}
