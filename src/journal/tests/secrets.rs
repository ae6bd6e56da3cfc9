//! What must not be readable in the record, and what must stay readable.

use super::*;
use base64::Engine as _;
use std::os::unix::ffi::OsStringExt as _;

/// What stays of argv after redaction.
fn recorded(argv: &[&str]) -> Vec<String> {
    let mut secrets = Redactor::new();
    secrets.learn(&argv.iter().map(OsString::from).collect::<Vec<_>>(), &[]);
    scrubbed(secrets, json!(argv))
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap().to_owned())
        .collect()
}

fn scrubbed(secrets: Redactor, value: Value) -> Value {
    thread_local!(static PLACE: Place = Place::new());
    PLACE.with(|place| {
        let body = Map::from_iter([("argv".to_owned(), value)]);
        let id = ActionId::parse("0123456789ab").unwrap();
        secrets.scrub(&place.journal(), &id, body).unwrap()["argv"].clone()
    })
}

#[test]
fn secrets_go_and_the_rest_stays() {
    // A command, and what of it must be gone; everything else must still be there.
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----";
    let slack = "xoxb-123456789012-abcdefGHIJ";
    let rows: &[(&[&str], &str)] = &[
        (&["mysql", "--password=hunter2", "-u", "root"], "hunter2"),
        (&["mysql", "--password", "hunter2", "shop"], "hunter2"),
        (&["tool", "-password", "hunter2"], "hunter2"),
        (&["env", "DB_PASSWORD=hunter2", "make"], "hunter2"),
        (&["env", "PGPASSWORD=a=b,c", "psql"], "a=b,c"),
        (&["env", "MYSQL_PWD=hunter2", "mysql"], "hunter2"),
        (&["kubectl", "create", "secret", "generic", "web", "--from-literal=password=hunter2"], "hunter2"),
        (&["helm", "upgrade", "--set", "image=web,db.password=hunter2,size=2"], "hunter2"),
        (&["psql", "postgres://app:hunter2@db.example/shop"], "hunter2"),
        (&["git", "clone", "https://x-access-token:s3cr3t@host/a.git"], "s3cr3t"),
        (&["git", "clone", "https://0123456789abcdef0123456789@host/a.git"], "0123456789abcdef0123456789"),
        (&["curl", "-H", "Authorization: Bearer abc.def-123"], "abc.def-123"),
        (&["curl", "-H", "authorization: Basic dXNlcjpwYXNz"], "dXNlcjpwYXNz"),
        (&["curl", "-H", "X-Api-Key: k-12345678"], "k-12345678"),
        (&["curl", "-HPRIVATE-TOKEN: k-12345678"], "k-12345678"),
        (&["curl", "https://api.example/v1?page=2&access_token=abcd1234&sort=up"], "abcd1234"),
        (&["curl", "-d", r#"{"user": "ada", "password": "hun\"ter2", "age": 3}"#], r#"hun\"ter2"#),
        (&["sqlcmd", "-Q", "Server=db;User=sa;Password=hunter2;Encrypt=yes"], "hunter2"),
        (&["tool", token], token),
        (&["tool", "--header=x", jwt], jwt),
        (&["tool", pem], pem),
        (
            &["curl", "-X", "POST", "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX"],
            "T00000000/B00000000",
        ),
        (&["aws", "configure", "set", "AKIAIOSFODNN7EXAMPLE"], "AKIAIOSFODNN7EXAMPLE"),
        (&["slack", slack], slack),
        (&["sh", "-c", "mysql --password='p w' -e 'select 1'"], "p w"),
        (&["sh", "-c", "PGPASSWORD=hunter2 psql -c 'select 1'"], "hunter2"),
        (&["sh", "-c", "curl -H \"Authorization: Bearer abc.def-123\" localhost"], "abc.def-123"),
        (&["sh", "-c", "vault login --token h\"unt\"er2 && true"], "h\"unt\"er2"),
        (&["tool", "--api-key", "k"], "\u{0}"),
    ];
    for (argv, secret) in rows {
        let kept = recorded(argv);
        assert!(!kept.join("\n").contains(secret), "{argv:?} -> {kept:?}");
        assert!(kept.join("\n").contains("<secret:1:"), "{argv:?} -> {kept:?}");
        assert_eq!(kept[0], argv[0]);
        for (word, kept) in argv.iter().zip(&kept) {
            let (before, _) = kept.split_once("<secret:").unwrap_or((kept, ""));
            assert!(word.starts_with(before), "{word} -> {kept}");
        }
    }
}

#[test]
fn what_only_talks_about_secrets_stays() {
    let rows: &[&[&str]] = &[
        &["kubectl", "get", "secret", "token-x"],
        &["kubectl", "get", "secrets", "-o", "yaml"],
        &["kubectl", "create", "secret", "generic", "db"],
        &["vault", "token", "create", "--token-ttl", "30m", "--ttl=5m"],
        &["env", "SSH_KEY_PATH=/home/ada/.ssh/id_ed25519", "KUBECONFIG=/etc/kube", "PWD=/srv"],
        &["tool", "--password-file", "/run/secrets/db", "--token-file=/run/t"],
        &["docker", "login", "--password-stdin", "-u", "ada"],
        &["aws", "secretsmanager", "rotate-secret", "--secret-id", "prod/db"],
        &["git", "commit", "-m", "fix token: handle expiry properly"],
        &["git", "clone", "ssh://git@github.com/a/b.git"],
        &["curl", "https://api.example/v1?page=2&sort=token"],
        &["grep", "-r", "password", "src"],
        &["sh", "-c", "mysql --password=\"$MYSQL_PASSWORD\" -e 'select 1'"],
        &["sh", "-c", "mysql --password=${PW} --token \"$TOKEN\""],
        &["tool", "--use-token=true", "--token=false", "--password", "--verbose"],
        &["openssl", "rsa", "-passin", "env:PASS"],
        &[
            "tool",
            "sk-learn-is-a-library-and-this-is-prose",
            "AKIA",
            "task-12345678901234567890123456789012345",
        ],
        &["echo", "bearer authentication is required"],
        &["terraform", "apply", "-var=password_policy=strict"],
        &["tool", "--password=<password>"],
    ];
    for argv in rows {
        assert_eq!(recorded(argv), *argv);
    }
}

#[test]
fn every_occurrence_goes_in_keys_lists_and_bytes_that_are_not_text() {
    let mut secrets = Redactor::new();
    secrets.learn_value(b"hunter2");
    let bytes = [b"\xffhunter2".to_vec(), vec![0xfe]].concat();
    let value = json!({ "hunter2": ["a hunter2 b hunter2", { "x": "hunter2" }], "odd": text(&OsString::from_vec(bytes)), "n": 2 });
    let kept = scrubbed(secrets, value);
    let text = kept.to_string();
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(text.matches("<secret:1:").count(), 4, "{text}");
    let odd = base64::engine::general_purpose::STANDARD.decode(kept["odd"]["b64"].as_str().unwrap()).unwrap();
    assert!(odd.starts_with(b"\xff<secret:1:") && odd.ends_with(b">\xfe"), "{odd:?}");
    assert_eq!(kept["n"], 2);
}

#[test]
fn overlapping_and_short_secrets_leave_no_rest() {
    let mut secrets = Redactor::new();
    [&b"abcdef"[..], b"defghi", b"12", b"abc"].iter().for_each(|secret| secrets.learn_value(secret));
    let kept = scrubbed(secrets, json!(["xabcdefghiy", "12 and 1234 and -p12 and p=12", "abc abcd"]));
    let kept: Vec<_> = kept.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert!(
        kept[0].starts_with("x<secret:1:") && kept[0].ends_with(">y") && !kept[0].contains("ghi"),
        "{kept:?}"
    );
    assert!(
        kept[1].starts_with("<secret:3:") && kept[1].contains(" and 1234 and -p12 and p=<secret:3:"),
        "{kept:?}"
    );
    assert!(kept[2].starts_with("<secret:4:") && kept[2].ends_with(" abcd"), "{kept:?}");
}

#[test]
fn known_positions_and_the_outcome_are_covered() {
    let place = Place::new();
    let journal = place.journal();
    let argv = [OsString::from("mysql"), OsString::from("-phunter2"), OsString::from("letmein")];
    let mut one = intent("x");
    one.secrets.learn(
        &argv,
        &[SecretWord { word: 1, from: 2 }, SecretWord { word: 2, from: 0 }, SecretWord { word: 9, from: 9 }],
    );
    one.body.insert("argv".to_owned(), argv.iter().map(|word| text(word)).collect());
    one.body.insert("verdict".to_owned(), json!("letmein"));
    one.body.insert("letmein".to_owned(), json!({ "letmein": "kept apart" }));
    one.body.insert("grant".to_owned(), json!({ "how": "letmein", "why": "it is letmein" }));
    let opened = open(&journal, one).unwrap();
    let end = End::NotStarted { exit_code: 127, reason: format!("{}hunter2", "x".repeat(497)) };
    close(&journal, opened.finish(Grant::for_test(), Outcome { end, took: Duration::ZERO })).unwrap();
    let log = fs::read_to_string(place.segment()).unwrap();
    assert!(!log.contains("hunter2") && !log.contains("hun\""), "{log}");
    assert_eq!(all_records(&place.dir)[1].value["argv"][1].as_str().unwrap().get(..12), Some("-p<secret:1:"));
    let record = &all_records(&place.dir)[1];
    assert_eq!(record.verdict(), Some("letmein"), "the gate's own words stay");
    assert_eq!(record.value["grant"]["how"], "letmein");
    assert!(record.value["grant"]["why"].as_str().unwrap().starts_with("it is <secret:"));
    // The gate finds its fields by their names; those that others choose stand further in.
    assert!(record.value["letmein"].as_object().unwrap().keys().all(|name| name.starts_with("<secret:")));
    assert!(!format!("{:?}", intent_with(b"hunter2")).contains("hunter2"));
}

fn intent_with(secret: &[u8]) -> Intent {
    let mut intent = intent("x");
    intent.secrets.learn_value(secret);
    intent
}

#[test]
fn a_commitment_can_be_checked_with_the_key_and_depends_on_all_its_parts() {
    let place = Place::new();
    let mut one = intent_with(b"hunter2");
    one.body.insert("argv".to_owned(), json!(["hunter2"]));
    let opened = open(&place.journal(), one).unwrap();
    let key = fs::read(place.dir.join("redaction.key")).unwrap();
    let id = ActionId::parse(opened.id()).unwrap();
    let expected = commitment(&key, &id, 1, b"hunter2");
    assert_eq!(all_records(&place.dir)[1].value["argv"][0], json!(format!("<secret:1:{expected}>")));
    assert_eq!(expected.len(), 32);
    let other = ActionId::random().unwrap();
    let others = [
        commitment(&[0; 32], &id, 1, b"hunter2"),
        commitment(&key, &other, 1, b"hunter2"),
        commitment(&key, &id, 2, b"hunter2"),
        commitment(&key, &id, 1, b"hunter3"),
    ];
    assert!(!others.contains(&expected));
}

#[test]
fn the_recipe_in_the_documentation_gives_the_same_commitment() {
    let test = "the_recipe_in_the_documentation_gives_the_same_commitment";
    if !has("sha256sum", test) {
        return;
    }
    let docs = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/log.md")).unwrap();
    let recipe = docs.lines().find(|line| line.contains("sha256sum")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("redaction.key"), [7; 32]).unwrap();
    let said = command("sh").args(["-c", recipe]).current_dir(dir.path()).output().unwrap().stdout;
    let expected = commitment(&[7; 32], &ActionId::parse("7f3k2m9qv0ab").unwrap(), 1, b"hunter2");
    assert_eq!(String::from_utf8(said).unwrap().trim(), expected);
}

#[test]
fn the_key_is_made_once_and_only_when_needed() {
    let place = Place::new();
    let key = place.dir.join("redaction.key");
    act(&place.journal(), "x");
    assert!(!key.exists());
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let journal = place.journal();
            std::thread::spawn(move || drop(open(&journal, intent_with(b"hunter2")).unwrap()))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(fs::read(&key).unwrap().len(), 32);
    assert_eq!(fs::read_dir(&place.dir).unwrap().count(), 3, "no drafts of the key stay");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    assert!(open(&place.journal(), intent_with(b"hunter2")).is_err(), "others could have read it");
    fs::write(&key, "short").unwrap();
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(
        open(&place.journal(), intent_with(b"hunter2")).unwrap_err().problem,
        Problem::Damaged { .. }
    ));
}
