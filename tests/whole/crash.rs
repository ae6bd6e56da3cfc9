//! SIGKILL at every system call of one call of the gate.
//!
//! `strace` kills the gate - not the command, which it does not follow - when it enters its n-th system call. After
//! each death: what ran has an intent on disk, the next gate accounts for what the dead one left open, and an honest
//! log is never called tampered.

use crate::house::{House, holds, installed, see};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The calls of one undisturbed run, as `(name, how many of that name so far)`.
fn ordinals(trace: &str) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let names = trace.lines().filter_map(|line| line.split_once('(')).map(|(name, _)| name);
    names
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        .map(|name| {
            let count = counts.entry(name).or_default();
            *count += 1;
            (name.to_owned(), *count)
        })
        .collect()
}

/// Runs the gate under `strace`, which does to it what `inject` says.
fn traced(house: &House, output: &Path, inject: Option<&str>) -> i32 {
    let mut strace = house.clean("strace");
    strace.arg("-o").arg(output);
    if let Some(inject) = inject {
        strace.args(["-e", inject]);
    }
    see(strace.arg(env!("CARGO_BIN_EXE_remgate")).args(["--", "kubectl", "get", "pods"])).code
}

fn log_bytes(house: &House) -> Vec<u8> {
    let Ok(files) = std::fs::read_dir(house.state().join("log")) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| std::fs::read(path).unwrap()).collect()
}

/// Whole records of one type in the raw log, as a reader after the crash would find them.
fn count(log: &[u8], kind: &str) -> usize {
    let mark = format!("\"type\":\"{kind}\"");
    log.split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"\n") && holds(line, &mark) && holds(line, "get"))
        .count()
}

/// What must hold after a death and one more, undisturbed call.
fn account(house: &House, place: &str) {
    let records = house.records();
    let ids = |kind: &str| -> BTreeSet<String> {
        let of_kind = records.iter().filter(|record| record["type"] == kind);
        of_kind.map(|record| text(&record["id"])).collect()
    };
    let (intents, outcomes, abandoned) = (ids("intent"), ids("outcome"), ids("abandoned"));
    assert!(outcomes.is_disjoint(&abandoned), "{place}: ended and abandoned at once");
    let ended: BTreeSet<String> = outcomes.union(&abandoned).cloned().collect();
    assert_eq!(intents, ended, "{place}: every intent has one end");
    assert_eq!(house.verify(), 3, "{place}: an honest log is whole");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Kills at each of `calls`; `renew` says whether each death has a log of its own.
fn kill_everywhere(house: impl Fn() -> House, renew: Renew) {
    let trace = house();
    let output = trace.at("trace");
    assert_eq!(traced(&trace, &output, None), 0);
    let calls = ordinals(&std::fs::read_to_string(&output).unwrap());
    assert!(calls.len() > 100, "{} system calls were traced", calls.len());
    let (mut died, mut ran, mut abandoned) = (0, 0, 0);
    let mut shared = house();
    for (name, nth) in calls {
        if renew == Renew::EachTime {
            shared = house();
        }
        let place = format!("{name} #{nth}");
        let runs_before = shared.ran("kubectl").len();
        let intents_before = count(&log_bytes(&shared), "intent");
        let inject = format!("inject={name}:signal=KILL:when={nth}");
        let code = traced(&shared, &output, Some(&inject));
        let intents = count(&log_bytes(&shared), "intent") - intents_before;
        died += usize::from(code == 128 + 9);
        assert_eq!(see(shared.gate().args(["--", "true"])).code, 0, "{place}: the next call works");
        // By now a command that the dead gate left behind has long written down that it ran.
        let runs = shared.ran("kubectl").len() - runs_before;
        assert!(runs <= intents, "{place}: ran without a durable intent");
        ran += runs;
        if renew == Renew::EachTime {
            account(&shared, &place);
            abandoned += shared.records_of("abandoned").len();
        } else {
            assert_eq!(shared.verify(), 3, "{place}: an honest log is whole");
        }
    }
    account(&shared, "at the end");
    abandoned += shared.records_of("abandoned").len();
    // Without these the test could pass by killing nothing, or only before anything happened.
    assert!(died > 100 && ran > 0 && abandoned > 0, "{died} died, {ran} ran, {abandoned} abandoned");
    println!("{died} deaths, {ran} commands ran, {abandoned} abandoned");
}

/// Whether each death has a log of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Renew {
    EachTime,
    Never,
}

fn house() -> House {
    let house = House::new();
    house.fake("kubectl");
    house
}

#[test]
fn death_at_every_call_on_a_first_log() {
    if installed("death_at_every_call_on_a_first_log", "strace") {
        kill_everywhere(house, Renew::EachTime);
    }
}

#[test]
fn death_at_every_call_on_one_log_that_goes_on() {
    if installed("death_at_every_call_on_one_log_that_goes_on", "strace") {
        let begun = || {
            let house = house();
            house.run("-- true");
            house
        };
        kill_everywhere(begun, Renew::Never);
    }
}
