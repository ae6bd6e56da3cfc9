//! The signal table: for each signal, sent to the front alone and to its whole group, the parent and the command
//! observe the same with the gate in front as with `env`.

use crate::observer;
use crate::stage::{self, Front, Group, Seen, send, trial, until};
use libtest_mimic::Trial;
use std::path::Path;
use std::process::Command;

const NAMED: &[(&str, i32)] = &[
    ("HUP", libc::SIGHUP),
    ("INT", libc::SIGINT),
    ("QUIT", libc::SIGQUIT),
    ("TERM", libc::SIGTERM),
    ("USR1", libc::SIGUSR1),
    ("USR2", libc::SIGUSR2),
    ("ALRM", libc::SIGALRM),
    ("PIPE", libc::SIGPIPE),
    ("ABRT", libc::SIGABRT),
    ("WINCH", libc::SIGWINCH),
];

const STOPS: &[(&str, i32)] =
    &[("TSTP", libc::SIGTSTP), ("TTIN", libc::SIGTTIN), ("TTOU", libc::SIGTTOU), ("STOP", libc::SIGSTOP)];

/// What a parent sees of the front, and the command of its signals.
#[derive(Debug, PartialEq, Eq)]
struct Story {
    parent: Vec<Seen>,
    command: Vec<i32>,
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("signals::each_reaches_a_command_that_handles_it_once_as_under_env", handled_alone),
        trial("signals::each_reaches_a_command_in_a_signalled_group_as_under_env", handled_in_group),
        trial("signals::each_ends_a_command_as_under_env", default_action),
        trial("signals::every_death_of_the_command_is_the_front_s_own", own_deaths),
        trial("signals::stop_and_continue_as_under_env", stop_and_continue),
        trial("signals::continue_to_the_front_alone_wakes_the_command", continue_alone),
        trial("signals::kill_to_the_group_ends_both_as_under_env", kill_group),
        trial("signals::kill_to_the_gate_alone_leaves_the_command_running", kill_alone),
        trial("signals::a_command_that_signals_its_parent_is_not_answered", not_echoed),
        trial("signals::real_time_signals_keep_their_number", real_time),
        trial("signals::inherited_state_reaches_the_command", inherited_state),
        trial("signals::an_inherited_alarm_still_ends_the_command", inherited_alarm),
        trial("signals::children_are_waited_for_though_sigchld_was_ignored", ignored_sigchld),
    ]
}

fn observer(front: Front, file: &Path) -> Group {
    let mut command = front.command();
    let group = Group::start(command.arg(stage::this()).arg("--be-observer").arg(file));
    until("the observer to be ready", || file.exists());
    group
}

/// The observer's PID and the signals it wrote down.
fn read(file: &Path) -> (i32, Vec<i32>) {
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines().map(|line| line.parse().unwrap());
    (lines.next().unwrap(), lines.collect())
}

fn handled(front: Front, signal: i32, to: fn(&Group) -> i32) -> Story {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("signals");
    let group = observer(front, &file);
    send(to(&group), signal);
    let parent = vec![group.wait()];
    Story { parent, command: read(&file).1 }
}

fn handled_alone() {
    for (name, signal) in NAMED {
        let [env, gate] = Front::BOTH.map(|front| handled(front, *signal, |group| group.pid));
        assert_eq!(
            env,
            Story { parent: vec![Seen::Exited(observer::CODE)], command: vec![*signal] },
            "{name}"
        );
        assert_eq!(gate, env, "{name}");
    }
}

/// A signal of a process to the group looks to the gate like one to itself: the command may get it twice, never less
/// than once, and nothing else.
fn handled_in_group() {
    for (name, signal) in NAMED {
        let [env, mut gate] = Front::BOTH.map(|front| handled(front, *signal, |group| -group.pid));
        assert!(gate.command.len() <= 2, "{name}: {:?}", gate.command);
        gate.command.dedup();
        assert_eq!(gate, env, "{name}");
    }
}

fn default_action() {
    for (name, signal) in NAMED.iter().filter(|(_, signal)| *signal != libc::SIGWINCH) {
        for to in [(|pid| pid) as fn(i32) -> i32, |pid| -pid] {
            let [env, gate] = Front::BOTH.map(|front| {
                let group = sleeper(front);
                send(to(group.pid), *signal);
                group.wait()
            });
            assert_eq!(env, Seen::Killed(*signal), "{name}");
            assert_eq!(gate, env, "{name}");
        }
    }
}

/// A command that does nothing about signals, running for certain.
fn sleeper(front: Front) -> Group {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("runs");
    let script = format!("echo > {}; exec sleep 60", file.display());
    let group = Group::start(front.command().args(["sh", "-c", &script]));
    until("the command to run", || file.exists());
    group
}

fn own_deaths() {
    for signal in (1..32).chain([libc::SIGRTMIN(), libc::SIGRTMAX()]) {
        if matches!(signal, libc::SIGCHLD | libc::SIGCONT | libc::SIGURG | libc::SIGWINCH) {
            continue;
        }
        if STOPS.iter().any(|(_, stop)| *stop == signal) {
            continue;
        }
        let [env, gate] = Front::BOTH.map(|front| {
            let script = format!("ulimit -c 0; kill -{signal} $$; exit 3");
            Group::start(front.command().args(["sh", "-c", &script])).wait()
        });
        assert_eq!(env, Seen::Killed(signal));
        assert_eq!(gate, env);
    }
}

/// Stops the group, continues it, and lets the observer end. SIGSTOP cannot be caught, so sent to the gate alone it
/// stops the gate alone; that row is left to the group.
fn stop_and_continue() {
    for (name, signal) in STOPS {
        for (to, alone) in [((|pid| pid) as fn(i32) -> i32, true), (|pid| -pid, false)] {
            if alone && *signal == libc::SIGSTOP {
                continue;
            }
            let [env, gate] = Front::BOTH.map(|front| stopped(front, *signal, to));
            assert_eq!(env[..2], [Seen::Stopped(*signal), Seen::Continued], "{name}");
            assert_eq!(gate, env, "{name}");
        }
    }
}

fn stopped(front: Front, signal: i32, to: fn(i32) -> i32) -> Vec<Seen> {
    let group = sleeper(front);
    send(to(group.pid), signal);
    let mut seen = vec![group.wait()];
    send(-group.pid, libc::SIGCONT);
    seen.push(group.wait());
    send(group.pid, libc::SIGTERM);
    seen.push(group.wait());
    seen
}

fn continue_alone() {
    let [env, gate] = Front::BOTH.map(|front| {
        let group = sleeper(front);
        send(-group.pid, libc::SIGTSTP);
        let mut seen = vec![group.wait()];
        send(group.pid, libc::SIGCONT);
        seen.push(group.wait());
        // A stopped command would not die of this one.
        send(group.pid, libc::SIGTERM);
        seen.push(group.wait());
        seen
    });
    assert_eq!(env, [Seen::Stopped(libc::SIGTSTP), Seen::Continued, Seen::Killed(libc::SIGTERM)]);
    assert_eq!(gate, env);
}

fn kill_group() {
    let [env, gate] = Front::BOTH.map(|front| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("signals");
        let group = observer(front, &file);
        let (command, _) = read(&file);
        send(-group.pid, libc::SIGKILL);
        let seen = group.wait();
        until("the command to be gone", || !stage::is_alive(command));
        seen
    });
    assert_eq!(env, Seen::Killed(libc::SIGKILL));
    assert_eq!(gate, env);
}

/// The one row that differs by nature: `env` is the command, the gate is its parent. The command is not taken along,
/// because half a remediation is worse than one whose outcome the log calls `abandoned`.
fn kill_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("signals");
    let group = observer(Front::Gate, &file);
    let (command, _) = read(&file);
    send(group.pid, libc::SIGKILL);
    assert_eq!(group.wait(), Seen::Killed(libc::SIGKILL));
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(stage::is_alive(command));
    send(command, libc::SIGUSR1);
    until("the command to end by itself", || !stage::is_alive(command));
    assert_eq!(read(&file).1, [libc::SIGUSR1]);
}

fn not_echoed() {
    // Under the gate `$PPID` is the gate; a USR1 that came back would end the shell before its own exit.
    let script = "kill -USR1 $PPID; sleep 0.3; exit 5";
    let group = Group::start(stage::gate(&[]).args(["sh", "-c", script]));
    assert_eq!(group.wait(), Seen::Exited(5));
}

fn real_time() {
    let signal = libc::SIGRTMIN() + 3;
    let [env, gate] = Front::BOTH.map(|front| handled(front, signal, |group| group.pid));
    assert_eq!(env.command, [signal]);
    assert_eq!(gate, env);
}

/// Blocked and ignored signals of `/proc/self/status`, with each of them set up differently.
fn inherited_state() {
    let cases = [
        ("nothing special", ""),
        ("nohup", "trap '' HUP;"),
        ("SIGPIPE ignored", "trap '' PIPE;"),
        ("many ignored", "trap '' HUP INT QUIT TERM USR1 TSTP CHLD;"),
    ];
    for (name, setup) in cases {
        let [env, gate] = Front::BOTH.map(|front| {
            let show = format!("{setup} exec \"$@\" grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status");
            let shown = stage::output(Command::new("bash").args(["-c", &show, "bash"]).args(front.prefix()));
            String::from_utf8(shown.stdout).unwrap()
        });
        assert!(env.contains("SigIgn"), "{name}");
        assert_eq!(gate, env, "{name}");
    }
}

fn inherited_alarm() {
    if !stage::installed("inherited_alarm", "perl") {
        return;
    }
    let [env, gate] = Front::BOTH.map(|front| {
        let mut command = Command::new("perl");
        command.args(["-e", "alarm 1; exec @ARGV"]).args(front.prefix()).args(["sleep", "30"]);
        Group::start(&mut command).wait()
    });
    assert_eq!(env, Seen::Killed(libc::SIGALRM));
    assert_eq!(gate, env);
}

fn ignored_sigchld() {
    let script = "trap '' CHLD; exec \"$@\"";
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash"]).args(Front::Gate.prefix()).args(["sh", "-c", "exit 9"]);
    assert_eq!(Group::start(&mut command).wait(), Seen::Exited(9));
}
