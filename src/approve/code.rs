//! The short code that a human types to agree.
//!
//! Typing a letter is a reflex, and `y` may have been typed before. A code that did not exist before the question was
//! drawn can be neither.

/// Letters and digits that no font confuses: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V, and no vowels, so no words.
const ALPHABET: &[u8; 19] = b"CDFGHJKMNPQRTWXY346";

/// 19^4 = 130,321 codes, two tries: 1 in 65,160 by guessing.
const LENGTH: usize = 4;

/// A code for one drawing of one question.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Code(String);

impl Code {
    /// A fresh one from the system's randomness.
    ///
    /// # Errors
    /// Where the system gives no randomness: then nobody can be asked.
    pub(super) fn fresh() -> Result<Self, getrandom::Error> {
        let mut letters = String::with_capacity(LENGTH);
        while letters.len() < LENGTH {
            let mut byte = [0_u8];
            getrandom::fill(&mut byte)?;
            letters.extend(letter(byte[0]));
        }
        Ok(Self(letters))
    }

    /// As the screen shows it.
    pub(super) fn shown(&self) -> &str {
        &self.0
    }

    /// Whether `typed` is this code; capitals do not matter.
    pub(super) fn is(&self, typed: &str) -> bool {
        self.0.eq_ignore_ascii_case(typed)
    }
}

/// The letter for a random byte; `None` for the last few byte values, which would make some letters likelier.
fn letter(byte: u8) -> Option<char> {
    let count = ALPHABET.len();
    let fair = 256 / count * count;
    let byte = usize::from(byte);
    (byte < fair).then(|| ALPHABET.get(byte % count).map(|letter| char::from(*letter))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_letter_is_as_likely_as_any_other() {
        let mut counts = BTreeMap::new();
        for letter in (0..=255).filter_map(letter) {
            *counts.entry(letter).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), ALPHABET.len());
        assert!(counts.values().all(|count| *count == 256 / ALPHABET.len()), "{counts:?}");
    }

    #[test]
    fn codes_differ_and_only_their_own_text_fits() {
        let (one, other) = (Code::fresh().unwrap(), Code::fresh().unwrap());
        let third = Code::fresh().unwrap();
        assert!(one != other || other != third, "three equal codes: {one:?}");
        assert_eq!(one.shown().len(), LENGTH);
        assert!(one.is(&one.shown().to_lowercase()));
        let cut: String = one.shown().chars().take(LENGTH - 1).collect();
        for wrong in ["".to_owned(), "y".to_owned(), cut, format!("{}C", one.shown())] {
            assert!(!one.is(&wrong), "{wrong}");
        }
    }
}
