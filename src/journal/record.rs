//! The line format: `{"h":"<64 hex>","r":{"v":1,"seq":N,"prev":"<64 hex>","type":...,"time":...,"open":[...],...}}`.
//!
//! In: where the chain stands and the fields of new records. Out: their exact bytes; and back, a [`Line`] whose
//! hash is right. Never: a re-serialisation - what is hashed is what is stored, byte for byte. The first fields
//! stand in a fixed order, so that a reader finds them by offset instead of parsing half a kilobyte of JSON.

use super::{ActionId, Problem, canonical};
use chrono::{DateTime, Datelike as _, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;

/// The longest line a gate writes for an intent or a denial, in bytes. The gate shortens argv before that.
pub const MAX_RECORD: usize = 256 * 1024;

/// The most actions that can be in flight at once: each costs about 35 bytes in every record meanwhile.
pub const MAX_IN_FLIGHT: usize = 1024;

/// How times are written: RFC 3339, UTC, milliseconds, 24 bytes that sort like the times they name.
pub(super) const TIME: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// Ends a torn line. Without it a torn line would look like a record with a flipped byte.
pub(super) const TORN: &[u8] = b"<torn>";

/// The fields that the journal writes itself.
const OWN: [&str; 11] = ["v", "seq", "prev", "type", "time", "open", "id", "intent", "torn", "log", "after"];

/// SHA-256(0x00 || the bytes of `r`): the record's place in the chain, and its RFC 6962 leaf hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecordHash([u8; 32]);

impl RecordHash {
    /// What the first record of a log names as its predecessor.
    pub const ZERO: RecordHash = RecordHash([0; 32]);

    /// The hash of a record's stored bytes.
    #[must_use]
    pub fn of(record: &[u8]) -> RecordHash {
        RecordHash(Sha256::new().chain_update([0]).chain_update(record).finalize().into())
    }

    /// The hash as bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash that 64 lower-case hex digits spell. Upper case would be a second spelling of the same record.
    #[must_use]
    pub fn from_hex(hex: &[u8]) -> Option<RecordHash> {
        let (pairs, rest) = hex.as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        let mut seen = 0;
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = (nibble(*high), nibble(*low));
            seen |= high | low;
            *byte = high << 4 | low & 15;
        }
        (seen & NO_DIGIT == 0).then_some(RecordHash(bytes))
    }
}

/// Marks what is no hex digit in [`NIBBLES`].
const NO_DIGIT: u8 = 0x80;

/// The value of each lower-case hex digit. A table, because branches on random digits took a fifth of `verify`.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would stop at a bad index")]
const NIBBLES: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let digits = b"0123456789abcdef";
    let mut value = 0;
    while value < digits.len() {
        table[digits[value] as usize] = value as u8;
        value += 1;
    }
    table
};

fn nibble(digit: u8) -> u8 {
    NIBBLES.get(usize::from(digit)).copied().unwrap_or(NO_DIGIT)
}

impl fmt::Display for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command is about to start.
    Intent,
    /// How it ended.
    Outcome,
    /// A command that may not run.
    Denied,
    /// A torn line stands before this record.
    Repair,
    /// A gate died between intent and outcome.
    Abandoned,
    /// A new file begins.
    Segment,
    /// People were asked to approve an action; nothing was started yet.
    Requested,
    /// An approver signed a request.
    Approved,
    /// An approver refused a request.
    Rejected,
    /// Somebody looked at what was run without the people it takes.
    Reviewed,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 10] = [
        Kind::Intent,
        Kind::Outcome,
        Kind::Denied,
        Kind::Repair,
        Kind::Abandoned,
        Kind::Segment,
        Kind::Requested,
        Kind::Approved,
        Kind::Rejected,
        Kind::Reviewed,
    ];

    /// The word in the record.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Intent => "intent",
            Kind::Outcome => "outcome",
            Kind::Denied => "denied",
            Kind::Repair => "repair",
            Kind::Abandoned => "abandoned",
            Kind::Segment => "segment",
            Kind::Requested => "requested",
            Kind::Approved => "approved",
            Kind::Rejected => "rejected",
            Kind::Reviewed => "reviewed",
        }
    }
}

/// The intents without an outcome, by sequence number. Every record lists what is in flight after it, so that
/// the last record alone tells the next gate what was left behind, however long the log is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct InFlight(pub(super) BTreeMap<u64, ActionId>);

impl InFlight {
    /// Appends `[[seq,"id"],...]`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (at, (seq, id)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            push(out, format_args!("{comma}[{seq},\"{id}\"]"));
        }
        out.push(b']');
    }

    /// Reads the list back from a record.
    fn from_value(value: &Value) -> Option<InFlight> {
        let pair = |pair: &Value| Some((pair.get(0)?.as_u64()?, ActionId::parse(pair.get(1)?.as_str()?)?));
        value.as_array()?.iter().map(pair).collect::<Option<_>>().map(InFlight)
    }
}

/// Formatting into a vector cannot fail.
fn push(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "a vector takes every byte");
}

/// Where the chain stands, and the lines that are to be appended to it in one write.
#[derive(Debug)]
pub(super) struct Chain {
    /// The sequence number of the next record.
    pub(super) next: u64,
    /// The hash of the last record.
    pub(super) head: RecordHash,
    /// What is in flight after the last record.
    pub(super) open: InFlight,
    /// Lines not written yet.
    pub(super) lines: Vec<u8>,
}

impl Chain {
    /// The chain of a log without records.
    pub(super) fn fresh() -> Chain {
        Chain { next: 0, head: RecordHash::ZERO, open: InFlight::default(), lines: Vec::new() }
    }

    /// The chain after `last`.
    pub(super) fn after(last: &Line<'_>) -> Result<Chain, Wrong> {
        // Only `open` is looked at; the rest is checked as JSON and not built.
        #[derive(serde::Deserialize)]
        struct Tail {
            open: Option<Value>,
        }
        let tail: Tail = serde_json::from_slice(last.record).map_err(|_| Wrong::Json)?;
        let open = tail.open.as_ref().and_then(InFlight::from_value).ok_or(Wrong::Open)?;
        Ok(Chain { next: last.seq + 1, head: last.hash, open, lines: Vec::new() })
    }

    /// Adds one record: the journal's own `fields` first, then the gate's `body`.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        at: DateTime<Utc>,
        fields: &[(&str, Value)],
        body: &Map<String, Value>,
    ) -> Result<(), Problem> {
        if !(0..=9999).contains(&at.year()) {
            return Err(Problem::Clock(at.to_string()));
        }
        let mut record = Vec::with_capacity(1024);
        let (seq, prev, kind) = (self.next, self.head, kind.word());
        let time = at.format(TIME);
        push(
            &mut record,
            format_args!(r#"{{"v":1,"seq":{seq},"prev":"{prev}","type":"{kind}","time":"{time}","open":"#),
        );
        self.open.write(&mut record);
        for (name, value) in fields {
            field(&mut record, name, value)?;
        }
        for (name, value) in body {
            if OWN.contains(&name.as_str()) {
                return Err(Problem::Reserved(name.clone()));
            }
            field(&mut record, name, value)?;
        }
        record.push(b'}');
        self.seal(&record)
    }

    /// Chains the finished bytes of one record.
    fn seal(&mut self, record: &[u8]) -> Result<(), Problem> {
        let bytes = record.len() + "{\"h\":\"\",\"r\":}\n".len() + 64;
        if bytes > MAX_RECORD {
            return Err(Problem::TooLarge { bytes, limit: MAX_RECORD });
        }
        self.head = RecordHash::of(record);
        self.next += 1;
        push(&mut self.lines, format_args!(r#"{{"h":"{}","r":"#, self.head));
        self.lines.extend_from_slice(record);
        self.lines.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// Appends `,"name":value`.
fn field(out: &mut Vec<u8>, name: &str, value: &Value) -> Result<(), Problem> {
    let number = |what| Problem::Number { field: name.to_owned(), what };
    out.push(b',');
    canonical::write(out, &json!(name)).map_err(number)?;
    out.push(b':');
    canonical::write(out, value).map_err(number)
}

/// What a `repair` or `segment` record says about the torn bytes before it.
pub(super) fn torn_note(torn: &[u8]) -> Value {
    let hash: [u8; 32] = Sha256::digest(torn).into();
    json!({ "bytes": torn.len(), "sha256": RecordHash(hash).to_string() })
}

/// Why some bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A byte that no gate writes.
    #[error("it holds a byte that is not printable ASCII")]
    Ascii,
    /// Not `{"h":"...","r":{"v":1,...}}`.
    #[error("it is not a record line, or a line that was torn and framed")]
    Shape,
    /// The bytes do not have the hash that stands before them.
    #[error("its bytes do not match its hash")]
    Hash,
    /// A right hash over something that is not one JSON value.
    #[error("it is not valid JSON")]
    Json,
    /// The list of actions in flight.
    #[error("it lists other actions in flight than the records before it leave")]
    Open,
}

/// One whole line whose hash is right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) hash: RecordHash,
    pub(super) seq: u64,
    pub(super) prev: RecordHash,
    pub(super) kind: Kind,
    /// See [`TIME`].
    pub(super) time: &'a [u8],
    /// From the `[` of `open` to the end of the record.
    pub(super) rest: &'a [u8],
    /// The exact bytes of `r`.
    pub(super) record: &'a [u8],
}

impl<'a> Line<'a> {
    /// Reads one line, without its newline, and checks its hash.
    pub(super) fn parse(line: &'a [u8]) -> Result<Line<'a>, Wrong> {
        if !is_printable(line) {
            return Err(Wrong::Ascii);
        }
        let parsed = Line::split(line).ok_or(Wrong::Shape)?;
        if RecordHash::of(parsed.record) != parsed.hash {
            return Err(Wrong::Hash);
        }
        Ok(parsed)
    }

    /// Finds the fixed fields by offset; the hash is not checked.
    pub(super) fn split(line: &'a [u8]) -> Option<Line<'a>> {
        let (hash, rest) = line.strip_prefix(b"{\"h\":\"")?.split_at_checked(64)?;
        let record = rest.strip_prefix(b"\",\"r\":")?.strip_suffix(b"}")?;
        let (seq, rest) = number(record.strip_prefix(b"{\"v\":1,\"seq\":")?)?;
        let (prev, rest) = rest.strip_prefix(b",\"prev\":\"")?.split_at_checked(64)?;
        let rest = rest.strip_prefix(b"\",\"type\":\"")?;
        let kind = Kind::ALL.into_iter().find(|kind| rest.starts_with(kind.word().as_bytes()))?;
        let rest = rest.strip_prefix(kind.word().as_bytes())?.strip_prefix(b"\",\"time\":\"")?;
        let (time, rest) = rest.split_at_checked(24)?;
        let rest = rest.strip_prefix(b"\",\"open\":")?;
        let (hash, prev) = (RecordHash::from_hex(hash)?, RecordHash::from_hex(prev)?);
        Some(Line { hash, seq, prev, kind, time, rest, record })
    }
}

/// Whether all bytes are printable ASCII. A fold, because a loop that can stop early is not vectorised.
fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |so_far, byte| so_far & (b' '..=b'~').contains(byte))
}

/// A number at the start of `bytes`, without leading zeros: one number, one spelling.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at_checked(digits)?;
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with(b"0")) {
        return None;
    }
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

/// Whether `bytes` are a proper prefix of the record that must come next: what a crash in the middle of a write
/// leaves. Anything else at the end of a log is somebody's edit.
pub(super) fn is_torn_record(bytes: &[u8], next: u64, head: RecordHash) -> bool {
    if !is_printable(bytes) || bytes.is_empty() {
        return false;
    }
    let (start, rest) = bytes.split_at_checked(6).unwrap_or((bytes, &[]));
    let (hash, rest) = rest.split_at_checked(64).unwrap_or((rest, &[]));
    let fixed = format!(r#"","r":{{"v":1,"seq":{next},"prev":"{head}","type":""#);
    let as_expected = b"{\"h\":\"".starts_with(start)
        && hash.iter().all(|digit| nibble(*digit) != NO_DIGIT)
        && rest.iter().zip(fixed.as_bytes()).all(|(found, wanted)| found == wanted);
    let parsed = serde_json::from_slice::<serde::de::IgnoredAny>(bytes);
    as_expected && parsed.is_err_and(|error| error.is_eof())
}

/// Whether `bytes` are a torn record, perhaps followed by beginnings of frames that further crashes tore.
pub(super) fn is_torn_tail(bytes: &[u8], next: u64, head: RecordHash) -> bool {
    let mut bytes = bytes;
    loop {
        if is_torn_record(bytes, next, head) {
            return true;
        }
        let unframed = (1..=TORN.len()).find_map(|cut| bytes.strip_suffix(TORN.get(..cut)?));
        match unframed {
            Some(rest) => bytes = rest,
            None => return false,
        }
    }
}

/// Whether `torn`, all bytes after the last record, are what crashes leave: framed torn lines, then perhaps one
/// that is not framed yet.
pub(super) fn is_torn(torn: &[u8], next: u64, head: RecordHash) -> bool {
    let mut lines = torn.split(|byte| *byte == b'\n');
    let last = lines.next_back().unwrap_or_default();
    let framed = |line: &[u8]| line.strip_suffix(TORN).is_some_and(|torn| is_torn_tail(torn, next, head));
    lines.all(framed) && (last.is_empty() || is_torn_tail(last, next, head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain_of(bodies: &[Value]) -> Chain {
        let mut chain = Chain::fresh();
        for body in bodies {
            let body = body.as_object().unwrap();
            chain.add(Kind::Denied, crate::clock::now(), &[("id", json!("0123456789ab"))], body).unwrap();
        }
        chain
    }

    #[test]
    fn a_line_reads_back_by_offset() {
        let chain = chain_of(&[json!({ "argv": ["true"] }), json!({})]);
        let lines: Vec<_> = chain.lines.split(|byte| *byte == b'\n').collect();
        let (first, second) = (Line::parse(lines[0]).unwrap(), Line::parse(lines[1]).unwrap());
        assert_eq!((first.seq, first.kind, first.prev), (0, Kind::Denied, RecordHash::ZERO));
        assert_eq!((second.seq, second.prev, second.hash), (1, first.hash, chain.head));
        assert_eq!(first.rest, br#"[],"id":"0123456789ab","argv":["true"]}"#);
        let value: Value = serde_json::from_slice(first.record).unwrap();
        assert_eq!(value["argv"], json!(["true"]));
    }

    #[test]
    fn the_hash_is_the_rfc_6962_leaf_hash() {
        // RFC 6962 section 2.1: the leaf hash of the empty entry, as published in its test vectors.
        let empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(RecordHash::of(b"").to_string(), empty);
        assert_eq!(RecordHash::from_hex(empty.as_bytes()), Some(RecordHash::of(b"")));
        assert_eq!(RecordHash::from_hex(empty.to_uppercase().as_bytes()), None);
        assert_eq!(RecordHash::from_hex(&empty.as_bytes()[1..]), None);
    }

    #[test]
    fn a_body_cannot_speak_for_the_journal() {
        for name in OWN {
            let body = Map::from_iter([(name.to_owned(), json!(1))]);
            let error = Chain::fresh().add(Kind::Intent, crate::clock::now(), &[], &body).unwrap_err();
            assert!(matches!(error, Problem::Reserved(field) if field == name));
        }
    }

    #[test]
    fn a_record_that_cannot_be_exact_or_short_is_refused_and_leaves_the_chain_alone() {
        let rows = [
            (json!({ "x": 1.5 }), "`x` holds a fraction"),
            (json!({ "x": "a".repeat(MAX_RECORD) }), "262144 is the limit"),
        ];
        for (body, said) in rows {
            let mut chain = Chain::fresh();
            let error =
                chain.add(Kind::Intent, crate::clock::now(), &[], body.as_object().unwrap()).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!((chain.next, chain.head, chain.lines.len()), (0, RecordHash::ZERO, 0));
        }
    }

    #[test]
    fn every_proper_prefix_is_torn_and_nothing_else_is() {
        let before = chain_of(&[json!({ "n": 1 })]);
        let mut chain = Chain { lines: Vec::new(), ..chain_of(&[json!({ "n": 1 })]) };
        (chain.head, chain.next) = (before.head, before.next);
        let body = json!({ "argv": ["a\"b<torn>", "\u{e9}"], "n": 12, "yes": true });
        chain.add(Kind::Denied, crate::clock::now(), &[], body.as_object().unwrap()).unwrap();
        let record = chain.lines.strip_suffix(b"\n").unwrap();
        for cut in 1..record.len() {
            assert!(is_torn_tail(&record[..cut], before.next, before.head), "cut at {cut}");
            for frame in 0..=TORN.len() {
                let framed = [&record[..cut], &TORN[..frame]].concat();
                assert!(is_torn_tail(&framed, before.next, before.head), "cut at {cut}, frame {frame}");
            }
        }
        for odd in [&b""[..], b"x", b"<to", b"{\"h\":\"0\x7f", b"{\"h\":\"G", b"\n"] {
            assert!(!is_torn_tail(odd, before.next, before.head), "{odd:?}");
        }
        for last in 0..=255u8 {
            assert!(
                !is_torn_tail(&[record, &[last]].concat(), before.next, before.head),
                "a record and {last}"
            );
        }
        assert!(!is_torn_tail(record, before.next, before.head), "a whole record is not torn");
        assert!(!is_torn_tail(&record[..200], before.next + 1, before.head), "wrong number");
        assert!(!is_torn_tail(&record[..200], before.next, RecordHash::ZERO), "wrong predecessor");
    }
}
