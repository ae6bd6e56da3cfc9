//! Elsewhere than on Linux: flock(2) on whole files, one small file per action in flight.
//!
//! A mark is a locked file `in-flight-<seq>`; its gate removes it at the end, and the kernel drops the lock on
//! every death. What a dead gate leaves is an unlocked file, which reads as dead and is removed by whoever marks
//! that number again - nobody does, so a few empty files may stay. That is the price of this fallback.

use super::{Liveness, NAME, open, wait};
use crate::journal::Problem;
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// One gate's handle on the lock files.
#[derive(Debug)]
pub(in crate::journal) struct Locks {
    dir: OwnedFd,
    file: OwnedFd,
    path: PathBuf,
}

/// Says that the gate of one intent is alive.
#[derive(Debug)]
pub(in crate::journal) struct Mark {
    dir: OwnedFd,
    name: String,
    _locked: OwnedFd,
}

/// The right to append; ends when dropped.
pub(in crate::journal) struct Turn<'a>(&'a Locks);

impl Locks {
    /// Opens the lock file for a gate and creates it where it is missing.
    pub(in crate::journal) fn create(dir: impl AsFd, path: &Path) -> Result<Locks, Problem> {
        Locks::with(dir, path, OFlags::RDWR | OFlags::CREATE)
    }

    /// Opens the lock file for a reader.
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "on Linux only the tests use this fallback"))]
    pub(in crate::journal) fn read(dir: impl AsFd, path: &Path) -> Result<Locks, Problem> {
        Locks::with(dir, path, OFlags::RDONLY)
    }

    fn with(dir: impl AsFd, path: &Path, access: OFlags) -> Result<Locks, Problem> {
        let file = open(dir.as_fd(), path, access)?;
        let copied = dir.as_fd().try_clone_to_owned();
        let dir = copied.map_err(|error| Problem::io("open", path, error))?;
        Ok(Locks { dir, file, path: path.to_path_buf() })
    }

    /// Waits for the turn to append.
    pub(in crate::journal) fn turn(&self) -> Result<Turn<'_>, Problem> {
        wait(&self.file, &self.path, || lock(&self.file, FlockOperation::NonBlockingLockExclusive))
            .map(|()| Turn(self))
    }

    /// Waits until nobody appends, and keeps it so.
    #[cfg_attr(target_os = "linux", expect(dead_code, reason = "on Linux only the tests use this fallback"))]
    pub(in crate::journal) fn quiet(&self) -> Result<Turn<'_>, Problem> {
        wait(&self.file, &self.path, || lock(&self.file, FlockOperation::NonBlockingLockShared))
            .map(|()| Turn(self))
    }

    /// Marks the intent `seq` as in flight until the mark is dropped.
    pub(in crate::journal) fn mark(&self, seq: u64) -> Result<Mark, Problem> {
        let name = name(seq);
        let failed = |error: io::Error| Problem::io("lock", &self.path.join(&name), error);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.dir, &name, flags, Mode::RUSR | Mode::WUSR);
        let file = file.map_err(|error| failed(error.into()))?;
        if !lock(&file, FlockOperation::NonBlockingLockExclusive).map_err(failed)? {
            return Err(failed(io::ErrorKind::WouldBlock.into()));
        }
        let dir = self.dir.try_clone().map_err(failed)?;
        Ok(Mark { dir, name, _locked: file })
    }

    /// Whether the gate of the intent `seq` lives.
    pub(in crate::journal) fn liveness(&self, seq: u64) -> Result<Liveness, Problem> {
        let failed = |error: io::Error| Problem::io("read the locks of", &self.path, error);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.dir, name(seq), flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(Liveness::Dead),
            Err(error) => return Err(failed(error.into())),
        };
        let free = lock(&file, FlockOperation::NonBlockingLockShared).map_err(failed)?;
        Ok(if free { Liveness::Dead } else { Liveness::Alive })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let released = lock(&self.0.file, FlockOperation::Unlock);
        debug_assert!(released.is_ok(), "{released:?}");
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // An unlocked file that stays reads as dead, so a failure here changes nothing.
        rustix::fs::unlinkat(&self.dir, &self.name, AtFlags::empty()).ok();
    }
}

fn name(seq: u64) -> String {
    format!("{NAME}-{seq}")
}

/// Sets one lock without waiting; says whether it was free.
fn lock(file: &OwnedFd, operation: FlockOperation) -> io::Result<bool> {
    match rustix::fs::flock(file, operation) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
