//! An inbox that is a directory: `DIR/7f/7f3k2m9qv0ab.request` and `DIR/7f/7f3k2m9qv0ab.<16 hex>.vote`.
//!
//! The shards (the first two letters of an id) keep each listing short: ten thousand old requests cost a new one nothing.
//! In the shared inbox they belong to root and are sticky, so that nobody takes away what somebody else put there - no
//! requester the vote that refuses the request - and set-group-id, so that the group may read what its members put.
//! Nor can a vote be buried: more of them than anybody casts stop the request instead of being looked at in part.

use super::{Inbox, InboxError};
use crate::journal::ActionId;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Where the inbox of a machine is, once it was set up.
pub const SHARED: &str = "/var/lib/remgate/requests";

/// The letters that ids are made of; every pair of them is a shard.
pub const SHARDS: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// No request is longer, in bytes.
const LARGEST: u64 = 256 * 1024;
/// No vote is longer, in bytes: a thousand as long as requests would be a quarter of a gigabyte at each look.
const LARGEST_VOTE: u64 = 16 * 1024;

/// So many votes on one request are looked at. More is somebody who wants to waste time, or to bury a rejection: then
/// none counts, since to leave some out is to let the flood choose which.
const MOST_VOTES: usize = 1000;

/// Sticky: only root and whoever put a file there take it away.
const STICKY: u32 = 0o1000;
/// Set-group-id: what is put there belongs to the group.
const SET_GROUP_ID: u32 = 0o2000;

/// An inbox on this machine.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    root: OwnedFd,
    share: Share,
}

/// Who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// One account: shards are made as they are needed, 0700.
    Own,
    /// The members of this group: the shards are there.
    Group { group: u32 },
}

impl Directory {
    /// The inbox of one account, made where it is missing.
    ///
    /// # Errors
    /// It cannot be made, or others could write it.
    pub fn own(path: &Path) -> Result<Self, InboxError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| InboxError::io("make", path, error))?;
        let root = open_directory(CWD, path, path)?;
        let stat = rustix::fs::fstat(&root).map_err(|error| InboxError::io("look at", path, error))?;
        let owner = rustix::process::geteuid().as_raw();
        if stat.st_uid != owner || stat.st_mode & 0o022 != 0 {
            let why = format!("others than user id {owner} could write it");
            return Err(InboxError::Unfit { path: path.to_owned(), why });
        }
        Ok(Self { path: path.to_owned(), root, share: Share::Own })
    }

    /// The inbox of the machine at `path`; `None` where it was not set up.
    ///
    /// # Errors
    /// It was set up so that somebody could take away what others put there, or this account may not use it.
    pub fn shared(path: &Path) -> Result<Option<Self>, InboxError> {
        let unfit = |path: &Path, why: &str| InboxError::Unfit { path: path.to_owned(), why: why.to_owned() };
        let root = match rustix::fs::open(path, DIRECTORY, Mode::empty()) {
            Ok(root) => root,
            Err(Errno::NOENT) => return Ok(None),
            // Linux answers ENOTDIR for a link that may not be followed, macOS ELOOP.
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(unfit(path, "it is no directory")),
            Err(error) => return Err(InboxError::io("open", path, error)),
        };
        let stat = rustix::fs::fstat(&root).map_err(|error| InboxError::io("look at", path, error))?;
        let group = match stat.st_mode & 0o7777 {
            _ if stat.st_uid != 0 => return Err(unfit(path, "it must belong to root")),
            mode if mode & 0o022 != 0 => {
                return Err(unfit(path, "only root may write it; its shards are what the group writes"));
            }
            _ => stat.st_gid,
        };
        // Who may write a directory above can put another inbox here, one without the rejection.
        if let Some(above) = path.ancestors().skip(1).find(|above| !above_is_roots(above)) {
            return Err(unfit(path, &format!("others than root could exchange `{}`", above.display())));
        }
        Ok(Some(Self { path: path.to_owned(), root, share: Share::Group { group } }))
    }

    /// Looks at every shard of a shared inbox, where each call looks only at its own.
    ///
    /// # Errors
    /// The first that is missing, or in which somebody could take away what others put there.
    pub fn every_shard(&self) -> Result<(), InboxError> {
        for name in shards() {
            let path = self.path.join(&name);
            self.fit(&self.open_shard(&name, &path)?, &path)?;
        }
        Ok(())
    }

    fn open_shard(&self, name: &str, path: &Path) -> Result<OwnedFd, InboxError> {
        let why = match rustix::fs::openat(&self.root, name, DIRECTORY, Mode::empty()) {
            Ok(shard) => return Ok(shard),
            Err(Errno::NOENT) => "its shard is missing",
            Err(Errno::NOTDIR | Errno::LOOP) => "its shard is no directory",
            // Whoever came this far may use the inbox.
            Err(Errno::ACCESS) if self.share != Share::Own => "its shard is closed to the group of the inbox",
            Err(error) => return Err(InboxError::io("open", path, error)),
        };
        Err(InboxError::Unfit { path: path.to_owned(), why: why.to_owned() })
    }

    /// The shard of an id, open.
    fn shard(&self, id: &ActionId) -> Result<Shard, InboxError> {
        let name = id.as_str().get(..2).unwrap_or_default();
        let path = self.path.join(name);
        if self.share == Share::Own {
            match rustix::fs::mkdirat(&self.root, name, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(InboxError::io("make", path, error)),
            }
        }
        let root = self.open_shard(name, &path)?;
        self.fit(&root, &path)?;
        Ok(Shard { root, path, share: self.share })
    }

    /// In a shard that is not sticky, or that a member owns, that member could take votes away.
    fn fit(&self, shard: &OwnedFd, path: &Path) -> Result<(), InboxError> {
        let stat = rustix::fs::fstat(shard).map_err(|error| InboxError::io("look at", path, error))?;
        let why = match self.share {
            Share::Group { .. } if stat.st_uid != 0 => "its shard must belong to root",
            Share::Group { .. } if stat.st_mode & STICKY == 0 => "its shard must be sticky",
            Share::Group { .. } if stat.st_mode & 0o002 != 0 => "its shard must not be open to everybody",
            // A rejection that the gate of the requester cannot read is one that does not count.
            Share::Group { group } if stat.st_gid != group || stat.st_mode & SET_GROUP_ID == 0 => {
                "what is put into its shard must belong to the group of the inbox (set-group-id)"
            }
            Share::Own if stat.st_mode & 0o022 != 0 => "others could write its shard",
            Share::Own | Share::Group { .. } => return Ok(()),
        };
        Err(InboxError::Unfit { path: path.to_owned(), why: why.to_owned() })
    }
}

/// The names of all shards.
pub(crate) fn shards() -> impl Iterator<Item = String> {
    SHARDS.chars().flat_map(|first| SHARDS.chars().map(move |second| format!("{first}{second}")))
}

/// Whether only root can give a name in this directory to something else. Of a sticky one (`/tmp`) others can use free
/// names, but root's stay.
fn above_is_roots(directory: &Path) -> bool {
    let Ok(stat) = rustix::fs::stat(directory) else { return false };
    stat.st_uid == 0 && (stat.st_mode & 0o022 == 0 || stat.st_mode & STICKY != 0)
}

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

fn open_directory(at: impl AsFd, name: &Path, path: &Path) -> Result<OwnedFd, InboxError> {
    rustix::fs::openat(at, name, DIRECTORY, Mode::empty())
        .map_err(|error| InboxError::io("open", path, error))
}

/// One directory of requests and their votes.
struct Shard {
    root: OwnedFd,
    path: PathBuf,
    share: Share,
}

impl Shard {
    /// The bytes of a file, at most `limit`; `None` where there is none. Whatever is no plain file is refused and not waited
    /// for.
    fn read(&self, name: &OsStr, limit: u64) -> Result<Option<Vec<u8>>, InboxError> {
        let path = self.path.join(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.root, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(InboxError::io("read", path, error)),
        };
        let stat = rustix::fs::fstat(&file).map_err(|error| InboxError::io("read", &path, error))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(InboxError::Odd { path, limit });
        }
        let mut bytes = Vec::new();
        let read = File::from(file).take(limit.saturating_add(1)).read_to_end(&mut bytes);
        match read.map_err(|error| InboxError::io("read", &path, error))? as u64 {
            read if read <= limit => Ok(Some(bytes)),
            _ => Err(InboxError::Odd { path, limit }),
        }
    }

    /// Writes a file whole or not at all; `false` where the name is taken.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<Written, InboxError> {
        let path = self.path.join(name);
        let failed = |error: Errno| InboxError::io("write", self.path.join(name), error);
        let draft = format!(".{name}.{}", rustix::process::getpid().as_raw_nonzero());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = match self.share {
            Share::Own => Mode::RUSR | Mode::WUSR,
            Share::Group { .. } => Mode::RUSR | Mode::WUSR | Mode::RGRP,
        };
        // What an earlier process of this number left behind.
        let _ = rustix::fs::unlinkat(&self.root, &draft, AtFlags::empty());
        let file = rustix::fs::openat(&self.root, &draft, flags, mode).map_err(failed)?;
        // The umask of an agent may be anything.
        rustix::fs::fchmod(&file, mode).map_err(failed)?;
        let mut file = File::from(file);
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        let named = written
            .map_err(|error| InboxError::io("write", &path, error))
            .and_then(|()| rename_new(&self.root, &draft, name).map_err(failed));
        if named.as_ref().is_ok_and(|named| *named == Written::New) {
            rustix::fs::fsync(&self.root).map_err(failed)?;
        } else {
            let _ = rustix::fs::unlinkat(&self.root, &draft, AtFlags::empty());
        }
        named
    }

    /// The names that begin and end so.
    fn names(&self, begin: &str, end: &str) -> Result<Vec<std::ffi::OsString>, InboxError> {
        let failed = |error| InboxError::io("list", &self.path, error);
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.root).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_bytes();
            if name.starts_with(begin.as_bytes()) && name.ends_with(end.as_bytes()) {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// Whether a name was free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    New,
    Taken,
}

/// Gives a finished file its name, if nothing has it.
#[cfg(target_os = "linux")]
fn rename_new(directory: &OwnedFd, from: &str, to: &str) -> Result<Written, Errno> {
    match rustix::fs::renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(Written::New),
        Err(Errno::EXIST) => Ok(Written::Taken),
        // File systems without this flag (NFS) have links.
        Err(Errno::INVAL | Errno::NOSYS) => link_new(directory, from, to),
        Err(error) => Err(error),
    }
}

/// Elsewhere by a second link, which fails as surely where the name is taken.
#[cfg(not(target_os = "linux"))]
fn rename_new(directory: &OwnedFd, from: &str, to: &str) -> Result<Written, Errno> {
    link_new(directory, from, to)
}

fn link_new(directory: &OwnedFd, from: &str, to: &str) -> Result<Written, Errno> {
    match rustix::fs::linkat(directory, from, directory, to, AtFlags::empty()) {
        Ok(()) => rustix::fs::unlinkat(directory, from, AtFlags::empty()).map(|()| Written::New),
        Err(Errno::EXIST) => Ok(Written::Taken),
        Err(error) => Err(error),
    }
}

impl Inbox for Directory {
    fn put(&self, id: &ActionId, request: &[u8]) -> Result<(), InboxError> {
        let name = format!("{id}.request");
        match self.shard(id)?.write(&name, request)? {
            Written::New => Ok(()),
            Written::Taken => Err(InboxError::io("write", self.path.join(name), Errno::EXIST)),
        }
    }

    fn request(&self, id: &ActionId) -> Result<Option<Vec<u8>>, InboxError> {
        self.shard(id)?.read(OsStr::new(&format!("{id}.request")), LARGEST)
    }

    fn vote(&self, id: &ActionId, vote: &[u8]) -> Result<(), InboxError> {
        let digest: [u8; 32] = Sha256::digest(vote).into();
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let (shard, name) = (self.shard(id)?, format!("{id}.{digest}.vote"));
        match shard.write(&name, vote)? {
            Written::New => Ok(()),
            // The same vote, or somebody in the way of it.
            Written::Taken if shard.read(OsStr::new(&name), LARGEST_VOTE)?.as_deref() == Some(vote) => Ok(()),
            Written::Taken => Err(InboxError::io("write", shard.path.join(name), Errno::EXIST)),
        }
    }

    fn votes(&self, id: &ActionId) -> Result<Vec<Vec<u8>>, InboxError> {
        let shard = self.shard(id)?;
        let names = shard.names(&format!("{id}."), ".vote")?;
        if names.len() > MOST_VOTES {
            return Err(InboxError::Crowded { path: shard.path, id: id.clone(), most: MOST_VOTES });
        }
        let mut votes = Vec::new();
        for name in names {
            match shard.read(&name, LARGEST_VOTE) {
                Ok(vote) => votes.extend(vote),
                Err(error) if error.is_its_own_fault() => {}
                // A disk or a limit on open files that fails now may hide a rejection.
                Err(error) => return Err(error),
            }
        }
        Ok(votes)
    }

    fn list(&self) -> Result<Vec<ActionId>, InboxError> {
        let failed = |error| InboxError::io("list", &self.path, error);
        let mut ids = Vec::new();
        for entry in Dir::read_from(&self.root).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name.len() != 2 || !name.chars().all(|letter| SHARDS.contains(letter)) {
                continue;
            }
            let path = self.path.join(name);
            let root = open_directory(self.root.as_fd(), Path::new(name), &path)?;
            let shard = Shard { root, path, share: self.share };
            let names = shard.names(name, ".request")?;
            ids.extend(
                names.iter().filter_map(|name| ActionId::parse(name.to_str()?.strip_suffix(".request")?)),
            );
        }
        ids.sort_unstable();
        Ok(ids)
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    fn id(text: &str) -> ActionId {
        ActionId::parse(text).unwrap()
    }

    #[test]
    fn requests_and_votes_come_back_as_they_were_put() {
        let place = tempfile::tempdir().unwrap();
        let inbox = Directory::own(&place.path().join("state/requests")).unwrap();
        let (one, other) = (id("7f3k2m9qv0ab"), id("7f3k2m9qv0ac"));
        assert_eq!(inbox.request(&one).unwrap(), None);
        inbox.put(&one, b"one\n").unwrap();
        inbox.put(&other, b"other\n").unwrap();
        assert!(inbox.put(&one, b"exchanged\n").is_err(), "a request was exchanged");
        assert_eq!(inbox.request(&one).unwrap().as_deref(), Some(&b"one\n"[..]));
        for vote in [b"yes", b"no!", b"yes"] {
            inbox.vote(&one, vote).unwrap();
        }
        let mut votes = inbox.votes(&one).unwrap();
        votes.sort();
        assert_eq!(votes, [b"no!", b"yes"]);
        assert_eq!(inbox.votes(&other).unwrap().len(), 0);
        assert_eq!(inbox.list().unwrap(), [one, other]);
    }

    #[test]
    fn hostile_entries_neither_hang_nor_hide_the_others() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("requests");
        let inbox = Directory::own(&root).unwrap();
        let one = id("7f3k2m9qv0ab");
        inbox.put(&one, b"one\n").unwrap();
        inbox.vote(&one, b"yes").unwrap();
        let shard = root.join("7f");
        rustix::fs::mknodat(
            CWD,
            shard.join("7f3k2m9qv0ab.aaaaaaaaaaaaaaaa.vote"),
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        std::os::unix::fs::symlink("/etc/shadow", shard.join("7f3k2m9qv0ab.bbbbbbbbbbbbbbbb.vote")).unwrap();
        assert_eq!(LARGEST_VOTE, crate::quorum::MAX_VOTE as u64, "a vote that could count was passed by");
        std::fs::write(shard.join("7f3k2m9qv0ab.cccccccccccccccc.vote"), vec![0; LARGEST_VOTE as usize + 1])
            .unwrap();
        std::fs::create_dir(shard.join("7f3k2m9qv0ab.dddddddddddddddd.vote")).unwrap();
        assert_eq!(inbox.votes(&one).unwrap(), [b"yes"]);
        std::fs::remove_file(shard.join("7f3k2m9qv0ab.request")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", shard.join("7f3k2m9qv0ab.request")).unwrap();
        assert!(inbox.request(&one).is_err(), "a request was read through a link");
    }

    #[test]
    fn what_others_could_write_is_no_inbox() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("requests");
        Directory::own(&root).unwrap();
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Directory::own(&root), Err(InboxError::Unfit { .. })));
        assert!(matches!(Directory::shared(&root), Err(InboxError::Unfit { .. })));
        assert!(Directory::shared(&place.path().join("nowhere")).unwrap().is_none());
    }

    #[test]
    fn a_flood_of_votes_buries_no_rejection() {
        let place = tempfile::tempdir().unwrap();
        let inbox = Directory::own(place.path()).unwrap();
        let one = id("7f3k2m9qv0ab");
        inbox.put(&one, b"one\n").unwrap();
        for number in 0..MOST_VOTES {
            std::fs::write(place.path().join(format!("7f/{one}.{number:016}.vote")), b"junk").unwrap();
        }
        assert_eq!(inbox.votes(&one).unwrap().len(), MOST_VOTES);
        // Named so that it is the last of them.
        std::fs::write(place.path().join(format!("7f/{one}.ffffffffffffffff.vote")), b"no").unwrap();
        let error = inbox.votes(&one).unwrap_err();
        assert!(error.to_string().contains("more than 1000 votes on 7f3k2m9qv0ab"), "{error}");
        assert!(error.help().contains("ls -l"));
    }

    /// A shared inbox as `doctor --setup` makes it, with one shard; `None` where only root could make one.
    fn shared(place: &Path, test: &str) -> Option<PathBuf> {
        if !rustix::process::geteuid().is_root() {
            println!("SKIPPED {test}: it needs root");
            assert!(
                std::env::var_os("REMGATE_REQUIRE_ALL").is_none_or(|all| all != "1"),
                "{test}: needs root"
            );
            return None;
        }
        let root = place.join("requests");
        std::fs::create_dir_all(root.join("7f")).unwrap();
        set(&root, 0, 0o750);
        set(&root.join("7f"), 0, 0o3770);
        Some(root)
    }

    /// Root's, a group's that nobody else has, and of this mode - or of another owner.
    fn set(path: &Path, owner: u32, mode: u32) {
        std::os::unix::fs::chown(path, Some(owner), Some(4999)).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_shared_inbox_is_used_only_as_setup_makes_it() {
        let place = tempfile::tempdir().unwrap();
        let Some(root) = shared(place.path(), "a_shared_inbox_is_used_only_as_setup_makes_it") else {
            return;
        };
        let one = id("7f3k2m9qv0ab");
        let used = || Directory::shared(&root).map(Option::unwrap)?.put(&one, b"one\n");
        let shard = root.join("7f");
        used().unwrap();
        assert_eq!(std::fs::metadata(shard.join(format!("{one}.request"))).unwrap().mode() & 0o7777, 0o640);
        type Spoil<'a> = (&'a str, &'a dyn Fn());
        let spoiled: [Spoil<'_>; 9] = [
            ("it must belong to root", &|| set(&root, 5, 0o750)),
            ("only root may write it", &|| set(&root, 0, 0o770)),
            ("only root may write it", &|| set(&root, 0, 0o752)),
            ("its shard must belong to root", &|| set(&shard, 5, 0o3770)),
            ("its shard must be sticky", &|| set(&shard, 0, 0o2770)),
            ("its shard must not be open to everybody", &|| set(&shard, 0, 0o3772)),
            ("(set-group-id)", &|| set(&shard, 0, 0o1770)),
            ("(set-group-id)", &|| std::os::unix::fs::chown(&shard, None, Some(4998)).unwrap()),
            ("others than root could exchange", &|| set(place.path(), 0, 0o775)),
        ];
        for (words, spoil) in spoiled {
            spoil();
            let error = used().unwrap_err();
            assert!(
                matches!(error, InboxError::Unfit { .. }) && error.to_string().contains(words),
                "{error}"
            );
            assert!(error.help().contains("`remgate doctor --setup`"), "{words}: {}", error.help());
            set(&root, 0, 0o750);
            set(&shard, 0, 0o3770);
            set(place.path(), 0, 0o755);
        }
        // Sound again: the id is taken, and that is all.
        assert!(matches!(used(), Err(InboxError::Io { .. })));
    }

    #[test]
    fn links_and_missing_shards_are_no_shared_inbox() {
        let place = tempfile::tempdir().unwrap();
        let Some(root) = shared(place.path(), "links_and_missing_shards_are_no_shared_inbox") else { return };
        let inbox = || Directory::shared(&root).map(Option::unwrap);
        let unfit = |result: Result<(), InboxError>, words: &str| {
            let error = result.unwrap_err();
            assert!(
                matches!(error, InboxError::Unfit { .. }) && error.to_string().contains(words),
                "{error}"
            );
        };
        unfit(inbox().unwrap().put(&id("7g3k2m9qv0ab"), b"one\n"), "its shard is missing");
        unfit(inbox().unwrap().every_shard(), "00` cannot be used");
        for name in shards().filter(|name| name != "7f") {
            std::fs::create_dir(root.join(&name)).unwrap();
            set(&root.join(&name), 0, 0o3770);
        }
        inbox().unwrap().every_shard().unwrap();
        std::fs::rename(root.join("zz"), root.join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere", root.join("zz")).unwrap();
        unfit(
            inbox().unwrap().every_shard(),
            "zz` cannot be used as a shared inbox: its shard is no directory",
        );
        std::fs::rename(&root, place.path().join("real")).unwrap();
        std::os::unix::fs::symlink("real", &root).unwrap();
        unfit(Directory::shared(&root).map(drop), "it is no directory");
    }
}
