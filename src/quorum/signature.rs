//! One signature in OpenSSH's SSHSIG format (PROTOCOL.sshsig), over some bytes.
//!
//! In: the armored text that `ssh-keygen -Y sign` writes, and the bytes it should be over. Out: whose key made it, and
//! whether a hardware key was touched. Never: a word about who holds that key (that is the roster's), and no second
//! spelling of the same signature: one that could be respelled would look like another vote.
//!
//! Every field is held against what it must be before any cryptography; `compute` then only computes.

use super::compute;
use super::key::{Key, KeyError, KeyId};
use super::wire::{number, string};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ssh_key::SshSig;

/// What signatures must be for. One made for `git` or `file` approves nothing.
pub const NAMESPACE: &str = "remgate";

/// Bytes of armored text that are looked at: a signature by an RSA key of 4,096 bits has 1,500.
pub const MAX_ARMORED: usize = 8 * 1024;

pub(super) const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
/// Columns of base64 in a line, as `ssh-keygen` writes it.
const COLUMNS: usize = 70;
const MAGIC: &[u8] = b"SSHSIG";
/// Flags of a hardware key's signature (PROTOCOL.u2f): bit 0 says that somebody touched it.
const USER_PRESENT: u8 = 1;

/// Whether a human's finger was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// An ordinary key: whoever can read the file, or reach the agent that holds it, can sign.
    NotAsked,
    /// A hardware key that somebody touched for this signature.
    Shown,
}

/// A signature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The key that made it.
    pub key: KeyId,
    /// Whether it was touched.
    pub touch: Touch,
}

/// Why a signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// More than [`MAX_ARMORED`] bytes.
    #[error("it has {0} bytes, and no signature is that long")]
    Long(usize),
    /// Not the text that `ssh-keygen -Y sign` writes: other line ends, other columns, text around it.
    #[error("it is not a signature as `ssh-keygen -Y sign -n remgate` writes it")]
    Armor,
    /// Another version of the format.
    #[error("it is in version {0} of the signature format, and only version 1 is read")]
    Version(u32),
    /// Bytes missing, or bytes that belong to no field.
    #[error("its fields are damaged")]
    Fields,
    /// Made for something else.
    #[error("it is made for `{0}`, not for `remgate`; sign with `-n remgate`")]
    Namespace(String),
    /// A field that must be empty is not.
    #[error("it holds reserved bytes that nobody knows the meaning of")]
    Reserved,
    /// A digest that is not SHA-256 or SHA-512.
    #[error("it uses the digest `{0}`; only sha256 and sha512 are accepted")]
    Digest(String),
    /// A key that may not approve at all.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An algorithm that does not belong to the key: `ssh-rsa` here would be SHA-1.
    #[error("it is marked `{0}`, which a key of this type may not use")]
    Algorithm(String),
    /// A hardware key that was asked without a touch: any program could have had it sign.
    #[error("the hardware key was not touched for it (`no-touch-required`), so no human is shown")]
    Untouched,
    /// The mathematics say no.
    #[error("it is not over these bytes: something else was signed, or the signature was altered")]
    Mismatch,
}

/// Checks everything about a signature but who holds the key.
///
/// # Errors
/// The first thing that is not as it must be.
pub fn check(armored: &[u8], message: &[u8]) -> Result<Signed, SignatureError> {
    if armored.len() > MAX_ARMORED {
        return Err(SignatureError::Long(armored.len()));
    }
    let blob = unarmored(armored).ok_or(SignatureError::Armor)?;
    let fields = Fields::read(&blob)?;
    let key = Key::from_bytes(fields.key)?;
    let touch = fields.prove(&key)?;
    // Whoever reads `parsed` reads what was checked above: both readings use up every byte of the same blob.
    let parsed = SshSig::from_pem(armored).map_err(|_| SignatureError::Fields)?;
    match compute::holds(&key, NAMESPACE, message, &parsed) {
        true => Ok(Signed { key: key.id().clone(), touch }),
        false => Err(SignatureError::Mismatch),
    }
}

/// The bytes in the armor, if this is the one way to write them.
fn unarmored(armored: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(armored).ok()?;
    let body = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
    let blob = STANDARD.decode(body.replace('\n', "")).ok()?;
    (armor(&blob) == text).then_some(blob)
}

/// How `ssh-keygen` writes a signature.
pub(super) fn armor(blob: &[u8]) -> String {
    let mut text = BEGIN.to_owned();
    let mut column = 0;
    for letter in STANDARD.encode(blob).chars() {
        if column == COLUMNS {
            text.push('\n');
            column = 0;
        }
        text.push(letter);
        column += 1;
    }
    text.push('\n');
    text.push_str(END);
    text
}

/// The fields of a signature, in the order in which they stand.
struct Fields<'a> {
    key: &'a [u8],
    namespace: &'a [u8],
    reserved: &'a [u8],
    digest: &'a [u8],
    algorithm: &'a [u8],
    /// What follows the numbers: flags and counter of a hardware key, nothing for others.
    trailer: &'a [u8],
}

impl<'a> Fields<'a> {
    fn read(blob: &'a [u8]) -> Result<Self, SignatureError> {
        let mut rest = blob.strip_prefix(MAGIC).ok_or(SignatureError::Fields)?;
        // The version comes first: another one may well have other fields.
        match number(&mut rest) {
            Some(1) => {}
            Some(other) => return Err(SignatureError::Version(other)),
            None => return Err(SignatureError::Fields),
        }
        Self::read_rest(rest).ok_or(SignatureError::Fields)
    }

    fn read_rest(mut rest: &'a [u8]) -> Option<Self> {
        let mut next = || string(&mut rest);
        let (key, namespace, reserved, digest) = (next()?, next()?, next()?, next()?);
        let mut signature = next()?;
        let algorithm = string(&mut signature)?;
        string(&mut signature)?;
        rest.is_empty().then_some(Self { key, namespace, reserved, digest, algorithm, trailer: signature })
    }

    /// Whether every field is what it must be with this key.
    fn prove(&self, key: &Key) -> Result<Touch, SignatureError> {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if self.namespace != NAMESPACE.as_bytes() {
            return Err(SignatureError::Namespace(shown(self.namespace)));
        }
        if !self.reserved.is_empty() {
            return Err(SignatureError::Reserved);
        }
        if self.digest != b"sha256" && self.digest != b"sha512" {
            return Err(SignatureError::Digest(shown(self.digest)));
        }
        if !key.kind().signatures().iter().any(|word| word.as_bytes() == self.algorithm) {
            return Err(SignatureError::Algorithm(shown(self.algorithm)));
        }
        match (key.kind().has_touch(), self.trailer) {
            (false, []) => Ok(Touch::NotAsked),
            (true, [flags, _, _, _, _]) if flags & USER_PRESENT != 0 => Ok(Touch::Shown),
            (true, [_, _, _, _, _]) => Err(SignatureError::Untouched),
            (true | false, _) => Err(SignatureError::Fields),
        }
    }
}
