//! Where the parser stops, whatever it is given, and what may be started without a shell.

use super::{bash, environment};
use crate::command::shell::{Dialect, Known, Others, TEXT_BYTES, parse, single};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Reasons whose texts are made by these tests instead of standing in a table.
pub(super) const REASONS: [&str; 6] = [
    "the text is longer than the gate reads",
    "a control character",
    "the locale's character set is not UTF-8",
    "this is not UTF-8",
    "it nests deeper than the gate follows",
    "the text has more commands or variables than the gate reads",
];

/// Reason and place.
fn refused(text: &[u8]) -> Option<(&'static str, usize)> {
    let variables = environment();
    let known = Known { variables: &variables, others: Others::Unset };
    parse(text, Dialect::Bash, known).err().map(|refused| (refused.reason, refused.offset))
}

#[test]
fn a_text_of_64_kib_is_read_and_one_byte_more_is_not() {
    let text = |length: usize| format!("l1 {}", "a".repeat(length - 3));
    assert_eq!(refused(text(TEXT_BYTES).as_bytes()), None);
    assert_eq!(refused(text(TEXT_BYTES + 1).as_bytes()), Some((REASONS[0], TEXT_BYTES)));
    assert_eq!(refused(&vec![b'('; 1 << 20]), Some((REASONS[0], TEXT_BYTES)));
}

#[test]
fn control_characters_are_refused_where_they_stand() {
    for byte in (0..b' ').chain([0x7F]).filter(|byte| !b"\t\n".contains(byte)) {
        assert_eq!(refused(&[b'l', b'1', b' ', byte]), Some((REASONS[1], 3)), "{byte}");
    }
    assert_eq!(refused(b"l1\ta\n"), None);
}

#[test]
fn letters_are_read_as_utf_8_and_nothing_else() {
    assert_eq!(refused("l1 é".as_bytes()), None);
    assert_eq!(refused(b"l1 \xC3\xA9 \xFF"), Some((REASONS[3], 6)));
    let in_locale = |name: &str, locale: &str, text: &str| {
        let variables = BTreeMap::from([(OsString::from(name), OsString::from(locale))]);
        let known = Known { variables: &variables, others: Others::Unset };
        parse(text.as_bytes(), Dialect::Bash, known).err().map(|refused| refused.reason)
    };
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
        for plain in ["", "C", "POSIX", "C.UTF-8", "en_US.utf8", "de_DE.UTF-8@euro"] {
            assert_eq!(in_locale(name, plain, "l1 é"), None, "{name}={plain}");
        }
        // `zh_TW` is BIG5 for the C library; there a backslash may be half of a letter.
        for other in ["zh_TW", "zh_TW.BIG5", "ja_JP.SJIS", "en_US.ISO-8859-1", "en_US", "chinese-t"] {
            assert_eq!(in_locale(name, other, "l1 é"), Some(REASONS[2]), "{name}={other}");
            assert_eq!(in_locale(name, other, "l1 e"), None, "{name}={other}");
        }
    }
}

/// What is opened so often, and closed again.
fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn nesting_ends_at_24_for_every_construct() {
    for (open, inner, close) in [
        ("( ", "l1", ")"),
        ("{ ", "l1", "; }"),
        ("echo $(", "l1", ")"),
        ("echo \"$(", "l1", ")\""),
        ("if ", "l1", "; then l2; fi"),
        ("while l1; do ", "l2", "; done"),
        ("for i in a; do ", "l1", "; done"),
        ("case a in a) ", "l1", ";; esac"),
    ] {
        let text = |depth| nested(open, inner, close, depth);
        assert_eq!(refused(text(24).as_bytes()), None, "{}", text(24));
        assert_eq!(refused(text(25).as_bytes()).map(|it| it.0), Some(REASONS[4]), "{}", text(25));
    }
    for depth in [24, 25] {
        let text = nested("(", "1", ")", depth);
        assert_eq!(refused(format!("(({text}))").as_bytes()).is_none(), depth == 24, "{text}");
        let text = format!("l1 {}x{}", "${U:-".repeat(depth), "}".repeat(depth));
        assert_eq!(refused(text.as_bytes()).is_none(), depth == 24, "{text}");
    }
}

/// Each would use up the stack or take hours, if nobody counted.
#[test]
fn what_only_an_attacker_writes_is_refused_at_once() {
    let loops = |inner: &str| {
        (0..6).fold(inner.to_owned(), |inner, at| format!("for v{at} in {{1..32}}; do {inner}; done"))
    };
    let assignments: String = (0..6_000).map(|at| format!("v{at}=1;")).collect();
    let exports: String = (0..3_000).map(|at| format!("export v{at}=1;")).collect();
    for text in [
        nested("(", "l1", ")", 10_000),
        nested("( ", "l1", ")", 10_000),
        nested("l1 $(", "l2", ")", 9_000),
        nested("l1 ${x:-", "y", "}", 7_000),
        nested("{ ", "l1", ";}", 10_000),
        "(".repeat(60_000),
        "$(".repeat(30_000),
        "${x:-".repeat(10_000),
        "`".repeat(60_001),
        "if ".repeat(20_000),
        "<<a ".repeat(16_000),
        "l1 |".repeat(16_000),
        loops("l1"),
        loops("x=1"),
        loops("x=$((x + 1))"),
        "l1;".repeat(16_000),
        assignments,
        exports,
    ] {
        assert!(refused(text.as_bytes()).is_some(), "{}...", &text[..40]);
    }
    // Too many words are no danger: those are not told.
    for braces in ["{a,a}".repeat(6_000), "{a..a}".repeat(9_000), nested("{a,", "b", "}", 9_000)] {
        let read = bash(&format!("l1 {braces}")).unwrap();
        assert_eq!((read.len(), read[0].words.len()), (1, 2));
        assert!(read[0].words.loose(1).is_some());
    }
}

#[test]
fn two_thousand_commands_and_64_variables_are_read_and_not_one_more() {
    let commands = |count: usize| "l1\n".repeat(count);
    assert_eq!(bash(&commands(2_000)).unwrap().len(), 2_000);
    assert_eq!(refused(commands(2_001).as_bytes()), Some((REASONS[5], 6_000)));
    let exports = |count: usize| (0..count).map(|at| format!("export v{at}=1; ")).collect::<String>() + "l1";
    assert_eq!(bash(&exports(64)).unwrap().last().unwrap().environment.len(), 64);
    assert_eq!(refused(exports(65).as_bytes()).map(|it| it.0), Some(REASONS[5]));
    let values = |count: usize| (0..count).map(|at| format!("v{at}=1; ")).collect::<String>() + "l1";
    assert_eq!(refused(values(256).as_bytes()), None);
    assert_eq!(refused(values(257).as_bytes()).map(|it| it.0), Some(REASONS[5]));
}

#[test]
fn a_loop_is_written_out_up_to_32_rounds() {
    let text = |rounds: usize| format!("for i in {{1..{rounds}}}; do l1 $i; done");
    assert_eq!(bash(&text(32)).unwrap().len(), 32);
    let longer = bash(&text(33)).unwrap();
    assert_eq!(longer.len(), 1);
    assert!(longer[0].words.loose(1).is_some());
}

#[test]
fn one_command_whose_words_are_certain_needs_no_shell() {
    let variables = environment();
    let known = Known { variables: &variables, others: Others::Unset };
    let words = |text: &str| single(OsStr::new(text), known);
    for (text, expected) in [
        ("l1 a b", "l1|a|b"),
        ("  l1  'a b' \"c\" d\\ e ", "l1|a b|c|d e"),
        ("l1 $A \"$W\" $HOME ~/x", "l1|plain|two words|/home/u|/home/u/x"),
        ("l1 {a,b}{1..2}", "l1|a1|a2|b1|b2"),
        ("l1 a;", "l1|a"),
        ("l1 a # why", "l1|a"),
        ("# first\nl1 a\n", "l1|a"),
        ("/bin/l1 ''", "/bin/l1|"),
        ("$A x", "plain|x"),
    ] {
        let expected: Vec<OsString> = expected.split('|').map(OsString::from).collect();
        assert_eq!(words(text), Some(expected), "{text}");
    }
    for text in [
        "",
        "# l1",
        "x=1",
        "x=1 l1",
        "l1; l2",
        "l1 && l2",
        "l1 | l2",
        "l1 &",
        "(l1)",
        "{ l1; }",
        "! l1",
        "time l1",
        "l1 >f",
        "l1 <f",
        "l1 2>&1",
        "l1 >&-",
        "l1 3<<<a",
        "l1 <<<a",
        "l1 <<A\nA",
        "l1 $U",
        "l1 *",
        "l1 ~root",
        "l1 $(l2)",
        "l1 {1..$N}",
        "l1 $?",
        "l1 \"$@\"",
        "$U",
        "cd x",
        "echo a",
        "exec l1",
        "command l1",
        "[ a ]",
        "true",
        "[[ a ]]",
        "l1 'a",
        "if l1; then l2; fi",
        "f() { l1; }",
        "eval l1",
        "\\time l1 >f",
    ] {
        assert_eq!(words(text), None, "{text}");
    }
}
