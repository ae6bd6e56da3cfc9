//! A pseudo-terminal with the gate behind it, as under `sshd`: a session of its own whose controlling terminal is ours.

use crate::house::{House, Seen};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fd::OwnedFd;
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Nothing here takes long; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gate at a terminal.
pub(crate) struct Session {
    master: Option<Arc<OwnedFd>>,
    child: Child,
    screen: Arc<Mutex<Vec<u8>>>,
    /// Set when the other side is closed and all that it wrote was read.
    drained: Arc<AtomicBool>,
}

impl Session {
    /// Starts the gate with `words` at a new terminal.
    pub(crate) fn start(house: &House, words: &[&str]) -> Self {
        Self::start_with(house, &[], words)
    }

    /// The same with variables in its environment.
    pub(crate) fn start_with(house: &House, variables: &[(&str, &str)], words: &[&str]) -> Self {
        let master =
            rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        rustix::pty::grantpt(&master).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&master, size).unwrap();
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let device = rustix::pty::ioctl_tiocgptpeer(&master, flags).unwrap();
        let end = || Stdio::from(device.try_clone().unwrap());
        // setsid(1) makes a session and takes its standard input for the controlling terminal.
        let mut command = house.clean("setsid");
        command.args(["--ctty", "--wait", env!("CARGO_BIN_EXE_remgate")]).args(words);
        command.env("TERM", "xterm").env("NO_COLOR", "1").envs(variables.iter().copied());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        drop(command);
        drop(device);
        let (master, screen, drained) = (Arc::new(master), Arc::default(), Arc::default());
        follow(&master, Arc::clone(&screen), Arc::clone(&drained));
        Self { master: Some(master), child, screen, drained }
    }

    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    fn wait_until(&self, what: &str, there: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !there(&self.screen()) {
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}; the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the question stands there, and gives the code that it wants.
    pub(crate) fn code(&self) -> String {
        self.code_to("run it once")
    }

    /// The same for another question: what its code does.
    pub(crate) fn code_to(&self, does: &str) -> String {
        let typing = &format!("Enter to {does}");
        self.wait_until("the question", |screen| {
            screen.split_once(typing.as_str()).is_some_and(|(_, after)| after.contains("code:"))
        });
        // What was typed before the question is thrown away right after its last line is drawn.
        std::thread::sleep(Duration::from_millis(100));
        let screen = self.screen();
        let (_, after) = screen.rsplit_once("Type").unwrap();
        after.trim_start().trim_start_matches('[').chars().take(4).collect()
    }

    /// Waits until this text was on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contains(text));
    }

    pub(crate) fn send(&self, keys: &str) {
        rustix::io::write(self.master.as_ref().unwrap(), keys.as_bytes()).unwrap();
    }

    /// Closes our side, as a lost connection does.
    pub(crate) fn hang_up(&mut self) {
        self.master = None;
    }

    /// Waits for the gate's end.
    pub(crate) fn end(mut self) -> Seen {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("the gate hangs; the screen:\n{}", self.screen());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        // The last words are still on their way through the terminal. A child that lives on may hold it open.
        let began = Instant::now();
        while !self.drained.load(Ordering::Acquire) && began.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = std::process::Output { status, stdout: self.screen().into_bytes(), stderr: Vec::new() };
        crate::house::seen(&output)
    }
}

/// Collects what reaches the screen. Holds the master weakly: `hang_up` must close the only copy.
fn follow(master: &Arc<OwnedFd>, screen: Arc<Mutex<Vec<u8>>>, drained: Arc<AtomicBool>) {
    let weak = Arc::downgrade(master);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Some(master) = weak.upgrade() {
            let mut one = [PollFd::new(&*master, PollFlags::IN)];
            let moment = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            if rustix::event::poll(&mut one, Some(&moment)).unwrap() == 0 {
                continue;
            }
            match rustix::io::read(&*master, &mut bytes) {
                Ok(count) => screen.lock().unwrap().extend_from_slice(&bytes[..count]),
                // The other side is closed.
                Err(_) => {
                    drained.store(true, Ordering::Release);
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
        drained.store(true, Ordering::Release);
    });
}
