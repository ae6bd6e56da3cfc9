//! What was approved is what the command reads: standard input, sealed copies, files that are compared once more.

use crate::stage::{self, gate, output, program, trial};
use libtest_mimic::Trial;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("approved::a_copy_is_read_though_the_file_was_rewritten", rewritten),
        trial("approved::a_word_keeps_what_stands_before_the_name", prefixes),
        trial("approved::every_kind_of_program_gets_its_copies", kinds),
        trial("approved::standard_input_is_what_was_captured", standard_input),
        trial("approved::without_input_the_command_reads_nothing", no_input),
        trial("approved::no_other_descriptor_is_left_open", descriptors),
        trial("approved::nobody_writes_to_a_copy", read_only),
        trial("approved::a_file_that_changed_keeps_the_command_from_starting", rechecked),
    ]
}

/// A directory with `plan`, which says `approved`.
fn stage() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plan"), "approved\n").unwrap();
    directory
}

fn text(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn run_in(directory: &Path, options: &[&str], words: &[&str]) -> Output {
    output(gate(options).args(words).current_dir(directory))
}

/// Whoever runs as the same user can open the gate's descriptors again. Sealed copies alone are attacked: the gate holds the
/// program file open as well, and root may write to `/bin/cat` itself, and did once on a developer's machine. That a copy
/// could be written to fails the script, and so the test.
const OVERWRITE_COPIES: &str = "for fd in /proc/$PPID/fd/*; do
    case $(readlink $fd) in /memfd:approved*) (echo evil > $fd) 2>/dev/null && exit 1;; esac
done
exit 0";

fn rewritten() {
    let changes = [
        "echo evil > plan",
        "rm plan",
        "mv plan old; echo evil > plan",
        "rm plan; mkfifo plan",
        OVERWRITE_COPIES,
    ];
    for change in changes {
        let place = stage();
        let done = run_in(place.path(), &["--hand", "1=", "--between", change], &["cat", "plan"]);
        assert_eq!(text(&done), (Some(0), "approved\n".to_owned()), "{change}: {done:?}");
    }
}

fn prefixes() {
    let place = stage();
    std::fs::write(place.path().join("values"), "more\n").unwrap();
    let script = "echo \"$0 $*\"; cat \"${1#--file=}\" \"${3#-f}\"";
    let options = ["--hand", "4=--file=", "--hand", "6=-f", "--between", "echo evil | tee plan > values"];
    let done =
        run_in(place.path(), &options, &["sh", "-c", script, "plan", "--file=plan", "plan", "-fvalues"]);
    let shown = "plan --file=/dev/fd/64 plan -f/dev/fd/65\napproved\nmore\n";
    assert_eq!(text(&done), (Some(0), shown.to_owned()), "{done:?}");
}

/// A program of the system, a copy of ours (started from its descriptor), scripts, and a text without `#!`.
fn kinds() {
    let place = stage();
    let at = |name: &str| place.path().join(name);
    program(&at("copy"), std::fs::read("/bin/cat").unwrap());
    program(&at("script"), "#!/bin/sh\nexec cat \"$@\"\n");
    program(&at("text"), "cat \"$@\"\n");
    for kind in ["/bin/cat", "./copy", "./script", "./text"] {
        std::fs::write(at("plan"), "approved\n").unwrap();
        let done = run_in(place.path(), &["--hand", "1=", "--between", "echo evil > plan"], &[kind, "plan"]);
        assert_eq!(text(&done), (Some(0), "approved\n".to_owned()), "{kind}: {done:?}");
    }
}

/// Starts the gate with `input` on a pipe.
fn fed(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let done = child.wait_with_output().unwrap();
    writer.join().unwrap();
    done
}

fn standard_input() {
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    assert!(fed(gate(&["--stdin", "read"]).arg("cat"), &bytes).stdout == bytes);
    // A file is read from where it stands, and what is written to it meanwhile was approved by nobody.
    let place = stage();
    let script = "read -r first; exec \"$@\"";
    std::fs::write(place.path().join("list"), "one\ntwo\nthree\n").unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash"]).arg(stage::this()).args(["--be-gate", "--stdin", "read"]);
    command.args(["--between", "echo evil >> list", "--", "cat"]).current_dir(place.path());
    let list = std::fs::File::open(place.path().join("list")).unwrap();
    let done = command.stdin(list).output().unwrap();
    assert_eq!(text(&done), (Some(0), "two\nthree\n".to_owned()), "{done:?}");
}

fn no_input() {
    let script = "readlink /proc/self/fd/0; cat";
    let null = output(gate(&["--stdin", "read"]).args(["sh", "-c", script]));
    assert_eq!(text(&null).1, "/dev/null\n");
    assert_eq!(text(&fed(gate(&["--stdin", "read"]).args(["sh", "-c", script]), b"")).1, "/dev/null\n");
    let mut closed = Command::new("bash");
    closed.args(["-c", "exec \"$@\" <&-", "bash"]).arg(stage::this()).args([
        "--be-gate",
        "--stdin",
        "read",
        "--",
    ]);
    assert_eq!(text(&output(closed.args(["sh", "-c", script]))).1, "/dev/null\n");
}

fn descriptors() {
    let place = stage();
    let list = ["ls", "/proc/self/fd", "plan"];
    let without = run_in(place.path(), &[], &list[..2]);
    let with = fed(
        gate(&["--stdin", "read", "--hand", "2=", "--recheck", "plan"]).args(list).current_dir(place.path()),
        b"input",
    );
    let mut wanted: Vec<&str> = std::str::from_utf8(&without.stdout).unwrap().lines().collect();
    wanted.push("64");
    let shown = text(&with).1;
    let found: Vec<&str> = shown.lines().filter(|line| line.parse::<i32>().is_ok()).collect();
    assert_eq!(found, wanted, "{shown}");
}

fn read_only() {
    let place = stage();
    let script = "echo evil > \"$1\" || echo refused; echo evil >> \"$1\" || echo refused; cat \"$1\"";
    let done = run_in(place.path(), &["--hand", "4="], &["bash", "-c", script, "bash", "plan"]);
    assert_eq!(text(&done).1, "refused\nrefused\napproved\n", "{done:?}");
}

fn rechecked() {
    for change in
        ["echo evil > plan", "rm plan", "cp plan new; rm plan; ln -s new plan", "rm plan; mkfifo plan"]
    {
        let place = stage();
        let options = ["--recheck", "plan", "--between", change, "--outcome", "end"];
        let done = run_in(place.path(), &options, &["sh", "-c", "echo started"]);
        assert_eq!(text(&done), (Some(125), String::new()), "{change}");
        let end = std::fs::read_to_string(place.path().join("end")).unwrap();
        assert!(
            end.starts_with("NotStarted { exit_code: 125, reason: \"`plan` is not what was approved"),
            "{end}"
        );
        assert!(end.contains("; the command was not started"), "{end}");
    }
    let place = stage();
    let done = run_in(place.path(), &["--recheck", "plan", "--between", "touch plan"], &["cat", "plan"]);
    assert_eq!(text(&done), (Some(0), "approved\n".to_owned()), "the same bytes are what was approved");
}
