//! The house a gate stands in: environment, account, directories, rules. Looked at once per call.
//!
//! In: the process's own surroundings. Out: a [`House`], and from it the [`Law`] that concerns one action. Never: a
//! decision.

use crate::ambient::Environment;
use crate::command::{Caller, SearchPath};
use crate::inbox::{self, Inbox, InboxError};
use crate::journal::{Journal, JournalError};
use crate::judge::Named;
use crate::layers::{self, Concerns, FileConcerns, LoadError, Loaded, Places, Prove};
use crate::packs;
use crate::rules::{Book, CallWords, Examples, Groups, Problem, SourceFile};
use crate::sight::Sight;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// What is wrong with the surroundings.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// The working directory is gone.
    #[error("cannot tell the working directory: {0}; the command was not started")]
    NoDirectory(std::io::Error),
    /// Neither `XDG_STATE_HOME`, nor `HOME`, nor the account says where records go.
    #[error(
        "no home directory: neither $XDG_STATE_HOME, $HOME nor the account database names one; the command was not started"
    )]
    NoHome,
    /// The log cannot be made, or somebody else could write it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The inbox cannot be used.
    #[error("{0}; the command was not started")]
    Inbox(#[from] InboxError),
}

/// The surroundings of one call.
#[derive(Clone, Debug)]
pub struct House {
    /// The environment.
    pub env: Environment,
    /// The working directory.
    pub cwd: PathBuf,
    /// The account's home directory, from the account database.
    pub account_home: Option<PathBuf>,
    /// This machine's name.
    pub host: String,
    /// Where rule files are.
    pub places: Places,
    /// Where programs come from.
    pub search: SearchPath,
}

impl House {
    /// Looks around.
    ///
    /// # Errors
    /// The working directory cannot be told.
    pub fn look() -> Result<Self, HouseError> {
        let env: Environment = std::env::vars_os().collect();
        let cwd = std::env::current_dir().map_err(HouseError::NoDirectory)?;
        let account_home = account_home();
        let variable = |name: &str| env.get(OsStr::new(name)).map(OsString::as_os_str);
        let places = Places::of(account_home.as_deref(), variable("XDG_CONFIG_HOME"), variable("HOME"), &cwd);
        let search = SearchPath::new(variable("PATH"));
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(Self { cwd, account_home, host, places, search, env })
    }

    /// A variable of the environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.env.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The gate's state directory: `$XDG_STATE_HOME/remgate`, else `~/.local/state/remgate`.
    ///
    /// # Errors
    /// No home directory is known.
    pub fn state(&self) -> Result<PathBuf, HouseError> {
        let absolute = |value: &OsStr| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
        let xdg = self.variable("XDG_STATE_HOME").and_then(absolute);
        let home = || self.variable("HOME").and_then(absolute).or_else(|| self.account_home.clone());
        let base = xdg.or_else(|| home().map(|home| home.join(".local/state")));
        base.map(|base| base.join("remgate")).ok_or(HouseError::NoHome)
    }

    /// Where digests of programs are remembered; made when it is missing, and 0700, because it is believed later.
    ///
    /// # Errors
    /// No home directory is known.
    pub fn digests(&self) -> Result<PathBuf, HouseError> {
        let path = self.state()?.join("digests");
        // Without it every call hashes anew: slower, never wrong.
        let _ = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        Ok(path)
    }

    /// The log directory.
    ///
    /// # Errors
    /// No home directory is known.
    pub fn log(&self) -> Result<PathBuf, HouseError> {
        Ok(self.state()?.join("log"))
    }

    /// Opens the journal.
    ///
    /// # Errors
    /// It cannot be made, or somebody else could write it.
    pub fn journal(&self) -> Result<Journal, HouseError> {
        Ok(Journal::at(&self.log()?)?)
    }

    /// Where requests wait for votes: the inbox of the machine where it was set up, else this account's own.
    ///
    /// # Errors
    /// It cannot be made, or somebody could take away what others put there.
    pub fn inbox(&self) -> Result<Box<dyn Inbox>, HouseError> {
        if let Some(shared) = inbox::Directory::shared(Path::new(inbox::SHARED))? {
            return Ok(Box::new(shared));
        }
        Ok(Box::new(inbox::Directory::own(&self.state()?.join("requests"))?))
    }

    /// The rules that concern `programs`, whatever their words.
    ///
    /// # Errors
    /// A layer cannot be read, or has problems; then nothing may run.
    pub fn law(&self, programs: &[String]) -> Result<Law, LoadError> {
        self.law_of(programs, None)
    }

    /// The rules that concern one action.
    ///
    /// # Errors
    /// As [`House::law`].
    pub fn law_for(&self, action: Named) -> Result<Law, LoadError> {
        self.law_of(&action.programs, Some(action.words))
    }

    fn law_of(&self, programs: &[String], words: Option<CallWords>) -> Result<Law, LoadError> {
        let names: Vec<&str> = programs.iter().map(String::as_str).collect();
        let state = self.state().ok();
        let loaded = layers::load(&self.places, state.as_deref(), &names, &Proof)?;
        // An entry of a file may extend a pack's tool or replace its rule: then the packs are read whole.
        let parts = loaded.files.iter().flat_map(|file| &file.parts);
        let files_speak = parts.into_iter().any(|part| match part.kind {
            layers::Kind::Tool | layers::Kind::Rule | layers::Kind::Whole => true,
            layers::Kind::Environment | layers::Kind::Decide | layers::Kind::Policy => false,
        });
        let mut book = match words {
            Some(words) if !files_speak => Book::for_call(words),
            Some(_) | None => Book::new(),
        };
        for program in programs {
            let Some(pack) = packs::of(program) else { continue };
            book.add_pack(pack, Examples::Checked).map_err(|problems| refused(&pack.file(), problems))?;
        }
        for file in &loaded.files {
            book.add(&file.source, Examples::Checked).map_err(|problems| refused(&file.source, problems))?;
        }
        Ok(Law { book, loaded })
    }

    /// Every rule file of the layers, whole.
    ///
    /// # Errors
    /// A layer cannot be found, believed or read.
    pub fn files(&self) -> Result<Vec<SourceFile>, LoadError> {
        let found = layers::find(&self.places)?;
        let read = found.iter().map(layers::read).collect::<Result<Vec<_>, _>>()?;
        Ok(read.into_iter().map(|file| file.source).collect())
    }

    /// The packs and every entry of every layer: for who judges many commands, or none.
    ///
    /// # Errors
    /// As [`House::law`].
    pub fn whole_book(&self) -> Result<Book, LoadError> {
        Self::book_of(&self.files()?)
    }

    /// The packs and these files.
    ///
    /// # Errors
    /// A file has problems.
    pub fn book_of(files: &[SourceFile]) -> Result<Book, LoadError> {
        let mut book = Book::new();
        for pack in packs::ALL {
            book.add_pack(pack, Examples::Checked).map_err(|problems| refused(&pack.file(), problems))?;
        }
        for file in files {
            book.add(file, Examples::Check).map_err(|problems| refused(file, problems))?;
        }
        Ok(book)
    }

    /// What reading an action depends on.
    #[must_use]
    pub fn caller(&self) -> Caller<'_> {
        Caller { search: &self.search, variables: &self.env }
    }

    /// The judge's eyes.
    #[must_use]
    pub fn sight(&self) -> Sight {
        Sight {
            env: self.env.clone(),
            cwd: self.cwd.clone(),
            home: self.account_home.clone(),
            host: self.host.clone(),
        }
    }
}

/// The id of this boot of the machine.
#[cfg(target_os = "linux")]
#[must_use]
pub fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// Elsewhere a record does not say which boot it belongs to; `abandoned` does not depend on it, and a request lives by
/// the wall clock alone.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn boot_id() -> Option<String> {
    None
}

/// The rules in force for one action.
#[derive(Debug)]
pub struct Law {
    /// Tools, rules, environments, table.
    pub book: Book,
    /// The files they came from.
    pub loaded: Loaded,
}

fn account_home() -> Option<PathBuf> {
    crate::actor::account_of_the_gate().map(|account| account.dir.clone()).filter(|home| home.is_absolute())
}

fn refused(file: &SourceFile, problems: Vec<Problem>) -> LoadError {
    LoadError::Problems(vec![layers::Refused { file: file.clone(), problems }])
}

/// How layers ask for a proof of rule files.
#[derive(Clone, Copy, Debug)]
pub struct Proof;

impl Prove for Proof {
    fn stamp(&self) -> String {
        // Packs change only with the version, which the index adds by itself.
        "packs of this version".to_owned()
    }

    fn prove(&self, files: &[SourceFile]) -> Result<Vec<FileConcerns>, Vec<Vec<Problem>>> {
        let mut all = prove(files).0?;
        for concerns in &mut all {
            concerns.tools.iter_mut().chain(&mut concerns.rules).for_each(widen_to_aliases);
        }
        Ok(all)
    }
}

/// Packs know aliases that a file does not mention.
fn widen_to_aliases(concerns: &mut Concerns) {
    if let Concerns::Programs(names) = concerns {
        let packs: BTreeSet<&str> =
            names.iter().filter_map(|name| packs::of(name)).map(|pack| pack.name).collect();
        let pack_names = packs::ALL.iter().filter(|pack| packs.contains(pack.name));
        names.extend(pack_names.flat_map(packs::Pack::programs).map(str::to_owned));
    }
}

/// The answer of a proof, and what each file may still want to say.
pub type Proven = (Result<Vec<FileConcerns>, Vec<Vec<Problem>>>, Vec<Vec<Problem>>);

/// Proves files together, in the order of their layers.
pub fn prove(files: &[SourceFile]) -> Proven {
    let mut book = Book::new();
    let mut problems: Vec<Vec<Problem>> = Vec::new();
    let mut advice: Vec<Vec<Problem>> = Vec::new();
    for file in files {
        let (refused, advised) = match book.add(file, Examples::Check) {
            Ok(advised) => (Vec::new(), advised),
            Err(refused) => (refused, Vec::new()),
        };
        problems.push(refused);
        advice.push(advised);
    }
    if problems.iter().any(|file| !file.is_empty()) {
        return (Err(problems), advice);
    }
    let groups = Groups::of(&book, book.ties().iter().cloned());
    let concerns = |programs: BTreeSet<String>| {
        Concerns::Programs(programs.iter().flat_map(|program| groups.around(program)).collect())
    };
    let of_file = |file: &SourceFile| FileConcerns {
        tools: Book::tools_in(&file.text).into_iter().map(concerns).collect(),
        rules: Book::rules_in(&file.text).into_iter().map(concerns).collect(),
    };
    (Ok(files.iter().map(of_file).collect()), advice)
}

/// Whether a path can be looked into at all; for messages.
#[must_use]
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
