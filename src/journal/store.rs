//! The log directory and its segment files.
//!
//! In: a path. Out: checked descriptors, and where the chain stands at the end of the newest segment. Never: a
//! file reached through a link or owned by somebody else, a truncation, or a read that grows with the log.

use super::record::{self, Chain, Line, Wrong};
use super::{JournalError, Problem, Undone};
use rustix::fs::{Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Where a segment ends and the next one begins, in bytes.
const SEGMENT_LIMIT: u64 = 64 * 1024 * 1024;

/// The first look at the end of a segment, in bytes; most records take under one kilobyte.
const FIRST_LOOK: usize = 8 * 1024;

/// The longest look. Past this only a long row of failed repairs or an attacker can hide the last record.
const LONGEST_LOOK: usize = 4 * 1024 * 1024;

/// A log directory that only its owner can change.
#[derive(Debug)]
pub struct Journal {
    pub(super) dir: OwnedFd,
    pub(super) path: PathBuf,
    pub(super) segment_limit: u64,
}

impl Journal {
    /// Opens the log in `dir`, which is created with mode 0700, parents too, where it is missing.
    ///
    /// # Errors
    /// `dir` is a link, belongs to another user, can be changed by others, or cannot be made.
    pub fn at(dir: &Path) -> Result<Journal, JournalError> {
        Journal::prepare(dir).map_err(|problem| problem.so(Undone::Opening))
    }

    /// The same journal with another segment size, in bytes. Tests rotate often with it.
    #[must_use]
    pub fn with_segment_limit(self, bytes: u64) -> Journal {
        Journal { segment_limit: bytes, ..self }
    }

    /// The log directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn prepare(path: &Path) -> Result<Journal, Problem> {
        let dir = match directory(path) {
            Err(Problem::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                make(path)?;
                directory(path)?
            }
            opened => opened?,
        };
        owned_alone(&stat(&dir, path)?, path)?;
        Ok(Journal { dir, path: path.to_path_buf(), segment_limit: SEGMENT_LIMIT })
    }
}

/// Opens a directory, never through a link in its last component.
pub(super) fn directory(path: &Path) -> Result<OwnedFd, Problem> {
    // For a link to a directory the kernel says ENOTDIR here, so that the link must be asked for by name.
    let is_link = || std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        Errno::NOTDIR if is_link() => Problem::Link(path.to_path_buf()),
        Errno::NOTDIR => Problem::FileType { path: path.to_path_buf(), wanted: "directory" },
        error => Problem::io("open", path, error),
    })
}

/// Makes the directory and what is missing above it, and syncs the name: a log that a power loss un-names is lost.
fn make(path: &Path) -> Result<(), Problem> {
    let failed = |error: io::Error| Problem::io("create", path, error);
    let missing: Vec<_> = path.ancestors().take_while(|at| std::fs::symlink_metadata(at).is_err()).collect();
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    for made in missing {
        let parent = made.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed)?;
    }
    Ok(())
}

/// Waits until the bytes of a file, and its length, are on disk.
///
/// Linux: fdatasync(2), which leaves the time stamps for later. Elsewhere: fsync(2); on Apple's systems
/// that stops at the drive's cache, so F_FULLFSYNC.
pub(super) fn sync(file: &OwnedFd, path: &Path) -> Result<(), Problem> {
    #[cfg(target_os = "linux")]
    let synced = rustix::fs::fdatasync(file);
    #[cfg(target_vendor = "apple")]
    let synced = rustix::fs::fcntl_fullfsync(file);
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    let synced = rustix::fs::fsync(file);
    synced.map_err(|error| Problem::Sync { path: path.to_path_buf(), source: error.into() })
}

fn stat(fd: impl AsFd, path: &Path) -> Result<Stat, Problem> {
    rustix::fs::fstat(fd).map_err(|error| Problem::io("read the mode of", path, error))
}

/// Refuses what another user owns or can change. Asked of the open descriptor: a name can be swapped in between.
fn owned_alone(stat: &Stat, path: &Path) -> Result<(), Problem> {
    let (owner, expected) = (stat.st_uid, rustix::process::geteuid().as_raw());
    if owner != expected {
        return Err(Problem::Owner { path: path.to_path_buf(), owner, expected });
    }
    let mode = Mode::from_raw_mode(stat.st_mode);
    if mode.intersects(Mode::WGRP | Mode::WOTH) {
        return Err(Problem::Writable { path: path.to_path_buf(), mode: mode.bits() & 0o7777 });
    }
    Ok(())
}

/// Opens a regular file of the log directory that only the owner can change; `None` where it does not exist.
pub(super) fn open_owned(journal: &Journal, name: &str, access: OFlags) -> Result<Option<Opening>, Problem> {
    let path = journal.path.join(name);
    // NONBLOCK: opening a pipe that somebody put here would otherwise hang the gate.
    let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match rustix::fs::openat(&journal.dir, name, flags, Mode::RUSR | Mode::WUSR) {
        Err(Errno::NOENT) => return Ok(None),
        opened => opened.map_err(|error| Problem::io("open", &path, error))?,
    };
    let stat = stat(&file, &path)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Problem::FileType { path, wanted: "regular file" });
    }
    owned_alone(&stat, &path)?;
    Ok(Some(Opening { file, path, stat }))
}

/// A file that passed the checks.
pub(super) struct Opening {
    pub(super) file: OwnedFd,
    pub(super) path: PathBuf,
    pub(super) stat: Stat,
}

/// The name of the segment whose first record has the number `first`.
pub(super) fn segment_name(first: u64) -> String {
    format!("{first:016}.jsonl")
}

/// The first sequence numbers of all segments, ascending.
pub(super) fn segments(dir: impl AsFd, path: &Path) -> Result<Vec<u64>, Problem> {
    let failed = |error| Problem::io("list", path, error);
    let mut found = Vec::new();
    for entry in Dir::read_from(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_bytes();
        let digits = name.strip_suffix(b".jsonl").filter(|digits| digits.len() == 16);
        let first =
            digits.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| digits.parse().ok());
        found.extend(first.filter(|first| segment_name(*first).as_bytes() == name));
    }
    found.sort_unstable();
    Ok(found)
}

/// One open segment.
pub(super) struct Segment {
    pub(super) first: u64,
    pub(super) path: PathBuf,
    pub(super) file: OwnedFd,
    /// In bytes.
    pub(super) size: u64,
    /// What the file system has set aside for it, in bytes; may exceed the size.
    pub(super) allocated: u64,
}

impl Segment {
    /// Opens an existing segment for appending.
    pub(super) fn open(journal: &Journal, first: u64) -> Result<Segment, Problem> {
        let name = segment_name(first);
        let gone = || Problem::io("open", &journal.path.join(&name), Errno::NOENT);
        Segment::with(journal, first, OFlags::RDWR | OFlags::APPEND)?.ok_or_else(gone)
    }

    /// Creates a new segment and makes its name durable before anybody can write to it.
    pub(super) fn create(journal: &Journal, first: u64) -> Result<Segment, Problem> {
        let access = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let gone = || Problem::io("create", &journal.path, Errno::NOENT);
        let segment = Segment::with(journal, first, access)?.ok_or_else(gone)?;
        rustix::fs::fsync(&journal.dir)
            .map_err(|error| Problem::Sync { path: journal.path.clone(), source: error.into() })?;
        Ok(segment)
    }

    fn with(journal: &Journal, first: u64, access: OFlags) -> Result<Option<Segment>, Problem> {
        let opening = open_owned(journal, &segment_name(first), access)?;
        Ok(opening.map(|Opening { file, path, stat }| {
            let size = u64::try_from(stat.st_size).unwrap_or_default();
            // stat(2): st_blocks counts units of 512 bytes whatever the block size is.
            let allocated = u64::try_from(stat.st_blocks).unwrap_or_default().saturating_mul(512);
            Segment { first, path, file, size, allocated }
        }))
    }

    /// Where the chain stands at the end of this segment.
    pub(super) fn tail(&self) -> Result<Tail, Problem> {
        let damaged = |wrong: Wrong| self.damaged(format!("the last line is damaged: {wrong}"));
        let mut look = FIRST_LOOK;
        loop {
            let bytes = self.read_end(look)?;
            let reach = if bytes.len() as u64 == self.size { Reach::Whole } else { Reach::Part };
            if let Some(tail) = Tail::find(&bytes, reach).map_err(damaged)? {
                return Ok(tail);
            }
            if look >= LONGEST_LOOK {
                return Err(self.damaged(format!("no record within its last {look} bytes")));
            }
            look = look.saturating_mul(8);
        }
    }

    /// An error about the end of this segment.
    pub(super) fn damaged(&self, why: String) -> Problem {
        Problem::Damaged { path: self.path.clone(), why }
    }

    fn read_end(&self, look: usize) -> Result<Vec<u8>, Problem> {
        self.from(self.size.saturating_sub(look as u64))
    }

    /// Everything from byte `from` up to the size that it had when it was opened.
    pub(super) fn from(&self, from: u64) -> Result<Vec<u8>, Problem> {
        let too_large = |_| self.damaged("it is larger than the memory".to_owned());
        let mut bytes = vec![0; usize::try_from(self.size.saturating_sub(from)).map_err(too_large)?];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match rustix::io::pread(&self.file, rest, from + filled as u64) {
                Ok(0) => return Err(self.damaged("it shrinks while it is read".to_owned())),
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(Problem::io("read", &self.path, error)),
            }
        }
        Ok(bytes)
    }
}

/// How much of a segment was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Whole,
    Part,
}

/// What a crash left at the end of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// Nothing: the last byte ends a record.
    Nothing,
    /// A whole record whose newline is missing. It counts: its hash is right and its place in the chain too.
    Newline,
    /// Bytes after the last record that are none, perhaps from several crashes.
    Torn(Vec<u8>),
}

/// The end of a segment.
#[derive(Debug)]
pub(super) struct Tail {
    /// After the last record of the segment; `None` if it has no record at all.
    pub(super) chain: Option<Chain>,
    /// What stands after that record.
    pub(super) broken: Broken,
}

impl Tail {
    /// Searches `bytes`, the end of a segment, for the last record; `None` if it must lie further ahead.
    fn find(bytes: &[u8], reach: Reach) -> Result<Option<Tail>, Wrong> {
        let lines = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let (mut before, rest) = bytes.split_at_checked(lines).unwrap_or((bytes, &[]));
        if let Some(line) = Line::parse(rest).ok().filter(|_| reach == Reach::Whole || lines > 0) {
            return Ok(Some(Tail { chain: Some(Chain::after(&line)?), broken: Broken::Newline }));
        }
        loop {
            let Some(content) = before.strip_suffix(b"\n") else {
                let none = Tail { chain: None, broken: Broken::of(bytes) };
                return Ok((reach == Reach::Whole).then_some(none));
            };
            let start = match memchr::memrchr(b'\n', content) {
                Some(newline) => newline + 1,
                None if reach == Reach::Whole => 0,
                None => return Ok(None),
            };
            let (earlier, line) = content.split_at_checked(start).unwrap_or((content, &[]));
            match Line::parse(line) {
                Ok(line) => {
                    let broken = Broken::of(bytes.get(before.len()..).unwrap_or_default());
                    return Ok(Some(Tail { chain: Some(Chain::after(&line)?), broken }));
                }
                Err(_) if line.ends_with(record::TORN) => before = earlier,
                Err(wrong) => return Err(wrong),
            }
        }
    }
}

impl Broken {
    fn of(torn: &[u8]) -> Broken {
        if torn.is_empty() { Broken::Nothing } else { Broken::Torn(torn.to_vec()) }
    }
}
