//! What a call takes from the packs must be enough: by these entries everything is judged as by the whole packs.

use crate::permute::examples;
use crate::stage::{cases, config};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use remgate::command::{Action, Caller, Command, SearchPath, ShellText};
use remgate::judge::{Bench, Field, Judgement, Surroundings, Whence, judge, named};
use remgate::packs;
use remgate::rules::Book;
use remgate::tools::Reading;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

fn judged(book: &Book, action: &Action) -> Judgement {
    let search = SearchPath::new(None);
    let eyes = |_: &Command, _: Option<&Reading<'_>>, _: &Whence| {
        let field = Field { values: vec!["dev".to_owned()], source: "the test".to_owned() };
        let fields = BTreeMap::from([("context".to_owned(), field)]);
        Surroundings { kind: "test".to_owned(), fields, ..Surroundings::default() }
    };
    let caller = Caller { search: &search, variables: &BTreeMap::new() };
    judge(action, &Bench { book, caller, cwd: "/home/me".into(), actor: "agent", eyes: &eyes, assumed: None })
}

/// The packs of these programs, whole or for these words.
fn with_packs(mut book: Book, programs: &[String]) -> Book {
    for program in programs {
        book.add_pack_of(program).unwrap_or_else(|problems| panic!("{program}: {problems:#?}"));
    }
    book
}

thread_local! {
    static WHOLE: RefCell<BTreeMap<Vec<&'static str>, Book>> = const { RefCell::new(BTreeMap::new()) };
}

/// Judges an action by the whole packs of its programs and by what its words can concern. Gives how many rules each had.
fn compare(action: &Action) -> Result<(usize, usize), TestCaseError> {
    let search = SearchPath::new(None);
    let named = named(action, &Caller { search: &search, variables: &BTreeMap::new() });
    let chosen = with_packs(Book::for_call(named.words.clone()), &named.programs);
    let names: Vec<&str> =
        named.programs.iter().filter_map(|name| packs::of(name)).map(|pack| pack.name).collect();
    WHOLE.with(|books| {
        let mut books = books.borrow_mut();
        if books.len() > 64 {
            books.clear(); // every mix of packs would be kept
        }
        let whole = books.entry(names).or_insert_with(|| with_packs(Book::new(), &named.programs));
        let (one, two) = (format!("{:#?}", judged(whole, action)), format!("{:#?}", judged(&chosen, action)));
        prop_assert_eq!(one, two, "{:?}", action);
        Ok((whole.rules().len(), chosen.rules().len()))
    })
}

fn shell(text: &str) -> Action {
    Action::Shell(ShellText { text: text.into(), options: Vec::new(), name: None, parameters: Vec::new() })
}

/// Every example and near-miss as it stands, and how much of the packs it took.
#[test]
fn every_example_is_judged_by_what_it_takes_as_by_whole_packs() {
    let (mut whole, mut chosen, mut seen) = (0, 0, 0);
    for field in ["examples", "near-misses"] {
        for (_, words) in examples(field) {
            let counts = compare(&Action::Argv(words)).unwrap_or_else(|error| panic!("{error}"));
            (whole, chosen, seen) = (whole + counts.0, chosen + counts.1, seen + 1);
        }
    }
    assert!(seen > 2_000, "the packs have lost their examples");
    assert!(chosen * 3 < whole, "{seen} examples took {chosen} of {whole} rules");
}

/// A call is never handed a rule or an option of another tool.
#[test]
fn a_call_takes_nothing_of_other_tools() {
    let search = SearchPath::new(None);
    let caller = Caller { search: &search, variables: &BTreeMap::new() };
    let book = |words: &[&str]| {
        let named = named(&Action::Argv(words.iter().map(OsString::from).collect()), &caller);
        with_packs(Book::for_call(named.words), &named.programs)
    };
    let get = book(&["kubectl", "get", "pods", "aws", "git", "terraform"]);
    assert!(get.tools().iter().all(|tool| tool.name == "kubectl"), "{:?}", get.tools());
    assert!(!get.rules().is_empty());
    assert!(get.rules().iter().all(|rule| rule.id.as_str().starts_with("kubernetes.")));
    assert!(book(&["no-such-program", "kubectl", "delete"]).tools().is_empty());
    assert!(book(&["true"]).rules().len() < 10);
    // What another verb of the same tool has is passed over too.
    let aws = book(&["aws", "ec2", "describe-instances", "--region", "eu-west-1"]);
    let options: usize = aws.tools().iter().map(|tool| tool.options.len()).sum();
    assert!(options < 50, "{options} options");
}

/// Words that hit whatever the choice is made by: names, prefixes, bundles, numbers, joined values.
fn odd_word() -> impl Strategy<Value = OsString> {
    let some = select(vec![
        "--",
        "-",
        "",
        "--no-such-option",
        "-5",
        "-20x",
        "--=x",
        "---",
        "-Z9",
        "-abc",
        "--all",
        "--al",
        "-A",
        "-An",
        "-n=x",
        "--dry-run",
        "--dry-run=client",
        "--force",
        "-rf",
        "-fr",
        "--rec",
        "-h",
        "--help",
        "--version",
        "if=/dev/zero",
        "of=x",
        "a=b",
        "delete",
        "get",
        "kubectl",
        "rm",
        "mv",
        "tee",
        "/usr/bin/rm",
        "./rm",
        "secrets",
        "*.log",
        "~/x",
        "=",
    ]);
    prop_oneof![
        6 => some.prop_map(OsString::from),
        1 => "-{0,3}[a-zA-Z]{1,9}".prop_map(OsString::from),
        1 => prop::collection::vec(any::<u8>().prop_filter("no NUL", |byte| *byte != 0), 1..6).prop_map(OsString::from_vec),
    ]
}

/// One change of a command's words.
#[derive(Clone, Debug)]
enum Change {
    Insert(Index, OsString),
    /// A word of some other example.
    Borrow(Index, Index, Index),
    Remove(Index),
    /// `--namespace` to `--name`.
    Shorten(Index, Index),
    Wrap(Vec<&'static str>),
    Text(&'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let wrappers: [&[&str]; 9] = [
        &["sudo"],
        &["sudo", "--no-such"],
        &["env", "A=1"],
        &["xargs", "-n1"],
        &["timeout", "9"],
        &["ssh", "h"],
        &["no-such-wrapper"],
        &["nice", "-n", "5"],
        &["find", ".", "-exec"],
    ];
    let texts = ["-c", "ssh", "eval", "no-such-shell", "xargs"];
    prop_oneof![
        3 => (any::<Index>(), odd_word()).prop_map(|(at, word)| Change::Insert(at, word)),
        3 => (any::<Index>(), any::<Index>(), any::<Index>()).prop_map(|(at, from, word)| Change::Borrow(at, from, word)),
        1 => any::<Index>().prop_map(Change::Remove),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(at, length)| Change::Shorten(at, length)),
        1 => select(wrappers.to_vec()).prop_map(|words| Change::Wrap(words.to_vec())),
        1 => select(texts.to_vec()).prop_map(Change::Text),
    ]
}

fn apply(change: Change, words: &mut Vec<OsString>, all: &[Vec<OsString>]) {
    let text = |words: &[OsString]| {
        words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    };
    match change {
        Change::Insert(at, word) => words.insert(at.index(words.len() + 1), word),
        Change::Borrow(at, from, word) => {
            let from = &all[from.index(all.len())];
            words.insert(at.index(words.len() + 1), from[word.index(from.len())].clone());
        }
        Change::Remove(at) if words.len() > 1 => drop(words.remove(at.index(words.len()))),
        Change::Remove(_) => {}
        Change::Shorten(at, length) => {
            let at = at.index(words.len());
            let bytes = words[at].clone().into_vec();
            words[at] = OsString::from_vec(bytes[..length.index(bytes.len() + 1)].to_vec());
        }
        Change::Wrap(front) => drop(words.splice(0..0, front.into_iter().map(OsString::from))),
        Change::Text("-c") => *words = vec!["sh".into(), "-c".into(), text(words).into()],
        Change::Text(front) => *words = vec![front.into(), text(words).into()],
    }
}

/// A shell text with words that only its run knows, files and second commands.
fn as_text(words: &[OsString], loose: &[(Index, &str)], behind: &str) -> String {
    let mut words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    for (at, word) in loose {
        let at = at.index(words.len());
        words[at] = (*word).to_owned();
    }
    format!("{}{behind}", words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() * 2, ..config() })]

    #[test]
    fn changed_examples_are_judged_by_what_they_take_as_by_whole_packs(
        which in any::<Index>(), field in select(vec!["examples", "near-misses"]), changes in prop::collection::vec(change(), 1..5),
    ) {
        let all = every(field);
        let mut words = all[which.index(all.len())].clone();
        for change in changes {
            apply(change, &mut words, &all);
        }
        compare(&Action::Argv(words))?;
    }

    #[test]
    fn texts_are_judged_by_what_they_take_as_by_whole_packs(
        which in any::<Index>(), other in any::<Index>(), changes in prop::collection::vec(change(), 0..3),
        loose in prop::collection::vec((any::<Index>(), select(vec!["$x", "\"$x\"", "*.log", "-$x", "--name=$x", "a$x", "$(id)", "{a,b}", "~"])), 0..3),
        behind in select(vec!["", " > out", " >> /etc/hosts", " < in", " | tee x", " && cd / && rm -rf x", "; ${x}", " 2>&1 | xargs kubectl delete"]),
        two in any::<bool>(),
    ) {
        let all = every("examples");
        let mut words = all[which.index(all.len())].clone();
        for change in changes {
            apply(change, &mut words, &all);
        }
        let mut text = as_text(&words, &loose, behind);
        if two {
            text = format!("{text}; {}", as_text(&all[other.index(all.len())], &[], ""));
        }
        compare(&shell(&text))?;
    }
}

/// The words of every example, read once.
fn every(field: &'static str) -> std::rc::Rc<Vec<Vec<OsString>>> {
    type Kept = BTreeMap<&'static str, std::rc::Rc<Vec<Vec<OsString>>>>;
    thread_local!(static ALL: RefCell<Kept> = const { RefCell::new(BTreeMap::new()) });
    ALL.with(|all| {
        let read = || std::rc::Rc::new(examples(field).into_iter().map(|(_, words)| words).collect());
        all.borrow_mut().entry(field).or_insert_with(read).clone()
    })
}
