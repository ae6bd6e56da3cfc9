//! Built-in rule files, one a tool family. Each says at its head what it knows and what it does not.

use crate::rules::{Layer, SourceFile, Trust};

/// One built-in file.
#[derive(Clone, Copy, Debug)]
pub struct Pack {
    /// Its name, as messages show it.
    pub name: &'static str,
    /// Every program name and alias that it describes. The tests hold this against the file.
    pub programs: &'static [&'static str],
    text: &'static str,
}

impl Pack {
    /// The pack as a rule file.
    #[must_use]
    pub fn file(&self) -> SourceFile {
        SourceFile {
            name: format!("{}.toml (built-in)", self.name),
            text: self.text.to_owned(),
            layer: Layer::BuiltIn,
            trust: Trust::Full,
        }
    }
}

/// Every pack.
pub const ALL: &[Pack] =
    &[Pack { name: "kubectl", programs: &["kubectl", "k", "oc"], text: include_str!("kubectl.toml") }];

/// The pack that describes `program`.
#[must_use]
pub fn of(program: &str) -> Option<&'static Pack> {
    ALL.iter().find(|pack| pack.programs.contains(&program))
}

/// Every program name that a pack describes.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|pack| pack.programs.iter().copied())
}
