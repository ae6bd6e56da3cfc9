//! The programs that brush-parser sees in a text.
//!
//! Its tree is walked as JSON: fifty kinds of node, of which only commands and words matter. Words are parsed when a shell
//! would expand them, so each is parsed here once more, and so is the text of each substitution.

use crate::literal::literal;
use brush_parser::{Parser, ParserOptions, word};
use serde::Serialize;
use serde_json::Value;

/// The raw words that name programs, or `None` where the text is not understood.
pub(crate) fn programs(text: &str) -> Option<Vec<String>> {
    let mut seen = Seen { names: Vec::new(), whole: true };
    seen.text(text);
    seen.whole.then_some(seen.names)
}

struct Seen {
    names: Vec<String>,
    whole: bool,
}

impl Seen {
    fn text(&mut self, text: &str) {
        match Parser::new(text.as_bytes(), &ParserOptions::default()).parse_program() {
            Ok(program) => self.tree(&json(program)),
            Err(_) => self.whole = false,
        }
    }

    fn tree(&mut self, node: &Value) {
        match node {
            Value::Array(nodes) => nodes.iter().for_each(|node| self.tree(node)),
            Value::Object(fields) => {
                if let Some(name) = fields.get("word_or_name").and_then(|word| word["value"].as_str()) {
                    self.names.extend(literal(name));
                }
                if fields.contains_key("here_end") {
                    return self.here_document(node);
                }
                if let Some(text) = fields.get("value").and_then(Value::as_str) {
                    return self.word(word::parse(text, &ParserOptions::default()));
                }
                for (name, field) in fields {
                    // The second is the whole word again.
                    if name == "AssignmentWord" { self.tree(&field[0]) } else { self.tree(field) }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn here_document(&mut self, document: &Value) {
        if document["requires_expansion"] == true {
            let text = document["doc"]["value"].as_str().unwrap();
            self.word(word::parse_heredoc(text, &ParserOptions::default()));
        }
    }

    fn word<E>(&mut self, word: Result<Vec<word::WordPieceWithSource>, E>) {
        match word {
            Ok(pieces) => self.pieces(&json(pieces)),
            Err(_) => self.whole = false,
        }
    }

    /// Inside a word: substitutions, and texts that are words again (`${x:-word}`).
    fn pieces(&mut self, node: &Value) {
        match node {
            Value::Array(nodes) => nodes.iter().for_each(|node| self.pieces(node)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    match (name.as_str(), field) {
                        ("CommandSubstitution" | "BackquotedCommandSubstitution", Value::String(text)) => {
                            self.text(text)
                        }
                        (
                            "Text" | "SingleQuotedText" | "AnsiCQuotedText" | "EscapeSequence" | "parameter",
                            _,
                        ) => {}
                        (_, Value::String(text)) => self.word(word::parse(text, &ParserOptions::default())),
                        _ => self.pieces(field),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn json(tree: impl Serialize) -> Value {
    serde_json::to_value(tree).unwrap()
}
