//! What every story here needs: a command behind `env` or behind the gate, and its parent's view of it.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What stands in front of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Env,
    Gate,
}

impl Front {
    pub(crate) const BOTH: [Front; 2] = [Front::Env, Front::Gate];

    /// The words before the command.
    pub(crate) fn prefix(self) -> Vec<String> {
        match self {
            Front::Env => vec!["env".into()],
            Front::Gate => vec![this(), "--be-gate".into(), "--".into()],
        }
    }

    /// A command line that starts with this prefix.
    pub(crate) fn command(self) -> Command {
        let prefix = self.prefix();
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]);
        command
    }
}

/// The gate with options of its own.
pub(crate) fn gate(options: &[&str]) -> Command {
    let mut command = Command::new(this());
    command.arg("--be-gate").args(options).arg("--");
    command
}

/// The path of this very program.
pub(crate) fn this() -> String {
    std::env::current_exe().unwrap().to_str().unwrap().to_owned()
}

/// Runs to the end and catches the output.
pub(crate) fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// What a parent learns from wait(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Seen {
    Exited(i32),
    Killed(i32),
    Stopped(i32),
    Continued,
}

/// A process group of its own, so that signals to it do not reach the tests.
pub(crate) struct Group {
    pub(crate) pid: i32,
}

impl Group {
    #[expect(clippy::zombie_processes, reason = "`wait` asks the system itself, to see stops too")]
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command.process_group(0).stdin(Stdio::null()).spawn().unwrap();
        Self { pid: i32::try_from(child.id()).unwrap() }
    }

    /// The next thing that wait(2) has to say.
    pub(crate) fn wait(&self) -> Seen {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut status = 0;
        loop {
            let options = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED;
            // SAFETY: `status` is a live integer.
            match unsafe { libc::waitpid(self.pid, &raw mut status, options) } {
                0 => {}
                pid if pid == self.pid => break,
                _ => panic!("no child to wait for: {}", std::io::Error::last_os_error()),
            }
            assert!(Instant::now() < deadline, "nothing happened to the command for 20 seconds");
            std::thread::sleep(Duration::from_millis(2));
        }
        if libc::WIFEXITED(status) {
            Seen::Exited(libc::WEXITSTATUS(status))
        } else if libc::WIFSIGNALED(status) {
            Seen::Killed(libc::WTERMSIG(status))
        } else if libc::WIFSTOPPED(status) {
            Seen::Stopped(libc::WSTOPSIG(status))
        } else {
            assert!(libc::WIFCONTINUED(status));
            Seen::Continued
        }
    }
}

impl Drop for Group {
    /// Leaves nothing behind when a test fails half-way.
    fn drop(&mut self) {
        send(-self.pid, libc::SIGKILL);
    }
}

/// kill(2); what is gone is gone.
pub(crate) fn send(to: i32, signal: i32) {
    // SAFETY: touches no memory.
    unsafe { libc::kill(to, signal) };
}

/// Whether a process (not a zombie) has this PID.
pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(' ') && !rest.starts_with(" Z"))
}

/// Waits until `ready` holds, and fails after ten seconds.
pub(crate) fn until(what: &str, mut ready: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !ready() {
        assert!(Instant::now() < deadline, "waited ten seconds for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Writes an executable file.
pub(crate) fn program(path: &Path, content: impl AsRef<[u8]>) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, content).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Whether a program is installed; says so when it is not, and fails instead where everything must be tested.
pub(crate) fn installed(test: &str, program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !there {
        println!("SKIPPED {test}: {program} is not installed");
        assert!(
            std::env::var_os("REMGATE_REQUIRE_ALL").as_deref() != Some(OsStr::new("1")),
            "{program} is required"
        );
    }
    there
}

/// A named test.
pub(crate) fn trial(name: &str, test: fn()) -> libtest_mimic::Trial {
    libtest_mimic::Trial::test(name, move || {
        test();
        Ok(())
    })
}
