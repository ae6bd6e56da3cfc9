//! What every property stands on: a book made of texts, eyes that see what a test says, and one call that judges.

use remgate::command::{Action, Caller, SearchPath};
use remgate::judge::{Bench, Field, Judgement, Surroundings, Whence, judge};
use remgate::packs;
use remgate::rules::{Book, Examples, Layer, Problem, SourceFile, Trust};
use std::collections::BTreeMap;
use std::ffi::OsString;

/// Cases of each property: few for `cargo test`, as many as wanted for CI.
pub(crate) fn cases() -> u32 {
    std::env::var("REMGATE_CASES").ok().map_or(400, |text| text.parse().expect("REMGATE_CASES is a number"))
}

/// A proptest runner that leaves no files behind; the seed of a failure is printed with it.
pub(crate) fn config() -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        cases: cases(),
        failure_persistence: None,
        max_global_rejects: 1 << 20,
        ..proptest::test_runner::Config::default()
    }
}

/// The book of every pack.
pub(crate) fn packs() -> Book {
    let mut book = Book::new();
    for pack in packs::ALL {
        book.add_pack(pack, Examples::Checked)
            .unwrap_or_else(|problems| panic!("{}: {problems:#?}", pack.name));
    }
    book
}

/// Adds a file to a copy of `book`. Its examples are not asked: what a property generates has none worth asking.
pub(crate) fn with(book: &Book, text: &str, layer: Layer) -> Result<Book, Vec<Problem>> {
    let trust = if layer == Layer::Project { Trust::TightenOnly } else { Trust::Full };
    let mut book = book.clone();
    let file = SourceFile { name: "generated.toml".into(), text: text.into(), layer, trust };
    book.add(&file, Examples::Checked)?;
    Ok(book)
}

/// What the eyes see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) fields: Vec<(&'static str, &'static str)>,
    pub(crate) unreadable: bool,
}

/// Judges `words` as a human at /home/me would have them judged.
pub(crate) fn judged(book: &Book, words: &[OsString], seen: &Seen) -> Judgement {
    judged_action(book, &Action::Argv(words.to_vec()), seen)
}

/// Judges a shell text for the same human.
pub(crate) fn judged_text(book: &Book, text: &str, seen: &Seen) -> Judgement {
    judged_action(book, &Action::Shell(OsString::from(text).into()), seen)
}

fn judged_action(book: &Book, action: &Action, seen: &Seen) -> Judgement {
    let search = SearchPath::new(None);
    let fields: BTreeMap<String, Field> = seen
        .fields
        .iter()
        .map(|(key, value)| {
            ((*key).to_owned(), Field { values: vec![(*value).to_owned()], source: "the test".to_owned() })
        })
        .collect();
    let eyes = |_: &remgate::command::Command,
                _: Option<&remgate::tools::Reading<'_>>,
                _: &Whence,
                _: &[remgate::content::Wanted]| Surroundings {
        kind: "test".to_owned(),
        fields: fields.clone(),
        unreadable: seen.unreadable.then(|| "the test says so".to_owned()),
        ..Surroundings::default()
    };
    let bench = Bench {
        book,
        caller: Caller { search: &search, variables: &BTreeMap::new() },
        cwd: "/home/me".into(),
        actor: "human",
        eyes: &eyes,
        assumed: None,
    };
    judge(action, &bench)
}

/// The words of a command line without quotes.
pub(crate) fn words(text: &str) -> Vec<OsString> {
    text.split(' ').map(OsString::from).collect()
}

/// A command as a person would read it.
pub(crate) fn shown(words: &[OsString]) -> String {
    words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" ")
}
