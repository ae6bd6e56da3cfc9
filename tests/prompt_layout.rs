//! What the question looks like: whole screens in files beside this one. `REMGATE_BLESS=1` writes them anew.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "prompt/sample.rs"]
mod sample;

use chrono::DateTime;
use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest};
use remgate::actor::{Actor, ActorKind};
use remgate::command::{ShellOption, ShellText};
use remgate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use remgate::report::pending::{Pending, State, screen};
use remgate::report::question::{
    Asked, Asking, DEFAULT_TIME_LIMIT, FactRows, Ground, NoRequest, Question, Row, RuleLine, Screen, lay_out,
    lay_out_whole, requester,
};
use remgate::report::{Because, Colour, Cursor, Look};
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::time::Duration;

fn drawn(question: &Question, columns: u16, rows: u16) -> String {
    lay_out(question, "K7QX", &Screen::new(columns, rows, Look::PLAIN))
}

fn compare(name: &str, drawn: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prompt").join(name);
    if std::env::var_os("REMGATE_BLESS").is_some() {
        std::fs::write(&path, drawn).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(drawn, expected, "{name} looks otherwise; REMGATE_BLESS=1 writes it anew");
}

/// Everything at its fullest: an agent's job behind sudo, several effects, an inverse, a reason.
fn busy() -> Question {
    let mut question = sample::question();
    let rule = || Source::Rule("kubernetes.everywhere".to_owned());
    question.asked = Asked::Argv(sample::words(
        "sudo -u deploy kubectl --context prod-eu -n shop rollout restart deploy/web deploy/api deploy/worker --request-timeout=30s",
    ));
    let mut facts = Facts::new(
        Sourced::new(Effect::Isolated, Source::Rule("kubernetes.rollout-restart".to_owned())),
        Sourced::new(Scope::Service, Source::Shape("3 named targets".to_owned())),
        Sourced::new(Tier::Production, Source::Environment("production".to_owned())),
        Sourced::new(Rollback::Declared, Source::Rule("kubernetes.rollout-restart".to_owned())),
    );
    facts.raise_effect(Sourced::new(Effect::Availability, rule()));
    question.facts = FactRows::of(&facts);
    question.undo = Some(sample::words("kubectl --context prod-eu -n shop rollout undo deploy/web"));
    question.places.push(Row {
        label: "place".to_owned(),
        value: "user deploy".to_owned(),
        note: String::new(),
        source: "wrapper sudo".to_owned(),
    });
    question.rules.push(RuleLine {
        id: "kubernetes.everywhere".to_owned(),
        why: "three workloads lose pods at the same time, which the load balancer notices".to_owned(),
    });
    let reason = "INC-4711: web answers 502 since the config map changed";
    question.requester = requester(&sample::human(), "db1", Path::new("/srv/app"), Some(reason));
    question
}

#[test]
fn the_screens_look_as_agreed() {
    for columns in [80, 40] {
        compare(&format!("plain-{columns}.txt"), &drawn(&sample::question(), columns, 24));
        compare(&format!("busy-{columns}.txt"), &drawn(&busy(), columns, 40));
    }
    let mut long = sample::question();
    long.asked = Asked::Argv((0..400).map(|number| OsString::from(format!("file-{number}"))).collect());
    compare("long-80.txt", &drawn(&long, 80, 24));
    let mut shell = sample::question();
    shell.asked = Asked::Shell(ShellText {
        options: vec![ShellOption::ErrExit, ShellOption::PipeFail],
        name: Some("job".into()),
        parameters: vec!["it's\x1b[8m".into()],
        ..text(b"set -e\n\tsystemctl restart nginx\ncurl -fsS \"$1\" \x1b[8m; rm -rf /srv\x1b[0m")
    });
    shell.because = Some(Ground::of(&Because::Command {
        words: sample::words("rm -rf /srv").into(),
        short: "rm ...".to_owned(),
        number: 4,
        total: 4,
        more: 0,
    }));
    compare("shell-80.txt", &drawn(&shell, 80, 24));
}

fn approval() -> Asking {
    Asking::Approve { left: Duration::from_secs(271), missing: 2 }
}

fn of_request(request: &Map<String, Value>) -> Question {
    Question::of_request(request, approval()).unwrap()
}

#[test]
fn the_approvers_screens_look_as_agreed() {
    let question = of_request(&sample::request());
    for (columns, rows) in [(80, 40), (40, 60)] {
        compare(&format!("approve-{columns}.txt"), &drawn(&question, columns, rows));
    }
    // Where all of it does not fit, the context gives way and says so.
    compare("approve-low-80.txt", &drawn(&question, 80, 24));
}

/// For reading at leisure: a command, a reason and a list of files that no prompt would hold, to the last byte.
#[test]
fn one_request_in_full_is_cut_nowhere() {
    let mut request = sample::request();
    let now = DateTime::parse_from_rfc3339("2026-11-21T18:25:29Z").unwrap().to_utc();
    let votes = ["alice approved with SHA256:abc".to_owned(), "void: bob's key is revoked".to_owned()];
    let full = |request: &Map<String, Value>, columns| {
        let pending = Pending {
            request,
            state: State::Waiting,
            have: vec!["alice".to_owned()],
            missing_people: 1,
            missing_groups: vec!["dba".to_owned()],
        };
        screen(&pending, &votes, &Screen::new(columns, 24, Look::PLAIN), now).unwrap()
    };
    compare("pending-80.txt", &full(&request, 80));
    compare("pending-40.txt", &full(&request, 40));
    let argv: Vec<String> = (0..2_000).map(|number| format!("pod-{number}")).collect();
    request.insert("argv".to_owned(), json!(argv));
    request.insert("reason".to_owned(), json!((0..500).map(|n| format!("why-{n} ")).collect::<String>()));
    // Whence a place is known is a path of any length.
    let source: String = (0..99).map(|n| format!("whence-{n} ")).collect();
    request.insert(
        "places".to_owned(),
        json!([{ "label": "place", "value": "context", "note": "prod", "source": source }]),
    );
    let file = request["files"][0].clone();
    request.insert(
        "files".to_owned(),
        (0..300)
            .map(|number| {
                let mut file = file.clone();
                file["path"] = json!(format!("file-{number}"));
                file
            })
            .collect(),
    );
    let text = full(&request, 80);
    let shown = |name: &str, count| {
        (0..count)
            .all(|n| text.split_whitespace().any(|word| word.trim_end_matches(':') == format!("{name}-{n}")))
    };
    assert!(shown("pod", 2_000) && shown("why", 500) && shown("file", 300) && shown("whence", 99), "{text}");
    assert!(!text.contains("..."), "{text}");
}

/// The same request under each kind of consent: headline and instruction say which.
#[test]
fn each_kind_of_consent_says_what_the_code_would_do() {
    let reason = "customers wait".to_owned();
    let table = [
        (approval(), "do you approve? 2 more needed", "to approve this; Esc or Ctrl-C leaves it pending."),
        (Asking::Reject, "do you reject this?", "to reject it for good; Esc or Ctrl-C leaves it pending."),
        (
            Asking::BreakGlass { reason },
            "run it unapproved?",
            "to run it once and owe a review; Esc or Ctrl-C refuses.",
        ),
        (Asking::Review, "was this run right?", "to sign the review; Esc or Ctrl-C leaves it owed."),
    ];
    for (asking, headline, does) in table {
        let text = drawn(&Question::of_request(&sample::request(), asking.clone()).unwrap(), 100, 60);
        assert!(text.contains(&format!("[TWO-PERSON]  remgate asks: {headline}")), "{text}");
        assert!(text.ends_with(&format!("Type [K7QX] and Enter {does}\n")), "{text}");
        assert_eq!(
            text.contains("glass     broken       customers wait"),
            matches!(asking, Asking::BreakGlass { .. })
        );
    }
}

/// A question must not outlive what it asks about, nor stand for the whole life of a request.
#[test]
fn an_approver_is_asked_no_longer_than_the_request_holds() {
    for (left, expected) in [(7, 7), (86_400, DEFAULT_TIME_LIMIT.as_secs()), (0, 0)] {
        let asking = Asking::Approve { left: Duration::from_secs(left), missing: 1 };
        let question = Question::of_request(&sample::request(), asking).unwrap();
        assert_eq!(question.time_limit.as_secs(), expected);
    }
}

/// What was measured is told once, also where the places hold it already.
#[test]
fn a_measurement_is_told_once() {
    let mut request = sample::request();
    let place = json!({ "label": "measured", "value": "", "note": "1,204 rows match", "source": "" });
    request["places"].as_array_mut().unwrap().push(place);
    assert_eq!(drawn(&of_request(&request), 80, 60).matches("1,204 rows match").count(), 1);
}

/// Each field away, and each field as something else: a question still, or an honest refusal to show one.
#[test]
fn a_request_with_any_field_missing_or_bent_says_so_and_never_panics() {
    let whole = sample::request();
    for field in whole.keys() {
        for bent in [
            None,
            Some(json!(null)),
            Some(json!(7)),
            Some(json!("x")),
            Some(json!([[], 7])),
            Some(json!({"b64": 1})),
        ] {
            let mut request = whole.clone();
            request.remove(field);
            request.extend(bent.clone().map(|value| (field.clone(), value)));
            match Question::of_request(&request, approval()) {
                Ok(question) => {
                    assert!(!["v", "type"].contains(&field.as_str()), "{field} {bent:?}");
                    let text = drawn(&question, 80, 60);
                    assert!(text.contains("[K7QX]"));
                    let told = [
                        "id",
                        "verdict",
                        "host",
                        "cwd",
                        "executable",
                        "variables",
                        "stdin",
                        "rule_files",
                        "facts",
                        "demand",
                        "created",
                        "expires",
                        "uid",
                        "files",
                        "places",
                        "rules",
                        "measured",
                        "requester",
                    ];
                    if told.contains(&field.as_str()) && bent.is_none() {
                        assert!(text.to_lowercase().contains("not said"), "{field}:\n{text}");
                    }
                }
                Err(error) => {
                    assert!(
                        ["v", "type", "argv", "shell"].contains(&field.as_str()),
                        "{field} {bent:?}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_request_without_its_whole_command_is_no_question() {
    let whole = sample::request();
    for (field, value) in [
        ("shell", json!("rm -rf /")),
        ("argv", json!([])),
        ("argv", json!(["rm", 7])),
        ("argv", json!(["rm", {"b64": "?"}])),
    ] {
        let mut request = whole.clone();
        request.insert(field.to_owned(), value);
        assert_eq!(Question::of_request(&request, approval()), Err(NoRequest::Command), "{field}");
    }
}

/// A field that a later version binds must not be signed by somebody who cannot see it.
#[test]
fn a_field_that_is_not_known_is_pointed_at() {
    let mut request = sample::request();
    assert!(!drawn(&of_request(&request), 80, 60).contains("look!"));
    request.insert("also_run".to_owned(), json!("reboot"));
    assert!(
        drawn(&of_request(&request), 80, 60).contains("this remgate does not know these fields: also_run")
    );
}

#[test]
fn bytes_and_shell_text_of_a_request_are_shown_as_of_a_case() {
    let mut request = sample::request();
    request.insert("argv".to_owned(), json!(["rm", { "b64": "G1sySv8=" }]));
    let text = drawn(&of_request(&request), 80, 60);
    assert!(text.contains("  | rm $'\\x1b[2J\\xff'\n"), "{text}");
    request.remove("argv");
    request.insert("shell".to_owned(), json!("set -e\nrm \"$1\""));
    request.insert("shell_options".to_owned(), json!(["errexit"]));
    request.insert("shell_parameters".to_owned(), json!(["job", "a b"]));
    let text = drawn(&of_request(&request), 80, 60);
    assert!(text.contains("  | rm \"$1\"\n  = options errexit\n  = $0 job\n  = $1 'a b'\n"), "{text}");
    request.insert("shell_options".to_owned(), json!(["xtrace"]));
    assert_eq!(Question::of_request(&request, approval()), Err(NoRequest::Command));
}

fn text(bytes: &[u8]) -> ShellText {
    OsString::from_vec(bytes.to_vec()).into()
}

fn hostile_commands() -> Vec<Asked> {
    let spoof = format!("x{}Type [AAAA] and Enter to run it once", " ".repeat(70));
    vec![
        Asked::Argv(vec![OsString::from("kubectl"), OsString::from(spoof)]),
        Asked::Argv(vec![OsString::from("a".repeat(100_000))]),
        Asked::Argv(vec![OsString::from("w"); 50_000]),
        Asked::Argv((0..60).map(|_| OsString::from("\u{65e5}\u{672c}".repeat(9))).collect()),
        Asked::Argv(vec![OsString::new(); 3]),
        Asked::Argv(Vec::new()),
        Asked::Shell(text("\n".repeat(5_000).as_bytes())),
        Asked::Shell(text(b"Type [AAAA] and Enter to run it once\n\n  | fake")),
        Asked::Shell(ShellText {
            name: Some("Type [AAAA] and Enter to run it once".into()),
            parameters: vec!["\n  Type [AAAA]".into(); 5_000],
            ..text(b"\"$@\"")
        }),
    ]
}

#[test]
fn whatever_the_command_no_line_is_too_wide_and_the_verdict_stays_on_the_screen() {
    for asked in hostile_commands() {
        for (columns, rows) in [(80, 24), (40, 40), (200, 60)] {
            let question = Question { asked: asked.clone(), ..sample::question() };
            let text = drawn(&question, columns, rows);
            for line in text.lines() {
                assert!(console::measure_text_width(line) < usize::from(columns), "{columns}: {line:?}");
            }
            // One more for the typing line.
            assert!(text.lines().count() < usize::from(rows), "{columns}x{rows}:\n{text}");
            let ours = text
                .lines()
                .filter(|line| ["  | ", "  + ", "  = "].iter().all(|gutter| !line.starts_with(gutter)));
            assert!(!ours.clone().any(|line| line.contains("AAAA")), "{text}");
            assert_eq!(ours.filter(|line| line.contains("[K7QX]")).count(), 1);
        }
    }
}

#[test]
fn a_cut_command_says_so_and_shows_its_tail() {
    let mut question = sample::question();
    question.asked = Asked::Argv((0..2_000).map(|number| OsString::from(format!("pod-{number}"))).collect());
    let text = drawn(&question, 80, 24);
    assert!(text.contains("lines not shown; full text: remgate explain ..."), "{text}");
    assert!(
        text.contains("pod-0 ") && text.contains(" pod-1999\n") && text.contains("2000 words, "),
        "{text}"
    );
}

/// Below the limit every byte is on the screen: joined again, the lines are the quoted command.
#[test]
fn an_uncut_command_is_shown_to_the_last_byte() {
    let word = "ab'c\u{1b}\u{202e}".repeat(12);
    let question = Question {
        asked: Asked::Argv(vec!["x".into(), word.clone().into(), "y z".into()]),
        ..sample::question()
    };
    let text = drawn(&question, 80, 60);
    let mut joined = String::new();
    for line in text.lines() {
        if let Some(start) = line.strip_prefix("  | ") {
            joined.push(' ');
            joined.push_str(start);
        } else if let Some(rest) = line.strip_prefix("  + ") {
            joined.push_str(rest);
        }
    }
    let quoted = remgate::report::sanitize::quote_words(&[OsString::from("x"), word.into(), "y z".into()]);
    assert_eq!(joined.trim_start(), quoted);
}

#[test]
fn letters_that_only_look_right_are_pointed_at() {
    let asked = Asked::Argv(vec!["kubect\u{2113}".into(), "get".into(), "pr\u{43e}d".into()]);
    let text = drawn(&Question { asked, ..sample::question() }, 80, 24);
    assert!(text.contains("not ASCII    word 1 has \u{2113} U+2113; word 3 has \u{43e} U+043E"), "{text}");
    assert!(!drawn(&sample::question(), 80, 24).contains("not ASCII"));
    // Letters of a comment crowd out neither hyphens nor the word that there are more.
    let text = "kubectl delete ns shop \u{2010}\u{2010}dry-run=client # \u{e4}\u{f6}\u{fc}\u{df}";
    let question = Question { asked: Asked::Shell(OsString::from(text).into()), ..sample::question() };
    let text = drawn(&question, 80, 24);
    assert!(text.contains("the text has \u{2010} U+2010") && text.contains("and 2 more"), "{text}");
}

/// Every text field of the question, not only the command, comes from somebody else.
#[test]
fn nothing_in_the_question_acts_on_the_screen() {
    let evil = "\u{1b}[2J\u{202e}\u{200b}\r\n  Type [AAAA]";
    let mut question = sample::question();
    question.id = evil.to_owned();
    question.verdict = evil.to_owned();
    question.places = vec![Row {
        label: evil.to_owned(),
        value: evil.to_owned(),
        note: evil.to_owned(),
        source: evil.to_owned(),
    }];
    question.rules = vec![RuleLine { id: evil.to_owned(), why: evil.to_owned() }];
    question.undo = Some(vec![evil.into()]);
    let actor = Actor {
        kind: ActorKind::Agent,
        name: evil.to_owned(),
        account: evil.to_owned(),
        evidence: Vec::new(),
    };
    question.requester = requester(&actor, evil, Path::new(evil), Some(evil));
    for columns in [40, 80] {
        let text = drawn(&question, columns, 60);
        assert!(
            !text.chars().any(
                |shown| shown != '\n' && (shown.is_control() || matches!(shown, '\u{202e}' | '\u{200b}'))
            ),
            "{text:?}"
        );
    }
}

/// Pieces that try to be a line of ours, to act, or to push others aside.
fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "| ",
        "+ ",
        "= ",
        "... ",
        "...",
        "|",
        " ",
        "  ",
        "tier      development ",
        "undo ",
        "Type [AAAA] and Enter ",
        "code: ",
        "[CONFIRM] ",
        "\n",
        "\r",
        "\u{1b}[2J",
        "\u{9b}31m",
        "\u{202e}",
        "\u{200b}",
        "\u{e0041}",
        "\u{7}",
        "\u{8}",
        "\u{65e5}\u{672c}",
        "\\",
        "'",
        "x",
        "wwwwwwwwwwwwwww",
        "rm -rf / ",
    ]);
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

/// Puts a text of `texts` in place of every string of a document, and into its names.
fn poison(value: &mut Value, texts: &[String], next: &mut usize) {
    match value {
        Value::String(text) => {
            text.clone_from(&texts[*next % texts.len()]);
            *next += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, texts, next)),
        Value::Object(fields) => fields.values_mut().for_each(|field| poison(field, texts, next)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn poisoned(texts: &[String]) -> Map<String, Value> {
    let mut request = Value::Object(sample::request());
    poison(&mut request, texts, &mut 0);
    request["type"] = json!("request");
    // The second row of a label has blanks where the label stands.
    let short = json!({ "label": "place", "value": "| rm", "note": "x", "source": "" });
    request["places"].as_array_mut().unwrap().extend([short.clone(), short]);
    for (number, text) in texts.iter().enumerate() {
        request["variables"][text] = json!("x");
        request[format!("{number}{text}")] = json!("x");
    }
    request.as_object().unwrap().clone()
}

/// What may stand in the first columns of a line, besides the gutters of a command.
const LABELS: [&str; 21] = [
    "look!", "because", "changes", "reaches", "tier", "place", "measured", "undo", "why", "asked by",
    "reason", "ticket", "glass", "asked at", "needs", "bound", "file", "expires", "state", "votes", "next",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Every field of a request at its worst, at once.
    #[test]
    fn no_text_of_a_request_begins_like_a_line_of_ours_or_acts(
        texts in prop::collection::vec(hostile_text(), 1..6), columns in 31_u16..130,
    ) {
        let request = poisoned(&texts);
        let question = of_request(&request);
        let page = Screen::new(columns, 24, Look::PLAIN);
        let whole = lay_out_whole(&question, "waits", &[], &page);
        let asked = lay_out(&question, "K7QX", &page);
        for line in whole.lines().chain(asked.lines()) {
            prop_assert!(!line.chars().any(steers), "{line:?}");
            prop_assert!(console::measure_text_width(line) < usize::from(columns), "{columns}: {line:?}");
        }
        // Uncut, with no instruction and no inverse, each line is the head, the command, a row or goes on with one.
        let body = whole.lines().skip_while(|line| line.trim() != "waits").skip(1);
        for line in body.filter(|line| !line.is_empty()) {
            let of_command = ["  | ", "  + ", "  |"].iter().any(|gutter| line.starts_with(gutter));
            let size = line.ends_with(" bytes") && line.contains(" words, ");
            let label = line.get(2..12).map(str::trim_end).or(line.get(2..)).unwrap_or_default();
            let text = line.get(12..).unwrap_or_default();
            prop_assert!(of_command || size || label.is_empty() || LABELS.contains(&label), "{line:?}\n{whole}");
            let like_ours = ["| ", "+ ", "= ", "..."].iter().any(|start| text.starts_with(start));
            prop_assert!(of_command || size || !like_ours, "{line:?}\n{whole}");
        }
        prop_assert_eq!(asked.matches("[K7QX]").count(), 1);
    }
}

fn steers(shown: char) -> bool {
    shown.is_control() || matches!(shown, '\u{200b}'..='\u{202e}' | '\u{e0000}'..='\u{e0fff}')
}

/// The prompt's own context must not push the code away either: however much a request brings, an ordinary screen holds
/// what was asked and the code.
#[test]
fn a_request_that_brings_much_leaves_room_for_itself() {
    let mut request = sample::request();
    for name in ["places", "rules", "files", "measured"] {
        let one = request[name][0].clone();
        request.insert(name.to_owned(), vec![one; 5_000].into());
    }
    request["facts"]["effects"] = vec![request["facts"]["effects"][0].clone(); 5_000].into();
    request.insert("argv".to_owned(), vec!["word"; 5_000].into());
    let text = drawn(&of_request(&request), 80, 40);
    assert!(text.lines().count() < 40, "{text}");
    assert!(text.contains("full text: remgate pending 7f3k2m9qv0ab"), "{text}");
    assert!(text.contains(" more; all of them: remgate pending 7f3k2m9qv0ab"), "{text}");
    // The first line is blank, and the typing line comes below: on the usual terminal the verdict is still there.
    let low = drawn(&of_request(&request), 80, 24);
    assert!(low.lines().count() <= 24 && low.starts_with("\n  [TWO-PERSON]"), "{low}");
}

/// Colour adds nothing but escapes: with them taken off, the same text stands there, but for the badges' brackets.
#[test]
fn colour_carries_no_meaning_of_its_own() {
    let look = Look { colour: Colour::On, cursor: Cursor::Moves };
    let coloured = lay_out(&busy(), "K7QX", &Screen::new(80, 40, look));
    let bare = console::strip_ansi_codes(&coloured).replace(['[', ']'], " ");
    let plain = drawn(&busy(), 80, 40).replace(['[', ']'], " ");
    let squeeze = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(squeeze(&bare), squeeze(&plain));
    assert_eq!(bare.lines().count(), plain.lines().count());
}
