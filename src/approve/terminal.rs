//! The terminal that is asked at.
//!
//! In: the device. Out: bytes and signals as they come, text as it goes. Never: standard input (an agent owns that),
//! input from before the question, a wait without end, or a terminal left in our state - whichever way the prompt
//! ends, the settings found are the settings left.

use super::wake::Wake;
use crate::clock;
use crate::report::Look;
use crate::report::question::Screen;
use rustix::event::PollFlags;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector, SpecialCodeIndex, Termios,
};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where to ask, and how it looks there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    device: PathBuf,
    look: Look,
}

impl Terminal {
    /// The controlling terminal. It is opened only when somebody must be asked.
    #[must_use]
    pub fn controlling(look: Look) -> Self {
        Self { device: PathBuf::from("/dev/tty"), look }
    }

    /// How it looks.
    #[must_use]
    pub fn look(&self) -> Look {
        self.look
    }
}

/// How long a hang-up's signal may be on its way; whoever is not in the terminal's foreground gets none.
const HANG_UP: Duration = Duration::from_millis(200);
/// Between two looks for it.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// What a wait came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Somebody typed.
    Typed(Vec<u8>),
    /// The other end is gone.
    HungUp,
    /// A signal came.
    Signal(i32),
    /// Nothing happened in time.
    Quiet,
}

/// The terminal in the prompt's state. Dropping it restores what was found.
#[derive(Debug)]
pub(super) struct Tty {
    device: OwnedFd,
    found: Termios,
    // Dropped after `Tty::drop` ran: signals are held back until the terminal is itself again.
    wake: Wake,
}

impl Tty {
    /// Opens the terminal, and takes it over once we are in its foreground.
    ///
    /// In the background this stops us with SIGTTOU as it would any program (`fg` goes on). Where that signal cannot
    /// stop us - ignored, or nobody's job - the answer is an error and not a hang.
    pub(super) fn open(terminal: &Terminal) -> Result<Self, Errno> {
        // Non-blocking, on a description of our own: a terminal stopped with Ctrl-S must not outlast the time limit.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let device = rustix::fs::open(&terminal.device, flags, Mode::empty())?;
        // Job control checks this call. It comes before reading the settings, which in the background would be those
        // of whoever is in the foreground.
        rustix::termios::tcflush(&device, QueueSelector::IFlush)?;
        if !is_foreground(device.as_fd()) {
            return Err(Errno::IO);
        }
        let wake = Wake::arm().map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        let found = rustix::termios::tcgetattr(&device)?;
        let tty = Self { device, found, wake };
        tty.set(&for_prompt(&tty.found))?;
        tty.drop_type_ahead()?;
        Ok(tty)
    }

    /// Forgets everything typed so far: once when we take over, and again when the question is on the screen.
    pub(super) fn drop_type_ahead(&self) -> Result<(), Errno> {
        rustix::termios::tcflush(&self.device, QueueSelector::IFlush)?;
        let mut dropped = [0; 256];
        loop {
            match rustix::io::read(&self.device, &mut dropped) {
                Ok(0) | Err(Errno::AGAIN) => return Ok(()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// How much room there is.
    pub(super) fn screen(&self, look: Look) -> Screen {
        match rustix::termios::tcgetwinsize(&self.device) {
            Ok(size) => Screen::new(size.ws_col, size.ws_row, look),
            Err(_) => Screen::new(0, 0, look),
        }
    }

    /// Waits for whatever comes first, at most until `until`.
    pub(super) fn wait(&self, until: Instant) -> Event {
        match self.ready(PollFlags::IN, until) {
            Ready::Signal => self.wake.take().map_or(Event::Quiet, Event::Signal),
            Ready::Terminal => self.read(),
            Ready::Nothing => Event::Quiet,
            Ready::Broken => self.hung_up(),
        }
    }

    /// The other end is gone. Its SIGHUP may still be on its way: it would end the gate between the prompt and the record
    /// of how that ended, so it is waited for and taken.
    fn hung_up(&self) -> Event {
        let until = clock::monotonic() + HANG_UP;
        while self.wake.take() != Some(nix::sys::signal::Signal::SIGHUP as i32) && clock::monotonic() < until
        {
            std::thread::sleep(LOOK_AGAIN);
        }
        Event::HungUp
    }

    fn read(&self) -> Event {
        let mut bytes = [0; 64];
        match rustix::io::read(&self.device, &mut bytes) {
            // Without canonical mode there is no end of file but a terminal that is gone.
            Ok(0) => self.hung_up(),
            Ok(count) => Event::Typed(bytes.iter().take(count).copied().collect()),
            Err(Errno::AGAIN | Errno::INTR) => Event::Quiet,
            Err(_) => self.hung_up(),
        }
    }

    /// Writes all of `text`, or tells what kept it from the screen.
    pub(super) fn write(&self, text: &str, until: Instant) -> Result<(), Event> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match rustix::io::write(&self.device, rest) {
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => match self.ready(PollFlags::OUT, until) {
                    Ready::Terminal => {}
                    Ready::Signal => return Err(self.wake.take().map_or(Event::Quiet, Event::Signal)),
                    Ready::Nothing => return Err(Event::Quiet),
                    Ready::Broken => return Err(self.hung_up()),
                },
                Err(_) => return Err(self.hung_up()),
            }
        }
        Ok(())
    }

    fn ready(&self, wanted: PollFlags, until: Instant) -> Ready {
        let left = until.saturating_duration_since(clock::monotonic());
        ready(self.device.as_fd(), wanted, self.wake.as_fd(), left)
    }

    fn set(&self, settings: &Termios) -> Result<(), Errno> {
        // Not `Flush` or `Drain`: both wait for the output, for ever on a stopped line.
        rustix::termios::tcsetattr(&self.device, OptionalActions::Now, settings)
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // In the background the settings are somebody else's by now, and setting them would stop us.
        if is_foreground(self.device.as_fd()) {
            // What was typed beyond the answer was meant for the prompt, not for the command or the shell after it.
            let _ = rustix::termios::tcflush(&self.device, QueueSelector::IFlush);
            let _ = self.set(&self.found);
        }
    }
}

/// Which side of a wait is ready.
enum Ready {
    Signal,
    Terminal,
    Nothing,
    Broken,
}

/// Signals win: what they ask for must not wait behind a flood of keys.
#[cfg(target_os = "linux")]
fn ready(terminal: BorrowedFd<'_>, wanted: PollFlags, wake: BorrowedFd<'_>, left: Duration) -> Ready {
    use rustix::event::{PollFd, Timespec, poll};
    let left = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
    let mut both =
        [PollFd::from_borrowed_fd(wake, PollFlags::IN), PollFd::from_borrowed_fd(terminal, wanted)];
    match poll(&mut both, Some(&left)) {
        Ok(_) => {}
        Err(Errno::INTR) => return Ready::Nothing,
        Err(_) => return Ready::Broken,
    }
    let [wake, terminal] = both.map(|one| one.revents());
    if wake.contains(PollFlags::IN) {
        Ready::Signal
    } else if terminal.intersects(wanted) {
        Ready::Terminal
    } else if terminal.is_empty() {
        Ready::Nothing
    } else {
        Ready::Broken
    }
}

/// `poll` does not know terminals on macOS; `select` does.
#[cfg(not(target_os = "linux"))]
fn ready(terminal: BorrowedFd<'_>, wanted: PollFlags, wake: BorrowedFd<'_>, left: Duration) -> Ready {
    use nix::sys::select::{FdSet, select};
    use nix::sys::time::{TimeVal, TimeValLike};
    let (mut reading, mut writing) = (FdSet::new(), FdSet::new());
    reading.insert(wake);
    if wanted.contains(PollFlags::OUT) {
        writing.insert(terminal)
    } else {
        reading.insert(terminal)
    }
    let mut left = TimeVal::milliseconds(i64::try_from(left.as_millis()).unwrap_or(i64::MAX));
    match select(None, &mut reading, &mut writing, None, &mut left) {
        Ok(_) if reading.contains(wake) => Ready::Signal,
        Ok(_) if reading.contains(terminal) || writing.contains(terminal) => Ready::Terminal,
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ready::Nothing,
        Err(_) => Ready::Broken,
    }
}

fn is_foreground(device: BorrowedFd<'_>) -> bool {
    // nix for our own group: it is 0 where the group's leader stands outside of our container, and rustix has no such id.
    rustix::termios::tcgetpgrp(device)
        .is_ok_and(|group| group.as_raw_pid() == nix::unistd::getpgrp().as_raw())
}

/// Every key at once, none echoed, none a signal; output with plain line ends, whatever the program before us left.
fn for_prompt(found: &Termios) -> Termios {
    let mut wanted = found.clone();
    wanted.local_modes -=
        LocalModes::ICANON | LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG | LocalModes::IEXTEN;
    wanted.input_modes -= InputModes::IXON
        | InputModes::ICRNL
        | InputModes::INLCR
        | InputModes::IGNCR
        | InputModes::BRKINT
        | InputModes::PARMRK
        | InputModes::ISTRIP;
    wanted.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    wanted.special_codes[SpecialCodeIndex::VMIN] = 1;
    wanted.special_codes[SpecialCodeIndex::VTIME] = 0;
    wanted
}
