//! Approved bytes in place of a file: the command reads a sealed copy instead of opening a name.
//!
//! In: a bound file that a rule says is read just as well from a descriptor, and the argv that is started. Out:
//! [`Handed`], which the run room puts in the word's place. Never: a word of a text that bash reads, and never a
//! command behind a wrapper that might close the descriptor.

use super::content::Content;
use super::file::{BoundFile, How};
use super::sealed::LARGEST;
use super::{BindError, Sealed, describe};
use crate::command::{Command, Given, TakenOff};
use crate::decide::Standing;
use crate::judge::{FileWord, Judged, Judgement, Matched, WordPlace};
use crate::rules::{Fit, Kind, Trust};
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// From here on copies have their descriptors: shells keep theirs between 10 and 20, and scripts say `exec 3<file`.
const FIRST: i32 = 64;

/// Wrappers that leave descriptors open and the words behind them as they are. sudo, for one, closes all from 3 on.
const TRANSPARENT: [&str; 10] =
    ["chrt", "env", "ionice", "nice", "nohup", "setsid", "stdbuf", "taskset", "time", "timeout"];

/// What is started.
#[derive(Clone, Copy, Debug)]
pub enum Started<'a> {
    /// This argv, the program first.
    Argv(&'a [OsString]),
    /// A bash that reads a text.
    Bash,
}

/// One word of the argv and the copy that the child gets for it.
#[derive(Debug)]
pub struct Handed {
    word: usize,
    prefix: OsString,
    descriptor: OwnedFd,
}

impl Handed {
    /// A copy in place of what stands in the word with this place, behind `prefix`: `--filename=`.
    ///
    /// # Errors
    /// [`BindError::NoCopy`].
    pub fn new(word: usize, prefix: OsString, copy: &Sealed) -> Result<Self, BindError> {
        let descriptor = copy.descriptor()?;
        let descriptor = match rustix::io::fcntl_dupfd_cloexec(&descriptor, FIRST) {
            Ok(high) => high,
            // A limit of fewer descriptors than that.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::MFILE) => descriptor,
            Err(error) => return Err(BindError::NoCopy { reason: describe(error) }),
        };
        Ok(Self { word, prefix, descriptor })
    }

    /// Which word; the program is 0.
    #[must_use]
    pub fn word(&self) -> usize {
        self.word
    }

    /// The word that the child gets: `--filename=/dev/fd/64`.
    #[must_use]
    pub fn argument(&self) -> OsString {
        let mut argument = self.prefix.clone();
        argument.push(format!("/dev/fd/{}", self.descriptor.as_raw_fd()));
        argument
    }

    /// The descriptor that the child keeps.
    #[must_use]
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// A bound file and the word of the argv that a copy of it can stand in for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HandedWord {
    pub(super) file: usize,
    pub(super) place: WordPlace,
}

impl HandedWord {
    pub(super) fn hand_over(&self, file: &BoundFile, argv: &[OsString]) -> Result<Handed, BindError> {
        let word = argv.get(self.place.word).map(|word| word.as_bytes()).unwrap_or_default();
        let (prefix, name) = word.split_at_checked(self.place.prefix).unwrap_or_default();
        if name != file.path.as_bytes() {
            // Another argv than the one that was looked at.
            return Err(file.drifted("it is not named by the word that it was".to_owned()));
        }
        Handed::new(self.place.word, OsString::from_vec(prefix.to_owned()), &file.sealed()?)
    }
}

/// Marks the files of which the child can be given a copy.
pub(super) fn mark(judgement: &Judgement, started: Started<'_>, bound: &mut [BoundFile]) -> Vec<HandedWord> {
    let (Started::Argv(argv), [judged]) = (started, judgement.commands.as_slice()) else { return Vec::new() };
    let Some(offset) = offset(argv, &judged.command) else { return Vec::new() };
    let mut handed: Vec<HandedWord> = Vec::new();
    for place in judged.matched.iter().flat_map(|matched| places(matched, judged)) {
        let word = place.1.word.saturating_add(offset);
        let at = WordPlace { word, ..place.1 };
        let Some(file) = bound.iter().position(|file| file.path == place.0) else { continue };
        let entry = HandedWord { file, place: at };
        if handed.contains(&entry) {
            continue;
        }
        if let Some(file) = bound.get_mut(file).filter(|file| fits(&file.content)) {
            file.how = How::Sealed;
            handed.push(entry);
        }
    }
    handed
}

/// The words of which a rule that makes the command known says that a descriptor does as well.
fn places<'m>(matched: &'m Matched, judged: &Judged) -> impl Iterator<Item = (&'m OsStr, WordPlace)> {
    let rule = &matched.rule;
    let speaks = judged.standing.0 == Standing::Known
        && matched.fit == Fit::Whole
        && rule.kind == Kind::Match
        && rule.trust == Trust::Full;
    let named = move |file: &&FileWord| speaks && rule.by_descriptor.contains(&file.capture);
    // `-f a.yaml,b.yaml` is two files to kubectl, and `/dev/fd/64` would be one.
    let one = |file: &&FileWord| file.loose.is_none() && !file.name.as_bytes().contains(&b',');
    let files = matched.files.iter().filter(named).filter(one);
    files.filter_map(|file| Some((file.name.as_os_str(), file.place?)))
}

/// How many words of the argv stand before the command that reads the file.
fn offset(argv: &[OsString], command: &Command) -> Option<usize> {
    let transparent = |taken: &TakenOff| taken.given == Given::Words && TRANSPARENT.contains(&taken.name);
    let transparent = command.wrappers.iter().all(transparent);
    let certain = command.words.all_loose().next().is_none();
    (transparent && certain && argv.ends_with(command.words.texts()))
        .then(|| argv.len().saturating_sub(command.words.len()))
}

fn fits(content: &Content) -> bool {
    match content {
        Content::Bytes { bytes, .. } => *bytes <= LARGEST,
        Content::Tree { .. } | Content::Absent | Content::Any | Content::Thing { .. } => false,
    }
}
