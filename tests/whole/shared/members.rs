//! Two members of the group who do not trust each other, and one account that is none.

use super::machine::{ALICE, BOB, CAROL, Machine};
use crate::house::{installed, see};
use remgate::journal::ActionId;
use remgate::quorum::{StatementKind, statement};
use remgate::request::pack_vote;
use sha2::{Digest, Sha256};
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Stdio;

/// A request of alice's that bob rejected.
struct Rejected {
    machine: Machine,
    id: String,
    request: PathBuf,
    vote: PathBuf,
}

impl Rejected {
    fn new(test: &str) -> Option<Self> {
        if !installed(test, "ssh-keygen") {
            return None;
        }
        let machine = Machine::set_up(test)?;
        machine.house.fake("kubectl");
        let key = machine.house.at("bob");
        let mut keygen = machine.house.clean("ssh-keygen");
        assert_eq!(see(keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key)).code, 0);
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        machine.house.write("machine/etc/remgate/approvers", format!("bob namespaces=\"remgate\" {public}"));

        let asked =
            machine.gate_of(ALICE, &["run", "--no-wait", "--", "kubectl", "delete", "deployment", "web"]);
        assert_eq!(asked.code, 75, "{asked:?}");
        let id = asked.stdout.trim().to_owned();
        let shard = machine.path("/var/lib/remgate/requests").join(shard(&id));
        let request = shard.join(format!("{id}.request"));
        let shown = machine.gate_of(BOB, &["request", "show", &id]);
        assert_eq!(shown.stdout.as_bytes(), std::fs::read(&request).unwrap(), "bob reads what alice asked");
        let imported = machine.gate_of(BOB, &["request", "import", &rejection(&machine, &id, &shown.stdout)]);
        assert_eq!(imported.code, 0, "{imported:?}");
        let mut votes = std::fs::read_dir(&shard).unwrap().map(|entry| entry.unwrap().path());
        let vote = votes.find(|path| path.extension().is_some_and(|end| end == "vote")).unwrap();
        Some(Self { machine, id, request, vote })
    }

    /// Alice's attempts at a path in the shared inbox, which must all fail.
    fn attempts(&self, path: &std::path::Path) -> Vec<String> {
        let inbox = "/var/lib/remgate/requests";
        let (place, name) = (shard(&self.id), path.file_name().unwrap().to_str().unwrap());
        let of = |text: &str| {
            text.replace("FILE", &format!("{inbox}/{place}/{name}"))
                .replace("SHARD", &format!("{inbox}/{place}"))
        };
        [
            "rm -f FILE",
            "mv FILE FILE.away",
            "echo x > FILE",
            "echo x >> FILE",
            "truncate -s 0 FILE",
            "touch SHARD/mine && mv -f SHARD/mine FILE",
            "ln -sf /dev/null FILE",
            "chmod 000 FILE",
            "chmod 600 FILE",
            "chown $UID FILE",
            "rmdir SHARD",
            "mv SHARD SHARD.away",
            "chmod 0777 SHARD",
            "chmod -t SHARD",
            "rm -rf SHARD",
            "touch SHARD/../new",
            "mv SHARD/.. SHARD/../../away",
            "mv SHARD/../../../remgate SHARD/../../../away",
        ]
        .map(of)
        .to_vec()
    }
}

/// The shard of an id.
fn shard(id: &str) -> &str {
    id.split_at(2).0
}

/// Bob's signed no, as a text that travels.
fn rejection(machine: &Machine, id: &str, request: &str) -> String {
    let digest: String = Sha256::digest(request).iter().map(|byte| format!("{byte:02x}")).collect();
    let id = ActionId::parse(id).unwrap();
    let line = statement(StatementKind::Rejection, &id, &digest, "wrong cluster", remgate::clock::now());
    let mut sign = machine.house.clean("ssh-keygen");
    sign.args(["-q", "-Y", "sign", "-n", "remgate", "-f"]).arg(machine.house.at("bob"));
    let mut child = sign.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    pack_vote(&id, &[line.into_bytes(), output.stdout].concat())
}

#[test]
fn a_requester_cannot_take_a_rejection_away() {
    let Some(it) = Rejected::new("a_requester_cannot_take_a_rejection_away") else { return };
    let (machine, before) = (&it.machine, std::fs::read(&it.vote).unwrap());
    let asked = std::fs::read(&it.request).unwrap();
    for attempt in it.attempts(&it.vote) {
        let seen = machine.account(ALICE, &attempt);
        assert_ne!(seen.code, 0, "`{attempt}` was possible");
        assert!(std::fs::read(&it.vote).is_ok_and(|now| now == before), "`{attempt}` changed it");
    }
    // `rm -rf` took what is hers, as it may; she puts it back.
    assert!(!it.request.exists());
    std::fs::write(&it.request, &asked).unwrap();
    chown(&it.request, Some(ALICE.1), None).unwrap();
    std::fs::set_permissions(&it.request, Permissions::from_mode(0o640)).unwrap();
    let seen = machine.gate_of(ALICE, &["resume", &it.id, "--no-wait"]);
    assert_eq!(seen.code, 77, "{seen:?}");
    assert!(seen.stderr.contains("wrong cluster"), "{seen:?}");
    assert!(machine.house.ran("kubectl").is_empty());

    // Nor can bob change what alice asked.
    let before = asked;
    for attempt in it.attempts(&it.request) {
        let seen = machine.account(BOB, &attempt);
        assert_ne!(seen.code, 0, "`{attempt}` was possible");
        assert!(std::fs::read(&it.request).is_ok_and(|now| now == before), "`{attempt}` changed it");
    }
}

#[test]
fn a_rejection_is_not_buried_under_votes() {
    let Some(it) = Rejected::new("a_rejection_is_not_buried_under_votes") else { return };
    let flood = format!(
        "cd /var/lib/remgate/requests/{} && for n in {{1000..1999}}; do echo no > {}.000000000000$n.vote; done",
        shard(&it.id),
        it.id
    );
    assert_eq!(it.machine.account(ALICE, &flood).code, 0);
    let seen = it.machine.gate_of(ALICE, &["resume", &it.id, "--no-wait"]);
    assert_eq!(seen.code, 125, "{seen:?}");
    assert!(seen.stderr.contains("more than 1000 votes"), "{seen:?}");
    assert!(it.machine.house.ran("kubectl").is_empty());
}

#[test]
fn who_is_no_member_sees_nothing() {
    let Some(it) = Rejected::new("who_is_no_member_sees_nothing") else { return };
    for text in ["ls /var/lib/remgate/requests", "touch /var/lib/remgate/requests/00/x"] {
        assert_ne!(it.machine.account(CAROL, text).code, 0, "`{text}` was possible");
    }
    for words in [&["pending"][..], &["run", "--no-wait", "--", "kubectl", "delete", "deployment", "web"]] {
        let seen = it.machine.gate_of(CAROL, words);
        assert_eq!(seen.code, 125, "{seen:?}");
        assert!(seen.stderr.contains("usermod -aG remgate"), "{seen:?}");
    }
    assert!(it.machine.house.ran("kubectl").is_empty());
}

/// The attempts above are real ones: without the sticky bit the first of them works - and then nothing is counted.
#[test]
fn without_the_sticky_bit_a_rejection_goes_and_the_gate_stops() {
    let Some(it) = Rejected::new("without_the_sticky_bit_a_rejection_goes_and_the_gate_stops") else {
        return;
    };
    let (machine, shard) = (&it.machine, format!("/var/lib/remgate/requests/{}", shard(&it.id)));
    machine.root(&format!("chmod -t {shard}"));
    let seen = machine.account(ALICE, &it.attempts(&it.vote)[0]);
    assert_eq!((seen.code, it.vote.exists()), (0, false), "{seen:?}");
    let seen = machine.gate_of(ALICE, &["resume", &it.id, "--no-wait"]);
    assert_eq!(seen.code, 125, "{seen:?}");
    assert!(
        seen.stderr.contains("its shard must be sticky") && seen.stderr.contains("doctor --setup"),
        "{seen:?}"
    );
    assert!(machine.house.ran("kubectl").is_empty());
}
