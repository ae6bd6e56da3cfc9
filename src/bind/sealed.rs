//! Bytes that cannot change any more.
//!
//! In: bytes as they are read. Out: a [`Sealed`] copy in memory, for a child to read. Never: a copy that is believed
//! because of what was written to it. Whoever runs as the same user can open `/proc/PID/fd/N` and write until the seals
//! are on, so the digest is taken of what is there afterwards.

use super::{BindError, Digest, describe};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

/// What one copy may hold: standard input of a person's command, a plan, a dump of a table. More is no text that anybody
/// approves, and would lie in memory while the request waits.
pub(super) const LARGEST: u64 = 64 << 20;

/// A copy of approved bytes.
#[derive(Debug)]
pub struct Sealed {
    file: File,
    sha256: Digest,
    bytes: u64,
}

impl Sealed {
    /// A copy of these bytes.
    ///
    /// # Errors
    /// [`BindError::NoCopy`].
    pub fn of(bytes: &[u8]) -> Result<Self, BindError> {
        let mut draft = Draft::new()?;
        draft.write(bytes)?;
        draft.seal()
    }

    /// Of the bytes as they are behind the seals.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// How many there are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All of them, for keeping until the request is resumed.
    ///
    /// # Errors
    /// [`BindError::NoCopy`].
    pub fn to_vec(&self) -> Result<Vec<u8>, BindError> {
        let mut all = vec![0; usize::try_from(self.bytes).unwrap_or(usize::MAX)];
        self.file.read_exact_at(&mut all, 0).map_err(no_copy)?;
        Ok(all)
    }

    /// A descriptor for one child, which reads from the first byte on.
    ///
    /// # Errors
    /// [`BindError::NoCopy`].
    pub fn descriptor(&self) -> Result<OwnedFd, BindError> {
        reopened(&self.file).map_err(no_copy)
    }
}

/// A copy that is still written.
pub(super) struct Draft {
    file: File,
    written: Sha256,
    bytes: u64,
}

impl Draft {
    pub(super) fn new() -> Result<Self, BindError> {
        Ok(Self { file: create().map_err(no_copy)?, written: Sha256::new(), bytes: 0 })
    }

    pub(super) fn write(&mut self, part: &[u8]) -> Result<(), BindError> {
        self.file.write_all(part).map_err(no_copy)?;
        self.written.update(part);
        self.bytes = self.bytes.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn seal(self) -> Result<Sealed, BindError> {
        close_for_good(&self.file).map_err(no_copy)?;
        let (sha256, bytes) = behind_the_seals(&self.file).map_err(no_copy)?;
        if (sha256, bytes) != (Digest::from(self.written), self.bytes) {
            return Err(BindError::NoCopy { reason: "somebody wrote to it".to_owned() });
        }
        Ok(Sealed { file: self.file, sha256, bytes })
    }
}

fn no_copy(error: io::Error) -> BindError {
    BindError::NoCopy { reason: describe(error) }
}

fn behind_the_seals(file: &File) -> io::Result<(Digest, u64)> {
    let (mut hasher, mut buffer, mut offset) = (Sha256::new(), vec![0; 64 * 1024], 0_u64);
    loop {
        let read = file.read_at(&mut buffer, offset)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok((Digest::from(hasher), offset))
}

#[cfg(target_os = "linux")]
fn create() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Nobody executes it. Kernels before 6.3 do not know the flag, and some are set up to want it.
    let made = match memfd_create(c"approved", flags | MemfdFlags::NOEXEC_SEAL) {
        Err(rustix::io::Errno::INVAL) => memfd_create(c"approved", flags)?,
        other => other?,
    };
    Ok(File::from(made))
}

#[cfg(target_os = "linux")]
fn close_for_good(file: &File) -> io::Result<()> {
    use rustix::fs::{SealFlags, fcntl_add_seals};
    let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    Ok(fcntl_add_seals(file, seals)?)
}

/// Fallback elsewhere: a file without a name, which only a holder of a descriptor can write to.
#[cfg(not(target_os = "linux"))]
fn create() -> io::Result<File> {
    nameless()
}

/// Fallback elsewhere: nothing seals a file; that it has no name keeps others away.
#[cfg(not(target_os = "linux"))]
fn close_for_good(_file: &File) -> io::Result<()> {
    Ok(())
}

/// A file that never had a name for longer than it took to make it.
#[cfg(any(not(target_os = "linux"), test))]
fn nameless() -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = format!(".remgate-{:032x}", u128::from_ne_bytes(random));
    let path = std::env::temp_dir().join(name);
    let file = std::fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// Opened again through `/proc`, for reading alone and with an offset of its own. Where that is missing the same open
/// file serves, set back to its beginning.
fn reopened(file: &File) -> io::Result<OwnedFd> {
    use rustix::fs::{Mode, OFlags};
    let name = format!("/proc/self/fd/{}", file.as_fd().as_raw_fd());
    if cfg!(target_os = "linux")
        && let Ok(own) = rustix::fs::open(name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
    {
        return Ok(own);
    }
    let mut same = file.try_clone()?;
    same.rewind()?;
    Ok(same.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn all(descriptor: OwnedFd) -> Vec<u8> {
        let mut bytes = Vec::new();
        File::from(descriptor).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_copy_is_read_from_its_beginning_each_time() {
        let copy = Sealed::of(b"abc").unwrap();
        assert_eq!((copy.bytes(), copy.sha256()), (3, Digest::of(b"abc")));
        assert_eq!(all(copy.descriptor().unwrap()), b"abc");
        assert_eq!(all(copy.descriptor().unwrap()), b"abc");
        assert_eq!(copy.to_vec().unwrap(), b"abc");
        assert_eq!(all(Sealed::of(b"").unwrap().descriptor().unwrap()), b"");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn nobody_writes_to_a_sealed_copy() {
        let copy = Sealed::of(b"abc").unwrap();
        let errno = |result: io::Result<()>| result.unwrap_err().raw_os_error();
        assert_eq!(errno((&copy.file).write_all(b"x")), Some(libc::EPERM));
        assert_eq!(errno(copy.file.set_len(1)), Some(libc::EPERM));
        assert_eq!(errno(copy.file.set_len(9)), Some(libc::EPERM));
        let path = format!("/proc/self/fd/{}", copy.file.as_raw_fd());
        let mut again = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        assert_eq!(errno(again.write_all(b"x")), Some(libc::EPERM));
    }

    /// The attack of the module's head.
    #[test]
    #[cfg(target_os = "linux")]
    fn what_was_swapped_before_the_seals_is_noticed() {
        for attack in ["abd", "abcd", "a"] {
            let mut draft = Draft::new().unwrap();
            draft.write(b"abc").unwrap();
            std::fs::write(format!("/proc/self/fd/{}", draft.file.as_raw_fd()), attack).unwrap();
            assert!(matches!(draft.seal(), Err(BindError::NoCopy { .. })), "{attack}");
        }
    }

    #[test]
    fn the_fallback_has_no_name() {
        let mut file = nameless().unwrap();
        file.write_all(b"abc").unwrap();
        let links = std::os::unix::fs::MetadataExt::nlink(&file.metadata().unwrap());
        assert_eq!((links, behind_the_seals(&file).unwrap()), (0, (Digest::of(b"abc"), 3)));
    }
}
