//! What the gate was started with and Rust's own start-up hides.
//!
//! In: the process before `main`. Out: whether SIGPIPE was ignored, which of the descriptors 0, 1, 2 were closed.
//! Never: a change to any of it.
//!
//! The standard library sets SIGPIPE to ignored and opens `/dev/null` on closed standard descriptors before `main`.
//! A child that inherited that would notice the gate: `remgate -- yes | head -1` would end with an error message
//! instead of by SIGPIPE. So one function runs before the library's start-up and writes down what was there.

use std::sync::atomic::{AtomicU8, Ordering};

/// Bits 0..3: that descriptor was closed. Bit 3: SIGPIPE was ignored.
static AT_START: AtomicU8 = AtomicU8::new(0);
const SIGPIPE_IGNORED: u8 = 1 << 3;

/// Initialisers run before `main`; the linker collects them in this section.
#[expect(unsafe_code, reason = "a section of function pointers is part of the platform's ABI")]
#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static WRITE_DOWN: extern "C" fn() = write_down;

extern "C" fn write_down() {
    let mut seen = if sigpipe_ignored() { SIGPIPE_IGNORED } else { 0 };
    for descriptor in 0..3 {
        if is_closed(descriptor) {
            seen |= 1 << descriptor;
        }
    }
    AT_START.store(seen, Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "sigaction only reads here")]
fn sigpipe_ignored() -> bool {
    // SAFETY: `sigaction` is plain data, for which zeroes are a value; with a null action nothing is changed.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGPIPE, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

#[expect(
    unsafe_code,
    reason = "asks about a descriptor that may be closed, which no borrowed descriptor can be"
)]
fn is_closed(descriptor: i32) -> bool {
    // SAFETY: F_GETFD touches no memory and changes nothing.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) == -1 }
}

/// Whether the gate was started with SIGPIPE ignored.
pub(super) fn sigpipe() -> Disposition {
    if AT_START.load(Ordering::Relaxed) & SIGPIPE_IGNORED == 0 {
        Disposition::Default
    } else {
        Disposition::Ignored
    }
}

/// Which of 0, 1, 2 were closed when the gate was started.
pub(super) fn closed() -> impl Iterator<Item = i32> {
    let seen = AT_START.load(Ordering::Relaxed);
    (0..3).filter(move |descriptor| seen & (1 << descriptor) != 0)
}

/// What a process does with a signal that it has no handler for. Handlers never survive `execve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposition {
    /// The system's default action.
    Default,
    /// Ignored.
    Ignored,
}
