//! Words that only the run knows, words that may vanish, and what an exception must not be talked into.

use remgate::command::{Action, Caller, Command, SearchPath};
use remgate::content::Wanted;
use remgate::decide::Verdict::{self, Confirm, Run, TwoPerson};
use remgate::judge::{Bench, Judgement, Surroundings, Whence, judge};
use remgate::rules::{Book, Examples, Layer, SourceFile, Trust};
use remgate::tools::Reading;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let mut book = Book::new();
    let text = include_str!("made-up.toml").to_owned();
    let file = SourceFile { name: "made-up.toml".to_owned(), text, layer: Layer::User, trust: Trust::Full };
    book.add(&file, Examples::Check).expect("sound rules");
    for program in ["kubectl", "date"] {
        book.add_pack_of(program).expect("a proven pack");
    }
    book
});

fn judged(text: &str, doubt: Option<&str>) -> Judgement {
    let search = SearchPath::new(None);
    let here = |_: &Command, reading: Option<&Reading<'_>>, _: &Whence, _: &[Wanted]| Surroundings {
        // As the eyes would: only where the program is said to refuse.
        doubt: doubt.filter(|_| reading.is_some_and(|reading| reading.refused.is_some())).map(str::to_owned),
        kind: "test".to_owned(),
        ..Surroundings::default()
    };
    let bench = Bench {
        book: &BOOK,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: PathBuf::from("/srv/app"),
        actor: "agent",
        eyes: &here,
        assumed: None,
    };
    judge(&Action::Shell(std::ffi::OsString::from(text).into()), &bench)
}

fn check(rows: &[(Verdict, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(expected, text)| (expected, text, judged(text, None)))
        .filter(|(expected, _, judgement)| judgement.verdict != **expected)
        .map(|(expected, text, judgement)| format!("{text}: {} instead of {expected}", judgement.verdict))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `$UNSET` is nothing where the run begins as the judging did, and a number where the text sets it to one.
#[test]
fn a_word_that_may_vanish_is_judged_both_ways() {
    check(&[
        (Run, "shopctl show $A"),
        (Run, "shopctl show $A $B $C"),
        (Run, "shopctl drop x --dry-run --name $A"),
        // `shopctl drop --dry-run` names no shop; nobody says what that does.
        (Confirm, "shopctl drop $A --dry-run"),
        (Confirm, "shopctl drop $A --dry-run --name $B x"),
        (TwoPerson, "shopctl drop $A"),
        (TwoPerson, "shopctl $A drop x"),
        // `shopctl drop --name --dry-run x` is no dry run.
        (TwoPerson, "shopctl drop --name $A --dry-run x"),
        // More such words than anybody looks at.
        (TwoPerson, "shopctl drop x --dry-run $A $B $C $D"),
    ]);
}

/// `shopctl -s $SITE show drop` shows something called `drop`, or drops where `$SITE` is nothing.
#[test]
fn a_vanished_word_that_makes_another_command_is_not_passed_over() {
    check(&[(TwoPerson, "shopctl -s $SITE show drop"), (Confirm, "shopctl $A show b")]);
}

/// An operation that the program does not have is refused, unless a plugin of that name is installed.
#[test]
fn an_operation_that_is_not_listed_is_refused_unless_something_casts_doubt() {
    let text = "shopctl -s $SITE show b";
    assert_eq!(judged(text, None).verdict, Run);
    assert_eq!(judged(text, Some("a plugin `shopctl-b`")).verdict, Confirm);
    // Present or not, the words themselves are no operation: nobody vouches for a command that only fails.
    assert_eq!(judged("shopctl other", None).verdict, Confirm);
}

/// An entry that lists every option of a program that changes nothing: any word may be one of them.
#[test]
fn a_complete_entry_lets_any_word_stand() {
    check(&[
        (Run, "shopctl show \"$(date)\" $(date)"),
        (Run, "x=$(date); shopctl list \"$x\""),
        (TwoPerson, "shopctl drop \"$(date)\""),
        (Confirm, "shopctl \"$(date)\""),
        (Confirm, "shopctl \"$(date)\" show"),
    ]);
}

/// What makes a known command ask two people asks them too where an option that nobody knows stands beside it.
#[test]
fn an_unknown_option_does_not_hide_what_only_the_run_knows() {
    check(&[
        (TwoPerson, "kubectl delete pod \"web-$(date)\""),
        (TwoPerson, "kubectl delete pod --no-such \"web-$(date)\""),
        (TwoPerson, "kubectl delete pod -- \"$(date)\""),
        (TwoPerson, "kubectl delete pod --no-such -- \"$(date)\""),
        (Confirm, "kubectl delete pod --no-such web"),
    ]);
}

/// An exception holds for what is surely given and wholly understood.
#[test]
fn an_exception_is_for_what_is_understood() {
    check(&[
        (Run, "shopctl drop a --dry-run"),
        (TwoPerson, "shopctl drop a --dry-run --no-such-option"),
        (TwoPerson, "shopctl drop a -- --dry-run"),
        (TwoPerson, "shopctl drop a \"$(date)\" --dry-run"),
        (TwoPerson, "shopctl drop a --name --dry-run"),
        (TwoPerson, "shopctl drop a --dry-run=false"),
    ]);
}

/// What xargs reads is as many words of any kind: nothing to a complete entry of what changes nothing, much to others.
#[test]
fn what_standard_input_adds_is_read_as_words_that_may_be_anything() {
    check(&[
        (Run, "date | xargs shopctl show"),
        (Run, "date | xargs -I{} shopctl show a{} b"),
        (Confirm, "date | xargs shopctl"),
        (Confirm, "date | xargs shopctl fetch"),
        (TwoPerson, "date | xargs shopctl drop"),
        (TwoPerson, "date | xargs shopctl drop --dry-run"),
    ]);
}

/// `SHOP_COLOUR=1 shopctl show` is as known as without; any other variable may change what the program does.
#[test]
fn a_variable_that_the_entry_calls_harmless_is_harmless_to_its_program_alone() {
    check(&[
        (Run, "SHOP_COLOUR=1 shopctl show"),
        (Run, "SHOP_COLOUR=$(date) shopctl show"),
        (Confirm, "SHOP_COLOURS=1 shopctl show"),
        (Confirm, "SHOP_COLOUR=1 date"),
        (Confirm, "SHOP_COLOUR=1 LD_PRELOAD=./x shopctl show"),
    ]);
}

/// `https://$HOST` begins as the rule wants it, whatever the host is.
#[test]
fn a_condition_on_a_beginning_holds_for_a_word_that_surely_begins_so() {
    check(&[
        (Run, "shopctl fetch \"https://$(date)\""),
        (Run, "shopctl fetch \"https://shop/$(date)\""),
        (Confirm, "shopctl fetch \"http://$(date)\""),
        (Confirm, "shopctl fetch \"$(date)\""),
        (Confirm, "shopctl fetch \"https:/$(date)\""),
        (Confirm, "shopctl fetch \"mirror$(date)\""),
        // Split, it may be several.
        (Confirm, "shopctl fetch https://$(date)"),
    ]);
}
