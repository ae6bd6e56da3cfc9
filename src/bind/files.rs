//! Which files the words of an action name, and what stands in them.
//!
//! In: a judged action and the caller's directory. Out: [`Files`]: those that an approval binds, and the words that it
//! cannot bind, each with the reason, for the screen. Never: silence about a word that names content.
//!
//! Of a command that the rules know, the captures that mean files are bound, whether the file is there or not: who
//! approves `kubectl apply -f new.yaml` without one must not find one later. Of any other command, and of wrappers,
//! every stretch of every word that names a regular file is bound.

use super::BindError;
use super::content::Content;
use super::file::{BoundFile, How};
use super::handed::{self, Handed, HandedWord, Started};
use super::named::{All, Names};
use super::tree::Reach;
use crate::ambient::read_text;
use crate::command::{Access, Added, Command};
use crate::content::{Kind, kustomization};
use crate::decide::Standing;
use crate::judge::{FileWord, Judged, Judgement};
use crate::rules;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Files of one action. More were named by nobody, and each is hashed again before the start.
const MOST: usize = 2_000;
/// Bytes of all of them: some seconds of hashing.
const LARGEST: u64 = 4 << 30;
/// Kustomizations in kustomizations.
const DEEPEST: usize = 64;
/// Of one kustomization.
const LARGEST_KUSTOMIZATION: u64 = 1 << 20;

/// The files of an action.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Those that an approval binds, in the order of the words.
    pub bound: Vec<BoundFile>,
    /// What it does not bind.
    pub unbound: Vec<Unbound>,
    handed: Vec<HandedWord>,
}

/// A word that may name content, and is not bound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unbound {
    /// As written.
    pub word: OsString,
    /// Why, in one clause.
    pub why: String,
}

impl Files {
    /// Looks at every file that the action names, from the caller's directory `cwd`. Those whose copies the child can be
    /// given are marked as [`super::How::Sealed`].
    ///
    /// # Errors
    /// [`BindError`]: a file that is being written to, or more than can be hashed before a start.
    pub fn look(judgement: &Judgement, started: Started<'_>, cwd: &Path) -> Result<Self, BindError> {
        let mut looker = Looker { files: Self::default(), cwd, seen: BTreeSet::new(), bytes: 0 };
        for judged in &judgement.commands {
            looker.command(judged)?;
        }
        looker.files.unbound.sort();
        looker.files.unbound.dedup();
        let mut files = looker.files;
        files.handed = handed::mark(judgement, started, &mut files.bound);
        Ok(files)
    }

    /// Copies of the files that the child is given so, for `Plan::handed`; `argv` is what was looked at.
    ///
    /// # Errors
    /// [`BindError::Drifted`] where a file does not hold what was bound any more.
    pub fn hand_over(&self, argv: &[OsString]) -> Result<Vec<Handed>, BindError> {
        let each = self.handed.iter().filter_map(|word| Some((word, self.bound.get(word.file)?)));
        each.map(|(word, file)| word.hand_over(file, argv)).collect()
    }

    /// The files that are compared immediately before the start, for `Plan::recheck`: all that the child opens by name.
    #[must_use]
    pub fn to_recheck(&self) -> Vec<BoundFile> {
        let named = |file: &&BoundFile| match file.how {
            How::Rechecked => true,
            How::Sealed => false,
        };
        self.bound.iter().filter(named).cloned().collect()
    }

    /// For a request: the bound files.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.bound.iter().map(BoundFile::to_json).collect()
    }

    /// For screens and `--json`: what is not bound.
    #[must_use]
    pub fn unbound_to_json(&self) -> Value {
        let each = self.unbound.iter();
        each.map(|unbound| json!({ "word": crate::journal::text(&unbound.word), "why": unbound.why }))
            .collect()
    }
}

/// Whether a name is bound where no file has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    Bound,
    Ignored,
}

struct Looker<'l> {
    files: Files,
    cwd: &'l Path,
    seen: BTreeSet<(OsString, PathBuf, Reach)>,
    bytes: u64,
}

impl Looker<'_> {
    fn command(&mut self, judged: &Judged) -> Result<(), BindError> {
        let command = &judged.command;
        for taken in &command.wrappers {
            // The first word is a program; one that is found in PATH is no file of this directory.
            self.words(taken.words.iter().map(OsString::as_os_str), command)?;
        }
        for given in command.redirections.iter().filter(|given| given.access == Access::Read) {
            match (given.target.first(), given.target.loose(0)) {
                (Some(name), None) => self.known(name, Reach::Itself, command)?,
                (Some(name), Some(_)) => self.known_only_when_it_runs(name),
                (None, _) => {}
            }
        }
        let mut captured = judged.matched.iter().flat_map(|matched| &matched.files);
        captured.try_for_each(|file| self.captured(file, judged))?;
        match judged.standing.0 {
            Standing::Known => Ok(()),
            Standing::Unmatched | Standing::Opaque => self.unknown(judged),
        }
    }

    /// A word of which a rule says that it names a file.
    fn captured(&mut self, file: &FileWord, judged: &Judged) -> Result<(), BindError> {
        let (name, command) = (file.name.as_os_str(), &judged.command);
        if file.loose.is_some() {
            // What a pattern finds when it runs has no one place.
            return match file.content == rules::Content::Place {
                true => Ok(()),
                false => self.found_by_pattern(name, judged),
            };
        }
        if name == "-" || name.is_empty() {
            return Ok(());
        }
        let (reach, is_url) = match file.content {
            rules::Content::Ignored => return Ok(()),
            rules::Content::Place => return self.name(name, Reach::Place, Absence::Bound, command),
            rules::Content::Data => return self.data(name, command),
            rules::Content::Matters => (Reach::Itself, false),
            rules::Content::Read(Kind::Sql | Kind::SqlFile) => (Reach::Itself, false),
            rules::Content::Read(Kind::Manifest) => (below(judged), has_scheme(name)),
            rules::Content::Read(Kind::Kustomization) => (Reach::Flat, has_scheme(name)),
        };
        if is_url {
            self.not_bound(name, "it is on another host");
            return Ok(());
        }
        self.known(name, reach, command)?;
        if file.content == rules::Content::Read(Kind::Kustomization) {
            return self.each_place(name, command, |looker, name, directory| {
                looker.kustomization(name, &directory.join(name), &mut BTreeSet::new())
            });
        }
        // `-f a.yaml,b.yaml` is two files to kubectl, and `--from-file=tls.key=a.pem` is `a.pem`.
        let split = |byte: &u8| match file.content {
            rules::Content::Matters => b",=".contains(byte),
            rules::Content::Ignored | rules::Content::Place | rules::Content::Data => false,
            rules::Content::Read(_) => *byte == b',',
        };
        let parts = name.as_bytes().split(split).map(OsStr::from_bytes);
        let mut parts = parts.filter(|part| *part != name && !part.is_empty());
        parts.try_for_each(|part| self.name(part, reach, Absence::Ignored, command))
    }

    /// `@body.json`, `part=@a.png;type=image/png`: what is sent stands in the file behind `@`. What is behind another `@`
    /// than the first byte is an address more often than a name, and bound where a file has it.
    fn data(&mut self, word: &OsStr, command: &Command) -> Result<(), BindError> {
        let is_name = |name: &&[u8]| !matches!(*name, b"" | b"-");
        if let Some(name) = word.as_bytes().strip_prefix(b"@").filter(is_name) {
            self.known(OsStr::from_bytes(name), Reach::Itself, command)?;
        }
        let behind = word.as_bytes().split(|byte| *byte == b'@').skip(1).take(MOST);
        let first = |name: &'_ [u8]| name.split(|byte| b";,".contains(byte)).next().map(<[u8]>::len);
        let names = behind.flat_map(|name| [Some(name), first(name).and_then(|end| name.get(..end))]);
        let mut names = names.flatten().filter(is_name).map(OsStr::from_bytes);
        names.try_for_each(|name| self.name(name, Reach::Itself, Absence::Ignored, command))
    }

    /// What it takes in from elsewhere. What stands beside the kustomization file is bound with its directory.
    fn kustomization(
        &mut self,
        written: &OsStr,
        directory: &Path,
        seen: &mut BTreeSet<PathBuf>,
    ) -> Result<(), BindError> {
        let real = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        if seen.len() > DEEPEST || !seen.insert(real.clone()) {
            return Ok(());
        }
        let here = kustomization::NAMES.iter().map(|name| real.join(name)).find(|path| path.exists());
        let Some(file) = here else { return Ok(()) };
        let parts =
            read_text(&file, LARGEST_KUSTOMIZATION).and_then(|text| kustomization::read(text.as_bytes()));
        let parts = match parts {
            Ok(parts) => parts,
            Err(why) => {
                self.not_bound(written, &format!("what it takes in cannot be told: {why}"));
                return self.bind(real.as_os_str(), Path::new("/"), Reach::Recursive, Absence::Bound);
            }
        };
        for name in parts.resources.iter().chain(&parts.patches) {
            let path = real.join(name);
            if !path.exists() && (has_scheme(OsStr::new(name)) || name.contains("?ref=")) {
                self.not_bound(OsStr::new(name), "it is on another host");
                continue;
            }
            self.bind(path.as_os_str(), Path::new("/"), Reach::Flat, Absence::Bound)?;
            if path.is_dir() {
                self.kustomization(path.as_os_str(), &path, seen)?;
            }
        }
        Ok(())
    }

    /// A command of which no rule says what its words mean.
    fn unknown(&mut self, judged: &Judged) -> Result<(), BindError> {
        let command = &judged.command;
        for (_, word, _) in command.words.all_loose() {
            self.found_by_pattern(word, judged)?;
        }
        let certain = command.words.iter().enumerate().filter(|(at, _)| command.words.loose(*at).is_none());
        let text = command.opaque.is_some() && command.words.len() == 1;
        let mut certain = certain.map(|(_, word)| word.as_os_str());
        match text {
            true => certain.try_for_each(|text| self.word(text, command)),
            false => {
                certain.clone().skip(1).try_for_each(|word| self.directories(word, command))?;
                self.words(certain, command)
            }
        }
    }

    /// `shopctl import ./data`: nobody knows how much of a directory a program reads that nobody knows, so what is in it is
    /// not bound, and whoever approves is told.
    fn directories(&mut self, word: &OsStr, command: &Command) -> Result<(), BindError> {
        Names::of(word).names.into_iter().try_for_each(|name| {
            self.each_place(name, command, |looker, name, directory| {
                if directory.join(name).is_dir() {
                    looker.not_bound(name, "it is a directory, and what is in it may change");
                }
                Ok(())
            })
        })
    }

    /// A program and its words. A program without a slash is looked for in PATH.
    fn words<'w>(
        &mut self,
        words: impl Iterator<Item = &'w OsStr>,
        command: &Command,
    ) -> Result<(), BindError> {
        let mut words = words.enumerate().filter(|(at, word)| *at > 0 || word.as_bytes().contains(&b'/'));
        words.try_for_each(|(_, word)| self.word(word, command))
    }

    fn word(&mut self, word: &OsStr, command: &Command) -> Result<(), BindError> {
        let names = Names::of(word);
        if names.are_all() == All::No {
            self.not_bound(word, "it has too many parts that could be names");
        }
        let mut names = names.names.into_iter();
        names.try_for_each(|name| self.name(name, Reach::Itself, Absence::Ignored, command))
    }

    /// `*.yaml`: what it finds now. What else it finds when it runs is compared when the files are looked at again.
    fn found_by_pattern(&mut self, word: &OsStr, judged: &Judged) -> Result<(), BindError> {
        let Some(found) = judged.surroundings.found.get(&*word.to_string_lossy()) else {
            self.known_only_when_it_runs(word);
            return Ok(());
        };
        let mut found = found.iter();
        found.try_for_each(|name| self.name(OsStr::new(name), Reach::Itself, Absence::Bound, &judged.command))
    }

    /// A name of which it is known that it means a file.
    fn known(&mut self, name: &OsStr, reach: Reach, command: &Command) -> Result<(), BindError> {
        match elsewhere(command) {
            None => self.name(name, reach, Absence::Bound, command),
            Some(why) => {
                // In a container a file that is absent here may well be there.
                self.not_bound(name, &why);
                self.name(name, reach, Absence::Ignored, command)
            }
        }
    }

    /// One name, from every directory that the command may start in.
    fn name(
        &mut self,
        name: &OsStr,
        reach: Reach,
        absence: Absence,
        command: &Command,
    ) -> Result<(), BindError> {
        self.each_place(name, command, |looker, name, directory| looker.bind(name, directory, reach, absence))
    }

    fn each_place(
        &mut self,
        name: &OsStr,
        command: &Command,
        mut each: impl FnMut(&mut Self, &OsStr, &Path) -> Result<(), BindError>,
    ) -> Result<(), BindError> {
        if Path::new(name).is_absolute() {
            return each(self, name, self.cwd);
        }
        for directory in &command.directories {
            match directory {
                Some(directory) => {
                    let from = self.cwd.join(directory);
                    each(self, name, &from)?;
                }
                None => self.not_bound(name, "the directory it starts in is known only when it runs"),
            }
        }
        Ok(())
    }

    fn bind(
        &mut self,
        name: &OsStr,
        directory: &Path,
        reach: Reach,
        absence: Absence,
    ) -> Result<(), BindError> {
        let at = directory.join(name);
        let readable = at.is_file() || (reach != Reach::Itself && at.is_dir());
        if absence == Absence::Ignored && !readable {
            return Ok(());
        }
        if let Some(why) = depends_on_the_process(&at) {
            self.not_bound(name, why);
            return Ok(());
        }
        // How a directory is read means nothing to a file, which is bound once.
        let reach = if at.is_dir() || reach == Reach::Place { reach } else { Reach::Itself };
        if !self.seen.insert((name.to_owned(), at, reach)) {
            return Ok(());
        }
        let too_much = |what: String| BindError::TooMuch { path: "the command".to_owned(), what };
        if self.seen.len() > MOST {
            return Err(too_much(format!("names of more than {MOST} files")));
        }
        let file = BoundFile::look(name, directory, reach)?;
        if let Content::Bytes { bytes, .. } | Content::Tree { bytes, .. } = &file.content {
            self.bytes = self.bytes.saturating_add(*bytes);
        }
        if self.bytes > LARGEST {
            return Err(too_much(format!("names of more than {} GiB", LARGEST >> 30)));
        }
        self.files.bound.push(file);
        Ok(())
    }

    fn known_only_when_it_runs(&mut self, word: &OsStr) {
        self.not_bound(word, "it is known only when it runs");
    }

    fn not_bound(&mut self, word: &OsStr, why: &str) {
        self.files.unbound.push(Unbound { word: word.to_owned(), why: why.to_owned() });
    }
}

/// How far kubectl reads a directory.
fn below(judged: &Judged) -> Reach {
    let options = judged.read.iter().flat_map(|read| &read.options);
    if options.into_iter().any(|option| option.name == "--recursive") {
        Reach::Recursive
    } else {
        Reach::Flat
    }
}

/// `https://...`, `git::https://...`
fn has_scheme(name: &OsStr) -> bool {
    name.as_bytes().windows(3).any(|three| three == b"://")
}

/// Names that are one file to the gate and another one to the command: its standard input, its own `/proc` entries.
fn depends_on_the_process(at: &Path) -> Option<&'static str> {
    let own = ["/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/proc"];
    own.iter().any(|name| at.starts_with(name)).then_some("it names something else in each process")
}

/// Why the file under a name here need not be the one that the command opens.
fn elsewhere(command: &Command) -> Option<String> {
    command.wrappers.iter().find_map(|taken| {
        let other = taken.adds.iter().any(|added| match added {
            Added::OtherRoot
            | Added::OtherDirectory
            | Added::OtherHost
            | Added::ManyHosts
            | Added::Container => true,
            // Another user opens the same file by the same name.
            Added::OtherUser
            | Added::StdinOperands
            | Added::Interrupted
            | Added::Detached
            | Added::Credentials
            | Added::OtherVariables => false,
        });
        other.then(|| format!("behind `{}` the file may be another one", taken.name))
    })
}
