//! sed: whether a script only edits text.
//!
//! In: the words of sed. Out: `NotAWrapper` where no part of the script runs a command or names a file, so that a pack may
//! judge the rest (`-i`); else opaque. Sources: sed(1) and compile.c of GNU sed 4.9, POSIX sed.

use super::Words;
use super::reader::{Syntax, Why, certain, read, why};
use super::unwrapped::Step;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// sed(1): `bsnrzuEe:f:l:i::V:s`; scripts from files (`-f`) are not read.
pub(super) fn sed(words: &Words) -> Result<Step, Why> {
    let syntax = Syntax::anywhere(
        "nrzuEse:l:i::",
        "quiet silent debug expression= in-place? line-length= posix regexp-extended separate sandbox null-data \
         zero-terminated unbuffered follow-symlinks binary help version",
    );
    let given = read(words, 1, &syntax)?;
    if given.has(&["--help", "--version", "--sandbox"]) {
        return Ok(Step::NotAWrapper);
    }
    let mut scripts = Vec::new();
    for script in given.values(&["-e", "--expression"]) {
        scripts.push(script.known()?);
    }
    let mut operands = given.operands.iter().copied().chain(given.next..words.len());
    if scripts.is_empty() {
        let script = operands.next().map(|at| certain(words, at)).transpose()?.flatten();
        let script = script.ok_or_else(|| why("its script is missing"))?;
        scripts.push(script);
        // BSD reads `sed -i '' SCRIPT`, where GNU's script would be empty.
        if script.is_empty() {
            scripts.extend(operands.next().map(|at| certain(words, at)).transpose()?.flatten());
        }
    }
    // Each -e is a line of one script.
    let script = scripts.join(OsStr::new("\n"));
    Scan { text: script.as_bytes() }.script().map(|()| Step::NotAWrapper)
}

fn not_an_edit(what: impl Into<String>) -> Why {
    Why {
        reason: format!("{} in its script", what.into()),
        instead: "keep to s///, d, p and their like; read and write files in the shell",
    }
}

struct Scan<'t> {
    text: &'t [u8],
}

impl<'t> Scan<'t> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.text.split_first()?;
        self.text = rest;
        Some(*first)
    }

    /// Goes behind bytes of this kind, and says how many.
    fn skip(&mut self, kind: impl Fn(u8) -> bool) -> usize {
        let count = self.text.iter().take_while(|byte| kind(**byte)).count();
        self.text = self.text.get(count..).unwrap_or_default();
        count
    }

    fn script(&mut self) -> Result<(), Why> {
        loop {
            self.skip(|byte| byte.is_ascii_whitespace() || byte == b';');
            if self.text.is_empty() {
                return Ok(());
            }
            self.address()?;
            if self.text.first() == Some(&b',') {
                self.text = self.text.get(1..).unwrap_or_default();
                self.skip(|byte| byte == b' ' || byte == b'+' || byte == b'~');
                self.address()?;
            }
            self.skip(|byte| byte == b' ' || byte == b'\t' || byte == b'!');
            self.command()?;
        }
    }

    /// `1`, `$`, `1~2`, `/re/I`, `\xREx`.
    fn address(&mut self) -> Result<(), Why> {
        match self.text.first() {
            Some(b'0'..=b'9' | b'$') => {
                self.skip(|byte| byte.is_ascii_digit() || byte == b'$' || byte == b'~');
            }
            Some(b'/') => {
                self.next();
                self.part(b'/')?;
                self.skip(|byte| byte == b'I' || byte == b'M');
            }
            Some(b'\\') => {
                self.next();
                let end = self
                    .next()
                    .filter(|end| end.is_ascii_graphic())
                    .ok_or_else(|| not_an_edit("a broken address"))?;
                self.part(end)?;
                self.skip(|byte| byte == b'I' || byte == b'M');
            }
            Some(_) | None => {}
        }
        self.skip(|byte| byte == b' ' || byte == b'\t');
        Ok(())
    }

    fn command(&mut self) -> Result<(), Why> {
        let Some(command) = self.next() else { return Err(not_an_edit("an address without a command")) };
        match command {
            b'{' | b'}' => Ok(()),
            b'=' | b'd' | b'D' | b'g' | b'G' | b'h' | b'H' | b'n' | b'N' | b'p' | b'P' | b'x' | b'F'
            | b'z' => self.end(),
            b'q' | b'Q' | b'l' | b'L' => {
                self.skip(|byte| byte == b' ' || byte.is_ascii_digit());
                self.end()
            }
            // A label ends at a semicolon for GNU; for others it holds more, and what is in it then does nothing.
            b':' | b'b' | b't' | b'T' => {
                self.skip(|byte| byte == b' ');
                self.skip(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
                self.end()
            }
            b'a' | b'i' | b'c' => {
                self.lines();
                Ok(())
            }
            b'#' => {
                self.skip(|byte| byte != b'\n');
                Ok(())
            }
            b's' => self.substitute(),
            b'y' => {
                let end = self.delimiter()?;
                self.part(end)?;
                self.part(end)?;
                self.end()
            }
            b'e' => Err(not_an_edit("`e`, which runs a command,")),
            b'w' | b'W' => Err(not_an_edit("`w`, which writes a file,")),
            b'r' | b'R' => Err(not_an_edit("`r`, which reads a file,")),
            other => Err(not_an_edit(format!("`{}`", char::from(other).escape_default()))),
        }
    }

    /// What may stand behind a command without text.
    fn end(&mut self) -> Result<(), Why> {
        self.skip(|byte| byte == b' ' || byte == b'\t');
        match self.text.first() {
            None | Some(b';' | b'\n' | b'}' | b'#') => Ok(()),
            Some(other) => {
                Err(not_an_edit(format!("`{}` behind a command", char::from(*other).escape_default())))
            }
        }
    }

    /// The text of `a`, `i` and `c`: to the end of the line, and further where the line ends with a backslash.
    fn lines(&mut self) {
        while let Some(byte) = self.next() {
            match byte {
                b'\\' => {
                    self.next();
                }
                b'\n' => return,
                _ => {}
            }
        }
    }

    fn delimiter(&mut self) -> Result<u8, Why> {
        self.next()
            .filter(|end| end.is_ascii_punctuation() && *end != b'\\')
            .ok_or_else(|| not_an_edit("a delimiter that is not read"))
    }

    fn substitute(&mut self) -> Result<(), Why> {
        let end = self.delimiter()?;
        self.part(end)?;
        self.part(end)?;
        loop {
            match self.text.first() {
                Some(b'g' | b'p' | b'i' | b'I' | b'm' | b'M' | b'0'..=b'9') => {
                    self.next();
                }
                Some(b'e') => return Err(not_an_edit("the flag `e`, which runs what it made,")),
                Some(b'w') => return Err(not_an_edit("the flag `w`, which writes a file,")),
                Some(_) | None => return self.end(),
            }
        }
    }

    /// A part of `s` or `y`, or a pattern, up to its delimiter. In brackets some take a delimiter as a letter and some do
    /// not, so that is refused.
    fn part(&mut self, end: u8) -> Result<(), Why> {
        let mut bracket = false;
        while let Some(byte) = self.next() {
            match byte {
                b'\\' => {
                    self.next();
                }
                byte if byte == end && bracket => return Err(not_an_edit("a delimiter in brackets")),
                byte if byte == end => return Ok(()),
                b'[' => bracket = true,
                b']' => bracket = false,
                _ => {}
            }
        }
        Err(not_an_edit("a part without an end"))
    }
}
