//! `doctor --setup`: what it prints, what `--apply` does, and what neither touches.

use super::machine::{ALICE, CAROL, Machine};
use serde_json::Value;

const INBOX: &str = "/var/lib/remgate/requests";

/// The states of all steps, as root sees them.
fn states(machine: &Machine) -> Vec<String> {
    let seen = machine.gate("doctor --setup --json --member alice");
    let json: Value = serde_json::from_str(&seen.stdout).unwrap();
    let steps = json["steps"].as_array().unwrap();
    steps.iter().map(|step| step["state"].as_str().unwrap().to_owned()).collect()
}

/// Owner, group and mode of everything that is made.
fn made(machine: &Machine) -> String {
    let text = format!(
        "stat -c '%n %U:%G %a' /etc/remgate /var/lib/remgate {INBOX} {INBOX}/*; grep ^remgate: /etc/group"
    );
    let seen = machine.root(&text);
    assert_eq!(seen.code, 0, "{seen:?}");
    seen.stdout
}

/// What `doctor` says of approvals to an account: levels and texts.
fn approvals(machine: &Machine, account: (&str, u32)) -> Vec<(String, String)> {
    let seen = machine.gate_of(account, &["doctor", "--json"]);
    let json: Value = serde_json::from_str(&seen.stdout).unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = json["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["topic"] == "approvals");
    findings
        .map(|finding| (text(finding, "level"), text(finding, "text") + " / " + &text(finding, "help")))
        .collect()
}

#[track_caller]
fn says(machine: &Machine, account: (&str, u32), level: &str, words: &str) {
    let found = approvals(machine, account);
    let said = |(at, text): &(String, String)| at == level && text.contains(words);
    assert!(found.iter().any(said), "`{words}` is not said as {level}: {found:#?}");
}

#[test]
fn setup_prints_a_script_and_changes_nothing() {
    let Some(machine) = Machine::new("setup_prints_a_script_and_changes_nothing") else { return };
    let before = machine.house.everything();
    let printed = machine.gate_of(ALICE, &["doctor", "--setup"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""), "{printed:?}");
    let commands: Vec<&str> =
        printed.stdout.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(commands.len(), 5, "{printed:?}");
    assert_eq!(commands[0], "groupadd --system remgate");
    assert!(printed.stdout.contains("#   usermod -aG remgate USER\n"), "{printed:?}");
    assert!(
        printed.stdout.contains("#   remgate approver add NAME --key FILE.pub --system\n"),
        "{printed:?}"
    );

    let refused = machine.gate_of(ALICE, &["doctor", "--setup", "--apply"]);
    assert_eq!(refused.code, 77, "{refused:?}");
    assert!(refused.stderr.contains("sudo remgate doctor --setup --apply"), "{refused:?}");
    let nobody = machine.gate("doctor --setup --apply --member nobody-of-this-name");
    assert_eq!(nobody.code, 64, "{nobody:?}");
    assert_eq!(machine.gate("doctor --apply").code, 64);
    assert!(machine.house.everything() == before, "something was changed");
}

#[test]
fn apply_and_the_printed_script_come_to_the_same() {
    let Some(applied) = Machine::new("apply_and_the_printed_script_come_to_the_same") else { return };
    let first = applied.gate("doctor --setup --apply --member alice");
    assert_eq!((first.code, first.stdout.matches("done: ").count()), (0, 6), "{first:?}");
    assert!(first.stdout.contains("next: remgate approver add"), "{first:?}");
    let all = made(&applied);
    assert!(all.starts_with("/etc/remgate root:root 755\n/var/lib/remgate root:root 755\n"), "{all}");
    assert!(all.contains("requests root:remgate 750\n"), "{all}");
    assert_eq!(all.matches(" root:remgate 3770\n").count(), 1024);
    assert_eq!(states(&applied), ["done"; 6]);
    // Nobody would count if it made an empty list.
    assert!(!applied.path("/etc/remgate/approvers").exists());

    let again = applied.gate("doctor --setup --apply --member alice");
    assert_eq!((again.code, again.stdout.matches("done: ").count()), (0, 0), "{again:?}");
    assert!(again.stdout.starts_with("everything was set up already\n"), "{again:?}");

    let scripted = Machine::new("apply_and_the_printed_script_come_to_the_same").unwrap();
    let gate = env!("CARGO_BIN_EXE_remgate");
    let seen = scripted
        .root(&format!("umask 077; PATH=/usr/sbin:$PATH; {gate} doctor --setup --member alice | bash -e"));
    assert_eq!((seen.code, seen.stderr.as_str()), (0, ""), "{seen:?}");
    assert_eq!(made(&scripted), all);
    let seen = scripted.root(&format!("{gate} doctor --setup --member alice | bash -e"));
    assert_eq!((seen.code, seen.stderr.as_str()), (0, ""), "done steps were not left out: {seen:?}");
}

#[test]
fn doctor_sees_what_setup_mends() {
    let Some(machine) = Machine::set_up("doctor_sees_what_setup_mends") else { return };
    says(&machine, ALICE, "ok", "requests wait in `/var/lib/remgate/requests`");
    says(&machine, CAROL, "fail", "usermod -aG remgate");
    let sound = made(&machine);
    let spoils = [
        ("chmod 1777 R/7f", "must not be open to everybody"),
        ("chmod 2770 R/7f", "must be sticky"),
        ("chown alice R/7f", "must belong to root"),
        ("chgrp bin R/7f", "its shard is closed to the group"),
        ("chmod 1777 R/7f && chgrp bin R/7f && chmod o-w R/7f", "must belong to the group"),
        ("rmdir R/zz", "its shard is missing"),
        ("chmod g+w R", "only root may write it"),
        ("chown alice R", "must belong to root"),
        ("chmod 0775 R/..", "could exchange `/var/lib/remgate`"),
        ("chown alice R/..", "could exchange `/var/lib/remgate`"),
    ];
    for (spoil, words) in spoils {
        let seen = machine.root(&spoil.replace('R', INBOX));
        assert_eq!(seen.code, 0, "{spoil}: {seen:?}");
        says(&machine, ALICE, "fail", words);
        says(&machine, ALICE, "fail", "`remgate doctor --setup`");
        let applied = machine.gate("doctor --setup --apply");
        assert_eq!(applied.code, 0, "{spoil}: {applied:?}");
        assert!(applied.stdout.contains("done: ch") || spoil.starts_with("rmdir"), "{spoil}: {applied:?}");
        assert_eq!(made(&machine), sound, "{spoil}");
    }
}

#[test]
fn a_step_that_fails_ends_it_and_says_what_was_done() {
    let test = "a_step_that_fails_ends_it_and_says_what_was_done";
    let Some(machine) = Machine::new(test) else { return };
    // What groupadd itself says when another one is at work.
    machine.root("ln -s nowhere /var/lib/remgate; echo 1 > /etc/group.lock; echo 1 > /etc/gshadow.lock");
    let seen = machine.gate("doctor --setup --apply");
    assert_eq!(seen.code, 1, "{seen:?}");
    assert!(seen.stderr.contains("`groupadd --system remgate` failed: it ended with exit code"), "{seen:?}");
    assert!(seen.stderr.contains("/etc/group"), "its own words are not shown: {seen:?}");
    assert!(seen.stderr.contains("0 done before it, and nothing after it"), "{seen:?}");
    assert!(!machine.path("/etc/remgate").exists());

    machine.root("rm /etc/*.lock");
    let seen = machine.gate("doctor --setup --apply --json");
    assert_eq!(seen.code, 1, "{seen:?}");
    let json: Value = serde_json::from_str(&seen.stdout).unwrap();
    assert_eq!(json["applied"].as_array().unwrap().len(), 2, "{json}");
    assert!(json["failed"].as_str().unwrap().contains("`/var/lib/remgate` is a symbolic link"), "{json}");
    assert!(machine.path("/var/lib/remgate").is_symlink());
    assert!(!machine.path("/var/lib/nowhere").exists());
    assert_eq!(machine.gate("doctor --setup").code, 1);
    says(&machine, ALICE, "note", "other accounts take them as texts only");
}

#[test]
fn the_callers_path_does_not_decide_what_root_calls() {
    let test = "the_callers_path_does_not_decide_what_root_calls";
    let Some(machine) = Machine::new(test) else { return };
    // First in PATH, as `sudo` with a kept PATH would find them.
    for name in ["bash", "groupadd", "install"] {
        machine.house.fake(name);
    }
    let gate = env!("CARGO_BIN_EXE_remgate");
    machine.house.write("work/evil", format!("touch {}", machine.house.at("ran/evil").display()));
    let seen = machine.root(&format!("BASH_ENV=evil {gate} doctor --setup --apply"));
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(!machine.house.at("ran/groupadd").exists() && !machine.house.at("ran/bash").exists());
    assert!(!machine.house.at("ran/install").exists() && !machine.house.at("ran/evil").exists());
}

#[test]
fn doctor_says_who_approves_and_what_that_is_worth() {
    let test = "doctor_says_who_approves_and_what_that_is_worth";
    let Some(machine) = Machine::set_up(test) else { return };
    says(&machine, ALICE, "note", "nobody is listed as an approver");
    let key = |name: &str| {
        let file = machine.house.at(name);
        let made = machine.root(&format!("ssh-keygen -q -t ed25519 -N '' -f {}", file.display()));
        assert_eq!(made.code, 0, "{made:?}");
        let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
        public.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    };
    let (of_alice, of_bob) = (key("one"), key("two"));
    let lines = [
        format!("alice namespaces=\"remgate\" {of_alice}"),
        format!("bob namespaces=\"remgate\" {of_bob}"),
        format!("old namespaces=\"remgate\",valid-before=\"20200101Z\" {}", key("three")),
    ];
    machine.house.write("machine/etc/remgate/approvers", lines.join("\n") + "\n");
    machine.house.write("machine/etc/remgate/approvers.groups", "sre = [\"alice\", \"bob\"]\n");
    says(
        &machine,
        ALICE,
        "ok",
        "`/etc/remgate/approvers` lists 3 people, of whom 2 can approve now, with 2 keys (0 with touch); groups: sre 2",
    );
    says(&machine, ALICE, "note", "what its agents ask, alice cannot approve");
    assert!(approvals(&machine, ALICE).iter().all(|(level, _)| level != "warn" && level != "fail"));
    let seen = machine.gate("doctor");
    assert!(seen.stdout.contains("root asks, and root can list itself"), "{seen:?}");

    // The account's own list does not count beside it, nor would it be hers to change in the system's place.
    let own = "mkdir -p ~/.config/remgate && echo broken > ~/.config/remgate/approvers";
    assert_eq!(machine.account(ALICE, own).code, 0);
    says(&machine, ALICE, "ok", "`/etc/remgate/approvers` lists 3 people");
    machine.house.write("machine/etc/remgate/approvers", lines.join("\n") + "\nnonsense\n");
    says(&machine, ALICE, "fail", "nobody counts as an approver");
    std::fs::remove_file(machine.path("/etc/remgate/approvers")).unwrap();
    says(&machine, ALICE, "fail", "approvers:1:");
    let list = format!("printf '%s\\n' '{}' '{}' > ~/.config/remgate/approvers", lines[0], lines[1]);
    assert_eq!(machine.account(ALICE, &list).code, 0);
    says(&machine, ALICE, "warn", "and so list themselves: approvals are advisory");
}
