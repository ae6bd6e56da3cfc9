//! The digest of a directory: names, kinds and contents in sorted order.
//!
//! In: a directory and how far it is read. Out: one digest that changes whenever an entry comes, goes, or holds something
//! else. Never: more than [`MOST`] entries or [`LARGEST`] bytes: an approval of what nobody can look through is refused.

use super::content::{Content, content};
use super::{BindError, Digest, describe};
use sha2::{Digest as _, Sha256};
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Entries.
pub(super) const MOST: u64 = 2_000;
/// Bytes in all files.
pub(super) const LARGEST: u64 = 64 << 20;
/// Directories in directories.
const DEEPEST: u32 = 32;

/// How a directory is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Not at all: it is bound as the directory that it is. `rm -r cache` means whatever is in it.
    Itself,
    /// Its own files: `kubectl apply -f manifests/`.
    Flat,
    /// Everything below: `-R`.
    Recursive,
    /// Nothing at all: the name is bound by where it leads, whatever stands there.
    Place,
}

/// Whether the name leads to a directory that is to be read.
pub(super) fn is_wanted(real: &Path, reach: Reach) -> bool {
    match reach {
        Reach::Itself | Reach::Place => false,
        Reach::Flat | Reach::Recursive => real.is_dir(),
    }
}

/// Reads a directory.
pub(super) fn of(path: &OsStr, real: &Path, reach: Reach) -> Result<Content, BindError> {
    let mut walk = Walk { path, reach, hasher: Sha256::new(), bytes: 0, entries: 0 };
    walk.directory(real, 0)?;
    let Walk { hasher, bytes, entries, .. } = walk;
    Ok(Content::Tree { sha256: Digest::from(hasher), bytes, entries })
}

struct Walk<'w> {
    path: &'w OsStr,
    reach: Reach,
    hasher: Sha256,
    bytes: u64,
    entries: u64,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Path, depth: u32) -> Result<(), BindError> {
        if depth > DEEPEST {
            return Err(self.too_much(format!("more than {DEEPEST} directories in directories")));
        }
        let unreadable = |error: std::io::Error| BindError::Unreadable {
            path: directory.to_string_lossy().into_owned(),
            reason: describe(error),
        };
        let left = usize::try_from(MOST.saturating_sub(self.entries)).unwrap_or(usize::MAX);
        let entries = directory.read_dir().map_err(unreadable)?.take(left.saturating_add(1));
        let mut entries = entries.collect::<Result<Vec<DirEntry>, _>>().map_err(unreadable)?;
        if entries.len() > left {
            return Err(self.too_much(format!("more than {MOST} entries")));
        }
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            self.entries = self.entries.saturating_add(1);
            self.entry(&entry.file_name(), &entry.path(), depth)?;
        }
        // Without an end, `a/b` beside `c` and `a/b/c` would be the same list.
        self.add(&[b"end"]);
        Ok(())
    }

    fn entry(&mut self, name: &OsString, path: &Path, depth: u32) -> Result<(), BindError> {
        let link = fs::read_link(path).ok();
        let target = link.as_ref().map(|target| target.as_os_str().as_bytes()).unwrap_or_default();
        if path.is_dir() {
            // What kubectl and kustomize read behind a link to a directory: nothing, below the one that is named.
            self.add(&[b"directory", name.as_bytes(), target]);
            return match (self.reach, &link) {
                (Reach::Recursive, None) => self.directory(path, depth.saturating_add(1)),
                (Reach::Recursive, Some(_)) | (Reach::Flat | Reach::Itself | Reach::Place, _) => Ok(()),
            };
        }
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let content = content(path.as_os_str(), &real, LARGEST.saturating_sub(self.bytes))?;
        match &content {
            Content::Bytes { bytes, .. } => self.bytes = self.bytes.saturating_add(*bytes),
            Content::Thing { kind: "large file", .. } => {
                return Err(self.too_much(format!("more than {} MiB", LARGEST >> 20)));
            }
            Content::Thing { .. } | Content::Absent | Content::Any | Content::Tree { .. } => {}
        }
        self.add(&[b"entry", name.as_bytes(), target, content.shown().as_bytes()]);
        Ok(())
    }

    /// Each part with its length, so that no name can pass for a name and a digest.
    fn add(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            self.hasher.update(part);
        }
    }

    fn too_much(&self, what: String) -> BindError {
        BindError::TooMuch { path: self.path.to_string_lossy().into_owned(), what }
    }
}
