//! The smallest text that still fails: what is left when no piece can be taken out any more.

/// Takes out pieces, large ones first, while the rest still `fails`.
pub(crate) fn shrink(text: &[u8], mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut text = text.to_vec();
    let mut size = text.len() / 2;
    // Enough for texts of this length to come down to a few words; a bound, since each try starts bash.
    let mut tries = 600;
    while size > 0 {
        let mut taken = false;
        let mut at = 0;
        while at + size <= text.len() && tries > 0 {
            tries -= 1;
            let rest = [&text[..at], &text[at + size..]].concat();
            if fails(&rest) {
                text = rest;
                taken = true;
            } else {
                at += 1.max(size / 2);
            }
        }
        if !taken || tries == 0 {
            size /= 2;
        }
    }
    text
}
