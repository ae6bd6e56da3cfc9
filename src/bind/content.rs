//! What stands behind a name: a file's digest, or which thing it is.
//!
//! In: a path without links. Out: its [`Content`]. Never: a blocking open, a device that is read, or a digest of a content
//! that changed while it was hashed.

use super::{BindError, Digest};
use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// How often a file that is being written to is read again.
const TRIES: u32 = 3;

/// What stands behind a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A regular file.
    Bytes {
        /// Of all of them.
        sha256: Digest,
        /// How many.
        bytes: u64,
    },
    /// A directory with what is read of it.
    Tree {
        /// Of names, kinds and digests.
        sha256: Digest,
        /// In all files.
        bytes: u64,
        /// Files, directories and links.
        entries: u64,
    },
    /// There is no such file.
    Absent,
    /// Whatever it is: only where the name leads is bound. `rm app.log` means the log however long it has grown, and not
    /// what a link in its place leads to.
    Any,
    /// Bound by which one it is, not by what it holds, and the request says so.
    Thing {
        /// `fifo`, `device`, `large file`, `unreadable file`, ...
        kind: &'static str,
        /// Which one.
        state: State,
    },
}

/// Which file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Device number.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
    /// The device that it stands for.
    pub rdev: u64,
    /// Size in bytes, modification and change time in nanoseconds since 1970; of regular files alone, as a fifo's change
    /// with every use. The change time cannot be set by an unprivileged process.
    pub version: Option<(u64, i64, i64)>,
}

impl Content {
    /// In a word or two.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Content::Bytes { .. } => "file",
            Content::Tree { .. } => "directory",
            Content::Absent => "absent",
            Content::Any => "place",
            Content::Thing { kind, .. } => kind,
        }
    }

    /// All of it in one line, each content in its own: what the digest of a directory is made of, too.
    pub(super) fn shown(&self) -> String {
        match self {
            Content::Bytes { sha256, bytes } => format!("{sha256}, {bytes} bytes"),
            Content::Tree { sha256, bytes, entries } => {
                format!("{sha256}, {bytes} bytes in {entries} entries")
            }
            Content::Absent => "absent".to_owned(),
            Content::Any => "place".to_owned(),
            Content::Thing { kind, state } => format!("{kind} {}", state.shown()),
        }
    }
}

impl State {
    /// Nobody may look there.
    const NOWHERE: Self = Self { dev: 0, ino: 0, rdev: 0, version: None };

    // The fields of `struct stat` have other integer types on other targets; here some casts change nothing.
    #[cfg_attr(
        all(target_os = "linux", target_arch = "x86_64"),
        expect(clippy::unnecessary_cast, reason = "field types differ between targets")
    )]
    fn of(stat: &Stat) -> Self {
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        let version = (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then(|| {
            (
                u64::try_from(stat.st_size).unwrap_or(0),
                nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
                nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            )
        });
        let (dev, ino, rdev) = (stat.st_dev as u64, stat.st_ino as u64, stat.st_rdev as u64);
        Self { dev, ino, rdev, version }
    }

    pub(super) fn shown(&self) -> String {
        let Self { dev, ino, rdev, version } = self;
        let version = version.map(|(size, written, changed)| format!(" {size} bytes {written} {changed}"));
        format!("{dev}:{ino}:{rdev}{}", version.unwrap_or_default())
    }
}

/// What stands at `real`, of a regular file at most `most` bytes.
pub(super) fn content(path: &OsStr, real: &Path, most: u64) -> Result<Content, BindError> {
    let stat = match rustix::fs::stat(real) {
        Ok(stat) => stat,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(Content::Absent),
        Err(_) => return Ok(Content::Thing { kind: "unreachable file", state: State::NOWHERE }),
    };
    let thing = |kind| Ok(Content::Thing { kind, state: State::of(&stat) });
    match FileType::from_raw_mode(stat.st_mode) {
        // A kernel's file says something else each time.
        FileType::RegularFile if real.starts_with("/sys") => thing("kernel file"),
        FileType::RegularFile => regular(path, real, &stat, most),
        FileType::Directory => thing("directory itself"),
        FileType::Fifo => thing("fifo"),
        FileType::Socket => thing("socket"),
        FileType::CharacterDevice | FileType::BlockDevice => thing("device"),
        FileType::Symlink | FileType::Unknown => thing("no file"),
    }
}

fn regular(path: &OsStr, real: &Path, stat: &Stat, most: u64) -> Result<Content, BindError> {
    if u64::try_from(stat.st_size).unwrap_or(u64::MAX) > most {
        return Ok(Content::Thing { kind: "large file", state: State::of(stat) });
    }
    for _ in 0..TRIES {
        let (file, before) = match open(real) {
            Ok(Some(opened)) => opened,
            // A fifo by now, or a link: whoever does that is asked again, and named when it goes on.
            Ok(None) | Err(Errno::LOOP) => continue,
            Err(Errno::NOENT) => return Ok(Content::Absent),
            Err(_) => return Ok(Content::Thing { kind: "unreadable file", state: State::of(stat) }),
        };
        let Ok((sha256, bytes)) = hash(&file, most) else {
            return Ok(Content::Thing { kind: "unreadable file", state: State::of(stat) });
        };
        let after = rustix::fs::fstat(&file).map(|after| State::of(&after));
        if bytes <= most && after == Ok(before) {
            return Ok(Content::Bytes { sha256, bytes });
        }
    }
    Err(BindError::Unsteady { path: path.to_string_lossy().into_owned() })
}

/// Opens a regular file; `None` where it is none. `real` has no links left in it, so one that is there now came since.
pub(super) fn open(real: &Path) -> Result<Option<(File, State)>, Errno> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // Asked before the open, because opening some devices (tapes, watchdogs) is itself an act.
    let regular = |stat: &Stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    if !regular(&rustix::fs::lstat(real)?) {
        return Ok(None);
    }
    let file = File::from(rustix::fs::open(real, flags, Mode::empty())?);
    let stat = rustix::fs::fstat(&file)?;
    Ok(regular(&stat).then(|| (file, State::of(&stat))))
}

/// The digest of at most `most` bytes and a few: whoever writes faster than this reads does not hold it for ever.
fn hash(file: &File, most: u64) -> std::io::Result<(Digest, u64)> {
    let (mut hasher, mut buffer, mut offset) = (Sha256::new(), vec![0; 128 * 1024], 0_u64);
    while offset <= most {
        let read = file.read_at(&mut buffer, offset)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((Digest::from(hasher), offset))
}
