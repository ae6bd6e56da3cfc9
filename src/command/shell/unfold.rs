//! The walk over the tree: follows values, directories and loops, and writes down every simple command.
//!
//! In: the tree and what is known before the run. Out: [`Simple`] commands. Never: a branch left out because its condition
//! looks false - whatever could run is written down, and what one of two branches sets is not certain behind them.

use super::super::{
    Access, Count, EnvironmentEdit, Influence, Redirection, Stdin, Waiting, Words, influence,
};
use super::builtin;
use super::grammar::MOVING;
use super::lexer::{Lexer, Parsed};
use super::syntax::{
    Arithmetic, Assigned, Assignment, By, Document, Expansion, For, List, Node, Onto, Part, Quoting,
    Redirect, RedirectOperator, SimpleCommand, To, Value, While, Word,
};
use super::word::{Role, Settled, Splitting, Values, settle};
use super::{CHARSETS, COMMANDS, Dialect, Known, Others, Refused, Simple};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// A loop over so many words is written out, one round a word.
const ROUNDS: usize = 32;
/// How many steps the walk takes, rounds of loops counted. Six loops of 32 rounds inside each other would take a billion.
const STEPS: usize = 4 * COMMANDS;
/// More variables than this are not followed in the environment, and more values than this not at all.
const VARIABLES: usize = 64;
const VALUES: usize = 4 * VARIABLES;
/// More directories than this are one that nobody knows.
const DIRECTORIES: usize = 6;

/// Whatever sets a variable.
const ANYHOW: [By; 4] = [By::Assignment, By::Loop, By::Expansion, By::Builtin];

/// What changes as the text runs, and is forgotten where a subshell ends.
#[derive(Clone, PartialEq)]
pub(super) struct State {
    /// Values that differ from the environment's; `None` where only the run knows.
    pub(super) values: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(super) directories: Vec<Option<PathBuf>>,
    /// What programs started from here on see changed.
    pub(super) environment: Vec<EnvironmentEdit>,
}

/// What stands around a command.
#[derive(Clone)]
struct Around {
    stdin: Stdin,
    waiting: Waiting,
}

pub(super) struct Walk<'t, 'k> {
    pub(super) text: &'t [u8],
    pub(super) dialect: Dialect,
    known: Known<'k>,
    documents: Vec<Document<'t>>,
    assigned: Vec<Assigned<'t>>,
    set: BTreeMap<&'t [u8], Set>,
    splitting: Splitting,
    pub(super) unmatched: Count,
    pub(super) state: State,
    /// Where an expansion may have failed since the last line of the outermost list.
    stops: Vec<State>,
    /// Whether there is a next line at all.
    has_lines: bool,
    steps: usize,
    /// The last simple command, for what is refused.
    here: usize,
    found: Vec<Simple>,
}

/// Variables that a text may not set, by whatever means. `set -x; for PS4 in '$(rm -rf /)'; do :; done` runs rm,
/// POSIXLY_CORRECT makes bash read aliases, EXECIGNORE and BASH_CMDS make it find other programs, and where a number may
/// not be changed (`UID=0; x=2`) bash goes on with the next line.
pub(super) const STEERING: [&[u8]; 11] = [
    b"PS4",
    b"POSIXLY_CORRECT",
    b"BASH_COMPAT",
    b"SHELLOPTS",
    b"BASHOPTS",
    b"EXECIGNORE",
    b"BASH_CMDS",
    b"BASH_ALIASES",
    b"UID",
    b"EUID",
    b"PPID",
];

/// Variables whose new value bash evaluates as an expression: `RANDOM='a[$(rm -rf /)]'` runs rm. Numbers are no harm.
pub(super) const EVALUATED: [&[u8]; 4] = [b"HISTCMD", b"OPTIND", b"RANDOM", b"SRANDOM"];

/// What the whole text sets a variable to.
struct Set {
    /// Where it does so first, in bytes.
    first: usize,
    to: To,
}

/// Variables that bash makes numbers of, unless the environment has them.
const NUMBERS_OF_BASH: [&[u8]; 5] = [b"RANDOM", b"SECONDS", b"LINENO", b"EPOCHSECONDS", b"SRANDOM"];

/// Variables that bash sets by itself as it starts: bash(1), "Shell Variables"; and those that the gate does not hand to
/// it. What the text sets them to holds.
const SET_AT_START: [&[u8]; 15] = [
    b"CDPATH",
    b"ENV",
    b"EXECIGNORE",
    b"GLOBIGNORE",
    b"HOSTNAME",
    b"HOSTTYPE",
    b"IFS",
    b"MACHTYPE",
    b"OPTERR",
    b"OSTYPE",
    b"POSIXLY_CORRECT",
    b"PS1",
    b"PS2",
    b"PS4",
    b"SHLVL",
];

/// Variables that bash sets as it runs, whatever the text sets them to: `REPLY=x; read` is no x.
const SET_BY_BASH: [&[u8]; 22] = [
    b"COLUMNS",
    b"DIRSTACK",
    b"EPOCHREALTIME",
    b"EPOCHSECONDS",
    b"EUID",
    b"FUNCNAME",
    b"GROUPS",
    b"HISTCMD",
    b"LINENO",
    b"LINES",
    b"MAPFILE",
    b"OLDPWD",
    b"OPTARG",
    b"OPTIND",
    b"PIPESTATUS",
    b"PPID",
    b"PWD",
    b"RANDOM",
    b"REPLY",
    b"SECONDS",
    b"SRANDOM",
    b"UID",
];

/// Those of them that hold text, and TERM, which bash sets to `dumb` where it has none: `true 'a[$(rm -rf /)]'; echo $((_))` runs rm.
const TEXTS_OF_BASH: [&[u8]; 10] = [
    b"DIRSTACK",
    b"EPOCHREALTIME",
    b"FUNCNAME",
    b"MAPFILE",
    b"OLDPWD",
    b"OPTARG",
    b"PWD",
    b"REPLY",
    b"TERM",
    b"_",
];

/// Whether bash sets a variable as it runs.
fn is_of_bash(name: &[u8]) -> bool {
    SET_BY_BASH.contains(&name) || name == b"_" || name.starts_with(b"BASH") || name.starts_with(b"COMP_")
}

/// The commands of a list.
pub(super) fn unfold<'t>(list: &List<'t>, lexer: Lexer<'t>, known: Known<'_>) -> Parsed<Vec<Simple>> {
    let mut assigned = lexer.assigned;
    assigned.sort_by_key(|assigned| assigned.offset);
    let set = set_anywhere(&assigned);
    let changed = assigned.iter().any(|assigned| assigned.name == b"IFS");
    let mut walk = Walk {
        text: lexer.text,
        dialect: lexer.dialect,
        known,
        documents: lexer.documents,
        assigned,
        set,
        splitting: if changed { Splitting::Changed } else { Splitting::Usual },
        // `shopt -s nullglob`, wherever it stands.
        unmatched: if memchr::memmem::find(lexer.text, b"nullglob").is_some() {
            Count::Any
        } else {
            Count::Some
        },
        state: State {
            values: BTreeMap::new(),
            directories: vec![Some(PathBuf::new())],
            environment: Vec::new(),
        },
        stops: Vec::new(),
        has_lines: memchr::memchr(b'\n', lexer.text).is_some(),
        steps: 0,
        here: 0,
        found: Vec::new(),
    };
    walk.check(&lexer.arithmetics)?;
    let around = Around { stdin: Stdin::Inherited, waiting: Waiting::Foreground };
    let mut before = 0;
    for (at, node) in list.iter().enumerate() {
        let start = lexer.starts.get(at).copied().unwrap_or(before);
        if lexer.text.get(before..start).is_some_and(|between| between.contains(&b'\n')) {
            walk.next_line();
        }
        before = start;
        walk.node(node, &around)?;
    }
    Ok(walk.found)
}

/// What the whole text sets each variable to.
fn set_anywhere<'t>(assigned: &[Assigned<'t>]) -> BTreeMap<&'t [u8], Set> {
    let mut set: BTreeMap<&[u8], Set> = BTreeMap::new();
    for assigned in assigned.iter().filter(|assigned| assigned.by != By::Called) {
        let known = set.entry(assigned.name).or_insert(Set { first: assigned.offset, to: To::Number });
        if assigned.to == To::Anything {
            known.to = To::Anything;
        }
    }
    set
}

impl<'t> Walk<'t, '_> {
    /// Variables that steer bash, and those that it evaluates.
    fn check(&self, arithmetics: &[Arithmetic<'t>]) -> Parsed<()> {
        // `LC_ALL=zh_TW.BIG5` makes a backslash part of the letter in front of it.
        let letters = !self.text.is_ascii();
        let steers = |name: &&[u8]| {
            STEERING.contains(name) || (letters && CHARSETS.iter().any(|c| c.as_bytes() == *name))
        };
        let evaluates =
            |a: &Assigned<'_>| EVALUATED.contains(&a.name) && a.to != To::Number && a.by != By::Called;
        if let Some(assigned) = self.assigned.iter().find(|a| steers(&a.name) || evaluates(a)) {
            return Err(Refused {
                reason: "this variable changes how bash reads or runs later text",
                instead: "leave it as it is",
                offset: assigned.offset,
            });
        }
        for arithmetic in arithmetics {
            if !arithmetic.names.iter().all(|name| self.is_number(name)) {
                return Err(Refused {
                    reason: "bash evaluates this variable's value as an expression, and it may be no number",
                    instead: "set it to a number in this text, or use expr(1)",
                    offset: arithmetic.offset,
                });
            }
        }
        Ok(())
    }

    pub(super) fn refuse<T>(&self, reason: &'static str, instead: &'static str, offset: usize) -> Parsed<T> {
        Err(Refused { reason, instead, offset })
    }

    /// Whether a variable holds a number wherever it is used.
    pub(super) fn is_number(&self, name: &[u8]) -> bool {
        let outside = self.known.variables.get(OsStr::from_bytes(name));
        let digits = |value: &OsString| {
            value.len() < 18 && !value.is_empty() && value.as_bytes().iter().all(u8::is_ascii_digit)
        };
        let dynamic = NUMBERS_OF_BASH.contains(&name);
        let set = self.set.get(name);
        let known = match outside {
            _ if (set.is_none() || is_of_bash(name)) && TEXTS_OF_BASH.contains(&name) => false,
            _ if name.starts_with(b"BASH_") => false,
            // `x86_64='a[$(rm -rf /)]'; echo $((HOSTTYPE))`
            _ if set.is_none() && SET_AT_START.contains(&name) => false,
            Some(value) => digits(value) && !dynamic,
            // In a shell that nobody has seen, a variable that the text does not set first may hold anything.
            None => {
                self.known.others == Others::Unset
                    || dynamic
                    || set.is_some_and(|set| self.is_first(name, set))
            }
        };
        known && !name.first().is_some_and(u8::is_ascii_digit) && set.is_none_or(|set| set.to == To::Number)
    }

    /// Whether the first thing that the text says of the name is a value for it.
    fn is_first(&self, name: &[u8], set: &Set) -> bool {
        let before = self.text.get(..set.first).unwrap_or_default();
        memchr::memmem::find(before, name).is_none()
    }

    fn value(&self, name: &[u8]) -> Option<Vec<u8>> {
        if is_of_bash(name) {
            return None;
        }
        if let Some(value) = self.state.values.get(name) {
            return value.clone();
        }
        let handed_on = |_: &&OsString| !SET_AT_START.contains(&name);
        let value = self.known.variables.get(OsStr::from_bytes(name)).filter(handed_on)?;
        Some(value.as_bytes().to_vec())
    }

    fn settle(&self, word: &Word<'t>, role: Role) -> Vec<Settled> {
        let values = Values {
            of: &|name| self.value(name),
            is_number: &|name| self.is_number(name),
            splitting: self.splitting,
            unmatched: self.unmatched,
            dialect: self.dialect,
            text: self.text,
        };
        settle(word, role, &values)
    }

    fn one(&self, word: &Word<'t>, role: Role) -> Settled {
        let nothing = Settled { text: Vec::new(), loose: None };
        self.settle(word, role).into_iter().next().unwrap_or(nothing)
    }

    /// Walks something whose changes end with it.
    fn apart(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let before = self.state.clone();
        let stops = self.stops.len();
        inner(self)?;
        self.state = before;
        self.stops.truncate(stops);
        Ok(())
    }

    /// Notes that the shell may drop the rest of the line here: `x=1` in one line, `y=$((1/0)); x=2` in the next, and in
    /// the third x is 1.
    fn may_stop(&mut self) {
        if self.has_lines && self.stops.last() != Some(&self.state) {
            self.stops.push(self.state.clone());
        }
    }

    fn next_line(&mut self) {
        for stop in std::mem::take(&mut self.stops) {
            self.state.join(stop);
        }
    }

    /// Walks what stands in a compound command. With a redirection that fails, nothing in it runs: `{ x=2; } <missing`.
    fn redirected(
        &mut self,
        redirects: &[Redirect<'t>],
        inner: impl FnOnce(&mut Self) -> Parsed<()>,
    ) -> Parsed<()> {
        if redirects.is_empty() { inner(self) } else { self.perhaps(inner) }
    }

    /// Walks something that may or may not run.
    fn perhaps(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let before = self.state.clone();
        inner(self)?;
        self.state.join(before);
        Ok(())
    }

    fn list(&mut self, list: &List<'t>, around: &Around) -> Parsed<()> {
        list.iter().try_for_each(|node| self.node(node, around))
    }

    fn node(&mut self, node: &Node<'t>, around: &Around) -> Parsed<()> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > STEPS || self.state.values.len() > VALUES || self.state.environment.len() > VARIABLES
        {
            return self.too_much();
        }
        match node {
            Node::Simple(command) => self.simple(command, around),
            Node::Pipeline(nodes) => {
                let fed = Around { stdin: Stdin::Elsewhere, ..around.clone() };
                nodes.iter().enumerate().try_for_each(|(at, node)| {
                    let around = if at == 0 { around } else { &fed };
                    self.apart(|walk| walk.node(node, around))
                })
            }
            Node::AndOr(nodes) => nodes.iter().enumerate().try_for_each(|(at, node)| match at {
                0 => self.node(node, around),
                _ => self.perhaps(|walk| walk.node(node, around)),
            }),
            Node::Background(node) => {
                let around = Around { waiting: Waiting::Background, ..around.clone() };
                self.apart(|walk| walk.node(node, &around))
            }
            Node::Subshell(..)
            | Node::Group(..)
            | Node::If(..)
            | Node::While(_)
            | Node::For(_)
            | Node::Case(..)
            | Node::Test(..)
            | Node::Function(..)
            | Node::Arithmetic(..) => self.compound(node, around),
        }
    }

    /// `compound_command`; the others have been walked.
    fn compound(&mut self, node: &Node<'t>, around: &Around) -> Parsed<()> {
        match node {
            Node::Simple(_) | Node::Pipeline(_) | Node::AndOr(_) | Node::Background(_) => Ok(()),
            Node::Subshell(list, redirects) => {
                let around = self.group(redirects, around)?;
                self.apart(|walk| walk.list(list, &around))
            }
            Node::Group(list, redirects) => {
                let around = self.group(redirects, around)?;
                self.redirected(redirects, |walk| walk.list(list, &around))
            }
            Node::If(lists, redirects) => {
                let around = self.group(redirects, around)?;
                lists.iter().enumerate().try_for_each(|(at, list)| match at {
                    0 => self.redirected(redirects, |walk| walk.list(list, &around)),
                    _ => self.perhaps(|walk| walk.list(list, &around)),
                })
            }
            Node::While(node) => self.while_loop(node, around),
            Node::For(node) => self.for_loop(node, around),
            Node::Case(subject, arms, redirects) => {
                let around = self.group(redirects, around)?;
                self.inside(subject)?;
                for arm in arms {
                    arm.patterns.iter().try_for_each(|pattern| self.inside(pattern))?;
                    self.perhaps(|walk| walk.list(&arm.body, &around))?;
                }
                Ok(())
            }
            Node::Test(words, redirects) => self.test_command(words, redirects, around),
            Node::Function(body, span) => self.function(body, span, around),
            Node::Arithmetic(span, redirects) => {
                self.group(redirects, around)?;
                self.forget(span, &[By::Expansion]);
                Ok(())
            }
        }
    }

    /// `[[ ... ]]`
    fn test_command(
        &mut self,
        words: &[Word<'t>],
        redirects: &[Redirect<'t>],
        around: &Around,
    ) -> Parsed<()> {
        self.group(redirects, around)?;
        words.iter().try_for_each(|word| self.inside(word))?;
        match self.double_brackets(words) {
            Ok(()) => Ok(()),
            Err(refused) => {
                let word = words.iter().find(|word| word.span.start == refused.offset);
                let span = word.map_or(refused.offset..refused.offset, |word| word.span.clone());
                let words = vec![OsString::from("[[")].into();
                let seen = Seen { words, redirections: Vec::new(), opaque: Some(refused) };
                self.write_down(seen, &[], around, span)
            }
        }
    }

    /// `function_definition`: its body, which runs wherever its name stands.
    fn function(&mut self, body: &Node<'t>, span: &Range<usize>, around: &Around) -> Parsed<()> {
        // `ls() { rm -rf /; }; ls`: what is defined may run wherever its name stands, under any name.
        self.forget(span, &ANYHOW);
        self.apart(|walk| walk.node(body, around))?;
        let opaque = self.refuse::<()>(
            "a function gives a name another meaning",
            "write the commands out",
            span.start,
        );
        let opaque = opaque.err();
        let words = vec![OsString::from("function")].into();
        let seen = Seen { words, redirections: Vec::new(), opaque };
        self.write_down(seen, &[], around, span.clone())
    }

    /// The redirections of a compound command, and what they feed to the commands inside.
    fn group(&mut self, redirects: &[Redirect<'t>], around: &Around) -> Parsed<Around> {
        let (Some(first), Some(last)) = (redirects.first(), redirects.last()) else {
            return Ok(around.clone());
        };
        let span = first.target.span.start..last.target.span.end;
        let (redirections, stdin) = self.redirections(redirects)?;
        let fed = stdin.is_some();
        if !redirections.is_empty() {
            self.write_down(Seen::only(redirections), &[], around, span)?;
        }
        // Several commands read from it, and none is sure to get all of it.
        Ok(Around { stdin: if fed { Stdin::Elsewhere } else { around.stdin.clone() }, ..around.clone() })
    }

    /// What runs inside a word before the word is anything, and what that changes.
    fn inside(&mut self, word: &Word<'t>) -> Parsed<()> {
        self.forget(&word.span, &[By::Expansion]);
        self.parts(&word.parts)
    }

    fn parts(&mut self, parts: &[Part<'t>]) -> Parsed<()> {
        let around = Around { stdin: Stdin::Inherited, waiting: Waiting::Foreground };
        for part in parts {
            match part {
                Part::Expansion(Expansion::Command(list, _), _) => {
                    self.apart(|walk| walk.list(list, &around))?;
                }
                Part::Expansion(Expansion::Parameter(modified), _) => {
                    self.parts(&modified.inside)?;
                    self.may_stop();
                }
                Part::Expansion(Expansion::Arithmetic, _) => self.may_stop(),
                Part::Text(..) | Part::Parameter(..) | Part::Expansion(..) => {}
            }
        }
        Ok(())
    }

    /// What this stretch of text may set holds what only the run knows.
    fn forget(&mut self, span: &Range<usize>, by: &[By]) {
        let from = self.assigned.partition_point(|assigned| assigned.offset < span.start);
        let to = self.assigned.partition_point(|assigned| assigned.offset < span.end);
        let within = self.assigned.get(from..to).unwrap_or_default();
        let called = |builtins: &[&[u8]]| {
            by.contains(&By::Builtin)
                && within.iter().any(|a| a.by == By::Called && builtins.contains(&a.name))
        };
        let (exports, moves) = (called(&[b"export", b"declare", b"typeset", b"unset"]), called(&MOVING));
        let names: Vec<&'t [u8]> = within.iter().filter(|a| by.contains(&a.by)).map(|a| a.name).collect();
        for name in names {
            self.assign(name, None);
            if exports {
                self.state.edit(EnvironmentEdit::Unsure(OsString::from_vec(name.to_vec())));
            }
        }
        if moves && !self.state.directories.contains(&None) {
            self.state.directories.push(None);
        }
    }

    fn while_loop(&mut self, node: &While<'t>, around: &Around) -> Parsed<()> {
        let around = self.group(&node.redirects, around)?;
        self.forget(&node.span, &ANYHOW);
        // `while break; x=2; do ...` ends before x is set, however often the condition runs.
        self.perhaps(|walk| {
            walk.list(&node.condition, &around)?;
            walk.perhaps(|walk| walk.list(&node.body, &around))
        })
    }

    fn for_loop(&mut self, node: &For<'t>, around: &Around) -> Parsed<()> {
        let around = self.group(&node.redirects, around)?;
        let words = node.words.as_deref().unwrap_or_default();
        words.iter().try_for_each(|word| self.inside(word))?;
        let rounds: Vec<Settled> = words.iter().flat_map(|word| self.settle(word, Role::Argument)).collect();
        self.forget(&node.span, &ANYHOW);
        let exact = node.words.is_some() && rounds.len() <= ROUNDS;
        let values: Option<Vec<Vec<u8>>> =
            rounds.iter().map(|word| word.exact().map(<[u8]>::to_vec)).collect();
        // A body that sets the variable itself has it forgotten above.
        let sets = |assigned: &&Assigned<'_>| assigned.name == node.name && assigned.by != By::Called;
        let own = self.assigned.iter().filter(sets).count() == 1;
        match values.filter(|_| exact && own) {
            Some(values) => {
                for value in values {
                    self.perhaps(|walk| {
                        walk.assign(node.name, Some(value));
                        walk.list(&node.body, &around)
                    })?;
                }
            }
            None => {
                self.assign(node.name, None);
                self.perhaps(|walk| walk.list(&node.body, &around))?;
            }
        }
        self.assign(node.name, None);
        Ok(())
    }

    fn simple(&mut self, command: &SimpleCommand<'t>, around: &Around) -> Parsed<()> {
        self.here = command.span.start;
        command.words.iter().try_for_each(|word| self.inside(word))?;
        let role = |word: &Word<'t>| match self.declares(&command.words) && begins_assignment(word) {
            true => Role::Value,
            false => Role::Argument,
        };
        let words: Vec<Settled> =
            command.words.iter().flat_map(|word| self.settle(word, role(word))).collect();
        if command.words.is_empty() {
            // `B= >$(l)`: what runs for the target sees B set.
            self.redirected(&command.redirects, |walk| walk.assignments(&command.assignments).map(|_| ()))?;
            let (redirections, _) = self.redirections(&command.redirects)?;
            if !redirections.is_empty() {
                self.write_down(Seen::only(redirections), &[], around, command.span.clone())?;
            }
            return Ok(());
        }
        let (redirections, stdin) = self.redirections(&command.redirects)?;
        let before = self.in_front(&command.assignments)?;
        let around = Around { stdin: stdin.unwrap_or_else(|| around.stdin.clone()), ..around.clone() };
        let first = command.words.first().map_or(command.span.start, |word| word.span.start);
        let named = match words.first() {
            Some(word) if word.loose.is_none() => Ok(()),
            Some(_) | None => self.refuse(
                "the program's name is known only when it runs",
                "write the program's name itself",
                first,
            ),
        };
        let opaque = named
            .and_then(|()| self.builtin(&words, first))
            .and_then(|()| self.plainly(&words, &command.span))
            .and_then(|()| self.hidden(&words, first, &around))
            .err();
        let mut settled = Words::default();
        for word in words.clone() {
            let (text, loose) = word.os();
            settled.push(text, loose);
        }
        let seen = Seen { words: settled, redirections, opaque };
        self.write_down(seen, &before, &around, command.span.clone())?;
        self.redirected(&command.redirects, |walk| {
            walk.change(&words, &command.span, &before);
            Ok(())
        })
    }

    /// Whether the command's own name, as typed, is one behind which bash reads `NAME=$value` as an assignment: it is
    /// neither split nor a pattern. To dash it is a word like any other.
    fn declares(&self, words: &[Word<'t>]) -> bool {
        let name = words.first().map(|word| word.parts.as_slice());
        let Some([Part::Text(name, Quoting::Bare)]) = name else { return false };
        self.dialect == Dialect::Bash && DECLARING.iter().any(|known| *known == &name[..])
    }

    /// The names that the builtin of this command sets, if it is one.
    pub(super) fn set_by_builtin(&self, span: &Range<usize>, by: By) -> Vec<&'t [u8]> {
        let from = self.assigned.partition_point(|assigned| assigned.offset < span.start);
        let own = self.assigned.iter().skip(from).take_while(|assigned| assigned.offset < span.end);
        own.filter(|assigned| assigned.by == by).map(|assigned| assigned.name).collect()
    }

    /// Whether a variable gets a value behind this place.
    pub(super) fn is_set_behind(&self, name: &[u8], offset: usize) -> bool {
        let from = self.assigned.partition_point(|assigned| assigned.offset < offset);
        self.assigned.iter().skip(from).any(|assigned| assigned.name == name && assigned.by != By::Called)
    }

    /// Assignments one behind the other: `x=2 y=$x` sets y to 2.
    fn assignments(&mut self, assignments: &[Assignment<'t>]) -> Parsed<Vec<EnvironmentEdit>> {
        let mut edits = Vec::new();
        for assignment in assignments {
            match &assignment.value {
                Value::Scalar(word) => self.inside(word)?,
                Value::Other(words) => words.iter().try_for_each(|word| self.inside(word))?,
            }
            let value = self.assigned_value(assignment);
            edits.push(edit(assignment.name, &value));
            self.assign(assignment.name, value.exact().map(<[u8]>::to_vec));
        }
        Ok(edits)
    }

    /// Assignments in front of a command hold for it alone; what their expansions set stays.
    fn in_front(&mut self, assignments: &[Assignment<'t>]) -> Parsed<Vec<EnvironmentEdit>> {
        if assignments.is_empty() {
            return Ok(Vec::new());
        }
        let before = self.state.clone();
        let mut edits = Vec::new();
        for assignment in assignments {
            // `A=1 x=$(l)`: what runs inside sees the assignments before it.
            edits.extend(self.assignments(std::slice::from_ref(assignment))?);
            edits.last().cloned().into_iter().for_each(|edit| self.state.edit(edit));
        }
        self.state = before;
        for assignment in assignments {
            match &assignment.value {
                Value::Scalar(word) => self.forget(&word.span, &[By::Expansion]),
                Value::Other(words) => {
                    words.iter().for_each(|word| self.forget(&word.span, &[By::Expansion]))
                }
            }
        }
        Ok(edits)
    }

    fn assigned_value(&self, assignment: &Assignment<'t>) -> Settled {
        match &assignment.value {
            Value::Scalar(word) if !word.parts.is_empty() => self.one(word, Role::Value),
            Value::Scalar(_) => Settled { text: Vec::new(), loose: None },
            Value::Other(_) => Settled { text: Vec::new(), loose: Some(UNKNOWN) },
        }
    }

    /// Sets a variable, which programs see where it is exported.
    pub(super) fn assign(&mut self, name: &[u8], value: Option<Vec<u8>>) {
        let os = || OsString::from_vec(name.to_vec());
        let inherited = self.known.variables.contains_key(OsStr::from_bytes(name));
        let said = self.state.environment.iter().find(|edit| edit.name() == Some(OsStr::from_bytes(name)));
        let exported = match said {
            Some(EnvironmentEdit::Set(..)) => true,
            // `unset KUBECONFIG; KUBECONFIG=x` exports nothing.
            Some(EnvironmentEdit::Unset(_) | EnvironmentEdit::Clear) => false,
            // Then its value is not known, or whether it is exported at all.
            Some(EnvironmentEdit::Unsure(_)) => {
                inherited && !self.assigned.iter().any(|a| a.by == By::Called && a.name == b"unset")
            }
            // In a shell that nobody has seen, whatever is assigned may be exported; `for i in ...` and `read line` are
            // believed not to name such a variable, unless it means something to a program.
            None if self.known.others == Others::Unseen => {
                influence(&os()) != Influence::Unknown
                    || self.assigned.iter().any(|a| a.name == name && a.by == By::Assignment)
            }
            None => inherited,
        };
        if exported {
            self.state.edit(match &value {
                Some(value) if !is_of_bash(name) => {
                    EnvironmentEdit::Set(os(), OsString::from_vec(value.clone()))
                }
                Some(_) | None => EnvironmentEdit::Unsure(os()),
            });
        }
        self.state.values.insert(name.to_vec(), value);
    }

    /// Whether the text sets a variable of this name, spelled out.
    pub(super) fn sets(&self, name: &[u8]) -> bool {
        self.set.contains_key(name)
    }

    fn redirections(&mut self, redirects: &[Redirect<'t>]) -> Parsed<(Vec<Redirection>, Option<Stdin>)> {
        let (mut found, mut stdin) = (Vec::new(), None);
        for redirect in redirects {
            self.inside(&redirect.target)?;
            let (access, fed) = match redirect.operator {
                RedirectOperator::Duplicate => (None, Stdin::Elsewhere),
                RedirectOperator::HereString => {
                    let exact = self.one(&redirect.target, Role::Value);
                    let text = exact.exact().map(|text| Stdin::Text([text, b"\n".as_slice()].concat()));
                    (None, text.unwrap_or(Stdin::Elsewhere))
                }
                RedirectOperator::Document(place) => (None, self.document(place)?),
                RedirectOperator::Less => {
                    let (target, loose) = self.one(&redirect.target, Role::Target).os();
                    let mut file = Words::default();
                    file.push(target, loose);
                    (Some(Access::Read), Stdin::File(file))
                }
                RedirectOperator::Great => (Some(Access::Write), Stdin::Elsewhere),
                RedirectOperator::DoubleGreat => (Some(Access::Append), Stdin::Elsewhere),
            };
            if redirect.onto == Onto::Stdin {
                // The last one counts: `sh <<EOF <&3`.
                stdin = Some(fed);
            }
            let Some(access) = access else { continue };
            let target = self.one(&redirect.target, Role::Target);
            let network =
                [b"/dev/tcp/".as_slice(), b"/dev/udp/"].iter().any(|dev| target.text.starts_with(dev));
            let mut words = Words::default();
            let (text, loose) = target.os();
            words.push(text, loose);
            found.push(Redirection { access: if network { Access::Network } else { access }, target: words });
        }
        Ok((found, stdin))
    }

    fn document(&mut self, place: usize) -> Parsed<Stdin> {
        let nothing = Word { parts: Vec::new(), span: 0..0 };
        let body = self.documents.get_mut(place).map_or(nothing, |body| {
            let span = body.span.clone();
            std::mem::replace(body, Word { parts: Vec::new(), span })
        });
        let text = match body.parts.as_slice() {
            [Part::Text(text, Quoting::Quoted)] => Stdin::Text(text.to_vec()),
            _ => Stdin::Elsewhere,
        };
        self.inside(&body)?;
        if let Some(document) = self.documents.get_mut(place) {
            // A loop is walked once a round.
            *document = body;
        }
        Ok(text)
    }

    /// Text that `trap` and `eval` run. It may not change the shell, since nobody knows when it does.
    fn hidden(&mut self, words: &[Settled], offset: usize, around: &Around) -> Parsed<()> {
        let Some(text) = builtin::hidden_text(words) else { return Ok(()) };
        let refused = |walk: &Self| {
            walk.refuse(
                "this builtin runs text that the gate cannot follow",
                "write the command itself",
                offset,
            )
        };
        let Some(text) = text else { return refused(self) };
        let mut lexer = Lexer::within(&text, self.dialect);
        let known = Known { variables: &BTreeMap::new(), others: Others::Unseen };
        let Ok(list) = lexer.program() else { return refused(self) };
        if !lexer.assigned.is_empty() {
            return refused(self);
        }
        let Ok(inner) = unfold(&list, lexer, known) else { return refused(self) };
        if inner.iter().any(|simple| simple.opaque.is_some()) {
            // `eval '"cd" /x'`
            return refused(self);
        }
        // What `eval` runs is found when it is taken off like any wrapper.
        let trapped = inner.into_iter().filter(|_| builtin::is_trap(words));
        for simple in trapped {
            let environment = [self.state.environment.clone(), simple.environment].concat();
            let directories = vec![None];
            let stdin = Stdin::Elsewhere;
            let found = Simple {
                environment,
                directories,
                stdin,
                waiting: around.waiting,
                span: offset..offset,
                ..simple
            };
            self.found.push(found);
        }
        Ok(())
    }

    fn too_much(&self) -> Parsed<()> {
        self.refuse("the text has more commands or variables than the gate reads", "split it", self.here)
    }

    fn write_down(
        &mut self,
        seen: Seen,
        before: &[EnvironmentEdit],
        around: &Around,
        span: Range<usize>,
    ) -> Parsed<()> {
        if self.found.len() >= COMMANDS {
            return self.too_much();
        }
        let Seen { words, redirections, opaque } = seen;
        let simple = Simple {
            words,
            environment: self.state.environment.iter().chain(before).cloned().collect(),
            redirections,
            stdin: around.stdin.clone(),
            waiting: around.waiting,
            directories: self.state.directories.clone(),
            span,
            opaque,
        };
        // The rounds of a loop often differ in nothing.
        if self.found.last() != Some(&simple) {
            self.found.push(simple);
        }
        Ok(())
    }

    /// `cd`: every directory it may start from, and the one it leads to.
    pub(super) fn enter(&mut self, target: Option<PathBuf>) {
        let led = |from: &Option<PathBuf>| match (&target, from) {
            (Some(target), _) if target.is_absolute() => Some(target.clone()),
            (Some(target), Some(from)) => Some(logical(&from.join(target))),
            (Some(_), None) | (None, _) => None,
        };
        let reached: Vec<Option<PathBuf>> = self.state.directories.iter().map(led).collect();
        for directory in reached {
            if !self.state.directories.contains(&directory) {
                self.state.directories.push(directory);
            }
        }
        if self.state.directories.len() > DIRECTORIES {
            self.state.directories = vec![None];
        }
    }

    pub(super) fn home(&self) -> Option<PathBuf> {
        self.value(b"HOME").map(|home| PathBuf::from(OsString::from_vec(home)))
    }

    pub(super) fn export(&mut self, edit: EnvironmentEdit) {
        self.state.edit(edit);
    }

    /// The value a variable has now, as an edit of the environment.
    pub(super) fn exported(&self, name: &[u8]) -> EnvironmentEdit {
        let os = OsString::from_vec(name.to_vec());
        match self.state.values.get(name) {
            Some(Some(value)) => EnvironmentEdit::Set(os, OsString::from_vec(value.clone())),
            Some(None) => EnvironmentEdit::Unsure(os),
            // Exported already, or unset.
            None => EnvironmentEdit::Unsure(os),
        }
    }
}

/// One simple command as it is written down.
struct Seen {
    words: Words,
    redirections: Vec<Redirection>,
    opaque: Option<Refused>,
}

impl Seen {
    fn only(redirections: Vec<Redirection>) -> Self {
        Self { words: Words::default(), redirections, opaque: None }
    }
}

/// `cd link/..` leads back for a shell, wherever the link points.
fn logical(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(whole.components().next_back(), Some(Component::Normal(_))) => {
                whole.pop();
            }
            Component::ParentDir | Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                whole.push(component);
            }
        }
    }
    whole
}

/// A value that only the run knows.
const UNKNOWN: super::super::Loose = super::super::Loose {
    certain: 0,
    count: super::super::Count::One,
    nature: super::super::Nature::Dynamic,
};

fn edit(name: &[u8], value: &Settled) -> EnvironmentEdit {
    let name = OsString::from_vec(name.to_vec());
    match value.exact() {
        Some(text) => EnvironmentEdit::Set(name, OsString::from_vec(text.to_vec())),
        None => EnvironmentEdit::Unsure(name),
    }
}

impl State {
    /// Changes the environment; what was said of the same variable before no longer counts.
    fn edit(&mut self, edit: EnvironmentEdit) {
        self.environment.retain(|known| known.name() != edit.name());
        self.environment.push(edit);
    }

    /// What holds whether or not something ran.
    fn join(&mut self, other: Self) {
        let changed: Vec<Vec<u8>> = self
            .values
            .iter()
            .filter(|(name, value)| other.values.get(name.as_slice()) != Some(value))
            .map(|(name, _)| name.clone())
            .collect();
        for name in changed {
            self.values.insert(name, None);
        }
        let both: Vec<EnvironmentEdit> =
            self.environment.drain(..).chain(other.environment.iter().cloned()).collect();
        let certain = |edit: &EnvironmentEdit| both.iter().filter(|known| *known == edit).count() == 2;
        for edit in &both {
            let edit = match edit.name() {
                Some(name) if !certain(edit) => EnvironmentEdit::Unsure(name.to_owned()),
                Some(_) | None => edit.clone(),
            };
            self.edit(edit);
        }
        for directory in other.directories {
            if !self.directories.contains(&directory) {
                self.directories.push(directory);
            }
        }
    }
}

/// bash(1), "Assignment statements may also appear as arguments to"; alias is listed there too, and is split all the same.
const DECLARING: [&[u8]; 5] = [b"declare", b"export", b"local", b"readonly", b"typeset"];

/// Whether a word begins with `NAME=`, without quotes. Braces in it still become several words.
fn begins_assignment(word: &Word<'_>) -> bool {
    let braces = |part: &Part<'_>| matches!(part, Part::Text(text, Quoting::Bare) if text.contains(&b'{'));
    if word.parts.iter().any(braces) {
        return false;
    }
    let Some(Part::Text(text, Quoting::Bare)) = word.parts.first() else { return false };
    let Some(at) = memchr::memchr(b'=', text) else { return false };
    let name = text.get(..at).unwrap_or_default();
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    name.iter().all(letter) && name.first().is_some_and(|byte| !byte.is_ascii_digit())
}
