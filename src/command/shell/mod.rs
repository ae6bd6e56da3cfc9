//! The parser: from shell text to the simple commands that bash would run, or the first place that cannot be followed.
//!
//! In: a text and what is known of the shell that will read it. Out: every simple command that running the text could
//! start. Never: a guess - a construct outside the subset below makes the whole text opaque, since one command
//! that bash runs and the gate does not see is worse than a thousand that are asked about.
//!
//! | file | what it holds |
//! |---|---|
//! | `lexer.rs` | words: quotes, expansions, here-documents, comments |
//! | `grammar.rs` | the productions of POSIX, and bash's own |
//! | `syntax.rs` | the tree between them and the walk |
//! | `unfold/` | the walk: values, loops, directories; out come the commands |
//! | `word.rs` | from the parts of a word to its text, as far as it is certain |
//! | `brace.rs` | `{a,b}` and `{1..3}` written out |
//! | `builtin.rs` | builtins that change the shell itself, and those that run hidden text |
//!
//! Followed: lists, pipelines, subshells, groups, if/for/while/until/case, `[[ ]]`, `(( ))`, quoting, parameters, `$( )`,
//! backquotes without backslashes, process substitution, arithmetic over numbers, here-documents, redirections.

mod brace;
mod builtin;
mod grammar;
mod lexer;
mod syntax;
#[cfg(test)]
#[expect(clippy::string_slice, clippy::too_many_lines, reason = "tables of texts that are known here")]
mod tests;
mod unfold;
mod word;

use super::{Certainty, EnvironmentEdit, Redirection, Stdin, Waiting, Words};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Texts of more bytes are not read. The longest of 18,697 real lines has 4,300.
pub(super) const TEXT_BYTES: usize = 64 * 1024;
/// How deep constructs may nest. People use four levels; the stack holds thousands.
const DEPTH: usize = 24;
/// How many commands one text may have, loops written out. Beyond that nobody reads what they agree to.
const COMMANDS: usize = 2_000;

/// Which shell reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// bash, as the gate itself starts it.
    Bash,
    /// `sh`, or a login shell somewhere else: what bash and a POSIX shell read differently is refused.
    Posix,
}

/// What is said of variables that are not among the known ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// The shell's environment holds no others.
    Unset,
    /// Nobody has seen the shell's environment.
    Unseen,
}

/// Variables whose value is known before the text runs.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The environment of the shell.
    pub variables: &'k BTreeMap<OsString, OsString>,
    /// Whether that is all of it.
    pub others: Others,
}

/// One simple command as the shell would run it; no wrapper is taken off yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    /// Its words after quotes; empty for redirections alone.
    pub words: Words,
    /// Assignments in front of it, and exported ones before it.
    pub environment: Vec<EnvironmentEdit>,
    /// Its redirections; those of a group stand in a command without words.
    pub redirections: Vec<Redirection>,
    /// What it reads.
    pub stdin: Stdin,
    /// Whether the shell waits for it.
    pub waiting: Waiting,
    /// The directories it may start in, relative to the caller's; `None` stands for one that only the run knows.
    pub directories: Vec<Option<PathBuf>>,
    /// Its place in the text, in bytes.
    pub span: Range<usize>,
    /// Set where it runs or changes what no text shows: `eval "$x"`, `. file`, `"$program"`. Nothing behind it is certain.
    pub opaque: Option<Refused>,
}

/// Where and why a text could not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The reason, in one line: lower case, no full stop.
    pub reason: &'static str,
    /// How to write it instead.
    pub instead: &'static str,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

/// Reads a shell text into every simple command that running it could start, in the order of the text.
///
/// # Errors
/// [`Refused`]: the first construct that could start something that is not in such a list.
pub fn parse(text: &[u8], dialect: Dialect, known: Known<'_>) -> Result<Vec<Simple>, Refused> {
    let refused = |reason, instead, offset| Err(Refused { reason, instead, offset });
    if text.len() > TEXT_BYTES {
        return refused(
            "the text is longer than the gate reads",
            "split it into several commands",
            TEXT_BYTES,
        );
    }
    // A NUL ends the text for bash; a carriage return is part of a word for it and of a line end for a reader; an escape
    // rewrites the screen on which somebody reads what they agree to.
    let strange = |byte: &u8| (*byte < b' ' && !matches!(byte, b'\t' | b'\n')) || *byte == 0x7F;
    if let Some(offset) = text.iter().position(strange) {
        return refused("a control character", "write it as an escape: $'\\r'", offset);
    }
    if !text.is_ascii() {
        // In some character sets the second byte of a letter is a backquote or a backslash.
        if let Some(name) = CHARSETS.iter().find(|name| !is_utf8(known.variables.get(OsStr::new(**name)))) {
            let _: &&str = name;
            return refused("the locale's character set is not UTF-8", "unset LC_ALL and LC_CTYPE", 0);
        }
        if let Err(error) = std::str::from_utf8(text) {
            return refused("this is not UTF-8", "write it as an escape: $'\\xff'", error.valid_up_to());
        }
    }
    let mut lexer = lexer::Lexer::new(text, dialect);
    let list = lexer.program()?;
    unfold::unfold(&list, lexer, known)
}

/// The words of a text that is one simple command and nothing else, all of them certain, and no builtin of bash: then it
/// can be started without a shell, as bash would start it.
#[must_use]
pub fn single(text: &OsStr, known: Known<'_>) -> Option<Vec<OsString>> {
    let text = text.as_bytes();
    let simple = match parse(text, Dialect::Bash, known).ok()?.as_slice() {
        [only] => only.clone(),
        [] | [_, ..] => return None,
    };
    let plain = simple.environment.is_empty()
        && simple.stdin == Stdin::Inherited
        && simple.waiting == Waiting::Foreground
        && simple.opaque.is_none()
        && simple.words.are_certain() == Certainty::Exact;
    let name = simple.words.first().map(|word| word.as_bytes())?;
    let mut lexer = lexer::Lexer::new(text, Dialect::Bash);
    // `! grep x` and `time ls` are more than the command in them.
    let list = lexer.program().ok()?;
    // `l1 2>&1` names no file, and is a redirection all the same.
    let alone = match list.as_slice() {
        [syntax::Node::Simple(command)] => command.redirects.is_empty() && !lexer.prefixed,
        _ => false,
    };
    (plain && alone && !builtin::is_builtin(name)).then(|| simple.words.to_vec())
}

/// Whether a command may read on in the text, where the shell reads that from its standard input: `bash <<EOF` with the
/// lines `head -c 5` and `echo rm -rf /` runs rm. What stands in the last line comes too late for that.
pub(super) fn may_be_cut(text: &[u8], commands: &[Simple]) -> bool {
    let last = memchr::memrchr(b'\n', text.trim_ascii_end()).map_or(0, |newline| newline.saturating_add(1));
    commands.iter().any(|simple| {
        simple.span.start < last && simple.stdin == Stdin::Inherited && !builtin::reads_nothing(&simple.words)
    })
}

/// Variables that choose the character set: setlocale(3).
const CHARSETS: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

fn is_utf8(locale: Option<&OsString>) -> bool {
    let Some(locale) = locale.map(|locale| locale.to_string_lossy().to_ascii_lowercase()) else {
        return true;
    };
    // `zh_TW` alone is BIG5 for the C library.
    let plain = ["", "c", "posix"].contains(&locale.as_str());
    plain || locale.contains("utf-8") || locale.contains("utf8")
}
