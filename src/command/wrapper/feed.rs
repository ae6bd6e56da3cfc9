//! xargs and parallel: commands that are fed operands from elsewhere.
//!
//! Sources: xargs(1) and xargs.c of findutils 4.9, GNU parallel 20221122 (parallel(1)).

use super::Words;
use super::find::push_filled;
use super::reader::{Syntax, Why, certain, read, why};
use super::unwrapped::{Added, HandedOn, Inside, Step, Unwrapped, argv};
use crate::command::shell::Dialect;
use crate::command::word::{Count, Loose, Nature};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// xargs(1): `+0a:E:e::i::I:l::L:n:prs:txP:d:o`.
pub(super) fn xargs(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "0a:E:e::i::I:l::L:n:prs:txP:d:oJ:R:S:",
        "null arg-file= delimiter= eof? replace? max-lines? max-args= open-tty interactive no-run-if-empty \
         max-chars= verbose show-limits exit max-procs= process-slot-var= help version",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["--help", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    if given.has(&["-J", "-R", "-S"]) {
        return Err(why("`-J`, `-R` and `-S` mean something on BSD alone"));
    }
    let mut holes: Vec<&OsStr> = Vec::new();
    for option in &given.options {
        if ["-I", "-i", "--replace"].contains(&option.name.as_str()) {
            let value = option.value.as_ref().map(super::reader::Value::known).transpose()?;
            holes.push(value.filter(|value| !value.is_empty()).unwrap_or(OsStr::new("{}")));
        }
    }
    let off =
        Unwrapped::new("xargs", words, given.next).adding(&[Added::StdinOperands]).stdin(HandedOn::Changed);
    let inside = match argv(words, given.next) {
        // xargs(1): without a command it is echo.
        None => Inside::Argv(vec!["echo".into()].into()),
        Some(inside) if holes.is_empty() => inside,
        Some(_) => Inside::Argv(filled(words, given.next, &holes)),
    };
    Ok(off.holding([inside]))
}

/// The words with every place that is replaced left open, the program's name among them.
fn filled(words: &Words, from: usize, holes: &[&OsStr]) -> Words {
    let mut inner = Words::default();
    for at in from..words.len() {
        let word = words.get(at).map_or(OsStr::new(""), AsRef::as_ref);
        let holds =
            |hole: &&&OsStr| word.as_bytes().windows(hole.len()).any(|window| window == hole.as_bytes());
        match (words.loose(at), holes.iter().find(holds)) {
            (None, Some(hole)) => push_filled(&mut inner, word, hole.as_bytes(), OsStr::new(""), Count::One),
            (loose, _) => inner.push(word.to_owned(), loose.copied()),
        }
    }
    inner
}

/// What may be said of parallel: words that no shell reads in its own way.
fn plain(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_./=:,@%+-".contains(byte))
}

/// parallel(1). What starts programs elsewhere (`-S`), writes (`--joblog`, `--results`, `--tmux`) or runs Perl (`--rpl`) is
/// left out.
pub(super) fn parallel(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::first(
        "0a:d:j:kL:mn:N:P:prtuvX",
        "null arg-file= delimiter= jobs= max-procs= keep-order max-lines= max-args= max-replace-args= no-run-if-empty \
         verbose bar eta progress halt= halt-on-error= timeout= retries= delay= line-buffer lb ungroup group tag \
         will-cite no-notice plain shuf nice= load= memfree= interactive dry-run link xapply help version",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["--help", "--version"]) {
        return Ok(Step::NotAWrapper);
    }
    let separator = |word: &OsStr| [":::", ":::+", "::::", "::::+"].iter().any(|known| word == *known);
    let mut end = words.len();
    let mut commands = Vec::new();
    for at in given.next..words.len() {
        let word = certain(words, at)?.unwrap_or_default();
        match (separator(word), end < words.len()) {
            (true, true) => return Err(why("several sources of arguments are not followed")),
            (true, false) => end = at,
            (false, true) => commands.push(word.to_owned()),
            (false, false) => {}
        }
    }
    let off = Unwrapped::new("parallel", words, end).adding(&[Added::StdinOperands]).stdin(HandedOn::Changed);
    if end > given.next {
        return Ok(off.holding([template(words, given.next, end)?]));
    }
    // Without a command the arguments are commands.
    match words.get(end) {
        Some(source) if source == ":::" => {
            Ok(off.holding(commands.into_iter().map(|text| Inside::Text(text, Dialect::Posix))))
        }
        Some(_) | None => Err(why("its commands come from a file or standard input")),
    }
}

/// The command that is filled in: words as a shell would split them, if it would do nothing else.
fn template(words: &Words, from: usize, to: usize) -> Result<Inside, Why> {
    let mut inner = Words::default();
    let mut open = false;
    for at in from..to {
        let word = certain(words, at)?.unwrap_or_default();
        for part in word.as_bytes().split(|byte| *byte == b' ').filter(|part| !part.is_empty()) {
            // `{}`, `{.}`, `{/}`, `{1}`: arguments are quoted, so each is part of one word.
            match part.iter().position(|byte| *byte == b'{') {
                // `parallel A=1 cmd`: an assignment.
                Some(_) | None if inner.is_empty() && part.contains(&b'=') => {
                    return Err(why("begins with an assignment"));
                }
                Some(place) if plain(part.get(..place).unwrap_or_default()) && closes(part) => {
                    open = true;
                    push_filled(&mut inner, OsStr::from_bytes(part), b"{", OsStr::new(""), Count::One);
                }
                None if plain(part) => inner.push(OsStr::from_bytes(part).to_owned(), None),
                Some(_) | None => return Err(why("its command is read by a shell after it was filled in")),
            }
        }
    }
    if !open {
        inner.push("{}".into(), Some(Loose { certain: 0, count: Count::Some, nature: Nature::Dynamic }));
    }
    Ok(Inside::Argv(inner))
}

/// Whether a word is plain but for one `{...}`.
fn closes(part: &[u8]) -> bool {
    let behind =
        part.iter().position(|byte| *byte == b'{').and_then(|open| part.get(open.saturating_add(1)..));
    let Some((within, after)) = behind.and_then(|rest| {
        let close = rest.iter().position(|byte| *byte == b'}')?;
        Some((rest.get(..close)?, rest.get(close.saturating_add(1)..)?))
    }) else {
        return false;
    };
    within.iter().all(|byte| byte.is_ascii_digit() || b"./#".contains(byte)) && plain(after)
}
