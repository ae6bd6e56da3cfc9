//! From bytes to words: blanks, comments, quotes, expansions, here-documents.
//!
//! In: a text of at most [`super::TEXT_BYTES`]. Out: [`Word`]s with their parts. Never: a byte whose meaning depends on an
//! option, a locale or a shell that is not the one the text was written for - such a byte is refused.

use super::syntax::{
    Arithmetic, Assigned, By, Document, Expansion, Form, List, Modified, Node, Part, Quoting, To, Word,
};
use super::{DEPTH, Dialect, Refused};
use std::borrow::Cow;

pub(super) type Parsed<T> = Result<T, Refused>;

/// A here-document whose body begins on the next line.
struct Pending {
    place: usize,
    delimiter: Vec<u8>,
    quoting: Quoting,
    tabs: Tabs,
    offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tabs {
    Kept,
    /// `<<-`
    Stripped,
}

pub(super) struct Lexer<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    end: usize,
    pub(super) dialect: Dialect,
    pub(super) depth: usize,
    pending: Vec<Pending>,
    pub(super) documents: Vec<Document<'t>>,
    /// Whether a `!` or `time` stands before any pipeline.
    pub(super) prefixed: bool,
    /// Every place where a variable gets a value, in the order of the text but for loops.
    pub(super) assigned: Vec<Assigned<'t>>,
    /// Every arithmetic expression: place and names.
    pub(super) arithmetics: Vec<Arithmetic<'t>>,
    /// Where each command of the outermost list begins.
    pub(super) starts: Vec<usize>,
    /// How many `$( )` stand around.
    pub(super) substitutions: usize,
}

/// The bytes that end an unquoted word: `metacharacter` in bash(1).
fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

pub(super) fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(|first| !first.is_ascii_digit()) && name.iter().copied().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Adds text, joined to what stands before it where the quoting is the same.
fn push<'t>(parts: &mut Vec<Part<'t>>, text: Cow<'t, [u8]>, quoting: Quoting) {
    match parts.last_mut() {
        Some(Part::Text(known, same)) if *same == quoting => known.to_mut().extend_from_slice(&text),
        Some(_) | None => parts.push(Part::Text(text, quoting)),
    }
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t [u8], dialect: Dialect) -> Self {
        Self {
            text,
            at: 0,
            end: text.len(),
            dialect,
            depth: 0,
            pending: Vec::new(),
            documents: Vec::new(),
            prefixed: false,
            assigned: Vec::new(),
            arithmetics: Vec::new(),
            starts: Vec::new(),
            substitutions: 0,
        }
    }

    /// A reader of text that stands inside of another text.
    pub(super) fn within(text: &'t [u8], dialect: Dialect) -> Self {
        Self { depth: DEPTH / 2, ..Self::new(text, dialect) }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        let at = self.at.checked_add(ahead).filter(|at| *at < self.end)?;
        self.text.get(at).copied()
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.end);
    }

    /// Takes these bytes if they are next.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        let found = self.rest().starts_with(bytes);
        if found {
            self.skip(bytes.len());
        }
        found
    }

    pub(super) fn refuse<T>(&self, reason: &'static str, instead: &'static str) -> Parsed<T> {
        Err(Refused { reason, instead, offset: self.at })
    }

    /// What only bash reads this way.
    pub(super) fn only_bash(&self) -> Parsed<()> {
        match self.dialect {
            Dialect::Bash => Ok(()),
            // `sh -c '[[ -f x ]] && ...'`: dash looks for a program called `[[`.
            Dialect::Posix => self.refuse("a POSIX shell may read this differently", "use plain POSIX shell"),
        }
    }

    /// Goes one level in; what nests deeper than anybody writes is refused before it can use up the stack.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH {
            return self.refuse("it nests deeper than the gate follows", "split it into several commands");
        }
        self.depth = self.depth.saturating_add(1);
        let result = inner(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// Blanks, line continuations, and a comment if one begins here.
    pub(super) fn blanks(&mut self) {
        loop {
            match (self.peek(), self.peek_at(1)) {
                (Some(b' ' | b'\t'), _) => self.skip(1),
                (Some(b'\\'), Some(b'\n')) => self.skip(2),
                (Some(b'#'), _) => {
                    let length = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
                    self.skip(length);
                }
                _ => return,
            }
        }
    }

    /// `linebreak`: blanks and newlines; the bodies of here-documents begin behind a newline.
    pub(super) fn linebreak(&mut self) -> Parsed<()> {
        self.blanks();
        while self.peek() == Some(b'\n') {
            self.newline()?;
            self.blanks();
        }
        Ok(())
    }

    pub(super) fn newline(&mut self) -> Parsed<()> {
        self.skip(1);
        for pending in std::mem::take(&mut self.pending) {
            self.document(pending)?;
        }
        Ok(())
    }

    /// Whether an operator that has just been read goes on behind a line continuation: `&\<newline>&` is `&&`.
    pub(super) fn split_operator(&self, longer: &[u8]) -> Parsed<()> {
        let mut rest = self.rest();
        while let Some(behind) = rest.strip_prefix(b"\\\n") {
            rest = behind;
        }
        if rest.len() < self.rest().len() && rest.first().is_some_and(|byte| longer.contains(byte)) {
            return self
                .refuse("an operator is split by a line continuation", "keep the operator in one line");
        }
        Ok(())
    }

    /// One word, or `None` where none begins here.
    pub(super) fn word(&mut self) -> Parsed<Option<Word<'t>>> {
        let start = self.at;
        let mut parts = Vec::new();
        if self.process_substitution(&mut parts)? || self.peek().is_some_and(|byte| !is_meta(byte)) {
            while self.part(&mut parts)? {}
            return Ok(Some(Word { parts, span: start..self.at }));
        }
        Ok(None)
    }

    /// The next part of an unquoted word.
    fn part(&mut self, parts: &mut Vec<Part<'t>>) -> Parsed<bool> {
        let Some(byte) = self.peek() else { return Ok(false) };
        match byte {
            b'\'' => self.single_quotes(parts)?,
            b'"' => self.double_quotes(parts)?,
            b'\\' => self.backslash(parts)?,
            b'$' => self.dollar(parts, Quoting::Bare)?,
            b'`' => self.backquotes(parts, Quoting::Bare)?,
            // `a(` is a function, an extended pattern or a syntax error; `a<(x)` a substitution inside a word.
            b'(' => return self.refuse("a parenthesis in a word", "quote it"),
            b'<' | b'>' if self.peek_at(1) == Some(b'(') => {
                return self.refuse("a process substitution inside a word", "put a blank before it");
            }
            _ if is_meta(byte) => return Ok(false),
            _ => {
                let stop = |b: &u8| is_meta(*b) || matches!(*b, b'\'' | b'"' | b'\\' | b'$' | b'`');
                let length = self.rest().iter().position(stop).unwrap_or(self.rest().len());
                let text = self.rest().get(..length).unwrap_or_default();
                push(parts, Cow::Borrowed(text), Quoting::Bare);
                self.skip(length);
            }
        }
        Ok(true)
    }

    /// A part of a regular expression; parentheses are the caller's.
    pub(super) fn regular_part(&mut self, parts: &mut Vec<Part<'t>>) -> Parsed<()> {
        self.part(parts).map(|_| ())
    }

    /// `\x`; a backslash before a newline is no character at all.
    fn backslash(&mut self, parts: &mut Vec<Part<'t>>) -> Parsed<()> {
        match self.peek_at(1) {
            // Then it is a character like any other.
            None if self.end == self.text.len() && !self.text.contains(&b'\n') => {
                push(parts, Cow::Borrowed(b"\\"), Quoting::Quoted);
                self.skip(1);
                Ok(())
            }
            // `a '<newline>'\` loses it in bash 5.2.
            None => self.refuse("a backslash ends a text of several lines", "drop it"),
            Some(b'\n') => {
                self.skip(2);
                Ok(())
            }
            Some(_) => {
                self.skip(1);
                // The whole character, so that no byte of it is taken for another.
                let length = self.rest().iter().skip(1).take_while(|byte| **byte & 0xC0 == 0x80).count();
                let text = self.rest().get(..length.saturating_add(1)).unwrap_or_default();
                push(parts, Cow::Borrowed(text), Quoting::Quoted);
                self.skip(text.len());
                Ok(())
            }
        }
    }

    fn single_quotes(&mut self, parts: &mut Vec<Part<'t>>) -> Parsed<()> {
        let inside = self.rest().get(1..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'\'', inside) else {
            return self.refuse("a quote is not closed", "close it");
        };
        push(parts, Cow::Borrowed(inside.get(..length).unwrap_or_default()), Quoting::Quoted);
        self.skip(length.saturating_add(2));
        Ok(())
    }

    fn double_quotes(&mut self, parts: &mut Vec<Part<'t>>) -> Parsed<()> {
        let start = self.at;
        self.skip(1);
        push(parts, Cow::Borrowed(b""), Quoting::Quoted);
        loop {
            match self.peek() {
                None => {
                    self.at = start;
                    return self.refuse("a quote is not closed", "close it");
                }
                Some(b'"') => {
                    self.skip(1);
                    return Ok(());
                }
                Some(_) => self.quoted_part(parts, b"\"")?,
            }
        }
    }

    /// The next part between double quotes or in the body of a here-document; `ends` is also what a backslash quotes.
    fn quoted_part(&mut self, parts: &mut Vec<Part<'t>>, ends: &[u8]) -> Parsed<()> {
        match (self.peek(), self.peek_at(1)) {
            (Some(b'$'), _) => self.dollar(parts, Quoting::Quoted),
            (Some(b'`'), _) => self.backquotes(parts, Quoting::Quoted),
            (Some(b'\\'), Some(b'\n')) => {
                self.skip(2);
                Ok(())
            }
            (Some(b'\\'), Some(next)) if matches!(next, b'$' | b'`' | b'\\') || ends.contains(&next) => {
                self.skip(1);
                push(parts, Cow::Borrowed(self.rest().get(..1).unwrap_or_default()), Quoting::Quoted);
                self.skip(1);
                Ok(())
            }
            _ => {
                let stop = |b: &u8| matches!(*b, b'\\' | b'$' | b'`') || ends.contains(b);
                let found = self.rest().iter().skip(1).position(stop);
                let length = found.map_or(self.rest().len(), |found| found.saturating_add(1));
                push(parts, Cow::Borrowed(self.rest().get(..length).unwrap_or_default()), Quoting::Quoted);
                self.skip(length);
                Ok(())
            }
        }
    }

    /// Whatever begins with `$`.
    fn dollar(&mut self, parts: &mut Vec<Part<'t>>, quoting: Quoting) -> Parsed<()> {
        let expansion = |expansion| Part::Expansion(expansion, quoting);
        match (self.peek_at(1), self.peek_at(2)) {
            (Some(b'\\'), Some(b'\n')) => {
                self.refuse("an expansion is split by a line continuation", "keep it in one line")
            }
            (Some(b'('), Some(b'(')) => {
                self.arithmetic(3, b"))")?;
                parts.push(expansion(Expansion::Arithmetic));
                Ok(())
            }
            (Some(b'('), _) => {
                self.skip(2);
                let list = self.substitution()?;
                parts.push(expansion(Expansion::Command(list, Form::Output)));
                Ok(())
            }
            (Some(b'{'), _) => self.nested(|lexer| lexer.braced(parts, quoting)),
            // `$[1+1]` is arithmetic of the last century, and evaluates like `$(( ))`.
            (Some(b'['), _) => self.refuse("`$[ ]` is not followed", "write $(( ))"),
            (Some(b'\''), _) if quoting == Quoting::Bare => {
                self.only_bash()?;
                self.ansi_quotes(parts)
            }
            (Some(b'"'), _) if quoting == Quoting::Bare => {
                // `$"rm"` is whatever a message catalogue says that it is.
                self.refuse("`$\"...\"` is translated before it runs", "drop the `$`")
            }
            (Some(b'?' | b'#' | b'$'), _) => {
                self.skip(2);
                parts.push(expansion(Expansion::Number));
                Ok(())
            }
            (Some(b'@'), _) => {
                self.skip(2);
                parts.push(expansion(Expansion::Many));
                Ok(())
            }
            (Some(b'*' | b'!' | b'-' | b'0'..=b'9'), _) => {
                self.skip(2);
                parts.push(expansion(Expansion::One));
                Ok(())
            }
            (Some(next), _) if is_name_byte(next) => {
                self.skip(1);
                let name = self.name()?;
                parts.push(Part::Parameter(name, quoting));
                Ok(())
            }
            _ => {
                push(parts, Cow::Borrowed(b"$"), quoting);
                self.skip(1);
                Ok(())
            }
        }
    }

    fn name(&mut self) -> Parsed<&'t [u8]> {
        let length = self.rest().iter().position(|b| !is_name_byte(*b)).unwrap_or(self.rest().len());
        let name = self.rest().get(..length).unwrap_or_default();
        self.skip(length);
        if self.rest().starts_with(b"\\\n") {
            // `$x\<newline>y` is `$xy`.
            return self.refuse("a name is split by a line continuation", "keep it in one line");
        }
        Ok(name)
    }

    /// `$'...'`, with the escapes that stand for one known byte.
    fn ansi_quotes(&mut self, parts: &mut Vec<Part<'t>>) -> Parsed<()> {
        self.skip(2);
        let mut text = Vec::new();
        loop {
            let Some(byte) = self.peek() else { return self.refuse("a quote is not closed", "close it") };
            self.skip(1);
            match byte {
                b'\'' => break,
                // A NUL ends the text: `read -d $'\0'`.
                b'\\' if self.rest().starts_with(b"0'") => self.skip(1),
                // What is no escape keeps its backslash.
                b'\\' if self.peek().is_some_and(|b| b"{}()[]/.*+^$&;!-".contains(&b)) => text.push(byte),
                b'\\' => text.push(self.ansi_escape()?),
                byte => text.push(byte),
            }
        }
        push(parts, Cow::Owned(text), Quoting::Quoted);
        Ok(())
    }

    fn ansi_escape(&mut self) -> Parsed<u8> {
        let Some(byte) = self.peek() else { return self.refuse("a quote is not closed", "close it") };
        let (radix, most): (u8, usize) = match byte {
            b'x' => (16, 2),
            b'0'..=b'7' => (8, 3),
            _ => (0, 0),
        };
        if most == 0 {
            let decoded = match byte {
                b'a' => 0x07,
                b'b' => 0x08,
                b'e' | b'E' => 0x1B,
                b'f' => 0x0C,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'v' => 0x0B,
                b'\\' | b'\'' | b'"' | b'?' => byte,
                // `\u` depends on the locale, `\c` on the terminal, and `\z` is two characters.
                _ => return self.refuse("this escape is not followed", "write the character itself"),
            };
            self.skip(1);
            return Ok(decoded);
        }
        self.skip(usize::from(byte == b'x'));
        let mut value = 0_u32;
        let mut digits = 0_usize;
        while let Some(digit) =
            self.peek().and_then(|b| char::from(b).to_digit(u32::from(radix))).filter(|_| digits < most)
        {
            value = value.saturating_mul(u32::from(radix)).saturating_add(digit);
            digits = digits.saturating_add(1);
            self.skip(1);
        }
        match u8::try_from(value) {
            // A NUL ends the text for bash.
            Ok(byte) if byte != 0 && digits > 0 => Ok(byte),
            Ok(_) | Err(_) => self.refuse("this escape is not followed", "write the character itself"),
        }
    }

    /// `$( list )`, from behind the parenthesis.
    fn substitution(&mut self) -> Parsed<List<'t>> {
        self.nested(|lexer| {
            // The body of a here-document begins at the next newline, and it is not plain whether one inside counts.
            let outside = std::mem::take(&mut lexer.pending);
            let start = lexer.at;
            let documents = lexer.documents.len();
            lexer.substitutions = lexer.substitutions.saturating_add(1);
            let list = lexer.compound_list()?;
            lexer.substitutions = lexer.substitutions.saturating_sub(1);
            if lexer.documents.len() > documents && !matches!(list.as_slice(), [Node::Simple(_)]) {
                // bash 5.2 prints the commands and reads them again, and loses what stands behind the body:
                // `$(a <<E\nx\nE\nb; c d)` runs `b c d`.
                return lexer.refuse("a here-document among other commands of a substitution", "use a pipe");
            }
            if !lexer.pending.is_empty() {
                return lexer.refuse("a here-document is not ended in its substitution", "end it there");
            }
            let inside = lexer.text.get(start..lexer.at).unwrap_or_default();
            if !outside.is_empty() && inside.contains(&b'\n') {
                return lexer
                    .refuse("a here-document begins in the line of this substitution", "use two lines");
            }
            lexer.pending = outside;
            if !lexer.take(b")") {
                return lexer.refuse("a substitution is not closed", "close it with `)`");
            }
            Ok(list)
        })
    }

    /// Backquotes: their text up to the next one. A backslash inside is read twice, and by rules of its own.
    fn backquotes(&mut self, parts: &mut Vec<Part<'t>>, quoting: Quoting) -> Parsed<()> {
        let inside = self.rest().get(1..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'`', inside) else {
            return self.refuse("a backquote is not closed", "write $(...)");
        };
        let text = inside.get(..length).unwrap_or_default();
        // Bash takes a backslash away before a dollar, a backquote and a backslash, and between double quotes before more.
        let removed = |pair: &[u8]| {
            pair.first() == Some(&b'\\')
                && (quoting == Quoting::Quoted || pair.get(1).is_none_or(|next| b"$`\\\n".contains(next)))
        };
        if text.ends_with(b"\\") || text.windows(2).any(removed) {
            return self.refuse("backslashes between backquotes", "write $(...)");
        }
        let end = std::mem::replace(&mut self.end, self.at.saturating_add(1).saturating_add(length));
        self.skip(1);
        let list = self.nested(|lexer| {
            let outside = std::mem::take(&mut lexer.pending);
            let list = lexer.compound_list()?;
            let open = !lexer.pending.is_empty() || (!outside.is_empty() && text.contains(&b'\n'));
            if open || lexer.at < lexer.end {
                return lexer.refuse("this is not followed between backquotes", "write $(...)");
            }
            lexer.pending = outside;
            Ok(list)
        })?;
        self.end = end;
        self.skip(1);
        parts.push(Part::Expansion(Expansion::Command(list, Form::Output), quoting));
        Ok(())
    }

    /// `<( list )` and `>( list )` where a word begins.
    fn process_substitution(&mut self, parts: &mut Vec<Part<'t>>) -> Parsed<bool> {
        if !matches!((self.peek(), self.peek_at(1)), (Some(b'<' | b'>'), Some(b'('))) {
            return Ok(false);
        }
        self.only_bash()?;
        self.skip(2);
        let list = self.substitution()?;
        if list.is_empty() {
            // `a <() b` is `a b`.
            return self.refuse("a process substitution without a command", "leave it out");
        }
        parts.push(Part::Expansion(Expansion::Command(list, Form::Path), Quoting::Quoted));
        Ok(true)
    }

    /// `${...}`.
    fn braced(&mut self, parts: &mut Vec<Part<'t>>, quoting: Quoting) -> Parsed<()> {
        self.skip(2);
        let one = |parts: &mut Vec<Part<'t>>, expansion| parts.push(Part::Expansion(expansion, quoting));
        if let (Some(b'?' | b'#' | b'$' | b'@' | b'*' | b'!' | b'-'), Some(b'}')) =
            (self.peek(), self.peek_at(1))
        {
            one(parts, if self.peek() == Some(b'@') { Expansion::Many } else { Expansion::One });
            self.skip(2);
            return Ok(());
        }
        let length = self.take(b"#");
        if length && matches!(self.peek(), Some(b'@' | b'*')) {
            self.skip(1);
        }
        let name = self.name()?;
        let digits = !name.is_empty() && name.iter().all(u8::is_ascii_digit);
        if !is_name(name) && !digits && !length {
            // `${!x}` is whatever the value of x names, `${@:1}` and `${?...}` are rare.
            return self.refuse("this expansion is not followed", "use a plain variable");
        }
        let subscript = self.peek() == Some(b'[');
        let many = subscript && self.subscript()?;
        if length {
            one(parts, Expansion::Number);
        } else if self.peek() == Some(b'}') && !subscript && !digits {
            parts.push(Part::Parameter(name, quoting));
        } else {
            let mut inside = Vec::new();
            self.operator(name, &mut inside, quoting)?;
            one(parts, Expansion::Parameter(Modified { inside, many }));
        }
        if self.take(b"}") {
            Ok(())
        } else {
            self.refuse("this expansion is not followed", "use a plain variable")
        }
    }

    /// `${a[@]}`, `${a[0]}`, `${a[$i]}`: a subscript is arithmetic. Whether it is all of them.
    fn subscript(&mut self) -> Parsed<bool> {
        self.only_bash()?;
        if matches!((self.peek_at(1), self.peek_at(2)), (Some(b'@' | b'*'), Some(b']'))) {
            self.skip(3);
            return Ok(true);
        }
        self.arithmetic(1, b"]")?;
        Ok(false)
    }

    /// What stands between the name and the brace.
    fn operator(&mut self, name: &'t [u8], inside: &mut Vec<Part<'t>>, quoting: Quoting) -> Parsed<()> {
        match (self.peek(), self.peek_at(1)) {
            (Some(b'}'), _) => return Ok(()),
            (Some(b':'), Some(b'-' | b'+' | b'?')) => self.skip(2),
            (Some(b':'), Some(b'=')) => {
                self.assigned.push(Assigned { offset: self.at, name, to: To::Anything, by: By::Expansion });
                self.skip(2);
            }
            (Some(b'='), _) => {
                self.assigned.push(Assigned { offset: self.at, name, to: To::Anything, by: By::Expansion });
                self.skip(1);
            }
            (Some(b'-' | b'+' | b'?' | b'#' | b'%'), _) => self.skip(1),
            (Some(b':'), _) => {
                // `${x:$y}`: offset and length are arithmetic.
                self.only_bash()?;
                self.arithmetic(1, b"}")?;
                self.at = self.at.saturating_sub(1);
                return Ok(());
            }
            (Some(b'/' | b'^' | b','), _) => {
                self.only_bash()?;
                self.skip(1);
            }
            // `${x@P}` runs the substitutions in the value of x.
            _ => return self.refuse("this expansion is not followed", "use a plain variable"),
        }
        while let Some(byte) = self.peek() {
            match byte {
                b'}' => return Ok(()),
                // Between double quotes bash reads these in more than one way, and a brace or newline may end the word.
                b'\'' | b'"' if quoting == Quoting::Quoted => {
                    return self.refuse("quotes in an expansion between quotes", "set a variable first");
                }
                b'{' | b'\n' => return self.refuse("this expansion is not followed", "set a variable first"),
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => {
                    return self.refuse("a process substitution in an expansion", "set a variable first");
                }
                b'\'' | b'"' | b'\\' | b'$' | b'`' => {
                    self.part(inside)?;
                }
                _ => self.skip(1),
            }
        }
        Ok(())
    }

    /// An arithmetic expression from `skip` bytes on, up to `close`.
    pub(super) fn arithmetic(&mut self, skip: usize, close: &[u8]) -> Parsed<()> {
        let mut found = Arithmetic { names: Vec::new(), offset: self.at };
        let mut assigns = false;
        self.skip(skip);
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            if open == 0 && self.take(close) {
                let offset = found.offset;
                let names = found.names.iter().filter(|_| assigns);
                self.assigned.extend(names.map(|name| Assigned {
                    offset,
                    name,
                    to: To::Number,
                    by: By::Expansion,
                }));
                self.arithmetics.push(found);
                return Ok(());
            }
            let next = self.peek_at(1);
            let before = self.text.get(self.at.wrapping_sub(1)).copied();
            match (byte, next) {
                // `$((x$y))` evaluates x1 where y is 1, and nobody has looked at x1.
                (b'$', _) if before.is_some_and(is_name_byte) => {
                    return self.refuse("a name in arithmetic is put together", "set a variable first");
                }
                // Bash gives up at 1,024.
                (b'(', _) if open >= DEPTH => {
                    return self
                        .refuse("it nests deeper than the gate follows", "split it into several commands");
                }
                (b'(', _) => open = open.saturating_add(1),
                (b')', _) if open > 0 => open = open.saturating_sub(1),
                (b'$', Some(b'#' | b'?' | b'$')) => self.skip(1),
                (b'$', Some(b'{')) => {
                    self.skip(2);
                    found.names.push(self.name()?);
                    if self.peek() != Some(b'}') {
                        return self.refuse("this arithmetic is not followed", "set a variable first");
                    }
                }
                (b'$', Some(next)) if is_name_byte(next) => {}
                (b'=', Some(b'=')) | (b'!' | b'<' | b'>', Some(b'=')) => self.skip(1),
                (b'=', _) => assigns = true,
                // `x<<=1` sets x; `x<<1` counts as if it did.
                (b'+', Some(b'+')) | (b'-', Some(b'-')) | (b'<', Some(b'<')) | (b'>', Some(b'>')) => {
                    assigns = true
                }
                (b' ' | b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'&' | b'|', _) => {}
                (b'^' | b'~' | b'!' | b'?' | b':' | b',', _) => {}
                (byte, _) if is_name_byte(byte) => {
                    let name = self.name()?;
                    // `10`, `0x1f`; `16#ff` stops at the `#`.
                    if !name.first().is_some_and(u8::is_ascii_digit) {
                        found.names.push(name);
                    } else if self.text.get(self.at.wrapping_sub(name.len()).wrapping_sub(1)) == Some(&b'$') {
                        // `$1` may hold anything.
                        return self.refuse("this arithmetic is not followed", "set a variable first");
                    }
                    continue;
                }
                // Quotes, subscripts and substitutions: their value is evaluated again.
                _ => return self.refuse("this arithmetic is not followed", "use plain numbers, or expr(1)"),
            }
            self.skip(1);
        }
        self.refuse("an arithmetic expression is not closed", "close it")
    }

    /// The delimiter of a here-document; its body is read behind the next newline.
    pub(super) fn announce(&mut self, tabs: Tabs) -> Parsed<(usize, Word<'t>)> {
        self.blanks();
        let offset = self.at;
        let Some(word) = self.word()? else {
            return self.refuse("a here-document has no delimiter", "write <<'EOF'");
        };
        let mut delimiter = Vec::new();
        let mut quoting = Quoting::Bare;
        for part in &word.parts {
            match part {
                Part::Text(text, how) => {
                    delimiter.extend_from_slice(text);
                    if *how == Quoting::Quoted {
                        quoting = Quoting::Quoted;
                    }
                }
                // `<<$x` ends at a line that says `$x`, which no other place treats like this.
                Part::Parameter(..) | Part::Expansion(..) => {
                    return self.refuse("a here-document's delimiter is no plain word", "write <<'EOF'");
                }
            }
        }
        if delimiter.is_empty() || delimiter.contains(&b'\n') {
            return self.refuse("a here-document's delimiter is no plain word", "write <<'EOF'");
        }
        let place = self.documents.len();
        self.documents.push(Word { parts: Vec::new(), span: self.at..self.at });
        self.pending.push(Pending { place, delimiter, quoting, tabs, offset });
        Ok((place, word))
    }

    /// Whether a here-document still waits for its body.
    pub(super) fn unread_document(&self) -> Option<usize> {
        self.pending.first().map(|pending| pending.offset)
    }

    fn document(&mut self, pending: Pending) -> Parsed<()> {
        let start = self.at;
        let mut body_end = None;
        let mut line_start = start;
        while line_start < self.end {
            let rest = self.text.get(line_start..self.end).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let mut line = rest.get(..length).unwrap_or_default();
            if pending.tabs == Tabs::Stripped {
                line = line.get(line.iter().take_while(|b| **b == b'\t').count()..).unwrap_or_default();
            }
            if self.substitutions > 0 && line != pending.delimiter && ends_early(line, &pending.delimiter) {
                self.at = line_start;
                return self.refuse(
                    "a line that may end a here-document in a substitution",
                    "use another delimiter",
                );
            }
            if line == pending.delimiter {
                body_end =
                    Some((line_start, line_start.saturating_add(length).saturating_add(1).min(self.end)));
                break;
            }
            if pending.quoting == Quoting::Bare && line.ends_with(b"\\") {
                // The delimiter's line could be joined to this one: `E\<newline>OF`.
                let next = line_start.saturating_add(length).saturating_add(1);
                self.at = next.min(self.end);
                return self.refuse("a line continuation in a here-document", "quote the delimiter: <<'EOF'");
            }
            line_start = line_start.saturating_add(length).saturating_add(1);
        }
        let Some((body_end, behind)) = body_end else {
            self.at = pending.offset;
            // bash takes the rest of the text as the body, with a warning.
            return self.refuse("a here-document is not ended", "end it with its delimiter alone in a line");
        };
        let body = match pending.quoting {
            Quoting::Quoted => {
                let text = self.text.get(start..body_end).unwrap_or_default();
                vec![Part::Text(Cow::Owned(stripped(text, pending.tabs)), Quoting::Quoted)]
            }
            Quoting::Bare => {
                let end = std::mem::replace(&mut self.end, body_end);
                let mut parts = vec![Part::Text(Cow::Borrowed(b""), Quoting::Quoted)];
                while self.at < self.end {
                    self.quoted_part(&mut parts, b"")?;
                }
                self.end = end;
                for part in &mut parts {
                    if let Part::Text(text, _) = part {
                        *text = Cow::Owned(stripped(text, pending.tabs));
                    }
                }
                parts
            }
        };
        if let Some(place) = self.documents.get_mut(pending.place) {
            *place = Word { parts: body, span: start..body_end };
        }
        self.at = behind;
        Ok(())
    }
}

/// Bash 5.2 ends a here-document inside of `$( )` also at a line that only begins with the delimiter and has a parenthesis
/// further on, and runs the rest of it: `$(cat <<EOF` with the line `EOF rm -rf /; )`.
fn ends_early(line: &[u8], delimiter: &[u8]) -> bool {
    line.strip_prefix(delimiter).is_some_and(|rest| rest.contains(&b')'))
}

/// Without the tabs at the beginning of each line.
fn stripped(text: &[u8], tabs: Tabs) -> Vec<u8> {
    match tabs {
        Tabs::Kept => text.to_vec(),
        Tabs::Stripped => {
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            lines.flat_map(|line| line.iter().skip_while(|byte| **byte == b'\t')).copied().collect()
        }
    }
}
