//! Requests for approval in the log: made once, used once.
//!
//! In: a request's [`Claim`] - where the log stood when it was made, and its digest. Out: whether this log knows the
//! request, and whether an intent has used it. Never: a look at more of the log than was written since the request, or a
//! second file that says what the log says: whoever could remove that file could use an approval twice.

use super::lines::{Newline, Position, lines};
use super::record::{Kind, Line, TORN};
use super::store::{self, Segment};
use super::{ActionId, Journal, JournalError, Problem, RecordHash, Undone};
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde_json::{Value, json};

/// Who denied an action whose request an approver refused, as the record says.
pub const REJECTED: &str = "gate: rejected";

/// Where the log stood right before the record of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// The segment, by the sequence number of its first record.
    pub segment: u64,
    /// In bytes from the segment's start.
    pub offset: u64,
    /// The sequence number of the request's record.
    pub seq: u64,
    /// The hash of the record before it.
    pub head: RecordHash,
}

impl Bookmark {
    pub(super) fn new(position: Position, seq: u64, head: RecordHash) -> Self {
        Self { segment: position.segment, offset: position.offset, seq, head }
    }

    /// As it stands in a request.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "segment": self.segment, "offset": self.offset, "seq": self.seq, "head": self.head.to_string() })
    }

    /// What [`Bookmark::to_json`] wrote.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        let number = |name: &str| value.get(name)?.as_u64();
        Some(Self {
            segment: number("segment")?,
            offset: number("offset")?,
            seq: number("seq")?,
            head: RecordHash::from_hex(value.get("head")?.as_str()?.as_bytes())?,
        })
    }
}

/// What an action needs to use a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Where the log stood.
    pub bookmark: Bookmark,
    /// The SHA-256 of the request's bytes, in hex.
    pub sha256: String,
}

/// What a log says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It was not made here, or not so.
    Unknown,
    /// It was made here, and nothing was started with it.
    Open,
    /// The intent with this number used it.
    Spent(u64),
    /// An approver refused it, as the record with this number says. The vote may be gone by now; the record is not.
    Rejected(u64),
}

impl Journal {
    /// What this log says of the request `id`.
    ///
    /// # Errors
    /// The log cannot be read, or is damaged where it speaks of the request.
    pub fn use_of(&self, id: &ActionId, claim: &Claim) -> Result<Use, JournalError> {
        look(self, id, claim).map_err(|problem| problem.so(Undone::Start))
    }
}

/// Reads what was written since the request. Whoever holds the turn to append gets an answer that stays true.
pub(super) fn look(journal: &Journal, id: &ActionId, claim: &Claim) -> Result<Use, Problem> {
    let Bookmark { segment, offset, .. } = claim.bookmark;
    let segments = store::segments(&journal.dir, &journal.path)?;
    let mut state = Use::Unknown;
    for first in segments.into_iter().filter(|first| *first >= segment) {
        let from = if first == segment { offset } else { 0 };
        let bytes = since(journal, first, from)?;
        for (at, line, newline) in lines(&bytes) {
            // A line without an end is being written, or torn: no gate started anything by it.
            if newline == Newline::Missing || memchr::memmem::find(line, id.as_str().as_bytes()).is_none() {
                continue;
            }
            match Line::parse(line) {
                Ok(line) => state = told(state, &line, id, claim),
                Err(_) if line.ends_with(TORN) => {}
                // No record begins there: the bookmark is another log's.
                Err(_) if state == Use::Unknown => return Ok(state),
                Err(wrong) => {
                    let why = format!("the line at byte {} is damaged: {wrong}", from + at as u64);
                    return Err(Problem::Damaged {
                        path: journal.path.join(store::segment_name(first)),
                        why,
                    });
                }
            }
        }
        // The record of the request stands at the bookmark or nowhere.
        if state == Use::Unknown {
            return Ok(state);
        }
    }
    Ok(state)
}

/// What one record adds.
fn told(state: Use, line: &Line<'_>, id: &ActionId, claim: &Claim) -> Use {
    let Ok(value) = serde_json::from_slice::<Value>(line.record) else { return state };
    let says = |name: &str, wanted: &str| value.get(name).and_then(Value::as_str) == Some(wanted);
    if !says("id", id.as_str()) {
        return state;
    }
    let here = line.seq == claim.bookmark.seq && line.prev == claim.bookmark.head;
    match (state, line.kind) {
        (Use::Unknown, Kind::Requested) if here && says("request", &claim.sha256) => Use::Open,
        (Use::Open, Kind::Intent) => Use::Spent(line.seq),
        (Use::Open, Kind::Denied) if says("by", REJECTED) => Use::Rejected(line.seq),
        // Somebody refused it under this very account.
        (Use::Open, Kind::Rejected) if says("request", &claim.sha256) => Use::Rejected(line.seq),
        (state, _) => state,
    }
}

/// The bytes of a segment from `offset` on.
fn since(journal: &Journal, first: u64, offset: u64) -> Result<Vec<u8>, Problem> {
    let name = store::segment_name(first);
    let path = journal.path.join(&name);
    let opening = store::open_owned(journal, &name, OFlags::RDONLY)?;
    let opening = opening.ok_or_else(|| Problem::io("open", &path, Errno::NOENT))?;
    let size = u64::try_from(opening.stat.st_size).unwrap_or_default();
    let segment = Segment { first, path, file: opening.file, size, allocated: 0 };
    // A bookmark beyond the end is another log's.
    segment.from(offset.min(size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Begun, Intent, Redactor, open_claimed};
    use serde_json::Map;

    fn id(text: &str) -> ActionId {
        ActionId::parse(text).unwrap()
    }

    fn intent(id: &ActionId) -> Intent {
        Intent { id: id.clone(), at: crate::clock::now(), body: Map::new(), secrets: Redactor::new() }
    }

    /// Makes a request whose bytes are its bookmark.
    fn request(journal: &Journal, id: &ActionId) -> Claim {
        let body = intent(id);
        journal
            .request(body, |bookmark| Ok(("ab".repeat(32), bookmark.clone())))
            .map(|bookmark| Claim { bookmark, sha256: "ab".repeat(32) })
            .unwrap()
    }

    fn started(journal: &Journal, id: &ActionId, claim: &Claim) -> bool {
        match open_claimed(journal, intent(id), claim).unwrap() {
            // Dropped without an outcome: the next append records it as abandoned, which gives nothing back.
            Begun::Opened(_) => true,
            Begun::Spent(_) => false,
        }
    }

    #[test]
    fn a_request_is_used_once() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::at(&dir.path().join("log")).unwrap();
        let (one, other) = (id("aaaaaaaaaaaa"), id("bbbbbbbbbbbb"));
        let (claim, second) = (request(&journal, &one), request(&journal, &other));
        assert_eq!(journal.use_of(&one, &claim).unwrap(), Use::Open);
        assert!(started(&journal, &one, &claim));
        assert!(matches!(journal.use_of(&one, &claim).unwrap(), Use::Spent(_)));
        assert!(!started(&journal, &one, &claim), "an approval was used twice");
        assert!(started(&journal, &other, &second), "another request is another matter");
    }

    #[test]
    fn a_request_counts_only_where_and_as_it_was_made() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::at(&dir.path().join("log")).unwrap();
        let elsewhere = Journal::at(&dir.path().join("other")).unwrap();
        let one = id("aaaaaaaaaaaa");
        let claim = request(&journal, &one);
        let fresh = request(&elsewhere, &id("cccccccccccc"));
        assert_eq!(elsewhere.use_of(&one, &claim).unwrap(), Use::Unknown);
        assert_eq!(elsewhere.use_of(&one, &fresh).unwrap(), Use::Unknown);
        let rewritten = Claim { sha256: "cd".repeat(32), ..claim.clone() };
        assert_eq!(journal.use_of(&one, &rewritten).unwrap(), Use::Unknown);
        let mut moved = claim.clone();
        moved.bookmark.offset += 1;
        assert_eq!(journal.use_of(&one, &moved).unwrap(), Use::Unknown);
        moved.bookmark.offset = u64::MAX >> 12;
        assert_eq!(journal.use_of(&one, &moved).unwrap(), Use::Unknown);
        assert!(!started(&elsewhere, &one, &claim));
    }

    #[test]
    fn a_use_is_seen_across_segments() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::at(&dir.path().join("log")).unwrap().with_segment_limit(1);
        let one = id("aaaaaaaaaaaa");
        let claim = request(&journal, &one);
        (0..3).for_each(|_| drop(request(&journal, &ActionId::random().unwrap())));
        assert_eq!(journal.use_of(&one, &claim).unwrap(), Use::Open);
        assert!(started(&journal, &one, &claim));
        (0..3).for_each(|_| drop(request(&journal, &ActionId::random().unwrap())));
        assert!(!started(&journal, &one, &claim));
    }

    #[test]
    fn an_edited_use_is_not_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::at(&dir.path().join("log")).unwrap();
        let one = id("aaaaaaaaaaaa");
        let claim = request(&journal, &one);
        assert!(started(&journal, &one, &claim));
        request(&journal, &id("bbbbbbbbbbbb"));
        let path = journal.path().join(store::segment_name(0));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(r#""type":"intent""#, r#""type":"denied""#)).unwrap();
        assert!(journal.use_of(&one, &claim).unwrap_err().to_string().contains("damaged"));
    }
}
