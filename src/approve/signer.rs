//! The key that the human at the terminal signs with.
//!
//! In: who counts, and the key that was named. Out: a signature. Never: a key that nobody picked where there are several,
//! or a private key in this process.

use crate::clock;
use crate::quorum::{self, Roster};
use crate::report::sanitize;
use crate::report::style::{GateTheme, Look};
use crate::run::{self, SignError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The agent has none that counts.
    #[error("the ssh-agent holds no key of anybody on the list of approvers; nothing was signed")]
    NoneListed,
    /// The agent has none.
    #[error("the ssh-agent holds no key; nothing was signed")]
    None,
    /// There were several, and nobody picked.
    #[error("no key was picked; nothing was signed")]
    NotPicked,
    /// The public half cannot be written down for `ssh-keygen`.
    #[error("cannot write `{}`: {source}; nothing was signed", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// `ssh-keygen` or the agent.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl SignerError {
    /// What to do, for a `help:` line.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            SignerError::NoneListed | SignerError::None | SignerError::Sign(SignError::NoAgent { .. }) => {
                "`ssh-add FILE` gives the agent a key, `--key FILE` names one; `remgate approver list` shows whose count"
            }
            SignerError::NotPicked => "`--key FILE` names one",
            SignerError::Write { .. } => "`remgate doctor` says what is wrong with the installation",
            SignerError::Sign(SignError::NotStarted { .. }) => "install openssh-client",
            SignerError::Sign(SignError::Failed) => "its own message stands above",
        }
    }
}

/// A key to sign with.
#[derive(Debug)]
pub struct Signer {
    file: PathBuf,
    lasts: Lasts,
}

/// How long the key's file is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lasts {
    /// It is the human's own.
    Always,
    /// It was written for this signature.
    ForNow,
}

/// A key of the agent.
struct Candidate {
    line: String,
    shown: String,
}

impl Signer {
    /// The key in `file`; else the one key of the agent that counts; else the one that the human picks. `state` is where
    /// the public half of an agent's key is written down meanwhile.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn choose(
        file: Option<&Path>,
        state: &Path,
        roster: Option<&Roster>,
        look: Look,
    ) -> Result<Self, SignerError> {
        if let Some(file) = file {
            return Ok(Self { file: file.to_owned(), lasts: Lasts::Always });
        }
        let none = || if roster.is_some() { SignerError::NoneListed } else { SignerError::None };
        let candidates = candidates(roster)?;
        let at = match candidates.len() {
            0 => return Err(none()),
            1 => 0,
            _ => pick(&candidates, look)?,
        };
        let picked = candidates.into_iter().nth(at).ok_or_else(none)?;
        Ok(Self { file: public_file(state, &picked.line)?, lasts: Lasts::ForNow })
    }

    /// Signs these bytes.
    ///
    /// # Errors
    /// [`SignerError::Sign`].
    pub fn sign(&self, message: &[u8]) -> Result<String, SignerError> {
        Ok(run::sign(&self.file, message)?)
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        if self.lasts == Lasts::ForNow {
            // A public key: left behind it says nothing.
            let _ = std::fs::remove_file(&self.file);
        }
    }
}

/// The keys of the agent that somebody on the list has; all of them where there is no list here.
fn candidates(roster: Option<&Roster>) -> Result<Vec<Candidate>, SignerError> {
    let candidate = |line: String| {
        let key = quorum::Key::of_line(&line)?;
        let comment = line.split_whitespace().nth(2).map(sanitize::text).unwrap_or_default();
        let shown = match roster.map(|roster| roster.person(key.id(), clock::now())) {
            Some(Ok(person)) => format!("{} ({} {comment})", sanitize::text(person), key.id()),
            Some(Err(_)) => return None,
            None => format!("{} {comment}", key.id()),
        };
        Some(Candidate { line, shown })
    };
    Ok(run::agent_keys()?.into_iter().filter_map(candidate).collect())
}

/// Lets the human pick among several.
fn pick(candidates: &[Candidate], look: Look) -> Result<usize, SignerError> {
    let shown: Vec<&str> = candidates.iter().map(|candidate| candidate.shown.as_str()).collect();
    let theme = GateTheme(look);
    let picked = dialoguer::Select::with_theme(&theme)
        .with_prompt("sign with which key?")
        .items(&shown)
        .default(0)
        .interact_on_opt(&console::Term::stderr());
    picked.ok().flatten().ok_or(SignerError::NotPicked)
}

/// `ssh-keygen` wants the public half of an agent's key as a file.
fn public_file(state: &Path, line: &str) -> Result<PathBuf, SignerError> {
    let directory = state.join("keys");
    let path = directory.join(format!("{}.pub", std::process::id()));
    let write = || -> std::io::Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
        // What an earlier process of this number left behind.
        let _ = std::fs::remove_file(&path);
        let mut file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        writeln!(file, "{line}")
    };
    write().map_err(|source| SignerError::Write { path: path.clone(), source })?;
    Ok(path)
}
