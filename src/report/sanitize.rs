//! Makes untrusted text safe for a screen, without hiding any of it.
//!
//! In: bytes that somebody else chose (argv, file names, rule texts, environment values). Out: text in which every
//! character is seen, stands where it was written and moves nothing else. Never: a byte dropped or two different
//! inputs that look the same after escaping - [`unescape`] gives the bytes back.

use crate::command::Words;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::{ffi::OsStr, iter};

/// `bytes` with everything that a terminal could act on, hide or reorder as `\n`, `\x1b` or `\u{202e}`, and a
/// backslash as `\\`, so that nobody can write an escape that was not one.
#[must_use]
pub fn text(bytes: impl AsRef<[u8]>) -> String {
    let mut out = String::with_capacity(bytes.as_ref().len());
    pieces(bytes.as_ref()).for_each(|piece| push_piece(piece, &mut out));
    out
}

/// The same piece by piece, each with the number of bytes that it stands for: an escape takes other columns than what it
/// escapes, and marks below a text must know by how many.
pub(super) fn cells(bytes: &[u8]) -> impl Iterator<Item = (usize, String)> {
    pieces(bytes).map(|piece| {
        let mut shown = String::new();
        push_piece(piece, &mut shown);
        let length = match piece {
            Piece::Char(one) => one.len_utf8(),
            Piece::Byte(_) => 1,
        };
        (length, shown)
    })
}

fn push_piece(piece: Piece, out: &mut String) {
    match piece {
        Piece::Char('\\') => out.push_str("\\\\"),
        Piece::Char(shown) if is_plain(shown) => out.push(shown),
        Piece::Char(hidden) => escape_char(hidden, out),
        Piece::Byte(byte) => push_hex(byte, out),
    }
}

/// The bytes that [`text`] was given, for text that it made; `None` for anything else.
#[must_use]
pub fn unescape(shown: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(shown.len());
    let mut rest = shown.chars();
    while let Some(plain) = rest.next() {
        if plain != '\\' {
            push_char(plain, &mut bytes);
            continue;
        }
        match rest.next()? {
            '\\' => bytes.push(b'\\'),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'x' => {
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).ok()?);
            }
            'u' => {
                let digits: String = rest.by_ref().take_while(|next| *next != '}').skip(1).collect();
                push_char(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?, &mut bytes);
            }
            _ => return None,
        }
    }
    Some(bytes)
}

/// A word as bash and zsh need it, so that what is shown can be pasted and means the same: bare where that is safe,
/// in single quotes where all of it can be shown, else as `$'...'` with hexadecimal bytes.
#[must_use]
pub fn quote_word(word: impl AsRef<OsStr>) -> String {
    let bytes = word.as_ref().as_bytes();
    if !bytes.is_empty() && bytes.iter().enumerate().all(|(at, byte)| is_bare(at, *byte)) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let hidden = |piece: Piece| match piece {
        Piece::Char(shown) => !is_plain(shown),
        Piece::Byte(_) => true,
    };
    if pieces(bytes).any(hidden) { dollar_quote(bytes) } else { single_quote(bytes) }
}

/// The words of a command, quoted, with one space between.
#[must_use]
pub fn quote_words<W: AsRef<OsStr>>(words: &[W]) -> String {
    words.iter().map(quote_word).collect::<Vec<_>>().join(" ")
}

/// The words of a shell's command: what is certain quoted, what is not as it was typed. `'$x'` is these two letters,
/// `$x` is what the run makes of it.
pub(super) fn quote_each(words: &Words) -> impl Iterator<Item = String> {
    words.iter().enumerate().map(|(at, word)| match words.loose(at) {
        None => quote_word(word),
        Some(_) => text(word.as_bytes()),
    })
}

/// The same with one space between.
pub(super) fn quote_command(words: &Words) -> String {
    quote_each(words).collect::<Vec<_>>().join(" ")
}

/// The characters of `bytes` that are not ASCII and are shown all the same: the stuff of look-alikes (`kubect\u{2113}`, a
/// Cyrillic `a`). Signs are as good as letters for that: with hyphens of U+2010 `--dry-run=client` is one more name.
pub fn foreign_letters(bytes: &[u8]) -> impl Iterator<Item = char> {
    pieces(bytes).filter_map(|piece| match piece {
        Piece::Char(one) if !one.is_ascii() && (one.is_alphanumeric() || is_plain(one)) => Some(one),
        Piece::Char(_) | Piece::Byte(_) => None,
    })
}

/// One step through bytes that may be UTF-8.
#[derive(Clone, Copy)]
enum Piece {
    Char(char),
    /// A byte that belongs to no character.
    Byte(u8),
}

fn pieces(bytes: &[u8]) -> impl Iterator<Item = Piece> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let broken = chunk.invalid().iter().map(|byte| Piece::Byte(*byte));
        chunk.valid().chars().map(Piece::Char).chain(broken)
    })
}

/// Whether a character is seen as itself.
///
/// Zero width covers C0, C1, DEL, bidi controls, joiners, tags, variation selectors and combining marks: what takes
/// no room is either invisible or paints over its neighbour. Blank ones that do take room look like the space that
/// separates words, and a private-use character looks like whatever the font's maker liked.
fn is_plain(shown: char) -> bool {
    let blank = (shown.is_whitespace() && shown != ' ')
        || matches!(shown, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fffc}');
    let private = matches!(shown, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    let steers = matches!(shown, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e0fff}');
    !shown.is_control() && !blank && !private && !steers && width(shown) > 0
}

/// How many columns a character takes.
pub(super) fn width(shown: char) -> usize {
    console::measure_text_width(shown.encode_utf8(&mut [0; 4]))
}

fn escape_char(hidden: char, out: &mut String) {
    match hidden {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        ascii if ascii.is_ascii() => push_hex(ascii as u8, out),
        other => push_formatted(out, format_args!("\\u{{{:x}}}", other as u32)),
    }
}

fn push_hex(byte: u8, out: &mut String) {
    push_formatted(out, format_args!("\\x{byte:02x}"));
}

fn push_formatted(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = out.write_fmt(text);
}

fn push_char(plain: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Bytes that no shell gives a meaning. `=` needs quotes in the first word only (an assignment), and zsh expands it
/// at a word's start; `~` likewise; so both are quoted there, and `{ } ^ !` everywhere.
fn is_bare(at: usize, byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b'@' | b'%' | b'+' | b',')
        || (at > 0 && byte == b'=')
}

fn single_quote(bytes: &[u8]) -> String {
    format!("'{}'", String::from_utf8_lossy(bytes).replace('\'', r"'\''"))
}

/// Bytes rather than `\u`: what bash makes of `\u` depends on the locale it runs in.
fn dollar_quote(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    for piece in pieces(bytes) {
        match piece {
            Piece::Char(quoted @ ('\'' | '\\')) => out.extend(iter::once('\\').chain(iter::once(quoted))),
            Piece::Char(shown) if is_plain(shown) => out.push(shown),
            Piece::Char(blank @ ('\n' | '\r' | '\t')) => escape_char(blank, &mut out),
            Piece::Char(hidden) => {
                hidden.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_hex(byte, &mut out));
            }
            Piece::Byte(byte) => push_hex(byte, &mut out),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    /// Written apart from `is_plain`, from the families of docs and threats.
    fn steers_a_screen(shown: char) -> bool {
        matches!(shown as u32,
            0..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x61c | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e
            | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe0fff)
    }

    #[test]
    fn each_family_is_shown_as_an_escape() {
        let table: &[(&[u8], &str)] = &[
            (b"\x1b[2J", "\\x1b[2J"),
            (b"a\nb\r\tc", "a\\nb\\r\\tc"),
            (b"\x00\x07\x7f", "\\x00\\x07\\x7f"),
            ("\u{9b}31m".as_bytes(), "\\u{9b}31m"),
            ("\u{202e}gpj\u{2066}".as_bytes(), "\\u{202e}gpj\\u{2066}"),
            ("\u{200e}\u{200f}\u{61c}".as_bytes(), "\\u{200e}\\u{200f}\\u{61c}"),
            ("a\u{200b}\u{200d}\u{2060}\u{feff}b".as_bytes(), "a\\u{200b}\\u{200d}\\u{2060}\\u{feff}b"),
            ("\u{e0041}\u{fe0f}".as_bytes(), "\\u{e0041}\\u{fe0f}"),
            ("\u{2028}\u{2029}\u{85}".as_bytes(), "\\u{2028}\\u{2029}\\u{85}"),
            ("e\u{301}".as_bytes(), "e\\u{301}"),
            ("a\u{a0}b\u{3000}\u{3164}".as_bytes(), "a\\u{a0}b\\u{3000}\\u{3164}"),
            ("\u{f8ff}\u{10fffd}".as_bytes(), "\\u{f8ff}\\u{10fffd}"),
            (b"ok\xff\xc3(", "ok\\xff\\xc3("),
            (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
            (b"C:\\x41", "C:\\\\x41"),
            ("prod-eu \u{fc}\u{65e5}".as_bytes(), "prod-eu \u{fc}\u{65e5}"),
        ];
        for (given, shown) in table {
            assert_eq!(text(given), *shown, "{given:?}");
        }
    }

    #[test]
    fn words_are_quoted_only_where_a_shell_would_mind() {
        let table: &[(&[u8], &str)] = &[
            (b"kubectl", "kubectl"),
            (b"--context=prod", "--context=prod"),
            (b"a=b", "a=b"),
            (b"=b", "'=b'"),
            (b"~root", "'~root'"),
            (b"", "''"),
            (b"two words", "'two words'"),
            (b"it's", r"'it'\''s'"),
            (b"$(id)`id`", "'$(id)`id`'"),
            (b"back\\slash", r"'back\slash'"),
            (b"*.{a,b}!", "'*.{a,b}!'"),
            (b"a\nb", r"$'a\nb'"),
            (b"it's\x1b\\", r"$'it\'s\x1b\\'"),
            ("\u{202e}".as_bytes(), r"$'\xe2\x80\xae'"),
            (b"\xffA", r"$'\xffA'"),
            ("pr\u{f6}d".as_bytes(), "'pr\u{f6}d'"),
        ];
        for (given, shown) in table {
            assert_eq!(quote_word(OsStr::from_bytes(given)), *shown, "{given:?}");
        }
    }

    #[test]
    fn look_alike_letters_are_named() {
        assert_eq!(
            foreign_letters("kubect\u{2113} pr\u{43e}d-1".as_bytes()).collect::<String>(),
            "\u{2113}\u{43e}"
        );
        let signs = "\u{2010}\u{2010}dry-run=client /srv\u{2215}a \u{37e}";
        assert_eq!(foreign_letters(signs.as_bytes()).collect::<String>(), "\u{2010}\u{2010}\u{2215}\u{37e}");
        // What is shown as an escape looks like nothing else.
        assert_eq!(foreign_letters(b"kubectl --all \xff \xe2\x80\x8b").count(), 0);
    }

    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let special = prop::sample::select(vec![
            "\u{1b}[",
            "\u{202e}",
            "\u{200b}",
            "\\",
            "\\x1b",
            "\\u{41}",
            "'",
            "$'",
            "\u{9b}",
            "\u{e0041}",
            "\u{301}",
            "\n",
            " ",
        ]);
        let piece = prop_oneof![
            special.prop_map(|text| text.as_bytes().to_vec()),
            any::<char>().prop_map(|one| one.to_string().into_bytes()),
            prop::collection::vec(any::<u8>(), 0..4),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|all| all.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn nothing_that_steers_a_screen_survives(bytes in hostile()) {
            prop_assert!(!text(&bytes).chars().any(steers_a_screen));
            prop_assert!(!quote_word(OsString::from_vec(bytes)).chars().any(steers_a_screen));
        }

        #[test]
        fn unescape_gives_the_bytes_back(bytes in hostile()) {
            prop_assert_eq!(unescape(&text(&bytes)), Some(bytes));
        }
    }
}
