//! One file that a command was given: where its name leads, what stands there, and whether that is still so.
//!
//! In: a name and the directory it is written in. Out: a [`BoundFile`]. Never: trust in a name - what it leads to is looked
//! at each time anew.

use super::content::{Content, content, open};
use super::sealed::Draft;
use super::tree::{self, Reach};
use super::{BindError, Sealed, describe};
use crate::journal;
use rustix::io::Errno;
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Larger files are bound by what stat(2) says of them: hashing 256 MiB takes a quarter of a second, three times per
/// approval, and `pg_restore` of 200 GB shall be approvable too.
pub(super) const LARGEST_HASHED: u64 = 256 << 20;

/// A file that an approval binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundFile {
    /// Its name as the command has it.
    pub path: OsString,
    /// Where that leads, links resolved: a link that is moved to another file drifts even where both hold the same.
    pub real: PathBuf,
    /// What stands there.
    pub content: Content,
    /// How the run makes sure of it.
    pub how: How,
    /// The name made absolute, links and all: what is looked at again.
    pub(super) at: PathBuf,
    /// How directories are read.
    pub(super) reach: Reach,
}

/// How the run makes sure that the approved content is what the command reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The command gets a copy that nobody can change.
    Sealed,
    /// It is compared immediately before the start; some microseconds remain.
    Rechecked,
}

impl How {
    /// The word in requests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            How::Sealed => "sealed",
            How::Rechecked => "rechecked",
        }
    }
}

impl BoundFile {
    /// The file that `path` names in `directory`; a directory is bound as the one that it is, not by what it holds.
    ///
    /// # Errors
    /// It is being written to.
    pub fn named(path: &OsStr, directory: &Path) -> Result<Self, BindError> {
        Self::look(path, directory, Reach::Itself)
    }

    /// Looks at the file that `path` names in `directory`.
    pub(super) fn look(path: &OsStr, directory: &Path, reach: Reach) -> Result<Self, BindError> {
        let at = directory.join(path);
        let real = real(&at);
        let content = match (reach, tree::is_wanted(&real, reach)) {
            (Reach::Place, _) => Content::Any,
            (_, true) => tree::of(path, &real, reach)?,
            (_, false) => content(path, &real, LARGEST_HASHED)?,
        };
        Ok(Self { path: path.to_owned(), real, content, how: How::Rechecked, at, reach })
    }

    /// Compares it with what is there now.
    ///
    /// # Errors
    /// [`BindError::Drifted`], or it cannot be looked at any more.
    pub fn recheck(&self) -> Result<(), BindError> {
        let now = Self::look(self.at.as_os_str(), Path::new("/"), self.reach)?;
        match self.difference(&now) {
            None => Ok(()),
            Some((field, before, after)) => Err(self.drifted(format!("{field} `{before}` became `{after}`"))),
        }
    }

    pub(super) fn drifted(&self, what: String) -> BindError {
        BindError::Drifted { path: self.path.to_string_lossy().into_owned(), what }
    }

    /// The first field that differs, before and after.
    fn difference(&self, now: &Self) -> Option<(&'static str, String, String)> {
        if self.real != now.real {
            let path = |file: &Self| file.real.to_string_lossy().into_owned();
            return Some(("real", path(self), path(now)));
        }
        if self.content != now.content {
            return Some(("content", self.content.shown(), now.content.shown()));
        }
        None
    }

    /// A copy of the approved bytes.
    ///
    /// # Errors
    /// [`BindError::Drifted`] where the file holds others by now.
    pub fn sealed(&self) -> Result<Sealed, BindError> {
        let copy = self.copied()?;
        let found = Content::Bytes { sha256: copy.sha256(), bytes: copy.bytes() };
        if found == self.content {
            return Ok(copy);
        }
        Err(self.drifted(format!("content `{}` became `{}`", self.content.shown(), found.shown())))
    }

    /// Of whatever the file holds now: the digest decides, not the way to it.
    fn copied(&self) -> Result<Sealed, BindError> {
        let unreadable = |error: Errno| BindError::Unreadable {
            path: self.path.to_string_lossy().into_owned(),
            reason: describe(error),
        };
        let Some((file, _)) = open(&self.real).map_err(unreadable)? else {
            return Err(self.drifted("it is no regular file any more".to_owned()));
        };
        let mut draft = Draft::new()?;
        let (mut buffer, mut offset) = (vec![0; 64 * 1024], 0_u64);
        loop {
            let read = file.read_at(&mut buffer, offset).map_err(|error| BindError::Unreadable {
                path: self.path.to_string_lossy().into_owned(),
                reason: describe(error),
            })?;
            let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { return draft.seal() };
            draft.write(part)?;
            offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            if offset > super::sealed::LARGEST {
                return Err(self.drifted("it is larger than what was approved".to_owned()));
            }
        }
    }

    /// For a request: `{"path","real","sha256","bytes","how","kind"}`, and `"state"` where there is no digest.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (sha256, bytes) = match &self.content {
            Content::Bytes { sha256, bytes } | Content::Tree { sha256, bytes, .. } => {
                (Some(sha256.to_string()), Some(*bytes))
            }
            Content::Absent | Content::Any | Content::Thing { .. } => (None, None),
        };
        let mut file = json!({
            "path": journal::text(&self.path),
            "real": journal::text(self.real.as_os_str()),
            "sha256": sha256,
            "bytes": bytes,
            "how": self.how.word(),
            "kind": self.content.kind(),
        });
        if let (Content::Thing { state, .. }, Some(fields)) = (&self.content, file.as_object_mut()) {
            fields.insert("state".to_owned(), Value::from(state.shown()));
        }
        file
    }
}

/// The path behind links, as far as it exists.
fn real(at: &Path) -> PathBuf {
    let mut missing: Vec<&OsStr> = Vec::new();
    let mut present = at;
    loop {
        if let Ok(mut real) = present.canonicalize() {
            real.extend(missing.iter().rev());
            return real;
        }
        match (present.parent(), present.file_name()) {
            (Some(parent), Some(name)) => {
                missing.push(name);
                present = parent;
            }
            (None, _) | (_, None) => return at.to_owned(),
        }
    }
}
