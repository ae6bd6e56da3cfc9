//! Lines, groups, revoked keys, time; and whose files are believed.

use super::*;
use crate::layers::Places;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

fn key() -> String {
    Pair::ed25519(1).text()
}

#[test]
fn lines_that_count() {
    let key = key();
    for line in [
        format!("alice namespaces=\"remgate\" {key}"),
        format!("alice namespaces=\"remgate\" {key} alice's laptop, née x"),
        format!("  alice\t namespaces=\"remgate\"   {key}  "),
        format!("alice valid-after=\"20260101Z\",namespaces=\"remgate\",valid-before=\"20270101Z\" {key}"),
        format!("alice namespaces=\"remgate\",valid-before=\"202701011200Z\" {key}"),
        format!("alice namespaces=\"remgate\",valid-before=\"20270101120059\" {key}"),
        format!("# alice *\n\n   \n\t# more\nalice namespaces=\"remgate\" {key}\n"),
    ] {
        let roster = read(&line, "", "").unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
        assert_eq!(roster.person(&Pair::ed25519(1).id(), noon()), Ok("alice"), "{line}");
    }
    for name in ["alice@example.com", "a", "_svc", "A.b-c+d_e", "4711"] {
        assert!(read(&Pair::ed25519(1).line(name), "", "").is_ok(), "{name}");
    }
    assert_eq!(read("", "", "").unwrap().people(), []);
}

/// Most of these `ssh-keygen -Y verify` accepts.
#[test]
fn lines_that_are_refused() {
    let key = key();
    let (kind, base64) = key.split_once(' ').unwrap();
    let remgate = "namespaces=\"remgate\"";
    let rows = [
        (format!("* {remgate} {key}"), "is a pattern (`*`)"),
        (format!("a?ice {remgate} {key}"), "is a pattern (`?`)"),
        (format!("!alice {remgate} {key}"), "is a pattern (`!`)"),
        (format!("*@example.com {remgate} {key}"), "is a pattern"),
        (format!("alice,bob {remgate} {key}"), "names several people"),
        (format!("\"alice\" {remgate} {key}"), "no plain name"),
        (format!("-alice {remgate} {key}"), "no plain name"),
        (format!("al\u{456}ce {remgate} {key}"), "no plain name"),
        (format!("{} {remgate} {key}", "a".repeat(65)), "no plain name"),
        (format!("alice {key}"), "write `alice namespaces=\"remgate\" ssh-ed25519 ...`"),
        (key.clone(), "it names nobody"),
        ("alice".to_owned(), "it is not whole"),
        (format!("alice {remgate}"), "it is not whole"),
        (format!("alice {remgate} {kind}"), "it is not whole"),
        (format!("alice namespaces=\"*\" {key}"), "write exactly"),
        (format!("alice namespaces=\"git,remgate\" {key}"), "is"),
        (format!("alice namespaces=\"remgat?\" {key}"), "write exactly"),
        (format!("alice namespaces=remgate {key}"), "write exactly"),
        (format!("alice namespaces=\"remgate\",namespaces=\"remgate\" {key}"), "given twice"),
        (format!("alice Namespaces=\"remgate\" {key}"), "`Namespaces` is not understood"),
        (format!("alice {remgate},cert-authority {key}"), "list each key"),
        (format!("alice {remgate},no-touch-required {key}"), "`no-touch-required` is not understood"),
        (format!("alice {remgate},verify-required {key}"), "is not understood"),
        (format!("alice {remgate}, {key}"), "`` is not understood"),
        (format!("alice valid-after=\"20260101Z\" {key}"), "is missing"),
        (format!("alice {remgate},valid-after=20260101Z {key}"), "is no time"),
        (format!("alice {remgate},valid-after=\"20260230Z\" {key}"), "is no time"),
        (format!("alice {remgate},valid-after=\"2026-01-01\" {key}"), "is no time"),
        (format!("alice {remgate},valid-after=\"202601012460Z\" {key}"), "is no time"),
        (format!("alice {remgate},valid-after=\"2026010112Z\" {key}"), "is no time"),
        (format!("alice {remgate},valid-after=\"0x5f5e1000\" {key}"), "is no time"),
        (format!("alice {remgate},valid-after=\"+1w\" {key}"), "is no time"),
        (
            format!("alice {remgate},valid-after=\"20260101Z\",valid-before=\"20260101Z\" {key}"),
            "never counts",
        ),
        (format!("alice {remgate} ssh-rsa {base64}"), "says it is `ssh-rsa` and is `ssh-ed25519`"),
        (format!("alice {remgate} {kind} {}", base64.get(..40).unwrap()), "not a public key"),
        (format!("alice {remgate} {kind} {base64}="), "not a public key"),
        (format!("alice {remgate} {kind} {}", base64.replace("AAAAC3", "AAAAC4")), "may not approve"),
        (format!("alice {remgate} {key}\r"), "save it with Unix line ends"),
        (format!("alice\0 {remgate} {key}"), "control character"),
        (format!("alice {remgate} {key} \u{1b}[2J"), "control character"),
    ];
    for (line, expected) in rows {
        let problems = read(&format!("# first\n{line}\n"), "", "").expect_err(&line);
        let [problem] = problems.as_slice() else { panic!("{line}: {problems:?}") };
        assert_eq!((problem.file, problem.line), (APPROVERS, 2));
        assert!(problem.what.contains(expected), "{line}: {problem}");
    }
}

#[test]
fn one_key_is_one_persons_once() {
    let (one, two) = (Pair::ed25519(1), Pair::ed25519(2));
    let rows = [
        (one.line("alice") + &one.line("bob"), "is alice's already in line 1"),
        (one.line("alice") + &one.line("alice"), "is alice's already in line 1"),
        (one.line("alice") + &two.line("Alice"), "differ only in case"),
    ];
    for (text, expected) in rows {
        let problems = read(&text, "", "").unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].line == 2 && problems[0].what.contains(expected), "{problems:?}");
    }
    let roster = read(&(one.line("alice") + &two.line("alice")), "", "").unwrap();
    assert_eq!(roster.people().len(), 1);
    assert_eq!(roster.people()[0].keys.len(), 2);
}

#[test]
fn groups_name_people_who_are_listed() {
    let approvers = Pair::ed25519(1).line("alice") + &Pair::ed25519(2).line("bob");
    let roster = read(&approvers, "# who\nsre = [\"alice\", \"bob\"]\n\ndba = []\n", "").unwrap();
    assert!(roster.is_in("alice", "sre") && !roster.is_in("alice", "dba") && !roster.is_in("alice", "x"));
    let rows = [
        ("sre = [\"alice\",\n  \"carol\"]", 2, "nobody is called `carol`"),
        ("sre = [\"alice\", \"alice\"]", 1, "is in the group twice"),
        ("sre = \"alice\"", 1, "is no list of names"),
        ("sre = [1]", 1, "is no text"),
        ("[sre]\nmembers = [\"alice\"]", 1, "is no list of names"),
        ("\nsre = [\"alice\"", 2, "write `sre = [\"alice\"]`"),
        ("sre = []\nsre = []", 2, "write `sre = [\"alice\"]`"),
        ("\"s re\" = [\"alice\"]", 1, "is no plain name of a group"),
        ("\"*\" = [\"alice\"]", 1, "is no plain name of a group"),
        ("sre = [\"Alice\"]", 1, "nobody is called `Alice`"),
    ];
    for (groups, line, expected) in rows {
        let problems = read(&approvers, groups, "").expect_err(groups);
        assert_eq!((problems[0].file, problems[0].line), (GROUPS, line), "{groups}: {problems:?}");
        assert!(problems[0].what.contains(expected), "{groups}: {problems:?}");
    }
}

#[test]
fn revoked_keys_count_no_more() {
    let (one, two) = (Pair::ed25519(1), Pair::ed25519(2));
    let approvers = one.line("alice") + &two.line("alice");
    let revoked = format!("# lost\n\n{} alice's laptop\n", one.text());
    let roster = read(&approvers, "", &revoked).unwrap();
    let gone = Unlisted::Revoked { person: "alice".to_owned() };
    assert_eq!(roster.person(&one.id(), noon()), Err(gone));
    assert_eq!(roster.person(&two.id(), noon()), Ok("alice"));
    for line in
        ["SHA256:abc", "ssh-ed25519", "ssh-ed25519 AAAA", "alice", &one.text().replace("ed25519 ", "rsa ")]
    {
        let problems = read(&approvers, "", &format!("\n{line}\n")).expect_err(line);
        assert_eq!((problems[0].file, problems[0].line), (REVOKED, 2), "{line}");
    }
}

#[test]
fn every_problem_of_the_three_files_is_told_at_once() {
    let problems = read("*\nalice\n", "sre = 1\ndba = 2\n", "x\ny\n").unwrap_err();
    let told: Vec<_> = problems.iter().map(|problem| (problem.file, problem.line)).collect();
    let expected = [(APPROVERS, 1), (APPROVERS, 2), (GROUPS, 1), (GROUPS, 2), (REVOKED, 1), (REVOKED, 2)];
    assert_eq!(told, expected, "{problems:?}");
}

#[test]
fn keys_count_within_their_time_only() {
    let pair = Pair::ed25519(1);
    let roster = |options: &str| {
        read(&format!("alice namespaces=\"remgate\",{options} {}", pair.text()), "", "").unwrap()
    };
    let counts = |options: &str, time: &str| roster(options).person(&pair.id(), at(time)).is_ok();
    let rows = [
        ("valid-after=\"20260101Z\"", "2025-12-31T23:59:59Z", false),
        ("valid-after=\"20260101Z\"", "2026-01-01T00:00:00Z", true),
        ("valid-before=\"20260101Z\"", "2025-12-31T23:59:59Z", true),
        ("valid-before=\"20260101Z\"", "2026-01-01T00:00:00Z", false),
        ("valid-before=\"20260101003015Z\"", "2026-01-01T00:30:14Z", true),
        ("valid-before=\"20260101003015Z\"", "2026-01-01T00:30:15Z", false),
        // Without `Z`: begins at the end of the world's zones, ends at their beginning.
        ("valid-after=\"20260101\"", "2026-01-01T11:59:59Z", false),
        ("valid-after=\"20260101\"", "2026-01-01T12:00:00Z", true),
        ("valid-before=\"20260101\"", "2025-12-31T09:59:59Z", true),
        ("valid-before=\"20260101\"", "2025-12-31T10:00:00Z", false),
    ];
    for (options, time, expected) in rows {
        assert_eq!(counts(options, time), expected, "{options} at {time}");
    }
    let unlisted = roster("valid-before=\"20260101Z\"").person(&pair.id(), noon()).unwrap_err().to_string();
    assert_eq!(unlisted, "the key of alice counted until 2026-01-01T00:00:00Z");
}

#[test]
fn the_one_who_asks_is_known_under_every_name() {
    let rows = [
        (human("anna"), "anna", true),
        (human("anna"), "Anna", true),
        (human("anna"), "anna@example.com", true),
        (human("anna@corp"), "anna", true),
        (human("anna"), "annabel", false),
        (human("anna"), "bob@anna", false),
        (agent(), "anna", true),
        (agent(), "claude-code", true),
        (agent(), "bob", false),
    ];
    for (requester, person, expected) in rows {
        assert_eq!(requester.is(person), expected, "{requester:?} {person}");
    }
}

#[test]
fn what_nobody_could_meet_is_told_before_anybody_waits() {
    let (anna, sk) = (Pair::ed25519(1), Pair::new(Kind::SkEd25519, 2));
    let (bob, old) = (Pair::ed25519(3), Pair::ed25519(4));
    let carol = format!("carol namespaces=\"remgate\",valid-before=\"20260101Z\" {}\n", old.text());
    let people = anna.line("anna") + &bob.line("bob") + &carol;
    let groups = "sre = [\"anna\", \"bob\"]\ndba = [\"anna\"]\nold = [\"carol\"]\n";
    let plain = read(&people, groups, "").unwrap();
    let touched = read(&(people.clone() + &sk.line("anna")), groups, "").unwrap();
    let two_names = read(&(people + &sk.line("anna@example.com")), groups, "").unwrap();
    let rows = [
        (&plain, human("anna"), demand(2, &["sre", "dba"]), ""),
        (
            &plain,
            human("anna"),
            demand(3, &[]),
            "3 people must approve, and `/etc/remgate/approvers` lists 2",
        ),
        (&plain, agent(), demand(1, &[]), ""),
        (&plain, agent(), demand(0, &[]), ""),
        (&plain, agent(), demand(2, &[]), "lists 1 who could"),
        (&plain, agent(), demand(1, &["dba"]), "nobody in the group `dba`"),
        (&plain, agent(), demand(1, &["old"]), "nobody in the group `old`"),
        (&plain, agent(), demand(1, &["ops"]), "there is no group `ops` in `/etc/remgate/approvers.groups`"),
        (&touched, agent(), demand(2, &["dba"]), ""),
        (&two_names, human("anna"), demand(2, &[]), ""),
        (&two_names, human("anna"), demand(3, &[]), "lists 2 who could"),
    ];
    for (roster, requester, demanded, expected) in rows {
        let lacking = roster.could_meet(&demanded, &requester, noon()).err().unwrap_or_default();
        let right = if expected.is_empty() { lacking.is_empty() } else { lacking.contains(expected) };
        assert!(right, "{requester:?} {demanded:?}: {lacking:?}");
    }
    let nobody = read("", "", "").unwrap();
    let lacking = nobody.could_meet(&demand(1, &[]), &human("anna"), noon()).unwrap_err();
    assert!(
        lacking.starts_with("1 person must approve") && lacking.ends_with("lists 0 who could"),
        "{lacking}"
    );
}

/// Directories below the build directory: `/tmp` is writable by all, and therefore never believed.
struct Scene {
    root: tempfile::TempDir,
    places: Places,
}

impl Scene {
    fn new() -> Scene {
        let exe = std::env::current_exe().unwrap();
        let root = tempfile::TempDir::new_in(exe.parent().unwrap()).unwrap();
        let under = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
            path
        };
        let system =
            if rustix::process::geteuid().is_root() { under("system") } else { root.path().join("none") };
        let (user, account) = (Some(under("user")), Some(under("account")));
        Scene { places: Places { system, user, account, project_from: root.path().to_owned() }, root }
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root.path().join(path);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        path
    }

    fn names(&self) -> Vec<String> {
        let roster = roster(&self.places).unwrap();
        roster.iter().flat_map(Roster::people).map(|member| member.name.clone()).collect()
    }

    fn refused(&self) -> String {
        roster(&self.places).unwrap_err().to_string()
    }
}

#[test]
fn one_place_counts_alone() {
    let scene = Scene::new();
    assert_eq!(roster(&scene.places).unwrap(), None);
    scene.write("user/approvers.groups", "not even TOML");
    assert_eq!(roster(&scene.places).unwrap(), None, "groups alone list nobody");
    scene.write("user/approvers.groups", "");
    scene.write("user/approvers", &Pair::ed25519(1).line("from-the-environment"));
    assert_eq!(scene.names(), ["from-the-environment"]);
    scene.write("account/approvers", &Pair::ed25519(2).line("from-the-account"));
    assert_eq!(scene.names(), ["from-the-account"]);
    scene.write("account/approvers.revoked", &Pair::ed25519(2).text());
    let revoked = roster(&scene.places).unwrap().unwrap().person(&Pair::ed25519(2).id(), noon()).is_err();
    assert!(revoked);
    if rustix::process::geteuid().is_root() {
        scene.write("system/approvers", "");
        assert_eq!(scene.names(), [""; 0], "an empty list of the system's is a list: nobody");
    } else {
        println!("SKIPPED one_place_counts_alone, the system's part: only root can own that place");
    }
}

#[test]
fn files_that_others_could_write_list_nobody() {
    for name in [APPROVERS, GROUPS, REVOKED] {
        let scene = Scene::new();
        scene.write("account/approvers", &Pair::ed25519(1).line("alice"));
        scene.write("user/approvers", &Pair::ed25519(2).line("mallory"));
        let path = scene.root.path().join("account").join(name);
        if name != APPROVERS {
            scene.write(&format!("account/{name}"), "");
        }
        assert_eq!(scene.names(), ["alice"]);
        fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
        let text = scene.refused();
        assert!(text.contains(&format!("run `chmod go-w {}`", path.display())), "{text}");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(scene.refused().contains("is a directory, not a regular file"), "{name}");
    }
    let scene = Scene::new();
    scene.write("account/approvers", &Pair::ed25519(1).line("alice"));
    let directory = scene.root.path().join("account");
    fs::set_permissions(&directory, Permissions::from_mode(0o777)).unwrap();
    assert!(scene.refused().contains(&format!("run `chmod go-w {}`", directory.display())));
}

#[test]
fn a_broken_list_is_an_error_and_no_reason_to_look_elsewhere() {
    let scene = Scene::new();
    scene.write("user/approvers", &Pair::ed25519(2).line("mallory"));
    let path = scene.write("account/approvers", "# ours\n* namespaces=\"remgate\"\nalice\n");
    let text = scene.refused();
    assert!(text.starts_with(&format!("{}:2: `*` is a pattern", path.display())), "{text}");
    assert!(text.contains("(and 1 more; see `remgate approver check`)"), "{text}");
    assert!(text.ends_with("nothing was run"), "{text}");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(scene.root.path().join("gone"), &path).unwrap();
    let text = scene.refused();
    assert!(text.contains("cannot open"), "a dangling link is no absent file: {text}");
}
