//! Tests of the whole room, with keys that are made here: hardware keys too, as nothing about them needs hardware but
//! the promise that a flag was set by a finger.

mod edits;
mod openssh;
mod rosters;
mod signatures;
mod tallies;
mod votes;

use super::*;
use crate::actor::ActorKind;
use crate::journal::ActionId;
use crate::rules::Layer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256, Sha512};
use ssh_key::private::{EcdsaKeypair, Ed25519Keypair};
use ssh_key::rand_core::{CryptoRng, RngCore};
use ssh_key::{EcdsaCurve, PrivateKey, SigningKey};
use std::path::PathBuf;

/// A key pair of a test's own.
#[derive(Clone)]
struct Pair {
    kind: Kind,
    half: Half,
}

#[derive(Clone)]
enum Half {
    Ed25519(Ed25519Keypair),
    Ecdsa(EcdsaKeypair),
}

/// The same bytes for the same seed, so that a failure can be repeated.
struct Seeded(u64);

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        ssh_key::rand_core::impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        ssh_key::rand_core::impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1 << 32;
            chunk.copy_from_slice(&Sha256::digest(self.0.to_be_bytes())[..chunk.len()]);
        }
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), ssh_key::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Seeded {}

fn put(out: &mut Vec<u8>, bytes: impl AsRef<[u8]>) {
    out.extend(u32::try_from(bytes.as_ref().len()).unwrap().to_be_bytes());
    out.extend(bytes.as_ref());
}

/// The same, field after field.
fn fields(all: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    all.iter().for_each(|field| put(&mut out, field));
    out
}

/// The bare signature over some bytes; the trait that signs is in scope by the bound alone.
fn raw(key: &impl SigningKey, message: &[u8]) -> Vec<u8> {
    key.try_sign(message).unwrap().as_bytes().to_vec()
}

impl Pair {
    fn new(kind: Kind, seed: u32) -> Pair {
        let mut seeded = Seeded(u64::from(seed));
        let mut ecdsa = |curve| Half::Ecdsa(EcdsaKeypair::random(&mut seeded, curve).unwrap());
        let half = match kind {
            Kind::P256 | Kind::SkP256 => ecdsa(EcdsaCurve::NistP256),
            Kind::P384 => ecdsa(EcdsaCurve::NistP384),
            Kind::P521 => ecdsa(EcdsaCurve::NistP521),
            Kind::Ed25519 | Kind::SkEd25519 => Half::Ed25519(Ed25519Keypair::random(&mut seeded)),
            Kind::Rsa => panic!("making RSA keys takes minutes here; the tests of RSA have a fixed one"),
        };
        Pair { kind, half }
    }

    fn ed25519(seed: u32) -> Pair {
        Pair::new(Kind::Ed25519, seed)
    }

    /// The bytes behind the base64.
    fn public(&self) -> Vec<u8> {
        let word = self.kind.word().as_bytes();
        let mut points = match &self.half {
            Half::Ed25519(pair) => vec![pair.public.0.to_vec()],
            Half::Ecdsa(pair) => {
                vec![pair.curve().as_str().as_bytes().to_vec(), pair.public_key_bytes().to_vec()]
            }
        };
        if self.kind.has_touch() {
            points.push(b"ssh:".to_vec());
        }
        let all: Vec<&[u8]> = std::iter::once(word).chain(points.iter().map(Vec::as_slice)).collect();
        fields(&all)
    }

    fn id(&self) -> KeyId {
        Key::from_bytes(&self.public()).unwrap().id().clone()
    }

    /// `ssh-ed25519 AAAA...`
    fn text(&self) -> String {
        format!("{} {}", self.kind, STANDARD.encode(self.public()))
    }

    /// A line of the approvers file.
    fn line(&self, person: &str) -> String {
        format!("{person} namespaces=\"remgate\" {}\n", self.text())
    }

    fn raw(&self, message: &[u8]) -> Vec<u8> {
        match &self.half {
            Half::Ed25519(pair) => raw(&PrivateKey::from(pair.clone()), message),
            Half::Ecdsa(pair) => raw(&PrivateKey::from(pair.clone()), message),
        }
    }

    /// What an honest approver hands over.
    fn sign(&self, message: &[u8]) -> String {
        Forge::of(self).sign(message)
    }

    fn approves(&self, message: &[u8]) -> Vote {
        Vote::Approval(self.sign(message))
    }
}

/// Makes signatures whose mathematics hold, with one field or another that is not as it should be.
#[derive(Clone)]
struct Forge<'a> {
    pair: &'a Pair,
    magic: &'a [u8],
    version: u32,
    key: Vec<u8>,
    namespace: &'a [u8],
    reserved: &'a [u8],
    digest: &'a [u8],
    algorithm: &'a [u8],
    /// Of hardware keys.
    flags: u8,
    /// Behind the signature, inside its field.
    inner: &'a [u8],
    /// Behind everything.
    outer: &'a [u8],
}

impl<'a> Forge<'a> {
    fn of(pair: &'a Pair) -> Forge<'a> {
        Forge {
            pair,
            magic: b"SSHSIG",
            version: 1,
            key: pair.public(),
            namespace: b"remgate",
            reserved: b"",
            digest: b"sha512",
            algorithm: pair.kind.word().as_bytes(),
            flags: 1,
            inner: b"",
            outer: b"",
        }
    }

    fn blob(&self, message: &[u8]) -> Vec<u8> {
        let hash = match self.digest {
            b"sha256" => Sha256::digest(message).to_vec(),
            _ => Sha512::digest(message).to_vec(),
        };
        let signed =
            [b"SSHSIG".to_vec(), fields(&[self.namespace, self.reserved, self.digest, &hash])].concat();
        let trailer = [self.flags, 0, 0, 0, 7];
        let (number, trailer) = if self.pair.kind.has_touch() {
            let mut asserted = Sha256::digest("ssh:").to_vec();
            asserted.extend(trailer);
            asserted.extend(Sha256::digest(&signed));
            (self.pair.raw(&asserted), trailer.as_slice())
        } else {
            (self.pair.raw(&signed), [].as_slice())
        };
        let mut signature = fields(&[self.algorithm, &number]);
        signature.extend(trailer);
        signature.extend(self.inner);
        let mut blob = self.magic.to_vec();
        blob.extend(self.version.to_be_bytes());
        blob.extend(fields(&[&self.key, self.namespace, self.reserved, self.digest, &signature]));
        blob.extend(self.outer);
        blob
    }

    fn sign(&self, message: &[u8]) -> String {
        signature::armor(&self.blob(message))
    }
}

/// What is signed in place of a message.
fn signed(message: &[u8]) -> Vec<u8> {
    [b"SSHSIG".to_vec(), fields(&[b"remgate", b"", b"sha512", &Sha512::digest(message)])].concat()
}

fn place() -> Place {
    Place { directory: PathBuf::from("/etc/remgate"), layer: Layer::System }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    at("2026-11-21T12:00:00Z")
}

fn read(approvers: &str, groups: &str, revoked: &str) -> Result<Roster, Vec<Problem>> {
    let texts =
        Texts { approvers: approvers.to_owned(), groups: groups.to_owned(), revoked: revoked.to_owned() };
    Roster::parse(&texts, place())
}

fn id() -> ActionId {
    ActionId::parse("7f3k2m9qv0ab").unwrap()
}

fn agent() -> Requester {
    Requester { kind: ActorKind::Agent, name: "claude-code".to_owned(), account: "anna".to_owned() }
}

fn human(account: &str) -> Requester {
    Requester { kind: ActorKind::Human, name: account.to_owned(), account: account.to_owned() }
}

fn demand(people: u8, groups: &[&str]) -> Demanded {
    Demanded { people, groups: groups.iter().map(|group| (*group).to_owned()).collect() }
}
