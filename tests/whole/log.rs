//! The record, read and verified by the program itself.

use crate::house::{House, installed, see, seen};
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::Stdio;

/// A log with something of everything in it.
fn house() -> House {
    let house = House::new();
    house.fake("kubectl");
    house.run("-- kubectl get pods");
    house.run("--mode deny -- kubectl delete namespace prod");
    see(house.gate().env("CI", "true").args(["--", "kubectl", "drain", "n"]));
    house.run("-- true");
    house.run("-- false");
    house
}

fn shown(house: &House, options: &str) -> Vec<Value> {
    let seen = house.run(&format!("log show --json {options}"));
    assert_eq!(seen.code, 0, "{seen:?}");
    seen.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn segment(house: &House) -> PathBuf {
    let files = std::fs::read_dir(house.state().join("log")).unwrap().map(|file| file.unwrap().path());
    files.into_iter().find(|path| path.extension().is_some_and(|end| end == "jsonl")).unwrap()
}

#[test]
fn a_table_for_people_has_one_line_an_action() {
    let house = house();
    let seen = house.run("log show");
    assert_eq!(seen.code, 0);
    for (command, outcome) in [
        ("kubectl get pods", "exit 0"),
        ("kubectl delete namespac", "denied"),
        ("kubectl drain n", "denied"),
        ("false", "exit 1"),
    ] {
        let line = seen.stdout.lines().find(|line| line.contains(command));
        assert!(line.is_some_and(|line| line.contains(outcome)), "{command}: {seen:?}");
    }
    assert!(seen.stdout.lines().all(|line| line.chars().count() <= 80), "{seen:?}");
}

#[test]
fn filters_leave_what_they_say() {
    let house = house();
    let ids = |options: &str| {
        let mut ids: Vec<String> = shown(&house, options)
            .iter()
            .filter_map(|record| record["id"].as_str().map(str::to_owned))
            .collect();
        ids.dedup();
        ids.sort();
        ids.dedup();
        ids
    };
    let all = ids("");
    assert_eq!(all.len(), 5);
    assert_eq!(ids("--tool kubectl").len(), 3);
    assert_eq!(ids("--tool true").len(), 1);
    assert_eq!(ids("--verdict run").len(), 3);
    assert_eq!((ids("--verdict two-person").len(), ids("--verdict confirm").len()), (1, 1));
    assert_eq!(ids("--verdict deny").len(), 0);
    assert_eq!(ids("--actor ci").len(), 1);
    assert_eq!(ids("--actor agent").len(), 4);
    assert_eq!(ids("--actor human").len(), 0);
    assert_eq!(ids("--last 2").len(), 2);
    assert_eq!(ids("--since 1h").len(), 5);
    assert_eq!(ids("--until 1h").len(), 0);
    assert_eq!(ids("--since 2999-01-01").len(), 0);
    assert_eq!(ids("--since 2020-01-01T00:00:00Z --tool kubectl --last 1").len(), 1);
    assert_eq!(ids(&format!("--id {}", all[0])), [all[0].clone()]);
    assert_eq!(ids("--id nothing-like-it").len(), 0);
}

#[test]
fn records_as_json_lines_suit_jq() {
    let house = house();
    if !installed("records_as_json_lines_suit_jq", "jq") {
        return;
    }
    let script =
        "\"$0\" log show --tool kubectl --json | jq -r 'select(.type == \"intent\") | .argv | join(\" \")'";
    let seen = see(house.clean("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_remgate")]));
    assert_eq!((seen.code, seen.stdout.as_str()), (0, "kubectl get pods\n"), "{seen:?}");
}

#[test]
fn following_shows_what_is_there_and_then_what_comes() {
    let house = house();
    let mut gate = house.gate();
    let mut child = gate.args(["log", "show", "--follow", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let there = shown(&house, "").len();
    let old: Vec<String> = lines.by_ref().take(there).collect();
    assert!(old[1].contains("\"get\""));
    house.run("-- echo later");
    let new = [lines.next().unwrap(), lines.next().unwrap()];
    assert!(new[0].contains("\"later\"") && new[1].contains("\"outcome\""), "{new:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn verify_tells_anchored_unanchored_tampered_and_unreadable_apart() {
    let house = house();
    let anchor = house.at("anchor");
    let verify = |options: &str| house.run(&format!("log verify {options}"));
    let anchored = format!("--anchor {}", anchor.display());
    assert_eq!(verify("").code, 3, "no anchor: a cut at the end could not be seen");
    assert_eq!(verify(&format!("--checkpoint {}", anchor.display())).code, 3);
    assert_eq!(verify(&anchored).code, 0, "{:?}", verify(&anchored));
    house.run("-- true");
    let seen = verify(&format!("{anchored} --json"));
    let json: Value = serde_json::from_str(&seen.stdout).unwrap();
    assert_eq!((seen.code, &json["exit"], &json["after_last_anchor"]), (0, &0.into(), &2.into()), "{json}");

    let path = segment(&house);
    let whole = std::fs::read(&path).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    // Cut at the end: only the anchor sees that.
    std::fs::write(&path, lines[..4].concat()).unwrap();
    assert_eq!(verify(&anchored).code, 1, "the anchor remembers more");
    // A byte changed, a record taken out, two exchanged.
    let mut changed = whole.clone();
    let at = memchr::memmem::find(&changed, b"namespace").unwrap();
    changed[at] = b'N';
    let without = [&lines[..3].concat()[..], &lines[4..].concat()].concat();
    let exchanged = [lines[0], lines[2], lines[1], &lines[3..].concat()].concat();
    for (what, bytes) in [("changed", changed), ("taken out", without), ("exchanged", exchanged)] {
        std::fs::write(&path, bytes).unwrap();
        let seen = verify("--json");
        let json: Value = serde_json::from_str(&seen.stdout).unwrap();
        assert_eq!(seen.code, 1, "{what}: {seen:?}");
        assert!(json["fault"]["line"].as_u64().is_some(), "{what}: the first bad record is named: {json}");
        python_agrees(&house, 1);
    }
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(verify(&anchored).code, 0);
    python_agrees(&house, 0);
    assert_eq!(verify("--anchor /nowhere").code, 2);
    std::fs::write(&anchor, "no checkpoint\n").unwrap();
    assert_eq!(verify(&anchored).code, 2);
    std::fs::remove_dir_all(house.state().join("log")).unwrap();
    std::fs::write(house.state().join("log"), "").unwrap();
    assert_eq!(verify("").code, 2, "a log that cannot be read");
}

/// The stand-alone verifier says the same: whole or not.
fn python_agrees(house: &House, tampered: i32) {
    if !installed("python_agrees", "python3") {
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify.py");
    let seen = see(house.clean("python3").arg(script).arg(house.state().join("log")));
    assert_eq!(seen.code == 1, tampered == 1, "{seen:?}");
}

#[test]
fn an_empty_log_is_no_error_to_show_and_not_called_anchored() {
    let house = House::new();
    assert_eq!(house.run("log show").code, 0);
    assert_eq!(house.run("log show --json").stdout, "");
    assert!(house.run("log show").stdout.contains("nothing is on record yet"));
    assert_eq!(house.run("log verify").code, 2, "a log that is not there cannot be vouched for");
    assert!(!house.state().exists(), "reading makes nothing");
}

#[test]
fn a_torn_tail_is_framed_and_never_called_tampered() {
    let house = house();
    let path = segment(&house);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"h\":\"00112233").unwrap();
    drop(file);
    let before = std::fs::read(&path).unwrap();
    assert_eq!(house.verify(), 3);
    assert_eq!(house.run("-- true").code, 0);
    assert_eq!(house.verify(), 3);
    let after = std::fs::read(&path).unwrap();
    assert!(after.starts_with(&before), "repair appends and takes nothing away");
    assert_eq!(house.records_of("repair").len(), 1);
}

#[test]
fn a_tampered_log_is_shown_with_a_warning() {
    let house = house();
    let path = segment(&house);
    let text = std::fs::read_to_string(&path).unwrap().replace("namespace", "namespacE");
    std::fs::write(&path, text).unwrap();
    let seen = house.run("log show");
    assert!(seen.code == 1 && seen.stderr.contains("log verify"), "{seen:?}");
}

#[test]
fn a_follower_ends_by_the_signal_that_ends_it() {
    let house = house();
    let mut gate = house.foreground_gate();
    let child = gate.args(["log", "show", "-f"]).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(100));
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(seen(&child.wait_with_output().unwrap()).code, 128 + 2);
}
