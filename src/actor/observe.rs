//! Looks at the world once, so that judging who asks can be a pure function.
//!
//! In: environment, descriptors, account. Out: an [`Observation`]. Never: a judgement, and
//! never a variable that no marker speaks of, so that no secret lands in a debug print.

use super::markers;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::OnceLock;

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

/// Everything that tells who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The variables that some marker speaks of, lossily decoded.
    pub variables: BTreeMap<String, String>,
    /// The terminal.
    pub terminal: TerminalFacts,
    /// The account's login name, or `uid N` where it has none.
    pub account: String,
}

impl Observation {
    /// Collects it from this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let variables = of_interest(std::env::vars_os().map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        }));
        Self { variables, terminal: terminal(), account: account() }
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

/// The account that the gate runs as, from the account database. Asked once: the answer may come over a socket.
#[must_use]
pub fn account_of_the_gate() -> Option<&'static nix::unistd::User> {
    static ACCOUNT: OnceLock<Option<nix::unistd::User>> = OnceLock::new();
    ACCOUNT.get_or_init(|| nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten()).as_ref()
}

/// From the account database, never from `USER` or `LOGNAME`: those are whatever the caller says.
fn account() -> String {
    let uid = nix::unistd::getuid();
    // Real and effective user differ only where the gate is installed under a user of its own.
    let name = match uid == nix::unistd::geteuid() {
        true => account_of_the_gate().map(|account| account.name.clone()),
        false => nix::unistd::User::from_uid(uid).ok().flatten().map(|account| account.name),
    };
    name.unwrap_or_else(|| format!("uid {uid}"))
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
