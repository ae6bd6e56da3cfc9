//! Builtins: those that run text which no parser sees are refused, those that change the shell are followed.
//!
//! In: the words of a simple command whose first word is certain. Out: changes to the walk's state. Never: a builtin that
//! evaluates a word as an expression, where that word is not certain.

use super::super::{Count, EnvironmentEdit, Nature, Words};
use super::Dialect;
use super::grammar::{ASSIGNING, DECLARING, MOVING, bare};
use super::lexer::{Parsed, is_name};
use super::syntax::{By, Part, Word};
use super::unfold::{EVALUATED, STEERING, Walk};
use super::word::Settled;
use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Builtins that run text, or change how later text is read, and what to write instead.
const REFUSED: [(&[u8], &str); 10] = [
    (b"source", "write the commands themselves"),
    (b".", "write the commands themselves"),
    (b"coproc", "use a pipe"),
    (b"function", "write the commands out"),
    // `let 'a[$(rm -rf /)]'`
    (b"let", "use $(( )) with plain numbers"),
    (b"getopts", "write the options out"),
    // `compgen -W '$(rm -rf /)'`
    (b"compgen", "leave it out"),
    // `fc -s` runs the last command again
    (b"fc", "leave it out"),
    (b"[[", "use it without quotes"),
    (b"select", "use for"),
];

/// Every builtin of bash 5.2 (`compgen -b`): bash itself runs these, whatever program has the name too.
const BUILTINS: [&[u8]; 61] = [
    b".",
    b":",
    b"[",
    b"alias",
    b"bg",
    b"bind",
    b"break",
    b"builtin",
    b"caller",
    b"cd",
    b"command",
    b"compgen",
    b"complete",
    b"compopt",
    b"continue",
    b"declare",
    b"dirs",
    b"disown",
    b"echo",
    b"enable",
    b"eval",
    b"exec",
    b"exit",
    b"export",
    b"false",
    b"fc",
    b"fg",
    b"getopts",
    b"hash",
    b"help",
    b"history",
    b"jobs",
    b"kill",
    b"let",
    b"local",
    b"logout",
    b"mapfile",
    b"popd",
    b"printf",
    b"pushd",
    b"pwd",
    b"read",
    b"readarray",
    b"readonly",
    b"return",
    b"set",
    b"shift",
    b"shopt",
    b"source",
    b"suspend",
    b"test",
    b"times",
    b"trap",
    b"true",
    b"type",
    b"typeset",
    b"ulimit",
    b"umask",
    b"unalias",
    b"unset",
    b"wait",
];

/// Whether bash runs this name itself.
pub(super) fn is_builtin(name: &[u8]) -> bool {
    BUILTINS.contains(&name)
}

/// Those that a POSIX shell need not have: `declare x=1` leaves x as it is there.
const ONLY_BASH: [&[u8]; 8] =
    [b"builtin", b"declare", b"typeset", b"mapfile", b"readarray", b"pushd", b"popd", b"shopt"];

/// The special builtins of POSIX.1-2017, 2.14: assignments in front of them stay in a POSIX shell.
const SPECIAL: [&[u8]; 15] = [
    b".",
    b":",
    b"break",
    b"continue",
    b"eval",
    b"exec",
    b"exit",
    b"export",
    b"readonly",
    b"return",
    b"set",
    b"shift",
    b"times",
    b"trap",
    b"unset",
];

/// Builtins that read standard input, or start something that may.
const READING: [&[u8]; 9] =
    [b".", b"builtin", b"command", b"eval", b"exec", b"mapfile", b"read", b"readarray", b"source"];

/// Whether a command certainly leaves standard input alone.
pub(super) fn reads_nothing(words: &Words) -> bool {
    match words.first().map(|name| name.as_bytes()) {
        Some(name) => words.loose(0).is_none() && is_builtin(name) && !READING.contains(&name),
        None => true,
    }
}

/// Options of `shopt` that change nothing but which names a pattern matches. Not among them: `nocaseglob`, with which `A*`
/// finds `a1`, and `failglob`, with which bash drops the rest of a line.
const SHOPT_WORDS: [&[u8]; 5] = [b"nullglob", b"dotglob", b"globstar", b"nocasematch", b"globasciiranges"];

/// Options of `set` that change neither the grammar nor what is exported.
const SET_WORDS: [&[u8]; 9] = [
    b"errexit",
    b"nounset",
    b"pipefail",
    b"xtrace",
    b"verbose",
    b"noclobber",
    b"noglob",
    b"errtrace",
    b"functrace",
];

fn is(word: Option<&Settled>, text: &[u8]) -> bool {
    word.and_then(Settled::exact) == Some(text)
}

/// The builtin itself behind `command` and `builtin`.
fn behind(words: &[Settled]) -> &[Settled] {
    let mut words = words;
    while is(words.first(), b"command") || is(words.first(), b"builtin") {
        let mut rest = words.get(1..).unwrap_or_default();
        // `command -pp cd /x`
        let skipped = |text: &[u8]| {
            text == b"--"
                || (text.len() > 1 && text.starts_with(b"-") && text.iter().skip(1).all(|b| *b == b'p'))
        };
        while rest.first().and_then(Settled::exact).is_some_and(skipped) {
            rest = rest.get(1..).unwrap_or_default();
        }
        words = rest;
    }
    words
}

/// The text that `trap` or `eval` would run; `Some(None)` where it is not certain.
pub(super) fn hidden_text(words: &[Settled]) -> Option<Option<Vec<u8>>> {
    let words = behind(words);
    let arguments = words.get(1..).unwrap_or_default();
    match words.first().and_then(Settled::exact) {
        Some(b"trap") => {
            let mut arguments = arguments.iter().skip_while(|word| is(Some(word), b"--"));
            match arguments.next().map(Settled::exact) {
                // `trap - INT` and `trap '' INT` run nothing, `trap -p` lists.
                None | Some(Some(b"-" | b"" | b"-p" | b"-l")) => None,
                Some(text) => Some(text.map(<[u8]>::to_vec)),
            }
        }
        Some(b"eval") => {
            let words: Option<Vec<&[u8]>> = arguments.iter().map(Settled::exact).collect();
            Some(words.map(|words| words.join(b" ".as_slice())))
        }
        _ => None,
    }
}

/// Whether the text runs later, as the shell ends or is signalled.
pub(super) fn is_trap(words: &[Settled]) -> bool {
    is(behind(words).first(), b"trap")
}

/// What a declaration does to its variables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declared {
    Here,
    Exported,
    /// Outside of a function, `local` only fails; in one, nothing is certain.
    Perhaps,
}

impl<'t> Walk<'t, '_> {
    /// Refuses what cannot be followed.
    pub(super) fn builtin(&self, words: &[Settled], offset: usize) -> Parsed<()> {
        let only_bash = words.first().and_then(Settled::exact).is_some_and(|name| ONLY_BASH.contains(&name));
        if only_bash && self.dialect == Dialect::Posix {
            return self.refuse("a POSIX shell may read this differently", "use plain POSIX shell", offset);
        }
        let words = behind(words);
        let Some(name) = words.first() else { return Ok(()) };
        let Some(name) = name.exact() else {
            return self.refuse("the program's name is known only when it runs", "write its name", offset);
        };
        if let Some((_, instead)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            return self.refuse("this builtin runs or changes what the gate cannot see", instead, offset);
        }
        let arguments = words.get(1..).unwrap_or_default();
        match name {
            b"test" => self.test(arguments, offset),
            b"[" => self.test(arguments.split_last().map_or(&[], |(_, rest)| rest), offset),
            b"set" => self.set_options(arguments, offset),
            b"export" | b"readonly" | b"declare" | b"typeset" | b"local" => {
                self.declaration(name, arguments, offset)
            }
            b"read" | b"mapfile" | b"readarray" | b"unset" | b"wait" => self.names(name, arguments, offset),
            b"printf" => self.printf(arguments, offset),
            b"alias" | b"unalias" if self.dialect == Dialect::Posix => {
                // dash reads aliases also where nobody types; bash does not, and `shopt -s expand_aliases` is refused.
                self.refuse("an alias changes what later words mean", "write the command itself", offset)
            }
            b"shopt" => self.shell_options(arguments, offset),
            // `hash -p /bin/rm ls`, `enable -f x.so ls`, `bind -x '"\\C-m": rm -rf /'`
            // `jobs -x rm -rf /`
            b"hash" => self.without(arguments, b'p', offset),
            b"jobs" => self.without(arguments, b'x', offset),
            // `enable -n test` makes a program of it
            b"enable" => self.without(arguments, b'f', offset).and(self.without(arguments, b'n', offset)),
            b"bind" => self.without(arguments, b'x', offset),
            b"complete" => self.without(arguments, b'C', offset),
            _ => Ok(()),
        }
    }

    /// Every word is certain and no option has this letter.
    fn without(&self, arguments: &[Settled], letter: u8, offset: usize) -> Parsed<()> {
        let plain = |word: &Settled| {
            word.exact().is_some_and(|text| !(text.starts_with(b"-") && text.contains(&letter)))
        };
        if arguments.iter().all(plain) {
            return Ok(());
        }
        self.refuse("this option gives a command another meaning", "leave it out", offset)
    }

    /// `shopt -s nullglob`; `extglob`, `lastpipe` and `expand_aliases` change the grammar.
    fn shell_options(&self, arguments: &[Settled], offset: usize) -> Parsed<()> {
        let changes = arguments.iter().any(|word| !is(Some(word), b"-p") && !is(Some(word), b"-q"));
        let asks = !arguments.iter().any(|word| is(Some(word), b"-s") || is(Some(word), b"-u"));
        let known = |word: &Settled| match word.exact() {
            Some(b"-s" | b"-u" | b"-p" | b"-q") => true,
            Some(text) => SHOPT_WORDS.contains(&text) || (asks && !text.starts_with(b"-")),
            None => false,
        };
        // `shopt -s null""glob`: the text was searched for the whole word.
        let hidden = self.unmatched != Count::Any && arguments.iter().any(|word| is(Some(word), b"nullglob"));
        if !hidden && (!changes || arguments.iter().all(known)) {
            return Ok(());
        }
        self.refuse("this option may change how later text is read", "leave it out", offset)
    }

    /// `printf -v 'a[$(rm -rf /)]' x` runs rm.
    fn printf(&self, arguments: &[Settled], offset: usize) -> Parsed<()> {
        match arguments.first() {
            Some(first) if first.may_be(b"-v") || first.certain().starts_with(b"-v") => self.refuse(
                "`printf -v` evaluates the name it is given",
                "write the format first: printf '%s\\n' ...",
                offset,
            ),
            Some(_) | None => Ok(()),
        }
    }

    /// `read`, `unset` and their like take names, and a name with a subscript is evaluated.
    fn names(&self, builtin: &[u8], arguments: &[Settled], offset: usize) -> Parsed<()> {
        let refused = |reason| self.refuse(reason, "give plain options and variable names", offset);
        let (switches, values): (&[u8], &[u8]) = match builtin {
            b"read" => (b"rse", b"dinNptu"),
            b"mapfile" | b"readarray" => (b"t", b"dnOsu"),
            b"unset" => (b"vf", b""),
            _ => (b"n", b""),
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let Some(letters) = word.certain().strip_prefix(b"-") else {
                match word.exact() {
                    Some(text) if STEERING.contains(&text) || EVALUATED.contains(&text) => {
                        return refused("a variable that changes how bash runs later text");
                    }
                    Some(text) if is_name(text) => continue,
                    // Numbers and jobs are no names.
                    Some(_) if builtin == b"wait" => continue,
                    _ => return refused("a name that is known only when it runs, or has a subscript"),
                }
            };
            let end = letters.iter().position(|letter| !switches.contains(letter)).unwrap_or(letters.len());
            match letters.get(end) {
                // `read -a NAME`: the name is looked at in its turn.
                Some(b'a') if builtin == b"read" && end.saturating_add(1) == letters.len() => {}
                Some(letter) if values.contains(letter) => {
                    let joined = end.saturating_add(1) < letters.len() || word.loose.is_some();
                    let one = |word: &Settled| word.loose.is_none_or(|loose| loose.count == Count::One);
                    if !one(word) || (!joined && !words.next().is_some_and(one)) {
                        return refused("an option's value is known only when it runs");
                    }
                }
                None if word.loose.is_none() && !letters.is_empty() => {}
                _ => return refused("an option that the gate does not know"),
            }
        }
        Ok(())
    }

    /// `export X=y`, `declare -r X`: what stands before the `=` must be a plain name, and options come first.
    fn declaration(&self, builtin: &[u8], arguments: &[Settled], offset: usize) -> Parsed<()> {
        let options: &[&[u8]] = match builtin {
            b"export" => &[b"-p", b"--"],
            b"readonly" => &[b"-a", b"-p", b"--"],
            _ => &[b"-r", b"-x", b"-a", b"-rx", b"-xr", b"-p", b"--"],
        };
        let option = |word: &&Settled| word.exact().is_some_and(|text| options.contains(&text));
        let names = arguments.iter().skip_while(option);
        // `declare -p x=5` looks for a variable of this name.
        let prints = arguments.iter().any(|word| is(Some(word), b"-p"));
        for word in names {
            let sets = word.certain().contains(&b'=');
            let whole = sets || word.loose.is_none();
            // An unquoted value may hold more words, each a declaration of its own: `export X=$y`, where bash does not
            // split, and a POSIX shell does.
            let split =
                word.loose.is_some_and(|loose| loose.count != Count::One) && self.dialect == Dialect::Posix;
            // `export "PS"4=...`: quotes hide the name from whoever looks through the text.
            let steers = STEERING.contains(&word.declared()) || EVALUATED.contains(&word.declared());
            if !is_name(word.declared()) || !whole || split || steers || (prints && sets) {
                return self.refuse(
                    "a declaration whose name is not plain",
                    "write NAME=\"value\" with a plain name",
                    offset,
                );
            }
        }
        Ok(())
    }

    /// What sets variables must name itself and them as they are, or nothing else here knows that they are set:
    /// `x=1; "read" x <<<'a[$(rm -rf /)]'; echo $((x))`, `n=x; read $n`.
    pub(super) fn plainly(&self, words: &[Settled], span: &Range<usize>) -> Parsed<()> {
        let Some((name, arguments)) = behind(words).split_first() else { return Ok(()) };
        let Some(name) = name.exact().filter(|name| ASSIGNING.contains(name)) else { return Ok(()) };
        let called = self.set_by_builtin(span, By::Called);
        let noted = self.set_by_builtin(span, By::Builtin);
        let mut names = arguments.iter().map(Settled::declared).filter(|name| is_name(name));
        if !called.contains(&name)
            || !(MOVING.contains(&name) || names.clone().all(|name| noted.contains(&name)))
        {
            return self.refuse(
                "a builtin that sets variables is not written plainly",
                "write its name and its variables without quotes",
                span.start,
            );
        }
        // `readonly x=1`, and in the next lines `x=2; y=3`, where y is never set.
        let fixes = name == b"readonly"
            || (name != b"export"
                && arguments.iter().any(|word| word.certain().starts_with(b"-r") || is(Some(word), b"-xr")));
        if DECLARING.contains(&name) && fixes && names.any(|name| self.is_set_behind(name, span.end)) {
            return self.refuse("a read-only variable is set again", "leave out `readonly`", span.start);
        }
        Ok(())
    }

    /// `set -euo pipefail`, `set -- words`.
    fn set_options(&self, arguments: &[Settled], offset: usize) -> Parsed<()> {
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let known = match word.exact() {
                Some(b"--" | b"-") => return Ok(()),
                Some([b'-' | b'+', letters @ ..]) if !letters.is_empty() => {
                    let (last, rest) = letters.split_last().unwrap_or((&b'e', &[]));
                    let plain = |letter: &u8| b"euxvfCET".contains(letter);
                    let named = *last == b'o';
                    rest.iter().all(plain) && (plain(last) || (named && self.is_set_word(words.next())))
                }
                // Words that are no options become `$1`, `$2` ...
                Some(word) if !word.is_empty() => return Ok(()),
                Some(_) | None => false,
            };
            if !known {
                return self.refuse(
                    "this option may change how later text is read",
                    "use only -e -u -x -o pipefail",
                    offset,
                );
            }
        }
        Ok(())
    }

    fn is_set_word(&self, word: Option<&Settled>) -> bool {
        word.and_then(Settled::exact).is_some_and(|word| SET_WORDS.contains(&word))
    }

    /// `[ ... ]`: `-v NAME` and `-R NAME` evaluate a subscript in the name: `[ -v 'a[$(rm -rf /)]' ]`.
    fn test(&self, arguments: &[Settled], offset: usize) -> Parsed<()> {
        let refused = |reason| self.refuse(reason, "quote every variable: [ \"$x\" = y ]", offset);
        let operator = |at: Option<usize>, binary: bool| {
            let word = at.and_then(|at| arguments.get(at)).and_then(Settled::exact);
            word.is_some_and(|word| {
                let unary = matches!(word, [b'-', letter] if !b"vR".contains(letter));
                BINARY.contains(&word) || (unary && !binary && word != b"-a" && word != b"-o")
            })
        };
        for (at, word) in arguments.iter().enumerate() {
            let evaluates = matches!(word.exact(), Some(b"-v" | b"-R"));
            let next = arguments.get(at.saturating_add(1));
            if evaluates && next.is_some_and(|next| !next.exact().is_some_and(is_name)) {
                return refused("`-v` evaluates the name it is given");
            }
            let Some(loose) = &word.loose else { continue };
            if loose.nature == Nature::Number {
                continue;
            }
            if loose.count != Count::One {
                return refused("an unquoted value may become several words of this test");
            }
            // Alone it is no operator; beside one it is its operand.
            let beside = operator(at.checked_sub(1), false) || operator(at.checked_add(1), true);
            let negated = arguments.len() == 2 && at == 1 && is(arguments.first(), b"!");
            let evaluating = word.may_be(b"-v") || word.may_be(b"-R");
            if evaluating && arguments.len() > 1 && !beside && !negated {
                return refused("a value may be an operator of this test");
            }
        }
        Ok(())
    }

    /// `[[ x -eq y ]]` evaluates both sides, `-v` its name.
    pub(super) fn double_brackets(&self, words: &[Word<'t>]) -> Parsed<()> {
        for (at, word) in words.iter().enumerate() {
            let neighbours = [at.checked_sub(1), at.checked_add(1)];
            let mut neighbours = neighbours.iter().flatten().filter_map(|at| words.get(*at));
            match bare(word) {
                Some(b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge") => {
                    if let Some(other) = neighbours.find(|word| !self.is_numeric(word)) {
                        return self.refuse(
                            "`[[` evaluates this operand as an expression, and it may be no number",
                            "use [ \"$x\" -eq ... ]",
                            other.span.start,
                        );
                    }
                }
                Some(b"-v" | b"-R") => {
                    let plain =
                        words.get(at.saturating_add(1)).is_none_or(|next| bare(next).is_some_and(is_name));
                    if !plain {
                        return self.refuse(
                            "`-v` evaluates the name it is given",
                            "use -n \"$x\"",
                            word.span.start,
                        );
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn is_numeric(&self, word: &Word<'_>) -> bool {
        use super::syntax::Expansion;
        match word.parts.as_slice() {
            [Part::Text(text, _)] => {
                let digits = text.strip_prefix(b"-").unwrap_or(text);
                digits.iter().all(u8::is_ascii_digit)
            }
            [Part::Parameter(name, _)] => self.is_number(name),
            [Part::Expansion(Expansion::Number | Expansion::Arithmetic, _)] => true,
            _ => false,
        }
    }

    /// What a builtin changes for the commands behind it; `before` stands in front of it.
    pub(super) fn change(&mut self, words: &[Settled], span: &Range<usize>, before: &[EnvironmentEdit]) {
        let words = behind(words);
        let Some(name) = words.first().and_then(Settled::exact) else { return };
        let arguments = words.get(1..).unwrap_or_default();
        match name {
            // `HOME=/x cd`
            b"cd" if before.iter().any(|edit| edit.name().is_some_and(|name| name == "HOME")) => {
                self.enter(None)
            }
            b"cd" => self.change_directory(arguments),
            b"pushd" | b"popd" => self.enter(None),
            b"export" | b"readonly" | b"declare" | b"typeset" | b"local" => {
                let letter = |word: &Settled| word.text.starts_with(b"-") && word.text.contains(&b'x');
                let exports = name == b"export" || arguments.iter().any(letter);
                let prints = arguments.iter().any(|word| is(Some(word), b"-p"));
                let how = match name {
                    b"local" => Declared::Perhaps,
                    _ if exports => Declared::Exported,
                    _ => Declared::Here,
                };
                arguments.iter().filter(|_| !prints).for_each(|word| self.declare(word, how));
            }
            b"read" | b"mapfile" | b"readarray" | b"unset" => {
                for name in self.set_by_builtin(span, By::Builtin) {
                    self.assign(name, None);
                }
                // `unset -f` is about functions.
                let function = |word: &Settled| word.text.starts_with(b"-") && word.text.contains(&b'f');
                let unset = name == b"unset" && !arguments.iter().any(function);
                for name in arguments.iter().filter_map(Settled::exact).filter(|name| unset && is_name(name))
                {
                    self.export(EnvironmentEdit::Unset(OsString::from_vec(name.to_vec())));
                }
            }
            _ => {}
        }
        // `x=2 export x` sets x for good, and so does `x=2 :` in a POSIX shell.
        let stays = match self.dialect {
            Dialect::Bash => DECLARING.contains(&name),
            Dialect::Posix => SPECIAL.contains(&name),
        };
        for name in before.iter().filter(|_| stays).filter_map(EnvironmentEdit::name) {
            self.assign(name.as_bytes(), None);
            self.export(EnvironmentEdit::Unsure(name.to_owned()));
        }
    }

    fn declare(&mut self, word: &Settled, how: Declared) {
        let name = word.declared();
        if !is_name(name) {
            return; // `-x`, `--`
        }
        match word.text.get(name.len()..).unwrap_or_default() {
            [] => {}
            [b'=', value @ ..] => {
                let certain = word.loose.is_none() && how != Declared::Perhaps;
                self.assign(name, certain.then(|| value.to_vec()));
            }
            // `x+=y`
            _ => self.assign(name, None),
        }
        if how == Declared::Exported {
            let edit = self.exported(name);
            self.export(edit);
        }
    }

    fn change_directory(&mut self, arguments: &[Settled]) {
        if self.sets(b"CDPATH") {
            // `CDPATH=/etc; cd ssh` leads to /etc/ssh.
            return self.enter(None);
        }
        let mut arguments = arguments.iter().filter(|word| !is(Some(word), b"--"));
        let target = match (arguments.next(), arguments.next()) {
            (None, _) => self.home(),
            (Some(word), None) => word
                .exact()
                .filter(|text| !text.starts_with(b"-") && !text.is_empty())
                .map(|text| PathBuf::from(OsString::from_vec(text.to_vec()))),
            (Some(_), Some(_)) => None,
        };
        self.enter(target);
    }
}

/// Operators of test(1) with an operand on either side.
const BINARY: [&[u8]; 14] =
    [b"=", b"==", b"!=", b"<", b">", b"-eq", b"-ne", b"-lt", b"-le", b"-gt", b"-ge", b"-nt", b"-ot", b"-ef"];
