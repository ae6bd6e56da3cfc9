//! The texts that approvers hand over: approvals, rejections, reviews.
//!
//! In: bytes from an inbox, a file, a chat. Out: a [`Vote`] of known shape. Never: a word about whether it counts, and
//! never two texts for one meaning: the digest of a vote is its name on record.
//!
//! An approval is the armored signature over the request alone, so that `ssh-keygen -Y verify` confirms it with nothing
//! but the two files. A rejection or review says more than yes, so it is a statement (one line of JSON) followed by
//! the armored signature over that line.

use super::signature::{BEGIN, MAX_ARMORED};
use crate::bind::Digest;
use crate::journal::{self, ActionId};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::json;

/// Bytes of a vote that are looked at.
pub const MAX_VOTE: usize = 2 * MAX_ARMORED;

/// How times are written, as in the log.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";

/// What an approver hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vote {
    /// The armored signature over the request.
    Approval(String),
    /// A statement that the request is refused, and the armored signature over it.
    Rejection {
        /// One line, its line end included.
        statement: String,
        /// Armored.
        signature: String,
    },
    /// A statement that what ran under break-glass was looked at, and the armored signature over it.
    Review {
        /// One line, its line end included.
        statement: String,
        /// Armored.
        signature: String,
    },
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatementKind {
    /// No.
    Rejection,
    /// A break-glass run was looked at.
    Review,
}

impl StatementKind {
    /// The word in the statement.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StatementKind::Rejection => "rejection",
            StatementKind::Review => "review",
        }
    }
}

/// What stands in a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is for.
    pub kind: StatementKind,
    /// The request's id.
    pub id: ActionId,
    /// SHA-256 of the request's bytes, in hex.
    pub request_sha256: String,
    /// Why, in the approver's words. Nothing in it is trusted.
    pub reason: String,
    /// When, by the approver's clock. Nothing depends on it.
    pub time: DateTime<Utc>,
}

/// Why some bytes are no vote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoteError {
    /// More than [`MAX_VOTE`] bytes.
    #[error("it has {0} bytes, and no vote is that long")]
    Long(usize),
    /// Neither an armored signature, nor a statement followed by one.
    #[error("it is neither an armored SSH signature nor a statement followed by one")]
    Shape,
    /// A statement that is not as the gate writes it.
    #[error("its statement is not as `remgate` writes it")]
    Statement,
}

impl Vote {
    /// Reads a vote.
    ///
    /// # Errors
    /// It has not the shape of one.
    pub fn parse(bytes: &[u8]) -> Result<Vote, VoteError> {
        if bytes.len() > MAX_VOTE {
            return Err(VoteError::Long(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| VoteError::Shape)?;
        if text.starts_with(BEGIN) {
            return Ok(Vote::Approval(text.to_owned()));
        }
        let at = text.find('\n').ok_or(VoteError::Shape)?.saturating_add(1);
        let (statement, signature) = text.split_at_checked(at).ok_or(VoteError::Shape)?;
        if !signature.starts_with(BEGIN) {
            return Err(VoteError::Shape);
        }
        let kind = Statement::parse(statement).ok_or(VoteError::Statement)?.kind;
        let (statement, signature) = (statement.to_owned(), signature.to_owned());
        Ok(match kind {
            StatementKind::Rejection => Vote::Rejection { statement, signature },
            StatementKind::Review => Vote::Review { statement, signature },
        })
    }

    /// The text that [`Vote::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Vote::Approval(signature) => signature.clone(),
            Vote::Rejection { statement, signature } | Vote::Review { statement, signature } => {
                format!("{statement}{signature}")
            }
        }
    }

    /// SHA-256 of the text, in hex: the vote's name.
    #[must_use]
    pub fn sha256(&self) -> String {
        Digest::of(self.to_text().as_bytes()).to_string()
    }
}

/// The line that a rejection or review signs, its line end included.
#[must_use]
pub fn statement(
    kind: StatementKind,
    id: &ActionId,
    request_sha256: &str,
    reason: &str,
    time: DateTime<Utc>,
) -> String {
    let value = json!({
        "v": 1, "type": kind.word(), "id": id.as_str(), "request": request_sha256, "reason": reason,
        "time": time.format(TIME).to_string(),
    });
    // Text and one small number always fit; an empty line would be no statement, and so count for nothing.
    let mut line = journal::ascii(&value).unwrap_or_default();
    line.push('\n');
    line
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    v: u32,
    r#type: StatementKind,
    id: String,
    request: String,
    reason: String,
    time: String,
}

impl Statement {
    /// Reads what [`statement`] writes, and nothing else: what is written again must be the same bytes.
    #[must_use]
    pub fn parse(line: &str) -> Option<Statement> {
        let raw: Raw = serde_json::from_str(line.strip_suffix('\n')?).ok()?;
        let time = NaiveDateTime::parse_from_str(&raw.time, TIME).ok()?.and_utc();
        let id = ActionId::parse(&raw.id)?;
        let again = statement(raw.r#type, &id, &raw.request, &raw.reason, time);
        let (kind, request_sha256, reason) = (raw.r#type, raw.request, raw.reason);
        (raw.v == 1 && again == line).then_some(Statement { kind, id, request_sha256, reason, time })
    }
}
