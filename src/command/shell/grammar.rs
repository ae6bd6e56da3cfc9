//! The productions of the shell grammar (POSIX.1-2017, 2.10.2, and bash(1) for its own), recursive descent.
//!
//! In: a [`Lexer`]. Out: the tree. Never: recovery - the first thing that does not fit ends the reading.

use super::lexer::{Lexer, Parsed, Tabs, is_name};
use super::syntax::{
    Arm, Assigned, Assignment, By, Expansion, For, Form, List, Modified, Node, Onto, Part, Quoting, Redirect,
    RedirectOperator, SimpleCommand, To, Value, While, Word,
};
use std::borrow::Cow;

/// Words that end a list where a command would begin.
const CLOSING: [&[u8]; 8] = [b"then", b"else", b"elif", b"fi", b"do", b"done", b"esac", b"}"];

/// Builtins that set the variables they name, or the working directory.
pub(super) const ASSIGNING: [&[u8]; 12] = [
    b"read",
    b"export",
    b"declare",
    b"typeset",
    b"readonly",
    b"local",
    b"mapfile",
    b"readarray",
    b"unset",
    b"cd",
    b"pushd",
    b"popd",
];

/// Those of them whose words are directories.
pub(super) const MOVING: [&[u8]; 3] = [b"cd", b"pushd", b"popd"];

/// Builtins whose words may be assignments of arrays.
pub(super) const DECLARING: [&[u8]; 5] = [b"declare", b"typeset", b"local", b"readonly", b"export"];

fn is_function_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte)
}

/// Whether a value is a number for arithmetic, whatever the run makes of it.
fn is_number(parts: &[Part<'_>]) -> bool {
    match parts {
        [Part::Expansion(Expansion::Arithmetic | Expansion::Number, _)] => true,
        [Part::Text(text, _)] => text.len() < 18 && text.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// The text of a word without quotes or expansions.
pub(super) fn bare<'w>(word: &'w Word<'_>) -> Option<&'w [u8]> {
    match word.parts.as_slice() {
        [Part::Text(text, Quoting::Bare)] => Some(text),
        _ => None,
    }
}

impl<'t> Lexer<'t> {
    /// `program`: the whole text.
    pub(super) fn program(&mut self) -> Parsed<List<'t>> {
        let list = self.compound_list()?;
        if let Some(offset) = self.unread_document() {
            self.at = offset;
            return self.refuse("a here-document is not ended", "end it with its delimiter alone in a line");
        }
        if self.peek().is_some() {
            return self.refuse("this does not belong here", "check the quotes and brackets before it");
        }
        Ok(list)
    }

    /// `compound_list`: commands up to a closing word, a parenthesis, or the end.
    pub(super) fn compound_list(&mut self) -> Parsed<List<'t>> {
        let mut list = List::new();
        loop {
            self.linebreak()?;
            if self.at_end_of_list() {
                return Ok(list);
            }
            if self.depth == 0 {
                self.starts.push(self.at);
            }
            let node = self.and_or()?;
            self.blanks();
            match (self.peek(), self.peek_at(1)) {
                (Some(b';'), Some(b';' | b'&')) => {
                    list.push(node);
                    return Ok(list);
                }
                (Some(b';'), _) => {
                    self.skip(1);
                    self.split_operator(b";&")?;
                    list.push(node);
                }
                (Some(b'&'), _) => {
                    self.skip(1);
                    self.split_operator(b"&>")?;
                    list.push(Node::Background(Box::new(node)));
                }
                (Some(b'\n' | b')') | None, _) => list.push(node),
                // `(a) done`: behind a compound command no separator is needed.
                _ if self.at_end_of_list() => list.push(node),
                _ => {
                    return self
                        .refuse("this does not belong here", "check the quotes and brackets before it");
                }
            }
        }
    }

    fn at_end_of_list(&self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => matches!(self.peek_at(1), Some(b';' | b'&')),
            Some(_) => CLOSING.iter().any(|word| self.at_reserved(word)),
        }
    }

    /// Whether the reserved word stands here, alone. With quotes or a continuation in it, it is found when it is read.
    fn at_reserved(&self, word: &[u8]) -> bool {
        let rest = self.rest();
        let ends =
            |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')');
        rest.starts_with(word) && rest.get(word.len()).is_none_or(ends)
    }

    /// Takes a reserved word, wherever newlines allow it.
    fn expect(&mut self, word: &[u8]) -> Parsed<()> {
        self.linebreak()?;
        if self.at_reserved(word) {
            self.skip(word.len());
            return Ok(());
        }
        self.refuse("a compound command is not whole", "check `then`, `do`, `done`, `fi`, `esac` and `}`")
    }

    /// `and_or`
    fn and_or(&mut self) -> Parsed<Node<'t>> {
        let mut all = vec![self.pipeline()?];
        loop {
            self.blanks();
            if !self.take(b"&&") && !self.take(b"||") {
                break;
            }
            self.linebreak()?;
            all.push(self.pipeline()?);
        }
        Ok(match (all.len(), all.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                all.extend(last);
                Node::AndOr(all)
            }
        })
    }

    /// `pipeline`, with bash's `time` and `|&`.
    fn pipeline(&mut self) -> Parsed<Node<'t>> {
        loop {
            self.blanks();
            if self.at_reserved(b"!") {
                self.skip(1);
            } else if self.at_reserved(b"time") {
                // In a POSIX shell it is a program; its words are the command's all the same.
                self.only_bash()?;
                if self.substitutions > 0 {
                    // bash 5.2 prints it and reads it again: `"$(time case x in \\)) esac | a)"` ends at the pattern.
                    return self.refuse("`time` in a substitution", "time the whole command");
                }
                self.skip(4);
                self.blanks();
                if self.at_reserved(b"-p") {
                    self.skip(2);
                    self.blanks();
                }
                if self.peek() == Some(b'-') {
                    return self.refuse("an option of `time` is not followed", "use /usr/bin/time");
                }
            } else {
                break;
            }
            self.prefixed = true;
        }
        let mut all = vec![self.command()?];
        loop {
            self.blanks();
            match (self.peek(), self.peek_at(1)) {
                (Some(b'|'), Some(b'|')) | (None, _) => break,
                (Some(b'|'), next) => {
                    self.skip(1);
                    if next == Some(b'&') {
                        self.only_bash()?;
                        self.skip(1);
                    } else {
                        self.split_operator(b"|&")?;
                    }
                    self.linebreak()?;
                    all.push(self.command()?);
                }
                (Some(_), _) => break,
            }
        }
        Ok(match (all.len(), all.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                all.extend(last);
                Node::Pipeline(all)
            }
        })
    }

    /// `command`
    fn command(&mut self) -> Parsed<Node<'t>> {
        self.blanks();
        let compound: Option<fn(&mut Self) -> Parsed<Node<'t>>> = match self.peek() {
            Some(b'(') if self.peek_at(1) == Some(b'(') => Some(Self::arithmetic_command),
            Some(b'(') => Some(Self::subshell),
            Some(b'{') if self.at_reserved(b"{") => Some(Self::brace_group),
            Some(b'i') if self.at_reserved(b"if") => Some(Self::if_clause),
            Some(b'w') if self.at_reserved(b"while") => Some(Self::while_clause),
            Some(b'u') if self.at_reserved(b"until") => Some(Self::while_clause),
            Some(b'f') if self.at_reserved(b"for") => Some(Self::for_clause),
            Some(b'c') if self.at_reserved(b"case") => Some(Self::case_clause),
            // Only before a blank: `[[<(x) ]]` starts a program of that name.
            Some(b'[') if matches!(self.rest(), [b'[', b'[', b' ' | b'\t' | b'\n', ..]) => {
                Some(Self::test_command)
            }
            _ => None,
        };
        match compound {
            Some(read) => self.nested(read),
            None if self.at_function() => self.nested(Self::function_definition),
            None => self.simple_command(),
        }
    }

    /// `NAME()` or `function NAME`.
    fn at_function(&self) -> bool {
        if self.at_reserved(b"function") {
            return true;
        }
        let rest = self.rest();
        let length = rest.iter().take_while(|b| is_function_byte(**b)).count();
        let behind = rest.get(length..).unwrap_or_default();
        let blanks = behind.iter().take_while(|b| b" \t".contains(b)).count();
        length > 0 && behind.get(blanks) == Some(&b'(')
    }

    /// `function_definition`
    fn function_definition(&mut self) -> Parsed<Node<'t>> {
        let start = self.at;
        if self.at_reserved(b"function") {
            self.skip(8);
            self.blanks();
        }
        let length = self.rest().iter().take_while(|b| is_function_byte(**b)).count();
        if length == 0 {
            return self.refuse("a function's name is no plain word", "write the commands out");
        }
        self.skip(length);
        self.blanks();
        if self.take(b"(") {
            self.blanks();
            if !self.take(b")") {
                return self.refuse("a parenthesis in a word", "quote it");
            }
        }
        self.linebreak()?;
        if !matches!(self.peek(), Some(b'{' | b'(')) {
            return self.refuse("a function's body is no group", "write the commands out");
        }
        let body = self.command()?;
        Ok(Node::Function(Box::new(body), start..self.at))
    }

    /// `subshell`
    fn subshell(&mut self) -> Parsed<Node<'t>> {
        self.skip(1);
        // `(\<newline>(`: a line continuation could make an arithmetic command of it.
        self.split_operator(b"(")?;
        let list = self.compound_list()?;
        if !self.take(b")") {
            return self.refuse("a subshell is not closed", "close it with `)`");
        }
        Ok(Node::Subshell(list, self.redirect_list()?))
    }

    /// `brace_group`
    fn brace_group(&mut self) -> Parsed<Node<'t>> {
        self.skip(1);
        let list = self.compound_list()?;
        self.expect(b"}")?;
        Ok(Node::Group(list, self.redirect_list()?))
    }

    /// `((...))`, which dash reads as two subshells.
    fn arithmetic_command(&mut self) -> Parsed<Node<'t>> {
        self.only_bash()?;
        let start = self.at;
        self.arithmetic(2, b"))")?;
        let span = start..self.at;
        Ok(Node::Arithmetic(span, self.redirect_list()?))
    }

    /// `if_clause`, with any number of `elif`
    fn if_clause(&mut self) -> Parsed<Node<'t>> {
        self.skip(2);
        let mut lists = vec![self.compound_list()?];
        self.expect(b"then")?;
        lists.push(self.compound_list()?);
        while self.at_reserved(b"elif") {
            self.skip(4);
            lists.push(self.compound_list()?);
            self.expect(b"then")?;
            lists.push(self.compound_list()?);
        }
        if self.at_reserved(b"else") {
            self.skip(4);
            lists.push(self.compound_list()?);
        }
        self.expect(b"fi")?;
        Ok(Node::If(lists, self.redirect_list()?))
    }

    /// `while_clause`, `until_clause`
    fn while_clause(&mut self) -> Parsed<Node<'t>> {
        let start = self.at;
        self.skip(5);
        let condition = self.compound_list()?;
        let body = self.do_group()?;
        let span = start..self.at;
        Ok(Node::While(While { condition, body, redirects: self.redirect_list()?, span }))
    }

    fn do_group(&mut self) -> Parsed<List<'t>> {
        self.expect(b"do")?;
        let body = self.compound_list()?;
        self.expect(b"done")?;
        Ok(body)
    }

    /// `for_clause`, and bash's `for ((...))`
    fn for_clause(&mut self) -> Parsed<Node<'t>> {
        self.skip(3);
        self.blanks();
        let start = self.at;
        let mut words = None;
        let mut name: &[u8] = b"";
        if self.take(b"((") {
            self.only_bash()?;
            self.at = self.at.saturating_sub(2);
            self.for_arithmetic()?;
        } else {
            name = match self.word()?.map(|word| (word.span.clone(), bare(&word).is_some_and(is_name))) {
                Some((span, true)) => self.text.get(span).unwrap_or_default(),
                Some((_, false)) | None => return self.refuse("a loop has no plain variable", "name one"),
            };
            if !is_name(name) {
                return self.refuse("a loop has no plain variable", "name one");
            }
            self.linebreak()?;
            if self.at_reserved(b"in") {
                self.skip(2);
                words = Some(self.word_list()?);
            }
        }
        self.blanks();
        if self.peek() == Some(b';') {
            self.skip(1);
        }
        let body = self.do_group()?;
        // With the header, since `for ((i = 0; ...; i++))` sets i.
        let span = start..self.at;
        let numbers = words.iter().flatten().all(|word| is_number(&word.parts));
        let to = if words.is_some() && numbers { To::Number } else { To::Anything };
        self.assigned.push(Assigned { offset: start, name, to, by: By::Loop });
        let redirects = self.redirect_list()?;
        Ok(Node::For(For { name, words, body, redirects, span }))
    }

    /// `((a; b; c))`: three expressions, any of them empty.
    fn for_arithmetic(&mut self) -> Parsed<()> {
        self.arithmetic(2, b";")?;
        self.arithmetic(0, b";")?;
        self.arithmetic(0, b"))")
    }

    fn word_list(&mut self) -> Parsed<Vec<Word<'t>>> {
        let mut words = Vec::new();
        loop {
            self.blanks();
            match self.word()? {
                Some(word) => words.push(word),
                None => return Ok(words),
            }
        }
    }

    /// `case_clause`
    fn case_clause(&mut self) -> Parsed<Node<'t>> {
        self.skip(4);
        self.blanks();
        let Some(subject) = self.word()? else { return self.refuse("`case` has no word", "name one") };
        self.expect(b"in")?;
        let mut arms = Vec::new();
        loop {
            self.linebreak()?;
            if self.at_reserved(b"esac") {
                self.skip(4);
                break;
            }
            arms.push(self.case_item()?);
        }
        Ok(Node::Case(subject, arms, self.redirect_list()?))
    }

    /// `case_item`
    fn case_item(&mut self) -> Parsed<Arm<'t>> {
        self.take(b"(");
        let mut patterns = Vec::new();
        loop {
            self.blanks();
            match self.word()? {
                Some(word) => patterns.push(word),
                None => return self.refuse("a pattern is missing", "check `case`"),
            }
            self.blanks();
            if self.take(b")") {
                break;
            }
            if self.peek_at(1) == Some(b'|') || !self.take(b"|") {
                return self.refuse("a pattern is not closed", "check `case`");
            }
        }
        let body = self.compound_list()?;
        if self.take(b";;&") || self.take(b";&") {
            self.only_bash()?;
        } else if self.take(b";;") {
            self.split_operator(b"&")?;
        } else if !self.at_reserved(b"esac") {
            return self.refuse("a branch of `case` is not closed", "end it with `;;`");
        }
        Ok(Arm { patterns, body })
    }

    /// `[[ ... ]]`: words and operators up to the closing one.
    fn test_command(&mut self) -> Parsed<Node<'t>> {
        self.only_bash()?;
        self.skip(2);
        let mut words: Vec<Word<'t>> = Vec::new();
        let mut open = 0_usize;
        loop {
            self.linebreak()?;
            if self.at_reserved(b"]]") {
                self.skip(2);
                break;
            }
            if words.last().and_then(bare) == Some(b"=~") {
                words.push(self.regular_expression()?);
                continue;
            }
            if let Some(word) = self.word()? {
                words.push(word);
                continue;
            }
            let start = self.at;
            let length = match (self.peek(), self.peek_at(1)) {
                (Some(b'&'), Some(b'&')) | (Some(b'|'), Some(b'|')) => 2,
                (Some(b'(' | b')' | b'<' | b'>'), _) => 1,
                _ => return self.refuse("a test is not closed", "close it with `]]`"),
            };
            self.skip(length);
            let operator = self.text.get(start..self.at).unwrap_or_default();
            open = if operator == b"(" { open.saturating_add(1) } else { open };
            if open > super::DEPTH {
                return self.refuse("it nests deeper than the gate follows", "use fewer parentheses");
            }
            let parts = vec![Part::Text(Cow::Borrowed(operator), Quoting::Bare)];
            words.push(Word { parts, span: start..self.at });
        }
        Ok(Node::Test(words, self.redirect_list()?))
    }

    /// The right side of `=~`, where parentheses and bars are no operators. One blank ends it, so none may stand inside.
    fn regular_expression(&mut self) -> Parsed<Word<'t>> {
        let start = self.at;
        let mut parts = Vec::new();
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Some(b'(') => {
                    open = open.saturating_add(1);
                    self.skip(1);
                }
                Some(b')') if open > 0 => {
                    open = open.saturating_sub(1);
                    self.skip(1);
                }
                Some(b'|') if open > 0 => self.skip(1),
                Some(b' ' | b'\t' | b'\n') | None if open == 0 && self.at > start => break,
                Some(b')' | b'|' | b' ' | b'\t' | b'\n' | b'<' | b'>' | b'&' | b';') | None => {
                    return self.refuse("a regular expression is not followed", "keep it in a variable");
                }
                Some(_) => {
                    // `part` refuses an open parenthesis behind a word; here it is taken by the first branch.
                    self.regular_part(&mut parts)?;
                }
            }
        }
        Ok(Word { parts, span: start..self.at })
    }

    /// `simple_command`: assignments, redirections, words.
    fn simple_command(&mut self) -> Parsed<Node<'t>> {
        let start = self.at;
        let mut command = SimpleCommand {
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            span: start..start,
        };
        loop {
            self.blanks();
            if command.words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                command.assignments.push(assignment);
            } else if let Some(redirect) = self.io_redirect()? {
                command.redirects.push(redirect);
            } else if let Some(word) = self.declared_array(&command)? {
                command.words.push(word);
            } else if let Some(word) = self.word()? {
                self.first_word(&command, &word)?;
                command.words.push(word);
            } else {
                break;
            }
            command.span.end = self.at;
        }
        self.note_builtin(&command);
        if command.span.is_empty() {
            return self.refuse("a command is missing", "check the operators before it");
        }
        Ok(Node::Simple(command))
    }

    /// Names that a builtin may set, as far as they are written plainly; the walk refuses the others.
    fn note_builtin(&mut self, command: &SimpleCommand<'t>) {
        let named = |word: &Word<'_>| bare(word).is_some_and(|text| ASSIGNING.contains(&text));
        let Some(at) = command.words.iter().take(4).position(named) else { return };
        let mut by = By::Called;
        for word in command.words.iter().skip(at) {
            let text = self.text.get(word.span.clone()).unwrap_or_default();
            // `export "X=$y"`
            let text = text.strip_prefix(b"\"").or_else(|| text.strip_prefix(b"'")).unwrap_or(text);
            let length =
                text.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(text.len());
            let name = text.get(..length).unwrap_or_default();
            if is_name(name) {
                self.assigned.push(Assigned { offset: word.span.start, name, to: To::Anything, by });
            }
            if MOVING.contains(&name) && by == By::Called {
                return;
            }
            by = By::Builtin;
        }
    }

    /// What a first word may not be: it would begin something that is no simple command.
    fn first_word(&mut self, command: &SimpleCommand<'t>, word: &Word<'t>) -> Parsed<()> {
        let text = bare(word).unwrap_or_default();
        // `{a[$(l)]}>file` as well.
        let typed = self.text.get(word.span.clone()).unwrap_or_default();
        if matches!(self.peek(), Some(b'<' | b'>'))
            && ((typed.starts_with(b"{") && typed.ends_with(b"}"))
                || (!text.is_empty() && text.iter().all(u8::is_ascii_digit)))
        {
            // `{fd}>file` sets a variable; `2\<newline>>file` is a number.
            return self.refuse("a redirection is not followed", "redirect a plain number");
        }
        if !command.words.is_empty() || !command.assignments.is_empty() || !command.redirects.is_empty() {
            return Ok(());
        }
        match text {
            b"coproc" | b"select" => {
                // A function `ls() { rm -rf /; }` would make every later `ls` something else.
                self.at = word.span.start;
                self.refuse("coprocesses and select are not followed", "write the commands out")
            }
            // Reserved words whose spelling a continuation hid from `command`: `i\<newline>f`.
            b"if" | b"while" | b"until" | b"for" | b"case" | b"{" | b"[[" | b"!" | b"time" | b"in" => {
                self.refuse("a reserved word is split by a line continuation", "keep it in one line")
            }
            text if CLOSING.contains(&text) => {
                self.at = word.span.start;
                self.refuse("this does not belong here", "check the quotes and brackets before it")
            }
            _ => Ok(()),
        }
    }

    /// `ASSIGNMENT_WORD`
    fn assignment(&mut self) -> Parsed<Option<Assignment<'t>>> {
        let rest = self.rest();
        let length = rest.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(rest.len());
        let (name, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        if !is_name(name) {
            return Ok(None);
        }
        let appends = match (behind.first(), behind.get(1)) {
            (Some(b'='), _) => false,
            (Some(b'+'), Some(b'=')) => true,
            (Some(b'['), _) => {
                // `a[$(rm -rf /)]=1` runs rm; `a[0]=1` is rare.
                return self.refuse("an element of an array is not followed", "set the whole array");
            }
            (Some(b'\\'), Some(b'\n')) | (Some(b'+'), Some(b'\\')) => {
                return self.refuse("a name is split by a line continuation", "keep it in one line");
            }
            _ => return Ok(None),
        };
        if appends {
            self.only_bash()?;
        }
        self.skip(length.saturating_add(if appends { 2 } else { 1 }));
        let offset = self.at;
        let note =
            |lexer: &mut Self, to| lexer.assigned.push(Assigned { offset, name, to, by: By::Assignment });
        if self.peek() == Some(b'(') {
            note(self, To::Anything);
            return Ok(Some(Assignment { name, value: Value::Other(self.array()?) }));
        }
        let value = match self.word()? {
            Some(word)
                if matches!(
                    word.parts.first(),
                    Some(Part::Expansion(Expansion::Command(_, Form::Path), _))
                ) =>
            {
                return self.refuse("a process substitution in an assignment", "use a plain file");
            }
            Some(word) => word,
            None => Word { parts: Vec::new(), span: self.at..self.at },
        };
        // `x=1; x+=1` makes 11, a number all the same.
        note(self, if is_number(&value.parts) { To::Number } else { To::Anything });
        Ok(Some(match appends {
            true => Assignment { name, value: Value::Other(vec![value]) },
            false => Assignment { name, value: Value::Scalar(value) },
        }))
    }

    /// `declare -a NAME=(a b c)`: only behind a declaration are the parentheses part of a word.
    fn declared_array(&mut self, command: &SimpleCommand<'t>) -> Parsed<Option<Word<'t>>> {
        let declares = command.words.first().and_then(bare).is_some_and(|word| DECLARING.contains(&word));
        let rest = self.rest();
        let length = rest.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(0);
        let (name, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        if !declares || !is_name(name) || !behind.starts_with(b"=(") {
            return Ok(None);
        }
        let start = self.at;
        self.skip(length.saturating_add(1));
        let inside = self.array()?.into_iter().flat_map(|word| word.parts).collect();
        let begins = rest.get(..length.saturating_add(1)).unwrap_or_default();
        let value = Expansion::Parameter(Modified { inside, many: false });
        let parts =
            vec![Part::Text(Cow::Borrowed(begins), Quoting::Bare), Part::Expansion(value, Quoting::Quoted)];
        Ok(Some(Word { parts, span: start..self.at }))
    }

    /// `(a b c)` behind `NAME=`
    fn array(&mut self) -> Parsed<Vec<Word<'t>>> {
        self.only_bash()?;
        self.skip(1);
        let mut words = Vec::new();
        loop {
            self.linebreak()?;
            if self.take(b")") {
                return Ok(words);
            }
            // `([$(rm -rf /)]=x)`: a subscript is evaluated.
            if self.peek() == Some(b'[') {
                return self.refuse("a subscript in an array is not followed", "give its values in order");
            }
            match self.word()? {
                Some(word) => words.push(word),
                None => return self.refuse("an array is not closed", "close it with `)`"),
            }
        }
    }

    /// `redirect_list` behind a compound command.
    fn redirect_list(&mut self) -> Parsed<Vec<Redirect<'t>>> {
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.io_redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(redirects),
            }
        }
    }

    /// `io_redirect`, with the number in front of it.
    fn io_redirect(&mut self) -> Parsed<Option<Redirect<'t>>> {
        let start = self.at;
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        let (next, second) = (self.peek_at(digits), self.peek_at(digits.saturating_add(1)));
        let both = digits == 0 && next == Some(b'&') && second == Some(b'>');
        let process = digits == 0 && second == Some(b'(');
        if process || !(matches!(next, Some(b'<' | b'>')) || both) {
            return Ok(None);
        }
        let number = self.rest().get(..digits).unwrap_or_default();
        let zero = if digits == 0 { next == Some(b'<') } else { number.iter().all(|digit| *digit == b'0') };
        let onto = if zero { Onto::Stdin } else { Onto::Other };
        self.skip(digits);
        let operator = self.redirect_operator()?;
        if let RedirectOperator::Document(_) = operator {
            let tabs = if self.text.get(self.at.saturating_sub(1)) == Some(&b'-') {
                Tabs::Stripped
            } else {
                Tabs::Kept
            };
            let (place, target) = self.announce(tabs)?;
            return Ok(Some(Redirect { operator: RedirectOperator::Document(place), onto, target }));
        }
        self.blanks();
        if operator == RedirectOperator::Duplicate && self.peek() == Some(b'-') {
            // `>&-b` closes a descriptor; `b` is the next word.
            let span = self.at..self.at.saturating_add(1);
            self.skip(1);
            let parts = vec![Part::Text(Cow::Borrowed(b"-"), Quoting::Bare)];
            return Ok(Some(Redirect { operator, onto, target: Word { parts, span } }));
        }
        let Some(target) = self.word()? else {
            self.at = start;
            return self.refuse("a redirection has no target", "name a file");
        };
        let operator = match operator {
            RedirectOperator::Duplicate => self.duplicate(&target, start)?,
            RedirectOperator::Less
            | RedirectOperator::Great
            | RedirectOperator::DoubleGreat
            | RedirectOperator::Document(_)
            | RedirectOperator::HereString => operator,
        };
        Ok(Some(Redirect { operator, onto, target }))
    }

    fn redirect_operator(&mut self) -> Parsed<RedirectOperator> {
        use RedirectOperator::{Document, DoubleGreat, Duplicate, Great, HereString, Less};
        let table: [(&[u8], RedirectOperator); 12] = [
            (b"&>>", DoubleGreat),
            (b"&>", Great),
            (b"<<<", HereString),
            (b"<<-", Document(0)),
            (b"<<", Document(0)),
            (b"<&", Duplicate),
            (b"<>", Great),
            (b"<", Less),
            (b">>", DoubleGreat),
            (b">&", Duplicate),
            (b">|", Great),
            (b">", Great),
        ];
        let found = table.iter().find(|(text, _)| self.rest().starts_with(text));
        let Some((text, operator)) = found else {
            return self.refuse("a redirection is not followed", "use >");
        };
        if matches!(*text, b"&>>" | b"&>" | b"<<<") {
            self.only_bash()?;
        }
        self.skip(text.len());
        self.split_operator(b"<>&|-(")?;
        Ok(*operator)
    }

    /// `>&2`, `<&3-`, `>&-` name no file; `>& file` does, for bash.
    fn duplicate(&mut self, target: &Word<'t>, start: usize) -> Parsed<RedirectOperator> {
        let text = bare(target).unwrap_or_default();
        let number = text.strip_suffix(b"-").unwrap_or(text);
        if !text.is_empty() && number.iter().all(u8::is_ascii_digit) {
            return Ok(RedirectOperator::Duplicate);
        }
        self.only_bash()?;
        let plain = target.parts.iter().all(|part| match part {
            Part::Text(..) => true,
            Part::Parameter(..) | Part::Expansion(..) => false,
        });
        if plain && self.text.get(start) == Some(&b'>') {
            return Ok(RedirectOperator::Great);
        }
        self.at = start;
        // `>&$x` is a descriptor or a file, as x says.
        self.refuse("a descriptor that only the run knows", "write its number")
    }
}
