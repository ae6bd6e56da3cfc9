//! The gate as a shell, for the programs that want one; and what is said of a shell text.

use crate::house::{House, Seen, holds, installed, see};
use remgate::command::ShellText;
use serde_json::{Value, json};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// A house with `remgate-sh` in PATH, and a `kubectl` that only says that it ran.
fn house() -> House {
    let house = House::new();
    house.fake("kubectl");
    symlink(env!("CARGO_BIN_EXE_remgate"), shell(&house)).unwrap();
    house
}

fn shell(house: &House) -> PathBuf {
    house.at("bin/remgate-sh")
}

fn called(house: &House, words: &[&str]) -> Seen {
    see(house.clean(shell(house)).args(words))
}

const RESTART: &str = "kubectl -n shop rollout restart deploy/web";
const DELETE: &str = "kubectl delete namespace prod";

#[test]
fn what_it_runs_sees_options_name_and_parameters() {
    let house = house();
    for (words, code, stdout) in [
        (&["-c", "echo \"$0: $1\" \"$#\"", "job", "a b", "c"][..], 0, "job: a b 2\n"),
        (&["-c", "--", "echo one"], 0, "one\n"),
        (&["-lc", "echo one"], 0, "one\n"),
        (&["-ec", "cat /nowhere; echo two"], 1, ""),
        (&["-c", "cat /nowhere; echo two"], 0, "two\n"),
        (&["-c", "cat /nowhere | cat"], 0, ""),
        (&["-o", "pipefail", "-c", "cat /nowhere | cat"], 1, ""),
        (&["-uc", "echo a; echo \"$REMGATE_NO_SUCH\""], 127, "a\n"),
    ] {
        let seen = called(&house, words);
        assert_eq!((seen.code, seen.stdout.as_str()), (code, stdout), "{words:?}: {seen:?}");
    }
    assert_eq!(house.verify(), 3);
}

/// Every command of the text is judged, and the exit code is the gate's where one may not run.
#[test]
fn what_may_not_run_is_refused_with_the_codes_of_run() {
    let house = house();
    let seen = called(&house, &["-c", &format!("{RESTART} && {DELETE}")]);
    assert_eq!(seen.code, 75, "{seen:?}");
    let reason = "\n  because of `kubectl delete ...` (command 2 of 2)\n";
    assert!(seen.stderr.contains(reason), "{seen:?}");
    assert!(!house.anything_ran());
    let seen = see(house.clean(shell(&house)).env("CI", "true").args(["-c", DELETE]));
    assert_eq!(seen.code, 77, "{seen:?}");
    assert_eq!(called(&house, &["-c", RESTART]).code, 0);
    assert_eq!(house.ran("kubectl"), ["-n shop rollout restart deploy/web"]);
}

#[test]
fn without_a_text_it_says_what_to_write() {
    let house = house();
    house.write("work/job.sh", DELETE);
    for (words, said) in [
        (&[][..], "help: remgate-sh -c TEXT"),
        (&["-l"], "help: remgate-sh -c TEXT"),
        (&["-s"], "help: remgate-sh -c TEXT"),
        (&["-i"], "an interactive shell"),
        (&["-c"], "`-c` needs a command text"),
        (&["job.sh", "a"], "help: remgate-sh -c \"$(cat job.sh)\" job.sh PARAMETERS..."),
        (&["-xc", "ls"], "`-xc` makes bash expand `PS4`"),
        (&["\u{1b}[2J"], "`\\x1b[2J` would be run as a script file"),
    ] {
        let seen = called(&house, words);
        assert_eq!((seen.code, seen.stdout.as_str()), (64, ""), "{words:?}: {seen:?}");
        assert!(
            seen.stderr.contains(said) && seen.stderr.contains("nothing was started"),
            "{words:?}: {seen:?}"
        );
    }
    // As login(1) and sshd start a shell that nobody gave a command.
    let seen = see(house.gate().arg0("-remgate-sh"));
    assert_eq!(seen.code, 64, "{seen:?}");
    assert!(!house.anything_ran());
    let seen = called(&house, &["--version"]);
    assert_eq!(seen.stdout, format!("remgate-sh {}\n", env!("CARGO_PKG_VERSION")));
    assert!(called(&house, &["--help"]).stdout.starts_with("Usage: remgate-sh "));
}

/// What a program that wants a shell starts: each runs one command that may run, and one that may not.
#[test]
fn programs_take_it_for_their_shell() {
    let house = house();
    let sh = shell(&house).display().to_string();
    house.write("work/Makefile", format!("all:\n\t@{RESTART}\n\t@{DELETE}\n"));
    let python = "import subprocess, sys\n\
        for text in sys.argv[2:]: print(subprocess.run(text, shell=True, executable=sys.argv[1]).returncode)";
    let words =
        |program: &'static str, words: &[&str]| (program, words.iter().map(|w| (*w).to_owned()).collect());
    let rows: [(&str, Vec<String>); 6] = [
        words("make", &["-k", &format!("SHELL={sh}"), "all"]),
        words("make", &["-k", &format!("SHELL={sh}"), ".SHELLFLAGS=-euo pipefail -c", "all"]),
        words("python3", &["-c", python, &sh, RESTART, DELETE]),
        words("xargs", &["-a", "lines", "-d", "\n", "-n", "1", &sh, "-c"]),
        words("npm", &["--offline", &format!("--script-shell={sh}"), "run", "both"]),
        // sshd starts a forced command through the account's shell, with the client's command in the environment.
        words("sh", &["-c", &format!("{sh} -c \"$SSH_ORIGINAL_COMMAND\"")]),
    ];
    house.write(
        "work/package.json",
        json!({ "name": "x", "version": "1.0.0", "scripts": { "both": RESTART, "postboth": DELETE } })
            .to_string(),
    );
    house.write("work/lines", format!("{RESTART}\n{DELETE}\n"));
    let mut deletions = 0;
    for (program, words) in rows {
        if !installed("programs_take_it_for_their_shell", program) {
            continue;
        }
        deletions += usize::from(program != "sh");
        let _ = std::fs::remove_file(house.at("ran/kubectl"));
        let seen = see(house.clean(program).args(&words).env("SSH_ORIGINAL_COMMAND", RESTART));
        assert_eq!(house.ran("kubectl"), ["-n shop rollout restart deploy/web"], "{program}: {seen:?}");
    }
    assert_eq!(house.records_of("denied").len(), deletions);
}

/// `-x` as a text must not become an option of bash: the word behind it would then be the text.
#[test]
fn a_text_that_looks_like_an_option_is_no_option() {
    let house = house();
    for text in ["-x", "+e", "--", "-c", "--norc"] {
        let mut given = ShellText::from(std::ffi::OsString::from(text));
        given.name = Some("kubectl delete namespace prod".into());
        // What is judged is `-x`, whatever stands behind it; and bash itself agrees.
        let seen = see(house.clean("bash").args(given.arguments()));
        assert_eq!(seen.code, 127, "{text}: {seen:?}");
        called(&house, &["-c", "--", text, "kubectl delete namespace prod"]);
    }
    assert!(!house.anything_ran());
}

#[test]
fn the_environment_adds_nothing_to_the_text() {
    let house = house();
    let code = format!("{}\n", house.fake_text("sneaked", 0).lines().nth(1).unwrap());
    let file = house.write("work/env.sh", &code);
    let function = format!("() {{ {}; }}", code.trim());
    for (name, value) in [
        ("BASH_ENV", file.to_str().unwrap()),
        ("ENV", file.to_str().unwrap()),
        ("BASH_FUNC_echo%%", &function),
        ("SHELLOPTS", "xtrace:errexit"),
        ("REMGATE_ACTOR", "human"),
        ("REMGATE_MODE", "interactive"),
    ] {
        let mut sh = house.clean(shell(&house));
        let seen =
            see(sh.env(name, value).env("PS4", format!("$({})", code.trim())).args(["-c", "echo a | cat"]));
        assert_eq!(
            (seen.code, seen.stdout.as_str(), seen.stderr.as_str()),
            (0, "a\n", ""),
            "{name}: {seen:?}"
        );
        let mut sh = house.clean(shell(&house));
        assert_eq!(see(sh.env(name, value).args(["-c", DELETE])).code, 75, "{name}");
    }
    assert!(!house.anything_ran());
}

/// For programs that start no other shell than `bash`: the gate under that name, in front of the real one.
#[test]
fn under_the_name_bash_it_finds_the_real_one_and_never_itself() {
    let house = house();
    symlink(env!("CARGO_BIN_EXE_remgate"), house.at("bin/bash")).unwrap();
    let shell_text = |path: &str| {
        let mut bash = house.clean(house.at("bin/bash"));
        see(bash.env("PATH", path).args(["-lc", &format!("{RESTART}; echo a | cat")]))
    };
    let seen = shell_text(&house.path_variable());
    assert_eq!((seen.code, seen.stdout.as_str()), (0, "a\n"), "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["-n shop rollout restart deploy/web"]);
    assert_eq!(house.records_of("intent").len(), 1);
    let seen = shell_text(house.at("bin").to_str().unwrap());
    assert_eq!((seen.code, seen.stdout.as_str()), (126, ""), "{seen:?}");
    assert!(seen.stderr.contains("is remgate itself, and PATH has no other"), "{seen:?}");
    assert_eq!(house.records_of("denied").len(), 1);
}

#[test]
fn a_bash_that_others_can_exchange_reads_no_text() {
    let house = house();
    let open = house.directory("open");
    house.program("open/bash", house.fake_text("sneaked", 0));
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
    let path = format!("{}:{}", open.display(), house.path_variable());
    let seen = see(house.clean(shell(&house)).env("PATH", path).args(["-c", "echo a | cat"]));
    assert_eq!(seen.code, 75, "{seen:?}");
    assert!(seen.stderr.contains("others can exchange `bash`"), "{seen:?}");
    assert!(!house.anything_ran());
}

#[test]
fn the_record_holds_what_the_text_was_given_and_none_of_its_secrets() {
    let house = house();
    let secret = "Tr0ub4dor-horse-battery-9f3k";
    let token = format!("--token={secret}");
    let seen = called(&house, &["-euo", "pipefail", "-c", "echo \"$2\" | cat", "job", "a", &token]);
    assert_eq!((seen.code, seen.stdout), (0, format!("{token}\n")), "{}", seen.stderr);
    let intent = &house.records_of("intent")[0];
    assert_eq!(intent["shell"], "echo \"$2\" | cat");
    assert_eq!(intent["shell_options"], json!(["errexit", "nounset", "pipefail"]));
    assert_eq!(intent["shell_parameters"][0], "job");
    assert_eq!(intent["shell_parameters"].as_array().unwrap().len(), 3);
    assert!(!holds(&house.state_bytes(), secret), "{intent}");
}

/// `explain --json`, as one object.
fn explained(house: &House, text: &str) -> Value {
    let seen = see(house.gate().args(["explain", "--json", "-c", text]));
    assert_eq!(seen.code, 0, "{seen:?}");
    serde_json::from_str(&seen.stdout).unwrap()
}

#[test]
fn explain_says_where_in_the_text_each_command_stands_and_what_is_around_it() {
    let house = house();
    let text = "echo \"$REMGATE_X\" *.log > out &\ncat <<< hi | wc -l";
    let told = explained(&house, text);
    assert_eq!(told["text"], text);
    let commands = told["commands"].as_array().unwrap();
    let words: Vec<&str> = commands
        .iter()
        .map(|command| {
            let (from, to) = (command["span"][0].as_u64().unwrap(), command["span"][1].as_u64().unwrap());
            text.get(usize::try_from(from).unwrap()..usize::try_from(to).unwrap()).unwrap()
        })
        .collect();
    assert_eq!(words, ["echo \"$REMGATE_X\" *.log > out", "cat <<< hi", "wc -l"]);
    assert_eq!(commands[0]["background"], true);
    assert_eq!(commands[0]["redirections"], json!([{ "access": "write", "target": "out", "loose": [] }]));
    assert_eq!(commands[0]["loose"][1]["at"], 2);
    assert_eq!(commands[0]["loose"][1]["nature"], "glob");
    let stdin: Vec<&Value> = commands.iter().map(|command| &command["stdin"]).collect();
    let three = [
        json!({ "from": "inherited" }),
        json!({ "from": "text", "bytes": 3 }),
        json!({ "from": "elsewhere" }),
    ];
    assert_eq!(stdin, three.iter().collect::<Vec<_>>());
    let told = explained(&house, "ls; case x in");
    assert_eq!((&told["standing"], &told["commands"][0]["offset"]), (&json!("opaque"), &json!(13)));
}

#[test]
fn explain_underlines_each_command_with_its_verdict() {
    let house = house();
    let text = format!("{RESTART} &&\n  echo \"$(date)\"; {DELETE}");
    let seen = see(house.gate().args(["explain", "-c", &text]));
    let drawn = "\
1 | kubectl -n shop rollout restart deploy/web &&
    1-----------------------------------------
    run
2 |   echo \"$(date)\"; kubectl delete namespace prod
      3-------------  4^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              2---
      run     run     two-person
because    ";
    let (verdict, page) = seen.stdout.split_once('\n').unwrap();
    assert!(verdict.starts_with("verdict    "), "{verdict}");
    assert!(page.starts_with(drawn), "{page}");
    for number in 1..=4 {
        assert!(page.contains(&format!("\ncommand {number} of 4\n")), "{page}");
    }
}

#[test]
fn machines_are_told_which_command_is_the_reason() {
    let house = house();
    let mut gate: Command = house.gate();
    let seen = see(gate.args(["--json", "-c", &format!("{RESTART}; {DELETE}; {DELETE}")]));
    let event: Value = serde_json::from_str(seen.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(event["because"], "because of `kubectl delete ...` (command 2 of 3, and 1 more)");
    // Of a single command there is nothing to tell.
    let mut gate = house.gate();
    let seen = see(gate.args(["--json", "-c", DELETE]));
    let event: Value = serde_json::from_str(seen.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&event["event"], event.get("because")), (&json!("refused"), None));
}
