//! How values become the bytes of a record: JSON in printable ASCII, with exact numbers only.
//!
//! In: a `serde_json::Value` made by the gate. Out: bytes from 0x20 to 0x7e, so that no argv can draw on the
//! terminal of whoever reads the raw log, and no newline can forge a record. Never: a float, or an integer that
//! a reader with doubles (JavaScript, jq) would round.

use super::Problem;
use base64::Engine as _;
use serde::Serialize as _;
use serde_json::{Map, Value, json};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Integers from here on are not exact in a double (2^53).
const INEXACT: u64 = 1 << 53;

/// A value for text that the operating system hands over: a string where it is UTF-8, else `{"b64": "..."}`.
#[must_use]
pub fn text(bytes: &OsStr) -> Value {
    match bytes.to_str() {
        Some(text) => Value::from(text),
        None => json!({ "b64": base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes()) }),
    }
}

/// The bytes behind `{"b64": "..."}`.
pub(super) fn encoded(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let text = fields.get("b64").filter(|_| fields.len() == 1)?.as_str()?;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// What [`text`] made the value from; `None` for any other value.
#[must_use]
pub fn bytes(value: &Value) -> Option<OsString> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Object(fields) => encoded(fields).map(OsString::from_vec),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// An object as one line of the log's JSON dialect, its fields sorted, with a newline.
///
/// # Errors
/// A number that does not fit.
pub fn line(fields: &Map<String, Value>) -> Result<Vec<u8>, Problem> {
    let mut out = b"{".to_vec();
    for (at, (name, value)) in fields.iter().enumerate() {
        let number = |what| Problem::Number { field: name.clone(), what };
        if at > 0 {
            out.push(b',');
        }
        write(&mut out, &json!(name)).map_err(number)?;
        out.push(b':');
        write(&mut out, value).map_err(number)?;
    }
    out.extend_from_slice(b"}\n");
    Ok(out)
}

/// Appends `value` to `out`; the error says which kind of number does not fit.
pub(super) fn write(out: &mut Vec<u8>, value: &Value) -> Result<(), String> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Ascii);
    value.serialize(&mut serializer).map_err(|error| error.to_string())
}

/// A value as one line of the log's dialect, without a line end; `None` for numbers that do not fit.
pub(crate) fn ascii(value: &Value) -> Option<String> {
    let mut out = Vec::new();
    write(&mut out, value).ok()?;
    String::from_utf8(out).ok()
}

/// The JSON dialect of the log.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_f32<W: ?Sized + Write>(&mut self, _: &mut W, _: f32) -> io::Result<()> {
        Err(io::Error::other("a fraction"))
    }

    fn write_f64<W: ?Sized + Write>(&mut self, _: &mut W, _: f64) -> io::Result<()> {
        Err(io::Error::other("a fraction"))
    }

    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        if value >= INEXACT {
            return Err(io::Error::other("an integer beyond 2^53"));
        }
        write!(writer, "{value}")
    }

    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        if value.unsigned_abs() >= INEXACT {
            return Err(io::Error::other("an integer beyond 2^53"));
        }
        write!(writer, "{value}")
    }

    /// Called with stretches that need no JSON escape; what is not printable ASCII becomes UTF-16 escapes.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !(' '..='~').contains(&c)) {
            let (plain, odd) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = odd.chars();
            for unit in chars.next().iter_mut().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ffi::OsString;

    fn written(value: &Value) -> String {
        let mut out = Vec::new();
        write(&mut out, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn everything_odd_is_escaped() {
        let rows = [
            ("plain ~", r#""plain ~""#),
            ("\n\r\t\u{1b}[2J", r#""\n\r\t\u001b[2J""#),
            ("\u{7f}", r#""\u007f""#),
            ("\u{202e}", r#""\u202e""#),
            ("a\u{1f600}b", r#""a\ud83d\ude00b""#),
            ("\u{0}\"\\", r#""\u0000\"\\""#),
        ];
        for (text, expected) in rows {
            assert_eq!(written(&json!(text)), expected);
        }
    }

    #[test]
    fn inexact_numbers_are_refused() {
        for (value, what) in
            [(json!(0.5), "fraction"), (json!(1u64 << 53), "2^53"), (json!(-(1i64 << 53)), "2^53")]
        {
            let error = write(&mut Vec::new(), &json!({ "deep": [value] })).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        assert_eq!(
            written(&json!([(1u64 << 53) - 1, -((1i64 << 53) - 1)])),
            "[9007199254740991,-9007199254740991]"
        );
    }

    #[test]
    fn bytes_that_are_not_text_survive() {
        assert_eq!(text(OsStr::new("grüße")), json!("grüße"));
        assert_eq!(text(&OsString::from_vec(vec![b'a', 0xff])), json!({ "b64": "Yf8=" }));
    }

    proptest! {
        #[test]
        fn any_string_round_trips_as_printable_ascii(text in any::<String>()) {
            let line = written(&json!(text));
            prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
        }
    }
}
