//! Writes the files of a place, so that a reader meets the old list or the new one and nothing between.
//!
//! In: a place and what its files should say. Out: files of mode 0644. Never: half a file, a file through a link, or two
//! edits at once of which one is lost.
//!
//! Between two files there is no atomic step, so the order makes every state in between a valid one: people come before
//! the groups that name them, and leave after.

use super::place::{APPROVERS, GROUPS, Place};
use super::roster::Texts;
use rustix::fs::{FlockOperation, flock};
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The system refused.
    #[error("cannot {doing} `{}`: {source}; {}", .path.display(), .state)]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
        /// What holds now.
        state: &'static str,
    },
    /// A link: whoever keeps the list elsewhere edits it there.
    #[error("`{}` is a symbolic link; edit the file it points to, or put the list itself here; nothing was written", .0.display())]
    Link(PathBuf),
    /// Another edit is under way.
    #[error("somebody else is editing the list in `{}`; nothing was written", .0.display())]
    Busy(PathBuf),
}

const NOTHING: &str = "nothing was written";
const FIRST_ONLY: &str = "the list is valid, and only half of the edit is done; run it again";

/// A place that nobody else edits meanwhile.
#[derive(Debug)]
pub struct Saving {
    place: Place,
    directory: File,
}

impl Saving {
    /// Makes the directory where it is missing, and keeps others from editing until this is dropped. Read the files
    /// after this, not before.
    ///
    /// # Errors
    /// The directory cannot be made, or somebody else is editing.
    pub fn begin(place: &Place) -> Result<Saving, SaveError> {
        let path = &place.directory;
        let failed = |doing, source| io_error(doing, path, source, NOTHING);
        if !path.exists() {
            DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(|e| failed("make", e))?;
            // Whoever asks for approvals must be able to read who approves, whatever the umask.
            std::fs::set_permissions(path, Permissions::from_mode(0o755))
                .map_err(|e| failed("open up", e))?;
        }
        let directory = File::open(path).map_err(|e| failed("open", e))?;
        match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Saving { place: place.clone(), directory }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(SaveError::Busy(path.clone())),
            Err(errno) => Err(failed("lock", errno.into())),
        }
    }

    /// Writes the approvers, then their groups.
    ///
    /// # Errors
    /// A file cannot be written; the error says what holds.
    pub fn added(&self, texts: &Texts) -> Result<(), SaveError> {
        self.write(&[(APPROVERS, &texts.approvers), (GROUPS, &texts.groups)])
    }

    /// Writes the groups, then the approvers.
    ///
    /// # Errors
    /// As [`Saving::added`].
    pub fn removed(&self, texts: &Texts) -> Result<(), SaveError> {
        self.write(&[(GROUPS, &texts.groups), (APPROVERS, &texts.approvers)])
    }

    fn write(&self, files: &[(&str, &String)]) -> Result<(), SaveError> {
        let paths: Vec<PathBuf> = files.iter().map(|(name, _)| self.place.file(name)).collect();
        if let Some(link) = paths.iter().find(|path| path.is_symlink()) {
            return Err(SaveError::Link(link.clone()));
        }
        let mut state = NOTHING;
        for (path, (_, text)) in paths.iter().zip(files) {
            match std::fs::read_to_string(path) {
                Ok(now) if now == **text => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound && text.is_empty() => continue,
                // What cannot be read here is replaced or fails below.
                Ok(_) | Err(_) => {}
            }
            replace(path, text).map_err(|error| io_error("write", path, error, state))?;
            state = FIRST_ONLY;
        }
        self.directory.sync_all().map_err(|error| io_error("save", &self.place.directory, error, state))
    }
}

fn io_error(doing: &'static str, path: &Path, source: io::Error, state: &'static str) -> SaveError {
    SaveError::Io { doing, path: path.to_owned(), source, state }
}

/// Beside and renamed: a full disk, or a reader, never meets half a list.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let nonce = getrandom::u64().map_err(io::Error::other)?;
    let beside = path.with_file_name(format!(".approvers-{nonce:016x}"));
    let written = fill(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // Nothing reads such a name; what is left of it does no harm.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// Creates a file that must not be there, readable by all.
fn fill(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)?;
    file.set_permissions(Permissions::from_mode(0o644))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
