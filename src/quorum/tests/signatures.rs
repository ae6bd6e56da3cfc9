//! One row for each way in which a signature is stricter than its mathematics.

use super::*;
use proptest::prelude::*;

const MESSAGE: &[u8] = b"{\"id\":\"7f3k2m9qv0ab\"}\n";
const KINDS: [Kind; 6] = [Kind::Ed25519, Kind::P256, Kind::P384, Kind::P521, Kind::SkEd25519, Kind::SkP256];
/// Made by `ssh-keygen -Y sign -n remgate` over `RSA_MESSAGE`.
const RSA: &str = include_str!("rsa.sig");
const RSA_MESSAGE: &[u8] = b"delete pod web-0\n";

fn rsa_public() -> Vec<u8> {
    STANDARD.decode(include_str!("rsa.pub").split_whitespace().nth(1).unwrap()).unwrap()
}

#[test]
fn every_kind_of_key_signs_with_either_digest() {
    for kind in KINDS {
        for digest in ["sha256", "sha512"] {
            let pair = Pair::new(kind, 1);
            let forge = Forge { digest: digest.as_bytes(), ..Forge::of(&pair) };
            let signed = check(forge.sign(MESSAGE).as_bytes(), MESSAGE).unwrap();
            let touch = if kind.has_touch() { Touch::Shown } else { Touch::NotAsked };
            assert_eq!(signed, Signed { key: pair.id(), touch }, "{kind} {digest}");
        }
    }
    let signed = check(RSA.as_bytes(), RSA_MESSAGE).unwrap();
    assert_eq!(signed.key, *Key::from_bytes(&rsa_public()).unwrap().id());
    assert_eq!(signed.touch, Touch::NotAsked);
}

/// The signatures of this table are computed over exactly what they claim, so nothing but the named check refuses.
#[test]
fn what_is_signed_properly_is_refused_all_the_same() {
    let (pair, sk) = (Pair::ed25519(1), Pair::new(Kind::SkEd25519, 2));
    let other = Pair::ed25519(3);
    let honest = Forge::of(&pair);
    let touched = Forge::of(&sk);
    let padded = [pair.public(), vec![0]].concat();
    let rows: Vec<(&str, Forge<'_>, SignatureError)> = vec![
        ("magic", Forge { magic: b"SSHSIH", ..honest.clone() }, SignatureError::Fields),
        ("version 0", Forge { version: 0, ..honest.clone() }, SignatureError::Version(0)),
        ("version 2", Forge { version: 2, ..honest.clone() }, SignatureError::Version(2)),
        ("git", Forge { namespace: b"git", ..honest.clone() }, SignatureError::Namespace("git".into())),
        ("no name", Forge { namespace: b"", ..honest.clone() }, SignatureError::Namespace(String::new())),
        (
            "case",
            Forge { namespace: b"Remgate", ..honest.clone() },
            SignatureError::Namespace("Remgate".into()),
        ),
        (
            "NUL",
            Forge { namespace: b"remgate\0", ..honest.clone() },
            SignatureError::Namespace("remgate\0".into()),
        ),
        ("reserved", Forge { reserved: b"x", ..honest.clone() }, SignatureError::Reserved),
        ("digest", Forge { digest: b"sha1", ..honest.clone() }, SignatureError::Digest("sha1".into())),
        (
            "another algorithm",
            Forge { algorithm: b"sk-ssh-ed25519@openssh.com", ..honest.clone() },
            SignatureError::Algorithm("sk-ssh-ed25519@openssh.com".into()),
        ),
        (
            "webauthn",
            Forge { algorithm: b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", ..touched.clone() },
            SignatureError::Algorithm("webauthn-sk-ecdsa-sha2-nistp256@openssh.com".into()),
        ),
        ("another key", Forge { key: other.public(), ..honest.clone() }, SignatureError::Mismatch),
        ("a longer key", Forge { key: padded, ..honest.clone() }, SignatureError::Key(KeyError::Malformed)),
        ("bytes inside", Forge { inner: b"x", ..honest.clone() }, SignatureError::Fields),
        (
            "flags where none belong",
            Forge { inner: &[1, 0, 0, 0, 7], ..honest.clone() },
            SignatureError::Fields,
        ),
        ("bytes behind", Forge { outer: b"x", ..honest.clone() }, SignatureError::Fields),
        ("a longer counter", Forge { inner: b"x", ..touched.clone() }, SignatureError::Fields),
        ("no touch", Forge { flags: 0, ..touched.clone() }, SignatureError::Untouched),
        ("a PIN is no touch", Forge { flags: 4, ..touched.clone() }, SignatureError::Untouched),
    ];
    for (row, forge, expected) in rows {
        assert_eq!(check(forge.sign(MESSAGE).as_bytes(), MESSAGE), Err(expected), "{row}");
    }
    check(Forge { flags: 5, ..touched }.sign(MESSAGE).as_bytes(), MESSAGE)
        .expect("touch and PIN are a touch");
}

#[test]
fn hardware_keys_of_both_kinds_need_the_touch() {
    for kind in [Kind::SkEd25519, Kind::SkP256] {
        let pair = Pair::new(kind, 4);
        for flags in 0..=u8::MAX {
            let forge = Forge { flags, ..Forge::of(&pair) };
            let touched = check(forge.sign(MESSAGE).as_bytes(), MESSAGE).map(|signed| signed.touch);
            let expected = if flags & 1 == 1 { Ok(Touch::Shown) } else { Err(SignatureError::Untouched) };
            assert_eq!(touched, expected, "{kind} {flags}");
        }
        // The flag is part of what is signed: setting it afterwards breaks the signature.
        let blob = Forge { flags: 0, ..Forge::of(&pair) }.blob(MESSAGE);
        let mut lifted = blob.clone();
        let flags = lifted.len() - 5;
        lifted[flags] = 1;
        assert_eq!(check(signature::armor(&lifted).as_bytes(), MESSAGE), Err(SignatureError::Mismatch));
    }
}

#[test]
fn rsa_signs_with_sha2_only() {
    let blob =
        STANDARD.decode(RSA.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap();
    let place = blob.windows(12).position(|window| window == b"rsa-sha2-512").unwrap();
    let mut renamed = blob.clone();
    renamed[place..place + 12].copy_from_slice(b"rsa-sha2-256");
    assert_eq!(check(signature::armor(&renamed).as_bytes(), RSA_MESSAGE), Err(SignatureError::Mismatch));
    // `ssh-rsa` is five bytes shorter, in its own length and in that of the field around it.
    let mut sha1 = blob[..place - 8].to_vec();
    put(&mut sha1, [&fields(&[b"ssh-rsa"]), &blob[place + 12..]].concat());
    assert_eq!(
        check(signature::armor(&sha1).as_bytes(), RSA_MESSAGE),
        Err(SignatureError::Algorithm("ssh-rsa".to_owned()))
    );
}

fn rsa_of(bits: usize) -> Vec<u8> {
    rsa_with(&[1, 0, 1], bits)
}

fn rsa_with(exponent: &[u8], bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xff; bits.div_ceil(8)];
    modulus[0] >>= modulus.len() * 8 - bits;
    if modulus[0] & 0x80 != 0 {
        modulus.insert(0, 0);
    }
    fields(&[b"ssh-rsa", exponent, &modulus])
}

#[test]
fn only_good_keys_may_sign() {
    for (bits, expected) in [
        (1024, Err(KeyError::RsaSize(1024))),
        (2047, Err(KeyError::RsaSize(2047))),
        (2048, Ok(())),
        (4096, Ok(())),
        (4097, Err(KeyError::RsaSize(4097))),
        (16384, Err(KeyError::RsaSize(16384))),
    ] {
        assert_eq!(Key::from_bytes(&rsa_of(bits)).map(drop), expected, "{bits}");
    }
    for (exponent, expected) in [
        (&[3][..], Ok(())),
        (&[1], Err(KeyError::RsaExponent)),
        (&[2], Err(KeyError::RsaExponent)),
        (&[1, 0, 0, 0, 1], Err(KeyError::RsaExponent)),
    ] {
        assert_eq!(Key::from_bytes(&rsa_with(exponent, 2048)).map(drop), expected, "{exponent:?}");
    }
    let dsa = fields(&[b"ssh-dss", &[0x7f; 128], &[0x7f; 20], &[0x7f; 128], &[0x7f; 128]]);
    assert_eq!(Key::from_bytes(&dsa), Err(KeyError::Algorithm("ssh-dss".to_owned())));
    let certificate = fields(&[b"ssh-ed25519-cert-v01@openssh.com", &[7; 32], &[7; 32]]);
    let word = "ssh-ed25519-cert-v01@openssh.com".to_owned();
    assert_eq!(Key::from_bytes(&certificate), Err(KeyError::Algorithm(word)));
    for wrong in [&b""[..], b"\0\0\0\x0bssh-ed25519", b"\xff\xff\xff\xffssh-ed25519"] {
        assert_eq!(Key::from_bytes(wrong), Err(KeyError::Malformed));
    }
}

/// With the neutral point as key, the signature of all zeros and a one "holds" for every message.
#[test]
fn a_weak_ed25519_key_may_not_sign() {
    let mut neutral = [0_u8; 32];
    neutral[0] = 1;
    for word in ["ssh-ed25519", "sk-ssh-ed25519@openssh.com"] {
        let mut key = fields(&[word.as_bytes(), &neutral]);
        if word.starts_with("sk-") {
            put(&mut key, "ssh:");
        }
        assert_eq!(Key::from_bytes(&key), Err(KeyError::Weak), "{word}");
    }
    let key = ssh_key::PublicKey::from_bytes(&fields(&[b"ssh-ed25519", &neutral])).unwrap();
    let forged = [&neutral[..], &[0; 32]].concat();
    let signature = ssh_key::Signature::new(ssh_key::Algorithm::Ed25519, forged).unwrap();
    let anything =
        ssh_key::SshSig::new(key.key_data().clone(), NAMESPACE, ssh_key::HashAlg::Sha512, signature);
    let anything = anything.unwrap();
    key.verify(NAMESPACE, MESSAGE, &anything)
        .expect("the crate alone would accept it, which is why we must not");
    let armored = anything.to_pem(ssh_key::LineEnding::LF).unwrap();
    assert_eq!(check(armored.as_bytes(), MESSAGE), Err(SignatureError::Key(KeyError::Weak)));
}

/// The numbers of a signature on a curve, written in any other way or too large, are no signature; nor is one behind which
/// something follows.
#[test]
fn the_numbers_of_a_curve_have_one_spelling() {
    for kind in [Kind::P256, Kind::P384, Kind::P521] {
        let pair = Pair::new(kind, 8);
        let numbers = pair.raw(&signed(MESSAGE));
        let mut rest = numbers.as_slice();
        let (r, s) = (wire::string(&mut rest).unwrap(), wire::string(&mut rest).unwrap());
        assert!(rest.is_empty());
        let zero = |number: &[u8]| [&[0], number].concat();
        let long = vec![0x7f; 67];
        let rows: [(&str, Vec<u8>); 10] = [
            ("as it was", numbers.clone()),
            ("a zero before the first", fields(&[&zero(r), s])),
            ("a zero before the second", fields(&[r, &zero(s)])),
            ("a byte behind", [numbers.as_slice(), &[0]].concat()),
            ("a number behind", fields(&[r, s, s])),
            ("one number", fields(&[r])),
            ("no first number", fields(&[b"", s])),
            ("no second number", fields(&[r, b""])),
            ("too long", fields(&[r, &long])),
            ("the other way round", fields(&[s, r])),
        ];
        for (row, numbers) in rows {
            let signature = fields(&[kind.word().as_bytes(), &numbers]);
            let mut blob = b"SSHSIG\0\0\0\x01".to_vec();
            blob.extend(fields(&[&pair.public(), b"remgate", b"", b"sha512", &signature]));
            let found = check(signature::armor(&blob).as_bytes(), MESSAGE);
            assert_eq!(found.is_ok(), row == "as it was", "{kind} {row}: {found:?}");
        }
    }
}

/// A point that is not on the curve is nobody's key, and one written in short would be a second name of a key.
#[test]
fn a_point_has_one_spelling_and_lies_on_its_curve() {
    for kind in [Kind::P256, Kind::P384, Kind::P521, Kind::SkP256] {
        let pair = Pair::new(kind, 9);
        let public = pair.public();
        let mut rest = public.as_slice();
        let (word, curve) = (wire::string(&mut rest).unwrap(), wire::string(&mut rest).unwrap());
        let point = wire::string(&mut rest).unwrap();
        let half = point.len() / 2;
        let short = [&[2 + (point[2 * half] & 1)], &point[1..=half]].concat();
        let with = |point: &[u8]| [&fields(&[word, curve, point]), rest].concat();
        assert_eq!(Key::from_bytes(&with(&short)), Err(KeyError::Malformed), "{kind}");
        let mut beside = point.to_vec();
        beside[2 * half] ^= 1;
        let forge = Forge { key: with(&beside), ..Forge::of(&pair) };
        assert!(check(forge.sign(MESSAGE).as_bytes(), MESSAGE).is_err(), "{kind}");
    }
}

#[test]
fn the_armor_has_one_spelling() {
    let armored = Pair::ed25519(1).sign(MESSAGE);
    check(armored.as_bytes(), MESSAGE).unwrap();
    let body = armored.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let rows = [
        ("empty", String::new()),
        ("carriage returns", armored.replace('\n', "\r\n")),
        ("no last line end", armored.trim_end().to_owned()),
        ("one line end more", format!("{armored}\n")),
        ("text before", format!("see:\n{armored}")),
        ("text behind", format!("{armored}see")),
        ("twice", armored.repeat(2)),
        ("one long line", format!("{}{body}\n-----END SSH SIGNATURE-----\n", signature::BEGIN)),
        ("another label", armored.replace("SSH SIGNATURE", "PGP SIGNATURE")),
        ("a header", armored.replacen('\n', "\nComment: x\n\n", 1)),
        ("a blank", armored.replacen("AAAA", "AAA A", 1)),
        ("UTF-16", armored.chars().flat_map(|c| [c, '\0']).collect()),
    ];
    for (row, text) in rows {
        assert_eq!(check(text.as_bytes(), MESSAGE), Err(SignatureError::Armor), "{row}");
    }
    assert_eq!(check(&[b'A'; MAX_ARMORED + 1], MESSAGE), Err(SignatureError::Long(MAX_ARMORED + 1)));
}

/// A length that lies, at every place where a length stands, must not read past the end, nor hang, nor pass.
#[test]
fn cut_short_anywhere_it_is_refused() {
    for kind in KINDS {
        let blob = Forge::of(&Pair::new(kind, 5)).blob(MESSAGE);
        for length in 0..blob.len() {
            let armored = signature::armor(&blob[..length]);
            assert!(check(armored.as_bytes(), MESSAGE).is_err(), "{kind} {length}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever single byte is changed, in the signature's bytes, in its armor or in the message: refused.
    #[test]
    fn one_changed_byte_is_refused(
        kind in prop::sample::select(KINDS.to_vec()),
        place in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let pair = Pair::new(kind, 6);
        let blob = Forge::of(&pair).blob(MESSAGE);
        let changed = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let at = place.index(bytes.len());
            bytes[at] ^= flip;
            bytes
        };
        let armored = signature::armor(&blob);
        prop_assert!(check(armored.as_bytes(), MESSAGE).is_ok());
        prop_assert!(check(signature::armor(&changed(&blob)).as_bytes(), MESSAGE).is_err());
        prop_assert!(check(&changed(armored.as_bytes()), MESSAGE).is_err());
        prop_assert_eq!(check(armored.as_bytes(), &changed(MESSAGE)), Err(SignatureError::Mismatch));
    }

    #[test]
    fn noise_is_no_signature(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(check(&bytes, MESSAGE).is_err());
        prop_assert!(check(signature::armor(&bytes).as_bytes(), MESSAGE).is_err());
        let begun = [&b"SSHSIG\0\0\0\x01"[..], &bytes].concat();
        prop_assert!(check(signature::armor(&begun).as_bytes(), MESSAGE).is_err());
    }
}
