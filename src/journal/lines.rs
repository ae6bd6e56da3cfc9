//! The log as batches of lines, for readers. Readers own nothing, lock nothing for long and change nothing.
//!
//! In: a log directory, live or copied. Out: a fixed view of it - the segments and how long each was at one
//! moment when nobody was appending - and then its bytes. Never: a write, or a whole segment in memory.

use super::Problem;
use super::lock::{Liveness, Locks};
use super::store::{self, Segment};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// How much is read at once, in bytes.
const BATCH: usize = 1024 * 1024;

/// A line longer than this (bytes) is no record, and is handed out in pieces.
const LONGEST_LINE: usize = 8 * BATCH;

/// The log as it was at one moment.
pub(super) struct Snapshot {
    dir: OwnedFd,
    path: PathBuf,
    /// First sequence number and size in bytes of each segment.
    pub(super) segments: Vec<(u64, u64)>,
    /// The intents in flight whose gates lived at that moment.
    pub(super) alive: Vec<u64>,
}

/// Where in the log a reader stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The segment, by its first sequence number.
    pub(super) segment: u64,
    /// In bytes.
    pub(super) offset: u64,
}

/// Some lines of one segment. Only the last line of a segment's last batch can lack its newline.
pub(super) struct Batch {
    pub(super) position: Position,
    pub(super) bytes: Vec<u8>,
}

impl Snapshot {
    /// Waits until nobody appends, then notes how long everything is.
    pub(super) fn take(path: &Path) -> Result<Snapshot, Problem> {
        let dir = store::directory(path)?;
        // A copied log has no lock file, and nobody appends to it.
        let locks = match Locks::read(&dir, path) {
            Err(Problem::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => None,
            locks => Some(locks?),
        };
        let quiet = match locks.as_ref().map(Locks::quiet).transpose() {
            // Removed between opening and locking: as good as a log without one.
            Err(Problem::LockGone(_)) => None,
            quiet => quiet?,
        };
        let mut snapshot =
            Snapshot { segments: Vec::new(), alive: Vec::new(), dir, path: path.to_path_buf() };
        for first in store::segments(&snapshot.dir, path)? {
            let stat =
                rustix::fs::statat(&snapshot.dir, store::segment_name(first), AtFlags::SYMLINK_NOFOLLOW);
            let stat =
                stat.map_err(|error| Problem::io("read the size of", &snapshot.segment_path(first), error))?;
            snapshot.segments.push((first, u64::try_from(stat.st_size).unwrap_or_default()));
        }
        if let Some(locks) = &locks {
            snapshot.alive = snapshot.living(locks)?;
        }
        drop(quiet);
        Ok(snapshot)
    }

    /// Which intents in flight have a living gate. It must be asked now: a gate that ends a second later has
    /// written its outcome behind this snapshot.
    fn living(&self, locks: &Locks) -> Result<Vec<u64>, Problem> {
        for (first, size) in self.segments.iter().rev() {
            let file = self.open(*first)?;
            let segment =
                Segment { first: *first, path: self.segment_path(*first), file, size: *size, allocated: 0 };
            // Damage is for the verifier to name; here it only means that nobody can be found alive.
            let Ok(tail) = segment.tail() else { return Ok(Vec::new()) };
            if let Some(chain) = tail.chain {
                let mut alive = Vec::new();
                for seq in chain.open.0.keys() {
                    if locks.liveness(*seq)? == Liveness::Alive {
                        alive.push(*seq);
                    }
                }
                return Ok(alive);
            }
        }
        Ok(Vec::new())
    }

    /// The path of a segment, for messages.
    pub(super) fn segment_path(&self, first: u64) -> PathBuf {
        self.path.join(store::segment_name(first))
    }

    /// The sizes of all segments together, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|(_, size)| size).sum()
    }

    /// Everything from `start` on.
    pub(super) fn batches(&self, start: Position) -> Batches<'_> {
        let segments =
            self.segments.iter().copied().filter(|(first, _)| *first >= start.segment).collect::<Vec<_>>();
        Batches { snapshot: self, segments: segments.into_iter(), start, current: None }
    }

    fn open(&self, first: u64) -> Result<OwnedFd, Problem> {
        let path = self.segment_path(first);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        rustix::fs::openat(&self.dir, store::segment_name(first), flags, Mode::empty())
            .map_err(|error| Problem::io("open", &path, error))
    }
}

/// Iterates over a snapshot. Every segment gives at least one batch, an empty one if need be.
pub(super) struct Batches<'a> {
    snapshot: &'a Snapshot,
    segments: std::vec::IntoIter<(u64, u64)>,
    start: Position,
    current: Option<Current>,
}

struct Current {
    file: File,
    position: Position,
    size: u64,
    /// The beginning of a line whose end was not read yet.
    carried: Vec<u8>,
}

impl Iterator for Batches<'_> {
    type Item = Result<Batch, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.current.is_none() {
            let (first, size) = self.segments.next()?;
            match self.enter(first, size) {
                Ok(current) => self.current = Some(current),
                Err(problem) => return Some(Err(problem)),
            }
        }
        let current = self.current.as_mut()?;
        let batch = current.read();
        if batch.is_err() || current.is_done() {
            let path = self.snapshot.segment_path(current.position.segment);
            self.current = None;
            return Some(batch.map_err(|error| Problem::io("read", &path, error)));
        }
        Some(batch.map_err(|error| Problem::io("read", &self.snapshot.path, error)))
    }
}

impl Batches<'_> {
    fn enter(&self, first: u64, size: u64) -> Result<Current, Problem> {
        let offset = if first == self.start.segment { self.start.offset.min(size) } else { 0 };
        let mut file = File::from(self.snapshot.open(first)?);
        file.seek(SeekFrom::Start(offset))
            .map_err(|error| Problem::io("read", &self.snapshot.segment_path(first), error))?;
        Ok(Current { file, position: Position { segment: first, offset }, size, carried: Vec::new() })
    }
}

impl Current {
    fn is_done(&self) -> bool {
        self.position.offset >= self.size
    }

    /// Reads whole lines; at the end, whatever is left.
    fn read(&mut self) -> io::Result<Batch> {
        let mut bytes = std::mem::take(&mut self.carried);
        let position = self.position;
        loop {
            let unread = self.size - position.offset - bytes.len() as u64;
            let wanted = unread.min(BATCH as u64);
            bytes.reserve(usize::try_from(wanted).unwrap_or(BATCH));
            let got = (&self.file).take(wanted).read_to_end(&mut bytes)? as u64;
            if got < wanted {
                return Err(io::Error::from(Errno::IO));
            }
            let lines = match memchr::memrchr(b'\n', &bytes) {
                _ if wanted == unread => bytes.len(),
                Some(newline) => newline + 1,
                None if bytes.len() >= LONGEST_LINE => bytes.len(),
                None => continue,
            };
            self.carried = bytes.split_off(lines);
            self.position.offset += lines as u64;
            return Ok(Batch { position, bytes });
        }
    }
}

/// The lines of a batch: offset within it, the line without its newline, and whether it had one.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8], Newline)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let (line, newline) = match memchr::memchr(b'\n', rest) {
            Some(end) => (rest.get(..end)?, Newline::Present),
            None => (rest, Newline::Missing),
        };
        let at = start;
        start += line.len() + 1;
        Some((at, line, newline))
    })
}

/// Whether a line ends as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Newline {
    Present,
    Missing,
}
