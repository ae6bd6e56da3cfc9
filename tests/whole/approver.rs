//! The list of approvers, as its administrator keeps it.

use crate::house::{House, Seen, see};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Public halves; the private ones were thrown away.
const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILmYJLBsR1Q59iaCymY52LbEHIku2L6dzXFsUT6KKNFL";
const TWO: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCnQF29tbZLGNzxXlo2uDSffGVp36DWyL3dRITSZwhkGCm8OLY/7skoim1tS8HkBlEC5+ABlo23UKBRcnCsbvEo=";

fn approver(house: &House, words: &[&str]) -> Seen {
    see(house.gate().arg("approver").args(words))
}

fn list(house: &House) -> Value {
    serde_json::from_str(&approver(house, &["list", "--json"]).stdout).unwrap()
}

/// A list of the machine's, or of the account that runs the tests, counts before the stage's own, whatever `HOME` says.
/// Editing that one would be no test.
fn a_real_list_counts(test: &str) -> bool {
    let account = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap();
    let own = account.dir.join(".config/remgate");
    let list = [Path::new("/etc/remgate"), &own].into_iter().find(|place| place.join("approvers").exists());
    if let Some(place) = list {
        let place = place.display();
        assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "{test}: {place} lists approvers");
        println!("SKIPPED {test}: {place} lists approvers, and is not touched");
    }
    list.is_some()
}

#[test]
fn people_come_and_go() {
    if a_real_list_counts("people_come_and_go") {
        return;
    }
    let house = House::new();
    let seen = approver(&house, &["list"]);
    assert_eq!((seen.code, seen.stdout.contains("nobody is listed")), (0, true), "{seen:?}");
    let file = house.write("one.pub", format!("{ONE} alice@desk\n"));
    let seen = see(house.gate().args(["approver", "add", "alice", "--group", "sre", "--key"]).arg(&file));
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(seen.stdout.contains("listed: alice with SHA256:"), "{seen:?}");
    assert!(seen.stdout.contains("in the group sre (a new group)"), "{seen:?}");
    let until = ["add", "bob", "--key", TWO, "--group", "sre", "--valid-before", "2999-01-01"];
    assert_eq!(approver(&house, &until).code, 0);
    let approvers = house.at("home/.config/remgate/approvers");
    let text = std::fs::read_to_string(&approvers).unwrap();
    assert_eq!(
        text,
        format!(
            "alice namespaces=\"remgate\" {ONE} alice@desk\nbob namespaces=\"remgate\",valid-before=\"29990101000000Z\" {TWO}\n"
        )
    );
    assert_eq!(approvers.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    let listed = list(&house);
    assert_eq!(listed["people"][0]["name"], "alice");
    assert_eq!(listed["people"][1]["keys"][0]["valid_before"], "2999-01-01T00:00:00Z");
    assert_eq!(listed["people"][1]["keys"][0]["counts"], true);
    assert_eq!(listed["groups"]["sre"], serde_json::json!(["alice", "bob"]));
    let table = approver(&house, &["list"]).stdout;
    assert!(table.starts_with("PERSON") && table.contains("until 2999-01-01T00:00:00Z"), "{table}");
    let seen = approver(&house, &["remove", "alice"]);
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(seen.stdout.contains("pending approvals of alice no longer count"), "{seen:?}");
    assert_eq!(list(&house)["groups"]["sre"], serde_json::json!(["bob"]));
    let print = listed["people"][1]["keys"][0]["fingerprint"].as_str().unwrap().to_owned();
    assert_eq!(approver(&house, &["remove", "bob", "--key", &print]).code, 0);
    assert_eq!(list(&house)["people"], serde_json::json!([]));
    let check = approver(&house, &["check"]);
    assert_eq!(check.code, 0, "{check:?}");
    assert!(check.stdout.contains("nobody listed has a key that counts now"), "{check:?}");
}

#[test]
fn what_cannot_be_meant_is_refused_and_writes_nothing() {
    if a_real_list_counts("what_cannot_be_meant_is_refused_and_writes_nothing") {
        return;
    }
    let house = House::new();
    house.write("private", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
    house.write("two.pub", format!("{ONE}\n{TWO}\n"));
    let [private, two, absent] =
        ["private", "two.pub", "absent.pub"].map(|name| house.at(name).display().to_string());
    let rows: [(&[&str], i32, &str); 9] = [
        (&["add", "*", "--key", ONE], 64, "is a pattern"),
        (&["add", "alice,bob", "--key", ONE], 64, "names several people"),
        (&["add", "alice", "--key", &private], 64, "this is a private key"),
        (&["add", "alice", "--key", &two], 64, "not a public key"),
        (&["add", "alice", "--key", &absent], 64, "cannot read the key"),
        (&["add", "alice", "--key", "ssh-dss AAAAB3NzaC1kc3M="], 64, "may not approve"),
        (&["add", "alice", "--key", ONE, "--valid-before", "2001-01-01"], 64, "is past"),
        (&["remove", "alice"], 64, "nobody called `alice` is listed"),
        (&["remove", "alice", "--key", "MD5:00"], 64, "is no fingerprint"),
    ];
    for (words, code, expected) in rows {
        let seen = approver(&house, words);
        assert_eq!(seen.code, code, "{words:?}: {seen:?}");
        assert!(seen.stderr.contains(expected), "{words:?}: {seen:?}");
        assert!(seen.stderr.contains("nothing was written"), "{words:?}: {seen:?}");
        assert!(!house.at("home/.config").exists(), "{words:?}");
    }
}

#[test]
fn a_broken_list_is_told_whole_and_edited_by_nobody() {
    if a_real_list_counts("a_broken_list_is_told_whole_and_edited_by_nobody") {
        return;
    }
    let house = House::new();
    house.directory("home/.config/remgate");
    house.directory("home/.config");
    let broken = format!("# ours\n* namespaces=\"remgate\" {ONE}\nalice {TWO}\n");
    let path = house.write("home/.config/remgate/approvers", &broken);
    house.write("home/.config/remgate/approvers.groups", "sre = [\"carol\"]\n");
    house.write("home/.config/remgate/approvers.revoked", "nonsense\n");
    for name in ["approvers", "approvers.groups", "approvers.revoked"] {
        let file = house.at("home/.config/remgate").join(name);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let seen = approver(&house, &["check", "--json"]);
    assert_eq!(seen.code, 78, "{seen:?}");
    let check: Value = serde_json::from_str(&seen.stdout).unwrap();
    assert_eq!(check["problems"].as_array().unwrap().len(), 4, "{check}");
    for words in [&["list"][..], &["add", "dave", "--key", ONE], &["remove", "alice"]] {
        let seen = approver(&house, words);
        assert_eq!(seen.code, 78, "{words:?}: {seen:?}");
        assert!(seen.stderr.contains("approvers:2: `*` is a pattern"), "{words:?}: {seen:?}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let seen = approver(&house, &["check"]);
    assert_eq!(seen.code, 78, "{seen:?}");
    assert!(seen.stdout.contains("so other accounts could change"), "{seen:?}");
}

/// Two edits of one place at once: the later one is refused, and none is overwritten.
#[test]
fn many_edits_at_once_lose_nobody_that_was_told_to_be_listed() {
    if a_real_list_counts("many_edits_at_once_lose_nobody_that_was_told_to_be_listed") {
        return;
    }
    let house = House::new();
    assert_eq!(approver(&house, &["add", "first", "--key", TWO]).code, 0);
    let people: Vec<String> = (0..8).map(|nth| format!("p{nth}")).collect();
    let edits: Vec<_> = people
        .iter()
        .map(|person| {
            let mut gate = house.gate();
            gate.args(["approver", "add", "first", "--key", TWO, "--group", person]);
            gate.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            (person, gate.spawn().unwrap())
        })
        .collect();
    let told: Vec<&String> = edits
        .into_iter()
        .filter_map(|(person, mut edit)| edit.wait().unwrap().success().then_some(person))
        .collect();
    assert!(!told.is_empty());
    let groups = list(&house)["groups"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(told.into_iter().cloned().collect::<Vec<_>>(), groups);
}
