//! The record: one intent before, one outcome after, chained by hashes (design section 10).
//!
//! In: what the gate decided and what came of it. Out: records that are durable when a call returns; and, for
//! readers, [`entries`] and [`verify`]. Never: a command, a prompt, a print. The format is told in `docs/log.md`.

mod append;
mod canonical;
mod error;
mod id;
mod lines;
mod lock;
mod merkle;
mod order;
mod outcome;
mod read;
mod record;
mod secret;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use canonical::ascii;
pub use canonical::{bytes, text};
pub use error::{JournalError, Problem, Undone};
pub use id::ActionId;
pub use merkle::{AnchorError, Checkpoint};
pub use order::{Closed, Finished, Opened};
pub use outcome::{End, Outcome};
pub use read::{Ending, Entry, Filter, Follow, Listed, Listing, ReadError, Record, entries, follow, records};
pub use record::{Kind, MAX_IN_FLIGHT, MAX_RECORD, RecordHash, Wrong};
pub use secret::{Redactor, SecretWord, commitment};
pub use store::Journal;
pub use verify::{Fault, Gap, Integrity, Survey, Tampering, Unreadable, verify};

use append::{Step, append};
use chrono::{DateTime, Utc};
use lock::Locks;
use record::Chain;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The names of the body's fields that `log show` reads. The gate writes them; others it may add freely.
pub mod field {
    /// Who asks: a string, or an object with `name` and `kind`.
    pub const ACTOR: &str = "actor";
    /// The command as a list of [`text`](super::text) values.
    pub const ARGV: &str = "argv";
    /// The command as shell text, instead of `argv`.
    pub const SHELL: &str = "shell";
    /// The program's name, or a list of them where the action holds several commands.
    pub const TOOL: &str = "tool";
    /// `run`, `confirm`, `two-person` or `deny`.
    pub const VERDICT: &str = "verdict";
}

/// What is about to happen, before it happens.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The action's name.
    pub id: ActionId,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// Actor, argv, directory, facts, verdict, grant and whatever else the gate wants on record.
    pub body: Map<String, Value>,
    /// What must not be readable in the record; taken out of `body` before it is hashed.
    pub secrets: Redactor,
}

/// Why an action did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// In one line.
    pub reason: String,
    /// Who or what said no: a rule, a human, `timeout`.
    pub by: String,
    /// What the gate answers: 77 denied, 75 pending or timed out.
    pub exit_code: u8,
}

impl Journal {
    /// Records that an action was denied; durable when it returns.
    ///
    /// # Errors
    /// The record cannot be made durable.
    pub fn deny(&self, intent: Intent, denial: Denial) -> Result<Closed, JournalError> {
        let Denial { reason, by, exit_code } = denial;
        let Intent { id, at, mut body, secrets } = intent;
        body.extend([
            ("by".to_owned(), json!(by)),
            ("exit".to_owned(), json!(exit_code)),
            ("reason".to_owned(), json!(reason)),
        ]);
        let record = || {
            let body = secrets.scrub(self, &id, body)?;
            let locks = Locks::create(&self.dir, &self.path)?;
            append(self, &locks, Step::Begins, |chain| {
                chain.add(Kind::Denied, at, &[("id", json!(id.as_str()))], &body)
            })
        };
        record().map_err(|problem| problem.so(Undone::Denial))?;
        let end = End::NotStarted { exit_code, reason };
        Ok(Closed { id, outcome: Outcome { end, took: Duration::ZERO } })
    }
}

/// Records that a command is about to start; durable when it returns.
///
/// # Errors
/// The record cannot be made durable, so the command must not start.
pub fn open(journal: &Journal, intent: Intent) -> Result<Opened, JournalError> {
    let record = || {
        let Intent { id, at, body, secrets } = intent;
        let body = secrets.scrub(journal, &id, body)?;
        let locks = Locks::create(&journal.dir, &journal.path)?;
        let (seq, mark) = append(journal, &locks, Step::Begins, |chain| {
            let seq = chain.next;
            // Before the record can be seen: whoever sees an intent without a mark calls it abandoned.
            let mark = locks.mark(seq)?;
            let flying = chain.open.0.len();
            if flying >= MAX_IN_FLIGHT {
                return Err(Problem::TooManyInFlight(flying));
            }
            chain.open.0.insert(seq, id.clone());
            chain.add(Kind::Intent, at, &[("id", json!(id.as_str()))], &body)?;
            Ok((seq, mark))
        })?;
        Ok(Opened { id, seq, secrets, mark, locks })
    };
    record().map_err(|problem: Problem| problem.so(Undone::Start))
}

/// Records how the command ended; durable when it returns.
///
/// # Errors
/// The record cannot be made durable. The next gate will record the action as `abandoned`.
pub fn close(journal: &Journal, finished: Finished) -> Result<Closed, JournalError> {
    let Finished { opened, grant, outcome } = finished;
    // The grant ends here; how the demand was met is in the intent.
    drop(grant);
    let Opened { id, seq, secrets, mark, locks } = opened;
    let record = || {
        // Scrubbed before it is cut: half a secret would not be recognised.
        let body = cut_reason(secrets.scrub(journal, &id, ending(&outcome))?);
        append(journal, &locks, Step::Ends(seq), |chain| outcome_of(chain, &id, seq, &body))
    };
    record().map_err(|problem| problem.so(Undone::Outcome))?;
    drop((mark, locks));
    Ok(Closed { id, outcome })
}

/// Adds the outcome of the intent `seq`.
fn outcome_of(chain: &mut Chain, id: &ActionId, seq: u64, body: &Map<String, Value>) -> Result<(), Problem> {
    if chain.open.0.remove(&seq).is_none() {
        return Err(Problem::NotOpen(id.clone()));
    }
    let fields = [("id", json!(id.as_str())), ("intent", json!(seq))];
    chain.add(Kind::Outcome, crate::clock::now(), &fields, body)
}

/// An outcome's own fields. Durations are in milliseconds.
fn ending(outcome: &Outcome) -> Map<String, Value> {
    let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).min((1 << 53) - 1);
    let value = match &outcome.end {
        End::NotStarted { exit_code, reason } => {
            json!({ "end": "not-started", "exit": exit_code, "reason": reason })
        }
        End::Exited { code } => json!({ "end": "exited", "exit": code }),
        End::Signaled { signal, core } => json!({ "end": "signaled", "signal": signal, "core": core }),
        End::TimedOut { limit, descendants, survivors } => {
            json!({ "end": "timed-out", "limit_ms": ms(*limit), "descendants": descendants, "survivors": survivors })
        }
    };
    let mut fields = Map::from_iter([("took_ms".to_owned(), json!(ms(outcome.took)))]);
    fields.extend(value.as_object().cloned().unwrap_or_default());
    fields
}

/// Space for outcomes is set aside before the start, so that no outcome may be longer than that.
fn cut_reason(mut body: Map<String, Value>) -> Map<String, Value> {
    const LONGEST_REASON: usize = 500;
    if let Some(Value::String(reason)) = body.get_mut("reason")
        && let Some((cut, _)) = reason.char_indices().nth(LONGEST_REASON)
    {
        reason.truncate(cut);
    }
    body
}
