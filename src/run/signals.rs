//! Signals, taken one by one instead of by handlers.
//!
//! In: the process's signals. Out: [`Arrival`]s, each with who sent it. Never: a handler, so nothing interrupts a
//! write to the log, and nothing has to be undone in the child beyond the mask.
//!
//! [`Held::hold`] blocks every signal; the kernel then queues them until [`Held::next`] fetches one. A blocked signal
//! is queued even when it is ignored, so a HUP under `nohup` is seen too and passed on; the child ignores it itself.
//! The mask belongs to a thread: the gate has one thread when it gets here.
//! They stay held until the gate ends, so that a Ctrl-C cannot tear the outcome record.

use super::inherited::Disposition;
use rustix::process::Pid;
use std::time::{Duration, Instant};

/// Who sent a signal.
#[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code, reason = "only Linux says who"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The kernel: a terminal key, a hang-up, a timer.
    Kernel,
    /// A process; `None` when it lives outside our PID namespace.
    Process(Option<Pid>),
    /// This system does not say.
    #[cfg_attr(
        all(target_os = "linux", not(test)),
        expect(dead_code, reason = "Linux always says; other systems do not")
    )]
    Unknown,
}

/// One signal that reached the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) signal: i32,
    pub(super) origin: Origin,
}

/// All signals of this thread are blocked; what was in force before is kept for the child.
pub(super) struct Held {
    mask: libc::sigset_t,
    sigchld: Disposition,
}

impl Held {
    /// Blocks every signal and makes sure that children can be waited for.
    #[expect(unsafe_code, reason = "signal masks and actions have no safe interface")]
    pub(super) fn hold() -> Self {
        let all = every_signal();
        // SAFETY: both sets are initialised; zeroes are a value of `sigaction`; SIG_DFL is a valid action.
        unsafe {
            let mut mask = all;
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, &raw mut mask);
            // With SIGCHLD ignored, which a process inherits, the kernel reaps children itself and nobody learns
            // how they ended.
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = libc::SIG_DFL;
            let mut before = action;
            libc::sigaction(libc::SIGCHLD, &raw const action, &raw mut before);
            let ignored = before.sa_sigaction == libc::SIG_IGN;
            Self { mask, sigchld: if ignored { Disposition::Ignored } else { Disposition::Default } }
        }
    }

    /// The mask that the gate was started with.
    pub(super) fn mask(&self) -> &libc::sigset_t {
        &self.mask
    }

    /// What the gate was started with for SIGCHLD.
    pub(super) fn sigchld(&self) -> Disposition {
        self.sigchld
    }

    /// The next signal, or `None` when `deadline` has passed.
    pub(super) fn next(&self, deadline: Option<Instant>) -> Option<Arrival> {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(crate::clock::monotonic()));
            match fetch(left) {
                Fetched::Arrival(arrival) => return Some(arrival),
                Fetched::Nothing if left == Some(Duration::ZERO) => return None,
                Fetched::Nothing => {}
            }
        }
    }
}

enum Fetched {
    Arrival(Arrival),
    /// The time passed, or a stop and continue interrupted the call.
    Nothing,
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "sigtimedwait has no safe interface")]
fn fetch(left: Option<Duration>) -> Fetched {
    let set = every_signal();
    let limit = left.map(|left| libc::timespec {
        tv_sec: libc::time_t::try_from(left.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(left.subsec_nanos().cast_signed()),
    });
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the pointers are to live values of the right types, or null where null means no limit; the sender's
    // PID is a valid field of every signal that a process sent.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let signal = libc::sigtimedwait(&raw const set, &raw mut info, limit);
        if signal < 1 {
            return Fetched::Nothing;
        }
        // SI_USER, SI_QUEUE, SI_TKILL and the like are 0 or negative: sigaction(2). The kernel's own are positive.
        let origin =
            if info.si_code > 0 { Origin::Kernel } else { Origin::Process(Pid::from_raw(info.si_pid())) };
        Fetched::Arrival(Arrival { signal, origin })
    }
}

/// Fallback elsewhere: `sigwait` tells the signal and not who sent it, and knows no limit. The limit is a timer
/// whose SIGALRM ends the wait, so an alarm that the gate inherited is lost when `--timeout` is given.
#[cfg(not(target_os = "linux"))]
#[expect(unsafe_code, reason = "sigwait has no safe interface")]
fn fetch(left: Option<Duration>) -> Fetched {
    extern "C" fn nothing(_signal: libc::c_int) {}
    let set = every_signal();
    // SAFETY: the pointers are to live values of the right types; the handler touches nothing. BSD kernels drop a
    // signal whose default is to be ignored even when it is blocked, so SIGCHLD needs a handler to be queued.
    unsafe {
        libc::signal(libc::SIGCHLD, nothing as extern "C" fn(libc::c_int) as libc::sighandler_t);
        if let Some(left) = left.map(|left| left.max(Duration::from_micros(1))) {
            let mut timer: libc::itimerval = std::mem::zeroed();
            timer.it_value.tv_sec = libc::time_t::try_from(left.as_secs()).unwrap_or(libc::time_t::MAX);
            timer.it_value.tv_usec = libc::suseconds_t::try_from(left.subsec_micros()).unwrap_or(0);
            libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut());
        }
        let mut signal = 0;
        if libc::sigwait(&raw const set, &raw mut signal) != 0 || (signal == libc::SIGALRM && left.is_some())
        {
            return Fetched::Nothing;
        }
        Fetched::Arrival(Arrival { signal, origin: Origin::Unknown })
    }
}

#[expect(unsafe_code, reason = "signal sets have no safe interface")]
fn every_signal() -> libc::sigset_t {
    // SAFETY: zeroes are a value of `sigset_t`, and `sigfillset` initialises it.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&raw mut set);
        set
    }
}

/// Whether a signal that reached the gate goes to the child too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Send it to the child.
    PassOn,
    /// The child has it already, sent it itself, or it concerns the gate alone.
    Keep,
}

/// Whether the gate leads its session, and so gets the terminal's hang-up alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    /// It is the session leader (the program of a terminal window, of a container, of `ssh host command`).
    Leader,
    /// It is not.
    Member,
}

/// Decides what to do with a signal other than SIGCHLD and SIGCONT.
///
/// With `env` in our place every signal would reach the command, so the question is only whether it has it already.
/// The kernel sends keys and window changes to the whole foreground group, of which the child is a member. A process
/// that signals the whole group (`kill %1`, `kill -TERM -PGID`) looks exactly like one that signals us alone: the
/// child then gets the signal twice, which is the lesser evil - dropping it would lose `kill PID` from a script.
pub(super) fn route(arrival: Arrival, child: Pid, seat: Seat) -> Route {
    match (arrival.origin, arrival.signal) {
        // A command that signals its parent (`kill $PPID`) would be answered with its own signal.
        (Origin::Process(sender), _) if sender == Some(child) => Route::Keep,
        (Origin::Process(_), _) => Route::PassOn,
        // alarm(2) survives `execve` and not `fork`: `perl -e 'alarm 9; exec @ARGV' remgate ...` must still work.
        (Origin::Kernel, libc::SIGALRM) => Route::PassOn,
        (Origin::Kernel, libc::SIGHUP) if seat == Seat::Leader => Route::PassOn,
        (Origin::Kernel, _) => Route::Keep,
        // Most of these come from the keyboard, and the child has them.
        (Origin::Unknown, libc::SIGINT | libc::SIGQUIT | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU) => {
            Route::Keep
        }
        (Origin::Unknown, libc::SIGWINCH | libc::SIGPIPE) => Route::Keep,
        (Origin::Unknown, _) => Route::PassOn,
    }
}

/// Sends `signal` to one process. A process that is gone, or not ours to signal, is not an error here.
#[expect(unsafe_code, reason = "the safe interface knows no real-time signals")]
pub(super) fn send(to: Pid, signal: i32) {
    // SAFETY: kill(2) touches no memory. A child's PID stays its own until it is waited for.
    unsafe { libc::kill(to.as_raw_nonzero().get(), signal) };
}

/// Lets `signal` do to the gate what it does to a program without a handler: stop it, or end it.
///
/// Returns when the gate was continued, or when the system does not let the signal act (the first process of a
/// container is not killed by its own signals; a group without a shell is not stopped by SIGTSTP).
#[expect(unsafe_code, reason = "signal masks and actions have no safe interface")]
pub(super) fn suffer(signal: i32) {
    // SAFETY: the set is initialised before use; SIG_DFL is a valid action; getpid is ourselves.
    unsafe {
        let mut only: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut only);
        libc::sigaddset(&raw mut only, signal);
        libc::signal(signal, libc::SIG_DFL);
        libc::kill(libc::getpid(), signal);
        // Unblocking after sending: the signal acts at once, and before this function returns.
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const only, std::ptr::null_mut());
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const only, std::ptr::null_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: who sent it, which, where we sit, and what becomes of it.
    #[test]
    fn the_routing_table() {
        use Route::{Keep, PassOn};
        use Seat::{Leader, Member};
        let (child, other) = (Pid::from_raw(100).unwrap(), Pid::from_raw(200));
        let (kernel, outside, unknown) = (Origin::Kernel, Origin::Process(None), Origin::Unknown);
        let table = [
            (Origin::Process(other), libc::SIGTERM, Member, PassOn),
            (Origin::Process(other), libc::SIGINT, Member, PassOn),
            (Origin::Process(other), libc::SIGTSTP, Member, PassOn),
            (Origin::Process(other), 64, Member, PassOn),
            (outside, libc::SIGTERM, Leader, PassOn),
            (Origin::Process(Some(child)), libc::SIGTERM, Member, Keep),
            (Origin::Process(Some(child)), libc::SIGUSR1, Leader, Keep),
            (kernel, libc::SIGINT, Member, Keep),
            (kernel, libc::SIGINT, Leader, Keep),
            (kernel, libc::SIGQUIT, Member, Keep),
            (kernel, libc::SIGTSTP, Member, Keep),
            (kernel, libc::SIGWINCH, Leader, Keep),
            (kernel, libc::SIGHUP, Member, Keep),
            (kernel, libc::SIGHUP, Leader, PassOn),
            (kernel, libc::SIGALRM, Member, PassOn),
            (kernel, libc::SIGPIPE, Member, Keep),
            (kernel, libc::SIGXCPU, Member, Keep),
            (unknown, libc::SIGTERM, Member, PassOn),
            (unknown, libc::SIGHUP, Member, PassOn),
            (unknown, libc::SIGINT, Member, Keep),
            (unknown, libc::SIGTSTP, Member, Keep),
        ];
        for (origin, signal, seat, expected) in table {
            assert_eq!(
                route(Arrival { signal, origin }, child, seat),
                expected,
                "{origin:?} {signal} {seat:?}"
            );
        }
    }

    /// Signals to one thread, so that the other tests' threads are not touched.
    #[test]
    #[expect(unsafe_code, reason = "signals to one thread have no safe interface")]
    fn held_signals_are_fetched_with_their_sender_and_waiting_has_an_end() {
        let held = Held::hold();
        // SAFETY: the thread is the running one.
        unsafe { libc::pthread_kill(libc::pthread_self(), libc::SIGUSR2) };
        let soon = crate::clock::monotonic() + Duration::from_secs(10);
        let arrival = held.next(Some(soon)).unwrap();
        let us = Origin::Process(Some(rustix::process::getpid()));
        assert_eq!(arrival, Arrival { signal: libc::SIGUSR2, origin: us });
        let began = crate::clock::monotonic();
        assert_eq!(held.next(Some(began + Duration::from_millis(30))), None);
        assert!(began.elapsed() >= Duration::from_millis(30));
    }
}
