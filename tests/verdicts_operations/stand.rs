//! Judges one command by the built-in packs alone.

use remgate::command::{Action, Caller, Command, SearchPath};
use remgate::facts::Effect;
use remgate::judge::{Bench, Judgement, Surroundings, Whence, judge};
use remgate::rules::Book;
use remgate::tools::Reading;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::OnceLock;

/// Words at blanks; single quotes hold blanks.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = vec![];
    for (place, piece) in text.split('\'').enumerate() {
        if place % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_ascii_whitespace().map(str::to_owned));
        }
    }
    words
}

pub(crate) fn judged(words: &[String]) -> Judgement {
    let action = Action::Argv(words.iter().map(OsString::from).collect());
    let search = SearchPath::new(None);
    static BOOK: OnceLock<Book> = OnceLock::new();
    let book = BOOK.get_or_init(|| {
        let mut book = Book::new();
        // `rm` for what stands inside of `kubectl exec`.
        for program in ["kubectl", "docker", "terraform", "rm"] {
            book.add_pack_of(program).expect("a proven pack");
        }
        book
    });
    let eyes = |_: &Command, _: Option<&Reading<'_>>, _: &Whence, _: &[remgate::content::Wanted]| {
        Surroundings::default()
    };
    let bench = Bench {
        book,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: "/srv".into(),
        actor: "agent",
        eyes: &eyes,
        assumed: None,
    };
    judge(&action, &bench)
}

pub(crate) fn effects(judgement: &Judgement) -> Vec<Effect> {
    judgement.facts.effects().map(|(effect, _)| effect).collect()
}

/// Holds a table of (command, verdict, effects that must be among its facts) against the packs.
pub(crate) fn hold(table: &[(&str, &str, &[Effect])]) {
    let mut wrong = vec![];
    for (text, verdict, wanted) in table {
        let judgement = judged(&words(text));
        let found = effects(&judgement);
        if judgement.verdict.word() != *verdict || !wanted.iter().all(|effect| found.contains(effect)) {
            let rules: Vec<_> = judgement
                .commands
                .iter()
                .flat_map(|c| c.matched.iter().map(|m| m.rule.id.as_str()))
                .collect();
            wrong.push(format!(
                "{text}: {} {found:?} by {rules:?}, not {verdict} {wanted:?}",
                judgement.verdict
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}
