//! Reads one found file: bounded, whole, UTF-8.
//!
//! In: an open file. Out: its text and the SHA-256 of its bytes. Never: opens a path again.

use super::error::LayerError;
use super::find::Found;
use crate::rules::SourceFile;
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};
use std::fs::Metadata;
use std::io::{Read, Seek};
use std::os::unix::fs::MetadataExt;

/// Bytes that a rule file may have: 5,000 rules take about 1.5 MB.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The byte order mark that some editors put before UTF-8.
const MARK: char = '\u{feff}';

/// The SHA-256 of a file's bytes, shown as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub(super) [u8; 32]);

impl Digest {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            write!(text, "{byte:02x}")?;
        }
        f.pad(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A rule file as read.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// Its text and standing. A byte order mark is left out, so that offsets and columns count what people see.
    pub source: SourceFile,
    /// Of the bytes on disk, mark included; goes into the intent record.
    pub digest: Digest,
}

/// Reads a file that was found.
///
/// # Errors
/// More than [`MAX_BYTES`], not UTF-8, written to meanwhile, or a read error.
pub fn read(found: &Found) -> Result<RuleFile, LayerError> {
    let path = || found.path.clone();
    let mut bytes = Vec::new();
    let mut file = &found.file;
    file.rewind().map_err(|e| LayerError::io("read", path(), e))?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|e| LayerError::io("read", path(), e))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(LayerError::Large { path: path(), limit: MAX_BYTES });
    }
    let after = file.metadata().map_err(|e| LayerError::io("look at", path(), e))?;
    // Half of the old text and half of the new is a text that nobody wrote, and it might still parse.
    if times(&after) != times(&found.meta) || after.size() != bytes.len() as u64 {
        return Err(LayerError::Changed { path: path() });
    }
    let digest = Digest::of(&bytes);
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count();
        LayerError::Encoding { path: path(), offset, line }
    })?;
    if text.starts_with(MARK) {
        text.drain(..MARK.len_utf8());
    }
    let name = found.path.display().to_string();
    Ok(RuleFile { source: SourceFile { name, text, layer: found.layer, trust: found.trust }, digest })
}

fn times(meta: &Metadata) -> [i64; 4] {
    [meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()]
}
