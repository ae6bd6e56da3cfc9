//! Ending everything a command started, when its time is up.
//!
//! In: the gate's place in the process tree. Out: [`End::TimedOut`]. Never: a signal to a process that is not a
//! descendant of the command, and no effect at all on commands without a limit: their daemons live on.
//!
//! On Linux the gate becomes a sub-reaper, only when a limit is given: a grandchild whose parent ended then becomes the
//! gate's child instead of init's, so a double `fork`, a new session or a new group does not hide it. When the command
//! ends in time, what it left behind is handed on to init as the gate ends, and lives. Side effect of a limit:
//! until then `getppid()` of such an orphan is the gate and not 1.

use super::Limit;
use super::signals::Held;
use crate::clock;
use crate::journal::End;
use rustix::process::{Pid, WaitOptions};
use std::collections::HashSet;
use std::time::Duration;

/// How often the tree is looked at while it ends; a child's death wakes the gate earlier.
const PAUSE: Duration = Duration::from_millis(20);

/// How long SIGKILL is repeated. What is left then cannot be killed: it hangs in the kernel, or runs as another user.
const PATIENCE: Duration = Duration::from_secs(5);

/// One process, told apart from a later one with the same number by when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Process {
    pid: Pid,
    /// Clock ticks since boot; field 22 of `/proc/PID/stat`.
    started: u64,
}

/// The command's process tree, as far as this system can tell it.
#[derive(Debug)]
pub(super) struct Tree {
    /// Children of the gate from before it was the gate (`exec remgate` in a shell with jobs): none of ours.
    spared: HashSet<Process>,
}

impl Tree {
    /// Says which processes are not the command's, and makes orphans come to the gate. Before the start.
    pub(super) fn claim() -> Self {
        platform::gather_orphans();
        let spared = platform::descendants(&HashSet::new()).into_iter().collect();
        Self { spared }
    }

    /// Takes leave of adopted orphans that ended; `child` is left for its own waiter.
    pub(super) fn reap(&self, child: Pid) {
        reap_all_but(child);
    }

    /// SIGTERM to every process of the tree, SIGKILL to what is left after the grace period.
    pub(super) fn end(&self, child: Pid, held: &Held, limit: &Limit) -> End {
        let mut ended = HashSet::new();
        let mut left = self.press(libc::SIGTERM, held, limit.grace, &mut ended);
        if !left.is_empty() {
            left = self.press(libc::SIGKILL, held, PATIENCE, &mut ended);
        }
        let ended = ended.iter().filter(|process| process.pid != child && !left.contains(process)).count();
        let count = |many| u32::try_from(many).unwrap_or(u32::MAX);
        End::TimedOut { limit: limit.after, descendants: count(ended), survivors: count(left.len()) }
    }

    /// Sends `signal` to all, and to those that appear meanwhile, until none is left or `patience` is over.
    /// Returns those that are left.
    fn press(
        &self,
        signal: i32,
        held: &Held,
        patience: Duration,
        met: &mut HashSet<Process>,
    ) -> Vec<Process> {
        let began = clock::monotonic();
        let mut told = HashSet::new();
        loop {
            reap_all();
            let mut left = platform::descendants(&self.spared);
            if left.is_empty() {
                // A list of processes is no snapshot: one that forked and died while it was read may have left a child
                // behind the reader. Whoever is still here shows in a second list.
                reap_all();
                left = platform::descendants(&self.spared);
            }
            if left.is_empty() {
                return left;
            }
            for process in &left {
                met.insert(*process);
                // SIGTERM once each: a second one means "at once" to many programs. SIGKILL has no such meaning.
                if told.insert(*process) || signal == libc::SIGKILL {
                    platform::signal(*process, signal);
                    // A stopped process would not see SIGTERM before somebody continues it.
                    platform::signal(*process, libc::SIGCONT);
                }
            }
            let rest = patience.saturating_sub(began.elapsed());
            if rest.is_zero() {
                return left;
            }
            held.next(Some(clock::monotonic() + rest.min(PAUSE)));
        }
    }
}

fn reap_all() {
    while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
}

/// `waitpid(-1)` would take the child's status away from its waiter, so the kernel is asked first who is next.
fn reap_all_but(child: Pid) {
    while let Some(next) = next_zombie().filter(|next| *next != child) {
        // One that is gone meanwhile is as good.
        rustix::process::waitpid(Some(next), WaitOptions::NOHANG).unwrap_or_default();
    }
}

/// A child that has ended and was not waited for. If it is `child`, the others can wait: the gate is about to end.
#[expect(unsafe_code, reason = "the safe interface does not tell which process it was")]
fn next_zombie() -> Option<Pid> {
    // SAFETY: zeroes are a value of `siginfo_t`; `waitid` fills it in, or leaves the PID 0 when there is none.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        if libc::waitid(libc::P_ALL, 0, &raw mut info, options) == -1 {
            return None;
        }
        Pid::from_raw(info.si_pid())
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::super::signals;
    use super::{HashSet, Pid, Process};
    use rustix::process::{PidfdFlags, Signal};
    use std::collections::HashMap;

    pub(super) fn gather_orphans() {
        // Fails only before Linux 3.4; then orphans go to init and are not found.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap_or_default();
    }

    /// Every living descendant of the gate, without those below `spared`.
    pub(super) fn descendants(spared: &HashSet<Process>) -> Vec<Process> {
        let mut children: HashMap<Pid, Vec<(Process, State)>> = HashMap::new();
        for (process, parent, state) in processes() {
            if let Some(parent) = parent {
                children.entry(parent).or_default().push((process, state));
            }
        }
        let mut found = Vec::new();
        let mut open = vec![rustix::process::getpid()];
        while let Some(parent) = open.pop() {
            for (process, state) in children.remove(&parent).unwrap_or_default() {
                if spared.contains(&process) {
                    continue;
                }
                open.push(process.pid);
                match state {
                    State::Alive => found.push(process),
                    State::Dead => {}
                }
            }
        }
        found
    }

    #[derive(Clone, Copy)]
    enum State {
        Alive,
        /// A zombie: nothing is left of it but its status.
        Dead,
    }

    fn processes() -> Vec<(Process, Option<Pid>, State)> {
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        entries.filter_map(|entry| read(entry.ok()?.file_name().to_str()?.parse().ok()?)).collect()
    }

    /// `/proc/PID/stat`: the name in parentheses may hold anything, also `) R 1 1`, so the fields count from the last
    /// parenthesis: state (3), parent (4), ... start time (22).
    fn read(pid: i32) -> Option<(Process, Option<Pid>, State)> {
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let fields = stat.get(memchr::memrchr(b')', &stat)? + 1..)?;
        let mut fields = std::str::from_utf8(fields).ok()?.split_ascii_whitespace();
        let state = if matches!(fields.next()?, "Z" | "X" | "x") { State::Dead } else { State::Alive };
        let parent = Pid::from_raw(fields.next()?.parse().ok()?);
        let started = fields.nth(17)?.parse().ok()?;
        Some((Process { pid: Pid::from_raw(pid)?, started }, parent, state))
    }

    /// Signals `process` and no other: its number may have gone to a stranger since it was seen. The descriptor pins
    /// whoever has the number now, the start time tells whether that is the one.
    pub(super) fn signal(process: Process, signal: i32) {
        let Some(named) = Signal::from_named_raw(signal) else { return };
        let Ok(pinned) = rustix::process::pidfd_open(process.pid, PidfdFlags::empty()) else {
            // Before Linux 5.3 there are none.
            return signals::send(process.pid, signal);
        };
        if read(process.pid.as_raw_nonzero().get()).is_some_and(|(now, ..)| now == process) {
            // Another user's process refuses; it is counted among those left.
            rustix::process::pidfd_send_signal(pinned, named).unwrap_or_default();
        }
    }
}

/// Fallback elsewhere, as `timeout` of GNU coreutils does: the gate and the command make a process group of their
/// own, and that group is signalled. What leaves the group is not found, and counts as no descendant; job control
/// from the terminal does not reach the command while it runs.
#[cfg(not(target_os = "linux"))]
mod platform {
    use super::{HashSet, Process};
    use rustix::process::{WaitId, WaitIdOptions};

    pub(super) fn gather_orphans() {
        rustix::process::setpgid(None, None).unwrap_or_default();
    }

    /// The command itself, while it has not been waited for.
    pub(super) fn descendants(_spared: &HashSet<Process>) -> Vec<Process> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match rustix::process::waitid(WaitId::All, options) {
            Ok(_) => vec![Process { pid: rustix::process::getpgrp(), started: 0 }],
            Err(_) => Vec::new(),
        }
    }

    /// The gate holds all signals but SIGKILL, so it can signal its own group. With SIGKILL it ends too, without an
    /// outcome record; the next reader sees `abandoned`.
    pub(super) fn signal(process: Process, signal: i32) {
        if let Some(named) = rustix::process::Signal::from_named_raw(signal) {
            rustix::process::kill_process_group(process.pid, named).unwrap_or_default();
        }
    }
}
