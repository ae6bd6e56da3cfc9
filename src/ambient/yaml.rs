//! YAML as Go programs read it, minus what could be read two ways.
//!
//! In: text. Out: a tree. Never: expands aliases without a bound, recurses, or takes for text what kubectl's parser
//! takes for a number, a truth value or a date: it follows YAML 1.1, where `010` is eight and `on` is true.

use super::tree::Node;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A kubeconfig needs 7 levels.
const DEEPEST: usize = 64;
/// 32 MiB of [`Node::weight`]. Ten thousand contexts weigh a third of it; ten lines of nested aliases a billion times.
const HEAVIEST: usize = 32 << 20;

/// The line (from 1) and what is wrong there.
pub(crate) type Fault = (usize, String);

/// The tree of the one document in `text`; an empty text is `Null`.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    // Go reads the first document and is silent about the others; nobody who looks at the file is.
    documents(text, 1).map(|mut documents| documents.pop().unwrap_or(Node::Null))
}

/// The trees of every document in `text`, of which there may be `most`.
pub(crate) fn documents(text: &str, most: usize) -> Result<Vec<Node>, Fault> {
    let mut builder = Builder { most, ..Builder::default() };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        // The scanner's own message is kept out: it can quote what it read.
        let (event, span) = event.map_err(|error| (error.marker().line(), "not valid YAML".to_owned()))?;
        builder.take(event).map_err(|fault| (span.start.line(), fault.to_owned()))?;
    }
    Ok(builder.documents)
}

/// A list or map that is not closed yet.
#[derive(Debug)]
enum Open {
    List(Vec<Node>),
    Map { entries: Vec<(String, Node)>, seen: BTreeSet<String>, key: Option<String> },
}

/// Builds the tree with a stack of its own, so that depth costs no call stack.
#[derive(Debug, Default)]
struct Builder {
    documents: Vec<Node>,
    most: usize,
    stack: Vec<(usize, Open)>,
    anchors: BTreeMap<usize, Node>,
    weight: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.documents.len() < self.most => Ok(()),
            Event::DocumentStart(_) if self.most == 1 => Err("more than one document"),
            Event::DocumentStart(_) => Err("too many documents"),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).ok_or("an alias inside its own anchor")?;
                // Weighed before it is copied: an alias costs all it stands for, again and again.
                self.weight = self.weight.saturating_add(node.weight());
                let node = node.clone();
                self.place(0, node)
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref()),
            Event::SequenceStart(anchor, tag) => {
                self.open(anchor, tag.as_deref(), "seq", Open::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let map = Open::Map { entries: Vec::new(), seen: BTreeSet::new(), key: None };
                self.open(anchor, tag.as_deref(), "map", map)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), &'static str> {
        let node = match style {
            ScalarStyle::Plain if tag.is_none() => plain(text.into_owned()),
            ScalarStyle::Plain
            | ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Literal
            | ScalarStyle::Folded => {
                expect_tag(tag, "str")?;
                Node::Text(text.into_owned())
            }
        };
        self.place(anchor, node)
    }

    fn open(&mut self, anchor: usize, tag: Option<&Tag>, kind: &str, open: Open) -> Result<(), &'static str> {
        expect_tag(tag, kind)?;
        if self.stack.len() >= DEEPEST {
            return Err("nested too deeply");
        }
        self.stack.push((anchor, open));
        Ok(())
    }

    fn close(&mut self) -> Result<(), &'static str> {
        match self.stack.pop() {
            Some((anchor, Open::List(items))) => self.place(anchor, Node::List(items)),
            Some((anchor, Open::Map { entries, .. })) => self.place(anchor, Node::Map(entries)),
            None => Err("an end without a beginning"),
        }
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, anchor: usize, node: Node) -> Result<(), &'static str> {
        // Children were weighed when they were placed, so here a collection weighs no more than its shell.
        self.weight = self.weight.saturating_add(node.shell());
        if anchor != 0 {
            self.weight = self.weight.saturating_add(node.weight());
        }
        if self.weight > HEAVIEST {
            return Err("too much of it, counting aliases");
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut() {
            None => self.documents.push(node),
            Some((_, Open::List(items))) => items.push(node),
            Some((_, Open::Map { entries, seen, key })) => match key.take() {
                Some(name) => entries.push((name, node)),
                None => *key = Some(key_of(node, seen)?),
            },
        }
        Ok(())
    }
}

/// A mapping key must be text, and must stand once: Go lets the later one win, others the first.
fn key_of(node: Node, seen: &mut BTreeSet<String>) -> Result<String, &'static str> {
    let key = match node {
        Node::Text(text) | Node::Typed(text) => text,
        Node::Null => return Err("a key without a name"),
        Node::List(_) | Node::Map(_) => return Err("a key that is not text"),
    };
    // A merge key brings in what stands elsewhere, under precedence rules that readers differ in.
    if key == "<<" {
        return Err("a merge key");
    }
    if seen.insert(key.clone()) { Ok(key) } else { Err("a key stands twice in one map") }
}

/// A tag may only say what is plain to see; any other could change how the tool reads the value.
fn expect_tag(tag: Option<&Tag>, kind: &str) -> Result<(), &'static str> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == kind => Ok(()),
        Some(_) => Err("a tag"),
    }
}

/// What an unquoted scalar is: text only where YAML 1.1 and 1.2, and every reader of them, say so.
fn plain(text: String) -> Node {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "y" | "Y" | "n" | "N" | "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "true" | "True" | "TRUE"
        | "false" | "False" | "FALSE" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => Node::Typed(text),
        number if is_number_or_date(number) => Node::Typed(text),
        _ => Node::Text(text),
    }
}

/// Whether some reader makes a number or a date of it: `12`, `010`, `1_000`, `0x1f`, `1e3`, `2024-01-01`. kubectl
/// refuses a file with one of these where a name belongs.
fn is_number_or_date(text: &str) -> bool {
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return false;
    }
    let number = text.replace('_', "");
    let unsigned = number.trim_start_matches(['+', '-']);
    let other_base = ["0x", "0X", "0o", "0O", "0b", "0B"].iter().any(|prefix| unsigned.starts_with(prefix));
    let special = [".inf", ".nan"].contains(&unsigned.to_ascii_lowercase().as_str());
    let date = text.split_once('-').is_some_and(|(year, _)| year.len() == 4 && year.parse::<u16>().is_ok());
    number.parse::<f64>().is_ok() || other_base || special || date
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        parse(text).unwrap_err().1
    }

    #[test]
    fn a_kubeconfig_like_document_is_read() {
        let node =
            parse("---\ncurrent-context: &c dev\ncontexts:\n- name: *c\n  context: {cluster: x}\n").unwrap();
        assert_eq!(node.get("current-context"), Some(&Node::Text("dev".into())));
        let Some(Node::List(items)) = node.get("contexts") else { panic!("no list") };
        assert_eq!(items[0].get("name"), Some(&Node::Text("dev".into())));
        assert_eq!(items[0].get("context").unwrap().get("cluster"), Some(&Node::Text("x".into())));
        assert_eq!(parse("").unwrap(), Node::Null);
        assert_eq!(parse("# only a comment\n").unwrap(), Node::Null);
    }

    #[test]
    fn scalars_that_yaml_1_1_changes_are_not_text() {
        for text in [
            "010",
            "12345",
            "0",
            "-7",
            "1_000",
            "0x1f",
            "1e3",
            "1.50",
            "2024-01-01",
            "on",
            "No",
            "true",
            "+1",
            ".5",
            "-.inf",
            "0b11",
        ] {
            assert_eq!(plain(text.to_owned()), Node::Typed(text.to_owned()), "{text}");
        }
        for text in ["10.0.0.1", "prod", "1a", "yes-no", "-x", "12-34", "https://h:1", "1.2.3"] {
            assert_eq!(plain(text.to_owned()), Node::Text(text.to_owned()), "{text}");
        }
        assert_eq!(parse("a: '010'").unwrap().get("a"), Some(&Node::Text("010".into())));
        assert_eq!(parse("a: !!str 010").unwrap().get("a"), Some(&Node::Text("010".into())));
    }

    #[test]
    fn what_readers_take_differently_is_refused() {
        assert_eq!(fault("a: 1\na: 2\n"), "a key stands twice in one map");
        assert_eq!(fault("{a: 1, 'a': 2}"), "a key stands twice in one map");
        assert_eq!(fault("x: &x {a: 1}\ny: {<<: *x}\n"), "a merge key");
        assert_eq!(fault("a: 1\n---\na: 2\n"), "more than one document");
        assert_eq!(fault("a: !!binary ZGV2\n"), "a tag");
        assert_eq!(fault("!mine {a: 1}"), "a tag");
        assert_eq!(fault("? [a]\n: 1\n"), "a key that is not text");
        assert_eq!(fault("a: &a [*a]"), "an alias inside its own anchor");
        assert_eq!(fault("a: ["), "not valid YAML");
    }

    #[test]
    fn bombs_are_refused_before_they_are_built() {
        let mut nodes = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 10].join(",");
            nodes.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert_eq!(fault(&nodes), "too much of it, counting aliases");
        // Few nodes, many bytes: one long scalar, named often.
        let bytes = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 100].join(","));
        assert_eq!(fault(&bytes), "too much of it, counting aliases");
        assert_eq!(fault(&"- ".repeat(5_000)), "nested too deeply");
        assert!(parse(&"[".repeat(1 << 20)).is_err());
        assert!(parse(&"{a: ".repeat(1 << 18)).is_err());
    }
}
