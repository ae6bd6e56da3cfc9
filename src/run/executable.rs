//! Which file a program name means, found once.
//!
//! In: the program as typed, the search path, the working directory. Out: an [`Executable`]: the opened file, its
//! identity, and how the kernel will treat it. Never: a second look-up by name for a native program - what was
//! hashed, shown and approved is the open file itself.

use super::digest::{self, Digest, DigestError};
use super::identity::Identity;
use super::provenance::{self, FoundBy, Provenance};
use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What `execvp` searches when `PATH` is not set: `confstr(_CS_PATH)` of glibc.
const DEFAULT_SEARCH: &[u8] = b"/bin:/usr/bin";

/// `NAME_MAX` of every Linux file system; a longer name cannot be found, and `execvp` says so at once.
const NAME_MAX: usize = 255;

/// What the kernel will do with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An ELF file for this very machine: it runs itself, so it can be started from its descriptor.
    Native,
    /// `#!`: the kernel starts another program, which opens this file again by its name.
    Script,
    /// Anything else: text that `execvp` hands to `/bin/sh`, a foreign machine's program that `binfmt_misc` hands
    /// to an emulator, or a file that may be run but not read.
    Other,
}

/// Resolved once: what will be started.
#[derive(Debug)]
pub struct Executable {
    path: PathBuf,
    spelled: PathBuf,
    found: FoundBy,
    identity: Identity,
    file: File,
    kind: Kind,
}

/// Why a program name leads to nothing that can be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No such file: exit code 127.
    #[error("cannot find `{program}`: {reason}; the command was not started")]
    NotFound {
        /// As typed, lossily decoded.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// There is a file and it cannot be run: exit code 126.
    #[error("cannot run `{program}`: {reason}; the command was not started")]
    NotExecutable {
        /// As typed, lossily decoded.
        program: String,
        /// The system's words.
        reason: String,
    },
}

impl ResolveError {
    fn new(program: &OsStr, errno: Errno) -> Self {
        let program = program.to_string_lossy().into_owned();
        let reason = super::describe(errno.raw_os_error());
        match super::exit_code_of(errno.raw_os_error()) {
            127 => Self::NotFound { program, reason },
            _ => Self::NotExecutable { program, reason },
        }
    }

    /// What stands in the place of a program that was handed on already.
    #[must_use]
    pub fn taken() -> Self {
        Self::NotFound { program: String::new(), reason: "it was handed on already".to_owned() }
    }

    /// 127 for what is not there, 126 for what cannot be run, as `env` answers.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound { .. } => 127,
            Self::NotExecutable { .. } => 126,
        }
    }
}

/// Finds and opens `program` the way `execvp` would: a name with a slash is a path; any other is looked for in each
/// element of `search` (the value of `PATH`; `None` when unset), an empty element being the working directory.
///
/// `cwd` must be the process's working directory; it only serves to make [`Executable::path`] absolute.
///
/// # Errors
/// [`ResolveError`], with the exit code that `env` would give.
pub fn resolve(program: &OsStr, search: Option<&OsStr>, cwd: &Path) -> Result<Executable, ResolveError> {
    let fail = |errno| ResolveError::new(program, errno);
    let (spelled, found, opened) = find(program, search).map_err(fail)?;
    let kind = opened.file_kind();
    Ok(Executable {
        path: cwd.join(&spelled),
        spelled,
        found,
        identity: opened.identity,
        file: opened.file,
        kind,
    })
}

impl Executable {
    /// The absolute path, as found; links in it are not followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as `execvp` would spell it: what an interpreter is told, so that `$0` stays what it was.
    pub(super) fn spelled(&self) -> &Path {
        &self.spelled
    }

    /// The state of the file when it was found.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// What the kernel will do with it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// SHA-256 of the content, from `cache` when the same state of the same file was hashed before.
    ///
    /// # Errors
    /// [`DigestError`] when the file cannot be read or changed meanwhile.
    pub fn sha256(&self, cache: Option<&Path>) -> Result<Digest, DigestError> {
        digest::of(&self.file, self.identity, cache)
    }

    /// How it was found, and who could put another file in its place.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        Provenance { found: self.found, custody: provenance::custody(&self.path) }
    }
}

/// A regular file with an execute permission for us, and its state.
struct Opened {
    file: File,
    identity: Identity,
}

impl Opened {
    fn file_kind(&self) -> Kind {
        let mut head = [0; ELF_HEAD];
        let read = self.file.read_at(&mut head, 0).unwrap_or(0);
        kind_of(head.get(..read).unwrap_or_default())
    }
}

fn find(program: &OsStr, search: Option<&OsStr>) -> Result<(PathBuf, FoundBy, Opened), Errno> {
    let name = program.as_bytes();
    if name.is_empty() {
        return Err(Errno::NOENT);
    }
    if name.contains(&b'/') {
        let path = PathBuf::from(program);
        let opened = open(&path)?;
        return Ok((path, FoundBy::Slash, opened));
    }
    if name.len() > NAME_MAX {
        return Err(Errno::NAMETOOLONG);
    }
    let mut refused = false;
    for element in search.map_or(DEFAULT_SEARCH, OsStrExt::as_bytes).split(|byte| *byte == b':') {
        let path = within(element, name);
        match open(&path) {
            Ok(opened) => {
                let found =
                    if element.first() == Some(&b'/') { FoundBy::Search } else { FoundBy::RelativeSearch };
                return Ok((path, found, opened));
            }
            // `execvp` remembers this and goes on: a later directory may hold one that runs.
            Err(Errno::ACCESS) => refused = true,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::STALE | Errno::NODEV | Errno::TIMEDOUT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(if refused { Errno::ACCESS } else { Errno::NOENT })
}

/// `element/name`; an empty element is the working directory and adds no slash, as in glibc.
fn within(element: &[u8], name: &[u8]) -> PathBuf {
    let mut path = element.to_vec();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    PathBuf::from(OsString::from_vec(path))
}

/// Opens what the kernel would agree to execute.
///
/// The type is checked before opening, because opening a device or a FIFO can have effects or block for ever; it is
/// checked again on the descriptor, because the name may lead elsewhere by then.
fn open(path: &Path) -> Result<Opened, Errno> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|_nul| Errno::INVAL)?;
    regular(&rustix::fs::stat(&path)?)?;
    rustix::fs::accessat(CWD, &path, Access::EXEC_OK, AtFlags::EACCESS)?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = match rustix::fs::open(&path, flags, Mode::empty()) {
        Err(Errno::ACCESS) => open_unreadable(&path)?,
        other => other?,
    };
    let stat = rustix::fs::fstat(&file)?;
    regular(&stat)?;
    Ok(Opened { file: File::from(file), identity: Identity::of(&stat) })
}

/// A file of mode 0711 can be run but not read. Linux can still hold it open; it is then started by its name.
#[cfg(target_os = "linux")]
fn open_unreadable(path: &CString) -> Result<rustix::fd::OwnedFd, Errno> {
    rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

/// Fallback elsewhere: a program that cannot be read cannot be held open, and is refused.
#[cfg(not(target_os = "linux"))]
fn open_unreadable(_path: &CString) -> Result<rustix::fd::OwnedFd, Errno> {
    Err(Errno::ACCESS)
}

/// `execve` answers EACCES for directories, devices, FIFOs and sockets.
fn regular(stat: &Stat) -> Result<(), Errno> {
    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile { Ok(()) } else { Err(Errno::ACCESS) }
}

/// The part of an ELF header that says which machine it is for (System V ABI, `e_ident` and `e_machine`).
const ELF_HEAD: usize = 20;

/// `EM_*` of this machine; 0 (no machine) where the number is not listed, which sends every file by its name.
const ELF_MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else if cfg!(target_arch = "aarch64") {
    183
} else if cfg!(target_arch = "riscv64") {
    243
} else if cfg!(target_arch = "s390x") {
    22
} else {
    0
};

fn kind_of(head: &[u8]) -> Kind {
    if head.starts_with(b"#!") {
        return Kind::Script;
    }
    let class = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    let order = if cfg!(target_endian = "little") { 1 } else { 2 };
    match head {
        // Bytes 8..16 are padding. AppImages put their magic there, which `binfmt_misc` may hand to a launcher
        // that needs the name: anything unusual goes by name.
        [0x7f, b'E', b'L', b'F', c, o, 1, 0 | 3, 0, 0, 0, 0, 0, 0, 0, 0, _, _, m0, m1]
            if *c == class
                && *o == order
                && ELF_MACHINE != 0
                && u16::from_ne_bytes([*m0, *m1]) == ELF_MACHINE =>
        {
            Kind::Native
        }
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NATIVE: [u8; 20] = {
        let mut head = [0; 20];
        [head[0], head[1], head[2], head[3]] = *b"\x7fELF";
        head[4] = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
        head[5] = if cfg!(target_endian = "little") { 1 } else { 2 };
        head[6] = 1;
        [head[18], head[19]] = ELF_MACHINE.to_ne_bytes();
        head
    };

    /// Byte, value, and what the file then is.
    #[test]
    fn only_an_ordinary_program_for_this_machine_is_native() {
        let with = |changes: &[(usize, u8)]| {
            let mut head = NATIVE;
            changes.iter().for_each(|(at, byte)| head[*at] = *byte);
            kind_of(&head)
        };
        assert_eq!(with(&[]), Kind::Native);
        assert_eq!(with(&[(7, 3)]), Kind::Native, "GNU/Linux ABI");
        assert_eq!(with(&[(4, NATIVE[4] ^ 3)]), Kind::Other, "other word size");
        assert_eq!(with(&[(5, NATIVE[5] ^ 3)]), Kind::Other, "other byte order");
        assert_eq!(with(&[(18, NATIVE[18] ^ 0x40)]), Kind::Other, "other machine");
        assert_eq!(with(&[(8, b'A'), (9, b'I'), (10, 2)]), Kind::Other, "AppImage");
        assert_eq!(kind_of(&NATIVE[..19]), Kind::Other, "cut short");
        assert_eq!(kind_of(b"#!/bin/sh\n"), Kind::Script);
        assert_eq!(kind_of(b" #!/bin/sh\n"), Kind::Other);
        assert_eq!(kind_of(b""), Kind::Other);
    }

    #[test]
    fn the_running_test_is_native_and_found_by_its_path() {
        let this = std::env::current_exe().unwrap();
        let found = resolve(this.as_os_str(), None, Path::new("/anywhere")).unwrap();
        assert_eq!((found.path(), found.kind()), (this.as_path(), Kind::Native));
        assert_eq!(found.provenance().found, FoundBy::Slash);
        assert_eq!(found.identity(), Identity::of(&rustix::fs::stat(&this).unwrap()));
    }

    #[test]
    fn a_relative_path_is_made_absolute_and_kept_as_spelled() {
        let cwd = std::env::current_dir().unwrap();
        let directory = tempfile::tempdir_in(&cwd).unwrap();
        std::fs::copy("/bin/true", directory.path().join("tool")).unwrap();
        let spelled = Path::new(directory.path().file_name().unwrap()).join("tool");
        let found = resolve(spelled.as_os_str(), None, &cwd).unwrap();
        assert_eq!((found.path(), found.spelled()), (cwd.join(&spelled).as_path(), spelled.as_path()));
    }

    #[test]
    fn a_relative_element_of_the_search_path_is_told() {
        let cwd = std::env::current_dir().unwrap();
        let directory = tempfile::tempdir_in(&cwd).unwrap();
        std::fs::copy("/bin/true", directory.path().join("tool")).unwrap();
        let absolute = resolve(OsStr::new("tool"), Some(directory.path().as_os_str()), &cwd).unwrap();
        assert_eq!(absolute.provenance().found, FoundBy::Search);
        let relative = resolve(OsStr::new("tool"), directory.path().file_name(), &cwd).unwrap();
        assert_eq!(relative.provenance().found, FoundBy::RelativeSearch);
        assert!(relative.path().is_absolute());
    }

    #[test]
    fn errors_name_the_program_and_what_was_not_done() {
        let fail = |program: &str| resolve(OsStr::new(program), None, Path::new("/")).unwrap_err();
        let missing = fail("no-such-program");
        assert_eq!(
            missing.to_string(),
            "cannot find `no-such-program`: no such file or directory; the command was not started"
        );
        assert_eq!(missing.exit_code(), 127);
        assert_eq!(
            fail("/etc").to_string(),
            "cannot run `/etc`: permission denied; the command was not started"
        );
        assert_eq!(fail("/etc").exit_code(), 126);
        assert_eq!(fail("nul\0in/it").exit_code(), 126);
    }
}
