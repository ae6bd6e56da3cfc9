//! What one approval costs to verify, against the SHA-256 of one megabyte in the same run.
//!
//! `cargo bench --bench verify-vote`. Times differ between machines; what counts is the ratio, printed first. The design
//! wants less than a millisecond per approval, which the median column shows. Then divan measures each kind of key
//! alone, and a count of ten votes.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops where something fails"
)]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use base64::Engine as _;
use divan::{Bencher, black_box};
use remgate::actor::ActorKind;
use remgate::journal::ActionId;
use remgate::quorum::{Ballot, Demanded, Place, Requester, Roster, Texts, Vote, check, tally};
use remgate::rules::Layer;
use sha2::{Digest as _, Sha256};
use ssh_key::private::{EcdsaKeypair, Ed25519Keypair};
use ssh_key::{EcdsaCurve, HashAlg, LineEnding, PrivateKey, SshSig};
use std::time::{Duration, Instant};

/// As long as a request with a few files and variables.
const REQUEST: [u8; 4_000] = [b'x'; 4_000];
const SAMPLES: u32 = 200;
const KINDS: [&str; 5] = ["ed25519", "p256", "p384", "p521", "rsa2048"];

fn main() {
    let megabyte = vec![b'x'; 1 << 20];
    let yardstick = median(|| black_box(Sha256::digest(black_box(&megabyte))));
    println!("{:>10} {:>12} {:>22}", "key", "median us", "times sha256 of 1 MiB");
    for kind in KINDS {
        let (armored, message) = signed(kind);
        let took = median(|| black_box(check(armored.as_bytes(), &message)));
        println!(
            "{kind:>10} {:>12.1} {:>22.3}",
            took.as_secs_f64() * 1e6,
            took.as_secs_f64() / yardstick.as_secs_f64()
        );
    }
    divan::main();
}

fn median<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut samples: Vec<Duration> = (0..SAMPLES)
        .map(|_| {
            let started = Instant::now();
            let done = work();
            let took = started.elapsed();
            drop(done);
            took
        })
        .collect();
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap()
}

/// Random bytes of the kernel, for keys that live as long as this run.
struct Kernel;

impl ssh_key::rand_core::RngCore for Kernel {
    fn next_u32(&mut self) -> u32 {
        ssh_key::rand_core::impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        ssh_key::rand_core::impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), ssh_key::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl ssh_key::rand_core::CryptoRng for Kernel {}

fn pair(kind: &str) -> PrivateKey {
    let ecdsa = |curve| PrivateKey::from(EcdsaKeypair::random(&mut Kernel, curve).unwrap());
    match kind {
        "p256" => ecdsa(EcdsaCurve::NistP256),
        "p384" => ecdsa(EcdsaCurve::NistP384),
        "p521" => ecdsa(EcdsaCurve::NistP521),
        _ => PrivateKey::from(Ed25519Keypair::random(&mut Kernel)),
    }
}

fn sign(key: &PrivateKey) -> String {
    let signature = SshSig::sign(key, "remgate", HashAlg::Sha512, &REQUEST).unwrap();
    signature.to_pem(LineEnding::LF).unwrap()
}

/// An armored signature and what it is over. Making an RSA key takes longer than the bench, so that one is fixed.
fn signed(kind: &str) -> (String, Vec<u8>) {
    if kind == "rsa2048" {
        return (include_str!("../src/quorum/tests/rsa.sig").to_owned(), b"delete pod web-0\n".to_vec());
    }
    (sign(&pair(kind)), REQUEST.to_vec())
}

#[divan::bench(args = KINDS)]
fn one_signature(bencher: Bencher<'_, '_>, kind: &str) {
    let (armored, message) = signed(kind);
    check(armored.as_bytes(), &message).unwrap();
    bencher.bench_local(|| check(black_box(armored.as_bytes()), &message));
}

#[divan::bench]
fn ten_votes(bencher: Bencher<'_, '_>) {
    let keys: Vec<PrivateKey> = (0..10).map(|_| pair("ed25519")).collect();
    let line = |(nth, key): (usize, &PrivateKey)| {
        let public = base64::engine::general_purpose::STANDARD.encode(key.public_key().to_bytes().unwrap());
        format!("person-{nth} namespaces=\"remgate\" ssh-ed25519 {public}\n")
    };
    let texts = Texts { approvers: keys.iter().enumerate().map(line).collect(), ..Texts::default() };
    let roster =
        Roster::parse(&texts, Place { directory: "/etc/remgate".into(), layer: Layer::System }).unwrap();
    let votes: Vec<Vote> = keys.iter().map(|key| Vote::Approval(sign(key))).collect();
    let demanded = Demanded { people: 10, groups: Vec::new() };
    let requester =
        Requester { kind: ActorKind::Agent, name: "agent".to_owned(), account: "anna".to_owned() };
    let id = ActionId::parse("7f3k2m9qv0ab").unwrap();
    let now = remgate::clock::now();
    let ballot = Ballot {
        roster: &roster,
        demanded: &demanded,
        requester: &requester,
        id: &id,
        request: &REQUEST,
        now,
    };
    assert!(tally(&ballot, &votes).met());
    bencher.bench_local(|| tally(&ballot, black_box(&votes)));
}
