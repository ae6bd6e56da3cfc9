//! A made-up machine: home, current directory and system files in a temporary directory.

use remgate::ambient::{self, Ambient, Asked, Environment, Kind, Status, World};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One made-up machine; everything is removed with it.
pub(crate) struct Place {
    _directory: TempDir,
    /// What stands for `/`.
    pub(crate) root: PathBuf,
    /// `HOME`.
    pub(crate) home: PathBuf,
    /// The current directory.
    pub(crate) cwd: PathBuf,
    /// The environment; holds `HOME` from the start.
    pub(crate) env: Environment,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let (home, cwd) = (root.join("home/a"), root.join("srv/app"));
        fs::create_dir_all(&home).unwrap();
        fs::create_dir_all(&cwd).unwrap();
        let env = Environment::from([(OsString::from("HOME"), home.clone().into_os_string())]);
        Self { _directory: directory, root, home, cwd, env }
    }

    /// Writes a file below the root, with its directories.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) -> &mut Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Reads, with options given as `("context", "dev")`.
    pub(crate) fn read(&self, kind: Kind, options: &[(&str, &str)]) -> Ambient {
        let mut asked = Asked::default();
        for (name, value) in options {
            asked.options.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        let world = World { env: &self.env, cwd: &self.cwd, home: None, root: &self.root };
        ambient::read(kind, &world, &asked)
    }
}

/// Checks the status `read` and each named field; `-` stands for a field that must be missing.
#[track_caller]
pub(crate) fn expect(ambient: &Ambient, fields: &[(&str, &str)]) {
    assert_eq!(ambient.status, Status::Read, "{ambient:?}");
    expect_fields(ambient, fields);
}

/// Checks the status `absent` and each named field.
#[track_caller]
pub(crate) fn expect_absent(ambient: &Ambient, fields: &[(&str, &str)]) {
    assert_eq!(ambient.status, Status::Absent, "{ambient:?}");
    expect_fields(ambient, fields);
}

#[track_caller]
fn expect_fields(ambient: &Ambient, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        assert_eq!(ambient.value(name).unwrap_or("-"), *value, "{name} of {ambient:#?}");
    }
}

/// Checks that nothing is known, and that the reason holds `words`.
#[track_caller]
pub(crate) fn expect_unreadable(ambient: &Ambient, words: &str) {
    let shown = ambient.status.to_string();
    assert!(matches!(ambient.status, Status::Unreadable { .. }), "{ambient:?}");
    assert!(shown.contains(words), "`{words}` is not in `{shown}`");
    assert!(shown.ends_with("; the target is unknown"));
    assert!(ambient.fields.is_empty(), "half a target was kept: {ambient:?}");
}
