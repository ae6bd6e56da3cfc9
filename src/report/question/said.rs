//! The fields of a request, of which nobody knows who wrote it.
//!
//! In: an object and the name of a field. Out: what it says, or that it says nothing of ours. Never: a field that is passed
//! over because it is of another kind.

use crate::journal::bytes;
use crate::report::sanitize;
use serde_json::{Map, Value};

/// Stands for whatever a request does not say, or says in a way that is not ours.
pub(super) const NOT_SAID: &str = "not said";

/// A string field.
pub(super) fn said(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).and_then(Value::as_str).map_or_else(|| NOT_SAID.to_owned(), str::to_owned)
}

/// A text field, quoted, so that what stands around it cannot be part of it.
pub(super) fn quoted(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).and_then(bytes).map_or_else(|| NOT_SAID.to_owned(), sanitize::quote_word)
}

/// An integer field.
pub(super) fn number(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).and_then(Value::as_u64).map_or_else(|| NOT_SAID.to_owned(), |number| number.to_string())
}

/// A list field; where there is none, one entry that says nothing, so that it is drawn as such.
pub(super) fn list<'r>(object: &'r Map<String, Value>, name: &str) -> &'r [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[Value::Null], Vec::as_slice)
}

/// A string field that may be null, or not there.
pub(super) fn optional(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).filter(|value| !value.is_null()).map(|_| said(object, name))
}

/// An object; one without fields where there is none.
pub(super) fn object(value: Option<&Value>) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.and_then(Value::as_object).unwrap_or(&NONE)
}
