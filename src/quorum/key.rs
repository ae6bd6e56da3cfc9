//! Public keys: which are good enough, and what they are called.
//!
//! In: bytes or text of a public key. Out: a [`Key`], or why it is refused. Never: a key that more than one party
//! could sign with, or one whose signatures the gate could not verify later.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ssh_key::public::{EcdsaPublicKey, KeyData};
use ssh_key::{HashAlg, PublicKey};
use std::fmt;

/// The name of a key: `SHA256:` and the base64 digest of its bytes, as `ssh-keygen -l` and `ssh-add -l` show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// The id that `text` spells, if it is one: `SHA256:` and 43 base64 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<KeyId> {
        let digits = text.strip_prefix("SHA256:")?;
        let proper = digits.len() == 43
            && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
        proper.then(|| KeyId(text.to_owned()))
    }

    /// As `ssh-keygen -l` shows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The kinds of keys that may approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names of algorithms")]
pub enum Kind {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa,
    SkEd25519,
    SkP256,
}

impl Kind {
    const ALL: [Kind; 7] =
        [Kind::Ed25519, Kind::P256, Kind::P384, Kind::P521, Kind::Rsa, Kind::SkEd25519, Kind::SkP256];

    /// As public keys are marked.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Ed25519 => "ssh-ed25519",
            Kind::P256 => "ecdsa-sha2-nistp256",
            Kind::P384 => "ecdsa-sha2-nistp384",
            Kind::P521 => "ecdsa-sha2-nistp521",
            Kind::Rsa => "ssh-rsa",
            Kind::SkEd25519 => "sk-ssh-ed25519@openssh.com",
            Kind::SkP256 => "sk-ecdsa-sha2-nistp256@openssh.com",
        }
    }

    /// The kind that `word` names.
    #[must_use]
    pub fn from_word(word: &[u8]) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.word().as_bytes() == word)
    }

    /// Whether the private half lives in hardware that says whether somebody touched it.
    #[must_use]
    pub fn has_touch(self) -> bool {
        match self {
            Kind::SkEd25519 | Kind::SkP256 => true,
            Kind::Ed25519 | Kind::P256 | Kind::P384 | Kind::P521 | Kind::Rsa => false,
        }
    }

    /// The marks that a signature by such a key may bear. `ssh-rsa` on a signature would mean SHA-1 (RFC 8332).
    pub(super) fn signatures(self) -> &'static [&'static str] {
        match self {
            Kind::Ed25519 => &["ssh-ed25519"],
            Kind::P256 => &["ecdsa-sha2-nistp256"],
            Kind::P384 => &["ecdsa-sha2-nistp384"],
            Kind::P521 => &["ecdsa-sha2-nistp521"],
            Kind::Rsa => &["rsa-sha2-512", "rsa-sha2-256"],
            Kind::SkEd25519 => &["sk-ssh-ed25519@openssh.com"],
            Kind::SkP256 => &["sk-ecdsa-sha2-nistp256@openssh.com"],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Why a public key may not approve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// An algorithm that may not approve: DSA, certificates, anything unknown.
    #[error(
        "a key of type `{0}` may not approve; use ssh-ed25519, ecdsa-sha2-*, ssh-rsa or a hardware key (sk-*)"
    )]
    Algorithm(String),
    /// Not the base64 of a public key, or bytes before or behind it.
    #[error("this is not a public key as `ssh-keygen` writes it: `ssh-ed25519 AAAA...`")]
    Malformed,
    /// The text before the base64 names another type than the bytes.
    #[error("the key says it is `{said}` and is `{found}`")]
    Mislabelled {
        /// The word before the base64.
        said: String,
        /// The word inside.
        found: Kind,
    },
    /// 2,048 bits is what OpenSSH's own tools make at least, 4,096 what the gate can verify.
    #[error("an RSA key of {0} bits may not approve; 2048 to 4096 bits are accepted")]
    RsaSize(usize),
    /// With 1 anybody signs, and `ssh-keygen -Y verify` believes it; even ones and very large ones nobody can verify.
    #[error(
        "an RSA key with this public exponent may not approve; make a new one with `ssh-keygen -t ed25519`"
    )]
    RsaExponent,
    /// A point of small order: signatures that "verify" can be made by anybody, without a private key.
    #[error(
        "this Ed25519 key is a weak one: anybody could sign for it; make a new one with `ssh-keygen -t ed25519`"
    )]
    Weak,
}

/// A public key that may approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    id: KeyId,
    kind: Kind,
    data: KeyData,
}

impl Key {
    /// Reads `ssh-ed25519 AAAA...`, the first two words of a `.pub` file.
    ///
    /// # Errors
    /// It is no key, or none that may approve.
    pub fn parse(said: &str, base64: &str) -> Result<Key, KeyError> {
        let bytes = STANDARD.decode(base64).map_err(|_| KeyError::Malformed)?;
        let key = Self::from_bytes(&bytes)?;
        if said == key.kind.word() {
            Ok(key)
        } else {
            Err(KeyError::Mislabelled { said: said.to_owned(), found: key.kind })
        }
    }

    /// Reads the bytes behind the base64.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Key, KeyError> {
        let word = wire_word(bytes).ok_or(KeyError::Malformed)?;
        let kind = Kind::from_word(word)
            .ok_or_else(|| KeyError::Algorithm(String::from_utf8_lossy(word).into_owned()))?;
        let public = PublicKey::from_bytes(bytes).map_err(|_| KeyError::Malformed)?;
        // Two spellings of one key would have two fingerprints, and count as two keys.
        if public.to_bytes().ok().as_deref() != Some(bytes) {
            return Err(KeyError::Malformed);
        }
        strong(public.key_data())?;
        let id = KeyId(public.fingerprint(HashAlg::Sha256).to_string());
        Ok(Key { id, kind, data: public.into() })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Its algorithm.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The key of a line as `ssh-add -L` and `.pub` files have it: algorithm, base64, comment. `None` for any other.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Key> {
        let mut words = line.split_whitespace();
        Key::parse(words.next()?, words.next()?).ok()
    }

    /// The two words that [`Key::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        let bytes = PublicKey::from(self.data.clone()).to_bytes().unwrap_or_default();
        format!("{} {}", self.kind, STANDARD.encode(bytes))
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey::from(self.data.clone())
    }
}

/// The name of any key, also of one that may not approve: a weak or old key can still be revoked.
pub(super) fn id_of_any(said: &str, base64: &str) -> Option<KeyId> {
    let bytes = STANDARD.decode(base64).ok()?;
    if wire_word(&bytes)? != said.as_bytes() {
        return None;
    }
    let public = PublicKey::from_bytes(&bytes).ok()?;
    Some(KeyId(public.fingerprint(HashAlg::Sha256).to_string()))
}

fn wire_word(mut bytes: &[u8]) -> Option<&[u8]> {
    super::wire::string(&mut bytes)
}

/// How a point begins that is written in full, as OpenSSH wants it (RFC 5656, section 3.1).
const UNCOMPRESSED: u8 = 4;

/// Of an RSA key's public exponent. Everybody's has three: 65537.
const EXPONENT_BYTES: usize = 4;

fn strong(data: &KeyData) -> Result<(), KeyError> {
    let ed25519 = |bytes: &[u8; 32]| match ed25519_dalek::VerifyingKey::from_bytes(bytes) {
        Ok(key) if key.is_weak() => Err(KeyError::Weak),
        Ok(_) => Ok(()),
        Err(_) => Err(KeyError::Malformed),
    };
    if let Some(key) = data.rsa() {
        let modulus = key.n.as_positive_bytes().unwrap_or_default();
        let zeros = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        let bits = modulus.len().saturating_mul(8).saturating_sub(zeros);
        if !(2048..=4096).contains(&bits) {
            return Err(KeyError::RsaSize(bits));
        }
        let exponent = key.e.as_positive_bytes().unwrap_or_default();
        let odd = exponent.last().is_some_and(|byte| byte % 2 == 1);
        let good = odd && exponent != [1] && exponent.len() <= EXPONENT_BYTES;
        return if good { Ok(()) } else { Err(KeyError::RsaExponent) };
    }
    // A point has a short form too (SEC 1, section 2.3.3): the same key by another name, not revoked with it.
    let point = if let KeyData::SkEcdsaSha2NistP256(key) = data {
        Some(key.ec_point().as_bytes())
    } else {
        data.ecdsa().map(EcdsaPublicKey::as_sec1_bytes)
    };
    if point.is_some_and(|point| point.first() != Some(&UNCOMPRESSED)) {
        return Err(KeyError::Malformed);
    }
    if let Some(key) = data.ed25519() {
        return ed25519(&key.0);
    }
    data.sk_ed25519().map_or(Ok(()), |key| ed25519(&key.public_key().0))
}
