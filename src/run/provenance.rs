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
        let leg = if rest.len() > 1 { Leg::OnTheWay } else { Leg::LastDirectoryOrFile };
        match keeper(&stat, leg, us) {
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

/// How far the walk is from the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    OnTheWay,
    LastDirectoryOrFile,
}

enum Keeper {
    Root,
    Us,
    Others,
}

/// Who can write one place. A POSIX ACL that lets others write shows in the group bits (acl(5): the mask), so the mode
/// tells. In a sticky directory such as `/tmp` others can create names but not replace ours, and a name that a
/// stranger created belongs to the stranger, which the next step sees; root's own it is not any more. The directory of
/// the program itself gets no such excuse: there a stranger's file would be found first, or none of ours is.
fn keeper(stat: &Stat, leg: Leg, us: u32) -> Keeper {
    let kind = FileType::from_raw_mode(stat.st_mode);
    let sticky = leg == Leg::OnTheWay && kind == FileType::Directory && stat.st_mode & 0o1000 != 0;
    let others_write = kind != FileType::Symlink && stat.st_mode & 0o022 != 0;
    match stat.st_uid {
        owner if others_write && sticky && (owner == 0 || owner == us) => Keeper::Us,
        _ if others_write => Keeper::Others,
        0 => Keeper::Root,
        owner if owner == us => Keeper::Us,
        _ => Keeper::Others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// The stories are told in the build directory, whose owner is known.
    fn here() -> tempfile::TempDir {
        let tests = std::env::current_exe().unwrap();
        let directory = tempfile::tempdir_in(tests.parent().unwrap()).unwrap();
        mode(directory.path(), 0o755);
        directory
    }

    fn mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// What a place of our own counts as, depending on who runs the test and where.
    fn own(directory: &Path) -> Custody {
        let own = custody(directory);
        assert!(own != Custody::Root || rustix::process::geteuid().is_root());
        own
    }

    fn weakest(path: &Path) -> Option<PathBuf> {
        match custody(path) {
            Custody::Others { weakest } => Some(weakest),
            Custody::Root | Custody::Owner => None,
        }
    }

    #[test]
    fn the_system_s_programs_are_in_root_s_custody() {
        assert_eq!(custody(Path::new("/bin/sh")), Custody::Root);
        assert_eq!(custody(Path::new("/usr/bin/../bin/./env")), Custody::Root);
    }

    #[test]
    fn a_place_that_others_may_write_is_named() {
        let directory = here();
        let base = own(directory.path());
        if let Custody::Others { weakest } = base {
            println!("SKIPPED provenance: others may write {}", weakest.display());
            assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "build where only you may write");
            return;
        }
        let sub = directory.path().join("sub");
        let file = sub.join("tool");
        std::fs::create_dir(&sub).unwrap();
        mode(&sub, 0o755);
        std::fs::write(&file, "").unwrap();
        mode(&file, 0o755);
        assert_eq!(custody(&file), base);
        for (place, loose) in [(&file, 0o775), (&file, 0o757), (&sub, 0o775), (&sub, 0o1777)] {
            mode(place, loose);
            assert_eq!(weakest(&file).as_ref(), Some(place), "{loose:o}");
            mode(place, 0o755);
        }
        // As below `/tmp`: nobody else can replace what is ours there, and it is not root's alone.
        mode(directory.path(), 0o1777);
        assert_eq!(custody(&file), Custody::Owner);
        mode(directory.path(), 0o755);
        assert_eq!(custody(&file), base);
    }

    #[test]
    fn links_are_followed_and_their_places_count() {
        let directory = here();
        let at = |name: &str| directory.path().join(name);
        let base = own(directory.path());
        symlink("/bin/sh", at("good")).unwrap();
        assert_eq!(custody(&at("good")), base, "to a good place, from ours");
        let open = tempfile::tempdir_in(directory.path()).unwrap();
        std::fs::write(open.path().join("tool"), "").unwrap();
        mode(open.path(), 0o1777);
        symlink(open.path().join("tool"), at("bad")).unwrap();
        assert!(weakest(&at("bad")).is_some(), "to a place like /tmp");
        symlink("bad", at("hop")).unwrap();
        assert!(weakest(&at("hop")).is_some(), "in two steps");
        symlink("round", at("round")).unwrap();
        assert_eq!(weakest(&at("round")), Some(at("round")));
        assert_eq!(weakest(&at("missing")), Some(at("missing")));
    }

    #[test]
    fn a_file_of_another_user_is_in_others_custody() {
        if !rustix::process::geteuid().is_root() {
            println!("SKIPPED provenance: giving a file away needs root");
            assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "run as root");
            return;
        }
        let directory = here();
        let file = directory.path().join("tool");
        std::fs::write(&file, "").unwrap();
        std::os::unix::fs::chown(&file, Some(12345), None).unwrap();
        assert_eq!(weakest(&file), Some(file));
    }
}
