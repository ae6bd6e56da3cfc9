//! Looks at the world once, so that judging who asks can be a pure function.
//!
//! In: environment, descriptors, account, the processes above us. Out: an [`Observation`]. Never: a judgement, and
//! never a variable that no marker speaks of, so that no secret lands in a debug print.

use super::markers;
use std::collections::BTreeMap;
use std::io::IsTerminal;

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    Present,
    /// It is not there, or cannot be seen.
    Absent,
}

impl Presence {
    fn of(there: bool) -> Self {
        if there { Presence::Present } else { Presence::Absent }
    }
}

/// What is known of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalFacts {
    /// A controlling terminal: `/dev/tty` opens.
    pub controlling: Presence,
    /// Standard input is a terminal.
    pub stdin: Presence,
    /// Standard error is a terminal.
    pub stderr: Presence,
}

/// A process above us that was started with an agent's or CI system's variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Its process id.
    pub pid: u32,
    /// The variables of interest that it was started with.
    pub variables: BTreeMap<String, String>,
}

/// Everything that tells who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The variables that some marker speaks of, lossily decoded.
    pub variables: BTreeMap<String, String>,
    /// The terminal.
    pub terminal: TerminalFacts,
    /// The account's login name, or `uid N` where it has none.
    pub account: String,
    /// The processes above us that carried a variable of interest, nearest first.
    pub ancestors: Vec<Ancestor>,
}

impl Observation {
    /// Collects it from this process. Costs about 0.1 ms.
    #[must_use]
    pub fn of_this_process() -> Self {
        let variables = of_interest(std::env::vars_os().map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        }));
        // Where our own environment speaks, the walk upward (0.1 ms) can only repeat it.
        let ancestors = if markers::is_marked(&variables) { Vec::new() } else { ancestors() };
        Self { variables, terminal: terminal(), account: account(), ancestors }
    }
}

fn of_interest(variables: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    variables.filter(|(name, _)| markers::is_of_interest(name)).collect()
}

fn terminal() -> TerminalFacts {
    let device = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty");
    TerminalFacts {
        controlling: Presence::of(device.is_ok_and(|device| device.is_terminal())),
        stdin: Presence::of(std::io::stdin().is_terminal()),
        stderr: Presence::of(std::io::stderr().is_terminal()),
    }
}

/// From the account database, never from `USER` or `LOGNAME`: those are whatever the caller says.
fn account() -> String {
    let uid = nix::unistd::getuid();
    match nix::unistd::User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => format!("uid {uid}"),
    }
}

/// At most this many processes are looked at; a login shell under a terminal multiplexer has five above it.
const GENERATIONS: usize = 16;

/// `env -u CLAUDECODE script -qec remgate` takes the marker off the command and buys a terminal, but the agent's own
/// shell above still carries it, where only the kernel could take it off again.
#[cfg(target_os = "linux")]
fn ancestors() -> Vec<Ancestor> {
    let parent = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
    std::iter::successors(parent, |pid| parent_of(*pid).filter(|above| *above > 1))
        .take(GENERATIONS)
        .filter_map(|pid| {
            let variables = started_with(pid)?;
            (!variables.is_empty()).then_some(Ancestor { pid, variables })
        })
        .collect()
}

/// Elsewhere another process's environment cannot be read without privilege: only our own markers count there.
#[cfg(not(target_os = "linux"))]
fn ancestors() -> Vec<Ancestor> {
    let _ = GENERATIONS;
    Vec::new()
}

/// The fourth field of `/proc/PID/stat`; the second, the name, may itself hold spaces and parentheses (proc(5)).
#[cfg(target_os = "linux")]
fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

/// What a process was started with, as far as we may read it (our own user's processes).
#[cfg(target_os = "linux")]
fn started_with(pid: u32) -> Option<BTreeMap<String, String>> {
    let environ = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let pairs = environ.split(|byte| *byte == 0).filter_map(|pair| {
        let text = String::from_utf8_lossy(pair);
        text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
    });
    Some(of_interest(pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_without_a_marker_is_kept() {
        let given = [("AWS_SECRET_ACCESS_KEY", "s3cret"), ("CLAUDECODE", "1"), ("PATH", "/bin")];
        let kept = of_interest(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        assert_eq!(kept.into_keys().collect::<Vec<_>>(), ["CLAUDECODE"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_parent_in_proc_is_the_parent_of_the_kernel() {
        let parent = rustix::process::getppid().unwrap().as_raw_nonzero().get().unsigned_abs();
        assert_eq!(parent_of(std::process::id()), Some(parent));
    }

    #[test]
    fn the_account_is_the_kernels_not_the_environments() {
        let uid = nix::unistd::getuid();
        let name = account();
        assert!(!name.is_empty());
        if uid.is_root() {
            assert_eq!(name, "root");
        }
    }
}
