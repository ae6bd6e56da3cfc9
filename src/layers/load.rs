//! Loads what one call needs of the layers.
//!
//! In: the places, the state directory, the programs of the call, and the prover (which lives in `rules`). Out: for
//! every file the entries that concern these programs, and its digest. Never: hands out anything of any file while
//! one file has a problem.
//!
//! All files are proven together, since a rule of one file may stand on a tool entry of another. The result is kept
//! under a name made of every file's identity, so any change to any file is a new proof.

use super::cut::{Cut, Kind, cut};
use super::error::LayerError;
use super::find::{Found, Places, find};
use super::index::{Catalogue, Key, Piece, Shelf};
use super::read::{Digest, RuleFile, read};
use crate::rules::{Problem, SourceFile};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Younger files are proven at each call. A file system may stamp two writes with one time: ticks of 4 ms are usual,
/// 1 s on older network file systems, 2 s on FAT. git knows such files as racily clean.
const SETTLED: TimeDelta = TimeDelta::seconds(3);

/// The programs whose verdict an entry can change. Too many cost time, too few would lose a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// Not known, or any.
    Everything,
    /// These names, as the call would give them to [`load`]: a tool's name, its aliases, and whatever the rules it
    /// `replaces` concern.
    Programs(BTreeSet<String>),
}

/// What the entries of one proven file concern, in the order of the text. The other kinds concern every call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileConcerns {
    /// One for each `[[tool]]`.
    pub tools: Vec<Concerns>,
    /// One for each `[[rule]]`.
    pub rules: Vec<Concerns>,
}

/// The proof that a set of rule files may be used; `rules` has it.
pub trait Prove {
    /// Changes whenever the answer to the same files could: the digest of the built-in packs, say. The version of
    /// remgate is added.
    fn stamp(&self) -> String;

    /// Proves the files of all layers together, in their order; one answer for each file.
    ///
    /// # Errors
    /// The problems of each file when any of them refuses. Mere advice does not.
    fn prove(&self, files: &[SourceFile]) -> Result<Vec<FileConcerns>, Vec<Vec<Problem>>>;
}

/// One file with problems.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The file.
    pub file: SourceFile,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Rules that cannot be used. Exit code 78.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A layer cannot be found, believed or read.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// Files were read and have problems.
    #[error(
        "the rules have problems in {}; nothing was run",
        .0.iter().map(|refused| format!("`{}`", refused.file.name)).collect::<Vec<_>>().join(", ")
    )]
    Problems(Vec<Refused>),
}

/// What became of the index; for `doctor` and the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Index {
    /// The files were proven at an earlier call and have not changed.
    Used,
    /// The files were proven now, and the next call will know.
    Written,
    /// The files were proven now, and are too young for their times to show the next change.
    Settling,
    /// The files were proven now, and there is no place to keep that.
    Off,
    /// The files were proven now, and keeping that failed.
    Failed(String),
}

/// One piece of a file that concerns the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in [`Selected::source`].
    pub within: Range<usize>,
    /// Where these bytes begin in the file, byte order mark not counted.
    pub at: usize,
    /// Their first line in the file, from 1.
    pub line: usize,
}

/// What one call needs of one file.
#[derive(Clone, Debug)]
pub struct Selected {
    /// The file, with the chosen entries alone as its text: a small TOML document.
    pub source: SourceFile,
    /// Of the whole file; goes into the intent record.
    pub digest: Digest,
    /// The entries, in the order of the file.
    pub parts: Vec<Part>,
    /// Why the file may only tighten although its layer may loosen.
    pub why_only_tighten: Option<String>,
}

impl Selected {
    /// The line in the file, from 1, of a byte of the chosen text: what `explain` shows beside a rule.
    #[must_use]
    pub fn line(&self, offset: usize) -> Option<usize> {
        let part = self.parts.iter().find(|part| part.within.contains(&offset))?;
        let before = self.source.text.get(part.within.start..)?.bytes().take(offset - part.within.start);
        Some(part.line + before.filter(|byte| *byte == b'\n').count())
    }
}

/// What one call needs of all files, in the order of the layers.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Every file that counts, also one of which nothing concerns the call: its digest is part of the intent.
    pub files: Vec<Selected>,
    /// How that was found.
    pub index: Index,
}

/// Loads what concerns `programs`. `state` is the gate's state directory, for the index.
///
/// # Errors
/// Any file that cannot be believed or read, or has a problem.
pub fn load(
    places: &Places,
    state: Option<&Path>,
    programs: &[&str],
    prover: &impl Prove,
) -> Result<Loaded, LoadError> {
    // Before the files are looked at: a write after the look then has a later time than the look.
    load_at(places, state, programs, prover, crate::clock::now())
}

fn load_at(
    places: &Places,
    state: Option<&Path>,
    programs: &[&str],
    prover: &impl Prove,
    now: DateTime<Utc>,
) -> Result<Loaded, LoadError> {
    let found = find(places)?;
    if found.is_empty() {
        return Ok(Loaded { files: Vec::new(), index: Index::Off });
    }
    let key = Key::of(&found, &prover.stamp());
    let shelf = state.map(Shelf::at);
    if let Some((digests, pieces)) = shelf.as_ref().and_then(|shelf| shelf.take(&key, programs, found.len()))
    {
        return Ok(Loaded { files: arrange(&found, &digests, pieces), index: Index::Used });
    }
    let (files, concerns) = proven(&found, prover)?;
    let catalogue = sort(&files, &concerns);
    let index = match shelf {
        None => Index::Off,
        Some(_) if !found.iter().all(|file| settled(file, now)) => Index::Settling,
        Some(shelf) => shelf.put(&key, &catalogue).map_or_else(Index::Failed, |()| Index::Written),
    };
    let pieces = catalogue.select(programs);
    Ok(Loaded { files: arrange(&found, &catalogue.digests, pieces), index })
}

/// Reads and proves every file whole, without the index: for `rules check`.
///
/// # Errors
/// As [`load`].
pub fn check(places: &Places, prover: &impl Prove) -> Result<Vec<RuleFile>, LoadError> {
    Ok(proven(&find(places)?, prover)?.0)
}

fn proven(found: &[Found], prover: &impl Prove) -> Result<(Vec<RuleFile>, Vec<FileConcerns>), LoadError> {
    let files = found.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let sources = files.iter().map(|file| file.source.clone()).collect::<Vec<_>>();
    match prover.prove(&sources) {
        Ok(concerns) => Ok((files, concerns)),
        Err(problems) => {
            let refused = sources.into_iter().zip(problems);
            let refused = refused.filter(|(_, problems)| !problems.is_empty());
            Err(LoadError::Problems(refused.map(|(file, problems)| Refused { file, problems }).collect()))
        }
    }
}

/// Whether the next write to a file is sure to change its times.
fn settled(found: &Found, now: DateTime<Utc>) -> bool {
    let meta = &found.meta;
    let times = [(meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec())];
    times.iter().all(|(seconds, nanos)| {
        let time = u32::try_from(*nanos).ok().and_then(|nanos| DateTime::from_timestamp(*seconds, nanos));
        time.is_some_and(|time| now - time > SETTLED)
    })
}

/// Sorts the entries of proven files by the programs they concern.
fn sort(files: &[RuleFile], concerns: &[FileConcerns]) -> Catalogue {
    let mut catalogue = Catalogue::new(files.iter().map(|file| file.digest).collect());
    for (number, file) in files.iter().enumerate() {
        sort_file(&mut catalogue, number, &file.source.text, concerns.get(number));
    }
    catalogue
}

fn sort_file(catalogue: &mut Catalogue, file: usize, text: &str, concerns: Option<&FileConcerns>) {
    let none = FileConcerns::default();
    let concerns = concerns.unwrap_or(&none);
    let (mut line, mut counted) = (1, 0);
    for cut in cut(text).unwrap_or_else(|| vec![Cut::whole(text)]) {
        let skipped = text.get(counted..cut.range.start).unwrap_or_default();
        line += skipped.bytes().filter(|byte| *byte == b'\n').count();
        counted = cut.range.start;
        let programs = match cut.kind {
            Kind::Tool => concerns.tools.get(cut.nth),
            Kind::Rule => concerns.rules.get(cut.nth),
            Kind::Environment | Kind::Decide | Kind::Policy | Kind::Whole => None,
        };
        let text = text.get(cut.range.clone()).unwrap_or_default().to_owned();
        let piece = Piece { file, kind: cut.kind, at: cut.range.start, line, text };
        match programs {
            Some(Concerns::Programs(names)) => catalogue.file_under(names, &piece),
            // An entry that the prover said nothing about concerns everything: never lost, only slower.
            Some(Concerns::Everything) | None => catalogue.always.push(piece),
        }
    }
}

/// Puts the pieces of each file together, the same way for pieces from the index and from a fresh proof.
fn arrange(found: &[Found], digests: &[Digest], mut pieces: Vec<Piece>) -> Vec<Selected> {
    pieces.sort_by_key(|piece| (piece.file, piece.at));
    // A rule that concerns two programs of one action is found under both.
    pieces.dedup_by_key(|piece| (piece.file, piece.at));
    let files = found.iter().zip(digests).enumerate();
    files
        .map(|(number, (found, digest))| {
            let mut text = String::new();
            let mut parts = Vec::new();
            for piece in pieces.iter().filter(|piece| piece.file == number) {
                let start = text.len();
                text.push_str(&piece.text);
                parts.push(Part {
                    kind: piece.kind,
                    within: start..text.len(),
                    at: piece.at,
                    line: piece.line,
                });
                if !text.ends_with('\n') {
                    text.push('\n');
                }
            }
            let name = found.path.display().to_string();
            Selected {
                source: SourceFile { name, text, layer: found.layer, trust: found.trust },
                digest: *digest,
                parts,
                why_only_tighten: found.why.clone(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
