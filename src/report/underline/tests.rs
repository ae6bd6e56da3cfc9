//! Drawings as people see them.

use super::*;
use proptest::prelude::*;

fn at(text: &str, part: &str) -> Range<usize> {
    let start = text.find(part).expect("is there");
    start..start + part.len()
}

fn mark(span: Range<usize>, number: &str, verdict: Verdict) -> Mark {
    Mark { span, number: number.to_owned(), label: verdict.word().to_owned(), verdict }
}

/// Each part is underlined, numbered in their order.
fn drawn(text: &str, parts: &[(&str, Verdict)], width: usize) -> String {
    let numbered = (1..).zip(parts);
    let marks: Vec<Mark> = numbered
        .map(|(number, (part, verdict))| mark(at(text, part), &format!("{number}"), *verdict))
        .collect();
    page(&draw(text.as_bytes(), &marks, Look::PLAIN, width))
}

fn page(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\n{}", line.trim_end())).collect()
}

use Verdict::{Confirm, Deny, Run, TwoPerson};

#[test]
fn commands_beside_each_other() {
    let text = "systemctl restart nginx && curl -fsS localhost | grep ok || rm -rf /srv";
    let parts = [
        ("systemctl restart nginx", Confirm),
        ("curl -fsS localhost", Run),
        ("grep ok", Run),
        ("rm -rf /srv", TwoPerson),
    ];
    let wide = r"
| systemctl restart nginx && curl -fsS localhost | grep ok || rm -rf /srv
  1^^^^^^^^^^^^^^^^^^^^^^    2------------------   3------    4^^^^^^^^^^
  confirm                    run                   run        two-person";
    assert_eq!(drawn(text, &parts, 80), wide);
    let narrow = r"
| systemctl restart nginx && curl -fsS
  1^^^^^^^^^^^^^^^^^^^^^^    2--------
  confirm                    run
+ localhost | grep ok || rm -rf /srv
  2--------   3------    4^^^^^^^^^^
              run        two-person";
    assert_eq!(drawn(text, &parts, 40), narrow);
}

#[test]
fn commands_inside_commands() {
    let text = "rm -rf \"$(cat \"$(mktemp)\")\" && ls";
    let parts = [
        ("rm -rf \"$(cat \"$(mktemp)\")\"", TwoPerson),
        ("cat \"$(mktemp)\"", Run),
        ("mktemp", Run),
        ("ls", Run),
    ];
    let expected = r#"
| rm -rf "$(cat "$(mktemp)")" && ls
  1^^^^^^^^^^^^^^^^^^^^^^^^^^    4-
            2--------------
                   3-----
  two-person       run           run
            run"#;
    assert_eq!(drawn(text, &parts, 80), expected);
}

#[test]
fn lines_are_numbered_and_indents_are_not_underlined() {
    let text = "set -e\n\n# again\nfor i in 1 2; do\n  kubectl -n shop \\\n    delete pod web-$i\ndone";
    let parts = [("set -e", Run), ("kubectl -n shop \\\n    delete pod web-$i", Confirm)];
    let expected = r"
1 | set -e
    1-----
    run
2 |
3 | # again
4 | for i in 1 2; do
5 |   kubectl -n shop \\
      2^^^^^^^^^^^^^^^^^
      confirm
6 |     delete pod web-$i
        2^^^^^^^^^^^^^^^^
7 | done";
    assert_eq!(drawn(text, &parts, 60), expected);
}

#[test]
fn escapes_tabs_and_wide_characters_move_no_mark() {
    let text = "\techo \u{1b}[8m\u{65e5}\u{672c} '\\' ; rm x";
    let expected = r"
| \techo \x1b[8m日本 '\\' ; rm x
    1--------------------   2^^^
    run                     deny";
    let parts = [("echo \u{1b}[8m\u{65e5}\u{672c} '\\'", Run), ("rm x", Deny)];
    assert_eq!(drawn(text, &parts, 80), expected);
    let bytes = b"ls \xff\xc3( ; rm x";
    let marks = [mark(0..6, "1", Run), mark(9..13, "2", Deny)];
    let expected = r"
| ls \xff\xc3( ; rm x
  1-----------   2^^^
  run            deny";
    assert_eq!(page(&draw(bytes, &marks, Look::PLAIN, 80)), expected);
}

/// One caret where the text could not be followed, also where the text is at its end.
#[test]
fn a_place_without_bytes_gets_a_caret() {
    let caret = |text: &str, at: usize| {
        let mark = Mark {
            span: at..at,
            number: String::new(),
            label: "cannot be followed".to_owned(),
            verdict: TwoPerson,
        };
        page(&draw(text.as_bytes(), &[mark], Look::PLAIN, 40))
    };
    let expected = r#"
| ls; eval "$x"
      ^
      cannot be followed"#;
    assert_eq!(caret("ls; eval \"$x\"", 4), expected);
    let expected = "\n1 | echo 'a\n2 | b\n     ^\n     cannot be followed";
    assert_eq!(caret("echo 'a\nb", 9), expected);
    // A label that would leave the screen moves to the left.
    let text = format!("{} `x`", "a".repeat(30));
    assert_eq!(
        caret(&text, 31),
        format!("\n| {text}\n{}^\n{}cannot be followed", " ".repeat(33), " ".repeat(22))
    );
    assert_eq!(caret("", 0), "\n|\n  ^\n  cannot be followed");
    // A place that is not in the text draws nothing and breaks nothing.
    assert_eq!(caret("ls", 99), "\n| ls");
}

#[test]
fn many_short_commands_keep_their_marks_apart() {
    let marks: Vec<Mark> =
        (0..4).map(|at| mark(2 * at..2 * at + 1, &format!("{}", 98 + at), Confirm)).collect();
    let expected = r"
| a;b;c;d
  98  100
    99  101
  confirm
    confirm
      confirm
        confirm";
    let lines = draw(b"a;b;c;d", &marks, Look::PLAIN, 40);
    assert_eq!(page(&lines), expected);
}

#[test]
fn of_a_huge_text_the_neighbourhood_is_shown() {
    let (first, last) = (format!("echo {}", "a".repeat(5_000)), format!("echo {}", "b".repeat(5_000)));
    let text = format!("{first} && rm x && {last}");
    let parts = [(first.as_str(), Run), ("rm x", Deny), (last.as_str(), Run)];
    let lines = draw(
        text.as_bytes(),
        &parts.iter().map(|(part, verdict)| mark(at(&text, part), "", *verdict)).collect::<Vec<_>>(),
        Look::PLAIN,
        40,
    );
    let page = page(&lines);
    assert!(lines.len() < 40, "{page}");
    assert!(page.contains(" && rm x && ") && page.contains("deny"), "{page}");
    assert_eq!(page.matches("rows not shown: explain --json").count(), 2, "{page}");
}

#[test]
fn lines_of_the_text_cannot_pass_for_marks() {
    let text = "ls\n  1^^^^ run\n| rm";
    let lines = draw(text.as_bytes(), &[mark(0..2, "1", Run)], Look::PLAIN, 40);
    assert_eq!(page(&lines), "\n1 | ls\n    1-\n    run\n2 |   1^^^^ run\n3 | | rm");
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\n", "\t", "\u{1b}", "\u{202e}", "\u{65e5}", "\\", " ", "ls", "a\u{301}", "  "
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..3),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|all| all.concat())
}

fn marks(length: usize) -> impl Strategy<Value = Vec<Mark>> {
    let span = (0..=length + 3, 0..=length + 3, 0_usize..2_000);
    prop::collection::vec(span, 0..6).prop_map(|spans| {
        spans
            .into_iter()
            .map(|(a, b, number)| mark(a.min(b)..a.max(b), &number.to_string(), TwoPerson))
            .collect()
    })
}

proptest! {
    #[test]
    fn every_byte_is_shown_and_nothing_is_too_wide((text, marks) in text().prop_flat_map(|text| {
        let length = text.len();
        (Just(text), marks(length))
    }), width in 40_usize..100) {
        let lines = draw(&text, &marks, Look::PLAIN, width);
        let gutter = Gutter::of(&text).columns();
        let mut shown = String::new();
        for line in &lines {
            prop_assert!(columns(line) <= width, "{width}: {line:?}");
            let (before, row) = line.split_at(gutter);
            match before.trim().trim_start_matches(|digit: char| digit.is_ascii_digit()).trim() {
                "|" => shown.push_str(&format!("\n{row}")),
                "+" => shown.push_str(row),
                _ => {}
            }
        }
        let whole: Vec<String> = text.split(|byte| *byte == b'\n').map(sanitize::text).collect();
        prop_assert_eq!(shown, format!("\n{}", whole.join("\n")));
    }

    /// Told another way: the columns before a mark are those of the escaped text before it.
    #[test]
    fn a_mark_stands_below_its_bytes(before in "[a-z\t\u{1b}\u{65e5}\\\\ ]{0,9}", inside in "[a-z\u{1b}\u{65e5}\\\\]{1,9}", behind in "[a-z\u{65e5} ]{0,9}") {
        let text = format!("{before}{inside}{behind}");
        let lines = draw(text.as_bytes(), &[mark(before.len()..before.len() + inside.len(), "", Run)], Look::PLAIN, 200);
        let (shift, wide) = (columns(&sanitize::text(&before)), columns(&sanitize::text(&inside)));
        prop_assert_eq!(&lines[1], &format!("  {}{}", " ".repeat(shift), "-".repeat(wide)));
    }
}
