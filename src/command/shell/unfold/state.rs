//! What changes as a text runs, and what is left of it where two ways meet.
//!
//! In: edits of the environment, directories entered. Out: the [`State`] behind them. Never: one way preferred - what only
//! one of two leaves behind is not certain any more.

use super::Walk;
use crate::command::EnvironmentEdit;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// More directories than this are one that nobody knows.
const DIRECTORIES: usize = 6;

/// What changes as the text runs, and is forgotten where a subshell ends.
#[derive(Clone, PartialEq)]
pub(super) struct State {
    /// Values that differ from the environment's; `None` where only the run knows.
    pub(super) values: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(super) directories: Vec<Option<PathBuf>>,
    /// What programs started from here on see changed.
    pub(super) environment: Vec<EnvironmentEdit>,
}

impl State {
    /// Changes the environment; what was said of the same variable before no longer counts.
    pub(super) fn edit(&mut self, edit: EnvironmentEdit) {
        self.environment.retain(|known| known.name() != edit.name());
        self.environment.push(edit);
    }

    /// What holds whether or not something ran.
    pub(super) fn join(&mut self, other: Self) {
        let changed: Vec<Vec<u8>> = self
            .values
            .iter()
            .filter(|(name, value)| other.values.get(name.as_slice()) != Some(value))
            .map(|(name, _)| name.clone())
            .collect();
        for name in changed {
            self.values.insert(name, None);
        }
        let both: Vec<EnvironmentEdit> =
            self.environment.drain(..).chain(other.environment.iter().cloned()).collect();
        let certain = |edit: &EnvironmentEdit| both.iter().filter(|known| *known == edit).count() == 2;
        for edit in &both {
            let edit = match edit.name() {
                Some(name) if !certain(edit) => EnvironmentEdit::Unsure(name.to_owned()),
                Some(_) | None => edit.clone(),
            };
            self.edit(edit);
        }
        for directory in other.directories {
            if !self.directories.contains(&directory) {
                self.directories.push(directory);
            }
        }
    }
}

impl Walk<'_, '_> {
    /// `cd`: every directory it may start from, and the one it leads to.
    pub(in crate::command::shell) fn enter(&mut self, target: Option<PathBuf>) {
        let led = |from: &Option<PathBuf>| match (&target, from) {
            (Some(target), _) if target.is_absolute() => Some(target.clone()),
            (Some(target), Some(from)) => Some(logical(&from.join(target))),
            (Some(_), None) | (None, _) => None,
        };
        let reached: Vec<Option<PathBuf>> = self.state.directories.iter().map(led).collect();
        for directory in reached {
            if !self.state.directories.contains(&directory) {
                self.state.directories.push(directory);
            }
        }
        if self.state.directories.len() > DIRECTORIES {
            self.state.directories = vec![None];
        }
    }
}

/// `cd link/..` leads back for a shell, wherever the link points.
fn logical(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(whole.components().next_back(), Some(Component::Normal(_))) => {
                whole.pop();
            }
            Component::ParentDir | Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                whole.push(component);
            }
        }
    }
    whole
}
