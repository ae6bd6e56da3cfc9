//! One line of the approvers file: OpenSSH's `allowed_signers` format (ssh-keygen(1), ALLOWED SIGNERS), strictly.
//!
//! In: a line. Out: one person's one key and when it counts, or what to write instead. Never: a pattern, a second
//! person, or an option that is not understood; `ssh-keygen` takes all three, and each would let in more people than
//! whoever wrote the line can see.

use super::key::Key;
use super::signature::NAMESPACE;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// Letters of a person's name, at most.
const NAME: usize = 64;

/// How a time in a line is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// With `Z`, or there is no time.
    #[default]
    Utc,
    /// Without: local, which is read as where the key counts least.
    Local,
}

/// When a key counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// From then on.
    pub after: Option<DateTime<Utc>>,
    /// Until then.
    pub before: Option<DateTime<Utc>>,
    /// Whether one of the two is a local time.
    pub zone: Zone,
}

/// One person's one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) person: String,
    pub(super) key: Key,
    pub(super) validity: Validity,
}

/// Reads a line; `None` for a blank line or a comment.
pub(super) fn entry(line: &str) -> Result<Option<Entry>, String> {
    if let Some(odd) = line.chars().find(|&c| c.is_control() && c != '\t') {
        return Err(format!(
            "there is a control character ({}); save it with Unix line ends",
            odd.escape_default()
        ));
    }
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let Some(person) = words.next().filter(|word| !word.starts_with('#')) else { return Ok(None) };
    if super::key::Kind::from_word(person.as_bytes()).is_some() {
        return Err(format!("it names nobody; write the person before the key: {}", example("NAME")));
    }
    name(person)?;
    let options = words.next().ok_or_else(|| shape(person))?;
    if super::key::Kind::from_word(options.as_bytes()).is_some() || options.starts_with("ssh-") {
        return Err(format!(
            "it says nothing about namespaces; write `{person} namespaces=\"remgate\" {options} ...`"
        ));
    }
    let validity = read_options(options)?;
    let (Some(said), Some(base64)) = (words.next(), words.next()) else { return Err(shape(person)) };
    let key = Key::parse(said, base64).map_err(|error| error.to_string())?;
    Ok(Some(Entry { person: person.to_owned(), key, validity }))
}

fn shape(person: &str) -> String {
    format!("it is not whole; write {}", example(person))
}

fn example(person: &str) -> String {
    format!("`{person} namespaces=\"remgate\" ssh-ed25519 AAAA...`")
}

/// Whether a person may be called so: one plain principal, no pattern, no list.
pub(super) fn name(text: &str) -> Result<(), String> {
    if let Some(sign) = text.chars().find(|c| "*?!".contains(*c)) {
        return Err(format!(
            "`{text}` is a pattern (`{sign}`), and people are counted by name; write one name"
        ));
    }
    if text.contains(',') {
        return Err(format!("`{text}` names several people; write one line for each"));
    }
    let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte));
    if first && plain && text.len() <= NAME {
        return Ok(());
    }
    Err(format!(
        "`{text}` is no plain name; use letters, digits and `. _ @ + -`, at most {NAME}, without quotes"
    ))
}

fn read_options(text: &str) -> Result<Validity, String> {
    let mut validity = Validity::default();
    let mut seen = Vec::new();
    for option in text.split(',') {
        let (word, value) = option.split_once('=').unwrap_or((option, ""));
        if seen.contains(&word) {
            return Err(format!("`{word}` is given twice; write it once"));
        }
        seen.push(word);
        if word.starts_with("valid-") && !value.ends_with("Z\"") {
            validity.zone = Zone::Local;
        }
        match word {
            "namespaces" => for_remgate_alone(value)?,
            "valid-after" => validity.after = Some(instant(word, value, Edge::After)?),
            "valid-before" => validity.before = Some(instant(word, value, Edge::Before)?),
            "cert-authority" => {
                return Err(
                    "`cert-authority` would let in whoever that authority signs; list each key".to_owned()
                );
            }
            _ => {
                return Err(format!(
                    "`{word}` is not understood; only namespaces, valid-after and valid-before are"
                ));
            }
        }
    }
    if !seen.contains(&"namespaces") {
        return Err("`namespaces=\"remgate\"` is missing; add it to the options".to_owned());
    }
    match (validity.after, validity.before) {
        (Some(after), Some(before)) if before <= after => {
            Err("`valid-before` is not later than `valid-after`, so the key never counts; correct one"
                .to_owned())
        }
        (Some(_) | None, Some(_) | None) => Ok(validity),
    }
}

/// A key listed for `git,remgate` or `*` is one that somebody signs other things with, unthinkingly.
fn for_remgate_alone(value: &str) -> Result<(), String> {
    if value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) == Some(NAMESPACE) {
        return Ok(());
    }
    Err(format!("namespaces is `{value}`; write exactly `namespaces=\"remgate\"`"))
}

/// Which end of a span of time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    After,
    Before,
}

fn instant(word: &str, value: &str, edge: Edge) -> Result<DateTime<Utc>, String> {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inner.and_then(|text| time(text, edge)).ok_or_else(|| {
        format!("`{word}={value}` is no time; write `{word}=\"YYYYMMDDZ\"` or `{word}=\"YYYYMMDDHHMM[SS]Z\"`")
    })
}

/// Reads `YYYYMMDD[Z]` or `YYYYMMDDHHMM[SS][Z]`.
///
/// Without `Z` these are local times, and whoever starts the gate chooses what local means: `TZ=UTC+24` would revive
/// a key for a day. So they are read as in the time zone in which the key counts least: it begins as in the last zone
/// to see that hour (UTC-12), and ends as in the first (UTC+14).
pub(super) fn time(text: &str, edge: Edge) -> Option<DateTime<Utc>> {
    let (digits, zone) = match text.strip_suffix('Z') {
        Some(digits) => (digits, TimeDelta::zero()),
        None if edge == Edge::After => (text, TimeDelta::hours(12)),
        None => (text, TimeDelta::hours(-14)),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
    let second = match digits.len() {
        8 | 12 => 0,
        14 => part(12, 14)?,
        _ => return None,
    };
    let (hour, minute) = if digits.len() == 8 { (0, 0) } else { (part(8, 10)?, part(10, 12)?) };
    let year = i32::try_from(part(0, 4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, part(4, 6)?, part(6, 8)?)?;
    let local: NaiveDateTime = day.and_hms_opt(hour, minute, second)?;
    local.and_utc().checked_add_signed(zone)
}
