//! Whose turn it is to append, and which gates are still alive.
//!
//! Both are kernel locks, so that every death releases them: SIGKILL, the OOM killer, a panic. A pid file would
//! outlive its process and could later name another one.

#[cfg(any(test, not(target_os = "linux")))]
mod files;
#[cfg(target_os = "linux")]
mod ranges;

#[cfg(not(target_os = "linux"))]
pub(super) use files::{Locks, Mark};
#[cfg(target_os = "linux")]
pub(super) use ranges::{Locks, Mark};

use super::Problem;
use crate::clock;
use rustix::fs::{Mode, OFlags};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

/// The lock file's name in the log directory. A file called `lock` would invite people to remove it.
pub(super) const NAME: &str = "in-flight";

/// How long a gate waits for its turn. One append holds it for microseconds; only a stopped gate holds it longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the gate that wrote an intent still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Liveness {
    /// It will write the outcome.
    Alive,
    /// Nobody will write the outcome.
    Dead,
}

/// Opens the lock file; a reader makes do without one, for instance on a copied log.
fn open(dir: BorrowedFd<'_>, path: &Path, access: OFlags) -> Result<OwnedFd, Problem> {
    let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(dir, NAME, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| Problem::io("open", &path.join(NAME), error))
}

/// Tries until it is this gate's turn. Polling, because the blocking lock calls know no deadline, and a gate that
/// was stopped (SIGSTOP) in its turn must not hang every other gate without a word.
fn wait(file: &OwnedFd, path: &Path, attempt: impl Fn() -> io::Result<bool>) -> Result<(), Problem> {
    let start = clock::monotonic();
    let failed = |error: io::Error| Problem::io("lock", &path.join(NAME), error);
    loop {
        if attempt().map_err(failed)? {
            let links = rustix::fs::fstat(file).map_err(|error| failed(error.into()))?.st_nlink;
            return if links == 0 { Err(Problem::LockGone(path.join(NAME))) } else { Ok(()) };
        }
        if start.elapsed() > PATIENCE {
            return Err(Problem::Busy { path: path.join(NAME), seconds: PATIENCE.as_secs() });
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::CWD;

    /// Both implementations keep the same promises; the one for other systems is tested here too.
    macro_rules! promises {
        ($name:ident) => {
            mod $name {
                use super::*;
                use crate::journal::lock::$name::Locks;

                fn locks(dir: &Path) -> Locks {
                    let fd = rustix::fs::openat(CWD, dir, OFlags::DIRECTORY, Mode::empty()).unwrap();
                    Locks::create(&fd, dir).unwrap()
                }

                #[test]
                fn a_mark_lives_as_long_as_its_holder() {
                    let dir = tempfile::tempdir().unwrap();
                    let (gate, other) = (locks(dir.path()), locks(dir.path()));
                    assert_eq!(other.liveness(7).unwrap(), Liveness::Dead);
                    let mark = gate.mark(7).unwrap();
                    assert_eq!(other.liveness(7).unwrap(), Liveness::Alive);
                    assert_eq!(other.liveness(6).unwrap(), Liveness::Dead);
                    assert_eq!(other.liveness(8).unwrap(), Liveness::Dead);
                    drop((mark, gate));
                    assert_eq!(other.liveness(7).unwrap(), Liveness::Dead);
                }

                #[test]
                fn turns_exclude_each_other_and_not_the_marks() {
                    let dir = tempfile::tempdir().unwrap();
                    let (one, two) = (locks(dir.path()), locks(dir.path()));
                    let _mark = one.mark(3).unwrap();
                    let turn = two.turn().unwrap();
                    let waiting = std::thread::scope(|scope| {
                        let waiter = scope.spawn(|| one.turn().map(drop).is_ok());
                        std::thread::sleep(Duration::from_millis(30));
                        let early = waiter.is_finished();
                        drop(turn);
                        (early, waiter.join().unwrap())
                    });
                    assert_eq!(waiting, (false, true));
                }
            }
        };
    }

    promises!(files);
    #[cfg(target_os = "linux")]
    promises!(ranges);
}
