//! JSON as Go programs read it, minus what could be read two ways.
//!
//! In: text. Out: a tree. Never: picks one of two keys. Go's decoder takes `currentContext` and `CURRENTCONTEXT` for
//! the same field and lets the later one win, so a reader that knows only the first spelling sees another target.

use super::tree::Node;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// How the reading tool compares keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// As written.
    Exact,
    /// Without regard to case, as Go's `encoding/json` does; the tree then holds folded keys.
    Folded,
}

/// The tree of `text`, or the line and the fault.
pub(super) fn parse(text: &str, keys: Keys) -> Result<Node, (usize, String)> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    keys.deserialize(&mut deserializer)
        .and_then(|node| deserializer.end().map(|()| node))
        .map_err(|error| (error.line(), fault(&error)))
}

/// Our own words: serde's messages quote the values they stumble over, and these files hold credentials.
fn fault(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => "a key stands twice in one object".to_owned(),
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => "not valid JSON".to_owned(),
        serde_json::error::Category::Io => "cannot be read".to_owned(),
    }
}

/// Go's folding also takes U+017F for `s` and U+212A for `k`; going up and down again covers both.
fn fold(key: &str) -> String {
    key.to_uppercase().to_lowercase()
}

impl<'de> DeserializeSeed<'de> for Keys {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Typed(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Typed(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Typed(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Typed(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let key = match self {
                Keys::Exact => key,
                Keys::Folded => fold(&key),
            };
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom("duplicate key"));
            }
            entries.push((key, map.next_value_seed(self)?));
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_go_takes_for_the_same_field_are_refused() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"currentContext":"dev","CURRENTCONTEXT":"prod"}"#,
            "{\"endpoints\":1,\"endpoint\u{17f}\":2}",
            "{\"k\":1,\"\u{212a}\":2}",
            r#"{"a":{"b":[{"c":1,"C":2}]}}"#,
        ] {
            assert_eq!(
                parse(text, Keys::Folded).unwrap_err().1,
                "a key stands twice in one object",
                "{text}"
            );
        }
        assert!(parse(r#"{"a":1,"A":2}"#, Keys::Exact).is_ok());
        assert!(parse(r#"{"a":1,"a":2}"#, Keys::Exact).is_err());
    }

    #[test]
    fn hostile_documents_end_in_an_error_not_in_a_crash() {
        let deep = "[".repeat(1_000_000);
        for text in [deep.as_str(), "", "{", "{\"a\":1} x", "\u{feff}{}", "{\"a\":1,}", "nul"] {
            let (_, fault) = parse(text, Keys::Folded).unwrap_err();
            assert_eq!(fault, "not valid JSON");
        }
    }

    #[test]
    fn only_strings_are_text() {
        let node = parse(r#"{"a":"x","b":1,"c":true,"d":null,"e":1.5,"f":-1}"#, Keys::Exact).unwrap();
        assert_eq!(node.get("a"), Some(&Node::Text("x".into())));
        assert_eq!(node.get("b"), Some(&Node::Typed("1".into())));
        assert_eq!(node.get("c"), Some(&Node::Typed("true".into())));
        assert_eq!(node.get("d"), Some(&Node::Null));
        assert_eq!(node.get("e"), Some(&Node::Typed("1.5".into())));
        assert_eq!(node.get("f"), Some(&Node::Typed("-1".into())));
    }
}
