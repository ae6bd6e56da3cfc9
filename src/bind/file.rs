//! One file that a command was given: where its name leads, what stands there, and whether that is still so.
//!
//! In: a name and the directory it is written in. Out: a [`BoundFile`]. Never: a blocking open, a device that is read, or
//! a digest of a content that changed while it was hashed.

use super::sealed::Draft;
use super::tree::{self, Reach};
use super::{BindError, Digest, Sealed, describe};
use crate::journal;
use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Larger files are bound by what stat(2) says of them: hashing 256 MiB takes a quarter of a second, three times per
/// approval, and `pg_restore` of 200 GB shall be approvable too.
pub(super) const LARGEST_HASHED: u64 = 256 << 20;

/// How often a file that is being written to is read again.
const TRIES: u32 = 3;

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

    fn shown(&self) -> String {
        let Self { dev, ino, rdev, version } = self;
        let version = version.map(|(size, written, changed)| format!(" {size} bytes {written} {changed}"));
        format!("{dev}:{ino}:{rdev}{}", version.unwrap_or_default())
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

impl State {
    /// Nobody may look there.
    const NOWHERE: Self = Self { dev: 0, ino: 0, rdev: 0, version: None };
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
fn open(real: &Path) -> Result<Option<(File, State)>, Errno> {
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
