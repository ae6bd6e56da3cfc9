//! Starting the command, and being felt as little as possible.
//!
//! In: an intent that is durable, the grant, and a [`Plan`]. Out: [`Finished`], also when the start failed. Never: a
//! start without both, a pseudo-terminal, a new process group, or a touched byte of standard input and output.
//!
//! `env` replaces itself by the command; the gate cannot, because it records the outcome. This room closes the gap:
//! the child begins with what the gate was started with (`inherited`, `start`), signals reach it as they would reach
//! it under `env`, and its stops and its end are seen by the shell as the gate's own (`signals`, `supervise`, `ending`).
//! What cannot be hidden: SIGKILL and SIGSTOP sent to the gate alone do not reach the command; a process that signals the
//! whole group reaches the command twice; the command's parent is the gate.

mod bash;
mod digest;
mod ending;
mod executable;
mod identity;
mod inherited;
mod probe;
mod provenance;
mod sign;
mod signals;
mod start;
mod step;
mod supervise;
mod tree;

pub use bash::resolve_bash;
pub use digest::{Digest, DigestError};
pub use ending::end_like;
pub use executable::{Executable, Kind, ResolveError, resolve};
pub use identity::Identity;
pub use probe::{Answer, AskError, Question, ask};
pub use provenance::{Custody, FoundBy, Provenance};
pub use sign::{NAMESPACE, SignError, agent_keys, sign, sign_words};
pub use step::{StepError, step};

use crate::approve::Grant;
use crate::bind::{BindError, BoundFile, Handed};
use crate::clock;
use crate::journal::{End, Finished, Opened, Outcome};
use signals::Held;
use start::StartError;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// What will be started, and how.
#[derive(Debug)]
pub struct Plan {
    /// The file.
    pub executable: Executable,
    /// What the command sees as its own name: the program as typed.
    pub arg0: OsString,
    /// The arguments after it.
    pub args: Vec<OsString>,
    /// Names of variables that the command does not get.
    pub env_remove: Vec<OsString>,
    /// Variables that the command gets beside, or in place of, the gate's own.
    pub env_set: Vec<(OsString, OsString)>,
    /// When to end it, and all that it started.
    pub limit: Option<Limit>,
    /// What it reads instead of the gate's own standard input.
    pub stdin: Option<OwnedFd>,
    /// Words in whose place it gets sealed copies.
    pub handed: Vec<Handed>,
    /// Files that must still be what was approved.
    pub recheck: Vec<BoundFile>,
}

/// How long a command may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// From the start to SIGTERM.
    pub after: Duration,
    /// From SIGTERM to SIGKILL.
    pub grace: Duration,
}

impl Limit {
    /// From SIGTERM to SIGKILL, when nobody said otherwise.
    pub const GRACE: Duration = Duration::from_secs(5);
}

/// Starts the command and waits for its end. A failed start is an outcome too.
///
/// All signals are blocked from here to the end of the process, so that the outcome record cannot be torn; call it from
/// the only thread, and end with [`end_like`].
pub fn run(opened: Opened, grant: Grant, plan: &Plan) -> Finished {
    opened.finish(grant, execute(plan))
}

fn execute(plan: &Plan) -> Outcome {
    let began = clock::monotonic();
    let held = Held::hold();
    // Before the start, or the first orphans would be missed.
    let limit = plan.limit.as_ref().map(|limit| (limit, tree::Tree::claim()));
    let end = match unchanged(plan) {
        Err(error) => End::NotStarted { exit_code: 125, reason: error.to_string() },
        // Nothing may stand between this comparison and the start.
        Ok(()) => match start::start(plan, &held) {
            Ok(child) => supervise::supervise(child, &held, limit),
            Err(error) => not_started(plan, error),
        },
    };
    Outcome { end, took: began.elapsed() }
}

/// Whether every file that the command will open by its name is what was approved.
fn unchanged(plan: &Plan) -> Result<(), BindError> {
    plan.recheck.iter().try_for_each(BoundFile::recheck)
}

fn not_started(plan: &Plan, error: StartError) -> End {
    let path = plan.executable.path().display();
    let (exit_code, why) = match error {
        StartError::Changed => (125, format!("`{path}` was changed after it was judged")),
        StartError::Nul => (125, format!("an argument or a variable for `{path}` holds a NUL byte")),
        StartError::NotHanded(errno) => {
            (125, format!("cannot hand over to `{path}` what was approved: {}", describe(errno)))
        }
        StartError::Process(errno) => {
            (125, format!("cannot make a process for `{path}`: {}", describe(errno)))
        }
        StartError::Exec(errno) => (exit_code_of(errno), format!("cannot run `{path}`: {}", describe(errno))),
    };
    End::NotStarted { exit_code, reason: format!("{why}; the command was not started") }
}

/// What `env` answers when `execvp` fails.
fn exit_code_of(errno: i32) -> u8 {
    if errno == libc::ENOENT { 127 } else { 126 }
}

/// The system's words for an error number, in our style: lower case, without the number.
fn describe(errno: i32) -> String {
    let text = io::Error::from_raw_os_error(errno).to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text.to_lowercase()
}
