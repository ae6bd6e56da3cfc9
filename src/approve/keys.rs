//! Bytes from a terminal, read as keys.
//!
//! In: bytes as they come, in any portions. Out: the few keys that the prompt knows. Never: a key out of the middle of
//! an escape sequence - an arrow key must neither refuse (it starts with Esc) nor type a letter (it ends with one), and
//! a terminal's answer to somebody's earlier query must not either.

/// A key that the prompt knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A visible ASCII character.
    Char(char),
    /// Enter.
    Enter,
    /// Backspace.
    Backspace,
    /// Ctrl-U or Ctrl-W.
    ClearLine,
    /// Esc alone.
    Esc,
    /// Ctrl-C or Ctrl-\.
    CtrlC,
    /// Ctrl-D.
    CtrlD,
    /// Ctrl-Z.
    CtrlZ,
}

/// Where in an escape sequence we are (ECMA-48, section 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After ESC [ : parameters until a byte of 0x40..=0x7e.
    Control,
    /// After ESC O: one more byte.
    Single,
    /// After ESC ] P X ^ _ : text until BEL or ESC \.
    Text,
    /// After an ESC inside such text.
    TextEscape,
}

/// Turns bytes into keys.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    state: State,
}

impl Decoder {
    /// The key that `byte` completes, if any.
    pub(super) fn feed(&mut self, byte: u8) -> Option<Key> {
        let (next, key) = match (self.state, byte) {
            (State::Ground, 0x1b) => (State::Escape, None),
            (State::Ground, byte) => (State::Ground, plain(byte)),
            // A second Esc is somebody who means it.
            (State::Escape, 0x1b) => (State::Ground, Some(Key::Esc)),
            (State::Escape, b'[') => (State::Control, None),
            (State::Escape, b'O') => (State::Single, None),
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => (State::Text, None),
            // Esc and Ctrl-C in one portion refuse; Alt with a letter is no letter.
            (State::Escape, byte) => (State::Ground, plain(byte).filter(|key| key.refuses())),
            (State::Control, 0x40..=0x7e) | (State::Single, _) => (State::Ground, None),
            (State::Control, 0x1b) => (State::Escape, None),
            (State::Control, _) => (State::Control, None),
            (State::Text, 0x07) | (State::TextEscape, b'\\') => (State::Ground, None),
            (State::Text | State::TextEscape, 0x1b) => (State::TextEscape, None),
            (State::Text | State::TextEscape, _) => (State::Text, None),
        };
        self.state = next;
        key
    }

    /// Whether more bytes may change what the last ones meant.
    pub(super) fn is_unsure(&self) -> bool {
        self.state != State::Ground
    }

    /// To be called when nothing came for a moment: an Esc on its own was the key, anything else is given up.
    pub(super) fn settle(&mut self) -> Option<Key> {
        (std::mem::take(&mut self.state) == State::Escape).then_some(Key::Esc)
    }
}

impl Key {
    fn refuses(self) -> bool {
        match self {
            Key::Esc | Key::CtrlC | Key::CtrlD => true,
            Key::Char(_) | Key::Enter | Key::Backspace | Key::ClearLine | Key::CtrlZ => false,
        }
    }
}

fn plain(byte: u8) -> Option<Key> {
    match byte {
        b'\r' | b'\n' => Some(Key::Enter),
        0x7f | 0x08 => Some(Key::Backspace),
        0x15 | 0x17 => Some(Key::ClearLine),
        0x03 | 0x1c => Some(Key::CtrlC),
        0x04 => Some(Key::CtrlD),
        0x1a => Some(Key::CtrlZ),
        0x21..=0x7e => Some(Key::Char(char::from(byte))),
        // No code has a space, a tab or a letter beyond ASCII in it.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let mut keys: Vec<Key> = bytes.iter().filter_map(|byte| decoder.feed(*byte)).collect();
        keys.extend(decoder.settle());
        keys
    }

    #[test]
    fn each_key_is_told() {
        let table: &[(&[u8], &[Key])] = &[
            (b"\x1b", &[Key::Esc]),
            (b"\x1b\x1b", &[Key::Esc]),
            (b"\x03", &[Key::CtrlC]),
            (b"\x1c", &[Key::CtrlC]),
            (b"\x1b\x03", &[Key::CtrlC]),
            (b"\x04", &[Key::CtrlD]),
            (b"\x1a", &[Key::CtrlZ]),
            (b"K7\r", &[Key::Char('K'), Key::Char('7'), Key::Enter]),
            (b"a\x7f\x08\x15", &[Key::Char('a'), Key::Backspace, Key::Backspace, Key::ClearLine]),
            (b" \t\x00\xc3\xa4", &[]),
        ];
        for (bytes, expected) in table {
            assert_eq!(keys(bytes), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn no_sequence_types_or_refuses() {
        let table: &[&[u8]] = &[
            b"\x1b[A",                         // arrow
            b"\x1bOA",                         // arrow in application mode
            b"\x1b[1;5C",                      // Ctrl-arrow
            b"\x1b[3~",                        // Delete
            b"\x1b[12;40R",                    // answer to a cursor position query
            b"\x1b[?62;22c",                   // answer to a device query
            b"\x1b[I",                         // focus
            b"\x1b[<0;10;10M",                 // mouse
            b"\x1b]11;rgb:ffff/ffff/ffff\x07", // answer to a colour query
            b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
            b"\x1bP1$r0m\x1b\\",
            b"\x1bx", // Alt-x
        ];
        for bytes in table {
            assert_eq!(keys(bytes), [], "{bytes:?}");
            let followed = [bytes, b"K".as_slice()].concat();
            assert_eq!(keys(&followed), [Key::Char('K')], "{bytes:?} then K");
        }
    }

    #[test]
    fn an_unfinished_sequence_does_not_lock_the_prompt() {
        for bytes in [b"\x1b[".as_slice(), b"\x1b]0;title", b"\x1bO", b"\x1bP\x1b"] {
            let mut decoder = Decoder::default();
            assert!(bytes.iter().all(|byte| decoder.feed(*byte).is_none()));
            assert!(decoder.is_unsure());
            assert_eq!(decoder.settle(), None, "{bytes:?}");
            assert_eq!(decoder.feed(b'K'), Some(Key::Char('K')));
        }
    }
}
