//! The SHA-256 of an executable, remembered.
//!
//! In: the open file and its identity; a cache directory. Out: the digest. Never: a digest of a state other than the
//! one named by the identity, and never trust in a cache entry that somebody else could have written.
//!
//! Hashing a 100 MB program takes 0.1-0.3 s; on the hot path that is the whole budget many times over. An entry is
//! bound to (device, inode, size, mtime, ctime), so a rewritten file misses. Residual: whoever runs as the same user
//! as the gate can write an entry as the gate would; only an installation under its own user closes that.

use super::executable::Identity;
use crate::clock;
use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The SHA-256 of a file's content.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    /// 64 lower-case hexadecimal digits, as `sha256sum` prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Why there is no digest.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The content cannot be read, for example of a file with mode 0711.
    #[error("cannot read the program to hash it: {reason}; the command was not started")]
    Unreadable {
        /// The system's words.
        reason: String,
    },
    /// The file is not the one that was found any more.
    #[error("the program was changed while it was being hashed; the command was not started")]
    Changed,
}

impl From<io::Error> for DigestError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable { reason: super::describe(error.raw_os_error().unwrap_or(libc::EIO)) }
    }
}

/// The digest of `file` in the state `identity`.
pub(super) fn of(file: &File, identity: Identity, cache: Option<&Path>) -> Result<Digest, DigestError> {
    let cache = cache.and_then(Cache::open);
    if let Some(digest) = cache.as_ref().and_then(|cache| cache.recall(identity)) {
        return Ok(digest);
    }
    let digest = hash(file)?;
    let after = rustix::fs::fstat(file).map_err(io::Error::from)?;
    if Identity::of(&after) != identity {
        return Err(DigestError::Changed);
    }
    if let Some(cache) = cache.filter(|_| settled(identity)) {
        // A cache that cannot be written costs time and no truth.
        cache.keep(identity, digest).unwrap_or_default();
    }
    Ok(digest)
}

fn hash(file: &File) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut offset = 0;
    // Read by position: the descriptor's own offset may be shared with others.
    loop {
        let read = file.read_at(&mut buffer, offset)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        offset += part.len() as u64;
    }
    Ok(Digest(hasher.finalize().into()))
}

/// A file changed within the last two seconds may change again without a new time stamp (git calls it racily
/// clean): its digest is right now, and not worth remembering.
fn settled(identity: Identity) -> bool {
    const RACY_NS: i64 = 2_000_000_000;
    let now = clock::now().timestamp_nanos_opt().unwrap_or(0);
    now.saturating_sub(identity.ctime_ns) > RACY_NS
}

/// A directory of one small file per program, named by device and inode so that old states do not pile up.
struct Cache {
    directory: OwnedFd,
}

impl Cache {
    /// `None` when the directory is missing, not ours, or writable by others: then nothing in it is to be believed.
    fn open(path: &Path) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::open(path, flags, Mode::empty()).ok()?;
        let stat = rustix::fs::fstat(&directory).ok()?;
        (is_ours(&stat) && stat.st_mode & 0o022 == 0).then_some(Self { directory })
    }

    fn recall(&self, identity: Identity) -> Option<Digest> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let entry = rustix::fs::openat(self.directory.as_fd(), name(identity), flags, Mode::empty()).ok()?;
        let stat = rustix::fs::fstat(&entry).ok()?;
        let regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        // A second link could be a file of another place, moved here to be believed.
        if !regular || !is_ours(&stat) || stat.st_mode & 0o177 != 0 || stat.st_nlink != 1 {
            return None;
        }
        let mut text = String::new();
        File::from(entry).take(512).read_to_string(&mut text).ok()?;
        Digest::from_hex(text.strip_prefix(&prefix(identity))?.strip_suffix('\n')?)
    }

    fn keep(&self, identity: Identity, digest: Digest) -> Result<(), Errno> {
        let name = name(identity);
        let draft = format!(".{name}.{}", rustix::process::getpid().as_raw_nonzero());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let at = self.directory.as_fd();
        let file = rustix::fs::openat(at, &draft, flags, Mode::RUSR | Mode::WUSR)?;
        let written = File::from(file).write_all(format!("{}{digest}\n", prefix(identity)).as_bytes());
        let kept =
            written.map_err(|_error| Errno::IO).and_then(|()| rustix::fs::renameat(at, &draft, at, &name));
        if kept.is_err() {
            rustix::fs::unlinkat(at, &draft, rustix::fs::AtFlags::empty())?;
        }
        kept
    }
}

fn is_ours(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
}

fn name(identity: Identity) -> String {
    format!("{:x}-{:x}", identity.dev, identity.ino)
}

/// All that the digest depends on: an entry with any other beginning is about another state.
fn prefix(identity: Identity) -> String {
    let Identity { dev, ino, size, mtime_ns, ctime_ns } = identity;
    format!("sha256 1 {dev} {ino} {size} {mtime_ns} {ctime_ns} ")
}
