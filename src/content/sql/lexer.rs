//! Cuts a text into statements, so that nobody downstream has to know what a quote or a comment is.
//!
//! In: SQL as a client gets it. Out: statements as tokens, and as text without comments in which every string is `'s'`.
//! Never: a guess where two servers, two settings of one server, or client and server would cut differently; that is an
//! error, and the text is unreadable.

use super::Dialect;

/// One part of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without quotes, in small letters.
    Word(String),
    /// A quoted name.
    Name(String),
    /// A string, whatever stands in it.
    Text,
    /// A number.
    Number,
    /// Operators and punctuation; `(`, `)`, `,` and `.` each alone.
    Sign(String),
}

/// One statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    /// Its tokens, without the semicolon.
    pub(super) tokens: Vec<Token>,
    /// The same as text.
    pub(super) text: String,
}

/// What stands between two semicolons, or on a line of the client's own.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Statement(Statement),
    /// `\dt`, `.tables`: the line, without its end.
    Meta(String),
}

/// Whether strings hold bytes whose meaning depends on the connection's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breadth {
    /// ASCII alone.
    Narrow,
    /// Something else: under GBK a byte of a character may be a backslash.
    Wide,
}

/// A text in pieces.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    pub(super) pieces: Vec<Piece>,
    pub(super) breadth: Breadth,
}

/// Cuts a text.
pub(super) fn cut(text: &str, dialect: Dialect) -> Result<Pieces, String> {
    if dialect == Dialect::MySql {
        no_client_commands(text)?;
    }
    let breadth = if text.is_ascii() { Breadth::Narrow } else { Breadth::Wide };
    let mut lexer = Lexer { rest: text, dialect, now: Statement::default(), pieces: Vec::new() };
    while let Some(c) = lexer.rest.chars().next() {
        lexer.step(c)?;
    }
    lexer.end();
    Ok(Pieces { pieces: lexer.pieces, breadth })
}

/// mysql(1) looks for its own commands where a line begins, whatever a server would make of that line.
fn no_client_commands(text: &str) -> Result<(), String> {
    const OWN: [&str; 9] =
        ["charset", "connect", "delimiter", "edit", "pager", "query_attributes", "source", "system", "tee"];
    let first = |line: &str| {
        let word = line.trim_start().split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next();
        word.unwrap_or_default().to_ascii_lowercase()
    };
    match text.lines().map(first).find(|word| OWN.contains(&word.as_str())) {
        Some(word) => Err(format!("the client command `{word}`")),
        None => Ok(()),
    }
}

struct Lexer<'t> {
    rest: &'t str,
    dialect: Dialect,
    now: Statement,
    pieces: Vec<Piece>,
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl<'t> Lexer<'t> {
    /// Ends the statement.
    fn end(&mut self) {
        let statement = std::mem::take(&mut self.now);
        if !statement.tokens.is_empty() {
            self.pieces.push(Piece::Statement(statement));
        }
    }

    /// Takes so many bytes, which the caller has seen.
    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn push(&mut self, token: Token, text: &str) {
        self.now.tokens.push(token);
        self.now.text.push_str(text);
    }

    /// Whether the rest begins like this.
    fn at(&self, start: &str) -> bool {
        self.rest.starts_with(start)
    }

    fn step(&mut self, c: char) -> Result<(), String> {
        match c {
            ' ' | '\t' | '\n' => {
                self.take(1);
                self.now.text.push(c);
            }
            '\r' if self.at("\r\n") => {
                self.take(1);
            }
            c if c.is_control() => return Err("a control character".to_owned()),
            c if !c.is_ascii() => return Err("a character outside of quotes that is not ASCII".to_owned()),
            '-' if self.at("--") => self.dashes()?,
            '#' if self.dialect == Dialect::MySql => self.line_comment()?,
            '/' if self.at("/*") => self.comment()?,
            '\'' => self.string('\'')?,
            '"' if self.dialect == Dialect::MySql => self.string('"')?,
            '"' | '`' => self.name(c)?,
            '$' => self.dollar()?,
            '\\' => self.backslash()?,
            '.' if self.dialect == Dialect::Sqlite && self.now.tokens.is_empty() => self.meta(),
            ';' => {
                self.take(1);
                self.end();
            }
            c if c.is_ascii_digit() => self.number()?,
            '.' if self.rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => self.number()?,
            c if is_word(c) => self.word()?,
            '(' | ')' | ',' | '.' => self.sign(1),
            '[' | ']' => self.bracket()?,
            _ => self.operator()?,
        }
        Ok(())
    }

    fn sign(&mut self, bytes: usize) {
        let text = self.take(bytes);
        self.push(Token::Sign(text.to_owned()), text);
    }

    /// `--`: MySQL wants a blank behind it and reads `5--1` as six; everybody else begins a comment.
    fn dashes(&mut self) -> Result<(), String> {
        let next = self.rest.chars().nth(2);
        if self.dialect == Dialect::MySql && next.is_some_and(|c| !c.is_ascii_whitespace()) {
            return Err("`--` without a blank behind it".to_owned());
        }
        self.line_comment()
    }

    /// To the end of the line. PostgreSQL ends a line at a carriage return, others do not.
    fn line_comment(&mut self) -> Result<(), String> {
        let length = self.rest.find('\n').unwrap_or(self.rest.len());
        let comment = self.take(length);
        if comment.trim_end_matches('\r').contains('\r') || comment.chars().any(odd) {
            return Err("a control character in a comment".to_owned());
        }
        self.now.text.push(' ');
        Ok(())
    }

    fn comment(&mut self) -> Result<(), String> {
        self.take(2);
        // MySQL and MariaDB run what stands in `/*! ... */` and `/*M! ... */`.
        if self.at("!") || self.at("M!") || self.at("m!") {
            return Err("a comment that MySQL executes".to_owned());
        }
        let length = self.rest.find("*/").ok_or("a comment without an end")?;
        let comment = self.take(length);
        self.take(2);
        // PostgreSQL counts them, MySQL and SQLite do not.
        if comment.contains("/*") {
            return Err("a comment in a comment".to_owned());
        }
        if comment.chars().any(|c| odd(c) && c != '\r') {
            return Err("a control character in a comment".to_owned());
        }
        self.now.text.push(' ');
        Ok(())
    }

    /// The content of a quote, which is taken off with its end.
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        self.take(1);
        let mut content = String::new();
        let mut chars = self.rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            match (c, next) {
                // Whether this ends the string depends on standard_conforming_strings, NO_BACKSLASH_ESCAPES, the dialect.
                ('\\', Some(next)) if next == quote => {
                    return Err("a backslash in front of a quote".to_owned());
                }
                (c, Some(next)) if c == quote && next == quote => {
                    content.push(c);
                    chars.next();
                }
                (c, _) if c == quote => {
                    self.take(at.saturating_add(1));
                    return Ok(content);
                }
                (c, _) if odd(c) && c != '\r' => return Err("a control character in a quote".to_owned()),
                (c, _) => content.push(c),
            }
        }
        Err("a quote without an end".to_owned())
    }

    /// A string: what stands in it is data, so the parser gets a word that means nothing.
    fn string(&mut self, quote: char) -> Result<(), String> {
        self.quoted(quote)?;
        self.push(Token::Text, "'s'");
        Ok(())
    }

    fn name(&mut self, quote: char) -> Result<(), String> {
        let backtick = match self.dialect {
            Dialect::MySql | Dialect::Sqlite | Dialect::ClickHouse => true,
            Dialect::Postgres | Dialect::Generic => false,
        };
        if quote == '`' && !backtick {
            return Err("a backquote".to_owned());
        }
        let content = self.quoted(quote)?;
        if content.contains([quote, '\\']) || content.is_empty() {
            return Err("a quoted name with quotes or backslashes in it".to_owned());
        }
        let shown =
            if content.is_ascii() { format!("{quote}{content}{quote}") } else { format!("{quote}x{quote}") };
        self.push(Token::Name(content.to_lowercase()), &shown);
        Ok(())
    }

    /// `$$ ... $$` and `$tag$ ... $tag$` of PostgreSQL. Parameters have no value here.
    fn dollar(&mut self) -> Result<(), String> {
        let wrong = || "a `$`".to_owned();
        if self.dialect != Dialect::Postgres {
            return Err(wrong());
        }
        let inner = self.rest.get(1..).unwrap_or_default();
        let length = inner.find('$').ok_or_else(wrong)?;
        let tag = inner.get(..length).unwrap_or_default();
        if !tag.chars().all(is_word) || tag.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(wrong());
        }
        let delimiter = self.take(length.saturating_add(2));
        let end = self.rest.find(delimiter).ok_or("a dollar quote without an end")?;
        self.take(end.saturating_add(delimiter.len()));
        self.push(Token::Text, "'s'");
        Ok(())
    }

    /// A command of psql on a line of its own; `\G` and `\g` of mysql and psql, which end a statement.
    fn backslash(&mut self) -> Result<(), String> {
        let mysql = self.dialect == Dialect::MySql && (self.at("\\G") || self.at("\\g"));
        if mysql && !self.rest.chars().nth(2).is_some_and(is_word) {
            self.take(2);
            self.end();
            return Ok(());
        }
        if self.dialect == Dialect::Postgres && self.now.tokens.is_empty() {
            self.meta();
            return Ok(());
        }
        let line = self.rest.lines().next().unwrap_or_default();
        if self.dialect == Dialect::Postgres && ["\\g", "\\gx"].contains(&line.trim_end()) {
            self.take(line.len());
            self.end();
            return Ok(());
        }
        Err("a backslash command".to_owned())
    }

    fn meta(&mut self) {
        let length = self.rest.find('\n').unwrap_or(self.rest.len());
        let line = self.take(length).trim_end().to_owned();
        self.now = Statement::default();
        self.pieces.push(Piece::Meta(line));
    }

    fn number(&mut self) -> Result<(), String> {
        let mut length = 0_usize;
        let mut before = ' ';
        for c in self.rest.chars() {
            let exponent = c.eq_ignore_ascii_case(&'e') && before.is_ascii_digit();
            let sign = (c == '+' || c == '-') && before.eq_ignore_ascii_case(&'e');
            if !(c.is_ascii_digit() || c == '.' || exponent || sign) {
                break;
            }
            length = length.saturating_add(1);
            before = c;
        }
        let text = self.take(length);
        // `1and 2`, `0x1f`, `1e`: where the number ends is a matter of the version.
        let dots = text.bytes().filter(|byte| *byte == b'.').count();
        if !before.is_ascii_digit() && before != '.'
            || dots > 1
            || self.rest.chars().next().is_some_and(is_word)
        {
            return Err("a number that could end in two places".to_owned());
        }
        self.push(Token::Number, text);
        Ok(())
    }

    fn word(&mut self) -> Result<(), String> {
        let length = self.rest.find(|c: char| !is_word(c)).unwrap_or(self.rest.len());
        let text = self.take(length);
        let word = text.to_ascii_lowercase();
        if self.at("$") {
            return Err("a `$` in a name".to_owned());
        }
        if word == "u" && (self.at("&'") || self.at("&\"")) {
            return Err("a text in unicode escapes".to_owned());
        }
        let quote = self.at("'") || (self.at("\"") && self.dialect == Dialect::MySql);
        match (quote, word.as_str()) {
            (false, _) => self.push(Token::Word(word), text),
            (true, "e") if self.dialect == Dialect::Postgres => return self.string('\''),
            (true, "b" | "x" | "n") if self.at("'") => return self.string('\''),
            (true, _) => return Err(format!("a string that begins with `{word}`")),
        }
        Ok(())
    }

    fn bracket(&mut self) -> Result<(), String> {
        match self.dialect {
            Dialect::Postgres | Dialect::ClickHouse => {
                self.sign(1);
                Ok(())
            }
            Dialect::MySql | Dialect::Sqlite | Dialect::Generic => Err("a bracket".to_owned()),
        }
    }

    /// A run of operator characters, which a comment cuts off.
    fn operator(&mut self) -> Result<(), String> {
        let mut length = 0_usize;
        for (at, c) in self.rest.char_indices() {
            let rest = self.rest.get(at..).unwrap_or_default();
            let hash = c == '#' && self.dialect == Dialect::MySql;
            if !"+-*/<>=~!@%^&|?:#".contains(c) || rest.starts_with("--") || rest.starts_with("/*") || hash {
                break;
            }
            length = at.saturating_add(1);
        }
        let run = self.take(length);
        if run.is_empty() {
            let c = self.rest.chars().next().unwrap_or_default();
            return Err(format!("the character `{c}`"));
        }
        if run.contains('#') && self.dialect != Dialect::Postgres {
            return Err("a `#`".to_owned());
        }
        // `:name`, `:'name'`: psql and others put a value there that nobody sees here.
        let casts = run.strip_suffix("::").is_some_and(|before| !before.contains(':'));
        let assigns = run == ":=" && self.dialect == Dialect::MySql;
        if run.contains(':') && !casts && !assigns {
            return Err("a variable of the client".to_owned());
        }
        self.push(Token::Sign(run.to_owned()), run);
        Ok(())
    }
}

/// Control characters that no text needs.
fn odd(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}
