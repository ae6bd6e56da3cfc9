//! The append protocol: take the turn, look at the end, mend it, write once, yield the turn, sync.
//!
//! In: a checked directory and what is to be recorded. Out: a record that is durable, or an error and nothing
//! started. Never: a truncation, a scan of the log, or a success before the kernel said that the bytes are on disk.

use super::lines::Position;
use super::lock::{Liveness, Locks};
use super::record::{self, Chain, Kind};
use super::store::{self, Broken, Segment};
use super::{Journal, Problem, RecordHash};
use crate::clock;
use rustix::io::Errno;
use serde_json::{Map, Value, json};

/// What one outcome may need, in bytes: 6,000 for the longest reason, all escaped, and about 500 for the rest.
const OUTCOME_ROOM: u64 = 8192;

/// Space is set aside in pieces of this size, in bytes, so that few appends pay for it.
const RESERVE: u64 = 64 * 1024;

/// What an append does to the actions in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An intent or a denial: may open a new segment, and must leave the space that outcomes in flight need.
    Begins,
    /// An outcome of the intent with this number: takes the space that was set aside for it.
    Ends(u64),
}

/// Appends what `compose` adds to the chain; durable when it returns.
pub(super) fn append<T>(
    journal: &Journal,
    locks: &Locks,
    step: Step,
    compose: impl FnOnce(&mut Chain, Position) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let turn = locks.turn()?;
    let mut place = Place::find(journal, step)?;
    place.bury_the_dead(locks, step)?;
    let position = place.position();
    let made = compose(&mut place.chain, position)?;
    place.reserve(step)?;
    place.write()?;
    // The turn ends before the sync, so that gates wait for each other's microseconds and not for each other's
    // disks. A later record never becomes durable without this one: both sit in the same file, and a rotation
    // syncs the old file first.
    drop(turn);
    store::sync(&place.segment.file, &place.segment.path)?;
    Ok(made)
}

/// Where the next record goes.
struct Place {
    segment: Segment,
    chain: Chain,
}

impl Place {
    /// Where the next record will begin.
    fn position(&self) -> Position {
        Position {
            segment: self.segment.first,
            offset: self.segment.size.saturating_add(self.chain.lines.len() as u64),
        }
    }

    /// Finds the end of the log, and mends it in the lines that will be written.
    fn find(journal: &Journal, step: Step) -> Result<Place, Problem> {
        let segments = store::segments(&journal.dir, &journal.path)?;
        let Some((&newest, older)) = segments.split_last() else {
            return Place::begin(Segment::create(journal, 0)?, Chain::fresh(), None, &Broken::Nothing);
        };
        let segment = Segment::open(journal, newest)?;
        let tail = segment.tail()?;
        let Some(mut chain) = tail.chain else {
            // A crash between creating this file and its first record; or, with bytes in it, within that record.
            let (chain, previous) = Place::before(journal, newest, older.last())?;
            return Place::begin(segment, chain, previous, &tail.broken);
        };
        match tail.broken {
            Broken::Nothing if step == Step::Begins && segment.size >= journal.segment_limit => {
                return Place::rotate(journal, &segment, chain);
            }
            Broken::Nothing => {}
            Broken::Newline => {
                chain.lines.push(b'\n');
                chain.add(Kind::Repair, clock::now(), &[("torn", record::torn_note(b""))], &Map::new())?;
            }
            Broken::Torn(torn) => {
                let note = frame(&segment, &mut chain, &torn)?;
                chain.add(Kind::Repair, clock::now(), &[("torn", note)], &Map::new())?;
            }
        }
        Ok(Place { segment, chain })
    }

    /// The chain at the end of the segment before `newest`, which has no record yet.
    fn before(journal: &Journal, newest: u64, older: Option<&u64>) -> Result<(Chain, Option<u64>), Problem> {
        let Some(&previous) = older else { return Ok((Chain::fresh(), None)) };
        let segment = Segment::open(journal, previous)?;
        let tail = segment.tail()?;
        match tail.chain.filter(|chain| chain.next == newest && tail.broken == Broken::Nothing) {
            Some(chain) => Ok((chain, Some(previous))),
            None => Err(segment.damaged(format!("it should end right before record {newest}"))),
        }
    }

    /// Opens the next segment. The old one is synced first: its last records may be another gate's, not synced
    /// yet, and a chain whose middle is lost would look tampered with.
    fn rotate(journal: &Journal, old: &Segment, chain: Chain) -> Result<Place, Problem> {
        store::sync(&old.file, &old.path)?;
        let segment = Segment::create(journal, chain.next)?;
        Place::begin(segment, chain, Some(old.first), &Broken::Nothing)
    }

    /// Adds the record that opens a segment. The first one of all names the log, so that no checkpoint of one
    /// log can speak for another.
    fn begin(
        segment: Segment,
        mut chain: Chain,
        previous: Option<u64>,
        broken: &Broken,
    ) -> Result<Place, Problem> {
        let mut fields = vec![match previous {
            Some(first) => {
                ("after", json!({ "segment": store::segment_name(first), "head": chain.head.to_string() }))
            }
            None => ("log", Value::from(fresh_log_id()?)),
        }];
        if let Broken::Torn(torn) = broken {
            fields.push(("torn", frame(&segment, &mut chain, torn)?));
        }
        chain.add(Kind::Segment, clock::now(), &fields, &Map::new())?;
        Ok(Place { segment, chain })
    }

    /// Records as `abandoned` every action in flight whose gate is gone.
    fn bury_the_dead(&mut self, locks: &Locks, step: Step) -> Result<(), Problem> {
        for (seq, id) in self.chain.open.0.clone() {
            // A gate's own mark does not show on its own handle, so it would bury itself.
            if step == Step::Ends(seq) || locks.liveness(seq)? == Liveness::Alive {
                continue;
            }
            self.chain.open.0.remove(&seq);
            let fields = [("id", json!(id.as_str())), ("intent", json!(seq))];
            self.chain.add(Kind::Abandoned, clock::now(), &fields, &Map::new())?;
        }
        Ok(())
    }

    /// Sets space aside, so that a disk that fills up meanwhile still takes the outcome of what was started.
    ///
    /// Linux: fallocate(2) beyond the end of the file. Elsewhere, and on file systems without it, nothing is set
    /// aside: a full disk can then turn an outcome into an `abandoned`, which is still not silence.
    fn reserve(&self, step: Step) -> Result<(), Problem> {
        if step != Step::Begins {
            return Ok(());
        }
        let flying = self.chain.open.0.len() as u64;
        let wanted = self.chain.lines.len() as u64 + flying * (OUTCOME_ROOM + 40 * flying);
        if self.segment.allocated >= self.segment.size + wanted {
            return Ok(());
        }
        match allocate(&self.segment, wanted + RESERVE) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            Err(error) => Err(Problem::io("reserve space in", &self.segment.path, error)),
        }
    }

    /// Writes all lines. A disk that takes only a part leaves a torn line, which the next gate frames.
    fn write(&self) -> Result<(), Problem> {
        let mut rest = self.chain.lines.as_slice();
        while !rest.is_empty() {
            match rustix::io::write(&self.segment.file, rest) {
                Ok(0) => return Err(Problem::io("write to", &self.segment.path, Errno::IO)),
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(error) => return Err(Problem::io("write to", &self.segment.path, error)),
            }
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn allocate(segment: &Segment, bytes: u64) -> Result<(), Errno> {
    rustix::fs::fallocate(&segment.file, rustix::fs::FallocateFlags::KEEP_SIZE, segment.size, bytes)
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &Segment, _: u64) -> Result<(), Errno> {
    Err(Errno::OPNOTSUPP)
}

/// Ends a torn line, if a crash can have left it, and says what the next record must say of it; if not, somebody
/// edited the log and nothing is added to it.
fn frame(segment: &Segment, chain: &mut Chain, torn: &[u8]) -> Result<Value, Problem> {
    if !record::is_torn(torn, chain.next, chain.head) {
        return Err(segment.damaged("what follows the last record is not what a crash leaves".to_owned()));
    }
    // A gate may have died right behind its frame: then the line is ended already.
    let framed = torn.strip_suffix(b"\n").and_then(|line| line.strip_suffix(record::TORN));
    if framed.is_none() {
        chain.lines.extend_from_slice(record::TORN);
        chain.lines.push(b'\n');
    }
    Ok(record::torn_note(framed.unwrap_or(torn)))
}

/// 128 random bits in hex.
fn fresh_log_id() -> Result<String, Problem> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(|error| Problem::Random(error.to_string()))?;
    Ok(RecordHash::of(&bits).to_string().chars().take(32).collect())
}
