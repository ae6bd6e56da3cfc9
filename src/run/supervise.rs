//! Beside a running command: pass on what it should get, stop when it stops, learn how it ended.
//!
//! In: the child's PID and the held signals. Out: its [`End`]. Never: a thread, a poll, or a byte of the child's
//! input and output.

use super::Limit;
use super::signals::{self, Arrival, Held, Route, Seat};
use super::tree::Tree;
use crate::clock;
use crate::journal::End;
use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitOptions, WaitStatus};

/// What became of the child since it was last looked at.
enum News {
    Ended(WaitStatus),
    Stopped(i32),
    Nothing,
}

/// Waits until the child ends, or until the limit passes and nothing of its tree is left.
pub(super) fn supervise(child: Pid, held: &Held, limit: Option<(&Limit, Tree)>) -> End {
    // No `Instant` holds a limit of centuries: that one never passes.
    let deadline = limit.as_ref().and_then(|(limit, _tree)| clock::monotonic().checked_add(limit.after));
    // nix, not rustix, whose process ids cannot be 0: that is the session of a gate that was started into a container by
    // somebody outside of it.
    let seat =
        if nix::unistd::getsid(None) == Ok(nix::unistd::getpid()) { Seat::Leader } else { Seat::Member };
    loop {
        match (held.next(deadline), &limit) {
            (None, Some((limit, tree))) => match look(child) {
                // It ended in the very moment the limit passed: then it was in time.
                News::Ended(status) => return end_of(status),
                News::Stopped(_) | News::Nothing => return tree.end(child, held, limit),
            },
            (None, None) => {}
            (Some(Arrival { signal: libc::SIGCHLD, .. }), limit) => {
                match look(child) {
                    News::Ended(status) => return end_of(status),
                    News::Stopped(signal) => stop_like(child, signal),
                    News::Nothing => {}
                }
                if let Some((_limit, tree)) = limit {
                    tree.reap(child);
                }
            }
            (Some(Arrival { signal: libc::SIGCONT, .. }), _) => go_on(child),
            (Some(arrival), _) => match signals::route(arrival, child, seat) {
                Route::PassOn => signals::send(child, arrival.signal),
                Route::Keep => {}
            },
        }
    }
}

fn look(child: Pid) -> News {
    loop {
        match rustix::process::waitpid(Some(child), WaitOptions::NOHANG | WaitOptions::UNTRACED) {
            Ok(Some((_pid, status))) => match status.stopping_signal() {
                Some(signal) => return News::Stopped(signal),
                None => return News::Ended(status),
            },
            Err(Errno::INTR) => {}
            Ok(None) | Err(_) => return News::Nothing,
        }
    }
}

/// The shell waits for the gate, so the gate must be seen to stop, by the same signal. When it comes back the
/// terminal was given back too: the shell continues the whole group, or us alone, which [`go_on`] makes good.
fn stop_like(child: Pid, signal: i32) {
    // Continued meanwhile: stopping now would leave a stopped gate beside a running command.
    if !was_continued(child) {
        signals::suffer(signal);
    }
}

/// SIGCONT reached the gate. `fg` continues the whole group, and then the child has it: the kernel says so.
fn go_on(child: Pid) {
    if !was_continued(child) {
        signals::send(child, libc::SIGCONT);
    }
}

/// Whether the child was continued since this was last asked.
fn was_continued(child: Pid) -> bool {
    let asked = rustix::process::waitid(WaitId::Pid(child), WaitIdOptions::CONTINUED | WaitIdOptions::NOHANG);
    matches!(asked, Ok(Some(_)))
}

/// The kernel's word on how a process ended, as the log keeps it.
fn end_of(status: WaitStatus) -> End {
    /// `WCOREDUMP` of wait(2).
    const CORE: i32 = 0x80;
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => End::Exited { code: u8::try_from(code).unwrap_or(u8::MAX) },
        (None, Some(signal)) => End::Signaled { signal, core: status.as_raw() & CORE != 0 },
        // `look` tells stops apart before, and wait(2) knows no fourth way.
        (None, None) => End::Signaled { signal: libc::SIGKILL, core: false },
    }
}
