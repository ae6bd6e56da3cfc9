//! What bad input gets: a clear error that says what was not done, an exit code of its own, and nothing run or lost.

use crate::house::{House, Seen, holds, installed, root, see, seen, skip};
use std::ffi::OsString;
use std::fs::Permissions;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// `nobody` of most systems; its home does not exist.
const NOBODY: u32 = 65534;
/// A user id that no account has.
const STRANGER: u32 = 54_321;

/// Nothing ran, the gate said why in its own words, and did not panic.
fn refused(seen: &Seen, code: i32, says: &str) {
    assert_eq!(seen.code, code, "{seen:?}");
    assert!(seen.stderr.contains(says), "{says:?} is missing: {seen:?}");
    calm(seen);
}

fn calm(seen: &Seen) {
    assert!(!seen.stderr.contains("panicked") && seen.code != 101 && seen.code != 134, "{seen:?}");
}

/// A gate whose user is bound by file modes: `nobody` where the tests run as root.
fn ordinary(house: &House) -> Command {
    let mut gate = house.gate();
    if rustix::process::geteuid().is_root() {
        own(house, "home", NOBODY);
        gate.uid(NOBODY).gid(NOBODY);
    }
    gate
}

fn own(house: &House, name: &str, uid: u32) {
    std::os::unix::fs::chown(house.at(name), Some(uid), Some(uid)).unwrap();
}

fn mode(house: &House, name: &str, mode: u32) {
    std::fs::set_permissions(house.at(name), Permissions::from_mode(mode)).unwrap();
}

/// `kubectl get pods` would run, if anything did.
const HARMLESS: [&str; 4] = ["--", "kubectl", "get", "pods"];

fn house() -> House {
    let house = House::new();
    house.fake("kubectl");
    house
}

// Rules: 78.

#[test]
fn bad_rules_of_the_user_let_nothing_run() {
    let house = house();
    for (text, says) in [
        ("[[rule]", "rules.toml"),
        ("[[rule]]\nid = \"x\"\n", "rules.toml:1"),
        ("[[rulez]]\nid = \"x\"\n", "rulez"),
        ("[[rule]]\nid = \"x.y\"\nmatch = \"true\"\neffect = \"nothing\"\n", "nothing"),
        (
            "[[rule]]\nid = \"x.y\"\nmatch = \"false\"\neffect = \"none\"\nexamples = [\"true\"]\nnear-misses = [\"ls\"]\n",
            "example",
        ),
        ("\u{0}", "rules.toml"),
        (
            "[[rule]]\nid = \"x.y\"\nreplaces = [\"no.such\"]\nmatch = \"false\"\neffect = \"none\"\n",
            "no.such",
        ),
    ] {
        house.rules(text);
        let seen = see(house.gate().args(HARMLESS));
        refused(&seen, 78, says);
        assert_eq!(house.run("rules check").code, 78, "{text:?}");
        assert_eq!(house.run("explain -- kubectl get pods").code, 78, "{text:?}");
    }
    house.write("home/.config/remgate/rules.toml", b"\xff\xfe");
    refused(&see(house.gate().args(HARMLESS)), 78, "rules.toml");
    assert!(!house.anything_ran());
    house.rules("# mended\n");
    assert_eq!(see(house.gate().args(HARMLESS)).code, 0);
}

#[test]
fn a_bad_project_file_lets_nothing_run() {
    let house = house();
    house.write("work/.remgate.toml", "[[rule]\n");
    refused(&see(house.gate().args(HARMLESS)), 78, ".remgate.toml");
    std::fs::remove_file(house.at("work/.remgate.toml")).unwrap();
    house.write("secret", "hunter2 = not toml");
    symlink(house.at("secret"), house.at("work/.remgate.toml")).unwrap();
    let seen = see(house.gate().args(HARMLESS));
    refused(&seen, 78, ".remgate.toml");
    assert!(!seen.stderr.contains("hunter2"), "a link may not carry a file's text out: {seen:?}");
    assert!(!house.anything_ran());
}

#[test]
fn rules_that_others_could_write_are_not_believed() {
    let house = house();
    house.rules("# nothing\n");
    for (name, loose) in [
        ("home/.config/remgate/rules.toml", 0o664),
        ("home/.config/remgate/rules.toml", 0o646),
        ("home/.config/remgate", 0o775),
        ("home/.config", 0o777),
    ] {
        let before = house.at(name).metadata().unwrap().permissions();
        mode(&house, name, loose);
        refused(&see(house.gate().args(HARMLESS)), 78, "rules");
        std::fs::set_permissions(house.at(name), before).unwrap();
    }
    assert!(!house.anything_ran());
    assert_eq!(see(house.gate().args(HARMLESS)).code, 0, "the modes are the reason");
}

#[test]
fn rules_that_cannot_be_read_are_not_absent() {
    let house = house();
    house.rules("# nothing\n");
    own_all(&house);
    mode(&house, "home/.config/remgate/rules.toml", 0o000);
    refused(&see(ordinary(&house).args(HARMLESS)), 78, "cannot open");
    mode(&house, "home/.config/remgate", 0o000);
    refused(&see(ordinary(&house).args(HARMLESS)), 78, "nothing was run");
    mode(&house, "home/.config/remgate", 0o755);
    assert!(!house.anything_ran());
}

fn own_all(house: &House) {
    if rustix::process::geteuid().is_root() {
        for name in ["home", "home/.config", "home/.config/remgate", "home/.config/remgate/rules.toml", "ran"]
        {
            own(house, name, NOBODY);
        }
    }
}

#[test]
fn what_is_no_file_is_no_rule_file_and_nobody_waits_for_it() {
    let house = house();
    house.directory("home/.config/remgate/old.toml");
    refused(&see(house.gate().args(HARMLESS)), 78, "old.toml");
    std::fs::remove_dir(house.at("home/.config/remgate/old.toml")).unwrap();
    let fifo = house.at("home/.config/remgate/pipe.toml");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    refused(&see(house.gate().args(HARMLESS)), 78, "pipe.toml");
    assert!(!house.anything_ran());
}

// Usage: 64.

#[test]
fn wrong_usage_is_64_and_says_what_is_right() {
    let house = house();
    for words in [
        "",
        "--",
        "run",
        "run --",
        "explain",
        "--no-such-option -- kubectl get pods",
        "--mode loose -- kubectl get pods",
        "--mode",
        "--timeout soon -- kubectl get pods",
        "--timeout 0 -- kubectl get pods",
        "--timeout -1s -- kubectl get pods",
        "--ask-timeout 0s -- kubectl get pods",
        "--status-fd three -- kubectl get pods",
        "log",
        "log frobnicate",
        "log show --since someday",
        "log show --verdict maybe",
        "log show --last many",
        "log verify --anchor",
        "rules",
        "rules frobnicate",
        "completions tcsh",
    ] {
        let seen = house.run(words);
        assert_eq!(seen.code, 64, "{words:?}: {seen:?}");
        assert!(
            seen.stderr.contains("Usage")
                || seen.stderr.contains("help:")
                || seen.stderr.contains("possible values")
                || seen.stderr.contains("--help"),
            "{words:?}: {seen:?}"
        );
        calm(&seen);
    }
    let seen = see(house.gate().args(["-c"]));
    assert_eq!(seen.code, 64, "{seen:?}");
    assert!(!house.anything_ran());
}

#[test]
fn empty_words_and_empty_text_run_nothing() {
    let house = house();
    // As under any shell.
    assert_eq!(see(house.gate().args(["--mode", "deny", "-c", ""])).code, 0);
    for words in [&["--mode", "deny", "--", ""][..], &["--mode", "deny", ""]] {
        let seen = see(house.gate().args(words));
        assert!([64, 77, 127].contains(&seen.code), "{words:?}: {seen:?}");
        calm(&seen);
    }
}

#[test]
fn an_unreadable_name_of_its_own_troubles_nobody() {
    let house = house();
    for name in [&b""[..], b"\xff", b"-remgate", b"--help"] {
        let mut gate = house.gate();
        gate.arg0(OsString::from_vec(name.to_vec()));
        assert_eq!(see(gate.args(HARMLESS)).code, 0, "{name:?}");
    }
}

#[test]
fn a_status_descriptor_that_is_not_there_loses_events_and_nothing_else() {
    let house = house();
    for fd in ["99", "1048576"] {
        let seen = see(house.gate().args(["--status-fd", fd]).args(HARMLESS));
        assert_eq!(seen.code, 0, "{fd}: {seen:?}");
        calm(&seen);
    }
    assert_eq!(house.records_of("outcome").len(), 2);
}

// Odd and huge words.

#[test]
fn bytes_that_are_no_text_come_through_and_are_recorded() {
    let house = House::new();
    let odd = OsString::from_vec(b"a\xff\xfe\x01\x1b[31mb\r\n\x7f\xe2\x80\xae".to_vec());
    let output = house.gate().args(["--", "printf", "%s"]).arg(&odd).output().unwrap();
    assert_eq!(output.stdout, odd.clone().into_vec(), "byte for byte: {output:?}");
    let word = &house.records_of("intent")[0]["argv"][2];
    let base64 = word["b64"].as_str().expect("bytes that are no text are kept as base64");
    use base64::Engine;
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(base64).unwrap(), odd.into_vec());
    assert_eq!(house.verify(), 3);
    let shown = house.run("log show").stdout;
    assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{7f}', '\r']), "{shown:?}");
}

#[test]
fn control_characters_in_options_never_reach_a_screen() {
    let house = house();
    let reason = "ok\u{1b}]0;pwned\u{7}\u{202e}\u{200b}\nINTENT forged";
    let seen = see(house.gate().args(["--mode", "deny", "--reason", reason, "--", "rm", "-rf", "\u{1b}[2J"]));
    assert_eq!(seen.code, 77);
    for text in [seen.stderr, house.run("log show").stdout, house.run("explain -- \u{1b}[2J").stdout] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}']), "{text:?}");
    }
    let log = house.state_bytes();
    assert!(!log.contains(&0x1b) && !holds(&log, "\nINTENT"));
}

/// The kernel takes words of up to 128 KiB, and 2 MB of them with a stack of 8 MB.
fn two_megabytes() -> Vec<String> {
    (0..15).map(|_| "x".repeat(128 * 1024 - 1)).collect()
}

#[test]
fn two_megabytes_of_words_run_and_leave_a_small_record() {
    let house = House::new();
    let seen = see(house.gate().args(["--", "true"]).args(two_megabytes()));
    assert_eq!((seen.code, seen.stderr.as_str()), (0, ""));
    let small = see(house.gate().args(["--", "true"]).args((0..100_000).map(|n| format!("{n:06}"))));
    assert_eq!(small.code, 0, "{:.300}", small.stderr);
    assert_eq!(house.verify(), 3);
    assert_eq!(house.records_of("outcome").len(), 2);
    assert!(log_size(&house) < 64 * 1024, "{} bytes", log_size(&house));
    assert_eq!(house.run("log show").code, 0);
}

#[test]
fn two_megabytes_of_a_refused_command_are_refused_in_few_words() {
    let house = House::new();
    let seen = see(house.gate().args(["--mode", "deny", "--", "rm", "-rf"]).args(two_megabytes()));
    assert_eq!(seen.code, 77, "{:.300}", seen.stderr);
    assert!(seen.stderr.len() < 64 * 1024, "{} bytes", seen.stderr.len());
    assert!(log_size(&house) < 64 * 1024, "{} bytes", log_size(&house));
    let explained = see(house.gate().args(["explain", "--", "rm", "-rf"]).args(two_megabytes()));
    assert_eq!(explained.code, 0);
}

fn log_size(house: &House) -> usize {
    let files = std::fs::read_dir(house.state().join("log")).unwrap();
    files.map(|file| usize::try_from(file.unwrap().metadata().unwrap().len()).unwrap()).sum()
}

#[test]
fn a_giant_environment_comes_through_and_leaves_a_small_record() {
    let house = House::new();
    let mut gate = house.gate();
    gate.envs((0..10).map(|n| (format!("GIT_BIG_{n}"), "x".repeat(100 * 1024))));
    gate.env(
        "PATH",
        format!("{}:{}", house.path_variable(), "/nowhere/at/all:".repeat(4000).trim_end_matches(':')),
    );
    gate.env(OsString::from_vec(b"ODD\xff".to_vec()), OsString::from_vec(b"\xff".to_vec()));
    let seen = see(gate.args(["--", "printenv", "GIT_BIG_9"]));
    if seen.code == 77 || seen.code == 75 {
        panic!("printing one harmless variable is refused: {:.300}", seen.stderr);
    }
    assert_eq!(seen.stdout.len(), 100 * 1024 + 1);
    assert!(log_size(&house) < 64 * 1024, "{} bytes", log_size(&house));
    assert_eq!(house.verify(), 3);
}

#[test]
fn so_many_wrappers_and_no_more() {
    let house = house();
    let nest = |count: usize| {
        let mut gate = house.gate();
        gate.args(["--mode", "deny", "--"]).args(std::iter::repeat_n("nice", count)).arg("true");
        see(&mut gate)
    };
    assert_eq!(nest(20).code, 0);
    let seen = nest(25);
    assert!(seen.code == 77 && seen.stderr.contains("wrappers"), "{seen:?}");
    assert_eq!(nest(5000).code, 77);
}

// The house: 125.

#[test]
fn no_record_no_run() {
    let house = house();
    own_all_but_rules(&house);
    assert_eq!(see(ordinary(&house).args(HARMLESS)).code, 0, "with a home it runs");
    std::fs::remove_file(house.at("ran/kubectl")).unwrap();
    mode(&house, "home/.local/state/remgate/log", 0o500);
    let segment = house.state().join("log");
    for file in std::fs::read_dir(segment).unwrap() {
        std::fs::set_permissions(file.unwrap().path(), Permissions::from_mode(0o400)).unwrap();
    }
    refused(&see(ordinary(&house).args(HARMLESS)), 125, "the command was not started");
    assert!(!house.anything_ran());
}

fn own_all_but_rules(house: &House) {
    if rustix::process::geteuid().is_root() {
        own(house, "home", NOBODY);
        own(house, "ran", NOBODY);
    }
}

#[test]
fn a_home_that_cannot_be_written_is_told() {
    let house = house();
    own_all_but_rules(&house);
    mode(&house, "home", 0o555);
    refused(&see(ordinary(&house).args(HARMLESS)), 125, "the command was not started");
    mode(&house, "home", 0o755);
    assert!(!house.anything_ran());
}

#[test]
fn a_full_disk_lets_nothing_start_and_loses_no_outcome() {
    if !root("a_full_disk") || !installed("a_full_disk", "unshare") {
        return;
    }
    let house = house();
    let disk = house.directory("disk");
    house.rules(
        "[[tool]]\nname = \"fill\"\n[[rule]]\nid = \"my.fill\"\nmatch = \"fill\"\neffect = \"none\"\nowner = \"me\"\nexamples = [\"fill\"]\nnear-misses = [\"fill x\"]\n",
    );
    house.program(
        "bin/fill",
        format!("#!/bin/sh\ncat /dev/zero > '{}/ballast' 2>/dev/null\nexit 7\n", disk.display()),
    );
    let script = format!(
        "mount -t tmpfs -o size=256k none '{0}' || exit 99\nexport XDG_STATE_HOME='{0}'\n\
         \"$0\" -- fill; echo first $?\nn=0; c=0; while [ $c = 0 ] && [ $n -lt 999 ]; do \"$0\" -- kubectl get pods; c=$?; n=$((n+1)); done\n\
         echo second $c after $((n-1))\n\
         rm '{0}/ballast'; \"$0\" log verify >/dev/null; echo verify $?\n\"$0\" log show --json",
        disk.display()
    );
    let mut shell = house.clean("unshare");
    let seen = see(shell.args(["-m", "sh", "-c", &script, env!("CARGO_BIN_EXE_remgate")]));
    if seen.code == 99 || seen.stderr.contains("unshare failed") {
        skip("a_full_disk", "a tmpfs cannot be mounted here");
        return;
    }
    assert!(seen.stdout.contains("first 7\n"), "the outcome had its room reserved: {seen:?}");
    // The room reserved for the first outcome may hold a few small records more.
    let runs = house.ran("kubectl").len();
    assert!(seen.stdout.contains(&format!("second 125 after {runs}\n")), "no room for an intent: {seen:?}");
    let count = |kind: &str| seen.stdout.matches(&format!("\"type\":\"{kind}\"")).count();
    assert_eq!((count("intent"), count("outcome")), (runs + 1, runs + 1), "{seen:?}");
    assert!(seen.stderr.contains("the command was not started"), "{seen:?}");
    assert!(seen.stdout.contains("verify 3\n"), "an honest log, torn or not: {seen:?}");
    assert!(seen.stdout.contains("\"exit\":7"), "the first outcome is on record: {seen:?}");
}

#[test]
fn without_a_home_there_is_no_guess() {
    if !root("without_a_home") {
        return;
    }
    let house = house();
    own(&house, "ran", STRANGER);
    let stranger = |home: Option<&str>| {
        let mut gate = house.gate();
        gate.uid(STRANGER).gid(STRANGER).env_remove("HOME");
        if let Some(home) = home {
            gate.env("HOME", home);
        }
        gate
    };
    for home in [None, Some(""), Some("relative/home")] {
        let seen = see(stranger(home).args(HARMLESS));
        refused(&seen, 125, "no home directory");
        assert!(seen.stderr.contains("help: set HOME"), "{seen:?}");
    }
    assert!(!house.anything_ran());
    assert!(!house.at("work/relative").exists());
    house.directory("state");
    own(&house, "state", STRANGER);
    let seen = see(stranger(None).env("XDG_STATE_HOME", house.at("state")).args(HARMLESS));
    assert_eq!(seen.code, 0, "a place for the record is enough: {seen:?}");
}

#[test]
fn a_relative_state_directory_is_ignored() {
    let house = house();
    let seen = see(house.gate().env("XDG_STATE_HOME", "state").args(HARMLESS));
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(!house.at("work/state").exists() && house.state().join("log").exists());
}

#[test]
fn a_missing_home_falls_back_to_the_account_s() {
    if !root("a_missing_home") {
        return;
    }
    // `nobody` has an account whose home does not exist, so the fallback is seen in the error alone.
    let house = house();
    let mut gate = house.gate();
    let home = nix::unistd::User::from_uid(NOBODY.into()).unwrap().map(|user| user.dir);
    let Some(home) = home.filter(|home| !home.exists() && home.is_absolute()) else {
        skip("a_missing_home", "`nobody` has a home here");
        return;
    };
    let seen = see(gate.uid(NOBODY).gid(NOBODY).env_remove("HOME").args(HARMLESS));
    refused(&seen, 125, home.to_str().unwrap());
    assert!(!house.anything_ran());
}

#[test]
fn a_working_directory_that_is_gone_is_told() {
    let house = house();
    let script = "mkdir gone; cd gone; rmdir ../gone; exec \"$0\" -- kubectl get pods";
    let seen = see(house.clean("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_remgate")]));
    refused(&seen, 125, "working directory");
    assert!(!house.anything_ran());
}

#[test]
fn a_log_directory_that_is_not_ours_alone_is_not_used() {
    let house = house();
    let log = house.state().join("log");
    house.directory("elsewhere");
    mode(&house, "elsewhere", 0o700);
    std::fs::create_dir_all(house.state()).unwrap();
    symlink(house.at("elsewhere"), &log).unwrap();
    refused(&see(house.gate().args(HARMLESS)), 125, "the command was not started");
    std::fs::remove_file(&log).unwrap();
    std::fs::write(&log, "").unwrap();
    refused(&see(house.gate().args(HARMLESS)), 125, "the command was not started");
    std::fs::remove_file(&log).unwrap();
    for loose in [0o770, 0o702, 0o777] {
        let _ = std::fs::create_dir(&log);
        std::fs::set_permissions(&log, Permissions::from_mode(loose)).unwrap();
        refused(&see(house.gate().args(HARMLESS)), 125, "the command was not started");
    }
    assert!(!house.anything_ran());
    assert_eq!(std::fs::read_dir(house.at("elsewhere")).unwrap().count(), 0, "nothing was written there");
}

#[test]
fn a_log_directory_of_another_user_is_not_used() {
    if !root("a_log_directory_of_another_user") {
        return;
    }
    let house = house();
    assert_eq!(see(house.gate().args(HARMLESS)).code, 0);
    std::os::unix::fs::chown(house.state().join("log"), Some(NOBODY), None).unwrap();
    refused(&see(house.gate().args(HARMLESS)), 125, "the command was not started");
    assert_eq!(house.ran("kubectl").len(), 1);
}

#[test]
fn a_segment_that_is_a_link_is_not_written() {
    let house = house();
    assert_eq!(see(house.gate().args(HARMLESS)).code, 0);
    let log = house.state().join("log");
    let segment = std::fs::read_dir(&log).unwrap().map(|file| file.unwrap().path());
    let segment =
        segment.into_iter().find(|path| path.extension().is_some_and(|end| end == "jsonl")).unwrap();
    let kept = house.at("kept");
    std::fs::rename(&segment, &kept).unwrap();
    symlink(&kept, &segment).unwrap();
    let before = std::fs::read(&kept).unwrap();
    refused(&see(house.gate().args(HARMLESS)), 125, "the command was not started");
    assert_eq!(std::fs::read(&kept).unwrap(), before);
    assert_eq!(house.ran("kubectl").len(), 1);
}

// Streams.

#[test]
fn closed_streams_are_the_commands_business() {
    let house = house();
    for (redirect, words, code) in [
        ("<&-", "true", 0),
        (">&-", "true", 0),
        ("2>&-", "true", 0),
        ("<&- >&- 2>&-", "true", 0),
        (">&-", "echo x", 1),
        ("<&-", "cat", 1),
        ("<&- >&- 2>&-", "false", 1),
        ("<&- >&- 2>&-", "--mode deny rm -rf /", 77),
    ] {
        let script = format!("\"$0\" {words} {redirect}");
        let seen = see(house.clean("/bin/sh").args(["-c", &script, env!("CARGO_BIN_EXE_remgate")]));
        assert_eq!(seen.code, code, "{script}: {seen:?}");
        calm(&seen);
    }
    assert_eq!(
        house.verify(),
        3,
        "no word of a command landed in the log, which might have been descriptor 1"
    );
    assert_eq!(house.records_of("outcome").len(), 7);
}

/// Every verb that prints, with enough to print that a reader who left is noticed.
const PRINTING: [&str; 14] = [
    "--help",
    "--version",
    "log show",
    "log show --json",
    "log verify",
    "log verify --json",
    "explain -- rm -rf /",
    "explain --json -- rm -rf /",
    "rules check",
    "rules show",
    "rules show --table",
    "rules init --print",
    "doctor",
    "completions bash",
];

#[test]
fn a_reader_who_left_is_no_reason_to_panic() {
    let house = house();
    house.run("-- true");
    for words in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut gate = house.gate();
        gate.args(words.split(' ')).stdout(writer);
        let seen = seen(&gate.stderr(Stdio::piped()).output().unwrap());
        assert!([0, 141].contains(&seen.code), "{words}: {seen:?}");
        assert_eq!(seen.stderr, "", "{words}");
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut gate = house.gate();
    let child = gate.args(["log", "show", "--follow"]).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((seen(&output).code, output.stderr.len()), (141, 0), "following for nobody ends");
}

#[test]
fn closed_and_full_output_is_told_not_panicked() {
    let house = house();
    house.run("-- true");
    for words in PRINTING {
        for redirect in [">&-", ">/dev/full", ">&- 2>&-", ">/dev/full 2>/dev/full"] {
            let script = format!("\"$0\" {words} {redirect}");
            let seen = see(house.clean("/bin/sh").args(["-c", &script, env!("CARGO_BIN_EXE_remgate")]));
            calm(&seen);
            if redirect == ">/dev/full" && !words.starts_with("--") {
                refused(&seen, 125, "cannot write to standard output");
            }
        }
    }
    assert_eq!(house.verify(), 3);
}

#[test]
fn messages_nobody_can_read_do_not_change_the_verdict() {
    let house = house();
    for redirect in ["2>/dev/full", "2>&-", "2>&1 >/dev/full"] {
        let script = format!("\"$0\" --mode deny --json -- rm -rf / {redirect}");
        let seen = see(house.clean("/bin/sh").args(["-c", &script, env!("CARGO_BIN_EXE_remgate")]));
        assert_eq!(seen.code, 77, "{redirect}: {seen:?}");
    }
    assert_eq!(house.records_of("denied").len(), 3);
}
