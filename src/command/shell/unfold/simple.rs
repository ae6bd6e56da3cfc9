//! What one simple command becomes: its words, and what stands in front of them and behind.
//!
//! In: a simple command of the tree, and what the walk knows where it stands. Out: the command written down, and the state
//! behind it. Never: a name or a hidden text that only the run knows passed over - such a command is written down as opaque.

use super::super::builtin;
use super::super::grammar::DECLARING;
use super::super::lexer::{Lexer, Parsed};
use super::super::syntax::{
    Assignment, By, Onto, Part, Quoting, Redirect, RedirectOperator, SimpleCommand, Value, Word,
};
use super::super::word::{Role, Settled};
use super::super::{Dialect, Known, Others, Simple};
use super::{Around, Seen, Walk, unfold};
use crate::command::{Access, Count, EnvironmentEdit, Loose, Nature, Redirection, Stdin, Words};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// A value that only the run knows.
const UNKNOWN: Loose = Loose { certain: 0, count: Count::One, nature: Nature::Dynamic };

impl<'t> Walk<'t, '_> {
    pub(super) fn simple(&mut self, command: &SimpleCommand<'t>, around: &Around) -> Parsed<()> {
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
    /// bash(1), "Assignment statements may also appear as arguments to"; alias is listed there too, and is split all the same.
    fn declares(&self, words: &[Word<'t>]) -> bool {
        let name = words.first().map(|word| word.parts.as_slice());
        let Some([Part::Text(name, Quoting::Bare)]) = name else { return false };
        self.dialect == Dialect::Bash && DECLARING.iter().any(|known| *known == &name[..])
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

    pub(super) fn redirections(
        &mut self,
        redirects: &[Redirect<'t>],
    ) -> Parsed<(Vec<Redirection>, Option<Stdin>)> {
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
}

fn edit(name: &[u8], value: &Settled) -> EnvironmentEdit {
    let name = OsString::from_vec(name.to_vec());
    match value.exact() {
        Some(text) => EnvironmentEdit::Set(name, OsString::from_vec(text.to_vec())),
        None => EnvironmentEdit::Unsure(name),
    }
}

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
