//! Single changes of one command's words, and of what stands around them.

use super::Follow;
use crate::command::{Command, Given, Loose, Words};
use crate::judge::Bench;
use crate::rules::Shape;
use crate::tools::{Globals, Reading, Role};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// A changed command.
pub(super) struct Change {
    pub(super) text: String,
    pub(super) command: Command,
    pub(super) follow: Follow,
}

/// Each is judged; a command of a thousand words shall not be judged a thousand times.
const MOST: usize = 24;

/// Commands of more words are advised as a whole: nobody reads which of a thousand to leave out.
const WORDS: usize = 100;

/// Names of options that many tools have for looking first.
pub(in crate::judge) const DRY_RUNS: [&str; 8] =
    ["--dry-run", "--dryrun", "--check", "--what-if", "--simulate", "--no-act", "--just-print", "--noop"];

/// Every change worth trying, the smallest first.
pub(super) fn of(command: &Command, reading: Option<&Reading<'_>>, bench: &Bench<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let few = command.words.len() <= WORDS;
    if few {
        changes.extend(written_out(command));
    }
    if let Some(reading) = reading.filter(|_| command.opaque.is_none()) {
        if few {
            changes.extend(left_out(command, reading));
        }
        changes.extend(one_of_several(command, reading));
        changes.extend(looked_first(command, reading, bench));
    }
    changes.extend(around(command));
    changes.truncate(MOST);
    changes
}

/// Literal words instead of those that only the run knows: one, and all of them.
fn written_out(command: &Command) -> Vec<Change> {
    let loose: Vec<(usize, OsString)> =
        command.words.all_loose().map(|(at, word, loose)| (at, literal(word, loose))).collect();
    let shown = |at: usize| shown(&command.words, at);
    let one = |(at, word): &(usize, OsString)| {
        let words = replaced(&command.words, &[(*at, word.clone())]);
        change(command, words, format!("write `{}` out, as one word", shown(*at)))
    };
    let mut changes: Vec<Change> = loose.iter().map(one).collect();
    if loose.len() > 1 {
        let names: Vec<String> = loose.iter().map(|(at, _)| format!("`{}`", shown(*at))).collect();
        let words = replaced(&command.words, &loose);
        changes.push(change(command, words, format!("write {} out, each as one word", names.join(", "))));
    }
    changes
}

/// The word at a place, for people.
fn shown(words: &Words, at: usize) -> String {
    words.get(at).map_or(String::new(), |word| word.to_string_lossy().into_owned())
}

/// A word that begins as the loose one surely does.
fn literal(word: &OsStr, loose: &Loose) -> OsString {
    let mut text = word.as_bytes().get(..loose.certain).unwrap_or_default().to_vec();
    text.push(b'1');
    OsString::from_vec(text)
}

fn replaced(words: &Words, by: &[(usize, OsString)]) -> Words {
    words.changed(|at, word, loose| match by.iter().find(|(place, _)| *place == at) {
        Some((_, literal)) => Some((literal.clone(), None)),
        None => Some((word.to_owned(), loose)),
    })
}

fn without(words: &Words, gone: &[usize]) -> Words {
    let gone: BTreeSet<usize> = gone.iter().copied().collect();
    words.changed(|at, word, loose| (!gone.contains(&at)).then(|| (word.to_owned(), loose)))
}

/// Without a word that is not understood, or an option that a rule must name.
fn left_out(command: &Command, reading: &Reading<'_>) -> Vec<Change> {
    let words = &command.words;
    // A word that only the run knows is better written out than left out.
    let typed = |index: usize| index > 0 && words.loose(index).is_none();
    let unknown = reading.unknown.iter().filter(|unknown| typed(unknown.index)).map(|unknown| {
        let shown = shown(words, unknown.index);
        change(command, without(words, &[unknown.index]), format!("leave out `{shown}`"))
    });
    let alone = |index: usize| reading.options.iter().filter(|given| given.index == index).count() == 1;
    let plain = reading.options.iter().filter(|given| given.spec.role == Role::Plain && alone(given.index));
    let options = plain.map(|given| {
        let gone: Vec<usize> = std::iter::once(given.index).chain(given.value_index).collect();
        change(command, without(words, &gone), format!("leave out `{}`", given.spec.canonical()))
    });
    unknown.chain(options).collect()
}

/// The first of several operands, where the last part of them is many.
fn one_of_several(command: &Command, reading: &Reading<'_>) -> Option<Change> {
    let operands: Vec<usize> =
        reading.operands.iter().skip(reading.operation.max(1)).map(|o| o.index).collect();
    let kind = usize::from(reading.tool.operation > 0 && operands.len() > 2);
    let (kept, gone) = operands.split_at_checked(kind.saturating_add(1))?;
    if gone.is_empty() || kept.is_empty() {
        return None;
    }
    Some(change(command, without(&command.words, gone), "name one target at a time".to_owned()))
}

/// With the option by which the tool only says what it would do, as a rule about it has it.
fn looked_first(command: &Command, reading: &Reading<'_>, bench: &Bench<'_>) -> Option<Change> {
    let words = reading.operation_words();
    let spec = DRY_RUNS.iter().find_map(|name| reading.tool.option(&words, name))?;
    let rules = bench.book.rules_about(&reading.tool.name).flat_map(|rule| &rule.patterns);
    let options =
        rules.filter(|pattern| pattern.program == reading.tool.name).flat_map(|pattern| &pattern.options);
    let mut named = options.filter(|option| option.name == spec.canonical()).map(|option| &option.value);
    let option = match named.next()? {
        Some(Shape::Words(values)) => format!("{}={}", spec.canonical(), values.last()?),
        Some(Shape::Capture(..)) => return None,
        None => spec.canonical().to_owned(),
    };
    // Behind the operation, or before it where the tool's own options stand only there.
    let own = reading.tool.options.iter().any(|other| other.names == spec.names);
    let before = own && reading.tool.globals == Globals::Before;
    let last = reading.operands.get(reading.operation.max(words.len()).saturating_sub(1)).map(|o| o.index);
    let at = last.filter(|_| !before && reading.operation > 0).unwrap_or(0).saturating_add(1);
    let mut changed = command.words.between(0, at);
    changed.push(OsString::from(&option), None);
    let rest = command.words.from(at);
    for (place, word) in rest.iter().enumerate() {
        changed.push(word.clone(), rest.loose(place).copied());
    }
    Some(change(command, changed, format!("look first: `{option}`")))
}

/// What stands around the words.
fn around(command: &Command) -> Vec<Change> {
    let around = |text: String, command: Command| Change { text, command, follow: Follow::Around };
    let mut changes = Vec::new();
    if !command.environment.is_empty() {
        let names: Vec<String> = command
            .environment
            .iter()
            .filter_map(|edit| edit.name())
            .map(|name| format!("`{}`", name.display()))
            .collect();
        if !names.is_empty() {
            let plain = Command { environment: Vec::new(), ..command.clone() };
            changes.push(around(format!("leave {} as it is", names.join(", ")), plain));
        }
    }
    for (at, redirection) in command.redirections.iter().enumerate() {
        let kept = command.redirections.iter().enumerate().filter(|(place, _)| *place != at);
        let redirections = kept.map(|(_, redirection)| redirection.clone()).collect();
        let target = shown(&redirection.target, 0);
        changes.push(around(
            format!("leave out the redirection to `{target}`"),
            Command { redirections, ..command.clone() },
        ));
    }
    for (at, taken) in command.wrappers.iter().enumerate() {
        let kept = command.wrappers.iter().enumerate().filter(|(place, _)| *place != at);
        let wrappers = kept.map(|(_, taken)| taken.clone()).collect();
        changes.push(around(
            format!("call it without `{}`", taken.name),
            Command { wrappers, ..command.clone() },
        ));
    }
    changes
}

/// The command with other words; whoever calls it by words alone can be told which.
fn change(command: &Command, words: Words, text: String) -> Change {
    let by_words = command.wrappers.iter().all(|taken| taken.given == Given::Words);
    let bare = by_words && command.environment.is_empty() && command.redirections.is_empty();
    let certain = words.all_loose().next().is_none();
    let follow = if bare && certain {
        let wrappers = command.wrappers.iter().flat_map(|taken| taken.words.iter().cloned());
        Follow::Words(wrappers.chain(words.iter().cloned()).collect())
    } else {
        Follow::Around
    };
    Change { text, command: Command { words, ..command.clone() }, follow }
}
