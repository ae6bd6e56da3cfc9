//! What stands in a text that a command is given: SQL statements, Kubernetes manifests.
//!
//! In: text, and how it is to be read. Out: [`Contents`], a set of classes that rules name in `where`. Never: disk; a
//! class kinder than what a server or a tool would make of the text. Where a text could be read in two ways it is
//! `unreadable`.
//!
//! | file | what it holds |
//! |---|---|
//! | `sql/` | statements: cut by a lexer of our own, named by their first words, and proven to be reads by a parser |
//! | `manifest.rs` | documents of YAML or JSON: their kinds |
//! | `kustomization.rs` | what a kustomization takes in, and what it makes |

pub mod kustomization;
pub mod manifest;
pub mod sql;

use crate::command::Stdin;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// What a capture of a pattern stands for: `<name:sql>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The word is SQL.
    Sql,
    /// The word names a file with SQL.
    SqlFile,
    /// The word names a file or directory of manifests, `-`, or a URL.
    Manifest,
    /// The word names a directory with a kustomization.
    Kustomization,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Sql, Kind::SqlFile, Kind::Manifest, Kind::Kustomization];

    /// The word for it in a pattern.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Sql => "sql",
            Kind::SqlFile => "sql-file",
            Kind::Manifest => "manifest",
            Kind::Kustomization => "kustomization",
        }
    }

    /// The kind that a pattern calls `word`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Classes that change nothing. Beside others they keep no `match` rule from speaking, and a rule about others does
    /// not speak about them alone: `begin; select 1; delete ...; commit` is a matter of the rule about `delete`.
    #[must_use]
    pub fn idle(self) -> &'static [&'static str] {
        match self {
            Kind::Sql | Kind::SqlFile => &["copy-stdout", "empty", "read", "set", "show", "transaction"],
            Kind::Manifest | Kind::Kustomization => &[],
        }
    }

    /// Every class that its contents can have; `None` where there is no end of them, as with kinds of objects.
    #[must_use]
    pub fn classes(self) -> Option<&'static [&'static str]> {
        match self {
            Kind::Sql | Kind::SqlFile => Some(&sql::CLASSES),
            Kind::Manifest | Kind::Kustomization => None,
        }
    }
}

/// Where a text is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In or behind this word of the command.
    Word(OsString),
    /// On standard input.
    Stdin,
}

/// One text that a rule asks about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub place: Place,
    /// How SQL in it is to be read.
    pub dialect: sql::Dialect,
    /// Whether directories are read with everything below.
    pub depth: Depth,
}

impl Wanted {
    /// The contents, where the command itself holds the text: SQL among its words, a here-document. `None` where
    /// somebody has to look at a file.
    #[must_use]
    pub fn without_looking(&self, stdin: &Stdin) -> Option<Contents> {
        match (&self.place, self.kind) {
            (Place::Word(word), Kind::Sql) => Some(sql::classes(word.as_bytes(), self.dialect)),
            (Place::Word(word), Kind::SqlFile | Kind::Manifest | Kind::Kustomization) if word != "-" => None,
            (Place::Word(_) | Place::Stdin, _) => match stdin {
                Stdin::Text(text) => Some(self.classes_of(text)),
                Stdin::File(_) => None,
                Stdin::Inherited | Stdin::Elsewhere => {
                    Some(Contents::unknown("nobody knows what comes on standard input"))
                }
            },
        }
    }

    /// The classes of a text that was found.
    #[must_use]
    pub fn classes_of(&self, text: &[u8]) -> Contents {
        match self.kind {
            Kind::Sql | Kind::SqlFile => sql::classes(text, self.dialect),
            Kind::Manifest => manifest::classes(text),
            Kind::Kustomization => Contents::unreadable("a kustomization is a directory"),
        }
    }
}

/// How far a directory is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Its own files.
    Flat,
    /// Everything below: `-R`.
    Recursive,
}

/// The text could not be had: a missing file, a pipe, a word that only the run knows.
pub const UNKNOWN: &str = "unknown";
/// The text is on another host.
pub const REMOTE: &str = "remote";
/// The text is there and cannot be told for certain.
pub const UNREADABLE: &str = "unreadable";

/// The classes of a text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Contents {
    /// The classes; never none.
    pub classes: BTreeSet<String>,
    /// Why it is `unknown` or `unreadable`, in one clause.
    pub why: Option<String>,
}

impl Contents {
    /// These classes.
    #[must_use]
    pub fn known(classes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { classes: classes.into_iter().map(Into::into).collect(), why: None }
    }

    /// A text that nobody could get. Always this class alone: an `any` rule about one class shall not speak of
    /// everything that could not be read.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { classes: BTreeSet::from([UNKNOWN.to_owned()]), why: Some(why.into()) }
    }

    /// A text on another host.
    #[must_use]
    pub fn remote() -> Self {
        Self::known([REMOTE])
    }

    /// A text that cannot be told for certain.
    #[must_use]
    pub fn unreadable(why: impl Into<String>) -> Self {
        Self { classes: BTreeSet::from([UNREADABLE.to_owned()]), why: Some(why.into()) }
    }

    /// Takes in what stands in another text of the same command.
    pub fn join(&mut self, other: Contents) {
        self.classes.extend(other.classes);
        self.why = self.why.take().or(other.why);
    }
}
