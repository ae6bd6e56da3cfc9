//! The name of one action, short enough to read out on the phone.

use std::fmt;

/// Crockford's base 32: no `i`, `l`, `o` or `u`, which people misread.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Twelve letters and digits, 60 random bits: the chance that two of ten million actions share an id is 4e-5.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(String);

impl ActionId {
    /// How many characters an id has.
    pub const LEN: usize = 12;

    /// A fresh random id.
    ///
    /// # Errors
    /// The kernel has no randomness to give.
    pub fn random() -> Result<ActionId, getrandom::Error> {
        let mut bits = getrandom::u64()?;
        let mut id = String::with_capacity(Self::LEN);
        while id.len() < Self::LEN {
            id.extend(ALPHABET.get((bits & 31) as usize).map(|&letter| char::from(letter)));
            bits >>= 5;
        }
        Ok(ActionId(id))
    }

    /// The id that `text` spells, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<ActionId> {
        let proper = text.len() == Self::LEN && text.bytes().all(|byte| ALPHABET.contains(&byte));
        proper.then(|| ActionId(text.to_owned()))
    }

    /// The id as the log shows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_are_proper_and_differ() {
        let (one, two) = (ActionId::random().unwrap(), ActionId::random().unwrap());
        assert_ne!(one, two);
        assert_eq!(ActionId::parse(one.as_str()), Some(one));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in
            ["", "short", "waytoolongforanid", "ABCDEFGHJKMN", "abcdefghijkl", "abcdef\"hjkmn", "é12345678ab"]
        {
            assert_eq!(ActionId::parse(text), None, "{text}");
        }
    }
}
