//! Linux: open-file-description locks on byte ranges of one file, which is never written.
//!
//! Byte `seq` stands for the gate that wrote the intent `seq`; one byte far behind stands for the turn to append.
//! The descriptor is close-on-exec: a started command never inherits the lock and so cannot keep a dead gate
//! "alive". Between fork and exec the child shares it, for some microseconds, and that is harmless: at worst
//! one reader sees an action as running that the next one sees as abandoned.

use super::{Liveness, open, wait};
use crate::journal::Problem;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rustix::fs::OFlags;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Sequence numbers stay below 2^53, so this byte is nobody's mark.
const TURN: u64 = 1 << 62;

/// One gate's handle on the lock file.
#[derive(Debug)]
pub(in crate::journal) struct Locks {
    file: OwnedFd,
    path: PathBuf,
}

/// Says that the gate of one intent is alive. The kernel keeps it with the [`Locks`] it came from.
#[derive(Debug)]
pub(in crate::journal) struct Mark;

/// The right to append; ends when dropped.
pub(in crate::journal) struct Turn<'a>(&'a Locks);

impl Locks {
    /// Opens the lock file for a gate and creates it where it is missing.
    pub(in crate::journal) fn create(dir: impl AsFd, path: &Path) -> Result<Locks, Problem> {
        let file = open(dir.as_fd(), path, OFlags::RDWR | OFlags::CREATE)?;
        Ok(Locks { file, path: path.to_path_buf() })
    }

    /// Opens the lock file for a reader, who needs no right to write.
    pub(in crate::journal) fn read(dir: impl AsFd, path: &Path) -> Result<Locks, Problem> {
        Ok(Locks { file: open(dir.as_fd(), path, OFlags::RDONLY)?, path: path.to_path_buf() })
    }

    /// Waits for the turn to append.
    pub(in crate::journal) fn turn(&self) -> Result<Turn<'_>, Problem> {
        wait(&self.file, &self.path, || self.set(libc::F_WRLCK, TURN)).map(|()| Turn(self))
    }

    /// Waits until nobody appends, and keeps it so: what a reader needs to see whole lines only.
    pub(in crate::journal) fn quiet(&self) -> Result<Turn<'_>, Problem> {
        wait(&self.file, &self.path, || self.set(libc::F_RDLCK, TURN)).map(|()| Turn(self))
    }

    /// Marks the intent `seq` as in flight, until this handle is closed by whatever ends the process.
    pub(in crate::journal) fn mark(&self, seq: u64) -> Result<Mark, Problem> {
        let marked = self.set(libc::F_WRLCK, seq).map_err(|error| Problem::io("lock", &self.path, error))?;
        let taken = || Problem::io("lock", &self.path, io::Error::from(io::ErrorKind::WouldBlock));
        if marked { Ok(Mark) } else { Err(taken()) }
    }

    /// Whether the gate of the intent `seq` lives. Marks made through this same handle do not count.
    pub(in crate::journal) fn liveness(&self, seq: u64) -> Result<Liveness, Problem> {
        let mut range = range(libc::F_RDLCK, seq);
        fcntl(&self.file, FcntlArg::F_OFD_GETLK(&mut range))
            .map_err(|error| Problem::io("read the locks of", &self.path, error))?;
        let free = i32::from(range.l_type) == libc::F_UNLCK;
        Ok(if free { Liveness::Dead } else { Liveness::Alive })
    }

    /// Sets one lock without waiting; says whether it was free.
    fn set(&self, kind: i32, at: u64) -> io::Result<bool> {
        match fcntl(&self.file, FcntlArg::F_OFD_SETLK(&range(kind, at))) {
            Ok(_) => Ok(true),
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // It cannot fail for a lock that is held; and if it did, closing the file would release it.
        let released = self.0.set(libc::F_UNLCK, TURN);
        debug_assert!(released.is_ok(), "{released:?}");
    }
}

/// One byte. `l_pid` must be zero for locks of this kind (fcntl_locking(2)).
fn range(kind: i32, at: u64) -> libc::flock {
    let start = i64::try_from(at).unwrap_or(i64::MAX);
    let short = |value: i32| libc::c_short::try_from(value).unwrap_or_default();
    libc::flock { l_type: short(kind), l_whence: short(libc::SEEK_SET), l_start: start, l_len: 1, l_pid: 0 }
}
