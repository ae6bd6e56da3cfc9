//! The canary itself under test: readers that are wrong on purpose must be caught, each on a ground that really runs.

use crate::cover::{Lost, become_argv};
use crate::hunt::{Failure, Hunt, Variables, hunt};
use crate::{shrink, skip};
use remgate::command::{Command, Count, Loose, Nature, Words};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;

fn word(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.iter().copied().filter(|byte| !b"'\"\\".contains(byte)).collect())
}

fn command(bytes: &[u8]) -> Command {
    let words = bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(word);
    Command::plain(words.collect::<Vec<_>>().into())
}

/// Splits at every separator there is, and knows nothing of substitutions, quotes or expansions.
#[expect(clippy::unnecessary_wraps, reason = "it is a reader")]
fn splitter(text: &[u8], _: &Variables) -> Result<Vec<Command>, String> {
    Ok(text
        .split(|byte| b";&|\n(){}`".contains(byte))
        .map(command)
        .filter(|read| !read.words.is_empty())
        .collect())
}

/// Like the splitter, and every word may be anything, so that only the number of commands is left to be wrong.
fn dreamer(text: &[u8], variables: &Variables) -> Result<Vec<Command>, String> {
    let anything = Some(Loose { certain: 0, count: Count::Any, nature: Nature::Dynamic });
    let vague = |read: Command| {
        let mut words = Words::default();
        for (at, text) in read.words.iter().enumerate() {
            words.push(text.clone(), anything.filter(|_| at > 0));
        }
        Command::plain(words)
    };
    Ok(splitter(text, variables)?.into_iter().map(vague).collect())
}

fn refuser(_: &[u8], _: &Variables) -> Result<Vec<Command>, String> {
    Err("no".to_owned())
}

fn caught(reader: &crate::hunt::Reader, test: &str) -> Option<Vec<Failure>> {
    match hunt(&Hunt { seed: 1, texts: 300, only: None, most_failures: 3 }, reader) {
        Ok(tally) => Some(tally.failures),
        Err(missing) => {
            skip(test, missing);
            None
        }
    }
}

#[test]
fn a_reader_that_misses_commands_is_caught_and_its_text_is_shrunk() {
    for reader in [&splitter as &crate::hunt::Reader, &dreamer] {
        let Some(failures) = caught(reader, "a_reader_that_misses_commands_is_caught") else { return };
        let commands = failures.iter().filter(|failure| matches!(failure.lost, Lost::Command(_))).count();
        assert!(commands > 0, "300 hostile texts and no command lost");
        for failure in &failures {
            assert!(failure.shrunk.len() <= failure.text.len());
        }
        assert!(failures.iter().any(|failure| failure.shrunk.len() < 40), "nothing was shrunk");
    }
}

#[test]
fn a_reader_that_refuses_everything_is_caught() {
    match hunt(&Hunt { seed: 1, texts: 50, only: None, most_failures: 1 }, &refuser) {
        Ok(tally) => {
            assert!(tally.failures.is_empty());
            let hollow = std::panic::catch_unwind(|| tally.assert_it_means_something());
            assert!(hollow.is_err(), "a property about nothing was called one");
        }
        Err(missing) => skip("a_reader_that_refuses_everything_is_caught", missing),
    }
}

#[test]
fn words_become_exactly_the_argvs_they_can() {
    let loose = |certain, count| Some(Loose { certain, count, nature: Nature::Dynamic });
    type Row<'a> = (&'a [(&'a str, Option<Loose>)], &'a [&'a str], bool);
    let rows: &[Row<'_>] = &[
        (&[("l1", None)], &["l1"], true),
        (&[("/bin/l1", None)], &["l1"], true),
        (&[("l1", None)], &["l2"], false),
        (&[("l1", None)], &["l1", "a"], false),
        (&[("l1", None), ("/x/a", None)], &["l1", "a"], false),
        (&[("l1", None), ("$x", loose(0, Count::One))], &["l1", "anything"], true),
        (&[("l1", None), ("$x", loose(0, Count::One))], &["l1"], false),
        (&[("l1", None), ("$x", loose(0, Count::One))], &["l1", "a", "b"], false),
        (&[("l1", None), ("a$x", loose(1, Count::One))], &["l1", "ab"], true),
        (&[("l1", None), ("a$x", loose(1, Count::One))], &["l1", "b"], false),
        (&[("l1", None), ("*", loose(0, Count::Some))], &["l1"], false),
        (&[("l1", None), ("*", loose(0, Count::Some)), ("z", None)], &["l1", "a", "b", "z"], true),
        (&[("l1", None), ("$x", loose(0, Count::Any)), ("z", None)], &["l1", "z"], true),
        (&[("l1", None), ("$x", loose(0, Count::Any)), ("z", None)], &["l1", "z", "y"], false),
        (&[], &["l1"], false),
    ];
    for (typed, argv, expected) in rows {
        let mut words = Words::default();
        typed.iter().for_each(|(text, loose)| words.push(text.into(), *loose));
        let argv: Vec<_> = argv.iter().map(OsStr::new).collect();
        assert_eq!(become_argv(&words, 0, &argv), *expected, "{typed:?} -> {argv:?}");
    }
}

#[test]
fn shrinking_leaves_what_fails_and_nothing_else() {
    let found = shrink::shrink(b"aaaa x bbbb y cccc", |text| text.contains(&b'x') && text.contains(&b'y'));
    assert_eq!(found, b"xy");
}
