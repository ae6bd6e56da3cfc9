//! The walk over the tree: follows values, directories and loops, and writes down every simple command.
//!
//! In: the tree and what is known before the run. Out: [`Simple`] commands. Never: a branch left out because its condition
//! looks false - whatever could run is written down, and what one of two branches sets is not certain behind them.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | the walk itself: lists, branches, loops, what stands inside words |
//! | `simple.rs` | one simple command: assignments, redirections, here-documents, text that it runs |
//! | `variables.rs` | the values of variables, and those that bash sets or that steer it |
//! | `state.rs` | what changes as the text runs: values, directories, environment; what two branches leave of it |

mod simple;
mod state;
mod variables;

pub(super) use variables::{EVALUATED, STEERING};

use super::super::{Count, EnvironmentEdit, Redirection, Stdin, Waiting, Words};
use super::lexer::{Lexer, Parsed};
use super::syntax::{Assigned, By, Document, Expansion, For, List, Node, Part, Redirect, While, Word};
use super::word::{Role, Settled, Splitting};
use super::{COMMANDS, Dialect, Known, Refused, Simple};
use state::State;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::PathBuf;
use variables::{Set, set_anywhere};

/// A loop over so many words is written out, one round a word.
const ROUNDS: usize = 32;
/// How many steps the walk takes, rounds of loops counted. Six loops of 32 rounds inside each other would take a billion.
const STEPS: usize = 4 * COMMANDS;
/// More variables than this are not followed in the environment, and more values than this not at all.
const VARIABLES: usize = 64;
const VALUES: usize = 4 * VARIABLES;

/// Whatever sets a variable.
const ANYHOW: [By; 4] = [By::Assignment, By::Loop, By::Expansion, By::Builtin];

/// What stands around a command.
#[derive(Clone)]
struct Around {
    stdin: Stdin,
    waiting: Waiting,
}

pub(super) struct Walk<'t, 'k> {
    text: &'t [u8],
    pub(super) dialect: Dialect,
    known: Known<'k>,
    documents: Vec<Document<'t>>,
    assigned: Vec<Assigned<'t>>,
    set: BTreeMap<&'t [u8], Set>,
    splitting: Splitting,
    pub(super) unmatched: Count,
    state: State,
    /// Where an expansion may have failed since the last line of the outermost list.
    stops: Vec<State>,
    /// Whether there is a next line at all.
    has_lines: bool,
    steps: usize,
    /// The last simple command, for what is refused.
    here: usize,
    found: Vec<Simple>,
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

impl<'t> Walk<'t, '_> {
    pub(super) fn refuse<T>(&self, reason: &'static str, instead: &'static str, offset: usize) -> Parsed<T> {
        Err(Refused { reason, instead, offset })
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
