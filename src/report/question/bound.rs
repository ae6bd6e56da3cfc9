//! What an approval holds for: program, directory, host, input, variables, rules, files.
//!
//! In: a stored request. Out: rows. Never: a digest that is none, shortened until it could pass for one.

use super::asking::clock;
use super::said::{NOT_SAID, list, number, object, quoted, said};
use super::{Bound, Row};
use crate::command::{Influence, influence};
use crate::journal::{SECRET_MARK, bytes, line};
use crate::report::sanitize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// So many digits of a digest are shown: 48 bits, to be compared by eye and not by an attacker's machine.
const DIGITS: usize = 12;

pub(super) fn of(request: &Map<String, Value>) -> Bound {
    let mut rows = vec![
        ("request", short_code(request)),
        ("program", program(object(request.get("executable")))),
        (
            "directory",
            format!("{} on {}", quoted(object(request.get("cwd")), "path"), quoted(request, "host")),
        ),
        ("input", input(object(request.get("stdin")))),
        ("variables", variables(request)),
        ("rules", rules(request)),
    ];
    if let Some(told) = request.get("timeout_ms").filter(|told| !told.is_null()) {
        let after = told.as_u64().map(|ms| format!("ends after {}", clock(Duration::from_millis(ms))));
        rows.push(("timeout", after.unwrap_or_else(|| NOT_SAID.to_owned())));
    }
    let directory = object(request.get("cwd")).get("path").and_then(bytes);
    let values = values(request);
    Bound {
        rows: rows.iter().map(|(what, text)| Row::new("bound", what, text, "")).chain(values).collect(),
        files: list(request, "files")
            .iter()
            .map(|told| file(object(Some(told)), directory.as_deref()))
            .chain(unbound(request))
            .collect(),
    }
}

/// Words that may name content, and are not bound: what runs may be other content than anybody saw.
fn unbound(request: &Map<String, Value>) -> impl Iterator<Item = Row> {
    let listed = request.get("unbound").and_then(Value::as_array).into_iter().flatten();
    listed.map(|told| {
        let told = object(Some(told));
        Row::new("look!", "not bound", &format!("{}: {}", quoted(told, "word"), said(told, "why")), "")
    })
}

/// The beginning of the SHA-256 of the request: whoever reads it out on the phone looks at the same request, byte for byte.
fn short_code(request: &Map<String, Value>) -> String {
    let Ok(line) = line(request) else { return NOT_SAID.to_owned() };
    let digest: [u8; 32] = Sha256::digest(&line).into();
    let digits: String = digest.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
    format!("sha256 {digits}, the same wherever it is shown")
}

fn program(executable: &Map<String, Value>) -> String {
    let custody = executable.get("custody");
    let weakest = custody.and_then(|custody| custody.get("weakest")).and_then(bytes);
    let exchange = match (custody.and_then(Value::as_str), weakest) {
        (Some("root"), _) => ", kept by root".to_owned(),
        (Some("owner"), _) => ", kept by its user".to_owned(),
        (_, Some(place)) => format!(", others can exchange it at {}", sanitize::quote_word(place)),
        (_, None) => String::new(),
    };
    format!("{}, {}{exchange}", quoted(executable, "path"), digest(executable))
}

/// `sha256 0123456789ab`
fn digest(of: &Map<String, Value>) -> String {
    let told = of.get("sha256").and_then(Value::as_str);
    let whole = told.filter(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match (whole.and_then(|text| text.get(..DIGITS)), told) {
        (Some(prefix), _) => format!("sha256 {prefix}"),
        (None, Some(_)) => "sha256 malformed".to_owned(),
        (None, None) => format!("sha256 {NOT_SAID}"),
    }
}

fn input(stdin: &Map<String, Value>) -> String {
    match stdin.get("from").and_then(Value::as_str) {
        Some("null") => "nothing (/dev/null)".to_owned(),
        Some("bytes") => format!("{} bytes, {}", number(stdin, "bytes"), digest(stdin)),
        Some(other) => sanitize::quote_word(other),
        None => NOT_SAID.to_owned(),
    }
}

/// The names, and the values of those that say where: `VAULT_ADDR=https://prod.example`. Of what changes code, and of what
/// is committed to as a secret, the name says enough.
fn variables(request: &Map<String, Value>) -> String {
    let told = |(name, value): (&String, &Value)| match bytes(value).filter(|_| says_where(name)) {
        Some(value) if !value.as_bytes().starts_with(SECRET_MARK.as_bytes()) => {
            let mut told = OsString::from(format!("{name}="));
            told.push(value);
            sanitize::quote_word(told)
        }
        Some(_) | None => sanitize::quote_word(name),
    };
    match request.get("variables").and_then(Value::as_object) {
        Some(variables) if variables.is_empty() => "none".to_owned(),
        Some(variables) => variables.iter().map(told).collect::<Vec<_>>().join(", "),
        None => NOT_SAID.to_owned(),
    }
}

fn says_where(name: &str) -> bool {
    match influence(OsStr::new(name)) {
        Influence::Place | Influence::Unknown => true,
        Influence::Code | Influence::Display => false,
    }
}

/// The variables that the command itself names, with their values: `rm -rf "$DIR"` says nothing without.
fn values(request: &Map<String, Value>) -> Vec<Row> {
    let values = request.get("values").and_then(Value::as_object);
    let shown = values.into_iter().flatten().map(|(name, value)| {
        let value = bytes(value).map_or_else(|| NOT_SAID.to_owned(), sanitize::quote_word);
        Row::new("where", &format!("${}", sanitize::text(name)), &format!("is {value}"), "")
    });
    shown.collect()
}

fn rules(request: &Map<String, Value>) -> String {
    match request.get("rule_files").and_then(Value::as_array).map(Vec::len) {
        Some(1) => "1 rule file".to_owned(),
        Some(count) => format!("{count} rule files"),
        None => NOT_SAID.to_owned(),
    }
}

/// `./x.sh  120 bytes, sha256 0123456789ab, rechecked`, and where a link led to.
fn file(told: &Map<String, Value>, directory: Option<&OsStr>) -> Row {
    let named =
        told.get("path").and_then(bytes).map(|path| Path::new(directory.unwrap_or_default()).join(path));
    let real = told.get("real").and_then(bytes).map(PathBuf::from);
    // `./x` in `/srv` is `/srv/x`: comparing components leaves the dots out.
    let plain =
        |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let elsewhere = match (&named, &real) {
        (Some(named), Some(real)) if plain(named) == *real => String::new(),
        (_, Some(real)) => format!("really {}, ", sanitize::quote_word(real)),
        (_, None) => format!("really {NOT_SAID}, "),
    };
    let content = match told.get("kind").and_then(Value::as_str) {
        Some("place") => "this place, whatever is there".to_owned(),
        Some("absent") => "no such file".to_owned(),
        Some(kind) if told.contains_key("state") => format!("{}, not its content", sanitize::text(kind)),
        Some(_) | None => format!("{} bytes, {}", number(told, "bytes"), digest(told)),
    };
    let note = format!("{elsewhere}{content}, {}", said(told, "how"));
    Row::new("file", &quoted(told, "path"), &note, "")
}
