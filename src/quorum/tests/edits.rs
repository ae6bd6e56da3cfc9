//! Edits change what was asked and nothing else; surveys say what surprises.

use super::*;
use crate::layers::Places;
use proptest::prelude::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

fn addition(person: &str, seed: u32, groups: &[&str]) -> Addition {
    Addition {
        person: person.to_owned(),
        key: Key::from_bytes(&Pair::ed25519(seed).public()).unwrap(),
        comment: "a laptop".to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        before: None,
    }
}

fn texts(approvers: &str, groups: &str) -> Texts {
    Texts { approvers: approvers.to_owned(), groups: groups.to_owned(), revoked: String::new() }
}

fn added(before: &Texts, addition: &Addition) -> Texts {
    add(before, &place(), addition).unwrap().texts
}

#[test]
fn comments_and_order_stay() {
    let bob = Pair::ed25519(2).line("bob");
    let before = texts(
        &format!("# the team\n\n{bob}# end"),
        "# who\nsre = [\n  \"bob\", # night\n]\n\ndba = [] # nobody yet\n",
    );
    let done = add(&before, &place(), &addition("alice", 1, &["sre", "dba", "on-call", "a.b"])).unwrap();
    assert_eq!(done.new_groups, ["a.b", "on-call"]);
    let key = Pair::ed25519(1).text();
    assert_eq!(
        done.texts.approvers,
        format!("# the team\n\n{bob}# end\nalice namespaces=\"remgate\" {key} a laptop\n")
    );
    assert_eq!(
        done.texts.groups,
        "# who\nsre = [\n  \"bob\", \"alice\", # night\n]\n\ndba = [\"alice\"] # nobody yet\n\"a.b\" = [\"alice\"]\non-call = [\"alice\"]\n"
    );
    let gone = remove(&done.texts, &place(), "bob", None).unwrap();
    assert_eq!((gone.groups.as_slice(), gone.left), (["sre".to_owned()].as_slice(), 0));
    assert!(
        gone.texts.groups.starts_with("# who\nsre = [\n  \"alice\", # night\n]\n"),
        "{}",
        gone.texts.groups
    );
    assert_eq!(gone.texts.approvers, done.texts.approvers.replace(&bob, ""));
}

#[test]
fn one_key_of_several_leaves_the_person_listed() {
    let mut now = added(&Texts::default(), &addition("alice", 1, &["sre"]));
    now = added(&now, &addition("alice", 2, &[]));
    let gone = remove(&now, &place(), "alice", Some(&Pair::ed25519(1).id())).unwrap();
    assert_eq!((gone.left, gone.groups.len()), (1, 0));
    let roster = Roster::parse(&gone.texts, place()).unwrap();
    assert!(roster.is_in("alice", "sre"));
    assert_eq!(roster.person(&Pair::ed25519(1).id(), noon()), Err(Unlisted::Unknown));
    assert_eq!(roster.person(&Pair::ed25519(2).id(), noon()), Ok("alice"));
}

#[test]
fn a_time_is_written_so_that_it_means_the_same_everywhere() {
    let before = Some(at("2027-01-01T12:30:00Z"));
    let now = added(&Texts::default(), &Addition { before, ..addition("alice", 1, &[]) });
    assert!(now.approvers.contains(",valid-before=\"20270101123000Z\" "), "{}", now.approvers);
    let roster = Roster::parse(&now, place()).unwrap();
    assert_eq!(roster.people()[0].keys[0].validity, Validity { after: None, before, zone: Zone::Utc });
}

#[test]
fn a_known_key_may_still_join_a_group() {
    let now = added(&Texts::default(), &addition("alice", 1, &["sre"]));
    let joined = added(&now, &addition("alice", 1, &["sre", "dba"]));
    assert_eq!(joined.approvers, now.approvers);
    assert_eq!(joined.groups, "sre = [\"alice\"]\ndba = [\"alice\"]\n");
}

#[test]
fn edits_that_would_break_the_list_are_refused() {
    let now = added(&Texts::default(), &addition("alice", 1, &["sre"]));
    let revoked = Texts { revoked: Pair::ed25519(3).text(), ..now.clone() };
    let broken = Texts { approvers: "*\n".to_owned(), ..now.clone() };
    let until = Addition { before: Some(noon()), ..addition("alice", 1, &["dba"]) };
    let rows = [
        (&now, addition("alice", 1, &[]), "alice has the key SHA256:"),
        (&now, addition("alice", 1, &["sre"]), "alice has the key SHA256:"),
        (&now, until, "alice has the key SHA256:"),
        (&now, addition("bob", 1, &[]), "is alice's already in line 1"),
        (&now, addition("Alice", 2, &[]), "differ only in case"),
        (&now, addition("*", 2, &[]), "is a pattern"),
        (&now, addition("bob,carol", 2, &[]), "names several people"),
        (&now, addition("bob x", 2, &[]), "no plain name"),
        (&now, addition("bob\nmallory", 2, &[]), "no plain name"),
        (&now, addition("# bob", 2, &[]), "no plain name"),
        (&now, addition("bob", 2, &["s re"]), "no plain name of a group"),
        (&now, addition("bob", 2, &["x\"]\ny = [\"bob"]), "no plain name of a group"),
        (&now, Addition { comment: "x\nmallory".to_owned(), ..addition("bob", 2, &[]) }, "not whole"),
        (&revoked, addition("alice", 3, &[]), "is revoked"),
        (&broken, addition("bob", 2, &[]), "/etc/remgate/approvers:1: `*` is a pattern"),
    ];
    for (before, addition, expected) in rows {
        let error = add(before, &place(), &addition).expect_err(expected).to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    for (person, key, expected) in [
        ("bob", None, "nobody called `bob` is listed"),
        ("Alice", None, "nobody called `Alice` is listed"),
        ("alice", Some(Pair::ed25519(2).id()), "alice has no key SHA256:"),
    ] {
        let error = remove(&now, &place(), person, key.as_ref()).expect_err(expected).to_string();
        assert!(error.starts_with(expected) && error.ends_with("nothing was written"), "{error}");
    }
}

#[test]
fn a_group_file_that_is_written_oddly_is_left_alone() {
    let people = Pair::ed25519(1).line("alice") + &Pair::ed25519(2).line("bob");
    let odd = texts(&people, "sre = [\"alice\" # first\n , \"bob\"]\n");
    let error = remove(&odd, &place(), "alice", None);
    match error {
        // Either it is edited rightly, or it is left to a person.
        Ok(removed) => assert!(!Roster::parse(&removed.texts, place()).unwrap().is_in("alice", "sre")),
        Err(error) => assert!(error.to_string().ends_with("nothing was written"), "{error}"),
    }
}

/// Group files as people write them: blanks, line ends, comments, commas at the end.
fn group_file() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["alice", "bob", "carol"]);
    let names = prop::sample::subsequence(vec!["alice", "bob", "carol"], 0..=3);
    let gap = || prop::sample::select(vec!["", " ", "\n  ", " # \"alice\", x]\n  ", " # a, b,\n"]);
    let end = prop::sample::select(vec!["", ","]);
    let list = (names, prop::collection::vec(gap(), 4), gap(), end).prop_map(|(names, gaps, last, end)| {
        let inner: Vec<String> =
            names.iter().zip(&gaps).map(|(name, gap)| format!("{gap}\"{name}\"")).collect();
        let end = if names.is_empty() { "" } else { end };
        format!("[{}{end}{last}]", inner.join(","))
    });
    (prop::collection::vec(list, 1..3), name).prop_map(|(lists, _)| {
        let line = |(nth, list): (usize, &String)| format!("# group\ng{nth} = {list} # behind\n");
        lists.iter().enumerate().map(line).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn leaving_and_joining_change_one_name(groups in group_file()) {
        let people = ["alice", "bob", "carol"];
        let lines: String = (1..).zip(people).map(|(seed, name)| Pair::ed25519(seed).line(name)).collect();
        let before = texts(&lines, &groups);
        let was = Roster::parse(&before, place()).unwrap();
        let comments = |text: &str| text.matches('#').count();
        for person in people {
            let gone = remove(&before, &place(), person, None).unwrap();
            let roster = Roster::parse(&gone.texts, place()).unwrap();
            for (group, members) in was.groups() {
                let mut expected = members.clone();
                expected.remove(person);
                prop_assert_eq!(&roster.groups()[group], &expected);
            }
            prop_assert_eq!(comments(&gone.texts.groups), comments(&groups));
        }
        let joined = added(&before, &addition("dave", 9, &["g0", "new"]));
        let roster = Roster::parse(&joined, place()).unwrap();
        prop_assert!(roster.is_in("dave", "g0") && roster.is_in("dave", "new"));
        prop_assert_eq!(comments(&joined.groups), comments(&groups));
    }
}

fn scene() -> (tempfile::TempDir, Place) {
    let exe = std::env::current_exe().unwrap();
    let root = tempfile::TempDir::new_in(exe.parent().unwrap()).unwrap();
    fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
    let place = Place { directory: root.path().join("config/remgate"), layer: Layer::User };
    (root, place)
}

#[test]
fn files_are_written_whole_and_readable() {
    let (root, place) = scene();
    let saving = Saving::begin(&place).unwrap();
    assert!(matches!(Saving::begin(&place), Err(SaveError::Busy(_))), "one edit at a time");
    let now = added(&Texts::default(), &addition("alice", 1, &["sre"]));
    saving.added(&now).unwrap();
    drop(saving);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&place.directory), 0o755);
    for name in [APPROVERS, GROUPS] {
        assert_eq!(mode(&place.file(name)), 0o644, "{name}");
    }
    assert_eq!(super::texts(&place).unwrap(), Some(now.clone()));
    assert!(!place.file(REVOKED).exists(), "no empty files are left about");
    assert_eq!(fs::read_dir(&place.directory).unwrap().count(), 2, "no file is left beside");
    let link = place.file(GROUPS);
    fs::rename(&link, root.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(root.path().join("elsewhere"), &link).unwrap();
    let error = Saving::begin(&place).unwrap().removed(&Texts::default()).unwrap_err();
    assert!(matches!(&error, SaveError::Link(path) if *path == link), "{error}");
    assert_eq!(super::texts(&place).unwrap(), Some(now), "nothing was written");
}

#[test]
fn a_survey_tells_everything_at_once() {
    let (root, user) = scene();
    let places = |account: Option<PathBuf>| Places {
        system: root.path().join("none"),
        user: Some(user.directory.clone()),
        account,
        project_from: root.path().to_owned(),
    };
    let look = |places: &Places| survey(places, "anna", 1000, noon());
    assert_eq!(look(&places(None)), Survey::default());
    let write = |name: &str, text: &str| {
        fs::create_dir_all(&user.directory).unwrap();
        fs::write(user.file(name), text).unwrap();
        for path in [user.file(name), user.directory.clone(), root.path().join("config")] {
            let mode = if path.is_dir() { 0o755 } else { 0o644 };
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
    };
    write(GROUPS, "sre = []\n");
    assert!(look(&places(None)).warnings[0].contains("means nothing without"));
    let late = format!("bob namespaces=\"remgate\",valid-before=\"20260101\" {}\n", Pair::ed25519(2).text());
    write(APPROVERS, &(Pair::ed25519(1).line("alice") + &late));
    let found = look(&places(None));
    assert_eq!((found.problems.len(), found.writers.as_deref()), (0, Some("root and anna")));
    for expected in [
        "counts for nothing now: the key of bob counted until",
        "has a time without `Z`",
        "only one person can approve now",
        "nobody in the group `sre` can approve now",
        "anna can write the list, and so can everything that anna starts",
    ] {
        assert!(found.warnings.iter().any(|warning| warning.contains(expected)), "{expected}: {found:?}");
    }
    write(APPROVERS, "*\nalice\n");
    write(REVOKED, "x\n");
    let found = look(&places(None));
    assert_eq!((found.problems.len(), found.roster), (3, None), "{:?}", found.problems);
    let account = root.path().join("account");
    fs::create_dir(&account).unwrap();
    fs::set_permissions(&account, Permissions::from_mode(0o755)).unwrap();
    fs::write(account.join(APPROVERS), Pair::ed25519(1).line("alice")).unwrap();
    fs::set_permissions(account.join(APPROVERS), Permissions::from_mode(0o644)).unwrap();
    let found = look(&places(Some(account.clone())));
    assert_eq!(found.place.map(|place| place.directory), Some(account));
    assert!(
        found.problems.is_empty() && found.warnings.iter().any(|warning| warning.contains("does not count"))
    );
}
