//! What an engineer, an agent and a CI job do all day.

use crate::house::{House, Seen, holds, installed, see};
use serde_json::Value;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The JSON objects in a text, one a line.
fn events(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn git_status_runs_at_once_and_leaves_intent_and_outcome() {
    if !installed("git_status_runs_at_once", "git") {
        return;
    }
    let house = House::new();
    assert_eq!(see(house.clean("git").args(["init", "-q", "."])).code, 0);
    let seen = house.run("-- git -C . status --short");
    assert_eq!((seen.code, seen.stderr.as_str()), (0, ""));
    let (intent, outcome) = (house.records_of("intent"), house.records_of("outcome"));
    assert_eq!(intent[0]["argv"], serde_json::json!(["git", "-C", ".", "status", "--short"]));
    assert_eq!(intent[0]["grant"]["how"], "not-needed");
    assert_eq!((&outcome[0]["exit"], &outcome[0]["id"]), (&serde_json::json!(0), &intent[0]["id"]));
    assert_eq!(house.verify(), 3);
}

#[test]
fn deleting_a_namespace_is_denied_and_recorded_and_a_restart_reaches_kubectl() {
    let house = House::new();
    house.fake("kubectl");
    let seen = house.run("--mode deny -- kubectl delete namespace prod");
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("the command was not started"), "{seen:?}");
    assert!(seen.stderr.contains("help: "), "every refusal says what would make it pass: {seen:?}");
    assert!(!house.anything_ran());
    assert_eq!(house.records_of("denied")[0]["exit"], 77);
    let seen = house.run("--mode deny -- kubectl -n shop rollout restart deploy/web");
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["-n shop rollout restart deploy/web"]);
    let intent = &house.records_of("intent")[0];
    assert_eq!(
        intent["commands"][0]["rules"][0]["rollback"],
        serde_json::json!(["kubectl", "-n", "shop", "rollout", "undo", "deploy/web"])
    );
}

#[test]
fn a_denial_is_recorded_also_where_the_tool_is_not_installed() {
    let house = House::new();
    let mut gate = house.gate();
    let empty = house.directory("empty");
    let seen =
        see(gate.env("PATH", &empty).args(["--mode", "deny", "--", "kubectl", "delete", "ns", "prod"]));
    assert_eq!(seen.code, 77, "{seen:?}");
}

#[test]
fn the_commands_own_exit_code_comes_through() {
    let house = House::new();
    house.rules(OWN_TOOL);
    for code in [0, 1, 2, 3, 64, 75, 77, 78, 125, 126, 127, 255] {
        house.program("bin/mytool", house.fake_text("mytool", code));
        assert_eq!(house.run("-- mytool go").code, code);
        let outcome = house.records_of("outcome");
        assert_eq!(outcome.last().unwrap()["exit"], code);
    }
}

/// A tool that the user's own rules make known.
const OWN_TOOL: &str = r#"
[[tool]]
name = "mytool"
operation = 1

[[rule]]
id = "my.go"
match = "mytool go [<what>...]"
effect = "none"
owner = "me"
examples = ["mytool go"]
near-misses = ["mytool stop"]
"#;

#[test]
fn what_is_not_there_or_cannot_run_is_told_as_env_does() {
    let house = House::new();
    house.rules(OWN_TOOL);
    house.write("bin/mytool", "no program");
    for (words, code) in [("mytool go", 126), ("mytool2 go", 127), ("./nothing", 127), ("/etc", 126)] {
        let seen = house.run(&format!("-- {words}"));
        assert_eq!(seen.code, code, "{words}: {seen:?}");
        assert!(seen.stderr.contains("the command was not started"), "{seen:?}");
    }
    assert_eq!(house.records_of("denied").len(), 4, "what did not start is on record too");
    assert_eq!(house.records_of("intent").len(), 0);
}

#[test]
fn two_dashes_reach_a_program_named_like_a_verb() {
    let house = House::new();
    for verb in ["log", "rules", "explain", "run", "doctor", "completions", "man", "help"] {
        house.fake(verb);
        house.rules(&OWN_TOOL.replace("mytool", verb));
        let seen = house.run(&format!("-- {verb} go"));
        assert_eq!((seen.code, house.ran(verb)), (0, vec!["go".to_owned()]), "{verb}: {seen:?}");
    }
}

#[test]
fn options_before_a_bare_program_are_the_gates_and_behind_it_the_programs() {
    let house = House::new();
    house.rules(
        &OWN_TOOL.replace("operation = 1", "operation = 1\nvalue = [\"--mode\"]\nneutral = [\"--mode\"]"),
    );
    house.fake("mytool");
    assert_eq!(house.run("--mode deny mytool go --mode wait").code, 0);
    assert_eq!(house.ran("mytool"), ["go --mode wait"]);
    assert_eq!(house.records_of("intent")[0]["mode"], "deny");
}

#[test]
fn machines_read_events_without_guessing() {
    let house = House::new();
    let words = |seen: Seen| -> Vec<String> {
        events(&seen.stderr).iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words(house.run("--json -- true")), ["started", "ended"]);
    let seen = house.run("--json --mode deny -- rm -rf /");
    let refused = &events(&seen.stderr)[0];
    assert_eq!((&refused["event"], &refused["exit"]), (&"refused".into(), &77.into()));
    assert_eq!(refused["from"], "gate");
    assert_eq!(seen.stderr.lines().count(), 1, "nothing but JSON: {seen:?}");
    house.rules("[[rule]\n");
    let seen = house.run("--json -- true");
    let stopped = &events(&seen.stderr)[0];
    assert_eq!((&stopped["event"], &stopped["exit"], seen.code), (&"stopped".into(), &78.into(), 78));
}

#[test]
fn a_status_descriptor_gets_events_and_the_streams_stay_the_commands_own() {
    let house = House::new();
    let status = house.at("status");
    let script = format!("\"$0\" --status-fd 3 -- echo hello 3>'{}'", status.display());
    let seen = see(house.clean("/bin/sh").args(["-c", &script, env!("CARGO_BIN_EXE_remgate")]));
    assert_eq!((seen.code, seen.stdout.as_str(), seen.stderr.as_str()), (0, "hello\n", ""));
    let told = events(&std::fs::read_to_string(status).unwrap());
    assert_eq!(told[0]["event"], "started");
    assert_eq!(
        (&told[1]["event"], &told[1]["exit"], &told[1]["from"]),
        (&"ended".into(), &0.into(), &"command".into())
    );
    assert_eq!(told[0]["id"], house.records_of("intent")[0]["id"]);
}

/// `docs/agents.md`: the event `stopped`, on both channels, also before anything is looked at.
#[test]
fn what_was_not_even_heard_is_told_to_machines_too() {
    let house = House::new();
    let status = house.at("status");
    for (words, code) in
        [("resume nonsense", 64), ("resume 000000000000", 64), ("run --approval nonsense -- true", 64)]
    {
        let (verb, rest) = words.split_once(' ').unwrap();
        let script = format!("\"$0\" {verb} --json --status-fd 3 {rest} 3>'{}'", status.display());
        let seen = see(house.clean("/bin/sh").args(["-c", &script, env!("CARGO_BIN_EXE_remgate")]));
        let told = events(&seen.stderr);
        assert_eq!(
            (seen.code, &told[0]["event"], &told[0]["exit"]),
            (code, &"stopped".into(), &code.into()),
            "{words}"
        );
        assert_eq!(events(&std::fs::read_to_string(&status).unwrap()), told, "{words}");
    }
}

#[test]
fn the_command_has_the_callers_streams() {
    let house = House::new();
    let script = "printf 'b\\na\\n' | \"$0\" -- sort | \"$0\" -- cat -n";
    let seen = see(house.clean("/bin/sh").args(["-c", script, env!("CARGO_BIN_EXE_remgate")]));
    assert_eq!(seen.stdout, "     1\ta\n     2\tb\n");
    assert_eq!(seen.stderr, "");
}

#[test]
fn a_time_limit_ends_the_command_and_what_it_started() {
    let house = House::new();
    house.rules(OWN_TOOL);
    let pids = house.at("pids");
    let script = format!("#!/bin/sh\nsleep 300 & echo $! > '{0}'\necho $$ >> '{0}'\nwait\n", pids.display());
    house.program("bin/mytool", script);
    let began = Instant::now();
    let seen = house.run("--timeout 1s -- mytool go");
    assert_eq!(seen.code, 124, "as timeout(1): {seen:?}");
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(house.records_of("outcome")[0]["end"], "timed-out");
    for pid in std::fs::read_to_string(pids).unwrap().lines() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z"), "{pid} lives on: {stat}");
    }
}

#[test]
fn death_by_signal_comes_through_as_death_by_signal() {
    let house = House::new();
    house.rules(OWN_TOOL);
    house.program("bin/mytool", "#!/bin/sh\nkill -TERM $$\n");
    assert_eq!(house.run("-- mytool go").code, 128 + 15);
    let outcome = &house.records_of("outcome")[0];
    assert_eq!((&outcome["end"], &outcome["signal"]), (&"signaled".into(), &15.into()));
}

#[test]
fn rules_may_want_a_reason_and_a_ticket() {
    let house = House::new();
    house.fake("mytool");
    house.rules(&OWN_TOOL.replace("owner = ", "require = [\"reason\", \"ticket\"]\nowner = "));
    let seen = house.run("-- mytool go");
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("rule `my.go` requires a reason"), "{seen:?}");
    assert!(seen.stderr.contains("--reason"), "{seen:?}");
    let seen = house.run("--reason stuck -- mytool go");
    assert!(seen.code == 77 && seen.stderr.contains("requires a ticket"), "{seen:?}");
    assert!(!house.anything_ran());
    assert_eq!(house.run("--reason stuck --ticket INC-42 -- mytool go").code, 0);
    let intent = &house.records_of("intent")[0];
    assert_eq!((&intent["reason_given"], &intent["ticket"]), (&"stuck".into(), &"INC-42".into()));
}

#[test]
fn an_empty_reason_is_no_reason() {
    let house = House::new();
    house.fake("mytool");
    house.rules(&OWN_TOOL.replace("owner = ", "require = [\"reason\"]\nowner = "));
    for reason in ["", "   ", "\t"] {
        let seen = see(house.gate().args(["--reason", reason, "--", "mytool", "go"]));
        assert_eq!(seen.code, 64, "{reason:?}: {seen:?}");
    }
    assert!(!house.anything_ran());
}

#[test]
fn a_group_of_approvers_is_met_by_nobody_where_nobody_is_listed() {
    let house = House::new();
    house.fake("mytool");
    house.rules(&OWN_TOOL.replace("owner = ", "approvers = [\"dba\"]\nowner = "));
    let seen = house.run("-- mytool go");
    assert!(seen.code == 75 && seen.stderr.contains("an approval by one of dba"), "{seen:?}");
    assert!(!house.anything_ran());
}

#[test]
fn a_symptom_must_be_there_before_it_is_mended() {
    let house = House::new();
    house.fake("mytool");
    house.rules(&OWN_TOOL.replace("owner = ", "trigger = \"mycheck\"\nowner = "));
    house.program("bin/mycheck", house.fake_text("mycheck", 1));
    let seen = house.run("-- mytool go");
    assert!(seen.code == 77 && seen.stderr.contains("requires its symptom"), "{seen:?}");
    assert_eq!((house.ran("mycheck").len(), house.ran("mytool").len()), (1, 0));
    let probe = &house.records_of("intent")[0];
    assert_eq!((&probe["argv"], &probe["rule"]), (&serde_json::json!(["mycheck"]), &"my.go".into()));
    assert_eq!(probe["probe_of"], house.records_of("denied")[0]["id"]);
    house.program("bin/mycheck", house.fake_text("mycheck", 0));
    assert_eq!(house.run("-- mytool go").code, 0);
    assert_eq!(house.records_of("outcome").len(), 3, "two probes and the command");
}

#[test]
fn a_probe_counts_what_would_be_touched() {
    let house = House::new();
    house.fake("mytool");
    house.rules(&OWN_TOOL.replace("owner = ", "probe = \"mylist <what>\"\nmax = 2\nowner = "));
    for (lines, code) in [("a\\nb\\n", 0), ("", 0), ("a\\nb\\nc\\n", 77)] {
        house.program("bin/mylist", format!("#!/bin/sh\nprintf '{lines}'\n"));
        let seen = house.run("--mode deny -- mytool go web");
        assert_eq!(seen.code, code, "{lines:?}: {seen:?}");
    }
    let denied = &house.records_of("denied")[0];
    assert_eq!(
        (&denied["verdict"], &denied["measured"][0]),
        (&"two-person".into(), &"3 objects (rule my.go)".into())
    );
    let probes: Vec<_> =
        house.records().into_iter().filter(|record| record.get("probe_of").is_some()).collect();
    assert_eq!(probes.len(), 3);
    assert_eq!(probes[0]["argv"], serde_json::json!(["mylist", "web"]));
    house.program("bin/mylist", "#!/bin/sh\nexit 1\n");
    assert_eq!(house.run("--mode deny -- mytool go web").code, 77, "a probe that fails is no small number");
}

#[test]
fn a_probe_is_not_asked_for_what_is_refused_anyway() {
    let house = House::new();
    house.fake("mytool");
    house.fake("mylist");
    let rules = OWN_TOOL
        .replace("owner = ", "probe = \"mylist\"\nowner = ")
        .replace("\"none\"", "\"audit\"\nscope = \"one\"");
    house.rules(&rules);
    assert_eq!(house.run("--mode deny -- mytool go").code, 77);
    assert!(!house.anything_ran());
}

#[test]
fn agents_wait_ci_is_denied_and_nobody_may_choose_more() {
    let house = House::new();
    house.fake("kubectl");
    let call = |variable: (&str, &str), options: &[&str]| {
        let words = ["--", "kubectl", "drain", "node-1"];
        see(house.gate().env(variable.0, variable.1).args(options).args(words))
    };
    assert_eq!(call(("CLAUDECODE", "1"), &[]).code, 75, "an agent waits");
    assert_eq!(call(("CI", "true"), &[]).code, 77, "a CI job is refused");
    assert_eq!(call(("GITHUB_ACTIONS", "true"), &[]).code, 77);
    assert_eq!(call(("REMGATE_ACTOR", "ci"), &[]).code, 77, "a claim may tighten");
    for (variable, mode) in [
        (("CLAUDECODE", "1"), "interactive"),
        (("CI", "true"), "wait"),
        (("CI", "true"), "interactive"),
        (("REMGATE_ACTOR", "ci"), "wait"),
    ] {
        let seen = call(variable, &["--mode", mode]);
        assert_eq!(seen.code, 64, "{variable:?} --mode {mode}: {seen:?}");
        assert!(seen.stderr.contains("is weaker than"), "{seen:?}");
    }
    assert_eq!(call(("CLAUDECODE", "1"), &["--mode", "deny"]).code, 77, "stricter is free");
    assert!(!house.anything_ran());
    let actors: Vec<String> = house
        .records_of("denied")
        .iter()
        .map(|record| record["actor"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(actors, ["claude-code", "ci", "github-actions", "ci", "claude-code"]);
}

#[test]
fn explain_says_the_verdict_and_writes_nothing() {
    let house = House::new();
    for name in ["kubectl", "rm"] {
        house.fake(name);
    }
    let before = house.everything();
    for (words, verdict) in [
        ("kubectl -n shop rollout restart deploy/web", "run"),
        ("rm -rf /", "deny"),
        ("kubectl delete namespace prod", "two-person"),
        ("unheard-of", "confirm"),
    ] {
        let text = house.run(&format!("explain -- {words}"));
        assert_eq!(text.code, 0, "{text:?}");
        assert!(text.stdout.starts_with(&format!("verdict    {verdict}")), "{words}: {text:?}");
        let json = house.run(&format!("explain --json -- {words}"));
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["verdict"], verdict, "{words}");
        assert!(json["facts"]["effects"][0]["source"].is_string(), "{json}");
        assert_eq!(house.run(&format!("--mode explain -- {words}")).stdout, text.stdout);
    }
    assert_eq!(house.everything(), before, "explain runs and records nothing");
}

#[test]
fn explain_changes_nothing_the_kernel_can_see() {
    if !installed("explain_changes_nothing_the_kernel_can_see", "strace") {
        return;
    }
    let house = House::new();
    house.fake("kubectl");
    let trace = house.at("trace");
    let calls = "trace=openat,open,creat,write,pwrite64,writev,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,\
                 link,linkat,symlink,symlinkat,truncate,ftruncate,chmod,fchmod,fchmodat,chown,fchown,execve,connect,socket";
    let mut strace = house.clean("strace");
    strace.args(["-f", "-e", calls, "-o"]).arg(&trace).arg(env!("CARGO_BIN_EXE_remgate"));
    let seen = see(strace.args(["explain", "--", "kubectl", "delete", "namespace", "prod"]));
    assert_eq!(seen.code, 0, "{seen:?}");
    let trace = std::fs::read_to_string(trace).unwrap();
    let changes: Vec<&str> = trace.lines().filter(|line| is_change(line)).collect();
    assert!(changes.is_empty(), "{changes:#?}");
    assert!(holds(trace.as_bytes(), "write(1, "), "the trace sees writes at all");
}

fn is_change(line: &str) -> bool {
    let Some((_, call)) = line.split_once(' ') else { return false };
    let call = call.trim_start();
    if call.starts_with("+++")
        || call.starts_with("---")
        || call.starts_with("<...")
        || call.starts_with("write(1, ")
    {
        return false;
    }
    if call.starts_with("open") {
        // The controlling terminal is opened to learn whether there is one.
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| call.contains(flag));
        return writes && !call.contains("\"/dev/tty\"");
    }
    // The C library asks the name service's cache for the account.
    if call.starts_with("socket(AF_UNIX") || call.contains("/nscd/socket") {
        return false;
    }
    // The start of the program itself.
    !(call.starts_with("execve(") && call.contains("/remgate\", [\""))
}

#[test]
fn doctor_says_how_far_this_enforces() {
    let house = House::new();
    house.run("-- true");
    let seen = house.run("doctor");
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(seen.stdout.contains("advisory"), "{seen:?}");
    let json: Value = serde_json::from_str(&house.run("doctor --json").stdout).unwrap();
    assert!(json["findings"].as_array().is_some_and(|findings| findings.len() > 5), "{json}");
}

#[test]
fn a_gate_in_a_gate_records_twice_and_passes_the_verdict_on() {
    let house = House::new();
    house.fake("rm");
    let bin = env!("CARGO_BIN_EXE_remgate");
    std::os::unix::fs::symlink(bin, house.at("bin/remgate")).unwrap();
    let seen = house.run("--mode deny -- remgate --mode deny -- rm -rf /");
    assert_eq!(seen.code, 77, "{seen:?}");
    assert_eq!(house.run("-- remgate explain rm -rf /").code, 0);
    assert!(!house.anything_ran());
}

#[test]
fn an_interrupt_at_the_terminal_reaches_the_command_once_and_the_outcome_is_written() {
    let house = House::new();
    house.rules(OWN_TOOL);
    let ready = house.at("ready");
    house.program("bin/mytool", format!("#!/bin/sh\n: > '{}'\nexec sleep 60\n", ready.display()));
    let mut gate = house.foreground_gate();
    let child = gate.args(["--", "mytool", "go"]).process_group(0).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !ready.exists() {
        assert!(began.elapsed() < Duration::from_secs(20), "the command did not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    // As the terminal does it: to the whole foreground group.
    let group = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    rustix::process::kill_process_group(group, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(crate::house::seen(&output).code, 128 + 2);
    assert_eq!(house.records_of("outcome")[0]["signal"], 2);
}

#[test]
fn help_and_version_are_answers() {
    let house = House::new();
    for words in
        ["--help", "-h", "--version", "run --help", "explain --help", "log show --help", "rules check --help"]
    {
        let seen = house.run(words);
        assert!(seen.code == 0 && seen.stderr.is_empty() && !seen.stdout.is_empty(), "{words}: {seen:?}");
    }
    let seen: Seen = see(&mut house.gate());
    assert_eq!(seen.code, 64, "no word at all is wrong usage");
}
