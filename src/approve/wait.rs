//! Waiting for people who are elsewhere.
//!
//! In: how long, and what to look at. Out: what the look found, or why the wait ended before. Never: a busy loop, or a
//! signal lost on its way to whatever comes after the wait.

use super::deadline::Deadline;
use super::prompt::{Whom, stop};
use super::wake::Wake;
use nix::sys::signal::Signal;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// Between two looks. People take seconds at least; a look is a short listing.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What a wait came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited<T> {
    /// A look found it.
    Found(T),
    /// Nothing in time.
    InVain,
    /// Whoever asked left: Ctrl-C, or another signal that ends programs.
    Left(i32),
}

/// Looks again and again, until a look finds something, `limit` is over, or a signal comes. Each look is told how much
/// time is left.
///
/// # Errors
/// What a look failed with, or the signals cannot be held back.
pub fn wait<T, E: From<io::Error>>(
    limit: Duration,
    mut look: impl FnMut(Duration) -> Result<Option<T>, E>,
) -> Result<Waited<T>, E> {
    let deadline = Deadline::after(limit);
    let mut wake = Wake::arm()?;
    loop {
        let left = deadline.left();
        if let Some(found) = look(left)? {
            return Ok(Waited::Found(found));
        }
        if left.is_zero() {
            return Ok(Waited::InVain);
        }
        sleep(&wake, LOOK_AGAIN.min(left));
        match wake.take() {
            None => {}
            Some(signal) if signal == Signal::SIGCONT as i32 => {}
            Some(signal) if signal == Signal::SIGTSTP as i32 => {
                // Dropped first: a signal that is held back would not stop us.
                drop(wake);
                stop(Whom::Us);
                wake = Wake::arm()?;
            }
            Some(signal) => return Ok(Waited::Left(signal)),
        }
    }
}

/// Until a signal comes, or the time is over.
#[cfg(target_os = "linux")]
fn sleep(wake: &Wake, most: Duration) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let most = Timespec { tv_sec: most.as_secs().cast_signed(), tv_nsec: most.subsec_nanos().into() };
    let fd = wake.as_fd();
    // Interrupted or not, the next look tells.
    let _ = poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&most));
}

/// Elsewhere a handler interrupts the sleep.
#[cfg(not(target_os = "linux"))]
fn sleep(_: &Wake, most: Duration) {
    std::thread::sleep(most);
}
