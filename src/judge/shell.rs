//! What a shell adds to a command: directories it may start in, files it is given, words that only the run knows.
//!
//! In: a command as the shell would start it. Out: it, judged, with everything that is added joined in. Never: a kinder
//! verdict than the command has where it stands alone.

use super::vanish::{self, Ways};
use super::{Bench, Judged, Refused, Whence, judge_command, standing};
use crate::command::{Access, Command, Redirection, Words};
use crate::decide::{Standing, Verdict};
use crate::facts::{Effect, Facts, Scope, Source, Sourced};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// Judges one command in every way its words may turn out, from every directory it may start in, and what is done to
/// the files it is given.
pub(super) fn judge(command: Command, bench: &Bench<'_>) -> Judged {
    let words = command.words.clone();
    let Ways { present, vanished } = vanish::ways(command);
    let present = everywhere(present, bench);
    let present = Judged { command: Command { words, ..present.command }, ..present };
    let vanished = vanished.into_iter().map(|command| everywhere(command, bench));
    // Without the words that vanish, the program may not even begin.
    vanished.filter(|judged| !is_refused(judged)).fold(present, stricter)
}

/// From every directory it may start in.
fn everywhere(command: Command, bench: &Bench<'_>) -> Judged {
    let whences = command.directories.iter().map(|directory| match directory {
        Some(directory) => Whence::Known(bench.cwd.join(directory)),
        None => Whence::Unknown(bench.cwd.clone()),
    });
    let each = whences.map(|whence| from(command.clone(), &whence, bench)).reduce(stricter);
    each.unwrap_or_else(|| from(command, &Whence::Unknown(bench.cwd.clone()), bench))
}

/// The first of the strictest.
fn stricter(kept: Judged, other: Judged) -> Judged {
    if other.verdict > kept.verdict { other } else { kept }
}

/// The program refuses its words, and it is the program it seems.
fn is_refused(judged: &Judged) -> bool {
    let surely = judged.read.as_ref().is_some_and(|read| read.refused == Refused::Surely);
    surely && judged.surroundings.doubt.is_none()
}

fn from(command: Command, whence: &Whence, bench: &Bench<'_>) -> Judged {
    let redirections = command.redirections.clone();
    let context = Command { redirections: Vec::new(), opaque: None, ..command.clone() };
    let mut judged = judge_command(command, whence, bench);
    if judged.command.words.is_empty() && judged.command.opaque.is_none() {
        // `> file` alone: nothing is started.
        judged.standing = (Standing::Known, None);
        judged.facts = Facts::nothing("only redirections");
        judged.verdict = Verdict::Run;
    }
    for redirection in redirections.iter().filter(|redirection| is_a_file(redirection)) {
        let given = judge_command(as_command(redirection, &context), whence, bench);
        join(&mut judged, given);
    }
    if let Some(network) = redirections.iter().find(|redirection| redirection.access == Access::Network) {
        let target =
            network.target.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let why = format!("the shell opens the connection `{target}`");
        judged.facts.raise_scope(Sourced::new(Scope::Unknown, Source::Shape(why.clone())));
        if judged.standing.0 < Standing::Unmatched {
            judged.standing = standing::unmatched(why);
        }
        judged.verdict = judged.verdict.max(Verdict::Confirm);
    }
    judged
}

/// Devices that every shell text uses and that hold nothing.
const NOTHING: [&[u8]; 5] = [b"/dev/null", b"/dev/stdout", b"/dev/stderr", b"/dev/stdin", b"/dev/tty"];

fn is_a_file(redirection: &Redirection) -> bool {
    let Some(target) = redirection.target.first() else { return false };
    let loose = redirection.target.loose(0);
    let descriptor =
        target.as_bytes().starts_with(b"/dev/fd/") && loose.is_none_or(|loose| loose.certain >= 8);
    let nothing = descriptor || (loose.is_none() && NOTHING.contains(&target.as_bytes()));
    redirection.access != Access::Network && !nothing
}

/// The words of the command that does to the file what the shell does, up to the file.
fn verb(redirection: &Redirection) -> &'static [&'static str] {
    match redirection.access {
        Access::Read => &["cat", "--"],
        Access::Append => &["tee", "-a", "--"],
        Access::Write | Access::Network => &["tee", "--"],
    }
}

/// Every word of the command that a redirection is judged as.
pub(super) fn words_of(redirection: &Redirection) -> Vec<OsString> {
    verb(redirection).iter().map(OsString::from).chain(redirection.target.first().cloned()).collect()
}

/// The command that does to the file what the shell does: `tee FILE` writes it, `cat FILE` reads it.
fn as_command(redirection: &Redirection, around: &Command) -> Command {
    let mut argv: Words = verb(redirection).iter().map(OsString::from).collect::<Vec<_>>().into();
    if let Some(target) = redirection.target.first() {
        argv.push(target.clone(), redirection.target.loose(0).copied());
    }
    Command { words: argv, ..around.clone() }
}

/// Takes what is done to a file into the command that it is done for.
fn join(judged: &mut Judged, given: Judged) {
    let changes = |facts: &Facts| facts.effects().any(|(effect, _)| effect != Effect::None);
    if changes(&judged.facts) {
        judged.facts.join(given.facts);
    } else if changes(&given.facts) {
        // `echo "$(date)" >> log`: that nobody knows what is said makes the file no wider.
        judged.facts = given.facts;
    }
    judged.verdict = judged.verdict.max(given.verdict);
    if given.standing.0 > judged.standing.0 {
        judged.standing = given.standing;
    }
    for matched in given.matched {
        // Reading a file is what everybody does with files; only what it raises is worth a line.
        let says = matched.rule.effects.iter().any(|effect| *effect != Effect::None);
        if says && judged.matched.iter().all(|known| known.rule.id != matched.rule.id) {
            judged.matched.push(matched.elsewhere());
        }
    }
    judged.needs.extend(given.needs);
}
