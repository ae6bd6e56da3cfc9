//! What the log owes: runs without approval that nobody has reviewed.
//!
//! A review settles the run whose request it names by its digest; the id alone could be that of a request which somebody
//! made up.

use super::lines::{Newline, Position, Snapshot, lines};
use super::read::{ReadError, Record};
use super::record::{Kind, Line, TORN};
use std::collections::BTreeMap;
use std::path::Path;

/// Stands in every intent that went without the people it takes.
const BROKEN_GLASS: &[u8] = br#""how":"break-glass""#;

/// The intents under break-glass that no later record reviews, oldest first.
///
/// The whole log is read, as nothing else says what is owed; only the lines that matter are parsed.
///
/// # Errors
/// The log cannot be read, or a line that may matter is damaged: damage forgives no debt.
pub fn owed(dir: &Path) -> Result<Vec<Record>, ReadError> {
    let snapshot = Snapshot::take(dir).map_err(ReadError::Unreadable)?;
    let mut owed: BTreeMap<String, Record> = BTreeMap::new();
    for batch in snapshot.batches(Position::default()) {
        let batch = batch.map_err(ReadError::Unreadable)?;
        for (at, line, newline) in lines(&batch.bytes) {
            if newline == Newline::Missing || line.ends_with(TORN) || !matters(line) {
                continue;
            }
            let record = Line::parse(line).and_then(|line| Record::of(&line));
            let record = record.map_err(|wrong| ReadError::Damaged {
                segment: snapshot.segment_path(batch.position.segment),
                offset: batch.position.offset + at as u64,
                wrong,
            })?;
            let grant = record.value.get("grant");
            let how = grant.and_then(|grant| grant.get("how")?.as_str());
            match record.kind {
                Kind::Intent if how == Some("break-glass") => {
                    let request = grant.and_then(|grant| grant.get("request")?.as_str());
                    // One without a digest, which no gate writes, is owed for ever.
                    let request = request.unwrap_or_default().to_owned();
                    owed.insert(request, record);
                }
                Kind::Reviewed => {
                    let request = record.value.get("request").and_then(|request| request.as_str());
                    request.filter(|request| !request.is_empty()).map(|request| owed.remove(request));
                }
                Kind::Intent
                | Kind::Outcome
                | Kind::Denied
                | Kind::Repair
                | Kind::Abandoned
                | Kind::Segment
                | Kind::Requested
                | Kind::Approved
                | Kind::Rejected => {}
            }
        }
    }
    let mut owed: Vec<Record> = owed.into_values().collect();
    owed.sort_by_key(|record| record.seq);
    Ok(owed)
}

fn matters(line: &[u8]) -> bool {
    match Line::split(line) {
        Some(split) if split.kind == Kind::Intent => memchr::memmem::find(split.rest, BROKEN_GLASS).is_some(),
        Some(split) => split.kind == Kind::Reviewed,
        // Nobody can tell: `log verify` says what is wrong with it.
        None => memchr::memmem::find(line, BROKEN_GLASS).is_some(),
    }
}
