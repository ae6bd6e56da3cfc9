//! SQL: which classes of statements stand in a text.
//!
//! In: a text as a client would get it, and the dialect of the server behind. Out: classes, documented in
//! `docs/rules.md`. Never: `read` for a text of which server, client and this room could think differently.
//!
//! A statement has to pass two readers before it is a `read`: the words and parentheses that our lexer sees, and the
//! grammar of the crate `sqlparser`. Either alone was led astray by texts that the other refused.

mod functions;
mod lexer;
mod proof;
mod rows;
mod statement;
#[cfg(test)]
mod tests;

pub use rows::rows;

use super::{Contents, UNREADABLE};
use lexer::Piece;
use std::collections::BTreeSet;

/// Whose SQL a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// PostgreSQL and psql; CockroachDB speaks the same.
    Postgres,
    /// MySQL and MariaDB with their client.
    MySql,
    /// SQLite and its shell.
    Sqlite,
    /// ClickHouse.
    ClickHouse,
    /// What they all have in common.
    Generic,
}

impl Dialect {
    /// Every dialect with its word.
    pub const ALL: [(&'static str, Dialect); 6] = [
        ("postgres", Dialect::Postgres),
        ("cockroach", Dialect::Postgres),
        ("mysql", Dialect::MySql),
        ("sqlite", Dialect::Sqlite),
        ("clickhouse", Dialect::ClickHouse),
        ("generic", Dialect::Generic),
    ];

    /// The dialect that a tool entry calls `word`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, dialect)| *dialect)
    }
}

/// Every class that SQL can have, for `where` to be checked against.
pub const CLASSES: [&str; 28] = [
    "alter",
    "call",
    "copy-in",
    "copy-out",
    "copy-stdout",
    "create",
    "delete",
    "delete-all",
    "drop",
    "empty",
    "grant",
    "insert",
    "kill",
    "lock",
    "maintenance",
    "program",
    "read",
    "remote",
    "secret",
    "server",
    "set",
    "show",
    "transaction",
    "truncate",
    "unknown",
    "unreadable",
    "update",
    "update-all",
];

/// A migration of a megabyte is read by nobody; a statement is never that long.
const LONGEST: usize = 1 << 20;

/// The classes of a text.
#[must_use]
pub fn classes(text: &[u8], dialect: Dialect) -> Contents {
    if text.len() > LONGEST {
        return unreadable("more than 1 MiB of SQL", text);
    }
    let Ok(utf8) = std::str::from_utf8(text) else { return unreadable("SQL that is not UTF-8", text) };
    let pieces = match lexer::cut(utf8, dialect) {
        Ok(pieces) => pieces,
        Err(why) => return unreadable(why, text),
    };
    let mut found: BTreeSet<&'static str> = BTreeSet::new();
    for piece in &pieces.pieces {
        let classes = match piece {
            Piece::Meta(line) => meta(line, dialect),
            Piece::Statement(statement) => statement::classes(statement, dialect, pieces.breadth),
        };
        match classes {
            Ok(classes) => found.extend(classes),
            Err(why) => return unreadable(why, text),
        }
    }
    if found.is_empty() {
        found.insert("empty");
    }
    Contents::known(found)
}

/// One command of a client's own: a backslash command of psql, a dot command of sqlite3.
fn meta(line: &str, dialect: Dialect) -> Result<Vec<&'static str>, String> {
    let name: String = line.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric()).collect();
    // No backquotes (psql runs them), no pipes, no paths that something is written to, no variables.
    let plain = line.chars().skip(1).all(|c| c.is_ascii_alphanumeric() || " \t_.+*?%\"-".contains(c));
    let bare = line.get(1..).is_some_and(|rest| rest.trim() == name);
    let lists = match dialect {
        Dialect::Postgres => {
            name.starts_with('d')
                || ["l", "x", "z", "conninfo", "timing", "sf", "sv"].contains(&name.as_str())
                || (bare && ["encoding", "q", "g", "gx"].contains(&name.as_str()))
        }
        Dialect::Sqlite => [
            "databases",
            "dbinfo",
            "dump",
            "fullschema",
            "header",
            "headers",
            "indexes",
            "indices",
            "mode",
            "nullvalue",
            "quit",
            "schema",
            "show",
            "tables",
            "timer",
            "version",
            "width",
        ]
        .contains(&name.as_str()),
        Dialect::MySql | Dialect::ClickHouse | Dialect::Generic => false,
    };
    match lists && plain {
        true => Ok(vec!["show"]),
        false => Err(format!("the client command `{}`", line.split_whitespace().next().unwrap_or_default())),
    }
}

/// Words that give a text a class although it cannot be read: only for rules that raise.
const HINTS: [(&str, &str); 12] = [
    ("alter", "alter"),
    ("copy", "copy-in"),
    ("create", "create"),
    ("delete", "delete"),
    ("drop", "drop"),
    ("grant", "grant"),
    ("insert", "insert"),
    ("program", "program"),
    ("replace", "insert"),
    ("revoke", "grant"),
    ("truncate", "truncate"),
    ("update", "update"),
];

/// A text that could not be read is still searched for what it names, so that an unbalanced quote behind `DROP TABLE`
/// takes away nothing that a rule asks for.
fn unreadable(why: impl Into<String>, text: &[u8]) -> Contents {
    let mut contents = Contents::unreadable(why);
    let text = String::from_utf8_lossy(text).to_lowercase();
    let words: BTreeSet<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    let hints = HINTS.iter().filter(|(word, _)| words.contains(word)).map(|(_, class)| (*class).to_owned());
    contents.classes.extend(hints);
    if text.contains("\\!") {
        contents.classes.insert("program".to_owned());
    }
    debug_assert!(contents.classes.contains(UNREADABLE));
    contents
}
