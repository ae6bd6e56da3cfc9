//! People with keys, and what they do with requests.

use crate::house::{House, Seen, installed, see};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Whether the programs that people sign with are here.
pub(super) fn can_sign(test: &str) -> bool {
    installed(test, "ssh-keygen") && installed(test, "ssh-add") && installed(test, "ssh-agent")
}

/// A fresh key pair; the path of its private half.
pub(super) fn key(house: &House, name: &str) -> PathBuf {
    let path = house.directory("keys").join(name);
    let mut command = house.clean("ssh-keygen");
    command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path);
    let seen = see(&mut command);
    assert_eq!(seen.code, 0, "{seen:?}");
    path
}

/// The two words of a public key.
pub(super) fn public(key: &std::path::Path) -> String {
    let line = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// Writes the list of approvers of a house: each person with a key.
pub(super) fn list(house: &House, people: &[(&str, &PathBuf)]) {
    let line = |(name, key): &(&str, &PathBuf)| format!("{name} namespaces=\"remgate\" {}\n", public(key));
    let text: String = people.iter().map(line).collect();
    house.write("home/.config/remgate/approvers", text);
}

/// A house with a fake kubectl and two people who may approve: their keys.
pub(super) fn two_people() -> (House, PathBuf, PathBuf) {
    let house = House::new();
    house.fake("kubectl");
    let (alice, bob) = (key(&house, "alice"), key(&house, "bob"));
    list(&house, &[("alice", &alice), ("bob", &bob)]);
    (house, alice, bob)
}

/// Leaves a request for `words`; its id.
pub(super) fn ask(house: &House, words: &[&str]) -> String {
    ask_by(house.gate().args(["run", "--no-wait", "--"]).args(words))
}

/// Leaves a request by a call that does not wait; its id.
pub(super) fn ask_by(command: &mut Command) -> String {
    let seen = see(command);
    assert_eq!(seen.code, 75, "{seen:?}");
    let id = seen.stdout.trim().to_owned();
    assert_eq!(id.len(), 12, "the id alone stands on standard output: {seen:?}");
    id
}

/// Signs what comes on standard input, with ssh-keygen alone.
pub(super) fn sign(house: &House, message: &[u8], key: &PathBuf) -> String {
    let mut command = house.clean("ssh-keygen");
    command.args(["-q", "-Y", "sign", "-n", "remgate", "-f"]).arg(key);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(message).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The bytes that approvers sign.
pub(super) fn request(house: &House, id: &str) -> String {
    let seen = house.run(&format!("request show {id}"));
    assert_eq!(seen.code, 0, "{seen:?}");
    seen.stdout
}

/// Approves a request with a key, through a signature that was made elsewhere.
pub(super) fn approve(house: &House, id: &str, key: &PathBuf) -> Seen {
    let signature = sign(house, request(house, id).as_bytes(), key);
    let name = format!("{}.sig", key.file_name().unwrap().to_str().unwrap());
    let file = house.write(house.at(name), signature);
    see(house.gate().args(["approve", id, "--signature"]).arg(file))
}

/// Approves, and it counts.
pub(super) fn approved(house: &House, id: &str, keys: &[&PathBuf]) {
    for key in keys {
        let seen = approve(house, id, key);
        assert_eq!(seen.code, 0, "{seen:?}");
    }
}

/// A confirmed command, asked for and approved by one person: its id.
pub(super) fn approved_restart(house: &House, key: &PathBuf) -> String {
    let id = ask(house, &["kubectl", "delete", "deployment", "web"]);
    approved(house, &id, &[key]);
    id
}

/// The directory of a request and its votes.
pub(super) fn shard(house: &House, id: &str) -> PathBuf {
    house.state().join("requests").join(id.chars().take(2).collect::<String>())
}

/// Runs what was approved.
pub(super) fn resume(house: &House, id: &str) -> Seen {
    see(house.gate().args(["resume", id, "--no-wait"]))
}

/// The records about an action, by their types.
pub(super) fn told(house: &House, id: &str) -> Vec<String> {
    let of = |record: &Value| record["id"] == id;
    house
        .records()
        .iter()
        .filter(|record| of(record))
        .map(|record| record["type"].as_str().unwrap().to_owned())
        .collect()
}

/// An ssh-agent of the test's own.
pub(super) struct Agent {
    child: Child,
    pub(super) socket: PathBuf,
}

impl Agent {
    /// Started, with these keys in it.
    pub(super) fn with(house: &House, keys: &[&PathBuf]) -> Self {
        // A socket's path has at most 107 bytes (unix(7)).
        let socket =
            std::env::temp_dir().join(format!("remgate-agent-{}", house.at("").display().to_string().len()));
        let socket = socket.with_extension(
            format!("{}-{:?}", std::process::id(), std::thread::current().id()).replace(['(', ')'], ""),
        );
        let _ = std::fs::remove_file(&socket);
        let child =
            house.clean("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        let agent = Self { child, socket };
        while !agent.socket.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        for key in keys {
            let seen = see(house.clean("ssh-add").env("SSH_AUTH_SOCK", &agent.socket).arg("-q").arg(key));
            assert_eq!(seen.code, 0, "{seen:?}");
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.socket);
    }
}
