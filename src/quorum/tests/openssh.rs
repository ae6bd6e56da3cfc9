//! What counts here, OpenSSH's own `ssh-keygen` confirms; and what it makes is read here.

use super::*;
use std::path::Path;
use std::process::{Command, Stdio};

const REQUEST: &[u8] = b"{\"id\":\"7f3k2m9qv0ab\"}\n";

/// Whether `ssh-keygen` is there; CI wants it.
fn installed(test: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join("ssh-keygen").is_file());
    if !found {
        assert!(
            std::env::var_os("REMGATE_REQUIRE_ALL").is_none_or(|all| all != "1"),
            "{test}: ssh-keygen is not installed"
        );
        println!("SKIPPED {test}: ssh-keygen is not installed");
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "OpenSSH's own program is the second opinion")]
fn ssh_keygen(directory: &Path, words: &[&str], input: &[u8]) -> bool {
    std::fs::write(directory.join("input"), input).unwrap();
    let input = std::fs::File::open(directory.join("input")).unwrap();
    let mut command = Command::new("ssh-keygen");
    command.args(words).current_dir(directory).stdin(input).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap().success()
}

fn confirms(directory: &Path, person: &str) -> bool {
    let words = ["-Y", "verify", "-f", "approvers", "-I", person, "-n", "remgate", "-s", "vote"];
    ssh_keygen(directory, &words, REQUEST)
}

#[test]
fn what_counts_here_ssh_keygen_confirms() {
    if !installed("what_counts_here_ssh_keygen_confirms") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for kind in [Kind::Ed25519, Kind::P256, Kind::P384, Kind::P521, Kind::SkEd25519, Kind::SkP256] {
        let pair = Pair::new(kind, 1);
        std::fs::write(directory.path().join("approvers"), pair.line("alice")).unwrap();
        let vote = pair.sign(REQUEST);
        assert_eq!(check(vote.as_bytes(), REQUEST).unwrap().key, pair.id());
        std::fs::write(directory.path().join("vote"), &vote).unwrap();
        assert!(confirms(directory.path(), "alice"), "{kind}");
        assert!(!confirms(directory.path(), "bob"), "{kind}");
        let other = pair.sign(b"another");
        std::fs::write(directory.path().join("vote"), other).unwrap();
        assert!(!confirms(directory.path(), "alice"), "{kind}");
    }
}

#[test]
fn what_ssh_keygen_signs_counts_here() {
    if !installed("what_ssh_keygen_signs_counts_here") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("request"), REQUEST).unwrap();
    for (kind, bits) in
        [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")]
    {
        let name = format!("{kind}{bits}");
        let made = ["-q", "-t", kind, "-b", bits, "-N", "", "-C", "a comment", "-f", &name];
        assert!(ssh_keygen(directory.path(), &made, b""), "{name}");
        let public = std::fs::read_to_string(directory.path().join(format!("{name}.pub"))).unwrap();
        let roster = read(&format!("alice namespaces=\"remgate\" {public}"), "", "").unwrap();
        for digest in ["sha256", "sha512"] {
            let _ = std::fs::remove_file(directory.path().join("request.sig"));
            let option = format!("hashalg={digest}");
            let sign = ["-q", "-Y", "sign", "-n", "remgate", "-O", &option, "-f", &name, "request"];
            assert!(ssh_keygen(directory.path(), &sign, b""), "{name}");
            let vote = Vote::parse(&std::fs::read(directory.path().join("request.sig")).unwrap()).unwrap();
            let signed = check(vote.to_text().as_bytes(), REQUEST).unwrap();
            assert_eq!(roster.person(&signed.key, noon()), Ok("alice"), "{name} {digest}");
        }
    }
}
