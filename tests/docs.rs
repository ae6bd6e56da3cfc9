//! What the documents say is so: rule snippets load or fail as they claim, tables name every word, links lead somewhere.
//!
//! `TRYCMD=overwrite cargo test` writes the expected texts anew, here as in `tests/consoles.rs`.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails so")]
#![expect(clippy::string_slice, reason = "the places were found in the same text")]

use remgate::ambient;
use remgate::command::{Action, Caller, Command, SearchPath};
use remgate::decide::{Subject, Verdict};
use remgate::facts::{Effect, Rollback, Scope, Tier};
use remgate::house::prove;
use remgate::report::problem::{Colour, draw};
use remgate::rules::{Code, Layer, PLACE_KEYS, Problem, SourceFile, Trust};
use remgate::tools::Style;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every document a newcomer may read, as paths from the root.
fn documents() -> Vec<String> {
    let mut found = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    for directory in ["docs", "examples"] {
        let entries = std::fs::read_dir(root().join(directory)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        found.extend(names.filter(|name| name.ends_with(".md")).map(|name| format!("{directory}/{name}")));
    }
    found
}

/// A fenced block: its info string, its text, its first line's number, and its bytes in the document.
#[derive(Debug)]
struct Block {
    info: String,
    text: String,
    line: usize,
    bytes: std::ops::Range<usize>,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut at = 0;
    for (number, line) in document.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let info = info.trim().to_owned();
                open = Some(Block { info, text: String::new(), line: number + 2, bytes: at..at });
            }
            (Some(block), Some(_)) => {
                block.bytes.end = start;
                blocks.extend(open.take());
            }
            (Some(block), None) => block.text.push_str(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is never closed");
    blocks
}

/// A snippet as the layer that its info string names, `user` where it names none.
fn source(block: &Block) -> SourceFile {
    let has = |word| block.info.split(' ').any(|known| known == word);
    let (layer, trust) = match (has("project"), has("system")) {
        (true, _) => (Layer::Project, Trust::TightenOnly),
        (false, true) => (Layer::System, Trust::Full),
        (false, false) => (Layer::User, Trust::Full),
    };
    SourceFile { name: "example.toml".to_owned(), text: block.text.clone(), layer, trust }
}

/// Every problem of one file, advice included.
fn problems(file: &SourceFile) -> Vec<Problem> {
    match prove(std::slice::from_ref(file)) {
        (Err(refused), _) => refused.into_iter().flatten().collect(),
        (Ok(_), advice) => advice.into_iter().flatten().collect(),
    }
}

/// The codes that an info string announces: `toml fails R104 project` announces R104.
fn announced(info: &str) -> BTreeSet<&str> {
    info.split(' ').filter(|word| word.len() == 4 && word.starts_with('R')).collect()
}

#[test]
fn every_rule_snippet_does_what_it_announces() {
    let mut seen = 0;
    for document in documents() {
        let rules = |block: &&Block| block.info.starts_with("toml") && block.info != CASES;
        for block in blocks(&read(&document)).iter().filter(rules) {
            let file = source(block);
            let problems = problems(&file);
            let codes: BTreeSet<&str> = problems.iter().map(|problem| problem.code.id()).collect();
            let drawn = draw(&file, &problems, Colour::Plain);
            assert_eq!(codes, announced(&block.info), "{document}:{}\n{drawn}", block.line);
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} snippets were found");
}

/// The info string of a case file.
const CASES: &str = "toml cases";

/// The cases that a document shows hold.
#[expect(clippy::disallowed_methods, reason = "the test starts the gate")]
#[test]
fn every_case_snippet_holds() {
    let home = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for document in documents() {
        for block in blocks(&read(&document)).iter().filter(|block| block.info == CASES) {
            let file = home.path().join("example.cases");
            std::fs::write(&file, &block.text).unwrap();
            let tested = std::process::Command::new(env!("CARGO_BIN_EXE_remgate"))
                .args(["rules", "test"])
                .arg(&file)
                .env_clear()
                .env("HOME", home.path())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&tested.stdout);
            assert!(tested.status.success(), "{document}:{}\n{said}", block.line);
            seen += 1;
        }
    }
    assert!(seen > 0, "no snippet was found");
}

/// The text under a failing snippet is the text that the gate prints.
#[test]
fn every_failing_snippet_stands_above_its_message() {
    let path = root().join("docs/rules.md");
    let document = read("docs/rules.md");
    let all = blocks(&document);
    let mut rewritten = String::new();
    let mut copied = 0;
    let mut differs = Vec::new();
    for (index, block) in all.iter().enumerate().filter(|(_, block)| !announced(&block.info).is_empty()) {
        let file = source(block);
        let drawn = draw(&file, &problems(&file), Colour::Plain);
        let drawn: String = drawn.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        let drawn = format!("{}\n", drawn.trim_end());
        let below = all.get(index + 1).filter(|below| below.info == "text");
        if below.is_none_or(|below| below.text != drawn) {
            differs.push(format!("line {}: the message is now\n{drawn}", block.line));
        }
        rewritten.push_str(&document[copied..block.bytes.end]);
        let _ = write!(rewritten, "```\n\n```text\n{drawn}");
        copied = below.map_or(block.bytes.end, |below| below.bytes.end);
        if below.is_none() {
            rewritten.push_str("```\n");
            copied = block.bytes.end + "```\n".len();
        }
    }
    rewritten.push_str(&document[copied..]);
    if std::env::var_os("TRYCMD").is_some_and(|word| word == "overwrite") {
        std::fs::write(path, rewritten).unwrap();
    } else {
        assert!(differs.is_empty(), "{}", differs.join("\n"));
    }
}

/// The code behind `code` in the order of the enum: a new variant does not compile until it stands here.
fn next(code: Code) -> Option<Code> {
    Some(match code {
        Code::Syntax => Code::Shape,
        Code::Shape => Code::UnknownField,
        Code::UnknownField => Code::UnknownWord,
        Code::UnknownWord => Code::Pattern,
        Code::Pattern => Code::UnknownOption,
        Code::UnknownOption => Code::UnknownTool,
        Code::UnknownTool => Code::Twice,
        Code::Twice => Code::Example,
        Code::Example => Code::NearMiss,
        Code::NearMiss => Code::Capture,
        Code::Capture => Code::Replaces,
        Code::Replaces => Code::MayNotLoosen,
        Code::MayNotLoosen => Code::NotTotal,
        Code::NotTotal => Code::NotMonotone,
        Code::NotMonotone => Code::Advice,
        Code::Advice => return None,
    })
}

#[test]
fn every_code_has_a_section_with_an_example() {
    let document = read("docs/rules.md");
    let shown: BTreeSet<String> =
        blocks(&document).iter().flat_map(|block| announced(&block.info)).map(str::to_owned).collect();
    for code in std::iter::successors(Some(Code::Syntax), |code| next(*code)) {
        assert!(document.contains(&format!("\n### {}\n", code.id())), "no section for {}", code.id());
        assert!(shown.contains(code.id()), "no example of {}", code.id());
    }
}

/// The commands of a shell text as the gate reads it, with `NS=shop` in the environment.
fn commands_of(text: &str) -> Vec<Command> {
    let variables = BTreeMap::from([("NS".into(), "shop".into())]);
    let search = SearchPath::new(None);
    let action = Action::Shell(OsString::from(text).into());
    remgate::command::read(&action, &Caller { search: &search, variables: &variables })
}

/// Whether every command in a text is followed.
fn is_followed(text: &str) -> bool {
    commands_of(text).iter().all(|command| command.opaque.is_none())
}

/// The cells of every row of the table below a heading, without its head.
fn table<'d>(document: &'d str, heading: &str) -> Vec<Vec<&'d str>> {
    let rows = section(document, heading).lines().filter_map(|line| line.strip_prefix("| "));
    // ` | ` parts cells; in code a bar is written `\|`.
    rows.skip(1).map(|row| row.trim_end_matches(" |").split(" | ").collect()).collect()
}

/// The code spans of a cell: between one backquote and the next, or between two and two.
fn code(cell: &str) -> Vec<String> {
    let fence = if cell.starts_with("``") { "``" } else { "`" };
    cell.split(fence).skip(1).step_by(2).map(|span| span.trim().replace("\\|", "|")).collect()
}

#[test]
fn every_shell_snippet_is_followed_or_not_as_its_table_says() {
    let document = read("docs/shell.md");
    let mut seen = 0;
    for row in table(&document, "## What is understood") {
        for snippet in code(row[1]) {
            assert!(is_followed(&snippet), "not followed: {snippet}");
            seen += 1;
        }
    }
    for row in table(&document, "## What is not followed, and what to write instead") {
        for snippet in code(row[0]) {
            assert!(!is_followed(&snippet), "followed now: {snippet}");
            seen += 1;
        }
        for snippet in code(row[2]) {
            assert!(is_followed(&snippet), "not followed: {snippet}");
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} snippets");
}

#[test]
fn variables_are_filled_in_as_the_table_says() {
    let document = read("docs/shell.md");
    let rows = table(&document, "## How variables are filled in");
    assert!(rows.len() > 4, "{rows:?}");
    for row in rows {
        let commands = commands_of(&code(row[0]).concat());
        let words = commands.last().expect("a command").words.iter();
        let words: Vec<&str> = words.map(|word| word.to_str().expect("is text")).collect();
        assert_eq!(words.join(" "), code(row[1]).concat(), "{}", row[0]);
    }
}

/// The text between a heading and the next one of the same or a higher level.
fn section<'d>(document: &'d str, heading: &str) -> &'d str {
    let level = heading.find(' ').unwrap();
    let (_, after) = document.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let mut fenced = false;
    let mut end = 0;
    for line in after.split_inclusive('\n') {
        fenced ^= line.starts_with("```");
        let hashes = line.len() - line.trim_start_matches('#').len();
        if !fenced && hashes > 0 && hashes <= level {
            break;
        }
        end += line.len();
    }
    &after[..end]
}

/// The language's own list of fields, from the help of R102.
fn fields(table: &str) -> Vec<String> {
    let text = format!("{table}\nno-field-has-this-name-at-all = 1\n");
    let file = SourceFile { name: "x".to_owned(), text, layer: Layer::System, trust: Trust::Full };
    let found = problems(&file);
    let unknown = found.iter().find(|problem| problem.code == Code::UnknownField).expect("R102");
    let help = unknown.help.clone().expect("a help line");
    help.strip_prefix("one of: ").expect("a list").split(", ").map(str::to_owned).collect()
}

#[test]
fn every_field_is_explained_where_it_belongs() {
    let document = read("docs/rules.md");
    for (table, heading) in [
        ("[[rule]]", "## `[[rule]]`"),
        ("[[tool]]", "## `[[tool]]`"),
        ("[[tool]]\nname = 'x'\n[[tool.subcommand]]", "### `[[tool.subcommand]]`"),
        ("[[environment]]", "## `[[environment]]`"),
        ("[[decide]]", "## `[[decide]]`"),
        ("[policy]", "## `[policy]`"),
    ] {
        let text = section(&document, heading);
        let explained: String = text.lines().filter(|line| line.starts_with("| `")).collect();
        for field in fields(table) {
            assert!(explained.contains(&format!("`{field}`")), "{heading} does not explain `{field}`");
        }
    }
}

#[test]
fn every_word_of_a_closed_set_is_named() {
    let document = read("docs/rules.md");
    let named = |heading: &str, words: Vec<&str>| {
        let text = section(&document, heading);
        for word in words {
            assert!(text.contains(&format!("`{word}`")), "{heading} does not name `{word}`");
        }
    };
    named("## `[[rule]]`", Effect::ALL.iter().map(|word| word.word()).collect());
    named("## `[[rule]]`", Scope::ALL.iter().map(|word| word.word()).collect());
    named("## `[[rule]]`", Tier::ALL.iter().map(|word| word.word()).collect());
    named("## `[[decide]]`", Rollback::ALL.iter().map(|word| word.word()).collect());
    named("## `[[decide]]`", Verdict::ALL.iter().map(|word| word.word()).collect());
    let beyond_effects = Subject::all().filter(|subject| !matches!(subject, Subject::Effect(_)));
    named("## `[[decide]]`", beyond_effects.map(Subject::word).collect());
    named("## `[[tool]]`", Style::ALL.iter().map(|(word, _)| *word).collect());
    named("## `[[tool]]`", ambient::Kind::ALL.iter().map(|kind| kind.word()).collect());
    named("## `where`", PLACE_KEYS.to_vec());
}

/// Every `[text](target)` of a document outside fences, code spans left alone.
fn links(document: &str) -> Vec<(String, String)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in document.lines() {
        fenced ^= line.starts_with("```");
        if fenced {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let text = line[..at].rsplit('[').next().unwrap_or_default();
            let target = line[at + 2..].split(')').next().unwrap_or_default();
            found.push((text.to_owned(), target.to_owned()));
        }
    }
    found
}

/// The anchor that a code forge gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-');
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    for document in documents() {
        let text = read(&document);
        let directory = root().join(&document).parent().unwrap().to_owned();
        for (_, target) in links(&text).into_iter().filter(|(_, target)| !target.starts_with("https://")) {
            let (path, fragment) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() { root().join(&document) } else { directory.join(path) };
            assert!(file.exists(), "{document}: {target} leads nowhere");
            if !fragment.is_empty() {
                let headings = std::fs::read_to_string(&file).unwrap();
                let headings = headings.lines().filter(|line| line.starts_with('#'));
                let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#')));
                assert!(anchors.any(|known| known == fragment), "{document}: no heading for {target}");
            }
        }
    }
}

#[test]
fn every_known_attack_names_a_test_that_is_there() {
    let document = read("docs/known-attacks.md");
    let (tried, _) = document.split_once("\n## What works against the gate today").unwrap();
    let rows: Vec<&str> =
        tried.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack")).collect();
    assert!(rows.len() > 30, "only {} attacks", rows.len());
    for row in rows {
        // The rows that a test reads stand beside it; the test itself sees to it that it reads them all.
        let (rows, tests): (Vec<_>, Vec<_>) =
            links(row).into_iter().partition(|(_, path)| path.ends_with(".toml"));
        assert!(!tests.is_empty(), "no test for: {row}");
        for (name, path) in rows {
            assert!(root().join("docs").join(&path).is_file(), "no rows in {path}: {row}");
            assert!(path.ends_with(&format!("/{name}")), "{path} is called {name}: {row}");
        }
        for (name, path) in tests {
            let file = read(path.strip_prefix("../").unwrap());
            let name = name.trim_matches('`');
            assert!(file.contains(&format!("fn {name}(")), "{path} has no test {name}: {row}");
        }
    }
}

#[test]
fn the_examples_to_copy_are_proven() {
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".toml") {
            continue;
        }
        let (layer, trust) = match name.contains("remgate") {
            true => (Layer::Project, Trust::TightenOnly),
            false => (Layer::User, Trust::Full),
        };
        let file = SourceFile { text: read(&format!("examples/{name}")), name, layer, trust };
        let found = problems(&file);
        assert!(found.is_empty(), "{}", draw(&file, &found, Colour::Plain));
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn every_dependency_has_its_line_and_every_line_its_dependency() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let names =
        |table: &str| manifest[table].as_table().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    let document = read("docs/dependencies.md");
    let (used, tests) = document.split_once("Only for tests and benches:").unwrap();
    let rows = |text: &str| -> BTreeSet<String> {
        let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        cells.map(str::to_owned).collect()
    };
    assert_eq!(rows(used), names("dependencies"));
    let only_tests: BTreeSet<String> =
        names("dev-dependencies").difference(&names("dependencies")).cloned().collect();
    assert_eq!(rows(tests), only_tests);
}

#[test]
fn the_readme_comes_to_the_point() {
    let readme = read("README.md");
    let first = blocks(&readme).into_iter().next().expect("a code block");
    assert!(first.line <= 12, "the first code block begins in line {}", first.line);
    // `.ci/run` takes its two commands from this block.
    let two = "```sh\ncargo install --path . && remgate -- df -h .\ncargo test\n```";
    assert!(readme.contains(two));
}

/// The help, the page of exit codes and the code agree on the numbers.
#[test]
fn the_exit_codes_are_told_the_same_everywhere() {
    use clap::CommandFactory;
    let help = remgate::cli::Cli::command().get_after_help().unwrap().to_string();
    let page = read("docs/running.md");
    let page = section(&page, "## Exit codes");
    for code in ["64", "75", "77", "78", "124", "125", "126", "127"] {
        let told = |line: &str| line.trim_start().starts_with(code);
        assert!(help.lines().any(told), "the help lacks {code}");
        let row = |line: &str| {
            line.strip_prefix("| ").is_some_and(|rest| rest.split(" |").next().unwrap().contains(code))
        };
        assert!(page.lines().any(row), "running.md lacks {code}");
    }
}
