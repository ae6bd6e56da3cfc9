//! What holds of every reading, whatever the text: used by the canary, and by the fuzz targets, which include this file.

use remgate::command::shell::{Dialect, Known, Others, parse};
use remgate::command::{Action, Caller, Command, SearchPath, Words, read};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// More commands than this are not read in one action (2,000 and those of the last construct).
const MOST_COMMANDS: usize = 5_000;

/// Reads a text as every dialect does; panics where an answer points outside the text or could not be a command.
pub(crate) fn text_is_read_within_bounds(text: &[u8], variables: &BTreeMap<OsString, OsString>) {
    for dialect in [Dialect::Bash, Dialect::Posix] {
        for others in [Others::Unset, Others::Unseen] {
            match parse(text, dialect, Known { variables, others }) {
                Err(refused) => {
                    assert!(refused.offset <= text.len(), "{refused:?} is outside the text");
                    assert!(!refused.reason.is_empty());
                }
                Ok(commands) => {
                    assert!(commands.len() <= MOST_COMMANDS, "{} commands", commands.len());
                    for command in commands {
                        let span = command.span;
                        assert!(text.get(span.clone()).is_some(), "{span:?} is outside the text");
                        let opaque = command.opaque.is_none_or(|refused| refused.offset <= text.len());
                        assert!(opaque, "what is opaque is outside the text");
                        words_are_words(&command.words);
                        command
                            .redirections
                            .iter()
                            .for_each(|redirection| words_are_words(&redirection.target));
                    }
                }
            }
        }
    }
}

/// Reads an action to its last wrapper; panics where that does not end, or gives nothing.
pub(crate) fn action_is_read_within_bounds(
    action: &Action,
    variables: &BTreeMap<OsString, OsString>,
) -> Vec<Command> {
    let search = SearchPath::new(None);
    let commands = read(action, &Caller { search: &search, variables });
    assert!(!commands.is_empty(), "an action without commands would be one that nobody judges");
    assert!(commands.len() <= MOST_COMMANDS, "{} commands", commands.len());
    for command in &commands {
        words_are_words(&command.words);
        let taken: usize = command.wrappers.iter().map(|wrapper| wrapper.words.len()).sum();
        assert!(taken <= 1_000_000, "wrappers of {taken} words");
    }
    commands
}

/// Nothing that execve(2) would cut off, and nothing certain that is not there.
fn words_are_words(words: &Words) {
    for word in words.iter() {
        assert!(!word.as_bytes().contains(&0), "{word:?} holds a NUL");
    }
    for (_, text, loose) in words.all_loose() {
        assert!(loose.certain <= text.len(), "more is certain of {text:?} than it has");
    }
}
