//! The stage of every row: a house with a victim, fake programs, and a memory of what it looked like.
//!
//! In: the names of the fake programs. Out: what a call changed. Never: anything outside the house.

use crate::house::House;
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Everything below a directory, by path from it.
pub(crate) type Picture = BTreeMap<PathBuf, Thing>;

/// One thing in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Directory {
        mode: u32,
    },
    File {
        mode: u32,
        bytes: Vec<u8>,
    },
    Link(PathBuf),
    /// A pipe, a socket: its kind is all that there is to see.
    Other,
}

pub(crate) struct Stage {
    pub(crate) house: House,
    first: Picture,
}

impl Stage {
    /// A victim, files that rows speak of, and fake programs.
    pub(crate) fn new(fakes: &[String]) -> Self {
        let house = House::new();
        house.write("work/victim/keep", "keep me\n");
        house.write("work/list", "x\n");
        house.write("work/script", format!("rm -rf {}\n", house.at("work/victim").display()));
        house.write("work/x.so", "no library");
        house.write("home/.config/remgate/rules.toml", "# no rule\n");
        for name in ["work/ls", "work/evil/ls", "work/parts/one", "open/ls", "open/nice", "bin/note"] {
            house.program(name, house.fake_text("note", 0));
        }
        std::fs::set_permissions(house.at("open"), Permissions::from_mode(0o1777)).unwrap();
        for name in fakes {
            house.fake(name);
        }
        symlink("/bin/rm", house.at("bin/hexdump")).unwrap();
        symlink(env!("CARGO_BIN_EXE_remgate"), house.at("bin/remgate")).unwrap();
        repositories(&house);
        // So that the log is there before, and only what the row does is seen.
        house.run("-- true");
        let first = picture(&house.at(""));
        Self { house, first }
    }

    pub(crate) fn look(&self) -> Picture {
        picture(&self.house.at(""))
    }

    /// Makes everything as it was in the beginning, the gate's own log aside.
    pub(crate) fn mend(&self) {
        let root = self.house.at("");
        let log = self.house.state();
        for path in self.look().keys().rev().filter(|path| !self.first.contains_key(*path)) {
            let path = root.join(path);
            if !path.starts_with(&log) {
                let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir_all(&path));
            }
        }
        let now = self.look();
        for (path, thing) in self.first.iter().filter(|(path, thing)| now.get(*path) != Some(thing)) {
            let path = root.join(path);
            if !path.starts_with(&log) || !path.exists() {
                put(&path, thing);
            }
        }
    }

    /// What differs between two pictures, in words. The log may grow, and the gate may keep one elsewhere where a row
    /// sends it there; not a byte of what was in it may change.
    pub(crate) fn changes(&self, before: &Picture, after: &Picture) -> Vec<String> {
        let log = self.house.state().strip_prefix(self.house.at("")).unwrap().to_owned();
        let own = |path: &Path| {
            path.starts_with(&log) || path.starts_with("work/state") || path.starts_with("work/.local")
        };
        let grown = |path: &Path, old: &Thing, new: Option<&Thing>| match (old, new) {
            (Thing::File { bytes: old, .. }, Some(Thing::File { bytes: new, .. })) => {
                own(path) && (new.starts_with(old) || path.extension().is_none_or(|kind| kind != "jsonl"))
            }
            _ => false,
        };
        let mut all = Vec::new();
        for (path, old) in before {
            let new = after.get(path);
            if new != Some(old) && !grown(path, old, new) {
                all.push(format!("{} {}", if new.is_some() { "changed" } else { "gone" }, path.display()));
            }
        }
        let fresh = after.keys().filter(|path| !before.contains_key(*path) && !own(path));
        all.extend(fresh.map(|path| format!("new {}", path.display())));
        all
    }

    /// Puts paths of the stage in place of their signs.
    pub(crate) fn fill(&self, word: &str) -> String {
        [("@V", "work/victim"), ("@B", "bin"), ("@W", "work"), ("@H", "home"), ("@O", "open")]
            .iter()
            .fold(word.to_owned(), |word, (sign, name)| {
                word.replace(sign, self.house.at(name).to_str().unwrap())
            })
    }

    /// The files that the attacker made beforehand.
    pub(crate) fn place(&self, files: &BTreeMap<String, String>) {
        for (name, text) in files {
            let path = Path::new("work").join(name);
            if text.starts_with("#!") {
                self.house.program(path, text);
            } else {
                self.house.write(path, text);
            }
        }
    }
}

/// A working repository, and one that a clone of something else brought along, whose first `status` is code.
fn repositories(house: &House) {
    for (name, bare) in [("work/repo", None), ("work/carried", Some("--bare"))] {
        let mut git = house.clean("git");
        if git.args(["init", "-q"]).args(bare).arg(house.at(name)).output().is_err() {
            println!("git is not installed: rows about it prove little here");
        }
    }
    let config =
        format!("[core]\n\tbare = false\n\tworktree = {}\n\tfsmonitor = note\n", house.at("work").display());
    house.write("work/carried/config", config);
}

fn picture(root: &Path) -> Picture {
    let mut seen = Picture::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(directory) = waiting.pop() {
        // What an attack without the gate has shut away is shown by its mode.
        for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
            let path = entry.path();
            let Some(thing) = thing(&path) else { continue };
            if matches!(thing, Thing::Directory { .. }) {
                waiting.push(path.clone());
            }
            seen.insert(path.strip_prefix(root).unwrap().to_owned(), thing);
        }
    }
    seen
}

fn thing(path: &Path) -> Option<Thing> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    let mode = meta.permissions().mode();
    Some(if meta.is_symlink() {
        Thing::Link(std::fs::read_link(path).ok()?)
    } else if meta.is_dir() {
        Thing::Directory { mode }
    } else if meta.is_file() {
        Thing::File { mode, bytes: std::fs::read(path).unwrap_or_default() }
    } else {
        Thing::Other
    })
}

fn put(path: &Path, thing: &Thing) {
    match thing {
        Thing::Directory { mode } => {
            std::fs::create_dir_all(path).unwrap();
            std::fs::set_permissions(path, Permissions::from_mode(*mode)).unwrap();
        }
        Thing::File { mode, bytes } => {
            let _ = std::fs::remove_file(path);
            std::fs::write(path, bytes).unwrap();
            std::fs::set_permissions(path, Permissions::from_mode(*mode)).unwrap();
        }
        Thing::Link(target) => {
            let _ = std::fs::remove_file(path);
            symlink(target, path).unwrap();
        }
        Thing::Other => {}
    }
}
