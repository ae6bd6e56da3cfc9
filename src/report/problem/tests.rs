//! Drawings as people see them.

use super::*;
use crate::rules::{Code, Layer, Trust};
use proptest::prelude::*;

fn file(text: &str) -> SourceFile {
    SourceFile { name: "x.toml".to_owned(), text: text.to_owned(), layer: Layer::User, trust: Trust::Full }
}

fn at(text: &str, word: &str) -> Range<usize> {
    let start = text.find(word).expect("is there");
    start..start + word.len()
}

fn plain(text: &str, problems: &[Problem]) -> String {
    draw(&file(text), problems, Colour::Plain)
}

#[test]
fn two_places_of_one_problem_in_the_order_of_the_file() {
    let text = "[[rule]]\nid = \"a\"\nscope = \"servce\"\n\n[[rule]]\nid = \"a\"\n";
    let second = text.rfind("\"a\"").expect("there");
    let problems = [
        Problem::new(Code::Twice, "the id `a` is taken", second..second + 3, "second here")
            .also(at(text, "\"a\""), "first here")
            .help("rename one"),
        Problem::new(Code::UnknownWord, "`servce` is no scope", at(text, "\"servce\""), "not a scope")
            .help("did you mean `service`?"),
    ];
    let expected = r#"error[R103]: `servce` is no scope
 --> x.toml:3:9
  |
3 | scope = "servce"
  |         ^^^^^^^^ not a scope
  |
  = help: did you mean `service`?

error[R107]: the id `a` is taken
 --> x.toml:6:6
  |
2 | id = "a"
  |      --- first here
...
6 | id = "a"
  |      ^^^ second here
  |
  = help: rename one

2 problems in `x.toml`; nothing was run
"#;
    assert_eq!(plain(text, &problems), expected);
}

/// Every column counts characters, whatever stands before: a tab, two-byte letters, a CRLF line, a hidden character.
#[test]
fn columns_stay_true() {
    let text = "\tid = 'ä\u{1b}\u{202e}' # \u{200b}x\r\n\twhy = \"BAD\"\r\n";
    let problems = [
        Problem::new(Code::Pattern, "a \u{1b}[2J b\nc", at(text, "BAD"), "ev\u{202e}il").help("x\u{9b}y"),
        Problem::new(Code::Advice, "odd", at(text, "# "), "here"),
        Problem::new(Code::Shape, "cut short", text.len()..text.len(), "here"),
    ];
    let expected = "warning[R200]: odd
 --> x.toml:1:13
  |
1 |     id = 'ä��' # �x
  |                ^^ here

error[R104]: a \\u{1b}[2J b\\nc
 --> x.toml:2:9
  |
2 |     why = \"BAD\"
  |            ^^^ ev\\u{202e}il
  |
  = help: x\\u{9b}y

error[R101]: cut short
 --> x.toml:2:13
  |
2 |     why = \"BAD\"
  |                ^ here

2 problems and 1 warning in `x.toml`; nothing was run
";
    assert_eq!(plain(text, &problems), expected);
    let json = problems_json(&file(text), &problems);
    let places =
        json.as_array().expect("array").iter().map(|one| (&one["line"], &one["column"], &one["end"]));
    let places =
        places.map(|(line, column, end)| format!("{line}:{column}-{}:{}", end["line"], end["column"]));
    assert_eq!(places.collect::<Vec<_>>(), ["1:13-1:15", "2:9-2:12", "2:13-2:13"]);
}

#[test]
fn json_has_every_field_and_the_text_as_it_is() {
    let text = "a = 1\nb = 2\n";
    let problem = Problem::new(Code::Twice, "t\u{1b}", at(text, "b"), "l").also(at(text, "a"), "m").help("h");
    let expected = json!([{
        "code": "R107", "refuses": true, "text": "t\u{1b}", "file": "x.toml", "line": 2, "column": 1,
        "end": { "line": 2, "column": 2 }, "label": "l", "help": "h",
        "also": { "line": 1, "column": 1, "end": { "line": 1, "column": 2 }, "label": "m" },
    }]);
    assert_eq!(problems_json(&file(text), &[problem]), expected);
}

#[test]
fn the_last_line_counts_and_claims_no_more_than_it_may() {
    let one = |code| Problem::new(code, "t", 0..1, "l");
    let last = |problems: &[Problem]| plain("abc", problems).trim_end().lines().last().map(str::to_owned);
    for (problems, expected) in [
        (vec![one(Code::Shape)], "1 problem in `x.toml`; nothing was run"),
        (vec![one(Code::Advice)], "1 warning in `x.toml`"),
        (
            vec![one(Code::Advice), one(Code::Shape), one(Code::Shape)],
            "2 problems and 1 warning in `x.toml`; nothing was run",
        ),
        (vec![one(Code::Shape); 103], "103 problems in `x.toml`, the first 100 drawn; nothing was run"),
    ] {
        assert_eq!(last(&problems).as_deref(), Some(expected));
    }
    let many = vec![one(Code::Shape); 103];
    assert_eq!(plain("abc", &many).matches("error[R101]").count(), 100);
    assert_eq!(problems_json(&file("abc"), &many).as_array().map(Vec::len), Some(103));
}

#[test]
fn a_file_name_cannot_move_the_cursor() {
    let mut file = file("abc");
    file.name = "evil\u{1b}[2J\n.toml".to_owned();
    let drawn = draw(&file, &[Problem::new(Code::Shape, "t", 0..1, "l")], Colour::Plain);
    assert!(!drawn.contains('\u{1b}'), "{drawn:?}");
    assert!(drawn.contains(" --> evil\\u{1b}[2J\\n.toml:1:1"), "{drawn:?}");
}

/// 100,000 problems in 4 MiB: looking for the lines anew for each would take minutes.
#[test]
fn a_large_file_with_many_problems_is_drawn_at_once() {
    let text = "key = 'some text of forty characters...'\n".repeat(100_000);
    let problems = (0..100_000).map(|line| Problem::new(Code::Shape, "t", line * 41..line * 41 + 3, "l"));
    let problems = problems.collect::<Vec<_>>();
    let json = problems_json(&file(&text), &problems);
    assert_eq!(json[99_999]["line"], 100_000);
    assert!(plain(&text, &problems).len() < 20_000);
}

#[test]
fn colours_are_only_there_when_asked_for() {
    let problems = [Problem::new(Code::Shape, "t", 0..1, "l")];
    assert!(draw(&file("abc"), &problems, Colour::Ansi).contains("\u{1b}["));
    assert!(!plain("abc", &problems).contains('\u{1b}'));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text, any places, also outside the text, backwards or inside a character: no panic, nothing that moves a
    /// cursor, and drawing and JSON name the same line and column.
    #[test]
    fn any_place_in_any_text_is_drawn_safely(
        text in "[a-zä\t\r\n\u{1b}\u{9b}\u{202e}\u{200b}\u{feff}\u{301}🦀 ]{0,60}",
        at in (0_usize..90, 0_usize..90),
        also in prop::option::of((0_usize..90, 0_usize..90)),
        words in "[a\n\r\t\u{1b}\u{202e}]{0,8}",
    ) {
        let mut problem = Problem::new(Code::Shape, words.clone(), at.0..at.1, words.clone()).help(words.clone());
        if let Some(also) = also {
            problem = problem.also(also.0..also.1, words);
        }
        let file = file(&text);
        let drawn = draw(&file, std::slice::from_ref(&problem), Colour::Plain);
        let hidden = drawn.chars().find(|one| *one != '\n' && !is_visible(*one));
        prop_assert_eq!(hidden, None, "{:?}", drawn);
        let json = problems_json(&file, &[problem]);
        let place = format!("--> x.toml:{}:{}\n", json[0]["line"], json[0]["column"]);
        prop_assert!(drawn.contains(&place), "{} not in\n{}", place, drawn);
    }
}
