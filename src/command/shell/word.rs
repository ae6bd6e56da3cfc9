//! From the parts of a word to the words it becomes, as far as that is certain before the run.
//!
//! In: a [`Word`] and the values of variables. Out: texts, each with what is [`Loose`] about it. Never: an expansion that
//! depends on the disk - patterns stay as typed.

use super::super::{Count, Loose, Nature};
use super::Dialect;
use super::brace;
use super::lexer::is_name;
use super::syntax::{Expansion, Form, Part, Quoting, Word};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Among the words of a command: it may split, vanish, or become the names of files.
    Argument,
    /// Behind `NAME=`, `<<<`, `case`: it stays one word.
    Value,
    /// Behind `<` and `>`: one word too, but it may be a pattern: `> /etc/pass*` writes to the one file that it finds.
    Target,
}

/// How values without quotes are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Splitting {
    /// At blanks and newlines.
    Usual,
    /// The text changes IFS.
    Changed,
}

/// One word as it will be, as far as that is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) text: Vec<u8>,
    pub(super) loose: Option<Loose>,
}

impl Settled {
    pub(super) fn exact(&self) -> Option<&[u8]> {
        self.loose.is_none().then_some(&self.text)
    }

    /// What the (first) word that comes of it certainly begins with.
    pub(super) fn certain(&self) -> &[u8] {
        let length = self.loose.map_or(self.text.len(), |loose| loose.certain);
        self.text.get(..length).unwrap_or_default()
    }

    /// Whether it is not certain, and may turn out to be this word: `"-$x"` may be `-v`.
    pub(super) fn may_be(&self, word: &[u8]) -> bool {
        self.loose.is_some() && word.starts_with(self.certain())
    }

    /// What stands before the `=` or `+=`, as far as that is certain.
    pub(super) fn declared(&self) -> &[u8] {
        let certain = self.certain();
        let name = certain.split(|byte| *byte == b'=').next().unwrap_or_default();
        if name.len() < certain.len() { name.strip_suffix(b"+").unwrap_or(name) } else { name }
    }

    pub(super) fn os(self) -> (OsString, Option<Loose>) {
        (OsString::from_vec(self.text), self.loose)
    }
}

/// What a word depends on.
pub(super) struct Values<'v> {
    /// The value of a variable, where it is known.
    pub(super) of: &'v dyn Fn(&[u8]) -> Option<Vec<u8>>,
    /// Whether a variable is only ever a number.
    pub(super) is_number: &'v dyn Fn(&[u8]) -> bool,
    pub(super) splitting: Splitting,
    /// What becomes of a pattern that matches nothing.
    pub(super) unmatched: Count,
    pub(super) dialect: Dialect,
    /// The text itself, to show what is loose as typed.
    pub(super) text: &'v [u8],
}

/// The words that one word becomes; none where it vanishes.
pub(super) fn settle(word: &Word<'_>, role: Role, values: &Values<'_>) -> Vec<Settled> {
    if role != Role::Value && brace::may_expand(word) {
        // A POSIX shell may leave braces as they are, and `export X={a,b}` does in bash.
        let told = role == Role::Argument && values.dialect == Dialect::Bash && !is_assignment(word);
        let Some(words) = brace::expand(word).filter(|_| told) else {
            return vec![loose_brace(word, role, values)];
        };
        return words.iter().filter_map(|parts| one(parts, word, role, values)).collect();
    }
    one(&word.parts, word, role, values).into_iter().collect()
}

/// Whether it begins like `NAME=`.
fn is_assignment(word: &Word<'_>) -> bool {
    let Some(Part::Text(text, Quoting::Bare)) = word.parts.first() else { return false };
    text.split(|byte| *byte == b'=').next().is_some_and(|name| name.len() < text.len() && is_name(name))
}

fn loose_brace(word: &Word<'_>, role: Role, values: &Values<'_>) -> Settled {
    let text = values.text.get(word.span.clone()).unwrap_or_default().to_vec();
    let certain =
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"/._".contains(byte)).count();
    let count = if role == Role::Argument { Count::Any } else { Count::One };
    Settled { text, loose: Some(Loose { certain, count, nature: Nature::Brace }) }
}

/// The text of a word as it grows part by part.
struct Growing {
    text: Vec<u8>,
    certain: usize,
    nature: Option<Nature>,
    count: Count,
    /// Whether a part stands in quotes, so that the word stays even when it is empty.
    quoted: bool,
}

impl Growing {
    /// From here on nothing is certain.
    fn loosen(&mut self, nature: Nature, count: Count) {
        if self.nature.is_none() {
            self.certain = self.text.len();
        }
        self.nature = Some(self.nature.map_or(nature, |known| known.min(nature)));
        self.count = self.count.max(count);
    }
}

fn one(parts: &[Part<'_>], word: &Word<'_>, role: Role, values: &Values<'_>) -> Option<Settled> {
    let mut word_so_far =
        Growing { text: Vec::new(), certain: 0, nature: None, count: Count::One, quoted: false };
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text, Quoting::Quoted) => {
                word_so_far.quoted = true;
                word_so_far.text.extend_from_slice(text);
            }
            Part::Text(text, Quoting::Bare) => bare(text, at, parts, role, values, &mut word_so_far),
            Part::Parameter(name, quoting) => parameter(name, *quoting, role, values, &mut word_so_far),
            Part::Expansion(expansion, quoting) => {
                self::expansion(expansion, *quoting, role, values, &mut word_so_far);
            }
        }
    }
    let Growing { text, certain, nature, count, quoted } = word_so_far;
    let Some(nature) = nature else {
        // `$EMPTY` alone is no word at all; `""` is one.
        let vanishes = text.is_empty() && !quoted && role == Role::Argument;
        return (!vanishes).then_some(Settled { text, loose: None });
    };
    // Something certain beside what may vanish keeps the word.
    let literal = |part: &Part<'_>| matches!(part, Part::Text(text, _) if !text.is_empty());
    let stays = certain > 0 || parts.iter().any(literal);
    let count = match (count, nature) {
        (Count::Any, Nature::Number) if stays => Count::One,
        (Count::Any, _) if stays => Count::Some,
        (count, _) => count,
    };
    let count = if role == Role::Argument { count } else { Count::One };
    let typed = values.text.get(word.span.clone()).unwrap_or_default();
    let begins = text.get(..certain).unwrap_or_default();
    // What is shown is what was typed, unless quotes or filled-in values make the certain beginning differ from it.
    // A pattern stays whole, so that whoever can look sees what it finds; a quoted star in it finds more, not less.
    let text = if nature == Nature::Glob {
        text
    } else if typed.starts_with(begins) {
        typed.to_vec()
    } else {
        [begins, b"...".as_slice()].concat()
    };
    Some(Settled { text, loose: Some(Loose { certain, count, nature }) })
}

/// Text without quotes: patterns and home directories.
fn bare(text: &[u8], at: usize, parts: &[Part<'_>], role: Role, values: &Values<'_>, word: &mut Growing) {
    let mut text = text;
    if at == 0 && text.first() == Some(&b'~') {
        let length = memchr::memchr(b'/', text).unwrap_or(text.len());
        let (user, rest) = text.split_at_checked(length).unwrap_or((text, &[]));
        let whole = length < text.len() || parts.len() == 1;
        match (values.of)(b"HOME").filter(|_| user == b"~" && whole) {
            Some(home) => {
                word.text.extend(home);
                word.quoted = true;
            }
            None => word.loosen(Nature::Tilde, Count::One),
        }
        text = rest;
    }
    // `x=~/y` and `PATH=a:~/b` as well, where the word looks like an assignment.
    let tilde = text.windows(2).any(|pair| matches!(pair, [b'=' | b':', b'~']));
    if tilde || (at > 0 && text.first() == Some(&b'~')) {
        word.loosen(Nature::Tilde, Count::One);
    }
    let pattern = text.iter().position(|byte| b"*?[".contains(byte)).filter(|_| role != Role::Value);
    match pattern {
        Some(start)
            if is_pattern(text.get(start..).unwrap_or_default(), parts.get(at..).unwrap_or_default()) =>
        {
            word.text.extend_from_slice(text.get(..start).unwrap_or_default());
            word.loosen(Nature::Glob, values.unmatched);
            word.text.extend_from_slice(text.get(start..).unwrap_or_default());
        }
        Some(_) | None => word.text.extend_from_slice(text),
    }
}

/// `[` alone is a program; with a `]` anywhere behind it may be a pattern.
fn is_pattern(text: &[u8], parts: &[Part<'_>]) -> bool {
    if text.iter().any(|byte| b"*?".contains(byte)) {
        return true;
    }
    let brackets = text.iter().filter(|byte| b"[]".contains(byte)).count();
    if brackets == 2 && text.windows(2).any(|pair| pair == b"[]") && parts.len() == 1 {
        // `.items[]`: nothing stands between them.
        return false;
    }
    let closes = |part: &Part<'_>| match part {
        Part::Text(text, _) => text.contains(&b']'),
        Part::Parameter(..) | Part::Expansion(..) => true,
    };
    text.contains(&b']') || parts.iter().skip(1).any(closes)
}

fn parameter(name: &[u8], quoting: Quoting, role: Role, values: &Values<'_>, word: &mut Growing) {
    let whole = quoting == Quoting::Quoted || role == Role::Value;
    let one = whole || role == Role::Target;
    word.quoted |= quoting == Quoting::Quoted;
    match (values.of)(name) {
        Some(value) if whole => word.text.extend(value),
        Some(value) if values.splitting == Splitting::Usual && is_one_word(&value) => word.text.extend(value),
        Some(_) | None => {
            let number = (values.is_number)(name) && values.splitting == Splitting::Usual;
            let nature = if number { Nature::Number } else { Nature::Dynamic };
            word.loosen(nature, if one { Count::One } else { Count::Any });
        }
    }
}

/// Whether an unquoted value stays one word and is no pattern.
fn is_one_word(value: &[u8]) -> bool {
    !value.is_empty() && !value.iter().any(|byte| b" \t\n*?[]\\".contains(byte))
}

fn expansion(
    expansion: &Expansion<'_>,
    quoting: Quoting,
    role: Role,
    values: &Values<'_>,
    word: &mut Growing,
) {
    let split = quoting == Quoting::Bare && role == Role::Argument;
    word.quoted |= quoting == Quoting::Quoted;
    let any = if split { Count::Any } else { Count::One };
    let mut nature = Nature::Dynamic;
    let count = match expansion {
        // Digits are split only where IFS holds some.
        Expansion::Number | Expansion::Arithmetic if values.splitting == Splitting::Usual => {
            nature = Nature::Number;
            Count::One
        }
        Expansion::Number | Expansion::Arithmetic => any,
        Expansion::Many if role == Role::Argument => {
            word.quoted = false;
            Count::Any
        }
        Expansion::Parameter(modified) if modified.many && role == Role::Argument => {
            word.quoted = false;
            Count::Any
        }
        Expansion::Command(_, Form::Path) => {
            word.text.extend_from_slice(b"/dev/fd/");
            Count::One
        }
        Expansion::Command(_, Form::Output) | Expansion::Parameter(_) | Expansion::One | Expansion::Many => {
            any
        }
    };
    word.loosen(nature, count);
}
