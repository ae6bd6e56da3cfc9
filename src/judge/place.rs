//! Where a command acts: what is looked at, what conditions are held against, and what the environment entries say of it.
//!
//! In: a command, its reading, and the eyes. Out: [`Surroundings`], [`Circumstances`], and the tier. Never: a place made
//! known by an entry that is not trusted, or that covers a part of it; a file opened that no rule asks about.

use super::{Bench, Surroundings, Whence};
use crate::command::{Command, Stdin};
use crate::content::{self, Contents, Wanted};
use crate::facts::{Source, Sourced, Tier};
use crate::rules::{Book, Circumstances, Cover, PLACE_KEYS, Place, Trust};
use crate::tools::Reading;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

/// What the eyes see, and what stands in texts that the command itself holds.
pub(super) fn look(
    command: &Command,
    reading: Option<&Reading<'_>>,
    whence: &Whence,
    bench: &Bench<'_>,
) -> Surroundings {
    let wanted = |reading: &Reading<'_>| {
        let each = bench.book.rules_about(&reading.tool.name).flat_map(|rule| rule.wanted(reading));
        each.collect::<BTreeSet<Wanted>>()
    };
    let told = matches!(command.stdin, Stdin::Text(_) | Stdin::File(_));
    let mut held = BTreeMap::new();
    let mut files = Vec::new();
    for wanted in reading.map(wanted).unwrap_or_default() {
        let loose = match (&wanted.place, reading) {
            (content::Place::Word(word), Some(reading)) => reading.looseness(word).is_some(),
            (content::Place::Word(_) | content::Place::Stdin, _) => false,
        };
        let known = match loose {
            true => Some(Contents::unknown("the word is known only when it runs")),
            false => wanted.without_looking(&command.stdin),
        };
        match known {
            // Every command has a standard input; that nobody knows what comes on it is not worth a line.
            Some(contents) if wanted.place == content::Place::Stdin && contents.why.is_some() && !told => {}
            Some(contents) => drop(held.insert(wanted, contents)),
            None => files.push(wanted),
        }
    }
    let mut seen = (bench.eyes)(command, reading, whence, &files);
    seen.contents.extend(held);
    seen
}

/// What conditions are held against: options that say where, then the ambient target, then the caller.
pub(super) fn circumstances(
    seen: &Surroundings,
    reading: Option<&Reading<'_>>,
    whence: &Whence,
    bench: &Bench<'_>,
) -> Circumstances {
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    if seen.unreadable.is_some() {
        places.extend(PLACE_KEYS.iter().map(|key| ((*key).to_owned(), Place::Unreadable)));
    }
    let fields = seen.fields.iter();
    places.extend(fields.map(|(key, field)| (key.clone(), Place::Known(field.values.clone()))));
    let targets = reading.map(Reading::targets).unwrap_or_default();
    let loose =
        |value: &String| reading.is_some_and(|reading| reading.looseness(OsStr::new(value)).is_some());
    let unknown = |value: &String| value.is_empty() || loose(value);
    places.extend(targets.into_iter().map(|(key, values)| match values.iter().any(unknown) {
        // `kubectl -n ""` acts where kubectl would without -n, and other tools have other ideas.
        true => (key, Place::Unreadable),
        false => (key, Place::Known(values)),
    }));
    places.insert("actor".to_owned(), Place::Known(vec![bench.actor.to_owned()]));
    Circumstances {
        places,
        cwd: whence.directory().to_owned(),
        found: seen.found.clone(),
        contents: seen.contents.clone(),
        trusted_environments: Place::Unreadable,
    }
}

/// What the environment entries make of a place.
pub(super) struct Placed {
    pub(super) tier: Sourced<Tier>,
    pub(super) environments: Vec<String>,
}

/// The tier, and the environments that say so, which are added to the circumstances. Only a trusted entry that covers
/// the whole place makes it known; every other one can only raise.
pub(super) fn of(book: &Book, at: &mut Circumstances) -> Placed {
    let covering: Vec<_> = book
        .environments()
        .iter()
        .map(|entry| (entry, entry.covers(&at.places)))
        .filter(|(_, cover)| *cover != Cover::Not)
        .collect();
    let trusted: Vec<_> = covering.iter().filter(|(entry, _)| entry.trust == Trust::Full).collect();
    let known = trusted.iter().any(|(_, cover)| *cover == Cover::Whole);
    if trusted.iter().all(|(_, cover)| *cover == Cover::Whole) {
        let names = trusted.iter().map(|(entry, _)| entry.name.clone()).collect();
        at.trusted_environments = Place::Known(names);
    }
    let mut tier = if known {
        Sourced::new(Tier::Development, Source::Unsaid("no environment says more"))
    } else {
        Sourced::new(Tier::Unknown, Source::Unsaid("no environment entry covers this place"))
    };
    for (entry, _) in &covering {
        tier.raise(Sourced::new(entry.tier, Source::Environment(entry.name.clone())));
    }
    let environments: Vec<String> = covering.iter().map(|(entry, _)| entry.name.clone()).collect();
    at.places.insert("environment".to_owned(), Place::Known(environments.clone()));
    Placed { tier, environments }
}

/// The tier without what a project file says of the program. It also says which options name a place; where that makes
/// the place kinder than a look without the description, the look counts.
pub(super) fn undescribed(command: &Command, whence: &Whence, bench: &Bench<'_>) -> Sourced<Tier> {
    let seen = (bench.eyes)(command, None, whence, &[]);
    let mut without = circumstances(&seen, None, whence, bench);
    of(bench.book, &mut without).tier
}
