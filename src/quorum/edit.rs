//! Adds people to the list of approvers and takes them out, leaving every other byte as it was.
//!
//! In: the texts of the three files. Out: the texts afterwards, proven. Never: an edit of files that have a problem, an
//! edit that would give them one, or one that does more than was asked: what comes out is read again and compared.

use super::key::{Key, KeyId};
use super::line;
use super::place::Place;
use super::read::RosterError;
use super::roster::{Revoked, Roster, Texts, group_name};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Whom to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The person's name.
    pub person: String,
    /// Their key.
    pub key: Key,
    /// What stands behind the key in its file; shown nowhere, kept for people.
    pub comment: String,
    /// Groups to put them in; missing ones are made.
    pub groups: Vec<String>,
    /// Until when the key counts.
    pub before: Option<DateTime<Utc>>,
}

/// What an addition came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The files afterwards.
    pub texts: Texts,
    /// Groups that there were not before.
    pub new_groups: Vec<String>,
}

/// What a removal came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The files afterwards.
    pub texts: Texts,
    /// The keys that count no more.
    pub keys: Vec<KeyId>,
    /// The groups that lost the person; none while another key is left.
    pub groups: Vec<String>,
    /// Keys that the person still has.
    pub left: usize,
}

/// Why nothing was edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The files have problems already.
    #[error(transparent)]
    Broken(#[from] RosterError),
    /// They would have one afterwards.
    #[error("{0}; nothing was written")]
    Invalid(String),
    /// The person has that key.
    #[error("{person} has the key {key} already; nothing was written")]
    There {
        /// Who.
        person: String,
        /// Which.
        key: KeyId,
    },
    /// The key was taken back.
    #[error("the key {0} is revoked in `approvers.revoked`; nothing was written")]
    Revoked(KeyId),
    /// Nobody is called so.
    #[error("nobody called `{0}` is listed; nothing was written")]
    Nobody(String),
    /// The person has other keys.
    #[error("{person} has no key {key}; nothing was written")]
    NoKey {
        /// Who.
        person: String,
        /// Which.
        key: KeyId,
    },
    /// The text is written in a way that this edit would change more of.
    #[error("`{0}` is written in a way that cannot be edited safely; edit it by hand; nothing was written")]
    ByHand(&'static str),
}

/// Adds a key to a person, and the person to groups.
///
/// # Errors
/// The files have problems, or would have, or the key is listed or revoked.
pub fn add(texts: &Texts, place: &Place, addition: &Addition) -> Result<Added, EditError> {
    let before = Roster::of(texts, place.clone())?;
    let Addition { person, key, groups, .. } = addition;
    line::name(person).map_err(EditError::Invalid)?;
    groups.iter().try_for_each(|group| group_name(group)).map_err(EditError::Invalid)?;
    let wanted: BTreeSet<&String> = groups.iter().filter(|group| !before.is_in(person, group)).collect();
    let member = before.people().iter().find(|member| member.name == *person);
    let there = member.is_some_and(|member| member.keys.iter().any(|listed| listed.key.id() == key.id()));
    let mut after = texts.clone();
    if there && (wanted.is_empty() || addition.before.is_some()) {
        return Err(EditError::There { person: person.clone(), key: key.id().clone() });
    }
    if !there {
        append(&mut after.approvers, &line_of(addition));
    }
    let mut expected = before.groups().clone();
    for group in &wanted {
        after.groups = join(&after.groups, group, person).ok_or(EditError::ByHand(super::GROUPS))?;
        expected.entry((*group).clone()).or_default().insert(person.clone());
    }
    let roster = proven(&after, place)?;
    let listed = roster.people().iter().flat_map(|member| &member.keys);
    if listed.clone().any(|listed| listed.key.id() == key.id() && listed.revoked == Revoked::Yes) {
        return Err(EditError::Revoked(key.id().clone()));
    }
    let keys = before.people().iter().map(|member| member.keys.len()).sum::<usize>();
    if *roster.groups() != expected || listed.count() != keys.saturating_add(usize::from(!there)) {
        return Err(EditError::ByHand(super::GROUPS));
    }
    let new = wanted.into_iter().filter(|group| !before.groups().contains_key(*group));
    Ok(Added { texts: after, new_groups: new.cloned().collect() })
}

/// Takes a person out, or one of their keys.
///
/// # Errors
/// The files have problems, or there is no such person or key.
pub fn remove(texts: &Texts, place: &Place, person: &str, key: Option<&KeyId>) -> Result<Removed, EditError> {
    let before = Roster::of(texts, place.clone())?;
    let member = before.people().iter().find(|member| member.name == person);
    let member = member.ok_or_else(|| EditError::Nobody(person.to_owned()))?;
    let (gone, left): (Vec<_>, Vec<_>) =
        member.keys.iter().partition(|listed| key.is_none_or(|key| listed.key.id() == key));
    if let (Some(key), []) = (key, gone.as_slice()) {
        return Err(EditError::NoKey { person: person.to_owned(), key: key.clone() });
    }
    let lines: BTreeSet<usize> = gone.iter().map(|listed| listed.line).collect();
    let kept = (1..).zip(texts.approvers.split_inclusive('\n')).filter(|(number, _)| !lines.contains(number));
    let mut after = Texts { approvers: kept.map(|(_, line)| line).collect(), ..texts.clone() };
    let mut expected = before.groups().clone();
    let mut groups = Vec::new();
    if left.is_empty() {
        for (group, members) in &mut expected {
            if members.remove(person) {
                after.groups = leave(&after.groups, group, person).ok_or(EditError::ByHand(super::GROUPS))?;
                groups.push(group.clone());
            }
        }
    }
    let roster = proven(&after, place)?;
    let keys = |roster: &Roster| roster.people().iter().map(|member| member.keys.len()).sum::<usize>();
    if *roster.groups() != expected || keys(&roster).saturating_add(gone.len()) != keys(&before) {
        return Err(EditError::ByHand(super::GROUPS));
    }
    let (keys, left) = (gone.iter().map(|listed| listed.key.id().clone()).collect(), left.len());
    Ok(Removed { texts: after, keys, groups, left })
}

fn proven(texts: &Texts, place: &Place) -> Result<Roster, EditError> {
    Roster::parse(texts, place.clone()).map_err(|problems| {
        let first = problems.first().map(ToString::to_string);
        EditError::Invalid(first.unwrap_or_default())
    })
}

/// The line as it is written: times always with `Z`, so that they mean the same everywhere.
fn line_of(addition: &Addition) -> String {
    let before = addition.before.map(|at| format!(",valid-before=\"{}\"", at.format("%Y%m%d%H%M%SZ")));
    let (person, key) = (&addition.person, addition.key.to_text());
    let line =
        format!("{person} namespaces=\"remgate\"{} {key} {}", before.unwrap_or_default(), addition.comment);
    line.trim_end().to_owned()
}

fn append(text: &mut String, line: &str) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
    text.push('\n');
}

/// Where a group's list stands in the text, and each name in it.
struct Spans {
    list: Range<usize>,
    names: Vec<(String, Range<usize>)>,
}

fn spans(text: &str) -> Option<BTreeMap<String, Spans>> {
    let table = DeTable::parse(text).ok()?;
    let group = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let DeValue::Array(members) = value.get_ref() else { return None };
        let name_of = |member: &toml::Spanned<DeValue<'_>>| match member.get_ref() {
            DeValue::String(name) => Some((name.to_string(), member.span())),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        };
        let names = members.iter().map(name_of).collect::<Option<Vec<_>>>()?;
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        Some((name.to_string(), Spans { list: value.span(), names }))
    };
    table.get_ref().iter().map(group).collect()
}

/// Puts a name behind the last one of a group, or makes the group.
fn join(text: &str, group: &str, person: &str) -> Option<String> {
    let Some(Spans { list, names }) = spans(text)?.remove(group) else {
        let bare = group.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        let group = if bare { group.to_owned() } else { format!("\"{group}\"") };
        let mut text = text.to_owned();
        append(&mut text, &format!("{group} = [\"{person}\"]"));
        return Some(text);
    };
    let (at, insert) = match names.last() {
        Some((_, last)) => (last.end, format!(", \"{person}\"")),
        // Behind the bracket.
        None => (list.start.saturating_add(1), format!("\"{person}\"")),
    };
    let (before, behind) = text.split_at_checked(at)?;
    Some(format!("{before}{insert}{behind}"))
}

/// Takes a name out of a group, with the comma that belongs to it. Comments stay.
fn leave(text: &str, group: &str, person: &str) -> Option<String> {
    let Spans { names, .. } = spans(text)?.remove(group)?;
    let at = names.iter().position(|(name, _)| name == person)?;
    let (_, range) = names.get(at)?;
    let (before, behind) = (text.get(..range.start)?, text.get(range.end..)?);
    if let Some(later) = behind.trim_start().strip_prefix(',') {
        return Some(format!("{before}{}", later.strip_prefix(' ').unwrap_or(later)));
    }
    // The last one: the comma before it goes, unless a comment stands between; a comma at the end is allowed.
    let end = at.checked_sub(1).and_then(|last| names.get(last)).map(|(_, last)| last.end);
    let before = match end.and_then(|end| before.split_at_checked(end)) {
        Some((kept, gap)) if gap.trim() == "," => kept,
        Some(_) | None => before,
    };
    Some(format!("{before}{behind}"))
}
