//! Which tool a program word names, if any.
//!
//! In: the first word of a command and PATH. Out: a [`Program`]. Never: a look at the disk - what only the disk knows is
//! the business of the judge's eyes.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// How a program word is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program<'a> {
    /// The name a tool entry may describe; `None` where nothing can be read from the word.
    pub name: Option<&'a str>,
    /// Why the file may not be that tool: then rules may only raise, never make it known.
    pub foreign: Option<String>,
}

/// The directories a program given by path may come from and still count as the tool of its name.
#[derive(Clone, Debug)]
pub struct SearchPath {
    directories: Vec<PathBuf>,
}

/// Where programs live on any Unix; `sudo` and login shells search these whatever PATH says.
const SYSTEM_DIRECTORIES: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

impl SearchPath {
    /// The absolute directories of `path` (the value of PATH) and the system's own.
    #[must_use]
    pub fn new(path: Option<&OsStr>) -> Self {
        let given = path.map(std::env::split_paths).into_iter().flatten();
        let directories = given
            .filter(|dir| dir.is_absolute())
            .chain(SYSTEM_DIRECTORIES.iter().map(PathBuf::from))
            .collect();
        Self { directories }
    }

    /// Reads a program word: `kubectl` and `/usr/bin/kubectl` name a tool, `./kubectl` and `/tmp/kubectl` may not be it.
    #[must_use]
    pub fn program<'a>(&self, word: &'a OsStr) -> Program<'a> {
        let foreign = |name, why: &str| Program { name, foreign: Some(why.to_owned()) };
        let Some(text) = word.to_str() else { return foreign(None, "the program's name is not UTF-8") };
        if !text.is_ascii() || text.chars().any(|c| c.is_ascii_control() || c == ' ') {
            // `kubect\u{4cf}` reads like kubectl on every screen.
            return foreign(None, "the program's name has characters that look like others");
        }
        let path = Path::new(text);
        let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
            return foreign(None, "the program's name is not a file name");
        };
        if !text.contains('/') {
            return Program { name: Some(name), foreign: None };
        }
        // Anybody who can write `/tmp/ls` would otherwise have a program that every rule trusts.
        let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
        if plain && self.directories.iter().any(|dir| dir == parent) {
            return Program { name: Some(name), foreign: None };
        }
        foreign(Some(name), &format!("`{}` is not one of the directories of PATH", parent.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_by_path_counts_only_from_a_search_directory() {
        let search = SearchPath::new(Some(OsStr::new("/home/a/bin:relative::/opt/x")));
        for (word, named) in [
            ("kubectl", true),
            ("/usr/bin/kubectl", true),
            ("/home/a/bin/kubectl", true),
            ("./kubectl", false),
            ("bin/kubectl", false),
            ("relative/kubectl", false),
            ("/tmp/kubectl", false),
            ("/usr/bin/../../tmp/kubectl", false),
            ("/usr/bin/", false),
            ("kubect\u{4cf}", false),
            ("kube ctl", false),
            ("", false),
            ("..", false),
        ] {
            let read = search.program(OsStr::new(word));
            assert_eq!(read.foreign.is_none(), named, "{word:?} -> {read:?}");
        }
    }
}
