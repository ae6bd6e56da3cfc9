//! The log for people and programs that want to know what happened.
//!
//! In: a log directory and a filter. Out: records, or actions with their endings, in the order of the log. Never:
//! a record whose hash is wrong - it comes out as an error of its own, and the reading goes on behind it.

use super::lines::{Newline, Position, Snapshot, lines};
use super::record::{self, Kind, Line, TORN, Wrong};
use super::{Problem, field, store};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One record as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its number.
    pub seq: u64,
    /// What it says.
    pub kind: Kind,
    /// When it was made, in milliseconds.
    pub time: DateTime<Utc>,
    /// Its exact bytes, `r` in the log: one JSON object, printable ASCII.
    pub json: String,
    /// The same, parsed.
    pub value: Value,
}

impl Record {
    pub(super) fn of(line: &Line<'_>) -> Result<Record, Wrong> {
        let json = std::str::from_utf8(line.record).map_err(|_| Wrong::Ascii)?.to_owned();
        let value = serde_json::from_str(&json).map_err(|_| Wrong::Json)?;
        let time =
            std::str::from_utf8(line.time).ok().and_then(|time| DateTime::parse_from_rfc3339(time).ok());
        Ok(Record { seq: line.seq, kind: line.kind, time: time.ok_or(Wrong::Shape)?.to_utc(), json, value })
    }

    /// The action's id; repairs and segments have none.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.value.get("id")?.as_str()
    }

    /// Of an outcome or an abandonment: the number of the intent.
    #[must_use]
    pub fn intent(&self) -> Option<u64> {
        self.value.get("intent")?.as_u64()
    }

    /// Who asked: the name, or where there is none the kind.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        let actor = self.value.get(field::ACTOR)?;
        actor.as_str().or_else(|| actor.get("name")?.as_str()).or_else(|| actor.get("kind")?.as_str())
    }

    /// What the gate decided.
    #[must_use]
    pub fn verdict(&self) -> Option<&str> {
        self.value.get(field::VERDICT)?.as_str()
    }

    /// The programs that the action holds.
    pub fn tools(&self) -> impl Iterator<Item = &str> {
        let tool = self.value.get(field::TOOL);
        let listed = tool.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        tool.and_then(Value::as_str).into_iter().chain(listed)
    }

    fn has_actor(&self, wanted: &str) -> bool {
        let actor = self.value.get(field::ACTOR);
        let part = |name| actor.and_then(|actor| actor.get(name)).and_then(Value::as_str);
        [actor.and_then(Value::as_str), part("name"), part("kind")].contains(&Some(wanted))
    }
}

/// Which actions are wanted; what is `None` is not asked.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Asked for at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Asked for before this time.
    pub until: Option<DateTime<Utc>>,
    /// The actor's name or kind.
    pub actor: Option<String>,
    /// The name of one of the programs.
    pub tool: Option<String>,
    /// The verdict's word.
    pub verdict: Option<String>,
    /// The beginning of the action's id.
    pub id: Option<String>,
    /// Only so many of the latest.
    pub last: Option<usize>,
}

impl Filter {
    /// Whether the filter wants the action that `record`, an intent or a denial, begins.
    #[must_use]
    pub fn wants(&self, record: &Record) -> bool {
        self.since.is_none_or(|since| record.time >= since)
            && self.until.is_none_or(|until| record.time < until)
            && self.id.as_ref().is_none_or(|id| record.id().is_some_and(|found| found.starts_with(id)))
            && self.actor.as_ref().is_none_or(|actor| record.has_actor(actor))
            && self.tool.as_ref().is_none_or(|tool| record.tools().any(|found| found == tool))
            && self.verdict.as_ref().is_none_or(|verdict| record.verdict() == Some(verdict))
    }

    /// A cheap look before parsing: time and id stand at fixed places. May say yes too often, never no.
    fn may_want(&self, line: &Line<'_>, since: Option<&str>) -> bool {
        let begins = begins(line.kind);
        let has = |text: &str| memchr::memmem::find(line.rest, text.as_bytes()).is_some();
        let late_enough = since.is_none_or(|since| line.time >= since.as_bytes());
        !begins || late_enough && self.id.as_ref().is_none_or(|id| has(id))
    }
}

/// What became of an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// It was not allowed; its own record says why.
    Denied,
    /// Nothing was to end: a request, a vote or a review, which its own record tells.
    Noted,
    /// Its gate is waiting for it right now.
    Running,
    /// Its gate died, and no gate has come since to record that.
    Orphaned,
    /// Its gate died, as this record says.
    Abandoned(Record),
    /// It ended as this record says.
    Outcome(Record),
}

/// One action: how it began and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The intent, the denial, or what people said of a request.
    pub begin: Record,
    /// What became of it.
    pub ending: Ending,
}

/// What a reader stumbles over.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The kernel refused.
    #[error("{0}; the rest of the log was not read")]
    Unreadable(#[source] Problem),
    /// A bad line. The reading can go on behind it.
    #[error("line at byte {offset} of `{}` was left out: {wrong}; see `remgate log verify`", segment.display())]
    Damaged {
        /// The segment.
        segment: PathBuf,
        /// Where the line begins, in bytes.
        offset: u64,
        /// What is wrong with it.
        wrong: Wrong,
    },
}

/// Everything a filter wants, and what could not be shown.
#[derive(Debug, Default)]
pub struct Listing {
    /// The actions, in the order of the log.
    pub entries: Vec<Entry>,
    /// The bad lines met on the way.
    pub damaged: Vec<ReadError>,
}

/// Reads actions with their endings.
///
/// # Errors
/// The log cannot be read. Bad lines are no error; they are in the listing.
pub fn entries(dir: &Path, filter: &Filter) -> Result<Listing, ReadError> {
    let snapshot = Snapshot::take(dir).map_err(ReadError::Unreadable)?;
    let mut listing = Listing::default();
    let mut found = BTreeMap::new();
    scan(&snapshot, Position::default(), filter, |item| match item {
        Ok(record) if begins(record.kind) && !filter.wants(&record) => {}
        Ok(record) => sort_in(&mut found, record, filter.last, &snapshot.alive),
        Err(error) => listing.damaged.push(error),
    })?;
    listing.entries = found.into_values().collect();
    Ok(listing)
}

/// Puts one record where it belongs.
fn sort_in(found: &mut BTreeMap<u64, Entry>, record: Record, last: Option<usize>, alive: &[u64]) {
    match record.kind {
        Kind::Intent if alive.contains(&record.seq) => begin(found, record, Ending::Running, last),
        Kind::Intent => begin(found, record, Ending::Orphaned, last),
        Kind::Denied => begin(found, record, Ending::Denied, last),
        Kind::Requested | Kind::Approved | Kind::Rejected | Kind::Reviewed => {
            begin(found, record, Ending::Noted, last);
        }
        Kind::Outcome | Kind::Abandoned => {
            if let Some(entry) = record.intent().and_then(|intent| found.get_mut(&intent)) {
                let ended = record.kind == Kind::Outcome;
                entry.ending = if ended { Ending::Outcome(record) } else { Ending::Abandoned(record) };
            }
        }
        Kind::Repair | Kind::Segment => {}
    }
}

/// A new entry; the oldest goes where there are more than wanted.
fn begin(found: &mut BTreeMap<u64, Entry>, record: Record, ending: Ending, last: Option<usize>) {
    found.insert(record.seq, Entry { begin: record, ending });
    if last.is_some_and(|last| found.len() > last) {
        found.pop_first();
    }
}

/// Reads the records that a filter wants, in the order of the log: intents and denials by their own fields,
/// outcomes and abandonments with their intents. Without any condition, repairs and segments come too.
///
/// # Errors
/// The log cannot be read. Bad lines come as items.
pub fn records(
    dir: &Path,
    filter: &Filter,
    mut each: impl FnMut(Result<Record, ReadError>),
) -> Result<(), ReadError> {
    let snapshot = Snapshot::take(dir).map_err(ReadError::Unreadable)?;
    let mut wanted = Wanted::new(filter);
    scan(&snapshot, Position::default(), filter, |item| match item {
        Ok(record) if !wanted.takes(&record) => {}
        item => each(item),
    })
    .map(drop)
}

/// Hands out every record from `start` on that may be wanted; returns where the last whole line ended.
fn scan(
    snapshot: &Snapshot,
    start: Position,
    filter: &Filter,
    mut each: impl FnMut(Result<Record, ReadError>),
) -> Result<Position, ReadError> {
    let mut end = start;
    let since = filter.since.map(|since| since.format(record::TIME).to_string());
    for batch in snapshot.batches(start) {
        let batch = batch.map_err(ReadError::Unreadable)?;
        for (at, line, newline) in lines(&batch.bytes) {
            if newline == Newline::Missing {
                continue; // a write that is still under way, or torn; it is no record yet
            }
            let offset = batch.position.offset + at as u64;
            end = Position { segment: batch.position.segment, offset: offset + line.len() as u64 + 1 };
            let segment = || snapshot.segment_path(batch.position.segment);
            match Line::parse(line).and_then(|line| {
                filter.may_want(&line, since.as_deref()).then(|| Record::of(&line)).transpose()
            }) {
                Ok(record) => record.into_iter().for_each(|record| each(Ok(record))),
                Err(_) if line.ends_with(TORN) => {}
                Err(wrong) => each(Err(ReadError::Damaged { segment: segment(), offset, wrong })),
            }
        }
    }
    Ok(end)
}

/// Whether a record begins an entry of its own.
fn begins(kind: Kind) -> bool {
    match kind {
        Kind::Intent | Kind::Denied | Kind::Requested | Kind::Approved | Kind::Rejected | Kind::Reviewed => {
            true
        }
        Kind::Outcome | Kind::Abandoned | Kind::Repair | Kind::Segment => false,
    }
}

/// Decides record by record what a filter wants.
#[derive(Debug)]
struct Wanted {
    filter: Filter,
    /// Intents that were wanted and have not ended.
    open: BTreeSet<u64>,
}

impl Wanted {
    fn new(filter: &Filter) -> Wanted {
        Wanted { filter: filter.clone(), open: BTreeSet::new() }
    }

    fn takes(&mut self, record: &Record) -> bool {
        let Filter { since, until, actor, tool, verdict, id, last: _ } = &self.filter;
        let all = since.is_none()
            && until.is_none()
            && [actor, tool, verdict, id].iter().all(|field| field.is_none());
        match record.kind {
            Kind::Intent => self.filter.wants(record) && self.open.insert(record.seq),
            Kind::Denied | Kind::Requested | Kind::Approved | Kind::Rejected | Kind::Reviewed => {
                self.filter.wants(record)
            }
            Kind::Outcome | Kind::Abandoned => {
                record.intent().is_some_and(|intent| self.open.remove(&intent))
            }
            Kind::Repair | Kind::Segment => all,
        }
    }
}

/// A reader that keeps up with a growing log, across segments.
#[derive(Debug)]
pub struct Follow {
    dir: PathBuf,
    wanted: Wanted,
    position: Position,
}

/// Follows the log from its beginning; the first [`Follow::poll`] gives all that is there already.
#[must_use]
pub fn follow(dir: &Path, filter: &Filter) -> Follow {
    Follow { dir: dir.to_path_buf(), wanted: Wanted::new(filter), position: Position::default() }
}

impl Follow {
    /// What is new since the last call; does not wait. A few calls a second keep up with any log.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn poll(&mut self) -> Result<Listed, ReadError> {
        let snapshot = Snapshot::take(&self.dir).map_err(ReadError::Unreadable)?;
        let mut new = Listed::default();
        let wanted = &mut self.wanted;
        let filter = wanted.filter.clone();
        self.position = scan(&snapshot, self.position, &filter, |item| match item {
            Ok(record) if wanted.takes(&record) => new.records.push(record),
            Ok(_) => {}
            Err(error) => new.damaged.push(error),
        })?;
        Ok(new)
    }

    /// The segment that is being read, for messages.
    #[must_use]
    pub fn segment(&self) -> PathBuf {
        self.dir.join(store::segment_name(self.position.segment))
    }
}

/// Records that are new, and what could not be shown.
#[derive(Debug, Default)]
pub struct Listed {
    /// The records, in the order of the log.
    pub records: Vec<Record>,
    /// The bad lines met on the way.
    pub damaged: Vec<ReadError>,
}
