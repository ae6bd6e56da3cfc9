//! The variables of a text: what each holds at one place of it, as far as that is certain, and what may be set at all.
//!
//! In: what the text sets anywhere, and the environment of its shell. Out: values, and whether one is a number wherever it
//! is used. Never: a value that bash itself may have put there, nor a variable set that changes how bash reads later text.

use super::super::grammar::MOVING;
use super::super::lexer::Parsed;
use super::super::syntax::{Arithmetic, Assigned, By, To, Word};
use super::super::word::{Role, Settled, Values, settle};
use super::super::{CHARSETS, Others, Refused};
use super::Walk;
use crate::command::{EnvironmentEdit, Influence, influence};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Variables that a text may not set, by whatever means. `set -x; for PS4 in '$(rm -rf /)'; do :; done` runs rm,
/// POSIXLY_CORRECT makes bash read aliases, EXECIGNORE and BASH_CMDS make it find other programs, and where a number may
/// not be changed (`UID=0; x=2`) bash goes on with the next line.
pub(in crate::command::shell) const STEERING: [&[u8]; 11] = [
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
pub(in crate::command::shell) const EVALUATED: [&[u8]; 4] = [b"HISTCMD", b"OPTIND", b"RANDOM", b"SRANDOM"];

/// What the whole text sets a variable to.
pub(super) struct Set {
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

/// What the whole text sets each variable to.
pub(super) fn set_anywhere<'t>(assigned: &[Assigned<'t>]) -> BTreeMap<&'t [u8], Set> {
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
    pub(super) fn check(&self, arithmetics: &[Arithmetic<'t>]) -> Parsed<()> {
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

    /// Whether a variable holds a number wherever it is used.
    pub(in crate::command::shell) fn is_number(&self, name: &[u8]) -> bool {
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

    pub(super) fn settle(&self, word: &Word<'t>, role: Role) -> Vec<Settled> {
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

    pub(super) fn one(&self, word: &Word<'t>, role: Role) -> Settled {
        let nothing = Settled { text: Vec::new(), loose: None };
        self.settle(word, role).into_iter().next().unwrap_or(nothing)
    }

    /// What this stretch of text may set holds what only the run knows.
    pub(super) fn forget(&mut self, span: &Range<usize>, by: &[By]) {
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

    /// Sets a variable, which programs see where it is exported.
    pub(in crate::command::shell) fn assign(&mut self, name: &[u8], value: Option<Vec<u8>>) {
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
    pub(in crate::command::shell) fn sets(&self, name: &[u8]) -> bool {
        self.set.contains_key(name)
    }

    /// The names that the builtin of this command sets, if it is one.
    pub(in crate::command::shell) fn set_by_builtin(&self, span: &Range<usize>, by: By) -> Vec<&'t [u8]> {
        let from = self.assigned.partition_point(|assigned| assigned.offset < span.start);
        let own = self.assigned.iter().skip(from).take_while(|assigned| assigned.offset < span.end);
        own.filter(|assigned| assigned.by == by).map(|assigned| assigned.name).collect()
    }

    /// Whether a variable gets a value behind this place.
    pub(in crate::command::shell) fn is_set_behind(&self, name: &[u8], offset: usize) -> bool {
        let from = self.assigned.partition_point(|assigned| assigned.offset < offset);
        self.assigned.iter().skip(from).any(|assigned| assigned.name == name && assigned.by != By::Called)
    }

    pub(in crate::command::shell) fn home(&self) -> Option<PathBuf> {
        self.value(b"HOME").map(|home| PathBuf::from(OsString::from_vec(home)))
    }

    pub(in crate::command::shell) fn export(&mut self, edit: EnvironmentEdit) {
        self.state.edit(edit);
    }

    /// The value a variable has now, as an edit of the environment.
    pub(in crate::command::shell) fn exported(&self, name: &[u8]) -> EnvironmentEdit {
        let os = OsString::from_vec(name.to_vec());
        match self.state.values.get(name) {
            Some(Some(value)) => EnvironmentEdit::Set(os, OsString::from_vec(value.clone())),
            Some(None) => EnvironmentEdit::Unsure(os),
            // Exported already, or unset.
            None => EnvironmentEdit::Unsure(os),
        }
    }
}
