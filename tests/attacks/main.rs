//! Attempts to get a deletion past the gate, one row each, and look-alikes that must keep running.
//!
//! The rows are data: `tests/attacks/NAME.toml`, one file per family of `docs/known-attacks.md`. Every row is tried for
//! real. A directory with a file in it stands there, programs in PATH write down that they ran, nobody is there to
//! ask. First the row is carried out without the gate, to show that it is an attack at all; then through the gate, and
//! it holds when the gate says that nothing ran, the directory is untouched and no program wrote anything down.
//! In the words, `@V` is the directory, `@B` that of the programs, `@W` the working directory, `@H` the home, `@O` a
//! directory that everybody may write.
//!
//! What a row says is really done, so it is done in a cage (`cage.rs`) where the house alone can be written.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the program to look at it from outside"
)]

mod cage;
#[path = "../whole/house.rs"]
#[expect(dead_code, reason = "the stories of the whole program need more of the house than the rows do")]
mod house;
mod row;
mod stage;

use crate::cage::Cage;
use crate::house::{Seen, installed, see, seen, skip};
use crate::row::{Call, Expected, Family, Proof, Row, family};
use crate::stage::Stage;
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Stdio};

/// Every data file. A test below each; `every_file_is_read` holds the list to the directory.
const FAMILIES: [&str; 16] = [
    "ambient",
    "carried",
    "environment",
    "evaluation",
    "gate",
    "grouping",
    "habits",
    "hidden-text",
    "look-alikes",
    "options",
    "other-verbs",
    "quoting",
    "redirects",
    "separators",
    "size-and-shape",
    "wrappers",
];

/// The gate's own exit codes for what it did not start.
const NOT_RUN: [i32; 5] = [64, 75, 77, 78, 127];

#[test]
fn no_separator_gets_through() {
    try_all("separators");
}

#[test]
fn no_grouping_gets_through() {
    try_all("grouping");
}

#[test]
fn no_evaluation_in_an_odd_place_gets_through() {
    try_all("evaluation");
}

#[test]
fn no_wrapper_gets_through() {
    try_all("wrappers");
}

#[test]
fn no_hidden_text_gets_through() {
    try_all("hidden-text");
}

#[test]
fn no_quoting_gets_through() {
    try_all("quoting");
}

#[test]
fn no_option_gets_through() {
    try_all("options");
}

#[test]
fn no_redirect_gets_through() {
    try_all("redirects");
}

#[test]
fn no_environment_and_no_file_gets_through() {
    try_all("environment");
}

#[test]
fn nothing_that_a_clone_carries_gets_through() {
    try_all("carried");
}

#[test]
fn no_size_and_no_shape_gets_through() {
    try_all("size-and-shape");
}

#[test]
fn no_other_verb_gets_through() {
    try_all("other-verbs");
}

#[test]
fn no_switch_of_the_target_gets_through() {
    try_all("ambient");
}

#[test]
fn no_option_of_the_gate_gets_through() {
    try_all("gate");
}

#[test]
fn harmless_look_alikes_run() {
    try_all("look-alikes");
}

#[test]
fn what_agents_write_is_understood() {
    try_all("habits");
}

#[test]
fn names_that_are_no_text_get_nowhere() {
    let stage = Stage::new(&[]);
    for name in [&b"rm\xff"[..], b"\xff", b"/bin/rm\xff", b"\xffrm", b"r\xc0\xadm"] {
        let name = OsString::from_vec(name.to_vec());
        let words = ["--mode".into(), "deny".into(), "--".into(), name.clone(), "-rf".into()];
        let seen = see(stage.house.gate().args(words));
        assert!(NOT_RUN.contains(&seen.code), "{name:?}: {seen:?}");
    }
}

#[test]
fn every_file_is_read() {
    let mut names: Vec<String> = std::fs::read_dir(row::directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names, FAMILIES);
    let this = include_str!("main.rs");
    for name in FAMILIES {
        assert!(this.contains(&format!("try_all(\"{name}\");")), "no test tries {name}");
    }
}

/// The figures that issue 3 asks for, and a limit to what is only said to work.
#[test]
fn there_are_enough_rows() {
    let rows: Vec<Row> =
        FAMILIES.iter().flat_map(|name| family(name, &|word| word.to_owned()).rows).collect();
    let count = |wanted: fn(&Expected) -> bool| rows.iter().filter(|row| wanted(&row.expected)).count();
    let attacks = count(|expected| matches!(expected, Expected::Stopped(_) | Expected::Disarmed(_)));
    let told = count(|expected| {
        matches!(expected, Expected::Stopped(Proof::Told) | Expected::Disarmed(Proof::Told))
    });
    let harmless = count(|expected| matches!(expected, Expected::Runs(_)));
    let understood = count(|expected| matches!(expected, Expected::Understood(_)));
    println!(
        "{attacks} attacks, {told} of them not shown to work; {harmless} look-alikes; {understood} habits"
    );
    assert!(attacks >= 600 && harmless >= 100 && understood >= 60);
    assert!(told * 8 <= attacks, "{told} of {attacks} attacks are not shown to work");
}

/// Tries every row of a family and shows all that do not hold at once.
fn try_all(name: &str) {
    // The names of the fake programs stand in the file itself, before there is a stage to fill its words from.
    let fakes = family(name, &|word| word.to_owned()).fakes;
    let (bare, gated) = (Stage::new(&fakes), Stage::new(&fakes));
    let without = family(name, &|word| bare.fill(word));
    let through = family(name, &|word| gated.fill(word));
    let cage = Cage::find(name, &bare);
    let hollow: Vec<String> = without.rows.iter().filter_map(|row| hollow(cage, &bare, row)).collect();
    let cage = cage.for_the_gate();
    let holes: Vec<String> = through.rows.iter().filter_map(|row| hole(cage, &gated, row)).collect();
    let Family { name, rows, .. } = through;
    assert!(
        hollow.is_empty() && holes.is_empty(),
        "{name}: of {} rows, {} do nothing without the gate:\n{}\n{} do not hold:\n{}",
        rows.len(),
        hollow.len(),
        hollow.join("\n"),
        holes.len(),
        holes.join("\n")
    );
}

/// Carries an attack out without the gate. A table of attacks that fail by themselves proves nothing.
fn hollow(cage: Cage, stage: &Stage, row: &Row) -> Option<String> {
    let (Expected::Stopped(Proof::Without(programs)) | Expected::Disarmed(Proof::Without(programs))) =
        &row.expected
    else {
        return None;
    };
    let (program, words) = match &row.call {
        Call::Text(text) => {
            let words = ["--noprofile", "--norc", "-c"].map(OsString::from).into_iter();
            ("/bin/bash".into(), words.chain([text.clone()]).collect::<Vec<_>>())
        }
        Call::Argv(words) => (words.first()?.clone(), words.get(1..)?.to_vec()),
        Call::Gate(_) => return None,
    };
    if cage == Cage::Missing || !programs.iter().all(|program| installed(&row.id, program)) {
        return None;
    }
    stage.place(&row.files);
    let before = stage.look();
    let seen = carried_out(cage.command(stage, &program), &words, row);
    let after = stage.look();
    stage.mend();
    (before == after).then(|| format!("  {}: {} -> {seen:?}", row.id, shown(&row.call)))
}

/// Tries a row through the gate; says what went wrong.
fn hole(cage: Cage, stage: &Stage, row: &Row) -> Option<String> {
    // Without a home in the environment the gate turns to the account's own, which is no part of the stage.
    if cage == Cage::Missing && row.env.get("HOME").is_some_and(String::is_empty) {
        skip(&row.id, "outside the cage it would reach the real home");
        return None;
    }
    stage.place(&row.files);
    let before = stage.look();
    let (mode, words) = match (&row.call, &row.expected) {
        (Call::Text(text), Expected::Understood(_) | Expected::OpaqueToday) => {
            (&["explain", "--json", "-c"][..], vec![text.clone()])
        }
        (Call::Text(text), _) => (&["--mode", "deny", "-c"][..], vec![text.clone()]),
        (Call::Argv(words), _) => (&["--mode", "deny", "--"][..], words.clone()),
        (Call::Gate(words), _) => (&[][..], words.clone()),
    };
    let words: Vec<OsString> = mode.iter().map(OsString::from).chain(words).collect();
    let seen = carried_out(cage.command(stage, env!("CARGO_BIN_EXE_remgate").as_ref()), &words, row);
    let changes = stage.changes(&before, &stage.look());
    stage.mend();
    let why = wrong(&row.expected, &seen, &changes)?;
    Some(format!("  {}: {why}: {} -> {seen:?} {changes:?}", row.id, shown(&row.call)))
}

/// What is wrong with what was seen.
fn wrong(expected: &Expected, seen: &Seen, changes: &[String]) -> Option<String> {
    // A gate that fails is as good as one that refuses, if it says that it started nothing.
    let failed = seen.code == 125 && seen.stderr.contains("the command was not started");
    let stopped = NOT_RUN.contains(&seen.code) || failed;
    match expected {
        Expected::Stopped(_) if !changes.is_empty() => Some("it was let through".to_owned()),
        Expected::Stopped(_) => (!stopped).then(|| "it was let through, to no effect".to_owned()),
        Expected::Disarmed(_) => (!changes.is_empty()).then(|| "it was let through, armed".to_owned()),
        Expected::Runs(_) if seen.code != 0 || seen.stderr.contains("remgate:") => {
            Some("it was stopped".to_owned())
        }
        Expected::Runs(text) => {
            text.as_ref().filter(|text| **text != seen.stdout).map(|text| format!("it should print {text:?}"))
        }
        Expected::StoppedToday => (!stopped).then(|| "it runs now: say so in the row".to_owned()),
        Expected::Understood(programs) => not_understood(programs, &seen.stdout),
        Expected::OpaqueToday => (!seen.stdout.contains(r#""standing":"opaque""#))
            .then(|| "it is understood now: say so in the row".to_owned()),
    }
}

/// What of a text was not understood, by what `explain --json` says of it.
fn not_understood(programs: &[String], json: &str) -> Option<String> {
    let Ok(told) = serde_json::from_str::<serde_json::Value>(json) else {
        return Some("it is not explained".to_owned());
    };
    let commands = told["commands"].as_array()?;
    if let Some(opaque) = commands.iter().find(|command| command["standing"] == "opaque") {
        return Some(format!("it is opaque ({})", opaque["because"]));
    }
    let found: Vec<&str> = commands.iter().filter_map(|command| command["argv"][0].as_str()).collect();
    (found != programs).then(|| format!("the programs are said to be {found:?}"))
}

/// Starts a command with these words, in what the row says is around it.
fn carried_out(mut command: Command, words: &[OsString], row: &Row) -> Seen {
    command.args(words).envs(&row.env);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    seen(&fed(command, row.stdin.as_bytes()))
}

/// Runs a command whose input is a few bytes, which a pipe holds without a reader.
fn fed(mut command: Command, input: &[u8]) -> std::process::Output {
    let mut child = command.spawn().unwrap();
    // A child that is gone already does not read: that is its matter.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// A call as a person would read it, not more than a few lines of it.
fn shown(call: &Call) -> String {
    let text = match call {
        Call::Text(text) => format!("-c {text:?}"),
        Call::Argv(words) | Call::Gate(words) => format!("{words:?}"),
    };
    let cut = text.char_indices().nth(300).map_or(text.len(), |(at, _)| at);
    text.get(..cut).unwrap_or_default().to_owned()
}
