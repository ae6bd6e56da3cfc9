//! Breaks safe text into lines of a given width.
//!
//! In: text that went through `sanitize`, so that every character takes at least one column. Out: lines that fit.
//! Never: a character lost but the space at which a line was broken.

use super::sanitize::width;

/// The columns that `text` takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Breaks at spaces, and inside a word only where it is longer than a line.
pub(super) fn prose(text: &str, limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').flat_map(|word| chop(word, limit)) {
        if !line.is_empty() && columns(&line) + 1 + columns(&word) > limit {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Pieces of at most `limit` columns, at least one.
pub(super) fn chop(text: &str, limit: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for shown in text.chars() {
        let wide = width(shown);
        if used > 0 && used + wide > limit {
            pieces.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(last) = pieces.last_mut() {
            last.push(shown);
        }
    }
    pieces
}

/// At most `limit` columns of one line; what is left out shows as `...`.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let kept = chop(text, limit.saturating_sub(3).max(1)).into_iter().next().unwrap_or_default();
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prose_breaks_at_spaces_and_long_words_where_they_must() {
        assert_eq!(prose("one two three", 7), ["one two", "three"]);
        assert_eq!(prose("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(prose("", 5), [""]);
        // A wide character never sticks out by half.
        assert_eq!(chop("\u{65e5}\u{65e5}\u{65e5}", 5), ["\u{65e5}\u{65e5}", "\u{65e5}"]);
    }

    #[test]
    fn a_cut_says_so_and_fits() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abc...");
        assert_eq!(cut("\u{65e5}\u{65e5}\u{65e5}\u{65e5}", 6), "\u{65e5}...");
    }

    proptest! {
        #[test]
        fn every_line_fits_and_nothing_is_lost(words in prop::collection::vec("[a-z\u{65e5}]{1,30}", 0..20), limit in 4_usize..60) {
            let lines = prose(&words.join(" "), limit);
            prop_assert!(lines.iter().all(|line| columns(line) <= limit));
            prop_assert_eq!(lines.concat().replace(' ', ""), words.concat());
        }
    }
}
