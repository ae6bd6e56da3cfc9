//! Advice is true: whoever follows it gets the verdict that it promises.

use crate::judged::{examples, words};
use remgate::command::{Action, Caller, Command, SearchPath};
use remgate::content::Wanted;
use remgate::decide::{Standing, Verdict};
use remgate::judge::{Bench, Field, Follow, Judgement, Lower, Surroundings, Whence, advise, judge};
use remgate::packs;
use remgate::rules::{Book, Examples, Layer, SourceFile, Trust};
use remgate::tools::Reading;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

fn here(_: &Command, _: Option<&Reading<'_>>, _: &Whence, _: &[Wanted]) -> Surroundings {
    let field = Field { values: vec!["kind-dev".to_owned()], source: "test".to_owned() };
    Surroundings {
        kind: "test".to_owned(),
        fields: BTreeMap::from([("context".to_owned(), field)]),
        ..Surroundings::default()
    }
}

fn judged(book: &Book, action: &Action) -> Judgement {
    let search = SearchPath::new(None);
    let bench = Bench {
        book,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: PathBuf::from("/srv/app"),
        actor: "agent",
        eyes: &here,
        assumed: None,
    };
    let mut judgement = judge(action, &bench);
    advise(&mut judgement, action, &bench);
    judgement
}

/// The book with the entry of an advice, filled in as people would.
fn with(book: &Book, entry: &str) -> Result<Book, String> {
    let text =
        entry.replace("FILL-IN", "filled-in").replace("FILL IN: the command that undoes it", "true undo");
    let name = "advice.toml".to_owned();
    let file = SourceFile { name, text, layer: Layer::User, trust: Trust::Full };
    let mut book = book.clone();
    match book.add(&file, Examples::Check) {
        Ok(_) => Ok(book),
        Err(problems) => Err(format!("{}{}", file.text, problems[0].text)),
    }
}

fn follow(book: &Book, action: &Action, lower: &Lower) -> Option<Result<Verdict, String>> {
    match &lower.follow {
        Follow::Words(words) => Some(Ok(judged(book, &Action::Argv(words.clone())).verdict)),
        Follow::Rules(entry) => Some(with(book, entry).map(|book| judged(&book, action).verdict)),
        Follow::Around | Follow::Text => None,
    }
}

#[test]
fn every_advice_about_every_example_of_every_pack_is_true() {
    let (mut wrong, mut followed, mut silent, mut stopped) = (Vec::new(), 0, Vec::new(), 0);
    for pack in packs::ALL {
        let mut book = Book::new();
        book.add_pack(pack, Examples::Checked).expect("a proven pack");
        for example in examples(pack) {
            let action = Action::Argv(words(&example));
            let judgement = judged(&book, &action);
            let [command] = judgement.commands.as_slice() else { continue };
            if command.verdict == Verdict::Run || command.standing.0 == Standing::Opaque {
                continue;
            }
            stopped += 1;
            if command.lower.is_empty() {
                silent.push(example.clone());
            }
            for lower in &command.lower {
                let Some(verdict) = follow(&book, &action, lower) else { continue };
                followed += 1;
                if verdict.as_ref() != Ok(&lower.verdict) {
                    wrong.push(format!(
                        "{example}: {} -> {}, was {verdict:?} {:?}",
                        lower.change, lower.verdict, lower.follow
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {followed} are not true:\n{}", wrong.len(), wrong.join("\n"));
    assert!(followed > stopped / 2, "only {followed} for {stopped} stops");
    // What asks for one human wherever it is done has nothing smaller; most have.
    println!("{} of {stopped} stops have no advice", silent.len());
    assert!(silent.len() * 2 < stopped, "{}", silent.join("\n"));
}

/// Words of shell texts, and what stands around commands: each advice taken, and judged again.
#[test]
fn advice_about_shell_text_is_true() {
    let mut book = Book::new();
    for program in ["kubectl", "ls", "cat", "tee", "rm"] {
        book.add_pack_of(program).expect("a proven pack");
    }
    let rows = [
        (
            "kubectl delete pod $POD -n shop",
            "write `$POD` out, as one word",
            "kubectl delete pod web -n shop",
        ),
        (
            "kubectl delete pods --all -A",
            "look first: `--dry-run=server`",
            "kubectl delete pods --all -A --dry-run=server",
        ),
        ("FOO=1 ls", "leave `FOO` as it is", "ls"),
        ("ls > /etc/x", "leave out the redirection to `/etc/x`", "ls"),
        ("rm \"$X\" \"$Y\"", "write `\"$X\"`, `\"$Y\"` out, each as one word", "rm a b"),
    ];
    for (text, change, followed) in rows {
        let stopped = judged(&book, &Action::Shell(OsString::from(text).into()));
        let lower =
            stopped.commands.iter().flat_map(|command| &command.lower).find(|lower| lower.change == change);
        let lower = lower.unwrap_or_else(|| panic!("{text}: {:?}", stopped.commands[0].lower));
        let now = judged(&book, &Action::Shell(OsString::from(followed).into()));
        assert!(now.verdict < stopped.verdict, "{followed}: {}", now.verdict);
        assert_eq!(now.verdict, lower.verdict, "{followed}");
    }
}
