//! awk: whether a program text only reads and prints.
//!
//! In: the words of awk. Out: `NotAWrapper` for a pure filter, so that a rule may know it; else opaque. Never: a guess -
//! what is not one of a few plain forms is not a filter. Sources: POSIX awk, gawk(1) 5.2, mawk(1) 1.3.4.

use super::Words;
use super::reader::{Syntax, Why, certain, read, why};
use super::unwrapped::Step;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// awk(1), gawk(1), mawk(1). Left out: programs from files (`-f`, `-i`, `-E`), libraries (`-l`), what is written (`-d`, `-o`,
/// `-p`), and gawk's `-e`, as the text is then not the first operand.
pub(super) fn awk(words: &Words) -> Result<Step, Why> {
    let given = read(
        words,
        1,
        &Syntax::first("F:v:bcnNPrsSM", "version help posix traditional re-interval sandbox"),
    )?;
    if given.has(&["--version", "--help"]) {
        return Ok(Step::NotAWrapper);
    }
    let text = certain(words, given.next)?.ok_or_else(|| why("its program is missing"))?;
    filter(text).map(|()| Step::NotAWrapper)
}

fn filter(text: &OsStr) -> Result<(), Why> {
    let mut scan = Scan { text: text.as_bytes(), at: 0, open: Vec::new(), before: Token::Other, print: None };
    while let Some(byte) = scan.peek() {
        scan.token(byte)?;
    }
    Ok(())
}

fn not_a_filter(what: &str) -> Why {
    Why {
        reason: format!("{what} in its program"),
        instead: "keep to patterns and print; redirect in the shell instead of in awk",
    }
}

/// What stood last, as far as it says whether `/` divides or begins a regular expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    /// A name, number, string, `)` or `]`.
    Operand,
    /// `)` behind the condition of `if`, `while` or `for`.
    Head,
    /// A keyword that such a condition follows.
    Keyword,
    Other,
}

/// What a parenthesis or bracket was opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Head,
    Group,
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    open: Vec<Open>,
    before: Token,
    /// In a print statement that began with so many things open.
    print: Option<usize>,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Goes one further if this byte comes next.
    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.step())
    }

    fn token(&mut self, byte: u8) -> Result<(), Why> {
        match byte {
            b' ' | b'\t' => self.step(),
            b'\\' if self.text.get(self.at.saturating_add(1)) == Some(&b'\n') => {
                self.at = self.at.saturating_add(2)
            }
            b'#' => self.comment(),
            b'\n' | b';' | b'{' | b'}' => {
                self.print = None;
                self.other();
            }
            b'"' => self.string()?,
            b'/' if matches!(self.before, Token::Operand) => self.other(),
            // `if (x) /re/` and `(a) / b` look the same to who does not know what the parenthesis was.
            b'/' if self.before == Token::Head => return Err(not_a_filter("an ambiguous `/`")),
            b'/' => self.regex()?,
            b'(' | b'[' => {
                self.open.push(if self.before == Token::Keyword { Open::Head } else { Open::Group });
                self.other();
            }
            b')' | b']' => {
                self.step();
                self.before = if self.open.pop() == Some(Open::Head) { Token::Head } else { Token::Operand };
            }
            b'|' => {
                self.other();
                self.eat(b'|').ok_or_else(|| not_a_filter("a pipe"))?;
            }
            b'>' => self.greater()?,
            b'0'..=b'9' | b'.' | b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name()?,
            b'+' | b'-' => self.sign(byte),
            b'$' | b'!' | b'~' | b'*' | b'%' | b'^' | b'=' | b'<' | b'&' | b'?' | b':' | b',' => self.other(),
            byte => return Err(not_a_filter(&format!("`{}`", char::from(byte).escape_default()))),
        }
        Ok(())
    }

    fn other(&mut self) {
        self.step();
        self.before = Token::Other;
    }

    /// `x++ / 2` divides, `x + /re/` does not.
    fn sign(&mut self, byte: u8) {
        self.step();
        let operand = self.before == Token::Operand;
        let doubled = self.eat(byte).is_some();
        self.before = if doubled && operand { Token::Operand } else { Token::Other };
    }

    fn comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.step();
        }
    }

    fn string(&mut self) -> Result<(), Why> {
        self.step();
        loop {
            match self.peek() {
                None | Some(b'\n') => return Err(not_a_filter("a string without an end")),
                Some(b'\\') => self.step(),
                Some(b'"') => break,
                Some(_) => {}
            }
            self.step();
        }
        self.step();
        self.before = Token::Operand;
        Ok(())
    }

    fn regex(&mut self) -> Result<(), Why> {
        self.step();
        let mut bracket = false;
        loop {
            match self.peek() {
                None | Some(b'\n') => return Err(not_a_filter("a pattern without an end")),
                Some(b'\\') => self.step(),
                // gawk takes `[/]` as a bracket, others end the pattern there.
                Some(b'/') if bracket => return Err(not_a_filter("a `/` in brackets")),
                Some(b'/') => break,
                Some(b'[') => bracket = true,
                Some(b']') => bracket = false,
                Some(_) => {}
            }
            self.step();
        }
        self.step();
        self.before = Token::Operand;
        Ok(())
    }

    fn name(&mut self) -> Result<(), Why> {
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte)) {
            self.step();
        }
        let name = self.text.get(begin..self.at).unwrap_or_default();
        self.before = match name {
            b"system" | b"getline" | b"ENVIRON" => {
                let name = String::from_utf8_lossy(name);
                return Err(not_a_filter(&format!("`{name}`")));
            }
            b"print" | b"printf" => {
                self.print = Some(self.open.len());
                Token::Other
            }
            b"if" | b"while" | b"for" => Token::Keyword,
            b"in" | b"return" | b"else" | b"do" | b"exit" | b"delete" | b"switch" | b"case" => Token::Other,
            _ => Token::Operand,
        };
        Ok(())
    }

    /// `>` compares, but behind print it writes a file, unless parentheses are around it.
    fn greater(&mut self) -> Result<(), Why> {
        self.other();
        if self.print.is_none_or(|depth| self.open.len() > depth) {
            return Ok(());
        }
        let rest = self.text.get(self.at..).unwrap_or_default().trim_ascii_start();
        let standard = [&b"\"/dev/stderr\""[..], b"\"/dev/stdout\""]
            .into_iter()
            .find_map(|file| rest.strip_prefix(file));
        match standard.map(<[u8]>::trim_ascii_start) {
            // Not `> "/dev/stderr" ".d/x"`.
            Some([] | [b';' | b'}' | b'\n', ..]) => Ok(()),
            Some(_) | None => Err(not_a_filter("a file that is written")),
        }
    }
}
