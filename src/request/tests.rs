use super::*;
use chrono::TimeDelta;

/// What a sample action is bound to.
fn bound() -> Map<String, Value> {
    let bound = json!({
        "argv": ["kubectl", "delete", "namespace", "shop", { "b64": "/w==" }],
        "demand": { "people": 2, "groups": ["sre"] },
        "requester": { "kind": "agent", "name": "claude-code", "account": "anna", "evidence": [] },
        "cwd": { "path": "/srv", "dev": 1, "ino": 2 },
        "host": "db-1", "uid": 1000, "verdict": "two-person",
    });
    bound.as_object().unwrap().clone()
}

fn bookmark() -> Bookmark {
    let json = json!({ "segment": 0, "offset": 17, "seq": 3, "head": "0".repeat(64) });
    Bookmark::from_json(&json).unwrap()
}

/// A sample request that lives one hour.
pub(super) fn request() -> Request {
    let created = "2026-11-21T18:00:00.123Z".parse().unwrap();
    let life = Lifetime { created, expires: created + TimeDelta::hours(1), uptime_ms: 7_000_000 };
    let id = ActionId::parse("7f3k2m9qv0ab").unwrap();
    Request::compose(&id, &bound(), life, &bookmark()).unwrap()
}

#[test]
fn a_request_reads_back_as_it_was_written() {
    let request = request();
    let again = Request::parse(request.bytes().to_vec()).unwrap();
    assert_eq!(again, request);
    assert_eq!(again.demanded().unwrap(), Demanded { people: 2, groups: vec!["sre".to_owned()] });
    assert_eq!(again.requester().unwrap().account, "anna");
    assert_eq!(again.claim().unwrap(), Claim { bookmark: bookmark(), sha256: request.sha256() });
    let Action::Argv(words) = again.action().unwrap() else { panic!("{again:?}") };
    assert_eq!(words.last().map(|word| word.as_encoded_bytes()), Some(&b"\xff"[..]));
    assert_eq!(again.directory(), Some(PathBuf::from("/srv")));
}

#[test]
fn shell_text_reads_back_with_what_its_shell_is_given() {
    let mut bound = bound();
    bound.remove("argv");
    bound.extend([
        ("shell".to_owned(), json!("echo \"$1\" | tee x")),
        ("shell_options".to_owned(), json!(["errexit", "pipefail"])),
        ("shell_parameters".to_owned(), json!(["name", "one two"])),
    ]);
    let created = "2026-11-21T18:00:00Z".parse().unwrap();
    let life = Lifetime { created, expires: created, uptime_ms: 0 };
    let id = ActionId::parse("7f3k2m9qv0ab").unwrap();
    let request = Request::compose(&id, &bound, life, &bookmark()).unwrap();
    let Action::Shell(shell) = request.action().unwrap() else { panic!("{request:?}") };
    assert_eq!(shell.text, "echo \"$1\" | tee x");
    assert_eq!(shell.options.iter().map(|option| option.word()).collect::<Vec<_>>(), ["errexit", "pipefail"]);
    assert_eq!(shell.given().map(|(_, word)| word.to_owned()).collect::<Vec<_>>(), ["name", "one two"]);
}

#[test]
fn two_requests_of_one_action_differ() {
    assert_ne!(request().sha256(), request().sha256());
}

#[test]
fn what_is_no_request_is_refused() {
    let line = String::from_utf8(request().bytes().to_vec()).unwrap();
    let rows = [
        ("no newline", line.trim_end().to_owned()),
        ("two lines", format!("{line}{line}")),
        ("another version", line.replace("\"v\":1", "\"v\":2")),
        ("another type", line.replace("\"type\":\"request\"", "\"type\":\"rejection\"")),
        ("a field twice", line.replacen("{", "{\"verdict\":\"confirm\",", 1)),
        ("blanks", line.replacen(":", ": ", 1)),
        ("nobody needed", line.replace("\"people\":2", "\"people\":0")),
        ("no id", line.replace("7f3k2m9qv0ab", "7f3k2m9qv0a")),
        ("not ASCII", line.replace("shop", "sh\u{f6}p")),
        ("too long", line.replace("shop", &"x".repeat(MAX_BYTES))),
        ("neither argv nor text", line.replace("\"argv\"", "\"arg\"")),
    ];
    for (what, text) in rows {
        assert!(Request::parse(text.into_bytes()).is_err(), "{what}");
    }
}
