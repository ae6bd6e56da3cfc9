//! A sorted text of keys and values, searched by halving as look(1) does: a few comparisons, and nothing is made of it.
//!
//! In: lines, each a key, a blank and a value, sorted by key. Out: the lines from a key on. Never: a copy.

use memchr::{memchr, memrchr};

/// The lines from `key` on, as key and value.
pub(crate) fn look<'a>(lines: &'a str, key: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let bytes = lines.as_bytes();
    let (mut low, mut high) = (0_usize, bytes.len());
    while low < high {
        let middle = low.midpoint(high);
        let before = bytes.get(low..middle).and_then(|before| memrchr(b'\n', before));
        let start = before.map_or(low, |end| low.saturating_add(end).saturating_add(1));
        let line = bytes.get(start..).unwrap_or_default();
        let line = line.get(..memchr(b'\n', line).unwrap_or(line.len())).unwrap_or_default();
        let known = line.get(..memchr(b' ', line).unwrap_or(line.len())).unwrap_or_default();
        if known < key.as_bytes() {
            low = start.saturating_add(line.len()).saturating_add(1);
        } else {
            high = start;
        }
    }
    let rest = lines.get(low..).unwrap_or_default().lines();
    rest.map(|line| line.split_once(' ').unwrap_or((line, "")))
}

/// The value of exactly this key.
pub(crate) fn look_up<'a>(lines: &'a str, key: &str) -> Option<&'a str> {
    look(lines, key).next().filter(|(found, _)| *found == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::{look, look_up};

    #[test]
    fn a_key_is_found_among_keys_that_begin_like_it() {
        let lines = "a 1\nab 2\nab-c 3 4\nb 5\n\u{e9}t\u{e9} 6\n";
        for (key, value) in [("a", "1"), ("ab", "2"), ("ab-c", "3 4"), ("b", "5"), ("\u{e9}t\u{e9}", "6")] {
            assert_eq!(look_up(lines, key), Some(value), "{key}");
        }
        for key in ["", "aa", "abc", "c", "\u{e9}", "\u{ff}"] {
            assert_eq!(look_up(lines, key), None, "{key}");
        }
        assert_eq!(look_up("", "a"), None);
        let from: Vec<_> = look(lines, "ab").map(|(key, _)| key).collect();
        assert_eq!(from, ["ab", "ab-c", "b", "\u{e9}t\u{e9}"]);
    }
}
