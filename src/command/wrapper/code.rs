//! Interpreters, and programs from whose prompt or pager commands can be started.
//!
//! Sources: python(1) 3.11, perlrun(1) 5.36, ruby(1) 3.1, node(1) 20, php(1) 8.2, lua(1) 5.4, tmux(1) 3.3, screen(1) 4.9,
//! top(1) of procps-ng 4.0, and the manuals of the programs in the lists.

use super::Words;
use super::entry::{shell, text};
use super::reader::{Syntax, Why, certain, read, unsure, why};
use super::unwrapped::{Added, HandedOn, Itself, Step, Unwrapped, argv};
use crate::command::shell::Dialect;
use crate::command::word::{Certainty, Loose};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

fn code() -> Why {
    Why {
        reason: "runs code that is not read".to_owned(),
        instead: "use a command whose rule is known, or add a rule for a reviewed script",
    }
}

/// An interpreter that only says what it is: `perl -v`, `node --version`.
pub(super) fn only_says(words: &Words, words_that_say: &[&str]) -> bool {
    words.len() == 2
        && words.all_loose().next().is_none()
        && words.iter().skip(1).all(|word| words_that_say.iter().any(|says| word == says))
}

/// Interpreters whose words are code or a script.
pub(super) fn interpreter(words: &Words) -> Result<Step, Why> {
    match only_says(words, &["--version", "-v", "-V", "--help", "-h"]) {
        true => Ok(Step::NotAWrapper),
        false => Err(code()),
    }
}

/// python(1): a module by name (`-m json.tool`) is for a rule to know.
pub(super) fn python(words: &Words) -> Result<Step, Why> {
    if only_says(words, &["--version", "-V", "-VV", "--help", "-h"]) {
        return Ok(Step::NotAWrapper);
    }
    let mut at = 1;
    while let Some(word) = certain(words, at)? {
        let [b'-', letters @ ..] = word.as_bytes() else { break };
        at = at.saturating_add(1);
        // Only switches that do not look at another program first.
        let switches = letters.iter().take_while(|letter| b"bBdEIOPqsSu".contains(letter)).count();
        match letters.get(switches..) {
            Some([]) if switches > 0 => {}
            Some([b'm']) if certain(words, at)?.is_some() => return Ok(Step::NotAWrapper),
            Some([b'm', _, ..]) => return Ok(Step::NotAWrapper),
            Some([b'W' | b'X']) => at = at.saturating_add(1),
            Some([b'W' | b'X', _, ..]) => {}
            Some(_) | None => break,
        }
    }
    Err(code())
}

/// Programs with a prompt, a pager or macros from which any command can be started.
pub(super) fn interactive(words: &Words) -> Result<Step, Why> {
    if only_says(words, &["--version", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    Err(Why {
        reason: "is an interactive program from which commands can be started".to_owned(),
        instead: "use a command that only prints or only writes: cat, tee, sed",
    })
}

/// Pagers and displays take keys from the terminal alone: without options (`less '+!rm -rf /'`, `man -P 'rm -rf /'`) only
/// a person there can start anything. `vim x < keys` and `ed x <<< '!rm -rf /'` take them from anywhere.
pub(super) fn pager(words: &Words) -> Result<Step, Why> {
    let option = |word: &OsString| matches!(word.as_bytes().first(), Some(b'-' | b'+'));
    match words.are_certain() == Certainty::Exact && !words.iter().skip(1).any(option) {
        true => Ok(Step::NotAWrapper),
        false => interactive(words),
    }
}

/// top(1) in batch mode only prints.
pub(super) fn top(words: &Words) -> Result<Step, Why> {
    let batch = |word: &OsStr| {
        let text = word.as_bytes();
        let cluster = text.first() == Some(&b'-') && text.get(1) != Some(&b'-');
        let switches = text.iter().skip(1).take_while(|letter| !b"dEeopuUnw".contains(letter));
        word == "--batch-mode"
            || word == "--batch"
            || (cluster && switches.into_iter().any(|letter| *letter == b'b'))
    };
    let certain = words.iter().enumerate().filter(|(at, _)| words.loose(*at).is_none());
    if only_says(words, &["-h", "--help", "-V", "--version", "-O", "--list-fields"])
        || certain.skip(1).any(|(_, word)| batch(word))
    {
        return Ok(Step::NotAWrapper);
    }
    pager(words)
}

/// `mapfile -C TEXT` runs the text for its lines.
pub(super) fn mapfile(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &Syntax::first("d:n:O:s:tu:", ""))?;
    let loose = words.all_loose().any(|(_, _, Loose { certain, .. })| *certain == 0);
    match loose && given.next < words.len() {
        true => Err(why("a word may turn out to be `-C`")),
        false => Ok(Step::NotAWrapper),
    }
}

/// What runs later, from a file or from standard input: at, batch. Listing and removing are for rules.
pub(super) fn at(words: &Words) -> Result<Step, Why> {
    let listing = ["-l", "-V", "-d", "-r", "-c"];
    let first = certain(words, 1)?;
    match first.is_some_and(|word| listing.iter().any(|known| word == *known)) {
        true => Ok(Step::NotAWrapper),
        false => Err(why("runs later what it reads from standard input or a file")),
    }
}

/// crontab(1): what is installed runs later, again and again.
pub(super) fn crontab(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &Syntax::anywhere("u:lri", ""))?;
    let installs = !given.operands.is_empty() || given.next < words.len() || given.options.is_empty();
    match !installs && given.has(&["-l", "-r"]) {
        true => Ok(Step::NotAWrapper),
        false => Err(why("installs commands that run later")),
    }
}

/// tmux(1): what opens a window with a command is read, what lists or ends is for rules, all else may type into a shell.
pub(super) fn tmux(words: &Words) -> Result<Step, Why> {
    let given = read(words, 1, &Syntax::first("2CDluvNVL:S:T:", ""))?;
    if given.has(&["-V"]) {
        return Ok(Step::NotAWrapper);
    }
    let verb = certain(words, given.next)?.and_then(OsStr::to_str).unwrap_or_default();
    let next = given.next.saturating_add(1);
    if words.iter().any(|word| word.as_bytes().ends_with(b";")) {
        return Err(why("several of its commands stand in one call"));
    }
    let syntax = match verb {
        "new-session" | "new" => Syntax::first("Ac:dDEF:f:n:Ps:t:x:Xy:", ""),
        "new-window" | "neww" => Syntax::first("abc:dF:kn:PSt:", ""),
        "split-window" | "splitw" => Syntax::first("bc:dfF:hIl:p:Pt:vZ", ""),
        "ls" | "list-sessions" | "lsw" | "list-windows" | "lsp" | "list-panes" | "has" | "has-session"
        | "kill-session" | "kill-server" | "kill-window" | "kill-pane" | "capture-pane" | "capturep" => {
            return match words
                .iter()
                .enumerate()
                .skip(next)
                .any(|(_, word)| word.to_string_lossy().contains("#("))
            {
                true => Err(why("a format starts a program")), // `#(id)`
                false => Ok(Step::NotAWrapper),
            };
        }
        _ => return Err(why("may start or type commands in another terminal")),
    };
    let given = read(words, next, &syntax)?;
    if given.has(&["-c"]) || given.values(&["-F"]).next().is_some() {
        return Err(why("`-c` or `-F` changes where or what it runs"));
    }
    let off = Unwrapped::new("tmux", words, given.next).adding(&[Added::Detached]).stdin(HandedOn::Changed);
    match words.len().saturating_sub(given.next) {
        0 => Err(shell()),
        1 => Ok(off.holding(text(words, given.next, Dialect::Posix)?)),
        _ => Ok(off.holding(argv(words, given.next))),
    }
}

/// screen(1).
pub(super) fn screen(words: &Words) -> Result<Step, Why> {
    if only_says(words, &["-ls", "-list", "-v", "--version", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let given = read(words, 1, &Syntax::first("aAdmDLOqS:T:t:U", ""))?;
    if given.next >= words.len() {
        return Err(shell());
    }
    if words.get(given.next).is_some_and(|word| word.as_bytes().starts_with(b"//")) {
        return Err(why("`//` opens something else than a command"));
    }
    let off = Unwrapped::new("screen", words, given.next).itself(Itself::Nothing);
    Ok(off.adding(&[Added::Detached]).stdin(HandedOn::Changed).holding(argv(words, given.next)))
}

/// A program that runs another in a sandbox made by options that are not read.
pub(super) fn sandbox(words: &Words) -> Result<Step, Why> {
    match only_says(words, &["--version", "--help", "--list"]) {
        true => Ok(Step::NotAWrapper),
        false => Err(why("its options decide what the command sees, and are not read")),
    }
}

/// busybox and toybox: the applet is the program.
pub(super) fn many_in_one(words: &Words) -> Result<Step, Why> {
    let Some(applet) = words.get(1) else { return Ok(Step::NotAWrapper) };
    match words.loose(1) {
        None if applet.as_bytes().starts_with(b"-") => Ok(Step::NotAWrapper),
        None => Ok(Unwrapped::new("busybox", words, 1).holding(argv(words, 1))),
        Some(_) => Err(unsure(applet, "may turn out to be any applet")),
    }
}

/// Programs that run commands on many hosts in ways of their own.
pub(super) fn fleet(words: &Words) -> Result<Step, Why> {
    match only_says(words, &["--version", "--help"]) {
        true => Ok(Step::NotAWrapper),
        false => Err(why("runs commands on other hosts in a form that is not read")),
    }
}
