//! Job control as a person has it: an interactive bash on a terminal, keys typed, answers read.

use crate::stage::{self, Front, trial, until};
use libtest_mimic::Trial;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("job_control::ctrl_c_and_ctrl_backslash_end_the_command_as_under_env", keys),
        trial("job_control::each_key_reaches_the_command_once", keys_once),
        trial("job_control::ctrl_z_fg_bg_work_as_under_env", suspend),
        trial("job_control::a_command_that_stops_itself_is_a_stopped_job", self_stop),
        trial("job_control::kill_of_a_job_works_as_under_env", kill_job),
        trial("job_control::an_inner_shell_takes_and_returns_the_terminal", inner_shell),
        trial("job_control::hang_up_reaches_a_command_whose_front_leads_the_session", hang_up),
    ]
}

/// A program on a terminal of its own.
struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    shown: String,
}

/// Starts a program as the leader of a session on a new terminal; the file is the terminal's other side.
fn on_terminal(mut command: Command) -> (Child, File) {
    let (mut ours, mut theirs) = (0, 0);
    let null = std::ptr::null_mut();
    // SAFETY: both integers are live; no name, settings or size are given.
    let opened = unsafe { libc::openpty(&raw mut ours, &raw mut theirs, null, null.cast(), null.cast()) };
    assert_eq!(opened, 0);
    // SAFETY: openpty gave both descriptors to us.
    let (ours, theirs) = unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) };
    for descriptor in [&ours, &theirs] {
        rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC).unwrap();
    }
    command.stdin(theirs.try_clone().unwrap()).stdout(theirs.try_clone().unwrap()).stderr(theirs);
    // SAFETY: setsid and ioctl are safe between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            if libc::ioctl(0, libc::TIOCSCTTY, 0) == 0 {
                Ok(())
            } else {
                Err(std::io::Error::last_os_error())
            }
        });
    }
    (command.spawn().unwrap(), File::from(ours))
}

impl Terminal {
    fn start(command: Command) -> Self {
        let (child, keyboard) = on_terminal(command);
        let mut reader = keyboard.try_clone().unwrap();
        let (to, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if to.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, keyboard, screen, shown: String::new() }
    }

    fn bash() -> Self {
        let mut command = Command::new("bash");
        command.args(["--norc", "--noprofile", "-i"]).env("PS1", "ready> ").env("TERM", "dumb");
        command.env("HISTFILE", "/dev/null");
        let mut terminal = Self::start(command);
        terminal.expect("ready> ");
        terminal
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    fn enter(&mut self, line: &str) {
        self.press(&format!("{line}\r"));
    }

    /// Waits until `text` is on the screen, and forgets everything up to it.
    fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(at) = self.shown.find(text) {
                self.shown.drain(..at + text.len());
                return;
            }
            match self.screen.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("`{text}` did not appear; on the screen: {:?}", self.shown),
            }
        }
    }

    /// What bash says of the last command.
    fn code(&mut self) -> String {
        // The quotes keep the echo of what is typed from looking like the answer.
        self.enter("echo co''de=$?.");
        self.expect("code=");
        while !self.shown.contains('.') {
            let bytes = self.screen.recv_timeout(Duration::from_secs(10)).unwrap();
            self.shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        let end = self.shown.find('.').unwrap();
        let code = self.shown[..end].to_owned();
        self.expect("ready> ");
        code
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// `cat` that says when it has the terminal: what is typed before is read by bash's line editor, or lost between its
/// terminal mode and the usual one.
const ECHO: &str = "sh -c 'echo list''ening; exec cat'";

/// A line for bash that runs `rest` behind the front.
fn line(front: Front, rest: &str) -> String {
    format!("{} {rest}", front.prefix().join(" "))
}

fn keys() {
    let [env, gate] = Front::BOTH.map(|front| {
        let mut terminal = Terminal::bash();
        let mut codes = Vec::new();
        for (key, text) in [("\x03", "^C"), ("\x1c", "^\\")] {
            terminal.enter(&line(front, ECHO));
            terminal.expect("listening");
            terminal.enter("hello");
            terminal.expect("hello\r\nhello\r\n");
            terminal.press(key);
            terminal.expect(text);
            terminal.expect("ready> ");
            codes.push(terminal.code());
        }
        codes
    });
    assert_eq!(env, ["130", "131"]);
    assert_eq!(gate, env);
}

/// A second Ctrl-C means "give up at once" to many programs (terraform, docker compose): one key, one signal. Each key is
/// pressed several times, because two signals that come close together may merge into one.
fn keys_once() {
    for (key, signal) in [("\x03", libc::SIGINT), ("\x1c", libc::SIGQUIT), ("\x1a", libc::SIGTSTP)] {
        let [env, gate] = Front::BOTH.map(|front| {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("signals");
            let mut terminal = Terminal::bash();
            let observer = format!("{} --be-observer {}", stage::this(), file.display());
            terminal.enter(&line(front, &observer));
            until("the observer to be ready", || file.exists());
            for _ in 0..5 {
                terminal.press(key);
                std::thread::sleep(Duration::from_millis(80));
            }
            terminal.expect("ready> ");
            assert_eq!(terminal.code(), "7");
            std::fs::read_to_string(file).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        });
        assert_eq!(env, vec![signal.to_string(); 5]);
        assert_eq!(gate, env);
    }
}

fn suspend() {
    let [env, gate] = Front::BOTH.map(|front| {
        let mut terminal = Terminal::bash();
        let mut codes = Vec::new();
        terminal.enter(&line(front, ECHO));
        terminal.expect("listening");
        terminal.enter("one");
        terminal.expect("one\r\none\r\n");
        for round in ["two", "three"] {
            terminal.press("\x1a");
            terminal.expect("Stopped");
            terminal.expect("ready> ");
            codes.push(terminal.code());
            terminal.enter("fg");
            std::thread::sleep(Duration::from_millis(200));
            terminal.enter(round);
            terminal.expect(&format!("{round}\r\n{round}\r\n"));
        }
        terminal.press("\x04");
        terminal.expect("ready> ");
        codes.push(terminal.code());
        terminal.enter(&line(front, "sh -c 'sleep 0.6; echo fini''shed; exit 4'"));
        std::thread::sleep(Duration::from_millis(200));
        terminal.press("\x1a");
        terminal.expect("Stopped");
        terminal.enter("bg");
        terminal.enter("wait %1");
        terminal.expect("finished");
        terminal.expect("ready> ");
        codes.push(terminal.code());
        codes
    });
    assert_eq!(env, ["148", "148", "0", "4"]);
    assert_eq!(gate, env);
}

/// As editors do: SIGTSTP is handled (screen restored), then the program stops itself by another signal.
fn self_stop() {
    // `wait` is interrupted by the trap at once; a child in the foreground would be stopped and waited for.
    let editor =
        "bash -c 'trap \"kill -STOP \\$\\$\" TSTP; sleep 5 & echo edi''ting; while :; do wait; done'";
    let [env, gate] = Front::BOTH.map(|front| {
        let mut terminal = Terminal::bash();
        terminal.enter(&line(front, editor));
        terminal.expect("editing");
        terminal.press("\x1a");
        terminal.expect("Stopped");
        terminal.expect("ready> ");
        let mut codes = vec![terminal.code()];
        terminal.enter("fg");
        std::thread::sleep(Duration::from_millis(200));
        terminal.press("\x03");
        terminal.expect("ready> ");
        codes.push(terminal.code());
        codes
    });
    assert_eq!(env, ["147", "130"]);
    assert_eq!(gate, env);
}

fn kill_job() {
    let [env, gate] = Front::BOTH.map(|front| {
        let mut terminal = Terminal::bash();
        let mut codes = Vec::new();
        for signal in ["TERM", "HUP", "INT", "KILL"] {
            terminal.enter(&format!("{} &", line(front, "sleep 60")));
            terminal.expect("ready> ");
            std::thread::sleep(Duration::from_millis(150));
            terminal.enter(&format!("kill -{signal} %1; wait %1"));
            terminal.expect("ready> ");
            codes.push(terminal.code());
        }
        codes
    });
    assert_eq!(env, ["143", "129", "130", "137"]);
    assert_eq!(gate, env);
}

/// An interactive shell makes a group of its own and gives it the terminal; its `suspend` must reach the outer shell.
fn inner_shell() {
    let [env, gate] = Front::BOTH.map(|front| {
        let mut terminal = Terminal::bash();
        terminal.enter(&line(front, "bash --norc --noprofile -i"));
        terminal.enter("PS1='inn''er> '");
        terminal.expect("inner> ");
        terminal.enter("suspend");
        terminal.expect("Stopped");
        terminal.expect("ready> ");
        let mut codes = vec![terminal.code()];
        terminal.enter("fg");
        std::thread::sleep(Duration::from_millis(200));
        terminal.enter("sleep 60");
        std::thread::sleep(Duration::from_millis(200));
        terminal.press("\x03");
        terminal.expect("inner> ");
        terminal.enter("exit 12");
        terminal.expect("ready> ");
        codes.push(terminal.code());
        codes
    });
    assert_eq!(env[1], "12");
    assert_eq!(gate, env);
}

/// `ssh -t host remgate ...`, a terminal window or a container: the front leads the session, and the kernel sends the
/// hang-up to the leader alone.
fn hang_up() {
    let [env, gate] = Front::BOTH.map(|front| {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let script = "trap 'echo >> hung-up; exit 0' HUP; echo > runs; while :; do sleep 0.05; done";
        let mut command = front.command();
        command.args(["bash", "-c", script]).current_dir(directory.path());
        let (mut child, terminal) = on_terminal(command);
        until("the command to run", || at("runs").exists());
        drop(terminal);
        until("the command to notice", || at("hung-up").exists());
        until("the front to end", || child.try_wait().unwrap().is_some());
        std::fs::read_to_string(at("hung-up")).unwrap()
    });
    assert_eq!(env, "\n");
    assert_eq!(gate, env);
}
