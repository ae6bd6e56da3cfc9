//! Signals during the prompt, as something that can be waited for together with the terminal.
//!
//! In: nothing. Out: signal numbers, one by one. Never: a signal lost on its way from the prompt to the command. On
//! Linux they are held back by the mask and read from a descriptor; what was not read when the prompt ends arrives
//! then, in the usual way.

use nix::sys::signal::Signal;

/// Those that would end or stop us with the terminal still in the prompt's state, and the one after a stop.
const HELD: [Signal; 6] =
    [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGTSTP, Signal::SIGCONT];

#[cfg(target_os = "linux")]
pub(super) use held_back::Wake;
#[cfg(not(target_os = "linux"))]
pub(super) use portable::Wake;

#[cfg(target_os = "linux")]
mod held_back {
    use super::HELD;
    use nix::sys::signal::{SigSet, SigmaskHow};
    use nix::sys::signalfd::{SfdFlags, SignalFd};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};

    /// Holds the signals back as long as it lives. The mask is this thread's: the gate has no other.
    #[derive(Debug)]
    pub(in super::super) struct Wake {
        before: SigSet,
        descriptor: SignalFd,
    }

    impl Wake {
        pub(in super::super) fn arm() -> io::Result<Self> {
            let held: SigSet = HELD.into_iter().collect();
            // The descriptor first: if it cannot be had, the mask is untouched.
            let descriptor = SignalFd::with_flags(&held, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
            let before = held.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
            Ok(Self { before, descriptor })
        }

        /// The next signal that came, if any.
        pub(in super::super) fn take(&self) -> Option<i32> {
            let info = self.descriptor.read_signal().ok()??;
            i32::try_from(info.ssi_signo).ok()
        }
    }

    impl AsFd for Wake {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.descriptor.as_fd()
        }
    }

    impl Drop for Wake {
        fn drop(&mut self) {
            // Fails only for a malformed mask, and this one came from the kernel.
            let _ = self.before.thread_set_mask();
        }
    }
}

/// Where there is no signal descriptor: handlers that write to a socket. Its weak point is named here: once dropped,
/// the handlers stay and do nothing, so a signal between the prompt's end and the moment when `run` installs its own
/// handlers is lost instead of ending the gate.
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(target_os = "linux", expect(unreachable_pub, reason = "compiled on Linux for its test alone"))]
mod portable {
    use super::HELD;
    use signal_hook::SigId;
    use std::io::{self, Read};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Catches the signals as long as it lives.
    #[derive(Debug)]
    pub struct Wake {
        socket: UnixStream,
        seen: Vec<(i32, Arc<AtomicBool>)>,
        handlers: Vec<SigId>,
    }

    impl Wake {
        /// Installs the handlers.
        pub fn arm() -> io::Result<Self> {
            let (socket, bell) = UnixStream::pair()?;
            socket.set_nonblocking(true)?;
            let mut wake = Self { socket, seen: Vec::new(), handlers: Vec::new() };
            for number in HELD.map(|signal| signal as i32) {
                let flag = Arc::new(AtomicBool::new(false));
                wake.handlers.push(signal_hook::flag::register(number, Arc::clone(&flag))?);
                wake.handlers.push(signal_hook::low_level::pipe::register(number, bell.try_clone()?)?);
                wake.seen.push((number, flag));
            }
            Ok(wake)
        }

        /// The next signal that came, if any.
        pub fn take(&self) -> Option<i32> {
            let _ = (&self.socket).read(&mut [0; 64]);
            let came = |(_, flag): &&(i32, Arc<AtomicBool>)| flag.swap(false, Ordering::SeqCst);
            self.seen.iter().find(came).map(|(number, _)| *number)
        }
    }

    impl AsFd for Wake {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.socket.as_fd()
        }
    }

    impl Drop for Wake {
        fn drop(&mut self) {
            for handler in self.handlers.drain(..) {
                signal_hook::low_level::unregister(handler);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// SIGCONT, because a handler that failed to catch it does no harm to the test runner.
        #[test]
        fn a_signal_wakes_and_is_told_once() {
            let wake = Wake::arm().unwrap();
            assert_eq!(wake.take(), None);
            nix::sys::signal::kill(nix::unistd::getpid(), nix::sys::signal::Signal::SIGCONT).unwrap();
            // Any thread of the test runner may be the one that takes it, so it comes when it comes.
            let patience = crate::clock::monotonic() + std::time::Duration::from_secs(10);
            let came = std::iter::repeat_with(|| wake.take())
                .take_while(|_| crate::clock::monotonic() < patience)
                .find_map(|number| number);
            assert_eq!(came, Some(nix::sys::signal::Signal::SIGCONT as i32));
            assert_eq!(wake.take(), None);
        }
    }
}
