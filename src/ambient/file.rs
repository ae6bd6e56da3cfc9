//! Reads one configuration file that somebody else may have written.
//!
//! In: a path. Out: its text, nothing where there is no such file, or why it cannot be read. Never: blocks on a fifo,
//! reads a device, or holds more than [`LIMIT`] bytes.

use super::Unreadable;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// 4 MiB. The largest honest file is a kubeconfig of hundreds of clusters with certificates: well below 1 MiB.
pub(super) const LIMIT: u64 = 4 << 20;

/// The text of `path`, or `None` where no such file exists.
pub(super) fn read(path: &Path) -> Result<Option<String>, Unreadable> {
    open(path)?.map(|file| bounded(path, file, LIMIT)).transpose()
}

/// The text of a regular file of at most `limit` bytes.
///
/// # Errors
/// There is none, it is no regular file, too large, or not text; in one clause.
pub fn text(path: &Path, limit: u64) -> Result<String, String> {
    match open(path) {
        Ok(Some(file)) => bounded(path, file, limit).map_err(|error| error.to_string()),
        Ok(None) => Err(format!("there is no file `{}`", path.display())),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether there is a file at `path` that is not a directory.
pub(super) fn exists(path: &Path) -> Result<bool, Unreadable> {
    Ok(file_type(path)?.is_some_and(|kind| kind != FileType::Directory))
}

/// Whether there is a directory at `path`.
pub(super) fn is_directory(path: &Path) -> Result<bool, Unreadable> {
    Ok(file_type(path)? == Some(FileType::Directory))
}

fn file_type(path: &Path) -> Result<Option<FileType>, Unreadable> {
    match rustix::fs::stat(path) {
        Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(refused(path, error)),
    }
}

fn open(path: &Path) -> Result<Option<File>, Unreadable> {
    // `KUBECONFIG=/dev/stdin` or `/proc/self/fd/3` is one file to this process and another one to the child.
    if path.starts_with("/dev") || path.starts_with("/proc") {
        return Err(not_a_file(path, "a name that depends on the process"));
    }
    // Asked before the open, because opening some devices (tapes, watchdogs) is itself an act.
    match file_type(path)? {
        Some(FileType::RegularFile) => {}
        Some(kind) => return Err(not_a_file(path, word(kind))),
        None => return Ok(None),
    }
    // And again on the open file, because the name may mean a fifo by now; O_NONBLOCK keeps that from hanging.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(refused(path, error)),
    };
    let stat = rustix::fs::fstat(&file).map_err(|error| refused(path, error))?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind == FileType::RegularFile { Ok(Some(File::from(file))) } else { Err(not_a_file(path, word(kind))) }
}

fn bounded(path: &Path, file: File, limit: u64) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    // The size in the inode is not asked: it is 0 in /proc-like file systems, and a file can grow while it is read.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| Unreadable::Io {
        path: path.display().to_string(),
        cause: error.kind().to_string(),
    })?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        return Err(Unreadable::TooLarge { path: path.display().to_string(), limit });
    }
    String::from_utf8(bytes).map_err(|_binary| Unreadable::NotText { what: path.display().to_string() })
}

fn refused(path: &Path, error: Errno) -> Unreadable {
    Unreadable::Io { path: path.display().to_string(), cause: std::io::Error::from(error).kind().to_string() }
}

fn not_a_file(path: &Path, what: &'static str) -> Unreadable {
    Unreadable::NotAFile { path: path.display().to_string(), what }
}

fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a regular file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a fifo",
        FileType::Socket => "a socket",
        FileType::CharacterDevice => "a character device",
        FileType::BlockDevice => "a block device",
        FileType::Unknown => "of an unknown kind",
    }
}
