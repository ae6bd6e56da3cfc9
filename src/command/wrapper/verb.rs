//! The words that name what a program is to do, looked for before its options are understood.
//!
//! In: the words of a command. Out: whether such words stand in it, and where they end. Never: a word that only the run knows
//! taken for another.

use super::Words;
use super::reader::{Why, certain};

/// Whether none of these verbs stands anywhere, nor a word that may become several.
pub(super) fn no_verb(words: &Words, verbs: &[&str]) -> bool {
    let named = words.iter().any(|word| verbs.iter().any(|verb| word == verb));
    let hidden = words.all_loose().any(|(_, _, loose)| loose.certain == 0);
    !named && !hidden
}

/// The place behind these words, if they stand at `at`.
pub(super) fn phrase(words: &Words, at: usize, phrase: &[&str]) -> Result<Option<usize>, Why> {
    for (count, part) in phrase.iter().enumerate() {
        if certain(words, at.saturating_add(count))?.is_none_or(|word| word != *part) {
            return Ok(None);
        }
    }
    Ok(Some(at.saturating_add(phrase.len())))
}
