//! The working directory, as a request names it.

use super::{BindError, describe};
use crate::journal;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A directory: its name, and which one it is. Relative operands mean other files as soon as either changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// The path by which the caller came here.
    pub path: PathBuf,
    /// Device number.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
}

impl Directory {
    /// The process's own, which `path` must still lead to: after `mv app old; mv new app` the name means another one, and
    /// whoever approves reads the name.
    ///
    /// # Errors
    /// [`BindError`] where it leads elsewhere or cannot be looked at.
    pub fn current(path: &Path) -> Result<Self, BindError> {
        let (named, here) = (Self::at(path)?, Self::at(Path::new("."))?);
        if (named.dev, named.ino) != (here.dev, here.ino) {
            return Err(BindError::OtherDirectory { path: path.to_string_lossy().into_owned() });
        }
        Ok(named)
    }

    fn at(path: &Path) -> Result<Self, BindError> {
        match fs::metadata(path) {
            Ok(found) => Ok(Self { path: path.to_owned(), dev: found.dev(), ino: found.ino() }),
            Err(error) => Err(BindError::Unreadable {
                path: path.to_string_lossy().into_owned(),
                reason: describe(error),
            }),
        }
    }

    /// For a request: `{"path","dev","ino"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "path": journal::text(self.path.as_os_str()), "dev": self.dev, "ino": self.ino })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_directory_is_named_and_numbered() {
        let here = std::env::current_dir().unwrap();
        let found = Directory::current(&here).unwrap();
        assert_eq!((found.path.as_path(), found.ino), (here.as_path(), fs::metadata(".").unwrap().ino()));
        assert_eq!(found.to_json()["path"], here.to_str().unwrap());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        let other = tempfile::tempdir().unwrap();
        let error = Directory::current(other.path()).unwrap_err();
        assert!(matches!(error, BindError::OtherDirectory { .. }));
        let gone = other.path().join("gone");
        assert!(matches!(Directory::current(&gone), Err(BindError::Unreadable { .. })));
    }
}
