//! Whether the log is whole, and what it is anchored to.
//!
//! In: a log directory and the checkpoints that somebody kept elsewhere. Out: one of three answers, with the
//! first bad record. Never: a guess in either direction - a tampered log is not whole, and what a crash leaves is
//! not tampering. Without an anchor a cut at a record's end cannot be seen; the answer then says `unanchored`.

use super::lines::{Batch, Newline, Snapshot, lines};
use super::merkle::{Checkpoint, Tree};
use super::record::{self, InFlight, Kind, Line, RecordHash, TORN, Wrong};
use super::{ActionId, Problem, store};
use std::path::Path;
use std::sync::mpsc;

/// Logs up to this size (bytes) are checked on one thread: starting more takes longer than the work.
const SMALL: u64 = 4 * 1024 * 1024;

/// What could be found out about a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// Every record is in place, every action ended, and an anchor agrees.
    Whole(Survey),
    /// Nothing is wrong with what is there, but something is missing.
    Partial {
        /// What is there.
        survey: Survey,
        /// What is missing; never empty.
        gaps: Vec<Gap>,
    },
    /// Somebody changed the log.
    Tampered {
        /// The first bad record.
        fault: Fault,
        /// What is there before it.
        survey: Survey,
    },
}

/// What a log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// How many good records there are, up to the end or the first bad one.
    pub records: u64,
    /// How many of them the last good anchor covers.
    pub anchored: u64,
    /// How many actions are running right now.
    pub running: u64,
    /// The checkpoint over the good records; `None` while there is none.
    pub checkpoint: Option<Checkpoint>,
}

/// Something that is missing without anybody's evil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No record at all.
    Empty,
    /// No anchor was given.
    Unanchored,
    /// A crash in the middle of a write; the next gate will frame it.
    Torn {
        /// In which segment.
        segment: String,
        /// How many bytes are left of the write.
        bytes: u64,
    },
    /// An intent whose gate died; the next gate will record it as `abandoned`.
    Orphan {
        /// The intent's number.
        seq: u64,
        /// The action.
        id: ActionId,
    },
}

/// Where the log is wrong first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The segment's file name.
    pub segment: String,
    /// The line in that file, from 1.
    pub line: u64,
    /// The number of the record that is, or should be, in that line.
    pub seq: u64,
    /// Where the line begins, in bytes from the start of the file.
    pub offset: u64,
    /// What is wrong.
    pub what: Tampering,
}

/// What somebody did to a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// The line alone is wrong.
    #[error("{0}")]
    Line(Wrong),
    /// A record is missing, doubled or moved.
    #[error("record {0} stands here instead: records are missing, doubled or moved")]
    Order(u64),
    /// It continues another record than the one before it.
    #[error("it does not continue the record before it: one of the two was replaced")]
    Predecessor,
    /// Torn bytes are not followed by the record that accounts for them.
    #[error("torn bytes stand before it, and it does not account for them")]
    Unframed,
    /// It accounts for other torn bytes than stand before it.
    #[error("it accounts for other torn bytes than stand before it")]
    Torn,
    /// An outcome of nothing.
    #[error("it ends an action that is not in flight")]
    NotInFlight,
    /// A segment that does not open as one, or a segment record elsewhere.
    #[error("a segment begins with a `segment` record that names the one before it, and only there")]
    SegmentStart,
    /// A file is missing or misnamed.
    #[error("the segment should begin with this record: a file is missing or was renamed")]
    SegmentName,
    /// A gate repairs a segment before it opens the next.
    #[error("the segment before this one ends in the middle of a write, which a gate would have repaired")]
    SegmentEnd,
    /// An anchor of this log does not fit: a record at or before this one was replaced, consistently.
    #[error("the anchor over {0} records has another root: the records were rewritten")]
    Anchor(u64),
    /// The anchor knows more records than there are.
    #[error("an anchor covers {0} records: the log was cut or rolled back")]
    Short(u64),
    /// The anchor is about another log: this one was replaced, or the wrong file was given.
    #[error("the anchor speaks of `{0}`: the log was replaced, or this is another log's anchor")]
    Origin(String),
}

/// The log could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("{0}; the log was not verified")]
pub struct Unreadable(#[source] pub Problem);

impl Integrity {
    /// 0 whole and anchored, 1 tampered, 3 whole but unanchored, torn, orphaned or empty. (2 is [`Unreadable`].)
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Integrity::Whole(_) => 0,
            Integrity::Tampered { .. } => 1,
            Integrity::Partial { .. } => 3,
        }
    }

    /// What the log holds.
    #[must_use]
    pub fn survey(&self) -> &Survey {
        match self {
            Integrity::Whole(survey)
            | Integrity::Partial { survey, .. }
            | Integrity::Tampered { survey, .. } => survey,
        }
    }
}

/// Reads the whole log once and compares it with every anchor.
///
/// # Errors
/// Something cannot be read, and nothing bad was found before that.
pub fn verify(dir: &Path, anchors: &[Checkpoint]) -> Result<Integrity, Unreadable> {
    let snapshot = Snapshot::take(dir).map_err(Unreadable)?;
    let mut walk = Walk::new(anchors);
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().clamp(1, 4));
    let walked = match workers {
        2.. if snapshot.bytes() > SMALL => check_threaded(&snapshot, workers, &mut walk),
        _ => snapshot.batches(Default::default()).try_for_each(|batch| {
            let batch = batch.map_err(Stop::Unreadable)?;
            walk.batch(&batch, check(&batch)).map_err(Stop::Fault)
        }),
    };
    match walked.and_then(|()| walk.end().map_err(Stop::Fault)) {
        Ok(()) => Ok(walk.conclude(&snapshot)),
        Err(Stop::Fault(fault)) => {
            Ok(Integrity::Tampered { fault: *fault, survey: Survey { checkpoint: None, ..walk.survey(0) } })
        }
        Err(Stop::Unreadable(problem)) => Err(Unreadable(problem)),
    }
}

/// Why a walk ended early.
enum Stop {
    Fault(Box<Fault>),
    Unreadable(Problem),
}

/// One line, checked by itself.
struct Checked {
    start: usize,
    end: usize,
    newline: Newline,
    result: Result<Proven, Wrong>,
}

/// What the chain needs to know of a line that is right by itself.
struct Proven {
    hash: RecordHash,
    prev: RecordHash,
    seq: u64,
    kind: Kind,
    /// How many bytes of the line stand from `open` to its end, the closing brace of the line not counted.
    rest: usize,
}

/// Checks each line of a batch by itself: bytes, shape, hash, JSON. This is nearly all of the work.
fn check(batch: &Batch) -> impl Iterator<Item = Checked> + '_ {
    let one = |line| {
        let line = Line::parse(line)?;
        serde_json::from_slice::<serde::de::IgnoredAny>(line.record).map_err(|_| Wrong::Json)?;
        Ok(Proven { hash: line.hash, prev: line.prev, seq: line.seq, kind: line.kind, rest: line.rest.len() })
    };
    lines(&batch.bytes).map(move |(start, line, newline)| Checked {
        start,
        end: start + line.len(),
        newline,
        result: one(line),
    })
}

/// Reads on one thread, checks lines on several, and walks the chain here, in order.
fn check_threaded(snapshot: &Snapshot, workers: usize, walk: &mut Walk<'_>) -> Result<(), Stop> {
    std::thread::scope(|scope| {
        let mut inputs = Vec::new();
        let mut outputs = Vec::new();
        for _ in 0..workers {
            let (give, take) = mpsc::sync_channel::<Result<Batch, Problem>>(2);
            let (answer, answers) = mpsc::sync_channel(2);
            inputs.push(give);
            outputs.push(answers);
            scope.spawn(move || {
                let check = |batch: Result<Batch, Problem>| {
                    batch.map(|batch| (check(&batch).collect::<Vec<_>>(), batch))
                };
                // A send fails only when the walk has ended early; then there is nothing left to do.
                take.into_iter().map(check).try_for_each(|checked| answer.send(checked).ok())
            });
        }
        scope.spawn(move || {
            let turns = snapshot.batches(Default::default()).zip(inputs.iter().cycle());
            turns.map(|(batch, input)| input.send(batch).ok()).take_while(Option::is_some).count()
        });
        // The same turns as the reader's; the first worker without an answer had nothing left to check.
        outputs.iter().cycle().map_while(|answers| answers.recv().ok()).try_for_each(|checked| {
            let (checked, batch) = checked.map_err(Stop::Unreadable)?;
            walk.batch(&batch, checked).map_err(Stop::Fault)
        })
    })
}

/// The walk along the chain.
struct Walk<'a> {
    anchors: Vec<&'a Checkpoint>,
    next: u64,
    head: RecordHash,
    open: InFlight,
    tree: Tree,
    origin: String,
    anchored: u64,
    /// The segment being read, by its first number; `None` before the first one.
    segment: Option<u64>,
    /// The segment before it.
    previous: Option<u64>,
    line: u64,
    offset: u64,
    start: Start,
    /// Framed torn lines that no record has accounted for yet.
    framed: Vec<u8>,
    /// Line and offset of the first of them: if nothing accounts for it, it is the line that was changed.
    framed_at: (u64, u64),
    /// Bytes at the end of the segment that a crash cut off; 0 with [`Newline::Missing`] after a whole record.
    cut: Option<u64>,
    /// The list of actions in flight as the next record must spell it; kept to save allocations.
    spelled: Vec<u8>,
}

/// Whether the segment's first record was seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Pending,
    Seen,
}

impl<'a> Walk<'a> {
    fn new(anchors: &'a [Checkpoint]) -> Walk<'a> {
        Walk {
            anchors: anchors.iter().collect(),
            next: 0,
            head: RecordHash::ZERO,
            open: InFlight::default(),
            tree: Tree::default(),
            origin: String::new(),
            anchored: 0,
            segment: None,
            previous: None,
            line: 0,
            offset: 0,
            start: Start::Seen,
            framed: Vec::new(),
            framed_at: (0, 0),
            cut: None,
            spelled: Vec::new(),
        }
    }

    fn fault(&self, what: Tampering) -> Box<Fault> {
        let segment = store::segment_name(self.segment.unwrap_or_default());
        let (line, offset) = if self.framed.is_empty() { (self.line, self.offset) } else { self.framed_at };
        Box::new(Fault { segment, line, seq: self.next, offset, what })
    }

    fn batch(&mut self, batch: &Batch, checked: impl IntoIterator<Item = Checked>) -> Result<(), Box<Fault>> {
        if self.segment != Some(batch.position.segment) {
            self.enter(batch.position.segment)?;
        }
        for line in checked {
            self.line += 1;
            self.offset = batch.position.offset + line.start as u64;
            self.line(batch.bytes.get(line.start..line.end).unwrap_or_default(), line.newline, line.result)?;
        }
        Ok(())
    }

    /// Begins a segment; whatever a crash left in the one before must have been repaired.
    fn enter(&mut self, first: u64) -> Result<(), Box<Fault>> {
        let unfinished = self.segment.is_some() && self.start == Start::Pending;
        let unframed = !self.framed.is_empty();
        self.framed.clear();
        self.previous = self.segment.replace(first);
        (self.line, self.offset, self.start) = (0, 0, Start::Pending);
        if unfinished || self.cut.is_some() || unframed {
            return Err(self.fault(Tampering::SegmentEnd));
        }
        if first != self.next {
            return Err(self.fault(Tampering::SegmentName));
        }
        Ok(())
    }

    fn line(
        &mut self,
        line: &[u8],
        newline: Newline,
        result: Result<Proven, Wrong>,
    ) -> Result<(), Box<Fault>> {
        match (result, newline) {
            (Ok(proven), Newline::Present) => self.record(line, &proven),
            (Ok(proven), Newline::Missing) => {
                self.cut = Some(0);
                self.record(line, &proven)
            }
            (Err(_), Newline::Missing) if record::is_torn_tail(line, self.next, self.head) => {
                self.cut = Some(line.len() as u64);
                Ok(())
            }
            (Err(wrong), Newline::Present) => {
                let torn =
                    line.strip_suffix(TORN).filter(|torn| record::is_torn_tail(torn, self.next, self.head));
                torn.ok_or_else(|| self.fault(Tampering::Line(wrong)))?;
                if self.framed.is_empty() {
                    self.framed_at = (self.line, self.offset);
                }
                self.framed.extend_from_slice(line);
                self.framed.push(b'\n');
                Ok(())
            }
            (Err(wrong), Newline::Missing) => Err(self.fault(Tampering::Line(wrong))),
        }
    }

    fn record(&mut self, line: &[u8], proven: &Proven) -> Result<(), Box<Fault>> {
        let allowed = match (self.start, proven.kind) {
            (Start::Pending, kind) => kind == Kind::Segment,
            (Start::Seen, kind) => kind != Kind::Segment,
        };
        let accounts = matches!(proven.kind, Kind::Repair | Kind::Segment);
        let wrong = if proven.seq != self.next {
            Some(Tampering::Order(proven.seq))
        } else if proven.prev != self.head {
            Some(Tampering::Predecessor)
        } else if !allowed {
            Some(Tampering::SegmentStart)
        } else if !self.framed.is_empty() && !accounts {
            Some(Tampering::Unframed)
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return Err(self.fault(wrong));
        }
        let rest = line.len().checked_sub(proven.rest + 1).and_then(|from| line.get(from..line.len() - 1));
        self.meaning(proven.kind, rest.unwrap_or_default()).map_err(|what| self.fault(what))?;
        (self.head, self.start) = (proven.hash, Start::Seen);
        self.framed.clear();
        self.tree.push(proven.hash);
        self.anchor()?;
        self.next += 1;
        Ok(())
    }

    /// Checks what the record says against what is in flight, torn or begun.
    fn meaning(&mut self, kind: Kind, rest: &[u8]) -> Result<(), Tampering> {
        let end = if rest.starts_with(b"[]") {
            Some(2)
        } else {
            memchr::memmem::find(rest, b"]]").map(|at| at + 2)
        };
        let (list, fields) =
            end.and_then(|end| rest.split_at_checked(end)).ok_or(Tampering::Line(Wrong::Open))?;
        match kind {
            Kind::Intent => {
                let (id, _) = id(fields)?;
                self.open.0.insert(self.next, id);
            }
            Kind::Outcome | Kind::Abandoned => {
                let (id, fields) = id(fields)?;
                let intent = fields.strip_prefix(b",\"intent\":").and_then(record::number);
                let (intent, _) = intent.ok_or(Tampering::Line(Wrong::Shape))?;
                if self.open.0.remove(&intent) != Some(id) {
                    return Err(Tampering::NotInFlight);
                }
            }
            Kind::Denied | Kind::Requested | Kind::Approved | Kind::Rejected | Kind::Reviewed => {
                id(fields)?;
            }
            Kind::Repair => self.torn(fields)?,
            Kind::Segment => self.segment_start(fields)?,
        }
        self.spelled.clear();
        self.open.write(&mut self.spelled);
        if self.spelled == list { Ok(()) } else { Err(Tampering::Line(Wrong::Open)) }
    }

    /// Whether a record accounts for exactly the torn bytes before it. The frame itself is not among them.
    fn torn(&self, fields: &[u8]) -> Result<(), Tampering> {
        let framed =
            self.framed.strip_suffix(b"\n").and_then(|framed| framed.strip_suffix(TORN)).unwrap_or_default();
        let note = format!(",\"torn\":{}}}", record::torn_note(framed));
        if fields == note.as_bytes() { Ok(()) } else { Err(Tampering::Torn) }
    }

    fn segment_start(&mut self, fields: &[u8]) -> Result<(), Tampering> {
        let expected = match self.previous {
            None => {
                let id = fields.strip_prefix(b",\"log\":\"").and_then(|rest| rest.get(..32));
                let id = id.and_then(|id| std::str::from_utf8(id).ok()).ok_or(Tampering::SegmentStart)?;
                self.origin = format!("remgate/{id}");
                format!(",\"log\":\"{id}\"")
            }
            Some(previous) => {
                let (head, name) = (self.head, store::segment_name(previous));
                format!(",\"after\":{{\"head\":\"{head}\",\"segment\":\"{name}\"}}")
            }
        };
        let rest = fields.strip_prefix(expected.as_bytes()).ok_or(Tampering::SegmentStart)?;
        if rest == b"}" && self.framed.is_empty() { Ok(()) } else { self.torn(rest) }
    }

    /// Compares the tree with the anchors of its size.
    fn anchor(&mut self) -> Result<(), Box<Fault>> {
        let size = self.tree.size();
        for anchor in self.anchors.iter().filter(|anchor| anchor.size == size) {
            if anchor.origin != self.origin {
                return Err(self.fault(Tampering::Origin(anchor.origin.clone())));
            }
            if anchor.root != self.tree.root() {
                return Err(self.fault(Tampering::Anchor(size)));
            }
            self.anchored = size;
        }
        Ok(())
    }

    /// Checks what can only be known at the end.
    fn end(&mut self) -> Result<(), Box<Fault>> {
        match self.anchors.iter().find(|anchor| anchor.size > self.next) {
            Some(anchor) => Err(self.fault(Tampering::Short(anchor.size))),
            None => Ok(()),
        }
    }

    fn survey(&self, running: u64) -> Survey {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: self.next, root: self.tree.root() };
        let checkpoint = (self.next > 0).then_some(checkpoint);
        Survey { records: self.next, anchored: self.anchored, running, checkpoint }
    }

    fn conclude(self, snapshot: &Snapshot) -> Integrity {
        let mut gaps = Vec::new();
        match (self.next, self.anchored) {
            (0, _) => gaps.push(Gap::Empty),
            (_, 0) => gaps.push(Gap::Unanchored),
            (_, _) => {}
        }
        let begun = self.segment.is_some() && self.start == Start::Pending;
        if self.cut.is_some() || begun || !self.framed.is_empty() {
            let segment = store::segment_name(self.segment.unwrap_or_default());
            gaps.push(Gap::Torn { segment, bytes: self.cut.unwrap_or(0) + self.framed.len() as u64 });
        }
        let (alive, dead): (Vec<_>, Vec<_>) =
            self.open.0.iter().partition(|(seq, _)| snapshot.alive.contains(seq));
        gaps.extend(dead.into_iter().map(|(seq, id)| Gap::Orphan { seq: *seq, id: id.clone() }));
        let survey = self.survey(alive.len() as u64);
        if gaps.is_empty() { Integrity::Whole(survey) } else { Integrity::Partial { survey, gaps } }
    }
}

/// The action's id at the start of a record's own fields.
fn id(fields: &[u8]) -> Result<(ActionId, &[u8]), Tampering> {
    let split = fields.strip_prefix(b",\"id\":\"").and_then(|rest| rest.split_at_checked(ActionId::LEN));
    let read = split.and_then(|(id, rest)| {
        Some((ActionId::parse(std::str::from_utf8(id).ok()?)?, rest.strip_prefix(b"\"")?))
    });
    read.ok_or(Tampering::Line(Wrong::Shape))
}
