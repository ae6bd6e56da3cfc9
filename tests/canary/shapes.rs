//! Texts by size and shape: too long, too deep, too many. All are refused, and the work stays in proportion: a parser
//! that tries twice at every level would not come back from these in the lifetime of the test.

use crate::bounds::{action_is_read_within_bounds, text_is_read_within_bounds};
use crate::hunt;
use crate::setting;
use remgate::command::Action;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// The longest text that is read.
const LONGEST: usize = 64 * 1024;

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

fn reading(text: &str) -> Result<usize, String> {
    hunt::as_the_gate_reads(text.as_bytes(), &BTreeMap::new()).map(|commands| commands.len())
}

#[test]
fn too_long_too_deep_and_too_many_are_refused() {
    let deep = |open, inner, close| nested(open, inner, close, 10_000);
    let rows = [
        ("a line of 1 MB", "l1 ".repeat(350_000)),
        ("one word of 1 MB", "a".repeat(1 << 20)),
        ("one byte too many", format!("l1 {}", "a".repeat(LONGEST - 2))),
        ("spaces around nothing", " ".repeat(LONGEST + 1)),
        ("100,000 semicolons", "l1;".repeat(100_000)),
        ("100,000 empty ones", ";".repeat(100_000)),
        ("20,000 commands", "l;".repeat(20_000)),
        ("10,000 pipes", "l|".repeat(10_000) + "l"),
        ("parentheses", deep("(", "l1", ")")),
        ("open parentheses", "(".repeat(10_000)),
        ("closed parentheses", ")".repeat(10_000)),
        ("parentheses with blanks", deep("( ", "l1", " )")),
        ("groups", deep("{ ", "l1;", " };")),
        ("substitutions", deep("$(", "l1", ")")),
        ("open substitutions", "$(".repeat(10_000)),
        ("quoted substitutions", deep("\"$(", "l1", ")\"")),
        ("expansions", deep("${x:-", "y", "}")),
        ("quoted expansions", deep("\"${x:-", "y", "}\"")),
        ("open expansions", "${x:-".repeat(10_000)),
        ("arithmetic", deep("$((", "1", "))")),
        ("parentheses in arithmetic", format!("l1 $(({}))", deep("(", "1", ")"))),
        ("process substitutions", deep("<(l1 ", "l2", ")")),
        ("ifs", deep("if ", "l1", "; then l2; fi")),
        ("cases", deep("case x in x) ", "l1", ";; esac")),
        ("tests", format!("[[ {} ]]", deep("( ", "a", " )"))),
        ("here-documents", format!("l1 {}\n", "<<E ".repeat(10_000))),
        ("backquotes that open", format!("l1 {}", "`".repeat(9_999))),
        ("quotes that open", format!("l1 {}'", "''\"".repeat(9_999))),
        ("wrappers", format!("{}l1", "nice ".repeat(10_000))),
        ("texts in texts", format!("{}l1", "sh -c 'sh -c \"".repeat(3_000))),
    ];
    let mut understood = Vec::new();
    for (shape, text) in rows {
        understood.extend(reading(&text).ok().map(|commands| format!("{shape}: {commands} commands")));
        text_is_read_within_bounds(text.as_bytes(), &BTreeMap::new());
        let argv: Vec<OsString> = text.split(' ').map(OsString::from).collect();
        action_is_read_within_bounds(&Action::Argv(argv), &BTreeMap::new());
    }
    assert!(understood.is_empty(), "understood: {understood:#?}");
}

/// What is not written out stays one loose word or one turn of a loop: understood or not, it is little.
#[test]
fn what_multiplies_is_not_written_out() {
    let rows = [
        ("braces in braces", format!("l1 {}", nested("{a,", "b", "}", 10_000))),
        ("braces that multiply", format!("l1 {}", "{a,b}".repeat(40))),
        ("a range of braces", "l1 {1..1000000000}".to_owned()),
        ("ranges that multiply", format!("l1 {}", "{1..9}".repeat(12))),
        ("loops that multiply", nested("for i in 1 2 3 4; do ", "l1", "; done", 12)),
        ("negations", "! ".repeat(10_000) + "l1"),
        ("negated tests", format!("[[ {} a ]]", "! ".repeat(10_000))),
    ];
    for (shape, text) in rows {
        let commands = reading(&text);
        assert!(
            commands.as_ref().is_ok_and(|commands| *commands < 10) || commands.is_err(),
            "{shape}: {commands:?}"
        );
        text_is_read_within_bounds(text.as_bytes(), &BTreeMap::new());
    }
}

/// What people write is far below every limit; these are as far as texts that must be understood go.
#[test]
fn long_deep_and_many_within_reason_are_understood() {
    let rows = [
        ("a long line", format!("l1 {}", "argument ".repeat(3_000)), 1),
        ("a long script", "l1 a b c # why\n".repeat(500), 500),
        ("a long pipeline", "l1 | ".repeat(60) + "l1", 61),
        ("four levels of substitutions", nested("l1 $(", "l2", ")", 4), 5),
        ("four levels of subshells", nested("( ", "l1", " )", 4), 1),
        ("many words in braces", "l1 {1..40}".to_owned(), 1),
        ("a long here-document", format!("l1 <<'E'\n{}E\n", "some line of text\n".repeat(2_000)), 1),
    ];
    for (shape, text, commands) in rows {
        assert_eq!(reading(&text), Ok(commands), "{shape}");
    }
}

/// Ten times the text may not take a hundred times the work. Compared in one run, with a wide margin: what is looked for
/// is a parser that starts over for every byte.
#[test]
fn work_grows_with_the_text() {
    let shapes = [
        "l1 \"a b\" $x; ",
        "l1 $(l2 $(l3)) ",
        "l1 ${x:-${y:-z}} ",
        "'a'\"b\"\\c",
        "l1 `l2` ",
        "a=b l1 > f\n",
        "( l1 ); ",
    ];
    for shape in shapes {
        let [short, long] = [4_000, 40_000].map(|bytes| {
            let text = shape.repeat(bytes / shape.len());
            (0..5).map(|_| took(&text)).min().unwrap()
        });
        assert!(
            long < short * 60 + Duration::from_millis(20),
            "{shape:?}: {short:?}, ten times of it {long:?}"
        );
    }
}

fn took(text: &str) -> Duration {
    let started = remgate::clock::monotonic();
    let _ = reading(text);
    started.elapsed()
}

#[test]
fn every_hostile_text_is_read_within_bounds() {
    let seed = setting("REMGATE_SEED", 20_261_121);
    let variables =
        BTreeMap::from([("A", "plain"), ("G", "*"), ("W", "two words")].map(|(k, v)| (k.into(), v.into())));
    for number in 0..setting("REMGATE_CANARY", 3_000) {
        let text = hunt::text(seed, number);
        let within = std::panic::catch_unwind(|| {
            text_is_read_within_bounds(&text, &variables);
            let text = OsStr::from_bytes(&text).to_owned();
            action_is_read_within_bounds(&Action::Shell(text.into()), &variables);
        });
        assert!(within.is_ok(), "seed {seed}, text {number}: {:?}", OsStr::from_bytes(&text));
    }
}
