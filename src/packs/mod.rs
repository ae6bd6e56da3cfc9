//! Built-in rule files, one a tool family. Each says at its head what it knows and what it does not.

use crate::rules::{Layer, SourceFile, Trust, look_up};

/// One built-in file.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// Its name, as messages show it.
    pub name: &'static str,
    /// One text instead of many: the loader would have to set a pointer for each name at every start.
    names: &'static str,
    /// The file as it stands in the source, examples and all.
    whole: &'static str,
    /// The same in the form that a call reads, see `rules::form`.
    pub(crate) compact: &'static [u8],
}

impl Pack {
    /// Every program name and alias that it describes, as its `[[tool]]` entries say.
    pub fn programs(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split(' ')
    }

    /// What the pack says of itself: the comment that it begins with, line by line.
    pub fn head(&self) -> impl Iterator<Item = &'static str> + use<> {
        let comment = self.whole.lines().map_while(|line| line.strip_prefix('#'));
        comment.map(|line| line.trim())
    }

    /// The whole pack, whose examples can be held against its rules.
    #[must_use]
    pub fn file(&self) -> SourceFile {
        SourceFile {
            name: format!("{}.toml (built-in)", self.name),
            text: self.whole.to_owned(),
            layer: Layer::BuiltIn,
            trust: Trust::Full,
        }
    }
}

/// Every pack, as `build.rs` finds them in this directory.
pub const ALL: &[Pack] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// Every program that a pack describes and the number of its pack, sorted.
const NAMES: &str = include_str!(concat!(env!("OUT_DIR"), "/names"));

/// The pack that describes `program`.
#[must_use]
pub fn of(program: &str) -> Option<&'static Pack> {
    ALL.get(look_up(NAMES, program)?.parse::<usize>().ok()?)
}

/// Every program name that a pack describes, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.lines().filter_map(|line| line.split(' ').next())
}
