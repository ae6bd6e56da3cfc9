//! Words that may name files in commands that nobody knows.
//!
//! In: one word. Out: every stretch of it that could be the name of a file. Never: a reading - `bash deploy.sh`,
//! `ansible-playbook site.yml`, `tool --data=@body.json`, `x -v /etc/a.conf:/b`: whatever exists by such a name is bound,
//! since nobody knows what it means.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Stretches of one word. A word with more is no list of files that anybody typed, and the request says so.
const MOST: usize = 4_096;

/// What cuts a text that a shell would read.
fn is_cut(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b";|&()<>`$'\"{}".contains(&byte)
}

/// The names that a word may hold.
#[derive(Debug, Default)]
pub(super) struct Names<'w> {
    /// Each once.
    pub(super) names: BTreeSet<&'w OsStr>,
    /// How many there were, doubles and all.
    seen: usize,
}

impl<'w> Names<'w> {
    /// Every stretch of `word` that could be a name, the whole word among them.
    pub(super) fn of(word: &'w OsStr) -> Self {
        let mut found = Self::default();
        let bytes = word.as_bytes();
        found.within(bytes);
        if bytes.iter().any(|byte| is_cut(*byte)) {
            // A text: `./deploy.sh && rm lock` behind a shell whose text could not be followed.
            bytes.split(|byte| is_cut(*byte)).for_each(|piece| found.within(piece));
        }
        found
    }

    /// Whether some were left out.
    pub(super) fn are_all(&self) -> All {
        if self.seen > MOST { All::No } else { All::Yes }
    }

    fn within(&mut self, word: &'w [u8]) {
        let joined = match word {
            [b'-', letter, rest @ ..] if *letter != b'-' => Some(rest),
            _ => None,
        };
        let behind = word.iter().enumerate().filter(|(_, byte)| b"=@".contains(*byte));
        let behind = behind.filter_map(|(at, _)| word.get(at.saturating_add(1)..));
        for name in std::iter::once(word).chain(joined).chain(behind) {
            if self.are_all() == All::No {
                return;
            }
            self.add(name);
            if name.iter().any(|byte| b",:".contains(byte)) {
                name.split(|byte| b",:".contains(byte)).take(MOST).for_each(|part| self.add(part));
            }
        }
    }

    fn add(&mut self, name: &'w [u8]) {
        self.seen = self.seen.saturating_add(1);
        let url = [&b"file://"[..], b"fileb://"].iter().find_map(|scheme| name.strip_prefix(*scheme));
        let named = std::iter::once(name).chain(url);
        let named = named.filter(|name| !name.is_empty() && *name != b"-" && self.seen <= MOST);
        self.names.extend(named.map(OsStr::from_bytes));
    }
}

/// Whether every stretch was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum All {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_where_tools_write_names_is_looked_at() {
        let table: &[(&str, &[&str])] = &[
            ("deploy.sh", &["deploy.sh"]),
            ("--filename=x.yaml", &["x.yaml"]),
            ("-fx.yaml", &["x.yaml"]),
            ("if=disk.img", &["disk.img"]),
            ("--set-file=key=notes.txt", &["key=notes.txt", "notes.txt"]),
            ("-f=a,b", &["a", "b"]),
            ("@body.json", &["body.json"]),
            ("--data=@body.json", &["body.json"]),
            ("file://policy.json", &["policy.json"]),
            ("./a:/b:ro", &["./a", "/b"]),
            ("./deploy.sh && source 'env'", &["./deploy.sh", "env"]),
            ("x=$(cat secret)", &["cat", "secret"]),
            ("a b", &["a b", "a", "b"]),
        ];
        for (word, names) in table {
            let found = Names::of(OsStr::new(word));
            assert!(found.names.contains(OsStr::new(word)), "the whole word may be a name");
            assert_eq!(found.are_all(), All::Yes);
            for name in *names {
                assert!(found.names.contains(OsStr::new(name)), "`{name}` in `{word}`: {found:?}");
            }
        }
        assert!(Names::of(OsStr::new("-")).names.is_empty());
        assert!(Names::of(OsStr::new("")).names.is_empty());
    }

    /// Padding must neither cost time nor hide a name in silence.
    #[test]
    fn a_word_of_separators_is_no_work_and_is_told() {
        let word = format!("{}deploy.sh", "=@,:".repeat(50_000));
        let found = Names::of(OsStr::new(&word));
        assert_eq!(found.are_all(), All::No);
        assert!(found.names.len() <= MOST * 2);
    }
}
