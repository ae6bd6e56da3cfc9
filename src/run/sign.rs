//! Signing with a key of the human who runs the gate: through OpenSSH's own programs, so that no private key and no
//! passphrase is ever in this process, and agents, hardware keys and PKCS#11 work as they do for `ssh`.
//!
//! In: bytes and a key. Out: an armored signature in the format of ssh-keygen(1) `-Y sign`. Never: a key that the human
//! did not name or pick.

use super::describe;
use super::probe::{self, AskError, Question};
use crate::journal::End;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::time::Duration;

/// The namespace of every signature (PROTOCOL.sshsig: it keeps signatures of one purpose from serving another).
pub const NAMESPACE: &str = "remgate";

/// How long an agent may take to list its keys.
const LISTING: Duration = Duration::from_secs(10);

/// No list of keys is longer, in bytes.
const LIST_BYTES: usize = 1024 * 1024;

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// `ssh-keygen` is not there.
    #[error("cannot start `ssh-keygen`: {reason}; nothing was signed")]
    NotStarted {
        /// The system's words.
        reason: String,
    },
    /// It said no: a wrong passphrase, no touch, no such key.
    #[error("`ssh-keygen` did not sign; nothing was signed")]
    Failed,
    /// The agent cannot be asked.
    #[error("cannot ask the ssh-agent for its keys: {reason}; nothing was signed")]
    NoAgent {
        /// In one clause.
        reason: String,
    },
}

/// The words that sign standard input with the key in `file`: what [`sign`] starts, and what a human can type.
#[must_use]
pub fn sign_words(file: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> =
        ["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f"].map(OsString::from).into();
    words.push(file.into());
    words
}

/// Signs with the key in `file`: a private key, or a public one whose private half an agent or a token holds.
/// `ssh-keygen` asks for passphrases and touches at the terminal by itself.
///
/// # Errors
/// [`SignError`].
pub fn sign(file: &Path, message: &[u8]) -> Result<String, SignError> {
    let words = sign_words(file);
    let (program, arguments) = words.split_first().ok_or(SignError::Failed)?;
    let output = start(program, arguments, message);
    let not_started = |error: io::Error| SignError::NotStarted {
        reason: describe(error.raw_os_error().unwrap_or(libc::EIO)),
    };
    let output = output.map_err(not_started)?;
    match String::from_utf8(output.stdout) {
        Ok(signature) if output.status.success() && !signature.is_empty() => Ok(signature),
        Ok(_) | Err(_) => Err(SignError::Failed),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the room that starts processes")]
fn start(program: &OsString, arguments: &[OsString], message: &[u8]) -> io::Result<std::process::Output> {
    duct::cmd(program, arguments).stdin_bytes(message).stdout_capture().unchecked().run()
}

/// The public keys of the ssh-agent, one line each, as `ssh-add -L` prints them; none where it holds none.
///
/// # Errors
/// There is no agent, or it does not answer.
pub fn agent_keys() -> Result<Vec<String>, SignError> {
    let argv = ["ssh-add", "-L"].map(OsString::from).into();
    let question = Question { argv, environment: Vec::new(), limit: LISTING, most: LIST_BYTES };
    let no_agent = |reason: String| SignError::NoAgent { reason };
    let answer = probe::ask(&question).map_err(|error: AskError| no_agent(error.to_string()))?;
    match answer.end {
        End::Exited { code: 0 } => {
            let text = String::from_utf8_lossy(&answer.stdout).into_owned();
            Ok(text.lines().map(str::to_owned).collect())
        }
        // ssh-add(1): 1 where the agent holds no key, 2 where it cannot be reached.
        End::Exited { code: 1 } => Ok(Vec::new()),
        End::Exited { .. } | End::Signaled { .. } | End::TimedOut { .. } | End::NotStarted { .. } => {
            Err(no_agent("it cannot be reached (is SSH_AUTH_SOCK set?)".to_owned()))
        }
    }
}
