//! From a request to a run, with real keys, agents and terminals.

use super::stage::{
    Agent, approve, approved, ask, can_sign, key, list, request, resume, shard, sign, told, two_people,
};
use crate::house::{House, see};
use crate::terminal::Session;
use std::time::Duration;

const DELETE: [&str; 4] = ["kubectl", "delete", "namespace", "shop"];

#[test]
fn two_people_approve_what_an_agent_asks_for() {
    if !can_sign("two_people_approve_what_an_agent_asks_for") {
        return;
    }
    let (house, alice, bob) = two_people();
    let second = key(&house, "alice-second");
    list(&house, &[("alice", &alice), ("alice", &second), ("bob", &bob)]);
    let id = ask(&house, &DELETE);

    // Nobody has approved, then one: it waits still.
    assert_eq!(resume(&house, &id).code, 75);
    approved(&house, &id, &[&alice]);
    let seen = resume(&house, &id);
    assert_eq!(seen.code, 75, "{seen:?}");
    assert!(seen.stderr.contains("it lacks 1 more person"), "{seen:?}");

    // The same person with another key is no second person.
    let seen = approve(&house, &id, &second);
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("alice has approved already, and counts once"), "{seen:?}");
    // Nor where the vote is put past that check: into the inbox itself.
    let parcel = see(house.gate().args(["request", "show", &id]));
    house.write(
        shard(&house, &id).join(format!("{id}.0123456789abcdef.vote")),
        sign(&house, parcel.stdout.as_bytes(), &second),
    );
    let seen = resume(&house, &id);
    assert_eq!(seen.code, 75, "one person with two keys was counted twice: {seen:?}");
    assert!(!house.anything_ran());

    // A second person: it runs, once.
    approved(&house, &id, &[&bob]);
    let seen = resume(&house, &id);
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["delete namespace shop"]);
    let seen = resume(&house, &id);
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("was used already"), "{seen:?}");
    assert_eq!(house.ran("kubectl").len(), 1, "an approval ran a command twice");

    let types = told(&house, &id);
    assert_eq!(types.first().map(String::as_str), Some("requested"));
    assert_eq!(types.iter().filter(|kind| *kind == "approved").count(), 2);
    assert_eq!(types.iter().filter(|kind| *kind == "intent").count(), 1);
    assert_eq!(types.last().map(String::as_str), Some("denied"), "the replay is on record");
    let intent = house.records_of("intent").pop().unwrap();
    let people: Vec<&str> =
        intent["grant"]["by"].as_array().unwrap().iter().map(|by| by["person"].as_str().unwrap()).collect();
    assert_eq!(
        (intent["grant"]["how"].as_str(), people.as_slice()),
        (Some("approved"), &["alice", "bob"][..])
    );
    assert_eq!(house.verify(), 3, "the chain is whole, only unanchored");
}

#[test]
fn ssh_keygen_alone_confirms_each_signature() {
    if !can_sign("ssh_keygen_alone_confirms_each_signature") {
        return;
    }
    let (house, alice, bob) = two_people();
    let id = ask(&house, &DELETE);
    approved(&house, &id, &[&alice, &bob]);
    let shard = shard(&house, &id);
    let files: Vec<_> = std::fs::read_dir(&shard).unwrap().map(|entry| entry.unwrap().path()).collect();
    let stored = shard.join(format!("{id}.request"));
    assert_eq!(std::fs::read_to_string(&stored).unwrap(), request(&house, &id), "shown is what is stored");
    let digest = remgate::request::Request::parse(std::fs::read(&stored).unwrap()).unwrap().sha256();
    let code: String = digest.chars().take(12).collect();
    let screen = house.run(&format!("pending {id}")).stdout;
    assert!(
        screen.contains(&format!("sha256 {code}")),
        "no two people could tell that they see the same: {screen}"
    );
    let votes: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|end| end == "vote")).collect();
    assert_eq!(votes.len(), 2);
    let mut confirmed = Vec::new();
    for vote in votes {
        for name in ["alice", "bob"] {
            let mut command = house.clean("ssh-keygen");
            command.args(["-Y", "verify", "-n", "remgate", "-I", name, "-f"]);
            command.arg(house.at("home/.config/remgate/approvers")).arg("-s").arg(vote);
            let seen = see(command.stdin(std::fs::File::open(&stored).unwrap()));
            if seen.code == 0 {
                confirmed.push(name);
            }
        }
    }
    confirmed.sort_unstable();
    assert_eq!(confirmed, ["alice", "bob"]);
}

#[test]
fn a_human_approves_at_a_terminal_with_a_key_of_the_agent() {
    if !can_sign("a_human_approves_at_a_terminal_with_a_key_of_the_agent") {
        return;
    }
    let (house, alice, _) = two_people();
    let id = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    let stranger = key(&house, "stranger");
    // Only a key of somebody on the list is taken, without a question which.
    let agent = Agent::with(&house, &[&stranger, &alice]);
    let socket = agent.socket.to_str().unwrap();
    let session = Session::start_with(&house, &[("SSH_AUTH_SOCK", socket)], &["approve", &id]);
    let code = session.code_to("approve this");
    assert!(session.screen().contains("kubectl delete deployment web"), "{}", session.screen());
    session.send(&format!("{code}\r"));
    let seen = session.end();
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(seen.stdout.contains(&format!("approved {id}: it can run now")), "{seen:?}");
    assert_eq!(resume(&house, &id).code, 0);
    assert_eq!(house.ran("kubectl"), ["delete deployment web"]);
}

#[test]
fn a_key_file_signs_as_well_and_a_wrong_code_signs_nothing() {
    if !can_sign("a_key_file_signs_as_well_and_a_wrong_code_signs_nothing") {
        return;
    }
    let (house, alice, _) = two_people();
    let id = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    let words = ["approve", &id, "--key", alice.to_str().unwrap()];
    let session = Session::start(&house, &words);
    session.code_to("approve this");
    session.send("0000\r0000\r");
    let seen = session.end();
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stdout.contains("nothing was signed"), "{seen:?}");
    assert_eq!(resume(&house, &id).code, 75);
    let session = Session::start(&house, &words);
    let code = session.code_to("approve this");
    session.send(&format!("{code}\r"));
    assert_eq!(session.end().code, 0);
    assert_eq!(resume(&house, &id).code, 0);
}

/// `script -qec 'remgate approve ID'` gives an agent a terminal. It proves nothing.
#[test]
fn an_agent_cannot_approve_at_a_terminal_that_it_made() {
    if !can_sign("an_agent_cannot_approve_at_a_terminal_that_it_made") {
        return;
    }
    let (house, alice, _) = two_people();
    let id = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    let words = ["approve", &id, "--key", alice.to_str().unwrap()];
    for verb in [&words[..], &["reject", &id, "--reason", "x", "--key", alice.to_str().unwrap()]] {
        let seen = Session::start_with(&house, &[("CLAUDECODE", "1")], verb).end();
        assert_eq!(seen.code, 77, "{seen:?}");
        assert!(seen.stdout.contains("only a human approves"), "{seen:?}");
    }
    let gate = env!("CARGO_BIN_EXE_remgate");
    let typed = format!("{gate} approve {id} --key {}", alice.display());
    let mut script = house.clean("script");
    let seen = see(script.env("CLAUDECODE", "1").args(["-qec", &typed, "/dev/null"]));
    assert!(seen.code == 77 && seen.stdout.contains("only a human approves"), "{seen:?}");
    assert_eq!(resume(&house, &id).code, 75);
}

#[test]
fn a_rejection_is_final() {
    if !can_sign("a_rejection_is_final") {
        return;
    }
    let (house, alice, bob) = two_people();
    let id = ask(&house, &DELETE);
    approved(&house, &id, &[&alice]);
    let words = ["reject", &id, "--reason", "wrong cluster", "--key", bob.to_str().unwrap()];
    let session = Session::start(&house, &words);
    let code = session.code_to("reject it for good");
    session.send(&format!("{code}\r"));
    assert_eq!(session.end().code, 0);
    // Bob changes his mind: his approval does not lift his rejection, and he is told so.
    let seen = approve(&house, &id, &bob);
    assert_eq!(
        (seen.code, seen.stdout.trim()),
        (0, format!("approved {id}: it was rejected, and will not run").as_str())
    );
    let seen = resume(&house, &id);
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("bob refused the request: wrong cluster"), "{seen:?}");
    assert!(!house.anything_ran());
    assert!(told(&house, &id).contains(&"rejected".to_owned()));
    // Whoever may write the inbox takes the rejection out of it: the log remembers.
    let shard = shard(&house, &id);
    for file in std::fs::read_dir(&shard).unwrap().map(|entry| entry.unwrap().path()) {
        if std::fs::read(&file).unwrap().windows(9).any(|part| part == b"rejection") {
            std::fs::remove_file(file).unwrap();
        }
    }
    let seen = approve(&house, &id, &bob);
    assert!(seen.stdout.contains("it was rejected"), "it was promised to run: {seen:?}");
    let seen = resume(&house, &id);
    assert_eq!((seen.code, house.anything_ran()), (77, false), "a rejection was taken back: {seen:?}");
}

/// The call that asked goes on by itself.
#[test]
fn a_waiting_run_goes_on_when_the_last_approval_comes() {
    if !can_sign("a_waiting_run_goes_on_when_the_last_approval_comes") {
        return;
    }
    let (house, alice, bob) = two_people();
    let mut command = house.gate();
    command.args(["run", "--ask-timeout", "60s", "--"]).args(DELETE);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let id = loop {
        let pending = house.run("pending --json");
        let list: serde_json::Value = serde_json::from_str(&pending.stdout).unwrap();
        match list[0]["id"].as_str() {
            Some(id) => break id.to_owned(),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    approved(&house, &id, &[&alice]);
    // Longer than it sleeps between two looks.
    std::thread::sleep(Duration::from_millis(700));
    assert!(!house.anything_ran());
    approved(&house, &id, &[&bob]);
    let seen = crate::house::seen(&child.wait_with_output().unwrap());
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["delete namespace shop"]);
    for told in ["0 of 2", "1 of 2: alice"] {
        assert!(seen.stderr.contains(told), "`{told}` was not told: {seen:?}");
    }
}

/// Whoever asked leaves, by key, by signal, by closing the window: nothing runs, and the request stays.
#[test]
fn a_wait_that_is_left_runs_nothing_and_leaves_the_request() {
    if !can_sign("a_wait_that_is_left_runs_nothing_and_leaves_the_request") {
        return;
    }
    for way in ["ctrl-c", "hang up"] {
        let (house, alice, bob) = two_people();
        let words = [&["run", "--"][..], &DELETE].concat();
        let mut session = Session::start(&house, &words);
        session.wait_for("waiting");
        match way {
            "ctrl-c" => session.send("\u{3}"),
            _ => session.hang_up(),
        }
        let seen = session.end();
        assert_eq!(seen.code, 75, "{way}: {seen:?}");
        let pending = house.run("pending --json");
        let list: serde_json::Value = serde_json::from_str(&pending.stdout).unwrap();
        let id = list[0]["id"].as_str().unwrap();
        assert_eq!(told(&house, id), ["requested", "denied"], "{way}");
        approved(&house, id, &[&alice, &bob]);
        assert!(!house.anything_ran(), "{way}");
    }
}

#[test]
fn groups_and_numbers_of_rules_are_all_wanted() {
    if !can_sign("groups_and_numbers_of_rules_are_all_wanted") {
        return;
    }
    let (house, alice, bob) = two_people();
    let carol = key(&house, "carol");
    list(&house, &[("alice", &alice), ("bob", &bob), ("carol", &carol)]);
    house.write("home/.config/remgate/approvers.groups", "sre = [\"alice\", \"bob\"]\ndba = [\"carol\"]\n");
    house.rules(
        "[[rule]]\nid = \"site.web\"\nany = \"kubectl delete\"\napprovers = [\"sre\", \"dba\"]\napprovals = 3\n\
         examples = [\"kubectl delete deployment web\"]\nnear-misses = [\"kubectl get pods\"]\n",
    );
    let id = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    approved(&house, &id, &[&alice, &bob]);
    let seen = resume(&house, &id);
    assert_eq!(seen.code, 75);
    assert!(seen.stderr.contains("1 more person, and one of dba"), "{seen:?}");
    approved(&house, &id, &[&carol]);
    assert_eq!(resume(&house, &id).code, 0);
}

/// An agent runs under the account of its human. A key file there could be in its hand.
#[test]
fn a_machine_cannot_lend_itself_the_key_of_its_own_account() {
    if !can_sign("a_machine_cannot_lend_itself_the_key_of_its_own_account") {
        return;
    }
    let (house, alice, _) = two_people();
    let account = see(house.clean("id").arg("-un")).stdout.trim().to_owned();
    list(&house, &[(&account, &alice)]);
    let seen = see(house.gate().args(["run", "--", "kubectl", "delete", "deployment", "web"]));
    assert_eq!(seen.code, 75, "{seen:?}");
    assert!(!seen.stderr.contains("request "), "nobody could meet it, so nobody is waited for: {seen:?}");
    let bob = key(&house, "bob-again");
    list(&house, &[(&account, &alice), ("bob", &bob)]);
    let id = ask(&house, &["kubectl", "delete", "deployment", "web"]);
    let seen = approve(&house, &id, &alice);
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("only a touched hardware key would show a human"), "{seen:?}");
    approved(&house, &id, &[&bob]);
    assert_eq!(resume(&house, &id).code, 0);
}

#[test]
fn whoever_is_taken_off_the_list_counts_no_more() {
    if !can_sign("whoever_is_taken_off_the_list_counts_no_more") {
        return;
    }
    let (house, alice, bob) = two_people();
    let id = ask(&house, &DELETE);
    approved(&house, &id, &[&alice, &bob]);
    list(&house, &[("alice", &alice)]);
    let seen = resume(&house, &id);
    assert_eq!((seen.code, house.anything_ran()), (75, false), "{seen:?}");
    list(&house, &[("alice", &alice), ("bob", &bob)]);
    house.write("home/.config/remgate/approvers.revoked", format!("{}\n", super::stage::public(&bob)));
    let seen = resume(&house, &id);
    assert_eq!((seen.code, house.anything_ran()), (75, false), "{seen:?}");
    std::fs::remove_file(house.at("home/.config/remgate/approvers.revoked")).unwrap();
    // A list that somebody else could write is no list at all.
    use std::os::unix::fs::PermissionsExt;
    let file = house.at("home/.config/remgate/approvers");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    let seen = resume(&house, &id);
    assert_eq!((seen.code, house.anything_ran()), (78, false), "{seen:?}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(resume(&house, &id).code, 0);
}

#[test]
fn without_approvers_nobody_is_waited_for() {
    let house = House::new();
    house.fake("kubectl");
    for words in [&DELETE[..], &["kubectl", "delete", "deployment", "web"]] {
        let seen = see(house.gate().args(["run", "--ask-timeout", "1h", "--"]).args(words));
        assert_eq!(seen.code, 75, "{seen:?}");
        assert!(!house.anything_ran());
    }
}

/// An agent that has the gate for its only shell resumes through it: what runs was approved, so nobody is asked again.
#[test]
fn an_agent_resumes_through_the_gate() {
    if !can_sign("an_agent_resumes_through_the_gate") {
        return;
    }
    let (house, alice, bob) = two_people();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_remgate"), house.at("bin/remgate")).unwrap();
    let id = ask(&house, &DELETE);
    let through = || see(house.gate().args(["-c", &format!("remgate resume {id} --no-wait")]));
    assert_eq!(through().code, 75, "the gate inside judges for itself");
    approved(&house, &id, &[&alice, &bob]);
    let seen = through();
    assert_eq!(seen.code, 0, "{seen:?}");
    assert_eq!(house.ran("kubectl"), ["delete namespace shop"]);
    // With another home it would be another log, and another list of approvers.
    let text = format!("HOME=/tmp remgate resume {id}");
    let seen = see(house.gate().args(["run", "--ask-timeout", "1s", "-c", &text]));
    assert_eq!(seen.code, 75, "{seen:?}");
}

/// A request may wait for people who are listed later.
#[test]
fn a_request_is_left_although_nobody_is_listed_yet() {
    if !can_sign("a_request_is_left_although_nobody_is_listed_yet") {
        return;
    }
    let house = House::new();
    house.fake("kubectl");
    let words = ["run", "--no-wait", "--", "kubectl", "delete", "deployment", "web"];
    let seen = see(house.gate().args(words));
    assert_eq!(seen.code, 75, "{seen:?}");
    assert!(seen.stderr.contains("nobody is listed as an approver yet"), "{seen:?}");
    let (id, alice) = (seen.stdout.trim().to_owned(), key(&house, "alice"));
    assert_eq!(resume(&house, &id).code, 75);
    list(&house, &[("alice", &alice)]);
    approved(&house, &id, &[&alice]);
    assert_eq!(resume(&house, &id).code, 0);
}

/// One member who floods one request takes the list away from nobody.
#[test]
fn a_flood_of_votes_hides_no_other_request() {
    if !can_sign("a_flood_of_votes_hides_no_other_request") {
        return;
    }
    let (house, _, _) = two_people();
    let (flooded, other) = (ask(&house, &DELETE), ask(&house, &["kubectl", "delete", "deployment", "web"]));
    for number in 0..1_001 {
        house.write(shard(&house, &flooded).join(format!("{flooded}.{number:016}.vote")), "junk");
    }
    let seen = house.run("pending --json");
    assert_eq!(seen.code, 0, "{seen:?}");
    let list: serde_json::Value = serde_json::from_str(&seen.stdout).unwrap();
    let state = |id: &str| {
        list.as_array().unwrap().iter().find(|one| one["id"] == id).map(|one| one["state"].clone())
    };
    assert_eq!((state(&flooded), state(&other)), (Some("flooded".into()), Some("waiting".into())));
    assert!(house.run("pending").stdout.contains("flooded"));
    // Asked for by its id, it says where the flood lies.
    let seen = house.run(&format!("pending {flooded}"));
    assert!(seen.code == 125 && seen.stderr.contains("more than 1000 votes"), "{seen:?}");
    assert_eq!(resume(&house, &flooded).code, 125);
}
