//! Braces that bash writes out as several words: `{a,b}`, `{1..3}`.
//!
//! In: one word. Out: the parts of each word it becomes, or `None` where it cannot be told. Never: a brace that bash
//! would leave alone and we would not, or the other way round - what looks unusual is not told.

use super::syntax::{Part, Quoting, Word};
use std::borrow::Cow;

/// More words than this are not written out.
const MOST: usize = 256;

/// More opening braces than this in one word are not written out: each costs stack.
const BRACES: usize = 32;

/// Whether bash may write the word out as several.
pub(super) fn may_expand(word: &Word<'_>) -> bool {
    let bare = |byte: u8| {
        word.parts.iter().any(|part| matches!(part, Part::Text(text, Quoting::Bare) if text.contains(&byte)))
    };
    // `{}` of find and xargs has neither.
    let several = bare(b',')
        || word.parts.iter().any(
            |part| matches!(part, Part::Text(text, Quoting::Bare) if text.windows(2).any(|pair| pair == b"..")),
        );
    bare(b'{') && bare(b'}') && several
}

/// One byte, and whether it was quoted.
type Byte = (u8, Quoting);

/// The words, where every part is text and every brace is plain.
pub(super) fn expand<'t>(word: &Word<'t>) -> Option<Vec<Vec<Part<'t>>>> {
    let mut bytes: Vec<Byte> = Vec::new();
    for part in &word.parts {
        match part {
            Part::Text(text, quoting) => bytes.extend(text.iter().map(|byte| (*byte, *quoting))),
            Part::Parameter(..) | Part::Expansion(..) => return None,
        }
    }
    let empty_quotes = word.parts.iter().any(|part| matches!(part, Part::Text(text, _) if text.is_empty()));
    let braces = bytes.iter().filter(|byte| is(**byte, b'{')).count();
    if empty_quotes || braces > BRACES {
        return None;
    }
    let words = written_out(&bytes)?;
    Some(words.into_iter().map(|word| parts(&word)).collect())
}

fn parts<'t>(word: &[Byte]) -> Vec<Part<'t>> {
    let runs = word.chunk_by(|a, b| a.1 == b.1);
    let part = |run: &[Byte]| {
        let quoting = run.first().map_or(Quoting::Bare, |byte| byte.1);
        Part::Text(Cow::Owned(run.iter().map(|byte| byte.0).collect()), quoting)
    };
    runs.map(part).collect()
}

fn is(byte: Byte, wanted: u8) -> bool {
    byte == (wanted, Quoting::Bare)
}

/// Every brace must be part of a pair, and every pair must be a list or a range.
fn written_out(word: &[Byte]) -> Option<Vec<Vec<Byte>>> {
    let Some(open) = word.iter().position(|byte| is(*byte, b'{')) else {
        // `a}b` is text for bash; here it is not told.
        return word.iter().all(|byte| !is(*byte, b'}')).then(|| vec![word.to_vec()]);
    };
    let (before, behind) = word.split_at_checked(open)?;
    let behind = behind.get(1..)?;
    let mut depth = 0_usize;
    let mut cuts = Vec::new();
    let mut close = None;
    for (at, byte) in behind.iter().enumerate() {
        if is(*byte, b'{') {
            depth = depth.checked_add(1)?;
        } else if is(*byte, b'}') && depth == 0 {
            close = Some(at);
            break;
        } else if is(*byte, b'}') {
            depth = depth.checked_sub(1)?;
        } else if is(*byte, b',') && depth == 0 {
            cuts.push(at);
        }
    }
    let close = close?;
    let inside = behind.get(..close)?;
    if before.iter().any(|byte| is(*byte, b'}')) {
        return None;
    }
    let choices = if cuts.is_empty() { range(inside)? } else { list(inside, &cuts)? };
    let tails = written_out(behind.get(close.checked_add(1)?..)?)?;
    if choices.len().checked_mul(tails.len())? > MOST {
        return None;
    }
    let one = |choice: &Vec<Byte>, tail: &Vec<Byte>| [before, choice, tail].concat();
    Some(choices.iter().flat_map(|choice| tails.iter().map(move |tail| one(choice, tail))).collect())
}

fn list(inside: &[Byte], cuts: &[usize]) -> Option<Vec<Vec<Byte>>> {
    let mut choices = Vec::new();
    let mut from = 0_usize;
    for to in cuts.iter().copied().chain([inside.len()]) {
        choices.extend(written_out(inside.get(from..to)?)?);
        from = to.checked_add(1)?;
        if choices.len() > MOST {
            return None;
        }
    }
    Some(choices)
}

/// `1..12`, `01..12`, `a..f`; steps are not told.
fn range(inside: &[Byte]) -> Option<Vec<Vec<Byte>>> {
    let plain = inside.iter().all(|byte| byte.1 == Quoting::Bare);
    let text: Vec<u8> = inside.iter().map(|byte| byte.0).collect();
    let text = std::str::from_utf8(&text).ok().filter(|_| plain)?;
    let (first, last) = text.split_once("..")?;
    let bare = |word: String| word.bytes().map(|byte| (byte, Quoting::Bare)).collect::<Vec<Byte>>();
    if let ([first @ b'a'..=b'z'], [last @ b'a'..=b'z']) = (first.as_bytes(), last.as_bytes()) {
        let (low, high) = (*first.min(last), *first.max(last));
        let letters = (low..=high).map(|letter| bare(char::from(letter).to_string()));
        return Some(if first <= last { letters.collect() } else { letters.rev().collect() });
    }
    let digits = |text: &str| !text.is_empty() && text.len() < 7 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return None;
    }
    let padded = [first, last].iter().any(|text| text.len() > 1 && text.starts_with('0'));
    let width = if padded { first.len().max(last.len()) } else { 0 };
    let (from, to): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    if from.abs_diff(to) >= MOST {
        return None;
    }
    let numbers = (from.min(to)..=from.max(to)).map(|number| bare(format!("{number:0width$}")));
    Some(if from <= to { numbers.collect() } else { numbers.rev().collect() })
}
