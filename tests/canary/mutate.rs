//! Texts broken at random: what no grammar would write.

use crate::random::Random;

/// What bash treats specially somewhere.
const FRAGMENTS: [&str; 62] = [
    "\\",
    "\\\n",
    "\n",
    "\r\n",
    "'",
    "\"",
    "`",
    "$",
    "$(",
    "${",
    "$((",
    "))",
    ")",
    "}",
    "{",
    "(",
    ";",
    ";;",
    "&",
    "&&",
    "|",
    "||",
    "|&",
    "<",
    ">",
    "<<",
    "<<E\n",
    "\nE\n",
    "<<-E ",
    "<<<",
    "<(",
    ">(",
    "&>",
    ">&",
    "#",
    " #",
    "!",
    " ! ",
    "~",
    "*",
    "?",
    "[",
    "]",
    "[[ ",
    " ]]",
    "=",
    "+=",
    "a[",
    "]=",
    "=(",
    " in ",
    "; do ",
    "; done",
    "; then ",
    "; fi",
    "esac",
    "case x in ",
    "\t",
    "\u{a0}",
    " l1 ",
    ";l2 ",
    "$(l3)",
];

/// Breaks a text in up to four places.
pub(crate) fn mutate(random: &mut Random, mut text: Vec<u8>) -> Vec<u8> {
    for _ in 0..=random.below(4) {
        let at = random.below(text.len() + 1);
        let length = random.below(8).min(text.len() - at);
        match random.below(10) {
            0..4 => insert(&mut text, at, random.pick(&FRAGMENTS).as_bytes()),
            4..6 => drop(text.drain(at..at + length.min(3))),
            6 => {
                let piece = text[at..at + length].to_vec();
                let to = random.below(text.len() + 1);
                insert(&mut text, to, &piece);
            }
            7 => insert(&mut text, at, b"\\\n"),
            8 if at < text.len() => {
                let other = random.below(text.len());
                text.swap(at, other);
            }
            _ => text.truncate(text.len() - length.min(text.len() / 2)),
        }
    }
    text
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    text.splice(at..at, piece.iter().copied());
}
