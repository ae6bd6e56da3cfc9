//! Judges one command by the built-in packs alone: no environment, an agent asks, every ambient target can be read.

use remgate::command::{Action, Caller, Command, SearchPath};
use remgate::content::Wanted;
use remgate::decide::Verdict;
use remgate::judge::{Bench, Judgement, Surroundings, Whence, judge};
use remgate::packs;
use remgate::rules::{Book, Examples};
use remgate::sight::Sight;
use remgate::tools::Reading;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Every pack at once; a call of the gate reads only those of its programs, and judges the same.
static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let mut book = Book::new();
    for pack in packs::ALL {
        book.add_pack(pack, Examples::Checked).expect("a proven pack");
    }
    book
});

/// The words of a row: blanks and quotes, nothing else.
pub(crate) fn words(text: &str) -> Vec<OsString> {
    let mut words = vec![String::new()];
    let (mut quote, mut begun) = (None, false);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => (quote, begun) = (Some(c), true),
            (None, ' ') if begun => {
                words.push(String::new());
                begun = false;
            }
            (None, ' ') => {}
            (_, c) => {
                words.last_mut().expect("never empty").push(c);
                begun = true;
            }
        }
    }
    if !begun {
        words.pop();
    }
    words.into_iter().map(OsString::from).collect()
}

fn here(_: &Command, _: Option<&Reading<'_>>, _: &Whence, _: &[Wanted]) -> Surroundings {
    Surroundings { kind: "test".to_owned(), ..Surroundings::default() }
}

/// The judgement over an argv, from the directory `/srv/app`.
pub(crate) fn judged(argv: Vec<OsString>) -> Judgement {
    let action = Action::Argv(argv);
    let search = SearchPath::new(None);
    let bench = Bench {
        book: &BOOK,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: PathBuf::from("/srv/app"),
        actor: "agent",
        eyes: &here,
        assumed: None,
    };
    judge(&action, &bench)
}

/// The judgement over what is written for a shell in `directory`, with real eyes, under these rules.
pub(crate) fn judged_there(text: &str, directory: &Path, book: &Book) -> Judgement {
    let action = Action::Shell(OsString::from(text).into());
    let search = SearchPath::new(None);
    let home = directory.join("home");
    let sight =
        Sight { env: BTreeMap::new(), cwd: directory.to_owned(), home: Some(home), host: "here".to_owned() };
    let bench = Bench {
        book,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: directory.to_owned(),
        actor: "agent",
        eyes: &|command, reading, whence, wanted| sight.of(command, reading, whence, wanted),
        assumed: None,
    };
    judge(&action, &bench)
}

/// Every pack.
pub(crate) fn book() -> &'static Book {
    &BOOK
}

/// `deploy.yaml: deployment, service` for each text that was looked into.
pub(crate) fn contents(judgement: &Judgement) -> String {
    let seen = judgement.commands.iter().flat_map(|judged| judged.surroundings.contents.values());
    let each = seen.map(|contents| contents.classes.iter().map(String::as_str).collect::<Vec<_>>().join(" "));
    each.collect::<Vec<_>>().join("; ")
}

/// Judges every row and reports all that differ at once.
pub(crate) fn check(rows: &[(Verdict, &[&str])]) {
    let mut wrong = Vec::new();
    for (expected, commands) in rows {
        for command in *commands {
            let judgement = judged(words(command));
            if judgement.verdict != *expected {
                let rules: Vec<&str> = judgement
                    .commands
                    .iter()
                    .flat_map(|judged| judged.matched.iter().map(|matched| matched.rule.id.as_str()))
                    .collect();
                let why = judgement.commands.first().and_then(|judged| judged.standing.1.clone());
                wrong.push(format!(
                    "{command}: {} instead of {expected} {rules:?} {}",
                    judgement.verdict,
                    why.unwrap_or_default()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// Every example and near-miss of a pack.
pub(crate) fn examples(pack: &packs::Pack) -> Vec<String> {
    let file: toml::Table = pack.file().text.parse().expect("a proven pack");
    let rules = file["rule"].as_array().expect("rules");
    let lists = rules.iter().flat_map(|rule| [rule.get("examples"), rule.get("near-misses")]);
    let texts = lists.flatten().filter_map(toml::Value::as_array).flatten();
    texts.map(|text| text.as_str().expect("text").to_owned()).collect()
}
