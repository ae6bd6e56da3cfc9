//! `find -exec` and `fd -x`: commands that are started for what is found.
//!
//! Sources: find(1) and pred.c, parser.c of findutils 4.9; fd(1) 8.6. BSD find knows fewer predicates and no other way to
//! start a program.

use super::Words;
use super::reader::{Why, certain, unsure, why};
use super::unwrapped::{Added, Inside, Itself, Step, Unwrapped};
use crate::command::word::{Count, Loose, Nature};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// Predicates without an argument.
const ALONE: [&str; 35] = [
    "!",
    "(",
    ")",
    ",",
    "-a",
    "-and",
    "-d",
    "-daystart",
    "-delete",
    "-depth",
    "-empty",
    "-executable",
    "-false",
    "-follow",
    "-help",
    "-ignore_readdir_race",
    "-ls",
    "-mount",
    "-nogroup",
    "-noignore_readdir_race",
    "-noleaf",
    "-not",
    "-nouser",
    "-nowarn",
    "-o",
    "-or",
    "-print",
    "-print0",
    "-prune",
    "-quit",
    "-readable",
    "-true",
    "-warn",
    "-writable",
    "-xdev",
];

/// Predicates with one argument; `-newerXY` besides.
const WITH_ONE: [&str; 40] = [
    "-amin",
    "-anewer",
    "-atime",
    "-cmin",
    "-cnewer",
    "-context",
    "-ctime",
    "-files0-from",
    "-fls",
    "-flags",
    "-fprint",
    "-fprint0",
    "-fstype",
    "-gid",
    "-group",
    "-ilname",
    "-iname",
    "-inum",
    "-ipath",
    "-iregex",
    "-iwholename",
    "-links",
    "-lname",
    "-maxdepth",
    "-mindepth",
    "-mmin",
    "-mtime",
    "-name",
    "-path",
    "-perm",
    "-printf",
    "-regex",
    "-regextype",
    "-samefile",
    "-size",
    "-type",
    "-uid",
    "-used",
    "-user",
    "-wholename",
];

/// find(1).
pub(super) fn find(words: &Words) -> Result<Step, Why> {
    let (starts, mut next) = starts(words)?;
    let mut inside = Vec::new();
    let mut elsewhere = false;
    while let Some(word) = certain(words, next)? {
        let text = word.to_str().ok_or_else(|| why("a predicate cannot be read"))?;
        next = next.saturating_add(1);
        match text {
            "-exec" | "-ok" | "-execdir" | "-okdir" => {
                let run = Run::read(words, next, text)?;
                elsewhere |= run.directory == Directory::OfTheFile;
                inside.push(run.inside(words, &starts));
                next = run.end.saturating_add(1);
            }
            "--help" | "--version" | "-version" => return Ok(Step::NotAWrapper),
            "-fprintf" => next = next.saturating_add(2),
            "-xtype" => next = next.saturating_add(1),
            text if ALONE.contains(&text) => {}
            text if WITH_ONE.contains(&text) || text.starts_with("-newer") => next = argument(words, next)?,
            text => return Err(why(format!("`{text}` is not in its table"))),
        }
    }
    let off = Unwrapped::new("find", words, words.len()).itself(Itself::Command);
    let off = if elsewhere { off.adding(&[Added::OtherDirectory]) } else { off };
    Ok(off.holding(inside))
}

fn argument(words: &Words, at: usize) -> Result<usize, Why> {
    super::reader::one(words, at).map(|_| at.saturating_add(1))
}

/// Where find begins, and the place of the first predicate.
fn starts(words: &Words) -> Result<(Vec<OsString>, usize), Why> {
    let mut starts = Vec::new();
    let mut next = 1;
    while let Some(word) = words.get(next) {
        let loose = words.loose(next);
        let bytes = word.as_bytes();
        match (loose, bytes) {
            (None, b"-H" | b"-L" | b"-P" | b"-O0" | b"-O1" | b"-O2" | b"-O3" | b"--")
                if starts.is_empty() => {}
            (None, [b'-' | b'(' | b')' | b'!' | b',', ..]) => break,
            (None, _) => starts.push(word.clone()),
            // `find $x` may be `find / -exec rm {} ;`. One word alone is no command, but for the words behind it:
            // `find "$x" rm {} +`.
            (Some(Loose { certain: 0, count: Count::One, .. }), _)
                if predicate_or_end(words, next.saturating_add(1)) =>
            {
                starts.push(OsString::new());
            }
            (Some(Loose { certain: 0, .. }), _) | (Some(_), [b'-', ..]) => {
                return Err(unsure(word, "may turn out to be a predicate that starts programs"));
            }
            (Some(loose), _) => {
                starts.push(OsString::from_vec(bytes.get(..loose.certain).unwrap_or_default().to_vec()))
            }
        }
        next = next.saturating_add(1);
    }
    Ok((starts, next))
}

fn predicate_or_end(words: &Words, at: usize) -> bool {
    words.loose(at).is_none() && words.get(at).is_none_or(|word| word.as_bytes().starts_with(b"-"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Directory {
    Callers,
    OfTheFile,
}

/// One `-exec ... ;`.
struct Run {
    begin: usize,
    /// The place of `;` or `+`.
    end: usize,
    count: Count,
    directory: Directory,
}

impl Run {
    fn read(words: &Words, begin: usize, predicate: &str) -> Result<Self, Why> {
        let plus = predicate.starts_with("-exec");
        let directory = if predicate.ends_with("dir") { Directory::OfTheFile } else { Directory::Callers };
        let mut at = begin;
        let mut last_was_braces = false;
        while let Some(word) = words.get(at) {
            match (words.loose(at), word.as_bytes()) {
                (None, b";") => return Ok(Self { begin, end: at, count: Count::One, directory }),
                (None, b"+") if plus && last_was_braces => {
                    return Ok(Self { begin, end: at, count: Count::Some, directory });
                }
                // `find -exec ls $x rm y ;`: with `; -exec` in `$x` there are two commands.
                (Some(loose), _) if loose.count != Count::One || loose.certain == 0 => {
                    return Err(unsure(word, "may turn out to end the command"));
                }
                (loose, bytes) => last_was_braces = loose.is_none() && bytes == b"{}",
            }
            at = at.saturating_add(1);
        }
        Err(why(format!("`{predicate}` has no end")))
    }

    /// The command, with `{}` filled by what is certain of a file's name.
    fn inside(&self, words: &Words, starts: &[OsString]) -> Inside {
        let known: &OsStr = match (self.directory, starts) {
            // find(1): with -execdir the name begins with `./`.
            (Directory::OfTheFile, _) => OsStr::new("./"),
            (Directory::Callers, []) => OsStr::new("."),
            (Directory::Callers, [start]) => start,
            (Directory::Callers, _) => OsStr::new(""),
        };
        let mut inner = Words::default();
        for at in self.begin..self.end {
            let word = words.get(at).map_or(OsStr::new(""), AsRef::as_ref);
            match words.loose(at) {
                Some(loose) => inner.push(word.to_owned(), Some(*loose)),
                None => push_filled(&mut inner, word, b"{}", known, self.count),
            }
        }
        Inside::Argv(inner)
    }
}

/// Adds a word in which `hole` is replaced when it runs by something that begins with `known`.
pub(super) fn push_filled(words: &mut Words, word: &OsStr, hole: &[u8], known: &OsStr, count: Count) {
    let bytes = word.as_bytes();
    let place = bytes.windows(hole.len().max(1)).position(|window| window == hole);
    let Some((before, behind)) = place.and_then(|place| bytes.split_at_checked(place)) else {
        return words.push(word.to_owned(), None);
    };
    let text = [before, known.as_bytes(), behind].concat();
    let certain = before.len().saturating_add(known.len());
    words.push(OsString::from_vec(text), Some(Loose { certain, count, nature: Nature::Dynamic }));
}

/// fd(1), whose `-x` and `-X` take every word up to `;` or the end.
pub(super) fn fd(words: &Words) -> Result<Step, Why> {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let behind = at.saturating_add(1);
        match words.loose(at) {
            Some(loose) if loose.certain > 0 && !word.as_bytes().starts_with(b"-") => {}
            Some(Loose { count: Count::One, .. }) if behind >= words.len() => {}
            Some(_) => return Err(unsure(word, "may turn out to be `-x`")),
            None => match started(word.as_bytes())? {
                Options::End => break,
                Options::Further => {}
                Options::Each => return run_each(words, behind, Count::One),
                Options::Batch => return run_each(words, behind, Count::Some),
            },
        }
        at = behind;
    }
    Ok(Step::NotAWrapper)
}

enum Options {
    End,
    Further,
    Each,
    Batch,
}

fn started(word: &[u8]) -> Result<Options, Why> {
    match word {
        b"--" => Ok(Options::End),
        b"--exec" => Ok(Options::Each),
        b"--exec-batch" => Ok(Options::Batch),
        long if long.starts_with(b"--exec") => Err(why("give the command as words behind `--exec`")),
        [b'-', b'-', ..] => Ok(Options::Further),
        [b'-', letters @ ..] => {
            // What follows a letter with a value is its value: `-tx` looks for executables.
            let switches =
                letters.iter().position(|letter| b"dteEcjSo".contains(letter)).unwrap_or(letters.len());
            let run = letters.iter().take(switches).position(|letter| b"xX".contains(letter));
            match (run, letters.last()) {
                (None, _) => Ok(Options::Further),
                (Some(place), _) if place.saturating_add(1) < letters.len() => {
                    Err(why("give the command as words behind `-x`"))
                }
                (Some(_), Some(b'X')) => Ok(Options::Batch),
                (Some(_), _) => Ok(Options::Each),
            }
        }
        _ => Ok(Options::Further),
    }
}

fn run_each(words: &Words, begin: usize, count: Count) -> Result<Step, Why> {
    let mut inner = Words::default();
    let mut filled = false;
    for at in begin..words.len() {
        let word = certain(words, at)?.unwrap_or_default();
        if word == ";" {
            return Err(why("words stand behind the end of its command"));
        }
        // `{}`, `{/}`, `{//}`, `{.}`, `{/.}`
        let hole = word.as_bytes().iter().position(|byte| *byte == b'{');
        filled |= hole.is_some();
        match hole {
            Some(_) => push_filled(&mut inner, word, b"{", OsStr::new(""), count),
            None => inner.push(word.to_owned(), None),
        }
    }
    if inner.is_empty() {
        return Err(why("its command is missing"));
    }
    if !filled {
        inner.push("{}".into(), Some(Loose { certain: 0, count, nature: Nature::Dynamic }));
    }
    Ok(Unwrapped::new("fd", words, begin).itself(Itself::Command).holding([Inside::Argv(inner)]))
}
