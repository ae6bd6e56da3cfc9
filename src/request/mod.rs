//! The request for approval: what people sign, byte for byte (design section 9).
//!
//! In: everything an action is bound to, as JSON. Out: one line of printable ASCII, written once; back from it, a
//! [`Request`]; and the fields in which two bindings differ. Never: a second serialisation of a request - what was
//! stored is what is hashed, signed, carried and verified - and never a look at the world or the clock.

mod drift;
mod parcel;
mod timely;

pub use drift::{Drift, between};
pub use parcel::{Parcel, ParcelError, pack_request, pack_vote, unpack};
pub use timely::{MAX_SKEW, Moment, Untimely, timely};

use crate::actor::ActorKind;
use crate::bind::Digest;
use crate::command::{Action, ShellText};
use crate::journal::{self, ActionId, Bookmark, Claim, Problem};
use crate::quorum::{Demanded, Requester};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// No request is longer, in bytes: it must fit a record, a mail and a reader.
pub const MAX_BYTES: usize = 128 * 1024;

/// A stored request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    bytes: Vec<u8>,
    fields: Map<String, Value>,
    id: ActionId,
    created: DateTime<Utc>,
    expires: DateTime<Utc>,
}

/// Why some bytes are no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not one line of printable ASCII.
    #[error("it is not one line of printable ASCII of at most {MAX_BYTES} bytes")]
    Form,
    /// Not the JSON of a request.
    #[error("it is not a request of version 1")]
    Shape,
    /// A field is missing or is something else.
    #[error("its field `{0}` is missing or cannot be read")]
    Field(&'static str),
}

/// When a request is made, and until when it can be approved and used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Now.
    pub created: DateTime<Utc>,
    /// The first moment at which it is worth nothing.
    pub expires: DateTime<Utc>,
    /// Milliseconds since the machine started, as [`Lifetime::created`] by a clock that nobody can set.
    pub uptime_ms: u64,
}

impl Request {
    /// Writes the request of an action: what it is `bound` to, and what makes this request different from all others.
    ///
    /// # Errors
    /// Too long, a number that JSON readers would change, or no randomness.
    pub fn compose(
        id: &ActionId,
        bound: &Map<String, Value>,
        life: Lifetime,
        bookmark: &Bookmark,
    ) -> Result<Self, Problem> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|error| Problem::Random(error.to_string()))?;
        let nonce: String = nonce.iter().map(|byte| format!("{byte:02x}")).collect();
        let time = |time: DateTime<Utc>| json!(time.to_rfc3339_opts(SecondsFormat::Millis, true));
        let mut fields = bound.clone();
        fields.extend([
            ("v".to_owned(), json!(1)),
            ("type".to_owned(), json!("request")),
            ("id".to_owned(), json!(id.as_str())),
            ("created".to_owned(), time(life.created)),
            ("expires".to_owned(), time(life.expires)),
            ("uptime_ms".to_owned(), json!(life.uptime_ms)),
            ("nonce".to_owned(), json!(nonce)),
            ("log".to_owned(), bookmark.to_json()),
        ]);
        let bytes = journal::line(&fields)?;
        let size = bytes.len();
        Self::parse(bytes).map_err(|error| match error {
            RequestError::Form => Problem::TooLarge { bytes: size, limit: MAX_BYTES },
            RequestError::Shape | RequestError::Field(_) => Problem::Request(error.to_string()),
        })
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// They are no request.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, RequestError> {
        let line =
            bytes.strip_suffix(b"\n").filter(|_| bytes.len() <= MAX_BYTES).ok_or(RequestError::Form)?;
        if !line.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Err(RequestError::Form);
        }
        let fields: Map<String, Value> = serde_json::from_slice(line).map_err(|_| RequestError::Shape)?;
        // Of a field that stands twice readers take the first or the last: an approver would sign two requests at once.
        if journal::line(&fields).ok().as_ref() != Some(&bytes) {
            return Err(RequestError::Shape);
        }
        let text =
            |name: &'static str| fields.get(name).and_then(Value::as_str).ok_or(RequestError::Field(name));
        if fields.get("v") != Some(&json!(1)) || text("type")? != "request" {
            return Err(RequestError::Shape);
        }
        let time = |name: &'static str| {
            let time = DateTime::parse_from_rfc3339(text(name)?).map_err(|_| RequestError::Field(name))?;
            Ok(time.to_utc())
        };
        let id = ActionId::parse(text("id")?).ok_or(RequestError::Field("id"))?;
        let (created, expires) = (time("created")?, time("expires")?);
        let request = Self { id, created, expires, bytes, fields };
        request.demanded()?;
        request.requester()?;
        request.claim()?;
        request.action()?;
        Ok(request)
    }

    /// The exact bytes: what is signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Their SHA-256, in hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        Digest::of(&self.bytes).to_string()
    }

    /// Everything in it.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Its id, which is also the action's.
    #[must_use]
    pub fn id(&self) -> &ActionId {
        &self.id
    }

    /// When it was made.
    #[must_use]
    pub fn created(&self) -> DateTime<Utc> {
        self.created
    }

    /// From when on it is worth nothing.
    #[must_use]
    pub fn expires(&self) -> DateTime<Utc> {
        self.expires
    }

    /// Why it goes without the approvals it takes, where it does.
    #[must_use]
    pub fn break_glass(&self) -> Option<&str> {
        self.fields.get("break_glass")?.as_str()
    }

    /// Text of a top-level field.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// Whose approval it takes.
    ///
    /// # Errors
    /// It does not say.
    pub fn demanded(&self) -> Result<Demanded, RequestError> {
        let wrong = || RequestError::Field("demand");
        let demand = self.fields.get("demand").ok_or_else(wrong)?;
        let people = demand.get("people").and_then(Value::as_u64).and_then(|count| u8::try_from(count).ok());
        let groups = demand.get("groups").and_then(Value::as_array).ok_or_else(wrong)?;
        let groups = groups.iter().map(|group| group.as_str().map(str::to_owned)).collect::<Option<_>>();
        Ok(Demanded {
            people: people.filter(|people| *people > 0).ok_or_else(wrong)?,
            groups: groups.ok_or_else(wrong)?,
        })
    }

    /// Who asks.
    ///
    /// # Errors
    /// It does not say.
    pub fn requester(&self) -> Result<Requester, RequestError> {
        let wrong = || RequestError::Field("requester");
        let requester = self.fields.get("requester").ok_or_else(wrong)?;
        let text = |name: &str| requester.get(name).and_then(Value::as_str).ok_or_else(wrong);
        Ok(Requester {
            kind: ActorKind::from_word(text("kind")?).ok_or_else(wrong)?,
            name: text("name")?.to_owned(),
            account: text("account")?.to_owned(),
        })
    }

    /// How its use is claimed in the log that made it.
    ///
    /// # Errors
    /// It does not say where it was made.
    pub fn claim(&self) -> Result<Claim, RequestError> {
        let bookmark = self.fields.get("log").and_then(Bookmark::from_json);
        Ok(Claim { bookmark: bookmark.ok_or(RequestError::Field("log"))?, sha256: self.sha256() })
    }

    /// What is to be run.
    ///
    /// # Errors
    /// It does not say.
    pub fn action(&self) -> Result<Action, RequestError> {
        let words = |name: &'static str| -> Result<Vec<OsString>, RequestError> {
            let list = self.fields.get(name).and_then(Value::as_array).ok_or(RequestError::Field(name))?;
            list.iter().map(|word| journal::bytes(word).ok_or(RequestError::Field(name))).collect()
        };
        match (self.fields.get("argv"), self.fields.get("shell")) {
            (Some(_), None) => Ok(Action::Argv(words("argv")?)),
            (None, Some(text)) => {
                let text = journal::bytes(text).ok_or(RequestError::Field("shell"))?;
                let shell = ShellText::from_parts(text, &words("shell_options")?, words("shell_parameters")?);
                Ok(Action::Shell(shell.ok_or(RequestError::Field("shell_options"))?))
            }
            (_, _) => Err(RequestError::Field("argv")),
        }
    }

    /// The directory it was asked for in.
    #[must_use]
    pub fn directory(&self) -> Option<PathBuf> {
        journal::bytes(self.fields.get("cwd")?.get("path")?).map(PathBuf::from)
    }

    /// The time limit of the command.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.fields.get("timeout_ms")?.as_u64().map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests;

/// A sample request, for tests of other rooms.
#[cfg(test)]
pub(crate) fn sample() -> Request {
    tests::request()
}
