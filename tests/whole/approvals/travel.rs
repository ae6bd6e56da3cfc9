//! Requests and approvals between machines: each person with a home, a log and an inbox of their own.

use super::stage::{Agent, ask, ask_by, can_sign, key, list, resume, told, two_people};
use crate::house::{House, see};
use crate::terminal::Session;
use std::path::PathBuf;

/// Another machine, where somebody approves by the same list.
fn desk(from: &House) -> House {
    let desk = House::new();
    let text = std::fs::read_to_string(from.at("home/.config/remgate/approvers")).unwrap();
    desk.write("home/.config/remgate/approvers", text);
    desk
}

/// Approves a travelling request at the terminal of another machine; the text that travels back.
fn approve_there(desk: &House, text: &str, key: &PathBuf) -> String {
    let agent = Agent::with(desk, &[key]);
    let file = desk.write("request.txt", text);
    let words = ["approve", file.to_str().unwrap()];
    let session = Session::start_with(desk, &[("SSH_AUTH_SOCK", agent.socket.to_str().unwrap())], &words);
    let code = session.code_to("approve this");
    session.send(&format!("{code}\r"));
    let seen = session.end();
    assert_eq!(seen.code, 0, "{seen:?}");
    let screen: String = seen.stdout.chars().filter(|c| !c.is_whitespace()).collect();
    let (_, rest) = screen.split_once("remgate-vote-1:").unwrap();
    format!("remgate-vote-1:{}", rest.split("remgate:approved").next().unwrap())
}

#[test]
fn approvals_travel_as_texts_between_three_machines() {
    if !can_sign("approvals_travel_as_texts_between_three_machines") {
        return;
    }
    let (house, alice, bob) = two_people();
    let id = ask(&house, &["kubectl", "delete", "namespace", "shop"]);
    let text = see(house.gate().args(["request", "export", &id])).stdout;
    let (of_alice, of_bob) = (desk(&house), desk(&house));
    let first = approve_there(&of_alice, &text, &alice);
    let second = approve_there(&of_bob, &text, &bob);
    let approved = vec!["approved".to_owned()];
    assert_eq!((told(&of_alice, &id), told(&of_bob, &id)), (approved.clone(), approved));

    let seen = see(house.gate().args(["request", "import", &first]));
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(seen.stdout.contains("it lacks 1 more person"), "{seen:?}");
    let file = house.write("bob.txt", &second);
    let seen = see(house.gate().args(["resume", &id, "--no-wait", "--approval"]).arg(file));
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["delete namespace shop"]);
}

/// `request export | approve - | request import -` is the same on one machine as on two.
#[test]
fn a_text_is_answered_by_a_text_where_the_request_lies_too() {
    if !can_sign("a_text_is_answered_by_a_text_where_the_request_lies_too") {
        return;
    }
    let (house, alice, _) = two_people();
    let id = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    let text = see(house.gate().args(["request", "export", &id])).stdout;
    let vote = approve_there(&house, &text, &alice);
    for _ in 0..2 {
        let seen = see(house.gate().args(["request", "import", &vote]));
        assert_eq!((seen.code, seen.stderr.as_str()), (0, ""), "{seen:?}");
        assert!(seen.stdout.contains("it can run"), "{seen:?}");
    }
    assert_eq!(see(house.gate().args(["resume", &id, "--no-wait"])).code, 0);
}

/// CI never waits: it leaves a request, and comes back with approvals.
#[test]
fn a_job_brings_its_approvals_along() {
    if !can_sign("a_job_brings_its_approvals_along") {
        return;
    }
    let (house, alice, _) = two_people();
    let job = |words: &[&str]| {
        let mut command = house.gate();
        command.env("GITHUB_ACTIONS", "true").env("CI", "true").args(words);
        command
    };
    let words = ["kubectl", "delete", "deployment", "web"];
    let seen = see(job(&["run", "--"]).args(words));
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("--no-wait"), "the refusal says what a job can do: {seen:?}");
    let id = ask_by(job(&["run", "--no-wait", "--"]).args(words));
    let text = see(house.gate().args(["request", "export", &id])).stdout;
    let vote = approve_there(&desk(&house), &text, &alice);
    let seen = see(job(&["run", "--approval", &vote, "--"]).args(words));
    assert_eq!(seen.code, 0, "{seen:?}");
    let seen = see(job(&["run", "--approval", &vote, "--"]).args(words));
    assert_eq!(seen.code, 77, "an approval ran twice: {seen:?}");
    assert_eq!(house.ran("kubectl"), ["delete deployment web"]);
}

#[test]
fn a_vote_on_another_request_is_no_vote() {
    if !can_sign("a_vote_on_another_request_is_no_vote") {
        return;
    }
    let (house, alice, _) = two_people();
    let one = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    let other = ask(&house, &["kubectl", "delete", "deployment", "db"]);
    let text = see(house.gate().args(["request", "export", &one])).stdout;
    let vote = approve_there(&desk(&house), &text, &alice);
    let seen = see(house.gate().args(["resume", &other, "--no-wait", "--approval", &vote]));
    assert_eq!(seen.code, 64, "{seen:?}");
    // With the id rewritten the signature is on other bytes.
    let seen =
        see(house.gate().args(["resume", &other, "--no-wait", "--approval", &vote.replace(&one, &other)]));
    assert_eq!(seen.code, 75, "{seen:?}");
    // Whoever brought it along is told why it waits still.
    assert!(seen.stderr.contains("a vote does not count: the signature is not accepted"), "{seen:?}");
    assert!(!house.anything_ran());
}

#[test]
fn a_request_is_drawn_as_a_code() {
    if !can_sign("a_request_is_drawn_as_a_code") {
        return;
    }
    let house = House::new();
    house.fake("kubectl");
    let alice = key(&house, "alice");
    list(&house, &[("alice", &alice)]);
    let id = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    let seen = see(house.gate().args(["request", "export", &id, "--qr"]));
    assert_eq!(seen.code, 0, "{seen:?}");
    let rows: Vec<&str> = seen.stdout.lines().collect();
    let widths: std::collections::BTreeSet<usize> = rows.iter().map(|row| row.chars().count()).collect();
    assert!(rows.len() > 20 && widths.len() == 1, "it is a square of half blocks");
    assert_eq!(resume(&house, &id).code, 75);
}
