//! The pattern language: `kubectl scale <workload>... --replicas=<n> [--timeout=<t>]`.
//!
//! In: the text of a pattern and the tool entry it speaks about. Out: a [`Pattern`] that knows options by canonical
//! name, so that `-f` and `--filename` in rule and command are the same. Never: a regular expression, or anything
//! whose cost grows faster than the command.

use super::token::{Token, tokens};
use crate::content::Kind;
use crate::tools::{Arity, Behind, Tool};
use std::cell::LazyCell;

pub use super::token::Presence;
pub(crate) use super::token::{Flaw, FlawKind, programs};

/// How many words a part stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    One,
    /// One or more.
    Many,
}

/// Whether a word names a file, and whether the content of that file matters for what the command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A word like any other.
    Ignored,
    /// `<name:path>`: it names a place, and what stands there does not matter. A log that grows while somebody is asked
    /// whether to delete it is still the log to delete.
    Place,
    /// `<name:data>`: it holds what the command sends, or `@` and the name of a file with it.
    Data,
    /// `<name:file>`: it does; an approval binds its digest.
    Matters,
    /// `<name:sql>`, `<name:manifest>` ...: conditions are held against the classes of what stands in it.
    Read(Kind),
}

/// What one operand or value must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One of these words.
    Words(Vec<String>),
    /// Any word, kept under this name.
    Capture(String, Content),
}

/// A word that is no option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperandPattern {
    /// What it must look like.
    pub shape: Shape,
    /// How many of it.
    pub count: Count,
    /// Whether it must be there.
    pub presence: Presence,
}

/// An option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionPattern {
    /// Its canonical name.
    pub name: String,
    /// What its value must look like; `None` where it has none or any will do.
    pub value: Option<Shape>,
    /// Whether it must be there.
    pub presence: Presence,
}

/// One proven pattern for one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The tool's name.
    pub program: String,
    /// Its operands, in order.
    pub operands: Vec<OperandPattern>,
    /// Its options; their order means nothing.
    pub options: Vec<OptionPattern>,
    /// `< <script:sql>`: what its standard input is called, and how it is read.
    pub stdin: Option<(String, Kind)>,
}

/// Every name that a pattern captures.
pub(crate) fn captures(pattern: &Pattern) -> impl Iterator<Item = &str> {
    let operands = pattern.operands.iter().map(|operand| &operand.shape);
    let values = pattern.options.iter().filter_map(|option| option.value.as_ref());
    let words = operands.chain(values).filter_map(|shape| match shape {
        Shape::Capture(name, _) => Some(name.as_str()),
        Shape::Words(_) => None,
    });
    words.chain(pattern.stdin.iter().map(|(name, _)| name.as_str()))
}

/// What the capture `name` stands for.
pub(crate) fn content(pattern: &Pattern, name: &str) -> Content {
    if let Some((_, kind)) = pattern.stdin.as_ref().filter(|(known, _)| known == name) {
        return Content::Read(*kind);
    }
    let shapes = pattern.operands.iter().map(|operand| &operand.shape);
    let values = pattern.options.iter().filter_map(|option| option.value.as_ref());
    let content = shapes.chain(values).find_map(|shape| match shape {
        Shape::Capture(known, content) if known == name => Some(*content),
        Shape::Capture(..) | Shape::Words(_) => None,
    });
    content.unwrap_or(Content::Ignored)
}

/// Nobody's command has so many parts; what does is there to make the gate slow.
const MOST_PARTS: usize = 100;

/// Reads a pattern for one of its programs.
pub(crate) fn parse(text: &str, tool: &Tool) -> Result<Pattern, Flaw> {
    let tokens = tokens(text)?;
    if let Some(token) = tokens.get(MOST_PARTS) {
        return Err(token.flaw(format!("a pattern has at most {MOST_PARTS} parts")));
    }
    let mut pattern =
        Pattern { program: tool.name.clone(), operands: Vec::new(), options: Vec::new(), stdin: None };
    let operation = operation(&tokens, tool);
    let operation: Vec<&str> = operation.iter().map(String::as_str).collect();
    // Some tools have hundreds of subcommands, and most patterns name no option.
    let options = LazyCell::new(|| tool.behind(&operation));
    let mut rest = tokens.iter().skip(1).peekable();
    while let Some(token) = rest.next() {
        if token.text == "<" {
            let given = rest.next().filter(|_| pattern.stdin.is_none()).map(|next| stdin(token, next));
            pattern.stdin = Some(given.ok_or_else(|| token.flaw(STDIN.to_owned()))??);
            continue;
        }
        let (name, value) = match token.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (token.text, None),
        };
        let keyed = value.is_some() && options.option(name).is_some();
        let dashed = token.text.starts_with('-') && token.text.len() > 1;
        if !dashed && !keyed {
            pattern.operands.push(operand(token)?);
            continue;
        }
        let spec = options.option(name).ok_or_else(|| unknown_option(token, name, tool, &options))?;
        let value = match (spec.arity, value) {
            (Arity::Switch, Some(_)) => return Err(token.flaw(format!("`{name}` takes no value"))),
            (Arity::Switch, None) | (Arity::Optional, None) => None,
            (Arity::Value | Arity::Optional, Some(value)) => Some(shape(token, value)?),
            (Arity::Value, None) => match rest.next_if(|next| !next.text.starts_with('-')) {
                Some(next) => Some(shape(next, next.text)?),
                None => return Err(token.flaw(format!("`{name}` needs a value: `{name}=<x>`"))),
            },
        };
        pattern.options.push(OptionPattern {
            name: spec.canonical().to_owned(),
            value,
            presence: token.presence,
        });
    }
    check(&pattern, text)?;
    Ok(pattern)
}

fn unknown_option(token: &Token<'_>, name: &str, tool: &Tool, options: &Behind<'_>) -> Flaw {
    let nearest = super::nearest(name, options.names()).map(str::to_owned);
    let text = format!("the entry of tool `{}` has no option `{name}` for this operation", tool.name);
    Flaw { kind: FlawKind::UnknownOption, text, at: token.at..token.at.saturating_add(name.len()), nearest }
}

/// The leading literal words, by which the subcommand's options are found. Of `get|describe` the first counts;
/// words that belong to different entries belong into different patterns, and `check` of the examples shows it.
fn operation(tokens: &[Token<'_>], tool: &Tool) -> Vec<String> {
    let words = tokens.iter().skip(1).filter(|token| !token.text.starts_with('-'));
    let leading = words.take(tool.operation).take_while(|token| !token.text.starts_with('<'));
    leading.map(|token| token.text.split('|').next().unwrap_or_default().to_owned()).collect()
}

const STDIN: &str = "`<` stands once, in front of `<name:sql>` or `<name:manifest>`";

/// The capture behind `<`.
fn stdin(sign: &Token<'_>, token: &Token<'_>) -> Result<(String, Kind), Flaw> {
    match (sign.presence, token.presence, shape(token, token.text)?) {
        (
            Presence::Required,
            Presence::Required,
            Shape::Capture(name, Content::Read(kind @ (Kind::Sql | Kind::Manifest))),
        ) => Ok((name, kind)),
        (_, _, Shape::Capture(..) | Shape::Words(_)) => Err(token.flaw(STDIN.to_owned())),
    }
}

fn operand(token: &Token<'_>) -> Result<OperandPattern, Flaw> {
    let (text, count) = match token.text.strip_suffix("...") {
        Some(text) => (text, Count::Many),
        None => (token.text, Count::One),
    };
    let shape = shape(token, text)?;
    if count == Count::Many && matches!(shape, Shape::Words(_)) {
        return Err(token.flaw("`...` may only follow a capture: `<name>...`".to_owned()));
    }
    Ok(OperandPattern { shape, count, presence: token.presence })
}

fn shape(token: &Token<'_>, text: &str) -> Result<Shape, Flaw> {
    if let Some(inner) = text.strip_prefix('<') {
        let name = inner.strip_suffix('>').ok_or_else(|| token.flaw("`<` is never closed".to_owned()))?;
        let (name, content) = match name.split_once(':') {
            Some((name, "file")) => (name, Content::Matters),
            Some((name, "path")) => (name, Content::Place),
            Some((name, "data")) => (name, Content::Data),
            Some((name, kind)) => (name, read_as(token, kind)?),
            None => (name, Content::Ignored),
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(token.flaw("a capture's name has small letters, digits and `-`".to_owned()));
        }
        return Ok(Shape::Capture(name.to_owned(), content));
    }
    if text.contains(['<', '>', '[', ']', '"', '\'']) || text.split('|').any(str::is_empty) {
        return Err(token.flaw(format!("`{text}` is neither a word, `a|b` nor `<name>`")));
    }
    Ok(Shape::Words(text.split('|').map(str::to_owned).collect()))
}

/// What a word behind the colon of a capture means.
fn read_as(token: &Token<'_>, word: &str) -> Result<Content, Flaw> {
    if let Some(kind) = Kind::from_word(word) {
        return Ok(Content::Read(kind));
    }
    let known = || ["data", "file", "path"].into_iter().chain(Kind::ALL.into_iter().map(Kind::word));
    let text = format!("`:{word}` is not known; one of: {}", known().collect::<Vec<_>>().join(", "));
    Err(Flaw { nearest: super::nearest(word, known()).map(str::to_owned), ..token.flaw(text) })
}

/// What can only be seen in the whole pattern.
fn check(pattern: &Pattern, text: &str) -> Result<(), Flaw> {
    let flaw =
        |text_of: String| Flaw { kind: FlawKind::Grammar, text: text_of, at: 0..text.len(), nearest: None };
    if pattern.operands.iter().filter(|operand| operand.count == Count::Many).count() > 1 {
        return Err(flaw(
            "two parts with `...`: it could not be told which word belongs to which".to_owned(),
        ));
    }
    let mut names: Vec<&str> = captures(pattern).collect();
    names.sort_unstable();
    if let Some([name, _]) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        return Err(flaw(format!("`<{name}>` is captured twice")));
    }
    let mut options: Vec<&OptionPattern> = pattern.options.iter().collect();
    options.sort_by_key(|option| &option.name);
    // `--filename=<name> --filename=<what:manifest>`: a word by its name, and by what stands behind it.
    let captures = |option: &OptionPattern| matches!(option.value, Some(Shape::Capture(..)));
    let twice = options.windows(2).find_map(|pair| match pair {
        [one, other] if one.name == other.name && !(captures(one) && captures(other)) => Some(&one.name),
        _ => None,
    });
    if let Some(name) = twice {
        return Err(flaw(format!("`{name}` stands twice")));
    }
    Ok(())
}
