//! What must hold for every example of these packs, however it is written.

use crate::stand::{effects, judged, words};
use remgate::decide::Verdict;
use remgate::packs;

/// Every example and near-miss of a pack, as words.
fn commands(pack: &str) -> Vec<Vec<String>> {
    let file = packs::of(pack).expect("a pack").file();
    let table: toml::Table = toml::from_str(&file.text).expect("TOML");
    let rules = table["rule"].as_array().expect("rules");
    let lists = rules.iter().flat_map(|rule| [rule.get("examples"), rule.get("near-misses")]).flatten();
    let texts = lists.flat_map(|list| list.as_array().expect("a list"));
    let found: Vec<_> = texts.map(|text| words(text.as_str().expect("text"))).collect();
    assert!(found.len() > 80, "{pack} has {} examples", found.len());
    found
}

/// The place behind the last word that an option could be: before `--`.
fn end(words: &[String]) -> usize {
    words.iter().position(|word| word == "--").unwrap_or(words.len())
}

fn with(words: &[String], place: usize, more: &[&str]) -> Vec<String> {
    let (head, tail) = words.split_at(place);
    head.iter()
        .cloned()
        .chain(more.iter().map(|word| (*word).to_owned()))
        .chain(tail.iter().cloned())
        .collect()
}

#[test]
fn an_unknown_option_never_runs_and_never_lowers() {
    for pack in ["kubectl", "docker", "terraform"] {
        let mut seen = 0;
        for words in commands(pack) {
            let plain = judged(&words).verdict;
            let strange = judged(&with(&words, end(&words), &["--no-such-option"]));
            let unread = strange.commands[0].read.as_ref().is_some_and(|read| !read.unknown.is_empty());
            if !unread {
                continue; // it was the value of the last option, or belongs to another program
            }
            seen += 1;
            let floor = plain.max(Verdict::Confirm);
            assert!(
                strange.verdict >= floor,
                "{words:?} is {plain}, with an unknown option {}",
                strange.verdict
            );
            // Before the verb, too. `login` is judged by its place alone, for containers are called login as well.
            let first = judged(&with(&words, 1, &["--no-such-option"])).verdict;
            let floor =
                if words.iter().any(|word| word.starts_with("log")) { Verdict::Confirm } else { floor };
            assert!(first >= floor, "{words:?} is {plain}, with an unknown option first {first}");
        }
        assert!(seen > 60, "only {seen} examples of {pack} were tried");
    }
}

/// 16 % of real kubectl lines have options before the verb.
#[test]
fn where_a_target_option_stands_changes_no_fact() {
    let spellings: [&[&str]; 5] =
        [&["-n", "x"], &["-nx"], &["-n=x"], &["--namespace", "x"], &["--namespace=x", "--context=y"]];
    // Each example in one of the spellings, at both places: all of them together in every spelling would take minutes.
    for (at, words) in commands("kubectl").into_iter().enumerate() {
        let named = words.iter().any(|word| word.starts_with("-n") || word.starts_with("--namespace"));
        // What stands behind `oc rsh POD` is the command that runs there, options too.
        if words.get(1).is_some_and(|verb| verb == "rsh") {
            continue;
        }
        if named || judged(&words).commands[0].read.as_ref().is_none_or(|read| !read.unknown.is_empty()) {
            continue;
        }
        let plain = judged(&words);
        for spelling in spellings.into_iter().skip(at % 5).take(1) {
            for place in [1, end(&words)] {
                let moved = judged(&with(&words, place, spelling));
                let same = (plain.verdict, effects(&plain), plain.facts.scope().value);
                let now = (moved.verdict, effects(&moved), moved.facts.scope().value);
                assert_eq!(same, now, "{words:?} with {spelling:?} at {place}");
            }
        }
    }
    for (pack, target) in
        [("docker", &["--context=y"][..]), ("docker", &["-c", "y"]), ("terraform", &["-chdir=y"])]
    {
        for words in commands(pack) {
            let (plain, moved) = (judged(&words), judged(&with(&words, 1, target)));
            if plain.commands[0].read.as_ref().is_none_or(|read| !read.unknown.is_empty()) {
                continue;
            }
            assert_eq!(
                (plain.verdict, effects(&plain)),
                (moved.verdict, effects(&moved)),
                "{words:?} {target:?}"
            );
        }
    }
}

/// A wrapper hides nothing, and `sudo` makes nothing kinder.
#[test]
fn a_wrapper_lowers_nothing() {
    for pack in ["kubectl", "docker", "terraform"] {
        for words in commands(pack) {
            let plain = judged(&words).verdict;
            for wrapper in [&["sudo", "-n"][..], &["env", "A=1"], &["timeout", "9"], &["xargs"]] {
                let wrapped = judged(&with(&words, 0, wrapper)).verdict;
                assert!(wrapped >= plain, "{wrapper:?} {words:?}: {wrapped}, alone {plain}");
            }
        }
    }
}
