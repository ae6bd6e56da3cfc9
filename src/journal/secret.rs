//! Keeps secrets out of the record.
//!
//! In: argv, shell text, and what the tool entries know about secret operands. Out: the record's body with every
//! occurrence of every secret replaced by a salted commitment, `<secret:1:HEX>`, before anything is hashed.
//! Never: a plain hash - without the key, which lies beside the log and not in it, nobody can try passwords
//! against the record. Whoever has key and value can prove that this value was meant; see [`commitment`].

mod names;
mod positions;
mod scan;
mod shapes;
mod words;

use super::canonical::encoded;
use super::store::{self, Opening};
use super::{ActionId, Journal, Problem};
use rustix::fs::{AtFlags, Mode, OFlags};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// The key's file name in the log directory.
const KEY: &str = "redaction.key";

/// The key's length in bytes.
const KEY_BYTES: usize = 32;

/// How a commitment begins.
pub const SECRET_MARK: &str = "<secret:";

/// Shorter secrets (bytes) are replaced only where they stand as whole words: `-p 12` must not eat every `12`.
const WHOLE_WORDS_BELOW: usize = 4;

/// Fields in which only the gate's own words stand. A secret that happens to be `confirm` says nothing there,
/// and replacing it would break every reader.
const GATE_WORDS: [&str; 5] = [super::field::VERDICT, "mode", "end", "by", "request"];

/// The field that says how the demand was met, and what in it are the gate's own words: `PGPASSWORD=break-glass` would
/// take a debt off the books.
const GRANT: (&str, [&str; 2]) = ("grant", ["how", "request"]);

/// Where a secret stands in argv, as a tool entry knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretWord {
    /// Which word.
    pub word: usize,
    /// From which byte of that word: 2 for `-psecret`, 11 for `--password=secret`.
    pub from: usize,
}

/// The secrets of one action.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Redactor {
    secrets: Vec<Vec<u8>>,
}

/// Shows how many there are: a debug print must not leak what the record hides.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    /// Knows no secret yet.
    #[must_use]
    pub fn new() -> Redactor {
        Redactor::default()
    }

    /// Learns from argv: what `known` points at, and everything that looks like a secret by name or by shape.
    pub fn learn(&mut self, argv: &[OsString], known: &[SecretWord]) {
        for at in known {
            if let Some(secret) = argv.get(at.word).and_then(|word| word.as_bytes().get(at.from..)) {
                self.learn_value(secret);
            }
        }
        let words: Vec<_> = argv.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        scan::words(&words, self);
        // A word may be shell text itself (`sh -c`, `ssh host`), with words of its own.
        words.iter().filter(|word| word.contains([' ', '\t', '\n'])).for_each(|text| self.learn_text(text));
    }

    /// Learns from shell text, as written and as the shell will read it: `a"b"c` and `abc` are the same secret.
    pub fn learn_text(&mut self, text: &str) {
        let (written, read) = words::split(text);
        scan::words(&written, self);
        scan::words(&read, self);
    }

    /// Learns one value that is known to be secret.
    pub fn learn_value(&mut self, secret: &[u8]) {
        if !secret.is_empty() && !self.secrets.iter().any(|known| known == secret) {
            self.secrets.push(secret.to_vec());
        }
    }

    /// Replaces every secret in `body`. The key is read, and made if need be, only when there is one.
    pub(super) fn scrub(
        &self,
        journal: &Journal,
        id: &ActionId,
        body: Map<String, Value>,
    ) -> Result<Map<String, Value>, Problem> {
        if self.secrets.is_empty() {
            return Ok(body);
        }
        let key = read_key(journal)?;
        let marks: Vec<String> = (1..)
            .zip(&self.secrets)
            .map(|(index, secret)| format!("{SECRET_MARK}{index}:{}>", commitment(&key, id, index, secret)))
            .collect();
        Ok(self.gates_own(body, &GATE_WORDS, &marks))
    }

    /// Fields with names of the gate's own, and those of `words` with values of its own: a field that a secret could
    /// rename is one that its reader does not find.
    fn gates_own(&self, fields: Map<String, Value>, words: &[&str], marks: &[String]) -> Map<String, Value> {
        let scrubbed = |(name, value): (String, Value)| {
            let value = match (words.contains(&name.as_str()), value) {
                (true, value) => value,
                (false, Value::Object(grant)) if name == GRANT.0 => {
                    Value::Object(self.gates_own(grant, &GRANT.1, marks))
                }
                (false, value) => self.value(value, marks),
            };
            (name, value)
        };
        fields.into_iter().map(scrubbed).collect()
    }

    fn field(&self, name: String, value: Value, marks: &[String]) -> (String, Value) {
        (self.string(name, marks), self.value(value, marks))
    }

    fn value(&self, value: Value, marks: &[String]) -> Value {
        match value {
            Value::String(text) => Value::String(self.string(text, marks)),
            Value::Array(values) => values.into_iter().map(|value| self.value(value, marks)).collect(),
            Value::Object(fields) => match encoded(&fields) {
                Some(bytes) => super::text(&OsString::from_vec(self.bytes(&bytes, marks))),
                None => fields.into_iter().map(|(name, value)| self.field(name, value, marks)).collect(),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => value,
        }
    }

    fn string(&self, text: String, marks: &[String]) -> String {
        String::from_utf8(self.bytes(text.as_bytes(), marks)).unwrap_or_else(|_| {
            // A secret that is not text cut a character in half; nothing of the string is worth the risk.
            "<secret>".to_owned()
        })
    }

    /// Replaces secrets in bytes. Where two overlap, their union goes, so that no end of either stays.
    fn bytes(&self, text: &[u8], marks: &[String]) -> Vec<u8> {
        let mut spans: Vec<_> = (self.secrets.iter().zip(marks))
            .flat_map(|(secret, mark)| occurrences(text, secret).map(move |at| (at, at + secret.len(), mark)))
            .collect();
        spans.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let (mut out, mut done) = (Vec::with_capacity(text.len()), 0);
        for (start, end, mark) in spans {
            if start >= done {
                out.extend_from_slice(text.get(done..start).unwrap_or_default());
                out.extend_from_slice(mark.as_bytes());
            }
            done = done.max(end);
        }
        out.extend_from_slice(text.get(done..).unwrap_or_default());
        out
    }
}

/// Where `secret` stands in `text`.
fn occurrences<'a>(text: &'a [u8], secret: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let inside = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    memchr::memmem::find_iter(text, secret).filter(move |&at| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        secret.len() >= WHOLE_WORDS_BELOW || !(inside(before) || inside(text.get(at + secret.len())))
    })
}

/// The commitment to one secret: SHA-256 over key, action id, index and value, cut to 128 bits, in hex.
///
/// To check one, read the key (`redaction.key` beside the log), take id and index from the record, and compare.
/// Every part but the value has a fixed length, so no two inputs share their bytes.
#[must_use]
pub fn commitment(key: &[u8], id: &ActionId, index: u64, secret: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"remgate secret v1\0")
        .chain_update(key)
        .chain_update(id.as_str())
        .chain_update(index.to_be_bytes())
        .chain_update(secret)
        .finalize()
        .into();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The key of this log; the first secret makes it.
fn read_key(journal: &Journal) -> Result<Vec<u8>, Problem> {
    let opening = match store::open_owned(journal, KEY, OFlags::RDONLY)? {
        Some(opening) => opening,
        None => make_key(journal)?,
    };
    let Opening { file, path, stat } = opening;
    let mode = Mode::from_raw_mode(stat.st_mode);
    if mode.intersects(Mode::RWXG | Mode::RWXO) {
        return Err(Problem::Writable { path, mode: mode.bits() & 0o7777 });
    }
    let mut key = vec![0; KEY_BYTES];
    let read =
        rustix::io::pread(&file, key.as_mut_slice(), 0).map_err(|error| Problem::io("read", &path, error))?;
    if read != KEY_BYTES {
        return Err(Problem::Damaged {
            path,
            why: format!("a redaction key has {KEY_BYTES} bytes, this {read}"),
        });
    }
    Ok(key)
}

/// Makes the key under another name and links it in, so that two gates agree on one and none reads half of it.
fn make_key(journal: &Journal) -> Result<Opening, Problem> {
    let path = journal.path.join(KEY);
    let failed = |error: rustix::io::Errno| Problem::io("create", &path, error);
    let random = |error: getrandom::Error| Problem::Random(error.to_string());
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(random)?;
    let draft = format!("{KEY}.{:016x}", getrandom::u64().map_err(random)?);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(&journal.dir, &draft, flags, Mode::RUSR | Mode::WUSR).map_err(failed)?;
    let mut file = std::fs::File::from(file);
    let written = file.write_all(&key).and_then(|()| file.sync_all());
    let linked =
        written.map(|()| rustix::fs::linkat(&journal.dir, &draft, &journal.dir, KEY, AtFlags::empty()));
    rustix::fs::unlinkat(&journal.dir, &draft, AtFlags::empty()).map_err(failed)?;
    match linked.map_err(|error| Problem::io("write to", &path, error))? {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(error) => return Err(failed(error)),
    }
    rustix::fs::fsync(&journal.dir).map_err(failed)?;
    store::open_owned(journal, KEY, OFlags::RDONLY)?.ok_or_else(|| failed(rustix::io::Errno::NOENT))
}
