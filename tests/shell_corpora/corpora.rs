//! The lines of a corpus, and what remgate reads in them.

use remgate::command::shell::{Dialect, Known, Others, Refused, Simple, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The distinct commands of one file, or `None` with a word about why they are not tried.
///
/// They are skipped even where nothing may be: no package provides them, so CI cannot have them.
pub(crate) fn lines(test: &str, name: &str) -> Option<BTreeSet<String>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let directory = std::env::var_os("REMGATE_CORPORA").map_or_else(beside, PathBuf::from);
    let file = directory.join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        assert!(std::env::var_os("REMGATE_CORPORA").is_none(), "{} cannot be read", file.display());
        println!("SKIPPED {test}: there is no {}", file.display());
        return None;
    };
    let command = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["command"].as_str().unwrap().to_owned()
    };
    Some(text.lines().map(command).collect())
}

/// What remgate reads in a line, knowing nothing of the environment.
pub(crate) fn read(line: &str) -> Result<Vec<Simple>, Refused> {
    let known = Known { variables: &BTreeMap::new(), others: Others::Unseen };
    parse(line.as_bytes(), Dialect::Bash, known)
}
