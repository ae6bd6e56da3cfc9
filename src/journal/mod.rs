//! The record: one intent before, one outcome after, chained by hashes (design section 10).
//!
//! In: what the gate decided and what came of it. Out: records that are durable when a call returns; and, for
//! readers, [`entries`] and [`verify`]. Never: a command, a prompt, a print. The format is told in `docs/log.md`.

mod append;
mod canonical;
mod claim;
mod error;
mod id;
mod lines;
mod lock;
mod merkle;
mod order;
mod outcome;
mod owed;
mod read;
mod record;
mod secret;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use canonical::ascii;
pub use canonical::{bytes, line, text};
pub use claim::{Bookmark, Claim, REJECTED, Use};
pub use error::{JournalError, Problem, Undone};
pub use id::ActionId;
pub use merkle::{AnchorError, Checkpoint};
pub use order::{Begun, Closed, Consent, Finished, Opened};
pub use outcome::{End, Outcome};
pub use owed::owed;
pub use read::{Ending, Entry, Filter, Follow, Listed, Listing, ReadError, Record, entries, follow, records};
pub use record::{Kind, MAX_IN_FLIGHT, MAX_RECORD, RecordHash, Wrong};
pub use secret::{Redactor, SECRET_MARK, SecretWord, commitment};
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

/// What people said, for the record of whoever said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// An approver signed a request.
    Approved,
    /// An approver refused it.
    Rejected,
    /// Somebody reviewed a run without approval.
    Reviewed,
}

impl Said {
    /// The word in the record.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.kind().word()
    }

    fn kind(self) -> Kind {
        match self {
            Said::Approved => Kind::Approved,
            Said::Rejected => Kind::Rejected,
            Said::Reviewed => Kind::Reviewed,
        }
    }
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
        let Intent { id, at, body, secrets } = intent;
        let record = || {
            let body = secrets.scrub(self, &id, denied(body, &denial))?;
            let locks = Locks::create(&self.dir, &self.path)?;
            append(self, &locks, Step::Begins, |chain, _| {
                chain.add(Kind::Denied, at, &[("id", json!(id.as_str()))], &body)
            })
        };
        record().map_err(|problem| problem.so(Undone::Denial))?;
        Ok(denial.closed(id))
    }

    /// Records that people were asked to approve an action. `compose` gets the place of the record, which the request
    /// binds, and answers with the SHA-256 of the request in hex and whatever the caller wants back.
    ///
    /// # Errors
    /// The record cannot be made durable; then there is no request.
    pub fn request<T>(
        &self,
        intent: Intent,
        compose: impl FnOnce(&Bookmark) -> Result<(String, T), Problem>,
    ) -> Result<T, JournalError> {
        let Intent { id, at, body, secrets } = intent;
        let record = || {
            let mut body = secrets.scrub(self, &id, body)?;
            let locks = Locks::create(&self.dir, &self.path)?;
            append(self, &locks, Step::Begins, |chain, position| {
                let (sha256, made) = compose(&Bookmark::new(position, chain.next, chain.head))?;
                body.insert("request".to_owned(), json!(sha256));
                chain.add(Kind::Requested, at, &[("id", json!(id.as_str()))], &body)?;
                Ok(made)
            })
        };
        record().map_err(|problem: Problem| problem.so(Undone::Request))
    }

    /// Records what somebody said of a request; durable when it returns.
    ///
    /// # Errors
    /// The record cannot be made durable; then it was not said.
    pub fn say(&self, said: Said, intent: Intent) -> Result<(), JournalError> {
        let Intent { id, at, body, secrets } = intent;
        let record = || {
            let body = secrets.scrub(self, &id, body)?;
            let locks = Locks::create(&self.dir, &self.path)?;
            append(self, &locks, Step::Begins, |chain, _| {
                chain.add(said.kind(), at, &[("id", json!(id.as_str()))], &body)
            })
        };
        record().map_err(|problem| problem.so(Undone::Vote))
    }

    /// `body` as a record of `id` would hold it: without its secrets.
    ///
    /// # Errors
    /// The redaction key cannot be read or made.
    pub fn without_secrets(
        &self,
        id: &ActionId,
        secrets: &Redactor,
        body: Map<String, Value>,
    ) -> Result<Map<String, Value>, JournalError> {
        secrets.scrub(self, id, body).map_err(|problem| problem.so(Undone::Request))
    }
}

/// The body of a denial.
fn denied(mut body: Map<String, Value>, denial: &Denial) -> Map<String, Value> {
    body.extend([
        ("by".to_owned(), json!(denial.by)),
        ("exit".to_owned(), json!(denial.exit_code)),
        ("reason".to_owned(), json!(denial.reason)),
    ]);
    body
}

impl Denial {
    /// An action that did not start.
    fn closed(self, id: ActionId) -> Closed {
        let end = End::NotStarted { exit_code: self.exit_code, reason: self.reason };
        Closed { id, outcome: Outcome { end, took: Duration::ZERO } }
    }

    /// What is said where another run used the approval first, or this log never knew of it.
    fn spent(found: Use) -> Self {
        let why = match found {
            Use::Spent(seq) => format!("the approval was used already, by record {seq} of the log"),
            Use::Rejected(seq) => format!("an approver refused it, as record {seq} of the log says"),
            Use::Open | Use::Unknown => "this log does not know the request".to_owned(),
        };
        let reason = format!("{why}; the command was not started");
        Self { reason, by: "gate: used".to_owned(), exit_code: 77 }
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
        let (seq, mark) =
            append(journal, &locks, Step::Begins, |chain, _| add_intent(chain, &locks, at, &id, &body))?;
        Ok(Opened { id, seq, secrets, mark, locks })
    };
    record().map_err(|problem: Problem| problem.so(Undone::Start))
}

/// Records that a command is about to start, and uses up the approval that `consent` holds, if any.
///
/// # Errors
/// As [`open`].
pub fn begin(journal: &Journal, intent: Intent, consent: &impl Consent) -> Result<Begun, JournalError> {
    match consent.claim() {
        None => open(journal, intent).map(Begun::Opened),
        Some(claim) => open_claimed(journal, intent, claim),
    }
}

/// Records that a command is about to start with what people approved, and thereby uses the approval up: of many that
/// claim one request, one is opened and the others are denied, on record as well.
///
/// # Errors
/// As [`open`].
fn open_claimed(journal: &Journal, intent: Intent, claim: &Claim) -> Result<Begun, JournalError> {
    let record = || {
        let Intent { id, at, body, secrets } = intent;
        let body = secrets.scrub(journal, &id, body)?;
        let locks = Locks::create(&journal.dir, &journal.path)?;
        let begun = append(journal, &locks, Step::Begins, |chain, _| {
            // In this gate's turn to append, so that no other can use it between this look and the record.
            match claim::look(journal, &id, claim)? {
                Use::Open => add_intent(chain, &locks, at, &id, &body).map(Ok),
                found @ (Use::Spent(_) | Use::Rejected(_) | Use::Unknown) => {
                    let denial = Denial::spent(found);
                    chain.add(Kind::Denied, at, &[("id", json!(id.as_str()))], &denied(body, &denial))?;
                    Ok(Err(denial))
                }
            }
        })?;
        Ok(match begun {
            Ok((seq, mark)) => Begun::Opened(Opened { id, seq, secrets, mark, locks }),
            Err(denial) => Begun::Spent(denial.closed(id)),
        })
    };
    record().map_err(|problem: Problem| problem.so(Undone::Start))
}

/// Adds an intent, marked as living.
fn add_intent(
    chain: &mut Chain,
    locks: &Locks,
    at: DateTime<Utc>,
    id: &ActionId,
    body: &Map<String, Value>,
) -> Result<(u64, lock::Mark), Problem> {
    let seq = chain.next;
    // Before the record can be seen: whoever sees an intent without a mark calls it abandoned.
    let mark = locks.mark(seq)?;
    let flying = chain.open.0.len();
    if flying >= MAX_IN_FLIGHT {
        return Err(Problem::TooManyInFlight(flying));
    }
    chain.open.0.insert(seq, id.clone());
    chain.add(Kind::Intent, at, &[("id", json!(id.as_str()))], body)?;
    Ok((seq, mark))
}

/// Records how the command ended; durable when it returns.
///
/// # Errors
/// The record cannot be made durable. The next gate will record the action as `abandoned`.
pub fn close(journal: &Journal, finished: Finished) -> Result<Closed, JournalError> {
    let Finished { opened, outcome } = finished;
    let Opened { id, seq, secrets, mark, locks } = opened;
    let record = || {
        // Scrubbed before it is cut: half a secret would not be recognised.
        let body = cut_reason(secrets.scrub(journal, &id, ending(&outcome))?);
        append(journal, &locks, Step::Ends(seq), |chain, _| outcome_of(chain, &id, seq, &body))
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
