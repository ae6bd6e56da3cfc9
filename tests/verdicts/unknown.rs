//! What no entry explains never runs: every example of every built-in rule, with one option more.

use crate::judged::{judged, words};
use remgate::decide::Verdict;
use remgate::packs;

/// Every example of every rule, with the rule's id.
fn examples() -> Vec<(String, String)> {
    let mut examples = Vec::new();
    for pack in packs::ALL {
        let file: toml::Table = pack.file().text.parse().expect("a proven pack");
        for rule in file["rule"].as_array().expect("rules") {
            let id = rule["id"].as_str().expect("an id");
            let texts = rule.get("examples").and_then(toml::Value::as_array).into_iter().flatten();
            examples.extend(texts.map(|text| (id.to_owned(), text.as_str().expect("text").to_owned())));
        }
    }
    examples
}

/// Every name of an entry of the style `words`.
fn programs_of_words() -> Vec<String> {
    let mut names = Vec::new();
    for pack in packs::ALL {
        let file: toml::Table = pack.file().text.parse().expect("a proven pack");
        for tool in file["tool"].as_array().expect("tools") {
            if tool.get("style").and_then(toml::Value::as_str) == Some("words") {
                let aliases = tool.get("aliases").and_then(toml::Value::as_array).into_iter().flatten();
                names.extend(
                    aliases.chain([&tool["name"]]).map(|name| name.as_str().expect("a name").to_owned()),
                );
            }
        }
    }
    names
}

#[test]
fn an_option_that_no_entry_has_never_runs() {
    let mut let_through = Vec::new();
    let wordy = programs_of_words();
    for (at, (id, example)) in examples().into_iter().enumerate() {
        // One form an example: there are thousands of examples.
        for unknown in ["--zzz-unknown", "--zzz-unknown=1", "-\u{e9}"].into_iter().skip(at % 3).take(1) {
            let mut argv = words(&example);
            // Programs of the style `words` have no options; to them it is one word more.
            if wordy.iter().any(|known| argv[0] == known.as_str()) {
                continue;
            }
            argv.insert(1, unknown.into());
            if judged(argv).verdict == Verdict::Run {
                let_through.push(format!("{id}: {example} with {unknown}"));
            }
        }
    }
    assert!(let_through.is_empty(), "{}", let_through.join("\n"));
}

/// The same example judged with the option it lacks taken away again: the test above cannot pass by judging nothing.
#[test]
fn examples_of_reading_rules_run() {
    let reading =
        |id: &str| ["git.read", "host.read", "read.content", "systemd.read", "journal.read"].contains(&id);
    let stopped: Vec<String> = examples()
        .into_iter()
        .filter(|(id, example)| reading(id) && judged(words(example)).verdict != Verdict::Run)
        .map(|(id, example)| format!("{id}: {example}"))
        .collect();
    assert!(stopped.is_empty(), "{}", stopped.join("\n"));
}
