//! The smallest text that still fails: what is left when no piece can be taken out any more.

use remgate::clock;
use std::time::Duration;

/// A text whose every try ends at a deadline is shrunk as far as this takes it, and shown.
const ENOUGH: Duration = Duration::from_secs(5);

/// Takes out pieces, large ones first, while the rest still `fails`.
pub(crate) fn shrink(text: &[u8], mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let started = clock::monotonic();
    let mut text = text.to_vec();
    let mut size = text.len() / 2;
    while size > 0 {
        let mut taken = false;
        let mut at = 0;
        while at + size <= text.len() && started.elapsed() < ENOUGH {
            let rest = [&text[..at], &text[at + size..]].concat();
            if fails(&rest) {
                text = rest;
                taken = true;
            } else {
                at += size.div_ceil(2);
            }
        }
        if !taken || started.elapsed() >= ENOUGH {
            size /= 2;
        }
    }
    text
}
