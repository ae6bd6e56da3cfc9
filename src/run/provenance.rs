//! Where a program came from, and who could exchange it.
//!
//! In: an absolute path. Out: [`Provenance`]. Never: a judgement - rules decide what a doubtful origin means.

use rustix::fs::{FileType, Stat};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows in one path (`MAXSYMLINKS`).
const MAX_LINKS: u32 = 40;

/// How a program was found, and who could put another in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// By a path, or by searching.
    pub found: FoundBy,
    /// Who can change the file, a directory above it, or a link on the way.
    pub custody: Custody,
}

/// How the program name led to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// The name had a slash in it.
    Slash,
    /// An absolute element of `PATH`.
    Search,
    /// An empty or relative element of `PATH`: what runs depends on the working directory.
    RelativeSearch,
}

/// Who, beside root, can exchange the file: the weakest link of file, directories and symbolic links counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Custody {
    /// Nobody: root owns all of it and no one else may write.
    Root,
    /// The user whom the gate runs as.
    Owner,
    /// Somebody else, or it could not be found out.
    Others {
        /// The weakest place: owned by, or writable for, others.
        weakest: PathBuf,
    },
}

/// Walks `path` from the root as the kernel does, following links, and looks at every place on the way.
pub(super) fn custody(path: &Path) -> Custody {
    let us = rustix::process::geteuid().as_raw();
    let mut rest: VecDeque<OsString> = path.components().map(|part| part.as_os_str().to_owned()).collect();
    let mut here = PathBuf::new();
    let mut held_by_us = false;
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        let back = here.clone();
        match Path::new(&part).components().next() {
            Some(Component::ParentDir) => {
                // `here` has no links left in it, so its parent is the real one.
                here.pop();
                continue;
            }
            Some(Component::RootDir) => here = PathBuf::from("/"),
            Some(Component::Normal(name)) => here.push(name),
            Some(Component::CurDir | Component::Prefix(_)) | None => continue,
        }
        let Ok(stat) = rustix::fs::lstat(&here) else { return Custody::Others { weakest: here } };
        match keeper(&stat, us) {
            Keeper::Root => {}
            Keeper::Us => held_by_us = true,
            Keeper::Others => return Custody::Others { weakest: here },
        }
        if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
            links += 1;
            let Some(target) = link(&here).filter(|_| links <= MAX_LINKS) else {
                return Custody::Others { weakest: here };
            };
            for part in target.components().rev() {
                rest.push_front(part.as_os_str().to_owned());
            }
            here = back;
        }
    }
    if held_by_us { Custody::Owner } else { Custody::Root }
}

fn link(path: &Path) -> Option<PathBuf> {
    let target = rustix::fs::readlink(path, Vec::new()).ok()?;
    Some(PathBuf::from(OsString::from_vec(target.into_bytes())))
}

enum Keeper {
    Root,
    Us,
    Others,
}

/// Who can write one place. A sticky `/tmp` counts as everybody's: anybody can put a file there first. A POSIX ACL
/// that lets others write shows in the group bits (acl(5): the mask), so the mode tells.
fn keeper(stat: &Stat, us: u32) -> Keeper {
    let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
    let others_write = !is_link && stat.st_mode & 0o022 != 0;
    match stat.st_uid {
        _ if others_write => Keeper::Others,
        0 => Keeper::Root,
        owner if owner == us => Keeper::Us,
        _ => Keeper::Others,
    }
}
