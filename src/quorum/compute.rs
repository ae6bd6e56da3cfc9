//! The arithmetic of signatures, left to others: `ssh-key`, and for the two large curves of NIST newer crates than those
//! behind it, which take more than a millisecond for one signature.
//!
//! In: a key and a signature whose fields were held against each other, and the message. Out: whether they belong
//! together. Never: a signature whose numbers could be written in another way.

use super::key::{Key, Kind};
use super::wire::string;
use p384::ecdsa::signature::Verifier;
use ssh_key::public::EcdsaPublicKey;
use ssh_key::{Mpint, SshSig};

/// Whether `signature` is over `message` and by `key`, made for `namespace`.
pub(super) fn holds(key: &Key, namespace: &str, message: &[u8], signature: &SshSig) -> bool {
    // What is signed in place of the message: its digest, and what it is for (PROTOCOL.sshsig).
    let signed = || SshSig::signed_data(namespace, signature.hash_alg(), message).ok();
    match key.kind() {
        Kind::P384 => signed().and_then(|signed| p384(key, &signed, signature)).is_some(),
        Kind::P521 => signed().and_then(|signed| p521(key, &signed, signature)).is_some(),
        Kind::Ed25519 | Kind::P256 | Kind::Rsa | Kind::SkEd25519 | Kind::SkP256 => {
            key.public().verify(namespace, message, signature).is_ok()
        }
    }
}

/// With SHA-384 (RFC 5656, section 6.2.1), over numbers of 48 bytes.
fn p384(key: &Key, signed: &[u8], signature: &SshSig) -> Option<()> {
    use p384::ecdsa::{Signature, VerifyingKey};
    let verifier = VerifyingKey::from_sec1_bytes(&point(key)?).ok()?;
    let numbers = Signature::from_slice(&numbers::<48>(signature)?).ok()?;
    verifier.verify(signed, &numbers).ok()
}

/// With SHA-512, over numbers of 66 bytes.
fn p521(key: &Key, signed: &[u8], signature: &SshSig) -> Option<()> {
    use p521::ecdsa::{Signature, VerifyingKey};
    let verifier = VerifyingKey::from_sec1_bytes(&point(key)?).ok()?;
    let numbers = Signature::from_slice(&numbers::<66>(signature)?).ok()?;
    verifier.verify(signed, &numbers).ok()
}

/// Where on its curve a key lies.
fn point(key: &Key) -> Option<Vec<u8>> {
    key.public().key_data().ecdsa().map(EcdsaPublicKey::as_sec1_bytes).map(<[u8]>::to_vec)
}

/// The two numbers of a signature, one behind the other, each with zeros in front up to its full length.
fn numbers<const BYTES: usize>(signature: &SshSig) -> Option<Vec<u8>> {
    let mut rest = signature.signature_bytes();
    let mut all = Vec::with_capacity(2 * BYTES);
    for _ in 0..2 {
        // An mpint has no needless zeros (RFC 4251, section 5), so there is one way to write a number.
        let number = Mpint::from_bytes(string(&mut rest)?).ok()?;
        let number = number.as_positive_bytes()?;
        all.extend(std::iter::repeat_n(0, BYTES.checked_sub(number.len())?));
        all.extend(number);
    }
    rest.is_empty().then_some(all)
}
