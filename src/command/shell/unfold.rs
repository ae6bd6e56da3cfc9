//! The walk over the tree: follows values, directories and loops, and writes down every simple command.
//!
//! In: the tree and what is known before the run. Out: [`Simple`] commands. Never: a branch left out because its condition
//! looks false - whatever could run is written down, and what one of two branches sets is not certain behind them.

use super::super::{Access, Count, EnvironmentEdit, Redirection, Stdin, Waiting, Words};
use super::builtin;
use super::grammar::ASSIGNING;
use super::lexer::{Lexer, Parsed};
use super::syntax::{
    Assigned, Assignment, By, Document, Expansion, For, List, Node, Part, Quoting, Redirect,
    RedirectOperator, SimpleCommand, To, Value, While, Word,
};
use super::word::{Role, Settled, Splitting, Values, settle};
use super::{COMMANDS, Dialect, Known, Others, Refused, Simple};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// A loop over so many words is written out, one round a word.
const ROUNDS: usize = 32;
/// More changed variables than this are not followed.
const VARIABLES: usize = 64;
/// More directories than this are one that nobody knows.
const DIRECTORIES: usize = 6;

/// What changes as the text runs, and is forgotten where a subshell ends.
#[derive(Clone)]
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
    unmatched: Count,
    pub(super) state: State,
    found: Vec<Simple>,
}

/// Variables that a text may not set, by whatever means. `set -x; for PS4 in '$(rm -rf /)'; do :; done` runs rm, and
/// POSIXLY_CORRECT makes bash read aliases.
pub(super) const STEERING: [&[u8]; 5] =
    [b"PS4", b"POSIXLY_CORRECT", b"BASH_COMPAT", b"SHELLOPTS", b"BASHOPTS"];

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

/// Variables that bash sets by itself, whatever the environment says: bash(1), "Shell Variables".
const SET_BY_BASH: [&[u8]; 33] = [
    b"COLUMNS",
    b"DIRSTACK",
    b"EPOCHREALTIME",
    b"EPOCHSECONDS",
    b"EUID",
    b"FUNCNAME",
    b"GROUPS",
    b"HISTCMD",
    b"HOSTNAME",
    b"HOSTTYPE",
    b"IFS",
    b"LINENO",
    b"LINES",
    b"MACHTYPE",
    b"MAPFILE",
    b"OLDPWD",
    b"OPTARG",
    b"OPTERR",
    b"OPTIND",
    b"OSTYPE",
    b"PIPESTATUS",
    b"PPID",
    b"PS1",
    b"PS2",
    b"PS4",
    b"PWD",
    b"RANDOM",
    b"REPLY",
    b"SECONDS",
    b"SHLVL",
    b"SRANDOM",
    b"UID",
    b"_",
];

/// The commands of a list.
pub(super) fn unfold<'t>(list: &List<'t>, lexer: Lexer<'t>, known: Known<'_>) -> Parsed<Vec<Simple>> {
    let mut assigned = lexer.assigned;
    assigned.sort_by_key(|assigned| assigned.offset);
    let mut set: BTreeMap<&[u8], Set> = BTreeMap::new();
    for assigned in &assigned {
        let known = set.entry(assigned.name).or_insert(Set { first: assigned.offset, to: To::Number });
        if assigned.to == To::Anything {
            known.to = To::Anything;
        }
    }
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
        found: Vec::new(),
    };
    let steers = |assigned: &&Assigned<'_>| {
        STEERING.contains(&assigned.name) || (EVALUATED.contains(&assigned.name) && assigned.to != To::Number)
    };
    if let Some(assigned) = walk.assigned.iter().find(steers) {
        return Err(Refused {
            reason: "this variable changes how bash reads or runs later text",
            instead: "leave it as it is",
            offset: assigned.offset,
        });
    }
    for arithmetic in &lexer.arithmetics {
        if !arithmetic.names.iter().all(|name| walk.is_number(name)) {
            return Err(Refused {
                reason: "bash evaluates this variable's value as an expression, and it may be no number",
                instead: "set it to a number in this text, or use expr(1)",
                offset: arithmetic.offset,
            });
        }
    }
    let around = Around { stdin: Stdin::Inherited, waiting: Waiting::Foreground };
    walk.list(list, &around)?;
    Ok(walk.found)
}

impl<'t> Walk<'t, '_> {
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
        if let Some(value) = self.state.values.get(name) {
            return value.clone();
        }
        let own = SET_BY_BASH.contains(&name) || name.starts_with(b"BASH") || name.starts_with(b"COMP_");
        let value = self.known.variables.get(OsStr::from_bytes(name)).filter(|_| !own)?;
        Some(value.as_bytes().to_vec())
    }

    fn settle(&self, word: &Word<'t>, role: Role) -> Vec<Settled> {
        let values = Values {
            of: &|name| self.value(name),
            is_number: &|name| self.is_number(name),
            splitting: self.splitting,
            unmatched: self.unmatched,
            text: self.text,
        };
        settle(word, role, &values)
    }

    fn one(&self, word: &Word<'t>) -> Settled {
        let nothing = Settled { text: Vec::new(), loose: None };
        self.settle(word, Role::Value).into_iter().next().unwrap_or(nothing)
    }

    /// Walks something whose changes end with it.
    fn apart(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let before = self.state.clone();
        inner(self)?;
        self.state = before;
        Ok(())
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
                self.list(list, &around)
            }
            Node::If(lists, redirects) => {
                let around = self.group(redirects, around)?;
                lists.iter().enumerate().try_for_each(|(at, list)| match at {
                    0 => self.list(list, &around),
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
                let span = refused.offset..refused.offset.saturating_add(1);
                let words = vec![OsString::from("[[")].into();
                let seen = Seen { words, redirections: Vec::new(), opaque: Some(refused) };
                self.write_down(seen, &[], around, span)
            }
        }
    }

    /// `function_definition`: its body, which runs wherever its name stands.
    fn function(&mut self, body: &Node<'t>, span: &Range<usize>, around: &Around) -> Parsed<()> {
        // `ls() { rm -rf /; }; ls`: what is defined may run wherever its name stands, under any name.
        self.forget(span, &[By::Assignment, By::Expansion, By::Builtin]);
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
        self.write_down(Seen::only(redirections), &[], around, span)?;
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
                Part::Expansion(Expansion::Parameter(modified), _) => self.parts(&modified.inside)?,
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
        let within = within.iter().filter(|assigned| by.contains(&assigned.by));
        let (builtins, names): (Vec<&[u8]>, Vec<&'t [u8]>) = {
            let is_builtin =
                |assigned: &&Assigned<'_>| ASSIGNING.contains(&assigned.name) && assigned.by == By::Builtin;
            let (builtins, others): (Vec<_>, Vec<_>) = within.partition(is_builtin);
            (builtins.iter().map(|a| a.name).collect(), others.iter().map(|a| a.name).collect())
        };
        let any = |wanted: &[&[u8]]| builtins.iter().any(|builtin| wanted.contains(builtin));
        let exports = any(&[b"export", b"declare", b"typeset", b"unset"]);
        for name in names {
            self.state.values.insert(name.to_vec(), None);
            if exports || self.known.variables.contains_key(OsStr::from_bytes(name)) {
                self.state.edit(EnvironmentEdit::Unsure(OsString::from_vec(name.to_vec())));
            }
        }
        if any(&[b"cd", b"pushd", b"popd"]) && !self.state.directories.contains(&None) {
            self.state.directories.push(None);
        }
    }

    fn while_loop(&mut self, node: &While<'t>, around: &Around) -> Parsed<()> {
        let around = self.group(&node.redirects, around)?;
        self.forget(&node.span, &[By::Assignment, By::Expansion, By::Builtin]);
        self.list(&node.condition, &around)?;
        self.perhaps(|walk| walk.list(&node.body, &around))
    }

    fn for_loop(&mut self, node: &For<'t>, around: &Around) -> Parsed<()> {
        let around = self.group(&node.redirects, around)?;
        let words = node.words.as_deref().unwrap_or_default();
        words.iter().try_for_each(|word| self.inside(word))?;
        let rounds: Vec<Settled> = words.iter().flat_map(|word| self.settle(word, Role::Argument)).collect();
        self.forget(&node.span, &[By::Assignment, By::Expansion, By::Builtin]);
        let exact = node.words.is_some() && rounds.len() <= ROUNDS;
        let values: Option<Vec<Vec<u8>>> =
            rounds.iter().map(|word| word.exact().map(<[u8]>::to_vec)).collect();
        // A body that sets the variable itself has it forgotten above.
        let own = self.assigned.iter().filter(|assigned| assigned.name == node.name).count() == 1;
        match values.filter(|_| exact && own) {
            Some(values) => {
                for value in values {
                    self.perhaps(|walk| {
                        walk.loop_variable(node.name, Some(value));
                        walk.list(&node.body, &around)
                    })?;
                }
            }
            None => {
                self.loop_variable(node.name, None);
                self.perhaps(|walk| walk.list(&node.body, &around))?;
            }
        }
        self.loop_variable(node.name, None);
        Ok(())
    }

    /// What a loop sets, programs see where the caller exports it.
    fn loop_variable(&mut self, name: &'t [u8], value: Option<Vec<u8>>) {
        if self.known.variables.contains_key(OsStr::from_bytes(name)) {
            let os = OsString::from_vec(name.to_vec());
            self.state.edit(match &value {
                Some(value) => EnvironmentEdit::Set(os, OsString::from_vec(value.clone())),
                None => EnvironmentEdit::Unsure(os),
            });
        }
        self.assign(name, value);
    }

    fn simple(&mut self, command: &SimpleCommand<'t>, around: &Around) -> Parsed<()> {
        for word in &command.words {
            self.inside(word)?;
        }
        let values: Vec<(&'t [u8], Settled)> = command
            .assignments
            .iter()
            .map(|assignment| (assignment.name, self.assigned_value(assignment)))
            .collect();
        // `A=1 x=$(l)`: what runs inside sees the assignments before it.
        self.apart(|walk| {
            command.assignments.iter().zip(&values).try_for_each(|(assignment, (name, value))| {
                match &assignment.value {
                    Value::Scalar(word) => walk.parts(&word.parts)?,
                    Value::Other(words) => words.iter().try_for_each(|word| walk.parts(&word.parts))?,
                }
                walk.state.edit(edit(name, value));
                Ok(())
            })
        })?;
        let words: Vec<Settled> =
            command.words.iter().flat_map(|word| self.settle(word, Role::Argument)).collect();
        let (redirections, stdin) = self.redirections(&command.redirects)?;
        if command.words.is_empty() {
            self.set(&values);
            if !redirections.is_empty() {
                self.write_down(Seen::only(redirections), &[], around, command.span.clone())?;
            }
            return Ok(());
        }
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
            .and_then(|()| self.hidden(&words, first, &around))
            .err();
        let mut settled = Words::default();
        for word in words.clone() {
            let (text, loose) = word.os();
            settled.push(text, loose);
        }
        let before: Vec<EnvironmentEdit> = values.iter().map(|(name, value)| edit(name, value)).collect();
        let seen = Seen { words: settled, redirections, opaque };
        self.write_down(seen, &before, &around, command.span.clone())?;
        for name in self.set_by_builtin(&command.span) {
            self.assign(name, None);
            // The name of the builtin itself is noted too.
            if self.is_exported(name) && !ASSIGNING.contains(&name) {
                self.state.edit(EnvironmentEdit::Unsure(OsString::from_vec(name.to_vec())));
            }
        }
        self.change(&words);
        Ok(())
    }

    /// The names that the builtin of this command sets, if it is one.
    fn set_by_builtin(&self, span: &Range<usize>) -> Vec<&'t [u8]> {
        let from = self.assigned.partition_point(|assigned| assigned.offset < span.start);
        let own = self.assigned.iter().skip(from).take_while(|assigned| assigned.offset < span.end);
        own.filter(|assigned| assigned.by == By::Builtin).map(|assigned| assigned.name).collect()
    }

    fn assigned_value(&self, assignment: &Assignment<'t>) -> Settled {
        match &assignment.value {
            Value::Scalar(word) if !word.parts.is_empty() => self.one(word),
            Value::Scalar(_) => Settled { text: Vec::new(), loose: None },
            Value::Other(_) => Settled { text: Vec::new(), loose: Some(UNKNOWN) },
        }
    }

    /// Assignments that stand alone.
    fn set(&mut self, values: &[(&'t [u8], Settled)]) {
        for (name, value) in values {
            self.assign(name, value.exact().map(<[u8]>::to_vec));
            if self.known.variables.contains_key(OsStr::from_bytes(name))
                || self.known.others == Others::Unseen
            {
                self.state.edit(edit(name, value));
            }
        }
    }

    pub(super) fn assign(&mut self, name: &[u8], value: Option<Vec<u8>>) {
        self.state.values.insert(name.to_vec(), value);
    }

    /// Whether programs see the variable.
    pub(super) fn is_exported(&self, name: &[u8]) -> bool {
        let name = OsStr::from_bytes(name);
        let edited = self.state.environment.iter().any(|edit| edit.name() == Some(name));
        edited || self.known.variables.contains_key(name) || self.known.others == Others::Unseen
    }

    /// Whether the text sets a variable of this name, spelled out.
    pub(super) fn sets(&self, name: &[u8]) -> bool {
        self.set.contains_key(name)
    }

    fn redirections(&mut self, redirects: &[Redirect<'t>]) -> Parsed<(Vec<Redirection>, Option<Stdin>)> {
        let (mut found, mut stdin) = (Vec::new(), None);
        for redirect in redirects {
            self.inside(&redirect.target)?;
            let access = match redirect.operator {
                RedirectOperator::Duplicate => continue,
                RedirectOperator::HereString => {
                    let exact = self.one(&redirect.target);
                    stdin = Some(match exact.exact() {
                        Some(text) => Stdin::Text([text, b"\n".as_slice()].concat()),
                        None => Stdin::Elsewhere,
                    });
                    continue;
                }
                RedirectOperator::Document(place) => {
                    stdin = Some(self.document(place)?);
                    continue;
                }
                RedirectOperator::Less => {
                    stdin = Some(Stdin::Elsewhere);
                    Access::Read
                }
                RedirectOperator::Great => Access::Write,
                RedirectOperator::DoubleGreat => Access::Append,
            };
            let target = self.settle(&redirect.target, Role::Target).pop();
            let target = target.unwrap_or_else(|| Settled { text: Vec::new(), loose: Some(UNKNOWN) });
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
        let parts = self.documents.get_mut(place).map(std::mem::take).unwrap_or_default();
        let text = match parts.as_slice() {
            [Part::Text(text, Quoting::Quoted)] => Stdin::Text(text.to_vec()),
            _ => Stdin::Elsewhere,
        };
        self.parts(&parts)?;
        if let Some(document) = self.documents.get_mut(place) {
            // A loop is walked once a round.
            *document = parts;
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

    fn write_down(
        &mut self,
        seen: Seen,
        before: &[EnvironmentEdit],
        around: &Around,
        span: Range<usize>,
    ) -> Parsed<()> {
        if self.found.len() >= COMMANDS || self.state.environment.len() > VARIABLES {
            return self.refuse(
                "the text has more commands or variables than the gate reads",
                "split it",
                span.start,
            );
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
            (Some(target), Some(from)) => Some(from.join(target)),
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
