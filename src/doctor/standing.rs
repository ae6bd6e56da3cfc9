//! How a path stands on disk, and who could change it.
//!
//! In: a path. Out: owner, mode, kind, volume. Never: follows the last link, or takes "could not look" for "is not there".

use super::Presence;
use rustix::fs::FileType;
use rustix::io::Errno;
use std::path::Path;

/// How a path stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is there.
    Missing,
    /// Something is there.
    There(Attributes),
    /// It cannot be looked at.
    Hidden {
        /// The system's words.
        cause: String,
    },
}

/// Owner, mode and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The owner's uid.
    pub owner: u32,
    /// The group's gid.
    pub group: u32,
    /// The permission bits, with set-id and sticky bits.
    pub mode: u32,
    /// Whether the path itself is a symbolic link.
    pub link: Presence,
    /// Whether it is a directory.
    pub directory: Presence,
}

impl Standing {
    /// Looks at a path, without following a link at its end.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self::from(rustix::fs::lstat(path))
    }

    /// Looks at what a path leads to.
    #[must_use]
    pub fn behind(path: &Path) -> Self {
        Self::from(rustix::fs::stat(path))
    }

    fn from(stat: Result<rustix::fs::Stat, Errno>) -> Self {
        let stat = match stat {
            Ok(stat) => stat,
            Err(Errno::NOENT | Errno::NOTDIR) => return Self::Missing,
            Err(error) => return Self::Hidden { cause: std::io::Error::from(error).kind().to_string() },
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        let is = |wanted| if kind == wanted { Presence::Present } else { Presence::Missing };
        // `st_mode` is 32 bits on Linux and 16 on macOS.
        #[cfg_attr(target_os = "linux", expect(clippy::useless_conversion, reason = "16 bits on macOS"))]
        let mode = u32::from(stat.st_mode) & 0o7777;
        Self::There(Attributes {
            owner: stat.st_uid,
            group: stat.st_gid,
            mode,
            link: is(FileType::Symlink),
            directory: is(FileType::Directory),
        })
    }
}

/// Somebody who might write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Their uid.
    pub uid: u32,
    /// Their groups, the first one included.
    pub groups: Vec<u32>,
}

impl Writer {
    /// Whether they can change what stands like this. An owner can, whatever the mode says: it is theirs to change.
    #[must_use]
    pub fn can_change(&self, attributes: &Attributes) -> bool {
        self.uid == 0
            || attributes.owner == self.uid
            || attributes.mode & 0o002 != 0
            || (attributes.mode & 0o020 != 0 && self.groups.contains(&attributes.group))
    }
}

/// What a directory lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its kind.
    pub file_system: FileSystem,
    /// Free bytes for ordinary users.
    pub free: Option<u64>,
}

/// A kind of file system, as far as locks and durability go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// A disk of this machine, or something that behaves like one.
    Local,
    /// Elsewhere: another host may hold other locks.
    Network(&'static str),
    /// In memory.
    Memory(&'static str),
    /// Cannot be told.
    Unknown,
}

impl Volume {
    /// Looks at the volume of a path, or of its nearest parent that exists.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let existing = path.ancestors().find(|path| path.exists()).unwrap_or(path);
        let free = rustix::fs::statvfs(existing).ok();
        let free = free.map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize));
        Self { file_system: file_system(existing), free }
    }
}

/// By the magic numbers of `statfs(2)` and linux/magic.h.
#[cfg(target_os = "linux")]
fn file_system(path: &Path) -> FileSystem {
    let Ok(stat) = rustix::fs::statfs(path) else { return FileSystem::Unknown };
    // The field's type differs between architectures; the numbers fit into 32 bits on all of them.
    match u32::try_from(stat.f_type & 0xffff_ffff) {
        Ok(0x6969) => FileSystem::Network("NFS"),
        Ok(0x517b | 0xff53_4d42 | 0xfe53_4d42) => FileSystem::Network("SMB"),
        Ok(0x5346_414f | 0x6b41_4653) => FileSystem::Network("AFS"),
        Ok(0x00c3_6400) => FileSystem::Network("Ceph"),
        Ok(0x0bd0_0bd0) => FileSystem::Network("Lustre"),
        Ok(0x0102_1997) => FileSystem::Network("9p"),
        // sshfs, s3fs and the like; it says nothing of what is behind.
        Ok(0x6573_5546) => FileSystem::Network("FUSE"),
        Ok(0x0102_1994 | 0x8584_58f6) => FileSystem::Memory("a file system in memory"),
        Ok(_) => FileSystem::Local,
        Err(_) => FileSystem::Unknown,
    }
}

/// Elsewhere the number is not portable; examine says that it cannot be told.
#[cfg(not(target_os = "linux"))]
fn file_system(_path: &Path) -> FileSystem {
    FileSystem::Unknown
}
