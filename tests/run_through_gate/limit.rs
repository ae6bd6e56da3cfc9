//! A limit ends everything the command started; without one nothing is touched.

use crate::stage::{self, Group, Seen, gate, is_alive, output, trial, until};
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("limit::a_command_in_time_keeps_its_exit_code", in_time),
        trial("limit::a_command_out_of_time_is_ended_by_term", out_of_time),
        trial("limit::a_command_that_ignores_term_is_killed_after_the_grace_period", stubborn),
        trial("limit::a_grandchild_in_another_session_is_ended_too", hidden_grandchild),
        trial("limit::a_stopped_command_is_ended", stopped),
        trial("limit::a_command_that_forks_while_it_is_ended_is_ended", forking),
        trial("limit::older_children_of_the_gate_are_spared", older_children),
        trial("limit::a_daemon_outlives_a_command_without_a_limit", daemon_without_limit),
        trial("limit::a_daemon_outlives_a_command_that_is_in_time", daemon_in_time),
        trial("limit::orphans_are_reaped_while_the_command_runs", orphans),
    ]
}

struct Stage {
    directory: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn outcome(&self) -> String {
        std::fs::read_to_string(self.file("outcome")).unwrap()
    }

    /// Runs `script` under the gate with the given limits, in milliseconds.
    fn run(&self, limit: &[&str], script: &str) -> Seen {
        let outcome = self.file("outcome");
        let mut options = vec!["--outcome", outcome.to_str().unwrap()];
        options.extend(limit);
        let mut command = gate(&options);
        Group::start(command.args(["bash", "-c", script]).current_dir(self.directory.path())).wait()
    }
}

fn pid(file: &Path) -> i32 {
    until("a PID to be written", || std::fs::read_to_string(file).is_ok_and(|text| text.ends_with('\n')));
    std::fs::read_to_string(file).unwrap().trim().parse().unwrap()
}

fn in_time() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["--limit", "20000"], "exit 6"), Seen::Exited(6));
    assert_eq!(stage.outcome(), "Exited { code: 6 }");
}

fn out_of_time() {
    let stage = Stage::new();
    let began = Instant::now();
    assert_eq!(
        stage.run(&["--limit", "200"], "trap 'echo > termed; exit 0' TERM; sleep 60 & wait"),
        Seen::Exited(124)
    );
    assert!(stage.file("termed").exists());
    assert!(began.elapsed() < Duration::from_secs(4), "no grace period when all have gone");
    assert_eq!(stage.outcome(), "TimedOut { limit: 200ms, descendants: 1, survivors: 0 }");
}

fn stubborn() {
    let stage = Stage::new();
    let script = "trap '' TERM; echo $$ > pid; sleep 60 & while :; do wait; done";
    let began = Instant::now();
    assert_eq!(stage.run(&["--limit", "200", "--grace", "300"], script), Seen::Exited(124));
    assert!(began.elapsed() >= Duration::from_millis(500));
    assert!(!is_alive(pid(&stage.file("pid"))));
    assert_eq!(stage.outcome(), "TimedOut { limit: 200ms, descendants: 1, survivors: 0 }");
}

/// Twice forked, in a session of its own, deaf to SIGTERM, its parents gone: only a sub-reaper finds it.
fn hidden_grandchild() {
    let stage = Stage::new();
    let script = "(setsid bash -c 'trap \"\" TERM HUP; echo $$ > pid; for i in $(seq 60); do sleep 1; done' &) ; sleep 60";
    assert_eq!(stage.run(&["--limit", "400", "--grace", "200"], script), Seen::Exited(124));
    assert!(!is_alive(pid(&stage.file("pid"))));
    assert!(stage.outcome().ends_with("survivors: 0 }"), "{}", stage.outcome());
}

fn stopped() {
    let stage = Stage::new();
    let script =
        "(bash -c 'trap \"echo > termed; exit\" TERM; echo $$ > pid; kill -STOP $$; sleep 60') & sleep 60";
    assert_eq!(stage.run(&["--limit", "400"], script), Seen::Exited(124));
    assert!(!is_alive(pid(&stage.file("pid"))));
    assert!(stage.file("termed").exists(), "it was continued to hear of its end");
}

fn forking() {
    let stage = Stage::new();
    // Each process answers SIGTERM by starting another one, which is deaf until it has a trap of its own.
    let script = "heir() { trap \"trap '' TERM; heir & exit\" TERM; echo $BASHPID >> pids; sleep 0.05; while :; do sleep 0.05; done; }; heir";
    assert_eq!(stage.run(&["--limit", "200", "--grace", "400"], script), Seen::Exited(124));
    let pids = std::fs::read_to_string(stage.file("pids")).unwrap();
    assert!(pids.lines().count() > 1, "the heirs were really there: {pids}");
    assert!(pids.lines().all(|pid| !is_alive(pid.parse().unwrap())));
}

/// `exec remgate` in a shell with background jobs: they are the gate's children then, and none of the command's.
fn older_children() {
    let stage = Stage::new();
    let mut command = std::process::Command::new("bash");
    let script = "sleep 60 & echo $! > older; exec \"$@\"";
    command.args(["-c", script, "bash", &stage::this(), "--be-gate", "--limit", "300", "--", "sleep", "60"]);
    let group = Group::start(command.current_dir(stage.directory.path()));
    assert_eq!(group.wait(), Seen::Exited(124));
    let older = pid(&stage.file("older"));
    assert!(is_alive(older));
}

const DAEMON: &str = "setsid bash -c 'echo $$ > pid; exec sleep 60' > /dev/null 2>&1 < /dev/null & \
                      until [ -s pid ]; do sleep 0.01; done; exit 3";

fn outlives(limit: &[&str]) {
    let stage = Stage::new();
    assert_eq!(stage.run(limit, DAEMON), Seen::Exited(3));
    let daemon = pid(&stage.file("pid"));
    std::thread::sleep(Duration::from_millis(100));
    assert!(is_alive(daemon));
    stage::send(daemon, libc::SIGKILL);
}

fn daemon_without_limit() {
    outlives(&[]);
}

fn daemon_in_time() {
    outlives(&["--limit", "20000"]);
}

/// With a limit, orphans become the gate's children: it must not collect their bodies till the end.
fn orphans() {
    let script = "for i in 1 2 3 4 5; do (sleep 0.05 &); done; sleep 0.5; \
                  grep -l \"^PPid:\t$PPID\\$\" /proc/[0-9]*/status 2>/dev/null | xargs grep -h ^State | sort | uniq -c";
    let done = output(gate(&["--limit", "20000"]).args(["bash", "-c", script]));
    let states = String::from_utf8(done.stdout).unwrap();
    assert!(!states.is_empty() && !states.contains('Z'), "{states}");
}
