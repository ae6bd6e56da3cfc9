//! The SHA-256 of an executable, remembered.
//!
//! In: the open file and its identity; a cache directory. Out: the digest. Never: a digest of a state other than the
//! one named by the identity, and never trust in a cache entry that somebody else could have written.
//!
//! Hashing a 100 MB program takes 0.1-0.3 s; on the hot path that is the whole budget many times over. An entry is
//! bound to (device, inode, size, mtime, ctime), so a rewritten file misses. Residual: whoever runs as the same user
//! as the gate can write an entry as the gate would; only an installation under its own user closes that.

use super::identity::Identity;
pub use crate::bind::Digest;
use crate::clock;
use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Why there is no digest.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The content cannot be read, for example of a file with mode 0711.
    #[error("cannot read the program to hash it: {reason}; the command was not started")]
    Unreadable {
        /// The system's words.
        reason: String,
    },
    /// The file is not the one that was found any more.
    #[error("the program was changed while it was being hashed; the command was not started")]
    Changed,
}

impl From<io::Error> for DigestError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable { reason: super::describe(error.raw_os_error().unwrap_or(libc::EIO)) }
    }
}

/// The digest of `file` in the state `identity`.
pub(super) fn of(file: &File, identity: Identity, cache: Option<&Path>) -> Result<Digest, DigestError> {
    let cache = cache.and_then(Cache::open);
    if let Some(digest) = cache.as_ref().and_then(|cache| cache.recall(identity)) {
        return Ok(digest);
    }
    let digest = hash(file)?;
    let after = rustix::fs::fstat(file).map_err(io::Error::from)?;
    if Identity::of(&after) != identity {
        return Err(DigestError::Changed);
    }
    if let Some(cache) = cache.filter(|_| settled(identity)) {
        // A cache that cannot be written costs time and no truth.
        cache.keep(identity, digest).unwrap_or_default();
    }
    Ok(digest)
}

fn hash(file: &File) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut offset = 0;
    // Read by position: the descriptor's own offset may be shared with others.
    loop {
        let read = file.read_at(&mut buffer, offset)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        offset += part.len() as u64;
    }
    Ok(Digest::from(<[u8; 32]>::from(hasher.finalize())))
}

/// A file changed within the last two seconds may change again without a new time stamp (git calls it racily
/// clean): its digest is right now, and not worth remembering.
fn settled(identity: Identity) -> bool {
    const RACY_NS: i64 = 2_000_000_000;
    let now = clock::now().timestamp_nanos_opt().unwrap_or(0);
    now.saturating_sub(identity.ctime_ns) > RACY_NS
}

/// A directory of one small file per program, named by device and inode so that old states do not pile up.
struct Cache {
    directory: OwnedFd,
}

impl Cache {
    /// `None` when the directory is missing, not ours, or writable by others: then nothing in it is to be believed.
    fn open(path: &Path) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::open(path, flags, Mode::empty()).ok()?;
        let stat = rustix::fs::fstat(&directory).ok()?;
        (is_ours(&stat) && stat.st_mode & 0o022 == 0).then_some(Self { directory })
    }

    fn recall(&self, identity: Identity) -> Option<Digest> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let entry = rustix::fs::openat(self.directory.as_fd(), name(identity), flags, Mode::empty()).ok()?;
        let stat = rustix::fs::fstat(&entry).ok()?;
        let regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        // A second link could be a file of another place, moved here to be believed.
        if !regular || !is_ours(&stat) || stat.st_mode & 0o177 != 0 || stat.st_nlink != 1 {
            return None;
        }
        let mut text = String::new();
        File::from(entry).take(512).read_to_string(&mut text).ok()?;
        Digest::from_hex(text.strip_prefix(&prefix(identity))?.strip_suffix('\n')?)
    }

    fn keep(&self, identity: Identity, digest: Digest) -> Result<(), Errno> {
        let name = name(identity);
        let draft = format!(".{name}.{}", rustix::process::getpid().as_raw_nonzero());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let at = self.directory.as_fd();
        let file = rustix::fs::openat(at, &draft, flags, Mode::RUSR | Mode::WUSR)?;
        let written = File::from(file).write_all(format!("{}{digest}\n", prefix(identity)).as_bytes());
        let kept =
            written.map_err(|_error| Errno::IO).and_then(|()| rustix::fs::renameat(at, &draft, at, &name));
        if kept.is_err() {
            rustix::fs::unlinkat(at, &draft, rustix::fs::AtFlags::empty())?;
        }
        kept
    }
}

fn is_ours(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
}

fn name(identity: Identity) -> String {
    format!("{:x}-{:x}", identity.dev, identity.ino)
}

/// All that the digest depends on: an entry with any other beginning is about another state.
fn prefix(identity: Identity) -> String {
    let Identity { dev, ino, size, mtime_ns, ctime_ns } = identity;
    format!("sha256 1 {dev} {ino} {size} {mtime_ns} {ctime_ns} ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const FALSE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

    struct Stage {
        directory: tempfile::TempDir,
    }

    impl Stage {
        /// A file of `abc`, and an empty cache.
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("tool"), "abc").unwrap();
            std::fs::create_dir(directory.path().join("cache")).unwrap();
            Self { directory }
        }

        fn cache(&self) -> PathBuf {
            self.directory.path().join("cache")
        }

        fn tool(&self) -> (File, Identity) {
            let file = File::open(self.directory.path().join("tool")).unwrap();
            let identity = Identity::of(&rustix::fs::fstat(&file).unwrap());
            (file, identity)
        }

        fn entry(&self) -> PathBuf {
            self.cache().join(name(self.tool().1))
        }

        /// Puts an entry with a false digest, which only a reader that believes it would repeat.
        fn plant(&self, text: &str) {
            std::fs::write(self.entry(), text).unwrap();
            mode(&self.entry(), 0o600);
        }

        fn lie(&self) -> String {
            format!("{}{FALSE}\n", prefix(self.tool().1))
        }

        fn digest(&self) -> String {
            let (file, identity) = self.tool();
            of(&file, identity, Some(&self.cache())).unwrap().to_string()
        }
    }

    fn mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn without_a_cache_the_file_is_hashed() {
        let stage = Stage::new();
        let (file, identity) = stage.tool();
        assert_eq!(of(&file, identity, None).unwrap().to_string(), ABC);
    }

    #[test]
    fn an_entry_of_ours_about_this_state_is_believed() {
        let stage = Stage::new();
        stage.plant(&stage.lie());
        assert_eq!(stage.digest(), FALSE, "or the tests of disbelief below would prove nothing");
    }

    #[test]
    fn a_fresh_file_is_not_remembered_and_a_settled_one_is() {
        let stage = Stage::new();
        assert_eq!(stage.digest(), ABC);
        assert!(!stage.entry().exists());
        // The change time cannot be set back, so waiting is the only way.
        std::thread::sleep(std::time::Duration::from_millis(2050));
        assert_eq!(stage.digest(), ABC);
        let kept = std::fs::read_to_string(stage.entry()).unwrap();
        assert_eq!(kept, format!("{}{ABC}\n", prefix(stage.tool().1)));
        assert_eq!(std::fs::metadata(stage.entry()).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_dir(stage.cache()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn an_entry_about_another_state_is_not_believed() {
        let stage = Stage::new();
        let lie = stage.lie();
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::write(stage.directory.path().join("tool"), "abc").unwrap();
        stage.plant(&lie);
        assert_eq!(stage.digest(), ABC);
    }

    #[test]
    fn odd_entries_are_not_believed() {
        let stage = Stage::new();
        let lie = stage.lie();
        let odd = [
            String::new(),
            lie.trim_end().to_owned(),
            format!("{lie}\n"),
            format!(" {lie}"),
            lie.replace("000\n", "00G\n"),
            lie.replace("000\n", "00\n"),
            lie.replace("000\n", "00A\n"),
            lie.replace("sha256 1", "sha256 2"),
            format!("{}{}\n", prefix(stage.tool().1), "é".repeat(32)),
        ];
        for text in odd {
            stage.plant(&text);
            assert_eq!(stage.digest(), ABC, "{text:?}");
        }
    }

    #[test]
    fn entries_that_others_could_have_made_are_not_believed() {
        let stage = Stage::new();
        for loose in [0o620, 0o602, 0o640, 0o604, 0o700] {
            stage.plant(&stage.lie());
            mode(&stage.entry(), loose);
            assert_eq!(stage.digest(), ABC, "{loose:o}");
        }
        stage.plant(&stage.lie());
        std::fs::hard_link(stage.entry(), stage.cache().join("second")).unwrap();
        assert_eq!(stage.digest(), ABC, "second link");
        std::fs::remove_file(stage.entry()).unwrap();
        std::os::unix::fs::symlink("second", stage.entry()).unwrap();
        assert_eq!(stage.digest(), ABC, "symbolic link");
        std::fs::remove_file(stage.entry()).unwrap();
        std::fs::create_dir(stage.entry()).unwrap();
        assert_eq!(stage.digest(), ABC, "directory");
    }

    #[test]
    fn an_entry_of_another_user_is_not_believed() {
        if !rustix::process::geteuid().is_root() {
            println!("SKIPPED digest: giving a file away needs root");
            assert!(std::env::var_os("REMGATE_REQUIRE_ALL").is_none(), "run as root");
            return;
        }
        let stage = Stage::new();
        stage.plant(&stage.lie());
        std::os::unix::fs::chown(stage.entry(), Some(12345), None).unwrap();
        assert_eq!(stage.digest(), ABC);
        stage.plant(&stage.lie());
        std::os::unix::fs::chown(stage.entry(), Some(0), None).unwrap();
        std::os::unix::fs::chown(stage.cache(), Some(12345), None).unwrap();
        assert_eq!(stage.digest(), ABC, "directory");
    }

    #[test]
    fn a_directory_that_others_may_write_is_not_used() {
        let stage = Stage::new();
        stage.plant(&stage.lie());
        for loose in [0o770, 0o707, 0o1777] {
            mode(&stage.cache(), loose);
            assert_eq!(stage.digest(), ABC, "{loose:o}");
        }
        mode(&stage.cache(), 0o700);
        let link = stage.directory.path().join("link");
        std::os::unix::fs::symlink("cache", &link).unwrap();
        let (file, identity) = stage.tool();
        assert_eq!(of(&file, identity, Some(&link)).unwrap().to_string(), ABC, "symbolic link");
        assert_eq!(of(&file, identity, Some(&stage.directory.path().join("none"))).unwrap().to_string(), ABC);
    }

    #[test]
    fn a_file_that_changed_since_it_was_found_has_no_digest() {
        let stage = Stage::new();
        let (file, identity) = stage.tool();
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::write(stage.directory.path().join("tool"), "abd").unwrap();
        assert!(matches!(of(&file, identity, Some(&stage.cache())), Err(DigestError::Changed)));
    }
}
