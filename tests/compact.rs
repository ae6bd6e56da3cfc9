//! The compact form of packs, written and read with made-up ones: under what a pattern is filed, and what a call takes.
#![expect(clippy::panic, reason = "a test that meets the unexpected shall fail")]

// Both sides as they stand, the one that the build runs and the one that a call does.
#[path = "../src/rules/compact.rs"]
#[expect(unreachable_pub, reason = "in the library it is reached")]
mod compact;
#[path = "../src/rules/form.rs"]
mod form;
#[path = "../src/rules/lines.rs"]
mod lines;
#[path = "../build/pack.rs"]
mod pack;
#[path = "../src/rules/raw.rs"]
#[expect(dead_code, reason = "entries are not proven here")]
mod raw;
#[path = "../src/rules/token.rs"]
#[expect(dead_code, unreachable_pub, reason = "patterns are not proven here")]
mod token;

use compact::CallWords;
use std::ffi::OsStr;

const TOOL: &str = "
[[tool]]
name = 'kube'
aliases = ['k']
operation = 1
style = 'pflag'
value = ['-o --output', '-n --namespace', '--place', 'if']
switch = ['-A --all', '--force', '-NUM', '--dry-run']
target = ['--place']
[[tool.subcommand]]
name = 'run'
switch = ['-f --follow', '--unseen']
neutral = ['-A']
[[tool.subcommand]]
name = 'logs'
switch = ['-x --follow']
[[tool]]
name = 'other'
";

fn compacted(rules: &str) -> Vec<u8> {
    let file = pack::File::read(&format!("{TOOL}{rules}")).unwrap_or_else(|error| panic!("{error}"));
    pack::compact(file).unwrap_or_else(|error| panic!("{error}"))
}

fn rule(pattern: &str) -> String {
    format!("[[rule]]\nid = 'a'\nany = \"{pattern}\"\nexamples = ['x']\n")
}

/// The options that a call of these words takes, and how many rules.
fn taken(bytes: &[u8], words: &str, loose: bool) -> (String, usize) {
    let words = CallWords::new(words.split(' ').map(OsStr::new));
    let words = if loose { words.loose() } else { words };
    let (mut tools, rules) = compact::entries(bytes, Some(&words)).unwrap_or_else(|error| panic!("{error}"));
    let lists = tools.iter_mut().flat_map(raw::RawTool::option_lists).flatten();
    let mut texts: Vec<String> = lists.flatten().map(|text| text.get_ref().clone()).collect();
    texts.sort();
    texts.dedup();
    (texts.join(", "), rules.len())
}

/// Whether a call of these words takes a rule with this pattern.
fn takes(pattern: &str, words: &str) -> bool {
    taken(&compacted(&rule(pattern)), words, false).1 == 1
}

#[test]
fn every_name_is_listed_and_many_words_are_told() {
    let file = pack::File::read(TOOL).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(file.programs(), ["kube", "k", "other"]);
    let words: Vec<String> = (0..1_002).map(|number| number.to_string()).collect();
    let of = |count| CallWords::new(words.iter().take(count).map(OsStr::new)).are_many();
    assert!(!of(1_000) && of(1_001));
}

#[test]
fn a_rule_is_taken_where_its_words_are_there() {
    for (pattern, yes, no) in [
        ("kube get <what>", "kube get x", "kube list x"),
        ("kube get|list <what>", "k -A list", "kube lists"),
        ("kube get pods", "kube get pods", "kube get nodes"),
        ("kube <verb> --all", "kube get -A", "kube get"),
        ("kube <verb> --all", "kube --al get", "kube all-x get"),
        ("kube <verb> --all", "kube get -oA", "kube get --o=A"),
        ("kube <verb> --all", "kube get --all=false", "kube get --force"),
        ("kube <verb> -NUM", "kube get -20", "kube get 20"),
        ("kube if=<x>", "kube x", "other x"),
        // `-x` to logs, `-f` to run: one canonical name.
        ("kube run --follow", "kube logs -x", "kube logs -A"),
        // One of them is enough.
        ("kube|other get", "other get", "other list"),
    ] {
        assert!(takes(pattern, yes), "{pattern}: {yes}");
        assert!(!takes(pattern, no), "{pattern}: {no}");
    }
}

/// A literal that may be missing, or may be the value of an option, is no word that a command must have.
#[test]
fn a_rule_that_wants_no_word_is_always_taken() {
    for pattern in [
        "kube <verb>",
        "kube [get] [<what>...]",
        "kube [get list]",
        "kube [--output] json",
        "kube [--all]",
        "kube [-n x] <what>",
    ] {
        assert!(takes(pattern, "kube x"), "{pattern}");
    }
    // Of two words one is looked at, and it is not the value.
    assert!(takes("kube get [--output] json", "kube get -ojson"));
}

#[test]
fn options_are_taken_with_all_that_their_lists_say_of_them() {
    let bytes = compacted(&rule("kube <verb>"));
    let options = |words| taken(&bytes, words, false).0;
    // `--place` says where, and conditions may ask for it.
    assert_eq!(options("kube pods"), "--place");
    assert_eq!(options("kube -n shop"), "--place, -n --namespace");
    // What a subcommand says of an option of the tool itself goes with it.
    assert_eq!(options("kube --all"), "--place, -A, -A --all");
    assert_eq!(options("kube --follow"), "--place, -f --follow, -x --follow");
    assert_eq!(options("kube if=/dev/zero"), "--place, if");
    assert_eq!(options("kube -9"), "--place, -NUM");
    let all = "--dry-run, --force, --place, --unseen, -A, -A --all, -NUM, -f --follow, -n --namespace, -o --output, \
               -x --follow, if";
    assert_eq!(taken(&bytes, "kube pods", true).0, all, "a loose word may be any of them");
}

/// Also in a field that this version of the form knows nothing about.
#[test]
fn a_rule_brings_the_options_that_it_names() {
    let bytes = compacted(
        "[[rule]]\nid = 'a'\nmatch = 'kube get [--output=<o>] [-n <n>]'\nrollback = 'kube get --dry-run'\nwhy = 'not --force'\n",
    );
    assert_eq!(taken(&bytes, "kube get", false).0, "--dry-run, --place, -n --namespace, -o --output");
}

#[test]
fn what_nobody_could_look_up_fails_the_build() {
    let error = |text: &str| match pack::File::read(text).and_then(pack::compact) {
        Ok(_) => panic!("{text} was compacted"),
        Err(error) => error.to_string(),
    };
    assert!(error("[[rule]]\nid = 'a'\nno-such-field = 1\n").contains("unknown field `no-such-field`"));
    assert!(error("[policy]\nuser-rules = 'full'\n").contains("unknown field `policy`"));
    let with_tool = |pattern| error(&format!("{TOOL}{}", rule(pattern)));
    assert!(with_tool("kubectl get").contains("`kubectl`"));
    assert!(with_tool("kube --no-such").contains("`--no-such`"));
    assert!(with_tool("kube [get").contains("never closed"));
}

#[test]
fn a_pack_that_is_cut_short_is_an_error_and_never_less_rules() {
    let bytes = compacted(&rule("kube get"));
    for end in 0..bytes.len() {
        assert!(compact::entries(&bytes[..end], None).is_err(), "{end} of {} bytes", bytes.len());
    }
}

/// Advice may name a dry run that nobody has typed: its option is there, and the rules that want it.
#[test]
fn options_that_advice_may_name_are_taken_as_well() {
    let bytes = compacted(&rule("kube get --dry-run"));
    let of = |words: CallWords| {
        compact::entries(&bytes, Some(&words)).unwrap_or_else(|error| panic!("{error}")).1.len()
    };
    let words = || CallWords::new(["kube", "get", "x"].map(OsStr::new));
    assert_eq!((of(words()), of(words().and_options(&["--dry-run"]))), (0, 1));
}
