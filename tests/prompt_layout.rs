//! What the question looks like: whole screens in files beside this one. `REMGATE_BLESS=1` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "prompt/sample.rs"]
mod sample;

use chrono::DateTime;
use remgate::actor::{Actor, ActorKind};
use remgate::command::{ShellOption, ShellText};
use remgate::facts::{Effect, Facts, Rollback, Scope, Source, Sourced, Tier};
use remgate::report::pending::{Pending, State, screen};
use remgate::report::question::{
    Asked, Asking, FactRows, Ground, NoRequest, Question, Row, RuleLine, Screen, lay_out, requester,
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
    assert!(shown("pod", 2_000) && shown("why", 500) && shown("file", 300), "{text}");
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
