//! Built-in rule files, one a tool family. Each says at its head what it knows and what it does not.

use crate::rules::{Layer, SourceFile, Trust};

/// One built-in file.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// Its name, as messages show it.
    pub name: &'static str,
    /// Every program name and alias that it describes, as its `[[tool]]` entries say.
    pub programs: &'static [&'static str],
    /// The file as it stands in the source, examples and all.
    whole: &'static str,
    /// The same without examples and prose, as `build.rs` cuts it: what a call parses.
    lean: &'static str,
}

impl Pack {
    /// The whole pack, whose examples can be held against its rules.
    #[must_use]
    pub fn file(&self) -> SourceFile {
        self.source(self.whole)
    }

    /// The pack as a call reads it: the same entries without their examples.
    #[must_use]
    pub fn lean(&self) -> SourceFile {
        self.source(self.lean)
    }

    fn source(&self, text: &str) -> SourceFile {
        SourceFile {
            name: format!("{}.toml (built-in)", self.name),
            text: text.to_owned(),
            layer: Layer::BuiltIn,
            trust: Trust::Full,
        }
    }
}

/// Every pack, as `build.rs` finds them in this directory.
pub const ALL: &[Pack] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// The pack that describes `program`.
#[must_use]
pub fn of(program: &str) -> Option<&'static Pack> {
    ALL.iter().find(|pack| pack.programs.contains(&program))
}

/// Every program name that a pack describes.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|pack| pack.programs.iter().copied())
}
