//! Who may approve: people, their keys, their groups.
//!
//! In: the texts of three files. Out: a [`Roster`] in which every line is understood, or every problem they have.
//! Never: half a roster. A line that is skipped could be the one that revokes a key, so one problem means that nobody
//! counts.

use super::key::{Key, KeyId, id_of_any};
use super::line::{self, Validity};
use super::place::{APPROVERS, GROUPS, Place, REVOKED};
use crate::actor::ActorKind;
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use toml::de::{DeTable, DeValue};

/// The texts of the three files; a file that is not there is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// OpenSSH `allowed_signers` lines.
    pub approvers: String,
    /// TOML: `sre = ["alice", "bob"]`.
    pub groups: String,
    /// Public keys, one a line, as `ssh-keygen -Y verify -r` takes them.
    pub revoked: String,
}

/// What is wrong with a line, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name in its directory.
    pub file: &'static str,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A key of the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: Key,
    /// When it counts.
    pub validity: Validity,
    /// Whether it is revoked.
    pub revoked: Revoked,
    /// Its line in the approvers file, from 1.
    pub line: usize,
}

/// Whether a key is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It is in the file of revoked keys.
    Yes,
    /// It is not.
    No,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name.
    pub name: String,
    /// At least one key, in the order of the file.
    pub keys: Vec<Listed>,
}

/// Why a key speaks for nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlisted {
    /// Nobody has it.
    #[error("the key is nobody's in the list of approvers")]
    Unknown,
    /// It was taken back.
    #[error("the key of {person} is revoked")]
    Revoked {
        /// Whose it was.
        person: String,
    },
    /// It does not count yet.
    #[error("the key of {person} counts only from {}", after.to_rfc3339_opts(SecondsFormat::Secs, true))]
    Early {
        /// Whose it is.
        person: String,
        /// From when it counts.
        after: DateTime<Utc>,
    },
    /// It counts no more.
    #[error("the key of {person} counted until {}", before.to_rfc3339_opts(SecondsFormat::Secs, true))]
    Expired {
        /// Whose it is.
        person: String,
        /// Until when it counted.
        before: DateTime<Utc>,
    },
}

impl Unlisted {
    /// Whose key it is, where that is known.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        match self {
            Unlisted::Unknown => None,
            Unlisted::Revoked { person }
            | Unlisted::Early { person, .. }
            | Unlisted::Expired { person, .. } => Some(person),
        }
    }
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demanded {
    /// How many different people; 0 is read as 1, because a request asks for somebody.
    pub people: u8,
    /// Groups that must each have an approver among them; one person may stand for several.
    pub groups: Vec<String>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    /// What kind of caller.
    pub kind: ActorKind,
    /// A human's login name, or a product's.
    pub name: String,
    /// The account it runs under.
    pub account: String,
}

impl Requester {
    /// Whether a listed person is (or may be) the one who asks: `anna` and `anna@example.com` both are the account
    /// `anna`. Letters' case is ignored: one person more who may not count twice is the safe mistake.
    #[must_use]
    pub fn is(&self, person: &str) -> bool {
        fn local(name: &str) -> &str {
            name.split('@').next().unwrap_or(name)
        }
        person.eq_ignore_ascii_case(&self.name) || local(person).eq_ignore_ascii_case(local(&self.account))
    }
}

/// Everybody who may approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    place: Place,
    people: Vec<Member>,
    groups: BTreeMap<String, BTreeSet<String>>,
}

impl Roster {
    /// Reads the three files.
    ///
    /// # Errors
    /// Every problem that they have, by file and line.
    pub fn parse(texts: &Texts, place: Place) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let revoked = revoked(&texts.revoked, &mut problems);
        let people = people(&texts.approvers, &revoked, &mut problems);
        let groups = groups(&texts.groups, &people, &mut problems);
        problems.sort_by_key(|problem| (problem.file, problem.line));
        if problems.is_empty() { Ok(Self { place, people, groups }) } else { Err(problems) }
    }

    /// Where it was read.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Everybody, in the order of the file.
    #[must_use]
    pub fn people(&self) -> &[Member] {
        &self.people
    }

    /// The groups by name.
    #[must_use]
    pub fn groups(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.groups
    }

    /// Whose key it is, if it counts at that time.
    ///
    /// # Errors
    /// Why it speaks for nobody.
    pub fn person(&self, key: &KeyId, at: DateTime<Utc>) -> Result<&str, Unlisted> {
        let found = self.people.iter().find_map(|member| {
            let listed = member.keys.iter().find(|listed| listed.key.id() == key)?;
            Some((member, listed))
        });
        let (member, listed) = found.ok_or(Unlisted::Unknown)?;
        listed.counts(&member.name, at).map(|()| member.name.as_str())
    }

    /// Whether a person is in a group.
    #[must_use]
    pub fn is_in(&self, person: &str, group: &str) -> bool {
        self.groups.get(group).is_some_and(|members| members.contains(person))
    }

    /// Whether the people listed could meet a demand at all, if everybody said yes.
    ///
    /// # Errors
    /// What is lacking, as one clause.
    pub fn could_meet(
        &self,
        demanded: &Demanded,
        requester: &Requester,
        at: DateTime<Utc>,
    ) -> Result<(), String> {
        let file = self.place.file(APPROVERS);
        let usable: Vec<&Member> =
            self.people.iter().filter(|member| could_count(member, requester, at)).collect();
        for group in &demanded.groups {
            if !self.groups.contains_key(group) {
                let groups = self.place.file(GROUPS);
                return Err(format!("there is no group `{group}` in `{}`", groups.display()));
            }
            if !usable.iter().any(|member| self.is_in(&member.name, group)) {
                return Err(format!("nobody in the group `{group}` has a key that counts for this request"));
            }
        }
        let (own, others): (Vec<&Member>, Vec<&Member>) =
            usable.into_iter().partition(|member| requester.is(&member.name));
        // All names of the requester are one person.
        let (have, want) = (others.len() + usize::from(!own.is_empty()), usize::from(demanded.people.max(1)));
        if have >= want {
            return Ok(());
        }
        let people = if want == 1 { "person" } else { "people" };
        Err(format!("{want} {people} must approve, and `{}` lists {have} who could", file.display()))
    }
}

impl Listed {
    /// Whether the key counts at that time.
    ///
    /// # Errors
    /// Why it does not.
    pub fn counts(&self, person: &str, at: DateTime<Utc>) -> Result<(), Unlisted> {
        let person = || person.to_owned();
        match (self.revoked, self.validity.after, self.validity.before) {
            (Revoked::Yes, _, _) => Err(Unlisted::Revoked { person: person() }),
            (Revoked::No, Some(after), _) if at < after => Err(Unlisted::Early { person: person(), after }),
            (Revoked::No, _, Some(before)) if at >= before => {
                Err(Unlisted::Expired { person: person(), before })
            }
            (Revoked::No, _, _) => Ok(()),
        }
    }
}

/// Whether one of the person's keys could make an approval of this request count.
fn could_count(member: &Member, requester: &Requester, at: DateTime<Utc>) -> bool {
    let own_machine = requester.kind != ActorKind::Human && requester.is(&member.name);
    let counts = |listed: &&Listed| listed.counts(&member.name, at).is_ok();
    member.keys.iter().filter(counts).any(|listed| !own_machine || listed.key.kind().has_touch())
}

fn revoked(text: &str, problems: &mut Vec<Problem>) -> BTreeSet<KeyId> {
    let mut ids = BTreeSet::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        let mut words = line.split_ascii_whitespace();
        let Some(said) = words.next().filter(|word| !word.starts_with('#')) else { continue };
        match words.next().and_then(|base64| id_of_any(said, base64)) {
            Some(id) => {
                ids.insert(id);
            }
            None => problems.push(Problem {
                file: REVOKED,
                line: number,
                what: "it is no public key; write `ssh-ed25519 AAAA...`, one key a line".to_owned(),
            }),
        }
    }
    ids
}

fn people(text: &str, revoked: &BTreeSet<KeyId>, problems: &mut Vec<Problem>) -> Vec<Member> {
    let mut people: Vec<Member> = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        let added = line::entry(line).and_then(|entry| match entry {
            Some(entry) => admit(&mut people, entry, number, revoked),
            None => Ok(()),
        });
        if let Err(what) = added {
            problems.push(Problem { file: APPROVERS, line: number, what });
        }
    }
    people
}

/// Adds a key to a person, unless that would make one key, or one name, look like two.
fn admit(
    people: &mut Vec<Member>,
    entry: line::Entry,
    line: usize,
    revoked: &BTreeSet<KeyId>,
) -> Result<(), String> {
    let line::Entry { person, key, validity } = entry;
    for member in people.iter() {
        if let Some(other) = member.keys.iter().find(|other| other.key.id() == key.id()) {
            let (name, line) = (&member.name, other.line);
            return Err(format!("the key {} is {name}'s already in line {line}; remove one line", key.id()));
        }
        if member.name != person && member.name.eq_ignore_ascii_case(&person) {
            let name = &member.name;
            return Err(format!(
                "`{person}` and `{name}` differ only in case and would be two people; write one"
            ));
        }
    }
    let revoked = if revoked.contains(key.id()) { Revoked::Yes } else { Revoked::No };
    let listed = Listed { key, validity, revoked, line };
    match people.iter_mut().find(|member| member.name == person) {
        Some(member) => member.keys.push(listed),
        None => people.push(Member { name: person, keys: vec![listed] }),
    }
    Ok(())
}

fn groups(text: &str, people: &[Member], problems: &mut Vec<Problem>) -> BTreeMap<String, BTreeSet<String>> {
    let mut groups = BTreeMap::new();
    let line_at = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let mut wrong =
        |offset: usize, what: String| problems.push(Problem { file: GROUPS, line: line_at(offset), what });
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            wrong(
                error.span().map_or(0, |span| span.start),
                format!("{}; write `sre = [\"alice\"]`", error.message()),
            );
            return groups;
        }
    };
    for (group, members) in table.get_ref() {
        let mut names = BTreeSet::new();
        if let Err(what) = group_name(group.get_ref()) {
            wrong(group.span().start, what);
        }
        let DeValue::Array(members) = members.get_ref() else {
            wrong(
                group.span().start,
                format!("`{}` is no list of names; write `[\"alice\"]`", group.get_ref()),
            );
            continue;
        };
        for member in members {
            match member_name(member.get_ref(), people) {
                Ok(name) if !names.insert(name.to_owned()) => {
                    wrong(member.span().start, format!("`{name}` is in the group twice; remove one"));
                }
                Ok(_) => {}
                Err(what) => wrong(member.span().start, what),
            }
        }
        groups.insert(group.get_ref().to_string(), names);
    }
    groups
}

/// Whether a group may be called so.
pub(super) fn group_name(text: &str) -> Result<(), String> {
    line::name(text)
        .map_err(|_| format!("`{text}` is no plain name of a group; use letters, digits and `. _ @ + -`"))
}

fn member_name<'a>(value: &'a DeValue<'_>, people: &[Member]) -> Result<&'a str, String> {
    let DeValue::String(name) = value else {
        return Err("a member is no text; write the name in quotes".to_owned());
    };
    if people.iter().any(|member| member.name == name.as_ref()) {
        return Ok(name);
    }
    Err(format!(
        "nobody is called `{name}` in {APPROVERS}; write a line for them there, or remove the name here"
    ))
}
