//! What a command will be given on standard input, kept for whoever resumes it.
//!
//! It may hold secrets, so it stays in the requester's own state directory, 0600, and never goes to a shared inbox.
//! Nothing is believed of it: the request binds its digest.

use super::InboxError;
use crate::journal::ActionId;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// No request lives longer; a day more, for clocks that were set.
const LONGEST_LIFE: chrono::TimeDelta = chrono::TimeDelta::days(8);

/// The directory of kept inputs.
#[derive(Clone, Debug)]
pub struct Kept {
    path: PathBuf,
}

impl Kept {
    /// In this state directory.
    #[must_use]
    pub fn in_state(state: &Path) -> Self {
        Self { path: state.join("stdin") }
    }

    /// Keeps the bytes. What was kept for requests that are over by now goes: it may hold secrets.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep(&self, id: &ActionId, bytes: &[u8]) -> Result<(), InboxError> {
        let path = self.path.join(id.as_str());
        let write = || {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
            self.forget_old();
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|error| InboxError::io("keep standard input in", &path, error))
    }

    /// The bytes, at most `limit` of them; `None` where nothing was kept.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn read(&self, id: &ActionId, limit: u64) -> Result<Option<Vec<u8>>, InboxError> {
        let path = self.path.join(id.as_str());
        let file =
            match File::options().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(InboxError::io("read", path, error)),
            };
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes).map_err(|error| InboxError::io("read", path, error))?;
        Ok(Some(bytes))
    }

    /// Takes away what no request can use any more.
    fn forget_old(&self) {
        let old = crate::clock::now() - LONGEST_LIFE;
        for entry in self.path.read_dir().into_iter().flatten().flatten() {
            let changed = entry.metadata().and_then(|found| found.modified());
            if changed.is_ok_and(|changed| chrono::DateTime::<chrono::Utc>::from(changed) < old) {
                // Another gate may be doing the same.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Forgets them: the command ran, or never will.
    pub fn forget(&self, id: &ActionId) {
        // Left behind it costs space and says nothing: nothing runs without an approval that is still open.
        let _ = std::fs::remove_file(self.path.join(id.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_bytes_come_back_and_go() {
        let state = tempfile::tempdir().unwrap();
        let (kept, id) = (Kept::in_state(state.path()), ActionId::random().unwrap());
        assert_eq!(kept.read(&id, 10).unwrap(), None);
        kept.keep(&id, b"DELETE").unwrap();
        assert!(kept.keep(&id, b"other").is_err(), "kept input was exchanged");
        assert_eq!(kept.read(&id, 10).unwrap().as_deref(), Some(&b"DELETE"[..]));
        kept.forget(&id);
        assert_eq!(kept.read(&id, 10).unwrap(), None);
    }
}
