//! Break-glass: one human, a signature, a debt.

use super::stage::{can_sign, key, shard, sign, told, two_people};
use crate::house::{House, Seen, see};
use crate::terminal::Session;
use std::path::Path;

const DELETE: [&str; 4] = ["kubectl", "delete", "namespace", "shop"];

/// Breaks the glass at a terminal.
fn broken(house: &House, key: &Path) -> Seen {
    broken_with(house, key, &[])
}

/// The same with more in the environment.
fn broken_with(house: &House, key: &Path, variables: &[(&str, &str)]) -> Seen {
    let mut words = vec!["run", "--break-glass", "site down", "--key", key.to_str().unwrap(), "--"];
    words.extend(DELETE);
    let session = Session::start_with(house, variables, &words);
    let code = session.code_to("run it once and owe a review");
    session.send(&format!("{code}\r"));
    session.end()
}

fn owed(house: &House) -> Vec<String> {
    let seen = house.run("review --json");
    assert_eq!(seen.code, 0, "{seen:?}");
    let list: serde_json::Value = serde_json::from_str(&seen.stdout).unwrap();
    list.as_array().unwrap().iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

fn review(house: &House, id: &str, key: &Path) -> Seen {
    let words = ["review", id, "--finding", "right call", "--key", key.to_str().unwrap()];
    let session = Session::start(house, &words);
    let code = session.code_to("sign the review");
    session.send(&format!("{code}\r"));
    session.end()
}

#[test]
fn a_broken_glass_is_owed_a_review_by_somebody_else() {
    if !can_sign("a_broken_glass_is_owed_a_review_by_somebody_else") {
        return;
    }
    let (house, alice, bob) = two_people();
    let seen = broken(&house, &alice);
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["delete namespace shop"]);
    let intent = house.records_of("intent").pop().unwrap();
    let grant = &intent["grant"];
    assert_eq!((&grant["how"], &grant["why"]), (&"break-glass".into(), &"site down".into()));
    assert_eq!(grant["by"][0]["person"], "alice");
    let id = intent["id"].as_str().unwrap();
    assert_eq!(owed(&house), [id]);

    let seen = review(&house, id, &alice);
    assert_eq!(seen.code, 77, "whoever broke it reviewed it: {seen:?}");
    assert_eq!(owed(&house), [id]);
    let seen = review(&house, id, &bob);
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(owed(&house).is_empty());
    assert!(told(&house, id).contains(&"reviewed".to_owned()));
    assert_eq!(house.verify(), 3);
}

#[test]
fn too_many_debts_block_the_next_until_one_is_reviewed() {
    if !can_sign("too_many_debts_block_the_next_until_one_is_reviewed") {
        return;
    }
    let (house, alice, bob) = two_people();
    for _ in 0..3 {
        assert_eq!(broken(&house, &alice).code, 0);
    }
    let words = ["run", "--break-glass", "again", "--key", alice.to_str().unwrap(), "--"];
    let next = || Session::start(&house, &[&words[..], &DELETE[..]].concat()).end();
    let seen = next();
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stdout.contains("3 runs without approval are owed a review"), "{seen:?}");
    let first = owed(&house).remove(0);
    assert_eq!(review(&house, &first, &bob).code, 0);
    assert_eq!(broken(&house, &alice).code, 0);
    assert_eq!(house.ran("kubectl").len(), 4);
    // The log alone says what is owed, not what lies in an inbox.
    std::fs::remove_dir_all(house.state().join("requests")).unwrap();
    assert_eq!(next().code, 77);
}

#[test]
fn no_machine_breaks_it_and_nobody_against_deny() {
    if !can_sign("no_machine_breaks_it_and_nobody_against_deny") {
        return;
    }
    let (house, alice, _) = two_people();
    let words = ["run", "--break-glass", "x", "--key", alice.to_str().unwrap(), "--"];
    let seen = see(house.gate().args(words).args(DELETE));
    assert!([75, 77].contains(&seen.code), "{seen:?}");
    assert!(seen.stderr.contains("is for a human at a terminal"), "{seen:?}");
    let seen = Session::start_with(&house, &[("CLAUDECODE", "1")], &[&words[..], &DELETE[..]].concat()).end();
    assert!([75, 77].contains(&seen.code), "{seen:?}");
    // Its own log.
    let log = house.state().join("log");
    house.program("bin/rm", house.fake_text("rm", 0));
    let seen = Session::start(&house, &[&words[..], &["rm", "-rf", log.to_str().unwrap()]].concat()).end();
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(!house.anything_ran());
}

/// Somebody who is on no list owes nothing, so nobody would ever look at it.
#[test]
fn a_stranger_breaks_nothing() {
    if !can_sign("a_stranger_breaks_nothing") {
        return;
    }
    let (house, _, _) = two_people();
    let stranger = key(&house, "stranger");
    let seen = broken(&house, &stranger);
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stdout.contains("the signature does not count"), "{seen:?}");
    assert!(!house.anything_ran());
}

/// A debt has the digest of its request: whoever owes it can make up another request of the same id, and see to it that no
/// list of approvers objects.
#[test]
fn a_debt_is_not_settled_by_a_review_of_something_else() {
    if !can_sign("a_debt_is_not_settled_by_a_review_of_something_else") {
        return;
    }
    let (house, alice, bob) = two_people();
    assert_eq!(broken(&house, &alice).code, 0);
    let id = owed(&house).remove(0);
    let text = see(house.gate().args(["request", "show", &id])).stdout;
    std::fs::remove_dir_all(house.state().join("requests")).unwrap();
    let forged = text.replace("site down", "nothing at all");
    let forged = remgate::request::Request::parse(forged.into_bytes()).unwrap();
    let file = house.write("forged.txt", remgate::request::pack_request(&forged));
    assert_eq!(
        review(&house, file.to_str().unwrap(), &bob).code,
        0,
        "a review of what was made up is a review of that"
    );
    assert_eq!(owed(&house), [id.as_str()]);
    // The same where the request itself should lie, with the review beside it.
    let stored = shard(&house, &id).join(format!("{id}.request"));
    house.write(&stored, forged.bytes());
    assert_eq!(review(&house, &id, &bob).code, 0);
    assert_eq!(owed(&house), [id.as_str()], "a review of what was made up settled it");
    std::fs::remove_dir_all(house.state().join("requests")).unwrap();
    // The right request, where nobody is listed, by a key that nobody knows.
    let right = remgate::request::Request::parse(text.into_bytes()).unwrap();
    let file = house.write("right.txt", remgate::request::pack_request(&right));
    std::fs::remove_file(house.at("home/.config/remgate/approvers")).unwrap();
    review(&house, file.to_str().unwrap(), &key(&house, "stranger"));
    assert_eq!(owed(&house), [id.as_str()]);
}

/// A secret is replaced wherever it stands on record; a debt is not told by a word that somebody can declare one.
#[test]
fn no_secret_takes_a_debt_off_the_books() {
    if !can_sign("no_secret_takes_a_debt_off_the_books") {
        return;
    }
    let (house, alice, _) = two_people();
    for (number, word) in ["grant", "how", "break-glass"].iter().enumerate() {
        assert_eq!(broken_with(&house, &alice, &[("PGPASSWORD", word)]).code, 0);
        assert_eq!(owed(&house).len(), number + 1, "`{word}` as a secret settled it");
    }
}

/// Without the others is not against them: whoever says no while the question stands is heard.
#[test]
fn no_glass_is_broken_against_a_rejection() {
    if !can_sign("no_glass_is_broken_against_a_rejection") {
        return;
    }
    let (house, alice, bob) = two_people();
    let mut words = vec!["run", "--break-glass", "site down", "--key", alice.to_str().unwrap(), "--"];
    words.extend(DELETE);
    let session = Session::start(&house, &words);
    let code = session.code_to("run it once and owe a review");
    let list: serde_json::Value = serde_json::from_str(&house.run("pending --json").stdout).unwrap();
    let id = list[0]["id"].as_str().unwrap();
    // As it would come from another account, whose log is another one.
    let request =
        remgate::request::Request::parse(see(house.gate().args(["request", "show", id])).stdout.into_bytes());
    let line = remgate::quorum::statement(
        remgate::quorum::StatementKind::Rejection,
        &remgate::journal::ActionId::parse(id).unwrap(),
        &request.unwrap().sha256(),
        "wrong cluster",
        chrono::DateTime::UNIX_EPOCH,
    );
    let vote = format!("{line}{}", sign(&house, line.as_bytes(), &bob));
    house.write(shard(&house, id).join(format!("{id}.0123456789abcdef.vote")), vote);
    session.send(&format!("{code}\r"));
    let seen = session.end();
    assert_eq!((seen.code, house.anything_ran()), (77, false), "it ran against a rejection: {seen:?}");
    assert!(seen.stdout.contains("bob refused the request: wrong cluster"), "{seen:?}");
}
