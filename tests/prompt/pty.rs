//! A pseudo-terminal with a process of this very test binary behind it.
//!
//! The child is a session leader whose controlling terminal is ours, exactly as under `sshd` or a terminal emulator;
//! in the part of `shell` it starts the asking process as a job of its own, as an interactive shell does.

use remgate::actor::Mode;
use remgate::approve::{self, Agreed, Answer, Demand, GrantKind, Terminal, seek};
use remgate::clock;
use remgate::report::question::Question;
use remgate::report::waiting::{Live, Waiting};
use remgate::report::{Asked, Asking, Colour, Cursor, Look, Messages, Voice};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode as FileMode, OFlags};
use rustix::process::{Pid, Signal, WaitOptions};
use rustix::pty::OpenptFlags;
use rustix::termios::{Action, LocalModes, Winsize};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Nothing here takes long; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the child plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Asks at its controlling terminal.
    Asker,
    /// Asks without any terminal.
    Homeless,
    /// Starts an asker as a foreground job.
    Shell,
    /// Starts an asker as a background job, and brings it to the foreground when it stopped.
    ShellBackground,
    /// Starts an asker as a background job that ignores the terminal's stop signals.
    ShellDeaf,
    /// Tells on standard error how a wait for approvals stands.
    Waiter,
}

impl Part {
    const ALL: [Part; 6] =
        [Part::Asker, Part::Homeless, Part::Shell, Part::ShellBackground, Part::ShellDeaf, Part::Waiter];

    fn word(self) -> String {
        format!("{self:?}")
    }
}

/// A session on a terminal of our making.
pub(crate) struct Session {
    master: Option<Arc<OwnedFd>>,
    /// The terminal's other end, kept open so that nothing set on it is lost between two openings.
    peer: OwnedFd,
    child: Child,
    screen: Arc<Mutex<Vec<u8>>>,
    report: tempfile::NamedTempFile,
}

/// How a session is set up.
pub(crate) struct Setup {
    pub(crate) part: Part,
    pub(crate) asking: Asking,
    pub(crate) columns: u16,
    pub(crate) rows: u16,
    pub(crate) limit: Duration,
    pub(crate) words: Vec<Vec<u8>>,
    /// Typed before the process even starts.
    pub(crate) type_ahead: &'static [u8],
    pub(crate) variables: Vec<(&'static str, &'static str)>,
    pub(crate) output: Output,
}

/// Whether the terminal takes text from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Flows,
    /// As after Ctrl-S, until `Session::let_output_flow`.
    Stopped,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            part: Part::Asker,
            asking: Asking::Confirm,
            columns: 80,
            rows: 24,
            limit: Duration::from_secs(60),
            words: ["kubectl", "delete", "pod", "web-0", "-n", "shop"]
                .map(|word| word.as_bytes().to_vec())
                .to_vec(),
            type_ahead: b"",
            variables: vec![("TERM", "xterm"), ("NO_COLOR", "1")],
            output: Output::Flows,
        }
    }
}

impl Setup {
    pub(crate) fn start(self) -> Session {
        let master =
            rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        rustix::pty::grantpt(&master).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let device = rustix::pty::ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let size = Winsize { ws_row: self.rows, ws_col: self.columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&master, size).unwrap();
        rustix::io::write(&master, self.type_ahead).unwrap();
        let peer = rustix::pty::ioctl_tiocgptpeer(&master, OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        if self.output == Output::Stopped {
            rustix::termios::tcflow(&peer, Action::OOff).unwrap();
        }
        let report = tempfile::NamedTempFile::new().unwrap();
        let mut command = this_binary();
        command
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env("REMGATE_TEST_PART", self.part.word())
            .env("REMGATE_TEST_DEVICE", device)
            .env("REMGATE_TEST_REPORT", report.path())
            .env("REMGATE_TEST_LIMIT_MS", self.limit.as_millis().to_string())
            .env("REMGATE_TEST_ASKING", word_of(&self.asking))
            .env("REMGATE_TEST_WORDS", hex(&self.words))
            .envs(self.variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        let child = command.spawn().unwrap();
        let (master, screen) = (Arc::new(master), Arc::default());
        follow(Arc::clone(&master), Arc::clone(&screen));
        Session { master: Some(master), peer, child, screen, report }
    }
}

/// Everything that reaches the screen, until the terminal is gone. Holds the master weakly: `hang_up` must close it.
fn follow(master: Arc<OwnedFd>, screen: Arc<Mutex<Vec<u8>>>) {
    let weak = Arc::downgrade(&master);
    drop(master);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        loop {
            let Some(master) = weak.upgrade() else { return };
            let mut one = [rustix::event::PollFd::new(&*master, rustix::event::PollFlags::IN)];
            let moment = rustix::event::Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            if rustix::event::poll(&mut one, Some(&moment)).unwrap() == 0 {
                continue;
            }
            match rustix::io::read(&*master, &mut bytes) {
                Ok(count) => screen.lock().unwrap().extend_from_slice(&bytes[..count]),
                // No slave is open (yet, or any more).
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    });
}

impl Session {
    /// Everything seen so far.
    pub(crate) fn screen(&self) -> String {
        String::from_utf8(self.screen.lock().unwrap().clone()).expect("the screen got bytes that are no text")
    }

    /// The same, for when the session is over.
    pub(crate) fn screen_later(&self) -> impl Fn() -> String + use<> {
        let screen = Arc::clone(&self.screen);
        move || String::from_utf8(screen.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), || self.screen().contains(text));
    }

    fn wait_until(&self, what: &str, there: impl Fn() -> bool) {
        let start = clock::monotonic();
        while !there() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}; the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the question stands there and type-ahead is dropped, and gives the code of the last showing.
    pub(crate) fn code(&self, showings: usize) -> String {
        self.wait_until("the typing line", || {
            self.screen().matches("and Enter to").count() == showings
                && self.screen().rsplit("and Enter to").next().unwrap().contains("code:")
        });
        // The input queue is emptied right after the typing line is written.
        std::thread::sleep(Duration::from_millis(100));
        let screen = self.screen();
        let (_, after) = screen.rsplit_once("Type").unwrap();
        after.trim_start().trim_start_matches('[').chars().take(4).collect()
    }

    pub(crate) fn send(&self, keys: impl AsRef<[u8]>) {
        let mut rest = keys.as_ref();
        while !rest.is_empty() {
            let written = rustix::io::write(self.master(), rest).unwrap();
            rest = &rest[written..];
        }
    }

    /// As when somebody drags the window's edge.
    pub(crate) fn resize(&self, columns: u16) {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(self.master(), size).unwrap();
    }

    fn master(&self) -> &OwnedFd {
        self.master.as_deref().expect("the terminal is still there")
    }

    /// Until the prompt has taken the terminal over.
    pub(crate) fn wait_for_raw(&self) {
        self.wait_until("the prompt's settings", || {
            let settings = rustix::termios::tcgetattr(self.master()).unwrap();
            !settings.local_modes.contains(LocalModes::ICANON)
        });
    }

    pub(crate) fn let_output_flow(&self) {
        rustix::termios::tcflow(&self.peer, Action::OOn).unwrap();
    }

    /// Closes our side, as a lost connection does.
    pub(crate) fn hang_up(&mut self) {
        self.master = None;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// What the child reported, one line each.
    pub(crate) fn report(mut self) -> Vec<String> {
        let start = clock::monotonic();
        while self.child.try_wait().unwrap().is_none() {
            if start.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("the child hangs; the screen:\n{}", self.screen());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let text = std::fs::read_to_string(self.report.path()).unwrap();
        assert!(!text.is_empty(), "the child died without a report; the screen:\n{}", self.screen());
        text.lines().map(str::to_owned).collect()
    }
}

/// The other side: called in the child alone.
pub(crate) fn play() {
    let part = std::env::var("REMGATE_TEST_PART").expect("this is the child of the other tests");
    let part = Part::ALL.into_iter().find(|known| known.word() == part).unwrap();
    if std::env::var_os("REMGATE_TEST_JOB").is_some() {
        let device = open_device();
        // A real shell's child takes the foreground itself before exec; ours waits until its shell has given it.
        while part == Part::Shell
            && rustix::termios::tcgetpgrp(&device).unwrap() != rustix::process::getpgrp()
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        return ask(Some(device));
    }
    rustix::process::setsid().unwrap();
    match part {
        Part::Homeless => ask(None),
        Part::Asker => ask(Some(open_device())),
        Part::Shell | Part::ShellBackground | Part::ShellDeaf => shell(part),
        Part::Waiter => wait_for_approvals(),
    }
}

/// The first terminal that a session leader opens becomes its controlling terminal.
fn open_device() -> OwnedFd {
    let path = std::env::var("REMGATE_TEST_DEVICE").unwrap();
    let device = rustix::fs::open(path, OFlags::RDWR | OFlags::CLOEXEC, FileMode::empty()).unwrap();
    let _ = rustix::process::ioctl_tiocsctty(&device);
    device
}

fn tell(line: &str) {
    use std::io::Write;
    let path = std::env::var("REMGATE_TEST_REPORT").unwrap();
    let mut report = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    report.write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn settings(device: &OwnedFd) -> String {
    rustix::termios::tcgetattr(device).map_or_else(|_| "gone".to_owned(), |found| format!("{found:?}"))
}

fn ask(device: Option<OwnedFd>) {
    let deaf = std::env::var("REMGATE_TEST_PART").unwrap() == Part::ShellDeaf.word();
    let before = device.as_ref().map(settings);
    let limit = std::env::var("REMGATE_TEST_LIMIT_MS").unwrap().parse().unwrap();
    let words = unhex(&std::env::var("REMGATE_TEST_WORDS").unwrap());
    let limit = Duration::from_millis(limit);
    let look = Look::choose(|name| std::env::var_os(name), remgate::actor::Presence::Present);
    let terminal = Terminal::controlling(look);
    match std::env::var("REMGATE_TEST_ASKING").unwrap().as_str() {
        "confirm" => seek_grant(&question(words, limit), &terminal),
        word => agree(&of_request(words, limit, asking(word, limit)), &terminal),
    }
    if let (Some(device), Some(before), false) = (&device, &before, deaf) {
        tell(compare(device, before));
    }
}

/// Tells the same until a second person approved, which the other side says with a line.
fn wait_for_approvals() {
    let device = open_device();
    rustix::stdio::dup2_stderr(&device).unwrap();
    let voice = Voice { messages: Messages::Text, status_fd: None };
    let mut live = Live::stderr(voice, Look { colour: Colour::Off, cursor: Cursor::Moves });
    let mut waiting = Waiting {
        id: "7f3k2m9qv0ab".to_owned(),
        have: vec!["alice".to_owned()],
        people: 2,
        missing_people: 1,
        missing_groups: vec!["dba".to_owned()],
        left: Duration::from_secs(271),
    };
    let mut line = [0; 16];
    for person in ["bob", ""] {
        live.tell(&waiting);
        let _ = rustix::io::read(&device, &mut line).unwrap();
        waiting.have.push(person.to_owned());
        waiting.missing_people = 0;
        waiting.missing_groups.clear();
    }
    drop(live);
    tell("waited");
}

fn agree(question: &Question, terminal: &Terminal) {
    match approve::ask(question, &crate::sample::human(), terminal) {
        Ok(Agreed { .. }) => tell("agreed"),
        Err(reason) => tell(&format!("{reason:?}")),
    }
}

fn seek_grant(question: &Question, terminal: &Terminal) {
    match seek(Demand::OneHuman, &crate::sample::human(), Mode::Interactive, question, terminal) {
        Answer::Granted(grant) => match grant.kind() {
            GrantKind::Confirmed { by } => tell(&format!("granted by {by}")),
            GrantKind::NotNeeded => tell("granted unasked"),
            GrantKind::Approved { .. } | GrantKind::BrokenGlass { .. } => tell("granted by signature"),
        },
        Answer::Refused(refusal) => tell(&format!("{:?} {}", refusal.reason(), refusal.exit_code())),
    }
}

/// A shell with job control, as small as one can be.
fn shell(part: Part) {
    use nix::sys::signal::{SigSet, Signal as Number};
    let device = open_device();
    let before = settings(&device);
    let mut job = job_command(part);
    #[expect(clippy::zombie_processes, reason = "waited for below, by a call that also tells of stops")]
    let child = job.process_group(0).spawn().unwrap();
    let job = Pid::from_raw(child.id().cast_signed()).unwrap();
    // A shell takes its terminal back from the background, which would stop anybody else.
    SigSet::from(Number::SIGTTOU).thread_block().unwrap();
    if part == Part::Shell {
        rustix::termios::tcsetpgrp(&device, job).unwrap();
    }
    loop {
        let (_, status) = rustix::process::waitpid(Some(job), WaitOptions::UNTRACED).unwrap().unwrap();
        let Some(signal) = status.stopping_signal() else { break };
        rustix::termios::tcsetpgrp(&device, rustix::process::getpgrp()).unwrap();
        let restored = compare(&device, &before);
        tell(&format!("stopped by {:?}, {restored}", Number::try_from(signal).unwrap()));
        rustix::termios::tcsetpgrp(&device, job).unwrap();
        rustix::process::kill_process_group(job, Signal::CONT).unwrap();
    }
    if part == Part::ShellDeaf {
        tell(compare(&device, &before));
    }
}

fn compare(device: &OwnedFd, before: &str) -> &'static str {
    match settings(device).as_str() {
        "gone" => "terminal gone",
        after if after == before => "terminal restored",
        _ => "terminal changed",
    }
}

fn job_command(part: Part) -> Command {
    let mut command = if part == Part::ShellDeaf { deaf_binary() } else { this_binary() };
    command.env("REMGATE_TEST_JOB", "1").stdin(Stdio::null()).stdout(Stdio::null());
    command
}

#[expect(clippy::disallowed_methods, reason = "a test starts itself again")]
fn this_binary() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// An ignored signal stays ignored through exec.
#[expect(clippy::disallowed_methods, reason = "a test starts itself again")]
fn deaf_binary() -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' TTOU TTIN; exec \"$@\"", "sh"]).arg(std::env::current_exe().unwrap());
    command
}

/// Words as hexadecimal: an environment variable holds neither NUL nor, for our reader, anything but text.
fn hex(words: &[Vec<u8>]) -> String {
    let one = |word: &Vec<u8>| word.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    words.iter().map(one).collect::<Vec<_>>().join(",")
}

fn unhex(text: &str) -> Vec<OsString> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.split(',').map(|word| OsString::from_vec(word.as_bytes().chunks(2).map(byte).collect())).collect()
}

fn word_of(asking: &Asking) -> &'static str {
    match asking {
        Asking::Confirm => "confirm",
        Asking::Approve { .. } => "approve",
        Asking::Reject => "reject",
        Asking::BreakGlass { .. } => "break the glass",
        Asking::Review => "review",
    }
}

fn asking(word: &str, left: Duration) -> Asking {
    let all = [
        Asking::Confirm,
        Asking::Approve { left, missing: 2 },
        Asking::Reject,
        Asking::BreakGlass { reason: "customers wait".to_owned() },
        Asking::Review,
    ];
    all.into_iter().find(|asking| word_of(asking) == word).unwrap()
}

/// A stored request for these words; those that are no text travel as base64, as in the inbox.
fn of_request(words: Vec<OsString>, limit: Duration, asking: Asking) -> Question {
    let mut request = crate::sample::request();
    let argv = words.iter().map(|word| remgate::journal::text(word)).collect();
    request.insert("argv".to_owned(), argv);
    Question { time_limit: limit, ..Question::of_request(&request, asking).unwrap() }
}

fn question(words: Vec<OsString>, limit: Duration) -> Question {
    Question { asked: Asked::Argv(words), time_limit: limit, ..crate::sample::question() }
}
